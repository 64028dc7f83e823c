"""Sends the interchanges that are due to a partner: documents of ours and acknowledgments alike.

They go in the order that they became due in. The name of each stays the same, and so do its bytes:
what is sent again after a crash is the same file to the partner.

What was begun before is tried by itself, so that what kills the process does not take its
neighbours along; each attempt was counted before it.

A partner's lane has the circuit breaker of every lane: one that stalls costs a few attempts, and
then one after each pause, instead of its timeout for each interchange that is due.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile
from random import Random

from gateway.clock import Clock
from gateway.pipeline import admission, breaker, put_back
from gateway.pipeline.admission import Resting
from gateway.pipeline.flow import OUTGOING
from gateway.pipeline.jobs import Jobs, Stopping, never, set_timer
from gateway.pipeline.lane_records import LaneRecord
from gateway.pipeline.observing import Announcer, about_outgoing, tell_of_circuit
from gateway.pipeline.outcome import Advance, Outcome, Retry
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.places import Destination, never_ended
from gateway.pipeline.ports import Batching
from gateway.pipeline.records import TimelineRecord, kept
from gateway.pipeline.stages import deliver
from gateway.pipeline.states import Subject
from gateway.pipeline.store_port import Store
from gateway.pipeline.trying import answered, word

BATCH = 100

_Sent = tuple[OutgoingRecord, tuple[str, str]]
"""An interchange as it is after an attempt, with the verb and what was answered."""


class Interchanges:
    """Drains the lanes of partners."""

    def __init__(
        self, store: Store, jobs: Jobs, *, clock: Clock, announcer: Announcer, random: Random
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._clock = clock
        self._announcer = announcer
        self._random = random

    def step(
        self, lane: str, partner: str, place: Destination, *, stopping: Stopping = never
    ) -> bool:
        """Send one batch of interchanges in order; say whether there may be more."""
        now = self._clock()
        with self._store.transaction() as transaction:
            before = transaction.lanes.begin(lane)
        if put_back.is_seen(before, now):
            with self._store.transaction() as transaction:
                before = put_back.bounded(transaction, before, place.policy, now)
        with self._store.transaction() as transaction:
            admitted = admission.admit(before, place.policy, now, BATCH)
            if isinstance(admitted, Resting):
                if admitted.until is not None:
                    self._jobs.run_lane(transaction, lane, admitted.until)
                return False
            due = _one_tried_or_all(transaction.outbox.due(partner, now, admitted.limit))
            if not due:
                set_timer(self._jobs, transaction, lane, now)
                return False
            ours = transaction.outbox.begin_sending(due)
        sent, after = self._send_all(ours, place, before, stopping=stopping)
        with self._store.transaction() as transaction:
            transaction.outbox.settle([record for record, _ in sent])
            transaction.outbox.put_back(ours[len(sent) :])
            transaction.ledger.add(
                [
                    TimelineRecord(Subject.OUTGOING, record.id, self._clock(), verb, answer)
                    for record, (verb, answer) in sent
                ]
            )
            transaction.lanes.keep(after)
        for record, (verb, _) in sent:
            self._announcer.tell(Subject.OUTGOING, verb, record.id, about_outgoing(record))
        tell_of_circuit("partner", partner, before, after)
        return True

    def _send_all(
        self,
        ours: Sequence[OutgoingRecord],
        place: Destination,
        lane: LaneRecord,
        *,
        stopping: Stopping,
    ) -> tuple[list[_Sent], LaneRecord]:
        """Send until the breaker opens or the process is to end; return how far, and the lane."""
        sent: list[_Sent] = []
        together = self._together(ours, place) if len(ours) > 1 else {}
        for record in ours:
            # A partner that stalls may take a minute for each: the process does not wait for all.
            if stopping() or breaker.is_open(lane, self._clock()):
                break
            outcome, answer = together.get(record.id) or self._hand_over(record, place)
            if isinstance(outcome, Retry) and stopping():
                # Broken off by us: that says nothing about the partner, and it goes first again.
                sent.append((_again(record, answer), ("retry", answer)))
                break
            jitter = self._random.random()
            now = self._clock()
            lane = breaker.after(lane, outcome, place.policy, now=now, jitter=jitter)
            lane = answered(lane, word(outcome), answer, now)
            sent.append(self._settled(record, place, outcome, answer))
        if lane.open_until is not None:
            # What failed is first again after the pause: what opened it changes no order.
            due_at = {one.id: one.due_at for one in ours}
            sent = [
                (replace(one, due_at=due_at[one.id]) if what[0] == "retry" else one, what)
                for one, what in sent
            ]
        return sent, lane

    def _settled(
        self, record: OutgoingRecord, place: Destination, outcome: Outcome, answer: str
    ) -> _Sent:
        """Return an interchange as it is after an attempt, with the verb and what was answered."""
        now = self._clock()
        match outcome:
            case Advance():
                verb, due_at, error = "send", record.due_at, None
            case Retry() if record.attempt < place.policy.attempts:
                pause = deliver.pause_before(
                    record.attempt, place.policy, jitter=self._random.random()
                )
                verb, due_at, error = "retry", now + max(pause, outcome.after), answer
            case _:
                verb, due_at, error = "bury", record.due_at, answer
        settled = replace(
            record,
            state=OUTGOING.advance(record.state, verb),
            due_at=due_at,
            sent_at=now if verb == "send" else None,
            acknowledgment_due_at=_deadline(record, now) if verb == "send" else None,
            last_error=kept(error, deliver.LONGEST_ANSWER) if error else None,
        )
        return settled, (verb, kept(answer, deliver.LONGEST_ANSWER))

    def _hand_over(self, record: OutgoingRecord, place: Destination) -> tuple[Outcome, str]:
        # One more than may be: the last was begun among others, the one after it by itself.
        if record.attempt > place.policy.attempts + 1:
            outcome = never_ended(record.attempt - 1)
            return outcome, outcome.because
        handed = deliver.hand_over(place.outbound, deliver.parcel(record), place.policy)
        self._announcer.tell(Subject.OUTGOING, "hand_over", record.id)
        return handed

    def _together(
        self, ours: Sequence[OutgoingRecord], place: Destination
    ) -> dict[str, tuple[Outcome, str]]:
        """Hand over all at once where the transport can, and return how it ended, by id."""
        if not isinstance(place.outbound, Batching):
            return {}
        parcels = [deliver.parcel(record) for record in ours]
        ended = deliver.hand_over_all(place.outbound, parcels, place.policy)
        for record in ours:
            self._announcer.tell(Subject.OUTGOING, "hand_over", record.id)
        return {record.id: one for record, one in zip(ours, ended, strict=True)}


def _again(record: OutgoingRecord, because: str) -> OutgoingRecord:
    """Return an interchange that is due as it was; the attempt stays counted: it may be there."""
    state = OUTGOING.advance(record.state, "retry")
    return replace(record, state=state, last_error=kept(because, deliver.LONGEST_ANSWER))


def _deadline(record: OutgoingRecord, sent_at: datetime) -> datetime | None:
    """Return when the partner's acknowledgment is overdue."""
    within = record.expect_within
    return None if within is None else sent_at + timedelta(seconds=within)


def _one_tried_or_all(due: Sequence[OutgoingRecord]) -> Sequence[OutgoingRecord]:
    """Take what was begun before by itself, or what comes before it; the order stays.

    An interchange is not claimed, so that what was left behind looks like what is sent again.
    """
    fresh = list(takewhile(lambda one: one.attempt == 0, due))
    return fresh or due[:1]
