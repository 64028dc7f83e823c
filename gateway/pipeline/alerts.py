"""Alerts: what a person must know of although nobody is looking.

Whatever notices something raises an alert in the transaction of what it noticed: what happened, who
acts, where to look, what to do. The same is raised once. A person acknowledges or dismisses it, or
it is resolved by itself. `gateway.pipeline.notices` tells the targets that the configuration names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from gateway.clock import Clock, derived_id
from gateway.pipeline import lane_names
from gateway.pipeline.alert_records import AlertRecord
from gateway.pipeline.asked import Done
from gateway.pipeline.contention import insist
from gateway.pipeline.flow import ALERT
from gateway.pipeline.jobs import Jobs, wake
from gateway.pipeline.records import TimelineRecord, kept
from gateway.pipeline.states import AlertState, Subject
from gateway.pipeline.store_port import Store, Transaction

TARGETS = ("mail", "webhook")
"""What can be told of alerts, by the names of its settings."""


class AlertKind(StrEnum):
    """What an alert is about."""

    ACKNOWLEDGMENT_OVERDUE = "acknowledgment_overdue"
    """A partner has not acknowledged in time what we sent."""
    EXPORT_FAILED = "export_failed"
    """A run of an export failed: the source or we are unwell."""
    ERP_NOT_TOLD = "erp_not_told"
    """An ERP could not be told what became of a record of its own."""
    DELIVERIES_DEAD = "deliveries_dead"
    """Deliveries to a destination, or interchanges to a partner, were given up."""
    CIRCUIT_OPEN = "circuit_open"
    """A destination or a partner has failed again and again."""
    CERTIFICATE_ENDS = "certificate_ends"
    """A certificate of AS2 ends within 60, 30 or 7 days, and no other takes over."""
    QUARANTINE_WAITS = "quarantine_waits"
    """Documents of a partner wait for a person."""
    PARTNER_SILENT = "partner_silent"
    """A partner has not sent what it sends regularly."""
    ANSWER_MISSING = "answer_missing"
    """A partner has not answered a document of ours with the document that it owes."""
    TRIAL = "trial"
    """Nothing: a person tries whether alerts arrive."""


@dataclass(frozen=True, slots=True)
class Alert:
    """What to raise an alert about."""

    kind: AlertKind
    subject_id: str
    """What it is about, by its id; with `occurrence`, what is raised once."""
    owner: str
    """Who acts."""
    what: str
    """What happened, in a sentence without a full stop."""
    look: str
    """The command that shows it."""
    advice: str
    """What to do about it."""
    partner: str | None = None
    occurrence: str = ""
    """Tells what may happen to the same subject more than once, such as the day it ends on."""

    @property
    def id(self) -> str:
        """Return the id of the alert: the same whenever the same is raised."""
        return _id(self.kind, self.subject_id, self.occurrence)


def raise_alert(transaction: Transaction, jobs: Jobs, alert: Alert, now: datetime) -> bool:
    """Raise an alert once; say whether it was raised now."""
    record = AlertRecord(
        id=alert.id,
        kind=alert.kind,
        subject_id=alert.subject_id,
        partner=alert.partner,
        owner=alert.owner,
        what=kept(alert.what),
        look=kept(alert.look),
        advice=kept(alert.advice),
        state=ALERT.advance(None, "raise"),
        raised_at=now,
    )
    if not transaction.alerts.add(record):
        return False
    transaction.ledger.add([_entry(record.id, now, "raise", alert.what)])
    wake(jobs, transaction, [lane_names.notify(target) for target in TARGETS])
    return True


def resolve_alert(
    transaction: Transaction,
    kind: AlertKind,
    subject_id: str,
    now: datetime,
    *,
    because: str,
    occurrence: str = "",
) -> bool:
    """Close an alert whose reason is gone; say whether it was open."""
    return _resolve(transaction, _id(kind, subject_id, occurrence), now, because)


def _resolve(transaction: Transaction, id_: str, now: datetime, because: str) -> bool:
    closed = transaction.alerts.change(
        id_, ALERT.sources("resolve"), state=AlertState.RESOLVED, closed_at=now, said=kept(because)
    )
    if closed:
        transaction.ledger.add([_entry(id_, now, "resolve", because)])
    return closed


def raise_lasting(
    transaction: Transaction, jobs: Jobs, kind: AlertKind, found: Sequence[Alert], now: datetime
) -> None:
    """Raise alerts about what is so now, once while it lasts; resolve those about what is over."""
    newest = dict(transaction.alerts.newest(kind))
    for alert in found:
        last = newest.pop(alert.subject_id, None)
        if last is None:
            raise_alert(transaction, jobs, alert, now)
        elif last.state == AlertState.RESOLVED:
            # Named after the one before, so that two who look at once raise the same.
            raise_alert(transaction, jobs, replace(alert, occurrence=last.id), now)
    for over in newest.values():
        if over.state in ALERT.sources("resolve"):
            _resolve(transaction, over.id, now, "it is over")


class AlertOperations:
    """Requests of people about alerts, from whatever process they ask in."""

    def __init__(self, store: Store, jobs: Jobs, *, clock: Clock) -> None:
        self._store = store
        self._jobs = jobs
        self._clock = clock

    def acknowledge(self, ids: Iterable[str], because: str) -> list[Done]:
        """Say that somebody has taken alerts up; nobody is told of them any more."""
        return [self._one(id_, "acknowledge", because) for id_ in ids]

    def dismiss(self, ids: Iterable[str], because: str) -> list[Done]:
        """Close alerts: nothing is to be done about them any more."""
        return [self._one(id_, "dismiss", because) for id_ in ids]

    def try_out(self, owner: str) -> AlertRecord:
        """Raise an alert about nothing, to see whether it arrives."""
        now = self._clock()
        alert = Alert(
            AlertKind.TRIAL,
            "trial",
            owner,
            "this is a trial: alerts of this gateway arrive here",
            "gateway alerts list",
            "dismiss it",
            occurrence=now.isoformat(),
        )
        with self._store.transaction() as transaction:
            raise_alert(transaction, self._jobs, alert, now)
            record = transaction.alerts.alert(alert.id)
        if record is None:
            raise AssertionError("an alert is there once it is raised")
        return record

    def _one(self, id_: str, verb: str, because: str) -> Done:
        def transact() -> Done:
            with self._store.transaction() as transaction:
                return self._move(transaction, id_, verb, because)

        return insist(transact)

    def _move(self, transaction: Transaction, id_: str, verb: str, because: str) -> Done:
        record = transaction.alerts.alert(id_)
        if record is None:
            return Done(id_, done=False, what="there is no such alert")
        if record.state not in ALERT.sources(verb):
            return Done(id_, done=False, what=f"is {record.state} already", needless=True)
        now, state = self._clock(), ALERT.advance(record.state, verb)
        changes: dict[str, object] = {"state": state, "said": kept(because)}
        if verb == "dismiss":
            changes["closed_at"] = now
        if not transaction.alerts.change(id_, [record.state], **changes):
            return Done(id_, done=False, what="was changed meanwhile; ask again")
        transaction.ledger.add([_entry(id_, now, verb, because)])
        return Done(id_, done=True, what=f"is {state}")


def _id(kind: str, subject_id: str, occurrence: str) -> str:
    return derived_id("alert", kind, subject_id, occurrence)


def _entry(id_: str, now: datetime, verb: str, detail: str) -> TimelineRecord:
    return TimelineRecord(Subject.ALERT, id_, now, verb, kept(detail))
