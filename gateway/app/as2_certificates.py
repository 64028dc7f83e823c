"""Which AS2 certificates an instance holds, what each is used for now, and which end soon.

A running gateway announces those that end in its log: when it starts, and at each notice again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread

import structlog

from gateway.as2 import Certificate, Certificates, expiring
from gateway.clock import Clock
from gateway.config import Instance
from gateway.config.as2_keys import read_all_pinned, read_own_certificate
from gateway.errors import GatewayError
from gateway.partners.connections import As2Connection
from gateway.pipeline.alerts import Alert, AlertKind

_LOOK_SECONDS = 60 * 60.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Held:
    """One certificate."""

    whose: str
    """`ours`, or `partner/connection`."""
    certificate: Certificate
    days_left: int
    """Full days; negative where it has ended."""
    used_for: str
    """In words: what it does on this day."""
    warning: str = ""
    """Where it ends within 60 days."""
    urgent: bool = False
    """It ends within 60 days, and no other takes over."""
    notice: int | None = None
    """The notice that is due: 60, 30 or 7 days, 0 where it has ended; None where none is."""

    def as_json(self) -> dict[str, object]:
        """Return what programs get."""
        return {
            "whose": self.whose,
            "subject": self.certificate.subject,
            "valid_from": self.certificate.x509.not_valid_before_utc.isoformat(),
            "valid_until": self.certificate.ends.isoformat(),
            "used_from": self.certificate.starts.isoformat(),
            "days_left": self.days_left,
            "used_for": self.used_for,
            "fingerprint": self.certificate.fingerprint,
            "urgent": self.urgent,
        }


def held(instance: Instance, now: datetime) -> list[Held]:
    """Return every certificate, ours first; no private key is read for that."""
    found: list[Held] = []
    settings, home = instance.settings.as2, instance.home
    if settings is not None:
        ours = [read_own_certificate(home, pair) for pair in settings.keys]
        found += _held("ours", ours, now, newest=_newest(ours, now), verb="signs, decrypts")
    for partner in instance.partners.values():
        for name, connection in partner.connections.items():
            if isinstance(connection, As2Connection):
                theirs = read_all_pinned(home, connection.certificates)
                whose, pinned = f"{partner.id}/{name}", list(theirs.pinned)
                newest = _newest(pinned, now)
                found += _held(whose, pinned, now, newest=newest, verb="encrypts, verifies")
    return found


def _held(
    whose: str, certificates: list[Certificate], now: datetime, *, newest: Certificate | None,
    verb: str,
) -> list[Held]:  # fmt: skip
    ends = {id(one.certificate): one for one in expiring(certificates, now)}
    other = verb.partition(", ")[2]
    found = []
    for one in certificates:
        used = verb if one is newest else other if one.valid(now) else "not valid"
        if whose == "ours" and used == "not valid":
            used = "decrypts what is here already"
        expiry = ends.get(id(one))
        day = f"{one.ends:%F}"
        found.append(
            Held(
                whose,
                one,
                (one.ends - now) // timedelta(days=1),
                used,
                f"{whose}: {one.subject} ends on {day}" if expiry else "",
                urgent=expiry is not None and not expiry.replaced,
                notice=expiry.notice if expiry else None,
            )
        )
    return found


def _newest(certificates: list[Certificate], now: datetime) -> Certificate | None:
    """Return the newest whose day has come: what signs, and what is encrypted for."""
    valid = Certificates(tuple(certificates)).valid(now)
    return next((one for one in valid if one.starts <= now), None)


KeepAlerts = Callable[[Sequence[Alert]], None]
"""Raises alerts about the certificates that end, and resolves those about others."""


def forget(alerts: Sequence[Alert]) -> None:
    """Keep no alert: the log alone tells."""
    del alerts


def _alert(one: Held, instance: Instance) -> Alert:
    partner = one.whose.partition("/")[0]
    known = instance.partners.get(partner)
    ended = "ended" if one.notice == 0 else "ends"
    return Alert(
        AlertKind.CERTIFICATE_ENDS,
        f"{one.certificate.fingerprint} {one.notice}",
        (known.owner if known is not None else None) or instance.settings.owner,
        f"the certificate {one.certificate.subject} ({one.whose}) {ended} on "
        f"{one.certificate.ends:%F}, and no other takes over",
        "gateway as2 certs",
        "exchange a new one with the partner, and add it beside this one",
        partner=partner if known is not None else None,
    )


class Announcing:
    """Announces each certificate that ends once for each notice."""

    def __init__(self, instance: Instance, *, clock: Clock, keep: KeepAlerts = forget) -> None:
        self._instance = instance
        self._keep = keep
        self._clock = clock
        self._told: set[tuple[str, str, int]] = set()

    def announce(self) -> None:
        """Log what ends within 60, 30 or 7 days, or has ended, and was not told before."""
        found = held(self._instance, self._clock())
        self._keep([_alert(one, self._instance) for one in found if one.urgent])
        for one in found:
            if one.notice is None:
                continue
            notice = one.whose, one.certificate.fingerprint, one.notice
            if notice in self._told:
                continue
            self._told.add(notice)
            (log.warning if one.urgent else log.info)(
                "as2_certificate_ends",
                whose=one.whose,
                subject=one.certificate.subject,
                ends=f"{one.certificate.ends:%F}",
                days_left=one.days_left,
                another_takes_over=not one.urgent,
            )


@contextmanager
def announcing(instance: Instance, *, clock: Clock, keep: KeepAlerts = forget) -> Iterator[None]:
    """Announce now, and look again every hour until the block ends."""
    made, stopping = Announcing(instance, clock=clock, keep=keep), Event()
    made.announce()

    def look_again() -> None:
        while not stopping.wait(_LOOK_SECONDS):
            try:
                made.announce()
            except GatewayError as fault:
                # A file may be about to be replaced; the next look sees it whole.
                log.warning("as2_certificates_not_read", reason=str(fault))

    thread = Thread(target=look_again, name="as2-certificates", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
