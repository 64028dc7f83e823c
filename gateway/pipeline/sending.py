"""Lanes: drain what is due to one destination, and to partners what `outbound` sends.

A lane runs once at a time, whichever process it runs in. It claims a batch in one transaction,
sends, and settles the batch in another. A crash between the two leaves claims that the next run
takes over: the destination then sees the same idempotency key again.

What was left behind is tried by itself, so that what kills the process does not take its neighbours
along; each attempt was counted before it, and when they are used up it waits for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

from gateway.clock import Clock
from gateway.pipeline import breaker, lane_names
from gateway.pipeline.flow import DELIVERY, DeliveryState, Subject
from gateway.pipeline.jobs import Jobs, Stopped, Stopping, never, set_timer
from gateway.pipeline.notices import Notices
from gateway.pipeline.observing import (
    Announcer,
    about_delivery,
    tell_of_circuit,
)
from gateway.pipeline.outbound.enveloping import Enveloping
from gateway.pipeline.outbound.interchanges import Interchanges
from gateway.pipeline.outcome import Advance, Outcome, Quarantine, Reason, Retry
from gateway.pipeline.places import Destination, Places, missing, never_ended
from gateway.pipeline.records import (
    AttemptRecord,
    DeliveryRecord,
    DueDelivery,
    LaneRecord,
    TimelineRecord,
)
from gateway.pipeline.stages import deliver
from gateway.pipeline.store_port import Store

BATCH = 100


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt, how it ended, and the delivery as it is now."""

    delivery: DeliveryRecord
    attempt: AttemptRecord
    outcome: Outcome | None
    """None where it was not tried after all."""


class Sending:
    """Drains lanes."""

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        *,
        places: Places,
        clock: Clock,
        announcer: Announcer,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._places = places
        self._clock = clock
        self._announcer = announcer
        # Only spreads retries in time; nothing secret depends on it.
        self._random = Random()  # noqa: S311
        self._interchanges = Interchanges(store, jobs, clock=clock, announcer=announcer)
        self._notices = Notices(store, jobs, places, clock=clock)
        self._enveloping = Enveloping(store, jobs, clock=clock, announcer=announcer)

    def run_lane(self, lane: str, stopping: Stopping = never) -> None:
        """Send everything that is due in a lane; leave a timer for what comes due later.

        Raise `Stopped` where it is not all sent since the process is to end.
        """
        while self._step(lane, stopping):
            if stopping():
                raise Stopped

    def _step(self, lane: str, stopping: Stopping) -> bool:
        """Send one batch; say whether there may be more."""
        kind, of = lane_names.split(lane)
        places = self._places
        match kind:
            case lane_names.ENVELOPE:
                return self._enveloping.step(lane, of)
            case lane_names.NOTIFY:
                return self._notices.step(lane, of, stopping=stopping)
            case lane_names.SEND:
                place = places.partners.get(of) or missing(of, places.owner)
                return self._interchanges.step(lane, of, place, stopping=stopping)
            case _:
                place = places.destinations.get(of) or missing(of, places.owner)
                return self._deliver(lane, of, place, stopping=stopping)

    def _deliver(
        self, lane: str, destination: str, place: Destination, *, stopping: Stopping
    ) -> bool:
        """Deliver one batch; say whether there may be more."""
        now = self._clock()
        with self._store.transaction() as transaction:
            record = transaction.lanes.begin(lane)
        with self._store.transaction() as transaction:
            if breaker.is_open(record, now):
                self._jobs.run_lane(transaction, lane, record.open_until)
                return False
            limit = breaker.batch_limit(record, place.policy, BATCH)
            due = _one_leftover_or_all(transaction.lanes.due_deliveries(destination, now, limit))
            spent = [one for one in due if _is_spent(one)]
            ours = transaction.lanes.claim([] if spent else due, now)
            if not due:
                set_timer(self._jobs, transaction, lane, now)
                return False
        if spent:
            self._settle([self._bury(one, place) for one in spent], record)
            return True
        for one in ours:
            self._announcer.tell(Subject.DELIVERY, "claim", one.delivery.id)
        tried, after = self._try_all(ours, place, record, stopping=stopping)
        self._settle(tried, after)
        tell_of_circuit(destination, record, after)
        return True

    def _try_all(
        self,
        due: Sequence[DueDelivery],
        place: Destination,
        record: LaneRecord,
        *,
        stopping: Stopping,
    ) -> tuple[list[Tried], LaneRecord]:
        """Try as many at the same time as the destination takes; stop if it is unwell."""
        tried: list[Tried] = []
        size = place.policy.concurrency
        with ThreadPoolExecutor(max_workers=size, thread_name_prefix="deliver") as pool:
            for start in range(0, len(due), size):
                wave = due[start : start + size]
                if breaker.is_open(record, self._clock()):
                    tried += [self._park(one, record) for one in wave]
                    continue
                if stopping():
                    tried += [self._park(one, record, "the gateway stops") for one in wave]
                    continue
                for done in pool.map(lambda one: self._try(one, place), wave):
                    tried.append(done)
                    if done.outcome is not None:
                        record = breaker.after(
                            record,
                            done.outcome,
                            place.policy,
                            now=self._clock(),
                            jitter=self._random.random(),
                        )
        return tried, record

    def _try(self, due: DueDelivery, place: Destination) -> Tried:
        started = self._clock()
        outcome, answer = deliver.hand_over(place.outbound, deliver.consignment(due), place.policy)
        ended = self._clock()
        self._announcer.tell(Subject.DELIVERY, "hand_over", due.delivery.id)
        settled = deliver.settled(
            due.delivery, outcome, place.policy, now=ended, jitter=self._random.random()
        )
        word = _word(outcome)
        attempt = deliver.attempt_record(due.delivery, word, answer, started=started, ended=ended)
        return Tried(settled, attempt, outcome)

    def _park(
        self, due: DueDelivery, record: LaneRecord, why: str = "the circuit breaker is open"
    ) -> Tried:
        now = self._clock()
        until = record.open_until or now
        attempt = deliver.attempt_record(due.delivery, "parked", why, started=now, ended=now)
        return Tried(deliver.parked(due.delivery, until), attempt, None)

    def _bury(self, leftover: DeliveryRecord, place: Destination) -> Tried:
        """Give up what was begun as often as it may be, and never came to an end."""
        now = self._clock()
        outcome = never_ended(leftover.attempt)
        dead = deliver.settled(leftover, outcome, place.policy, now=now, jitter=0)
        attempt = deliver.attempt_record(
            leftover, "interrupted", outcome.because, started=now, ended=now
        )
        return Tried(dead, attempt, outcome)

    def _settle(self, tried: Sequence[Tried], record: LaneRecord) -> None:
        with self._store.transaction() as transaction:
            lanes = transaction.lanes
            ours = set(
                lanes.settle([one.delivery for one in tried], [one.attempt for one in tried])
            )
            kept = [one for one in tried if one.delivery.id in ours]
            lanes.change_breaker(record)
            lanes.refresh_delivery_status({one.delivery.document_id for one in kept})
            transaction.ledger.add([_entry(one) for one in kept if one.outcome is not None])
        for one in kept:
            details = about_delivery(one.delivery, one.attempt.outcome, one.attempt.answer)
            self._announcer.tell(Subject.DELIVERY, _verb(one), one.delivery.id, details)


def _one_leftover_or_all(due: Sequence[DeliveryRecord]) -> Sequence[DeliveryRecord]:
    """Take what was left behind by itself, the least tried first; without any take all."""
    leftovers = [one for one in due if one.state == DeliveryState.CLAIMED]
    return [min(leftovers, key=lambda one: one.attempt)] if leftovers else due


def _is_spent(delivery: DeliveryRecord) -> bool:
    """Say whether a leftover may not be tried again.

    Its last attempt may have been begun among others, one of which killed the process: only the one
    after it, which was begun by itself, says that it was this delivery.
    """
    return delivery.state == DeliveryState.CLAIMED and delivery.attempt > delivery.allowance


def _word(outcome: Outcome) -> str:
    match outcome:
        case Advance():
            return "delivered"
        case Retry():
            return "failed"
        case Quarantine(reason=Reason.BUG):
            return "bug"
        case _:
            return "refused"


def _verb(tried: Tried) -> str:
    """Name the transition that a settled attempt made."""
    for verb in ("deliver", "bury", "retry"):
        if DELIVERY.advance("claimed", verb) == tried.delivery.state:
            return verb
    raise AssertionError(f"no transition leads to {tried.delivery.state}")


def _entry(tried: Tried) -> TimelineRecord:
    delivery = tried.delivery
    detail = f"{delivery.destination}, attempt {delivery.attempt}"
    if delivery.last_error:
        detail += f": {delivery.last_error}"
    return TimelineRecord(
        Subject.DELIVERY, delivery.id, tried.attempt.ended_at or tried.attempt.started_at,
        _verb(tried), detail,
    )  # fmt: skip
