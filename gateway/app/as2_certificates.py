"""Which AS2 certificates an instance holds, what each is used for now, and which end soon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.as2 import Certificate, Certificates, expiring
from gateway.config import Instance
from gateway.config.as2_keys import read_all_pinned, read_own_certificate
from gateway.partners.connections import As2Connection


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
            )
        )
    return found


def _newest(certificates: list[Certificate], now: datetime) -> Certificate | None:
    """Return the newest whose day has come: what signs, and what is encrypted for."""
    valid = Certificates(tuple(certificates)).valid(now)
    return next((one for one in valid if one.starts <= now), None)
