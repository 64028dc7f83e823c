"""Alerts about what lasts: dead deliveries, open breakers, quarantine, partners that fall silent.

Nobody raises these where something happens. The sweep asks what is so now, raises what was not so
before, and resolves what is over. What a person dismissed is not raised again while it lasts.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from gateway.clock import Clock
from gateway.counting import counted
from gateway.partners import Agreement, Partner
from gateway.pipeline import lane_names
from gateway.pipeline.alerts import Alert, AlertKind, raise_lasting
from gateway.pipeline.jobs import Jobs
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.store_port import Store, Transaction

LOOK_EVERY = 10
"""Sweeps from one look to the next: five minutes. It asks more than a sweep should."""

OPENINGS = 5
"""A breaker that opened so often in a row is no hiccup: with usual pauses it is a quarter of an
hour."""

PATIENCE = timedelta(hours=1)
"""What waits in quarantine for so long is not being looked at."""

LOOK_BACK = timedelta(days=30)
"""How long an answer is missed; nobody waits longer for one."""


class LastingAlerts:
    """Looks at what lasts."""

    def __init__(self, store: Store, jobs: Jobs, rulebook: Rulebook, *, clock: Clock) -> None:
        self._store = store
        self._jobs = jobs
        self._rulebook = rulebook
        self._clock = clock

    def look(self) -> None:
        """Raise alerts about what is so now, and resolve those about what is over."""
        now = self._clock()
        looks: dict[AlertKind, Callable[[Transaction, datetime], Iterable[Alert]]] = {
            AlertKind.DELIVERIES_DEAD: self._dead,
            AlertKind.CIRCUIT_OPEN: self._tripped,
            AlertKind.QUARANTINE_WAITS: self._quarantined,
            AlertKind.PARTNER_SILENT: self._silent,
            AlertKind.ANSWER_MISSING: self._unanswered,
        }
        for kind, found in looks.items():
            with self._store.transaction() as transaction:
                raise_lasting(transaction, self._jobs, kind, list(found(transaction, now)), now)

    def _dead(self, transaction: Transaction, _: datetime) -> Iterator[Alert]:
        for one in transaction.causes.dead_deliveries():
            yield Alert(
                AlertKind.DELIVERIES_DEAD,
                f"destination {one.subject_id}",
                one.owner or self._rulebook.owner,
                f"{counted(one.count, 'delivery', 'deliveries')} to destination {one.subject_id} "
                "failed for good",
                f"gateway documents list --status dead --destination {shlex.quote(one.subject_id)}",
                "mend the destination or the document, then `gateway documents redeliver`",
            )
        for one in transaction.causes.dead_interchanges():
            yield Alert(
                AlertKind.DELIVERIES_DEAD,
                f"partner {one.subject_id}",
                self._owner(one.subject_id),
                f"{counted(one.count, 'interchange')} to partner {one.subject_id} failed for good",
                "gateway quarantine list",
                "mend the connection, then `gateway outbound resend`",
                partner=one.subject_id,
            )

    def _tripped(self, transaction: Transaction, _: datetime) -> Iterator[Alert]:
        for one in transaction.causes.tripped(OPENINGS):
            kind, name = lane_names.split(one.subject_id)
            partner = name if kind == lane_names.SEND else None
            whom = f"partner {name}" if partner else f"destination {name}"
            yield Alert(
                AlertKind.CIRCUIT_OPEN,
                one.subject_id,
                self._owner(partner),
                f"{whom} has failed again and again: {one.what or 'no answer'}",
                "gateway destinations list",
                "nothing is lost: it is tried again after each pause; see whether it runs",
                partner=partner,
            )

    def _quarantined(self, transaction: Transaction, now: datetime) -> Iterator[Alert]:
        for one in transaction.causes.quarantined(now - PATIENCE):
            yield Alert(
                AlertKind.QUARANTINE_WAITS,
                one.subject_id,
                one.owner or self._owner(one.subject_id),
                f"{counted(one.count, 'document')} of partner {one.subject_id} "
                "in quarantine for more than an hour",
                "gateway documents list --status quarantined",
                "`gateway documents show` says what each one needs",
                partner=one.subject_id,
            )

    def _silent(self, transaction: Transaction, now: datetime) -> Iterator[Alert]:
        for partner, agreement in self._agreements():
            expected = agreement.expect_traffic
            if expected is None:
                continue
            last = transaction.causes.last_came(partner.id, agreement.set)
            if last is None or not expected.is_overdue(last, now):
                continue
            yield Alert(
                AlertKind.PARTNER_SILENT,
                f"{partner.id} {agreement.set}",
                self._owner(partner.id),
                f"no {agreement.set} from {partner.id} since {last:%Y-%m-%d %H:%M} UTC",
                "gateway interchanges list",
                "ask the partner, and look at its connection: `gateway partners test`",
                partner=partner.id,
            )

    def _unanswered(self, transaction: Transaction, now: datetime) -> Iterator[Alert]:
        for partner, agreement in self._agreements():
            expect = agreement.expect
            if agreement.direction != "out" or expect.answer is None:
                continue
            before = now - expect.answer_within
            sets = (agreement.set, expect.answer)
            for one in transaction.causes.unanswered(partner.id, sets, before - LOOK_BACK, before):
                yield Alert(
                    AlertKind.ANSWER_MISSING,
                    one.subject_id,
                    self._owner(partner.id),
                    f"{partner.id} has not answered {agreement.set} {one.what or 'unnumbered'} "
                    f"with {expect.answer}",
                    f"gateway documents show {one.subject_id[:8]}",
                    "ask the partner what became of it",
                    partner=partner.id,
                )

    def _agreements(self) -> Iterator[tuple[Partner, Agreement]]:
        for partner in self._rulebook.partners.values():
            for agreement in partner.agreements:
                yield partner, agreement

    def _owner(self, partner: str | None) -> str:
        known = self._rulebook.partners.get(partner) if partner is not None else None
        return self._rulebook.owner_of(known)
