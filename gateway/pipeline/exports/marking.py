"""Marking: the ERP is told what became of its records, once a document is as far as it asks.

The call goes through a destination, as every call to an ERP does: templates, credentials and the
judging of answers are the destination's. Its idempotency key is the mark's id, so that telling
twice is harmless; what is not told after all attempts waits for a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from gateway.clock import Clock
from gateway.pipeline import lane_names
from gateway.pipeline.export_records import MarkRecord
from gateway.pipeline.exports.alerting import alert_of_mark, end_alert_of_mark
from gateway.pipeline.exports.definition import Export
from gateway.pipeline.exports_port import ToldDocument
from gateway.pipeline.flow import MARK
from gateway.pipeline.jobs import Jobs, Stopped, Stopping, never, wake
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outcome import Quarantine, Retry
from gateway.pipeline.places import Places, missing, never_ended
from gateway.pipeline.ports import Consignment, DeliveryPolicy, Outbound
from gateway.pipeline.records import kept
from gateway.pipeline.stages import deliver
from gateway.pipeline.states import AwaitedStatus, DeliveryStatus, MarkState, Subject
from gateway.pipeline.store_port import Store, Transaction
from gateway.shaping import dumps, loads

BATCH = 20
"""Marks that are begun in one transaction."""

OVERDUE = timedelta(seconds=20)
"""What is due for so long without being begun has no job that will come for it."""

MOST_AGAIN = 1000
"""Marks that one request tries again."""

_ACCEPTED = (AwaitedStatus.ACCEPTED, AwaitedStatus.ACCEPTED_WITH_ERRORS)

log = structlog.get_logger()


class Marking:
    """Tells ERPs."""

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        exports: Mapping[str, Export],
        *,
        places: Places,
        clock: Clock,
        announcer: Announcer,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._exports = exports
        self._places = places
        self._clock = clock
        self._announcer = announcer

    def release(self) -> int:
        """Let the ERP be told of what is far enough by now; return how many marks became due.

        What has been due for a while without being begun has lost its job, and is given another.
        """
        telling = [name for name, export in sorted(self._exports.items()) if export.done]
        released = sum(self._release(name) for name in telling)
        with self._store.transaction() as transaction:
            for name in telling:
                following = transaction.exports.next_mark(name)
                if following is not None and following < self._clock() - OVERDUE:
                    self._jobs.run_lane(transaction, lane_names.mark(name))
        return released

    def run_lane(self, lane: str, export: str, stopping: Stopping = never) -> None:
        """Tell everything that is due; leave a timer for what comes due later."""
        self._release(export)
        while self._step(lane, export, stopping):
            if stopping():
                raise Stopped

    def _release(self, export: str) -> int:
        now, after, released = self._clock(), "", 0
        while True:
            with self._store.transaction() as transaction:
                found = transaction.exports.untold(export, after, BATCH)
                for mark, document in found:
                    verb = _verb(mark, document)
                    if verb is None:
                        continue
                    content = _content(mark, document)
                    state = MARK.advance(mark.state, verb)
                    changed = replace(mark, state=state, due_at=now, content=content)
                    released += transaction.exports.change_mark(
                        changed, [MarkState.WAITING], mark.attempt
                    )
                if released:
                    wake(self._jobs, transaction, [lane_names.mark(export)])
            if len(found) < BATCH:
                return released
            after = found[-1][0].id

    def _step(self, lane: str, export: str, stopping: Stopping) -> bool:
        """Tell some of what is due; say whether there may be more."""
        definition, now = self._exports.get(export), self._clock()
        with self._store.transaction() as transaction:
            transaction.lanes.begin(lane)
            due = transaction.exports.due_marks(export, now, BATCH)
            # Counted before it is tried: what kills the process is not tried for ever.
            begun = [replace(one, attempt=one.attempt + 1) for one in due]
            ours = [
                one
                for one in begun
                if transaction.exports.change_mark(one, [MarkState.DUE], one.attempt - 1)
            ]
            if not due:
                following = transaction.exports.next_mark(export)
                if following is not None:
                    self._jobs.run_lane(transaction, lane, following)
                return False
        name = definition.done.destination if definition and definition.done else ""
        place = self._places.destinations.get(name) or missing(name, self._places.owner)
        self._settle(
            [(one, self._told(one, place.outbound, place.policy, stopping)) for one in ours]
        )
        return True

    def _told(
        self, mark: MarkRecord, outbound: Outbound, policy: DeliveryPolicy, stopping: Stopping
    ) -> MarkRecord:
        """Tell one, and return it as it is then."""
        if stopping():
            return _parked(mark, mark.last_error)
        if mark.attempt > policy.attempts:
            return _ended(mark, "bury", never_ended(mark.attempt - 1).because)
        outcome, _ = deliver.hand_over(outbound, _consignment(mark), policy)
        match outcome:
            case Retry() if stopping():
                # Broken off by us; it may have arrived, which the next attempt is to look for.
                return _parked(mark, "broken off: the gateway was stopped")
            case Retry() if mark.attempt < policy.attempts:
                # One lane tells one by one: there is nobody to be spread from.
                pause = deliver.pause_before(mark.attempt, policy, jitter=0.5)
                later = _ended(mark, "retry", outcome.because)
                return replace(later, due_at=self._clock() + max(outcome.after, pause))
            case Retry():
                return _ended(mark, "bury", f"attempts used up: {outcome.because}")
            case Quarantine():
                if outcome.traceback:
                    log.error("mark_failed_by_a_bug", mark=mark.id, traceback=outcome.traceback)
                return _ended(mark, "bury", outcome.because)
            case _:
                return _ended(mark, "tell", None)

    def _settle(self, marks: Sequence[tuple[MarkRecord, MarkRecord]]) -> None:
        """Keep what became of marks, each as it was begun and as it is now."""
        with self._store.transaction() as transaction:
            for begun, one in marks:
                ours = transaction.exports.change_mark(one, [MarkState.DUE], begun.attempt)
                if ours and one.state == MarkState.DEAD:
                    export = self._exports.get(one.export)
                    owner = export.owner if export is not None else self._places.owner
                    alert_of_mark(transaction, self._jobs, one, owner, self._clock())
                elif one.state == MarkState.DONE:
                    end_alert_of_mark(transaction, one, self._clock())
        for begun, one in marks:
            details = {"export": one.export, "document": one.document_id, "state": one.state}
            if one.last_error is not None:
                details["reason"] = one.last_error
            verb = {MarkState.DONE: "tell", MarkState.DEAD: "bury"}.get(MarkState(one.state))
            waits = "park" if one.attempt < begun.attempt else "retry"
            self._announcer.tell(Subject.MARK, verb or waits, one.id, details)


def tell_again(transaction: Transaction, jobs: Jobs, export: str, now: datetime) -> int:
    """Let the ERP be told once more what it could not be told; return how many marks that are."""
    again = 0
    for mark in transaction.exports.dead_marks(export, MOST_AGAIN):
        state = MARK.advance(mark.state, "redeliver")
        changed = replace(mark, state=state, attempt=0, due_at=now)
        again += transaction.exports.change_mark(changed, [MarkState.DEAD], mark.attempt)
    if again:
        wake(jobs, transaction, [lane_names.mark(export)])
    return again


def _parked(mark: MarkRecord, said: str | None) -> MarkRecord:
    """Return a mark that was begun as one whose attempt does not count: the process ends."""
    return replace(_ended(mark, "park", said), attempt=mark.attempt - 1)


def _ended(mark: MarkRecord, verb: str, fault: str | None) -> MarkRecord:
    return replace(
        mark,
        state=MARK.advance(mark.state, verb),
        last_error=kept(fault, 1000) if fault else None,
    )


def _verb(mark: MarkRecord, document: ToldDocument) -> str | None:
    """Say what a document's statuses mean for its mark; None: it is not far enough."""
    if document.delivery == DeliveryStatus.NONE:
        return "void"
    left = document.delivery == DeliveryStatus.DELIVERED
    match mark.told_when:
        case "accepted":
            far = document.delivery != DeliveryStatus.QUARANTINED
        case "sent":
            far = left
        case _:
            # Where the partner owes no acknowledgment, nothing more than sending will be known.
            nothing_owed = document.acknowledgment == AwaitedStatus.NONE
            far = document.acknowledgment in _ACCEPTED or (left and nothing_owed)
    return "release" if far else None


def _content(mark: MarkRecord, document: ToldDocument) -> bytes:
    """Return what the ERP is told, with the record as it was."""
    return dumps(
        {
            "export": mark.export,
            "key": mark.key,
            "told_when": mark.told_when,
            "document_id": mark.document_id,
            "partner": document.partner,
            "control_number": document.control_number,
            "record": loads(mark.content),
        }
    )


def _consignment(mark: MarkRecord) -> Consignment:
    return Consignment(
        content=mark.content,
        name=f"{mark.export}-{mark.document_id}.json",
        idempotency_key=mark.id,
        correlation_id=mark.document_id,
        facts={
            "export": mark.export,
            "document_id": mark.document_id,
            "idempotency_key": mark.id,
            "correlation_id": mark.document_id,
        },
        # What was broken off, or is told again for a person, may have arrived: look first.
        attempt=max(mark.attempt, 2) if mark.last_error else mark.attempt,
    )
