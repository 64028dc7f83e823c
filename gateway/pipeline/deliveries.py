"""Delivers what is due to one destination, batch by batch.

A batch is claimed in one transaction, tried, and settled in another. A crash between the two leaves
claims that the next run takes over: the destination then sees the same idempotency key again.

What was left behind is tried by itself, so that what kills the process does not take its neighbours
along; each attempt was counted before it, and when they are used up it waits for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from gateway.clock import Clock
from gateway.pipeline import admission, put_back
from gateway.pipeline.admission import Resting
from gateway.pipeline.flow import DELIVERY
from gateway.pipeline.follow_ups.owing import FollowUps
from gateway.pipeline.jobs import Jobs, Stopping, set_timer
from gateway.pipeline.lane_records import LaneRecord
from gateway.pipeline.observing import Announcer, about_delivery, tell_of_circuit
from gateway.pipeline.ordering import FOLLOWERS, turns
from gateway.pipeline.outcome import Advance
from gateway.pipeline.places import Destination, never_ended
from gateway.pipeline.ports import DeliveryPolicy
from gateway.pipeline.records import (
    AttemptRecord,
    BusinessKeyRecord,
    DeliveryRecord,
    TimelineRecord,
    kept,
)
from gateway.pipeline.stages import deliver
from gateway.pipeline.states import DeliveryState, Subject
from gateway.pipeline.store_port import Store, Transaction
from gateway.pipeline.trying import Batch, Chain, Tried
from gateway.pipeline.views import DueDelivery

BATCH = 100

EARLIER_PAYLOADS = timedelta(hours=1)
"""What was received longer ago and is still unread holds nobody: a person looks at it by then."""

_SOON = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Claimed:
    """What one transaction found: the lane, and chains of deliveries to try or to bury."""

    record: LaneRecord
    chains: Sequence[Chain] = ()
    spent: DeliveryRecord | None = None
    more: bool = False


class Deliveries:
    """Drains the lanes of destinations."""

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        follow_ups: FollowUps,
        *,
        clock: Clock,
        announcer: Announcer,
        random: Random,
    ) -> None:
        self._follow_ups = follow_ups
        self._store = store
        self._jobs = jobs
        self._clock = clock
        self._announcer = announcer
        self._random = random

    def step(self, lane: str, destination: str, place: Destination, *, stopping: Stopping) -> bool:
        """Deliver one batch; say whether there may be more."""
        record = self._look(lane, destination, place.policy)
        with self._store.transaction() as transaction:
            claimed = self._claim(transaction, record, destination, place)
        record = claimed.record
        if claimed.spent is not None:
            self._settle([self._bury(claimed.spent, place)], [], record)
        if not claimed.chains:
            return claimed.more
        for chain in claimed.chains:
            for one in chain:
                self._announcer.tell(Subject.DELIVERY, "claim", one.delivery.id)
        batch = Batch(
            place,
            record,
            clock=self._clock,
            random=self._random,
            announcer=self._announcer,
            stopping=stopping,
        )
        tried, parked = batch.run(claimed.chains)
        after = batch.record
        if place.policy.rate is not None:
            calls = place.policy.rate.ended(after.calls, len(parked), self._clock())
            after = replace(after, calls=calls)
        self._settle(tried, parked, after)
        tell_of_circuit("destination", destination, record, after)
        return True

    def _look(self, lane: str, destination: str, policy: DeliveryPolicy) -> LaneRecord:
        """Note that a lane's job looks, and release what somebody freed since it last did."""
        with self._store.transaction() as transaction:
            record = transaction.lanes.begin(lane)
        now = self._clock()
        if put_back.is_seen(record, now):
            with self._store.transaction() as transaction:
                record = put_back.bounded(transaction, record, policy, now)
        if record.freed:
            with self._store.transaction() as transaction:
                transaction.turns.release_freed(destination, self._clock())
                transaction.lanes.rechecked(record)
        return record

    def _claim(
        self, transaction: Transaction, record: LaneRecord, destination: str, place: Destination
    ) -> _Claimed:
        now, lanes, policy, lane = self._clock(), transaction.lanes, place.policy, record.lane
        admitted = admission.admit(record, policy, now, BATCH)
        if isinstance(admitted, Resting):
            lanes.keep(admission.rested(record, admitted))
            if admitted.until is not None:
                self._jobs.run_lane(transaction, lane, admitted.until)
            return _Claimed(record)
        due = lanes.due_deliveries(destination, now, admitted.limit)
        chains = self._in_turn(transaction, due, policy, now)
        if not chains:
            # Of what is held where no order is asked for any more.
            more = bool(due) or (
                not policy.ordered and transaction.turns.release_all(destination, now) > 0
            )
            if not more:
                set_timer(self._jobs, transaction, lane, now)
            return _Claimed(record, more=more)
        if _is_spent(chains[0][0]):
            return _Claimed(record, spent=chains[0][0], more=True)
        won = {
            one.delivery.id: one
            for one in lanes.claim([one for chain in chains for one in chain], now)
        }
        ours = [_won(chain, won) for chain in chains]
        # What stood behind one that somebody changed meanwhile is looked at anew.
        tried = {one.delivery.id for chain in ours for one in chain}
        lanes.put_back([one.delivery for id_, one in won.items() if id_ not in tried], now)
        record = replace(record, rests_until=None)
        if policy.rate is not None:
            record = replace(record, calls=policy.rate.after(record.calls, len(tried), now))
        lanes.keep(record)
        return _Claimed(record, ours, more=True)

    def _in_turn(
        self,
        transaction: Transaction,
        due: Sequence[DeliveryRecord],
        policy: DeliveryPolicy,
        now: datetime,
    ) -> Sequence[Sequence[DeliveryRecord]]:
        """Return what may be tried now, chain by chain; hold what stands behind another one."""
        if not policy.ordered:
            return turns([replace(one, ordering_key=None) for one in due], ()).chains
        early = transaction.turns.expecting(due, now - EARLIER_PAYLOADS)
        if early:
            waits = [one for one in due if one.id in early]
            transaction.turns.postpone(waits, now + _SOON)
            due = [one for one in due if one.id not in early]
        found = turns(due, transaction.turns.behind(due))
        transaction.turns.hold(found.behind)
        return found.chains

    def _bury(self, leftover: DeliveryRecord, place: Destination) -> Tried:
        """Give up what was begun as often as it may be, and never came to an end."""
        now = self._clock()
        outcome = never_ended(leftover.attempt)
        dead = deliver.settled(leftover, outcome, place.policy, now=now, jitter=0)
        attempt = deliver.attempt_record(
            leftover, "interrupted", outcome.because, started=now, ended=now
        )
        return Tried(dead, attempt, outcome)

    def _settle(
        self, tried: Sequence[Tried], parked: Sequence[DeliveryRecord], record: LaneRecord
    ) -> None:
        now = self._clock()
        with self._store.transaction() as transaction:
            lanes = transaction.lanes
            ours = set(
                lanes.settle([one.delivery for one in tried], [one.attempt for one in tried])
            )
            settled = [one for one in tried if one.delivery.id in ours]
            lanes.put_back(parked, max(record.open_until or now, now))
            done = [one.delivery for one in settled if isinstance(one.outcome, Advance)]
            transaction.turns.release_next(done, now, FOLLOWERS)
            lanes.refresh_delivery_status({one.delivery.document_id for one in settled})
            transaction.ledger.add([_entry(one) for one in settled])
            self._follow_ups.owe(transaction, [one.delivery for one in settled])
            transaction.exchanges.keep([said for one in settled for said in one.exchanges])
            transaction.exchanges.name(_named(settled))
            lanes.keep(record)
        for one in settled:
            details = about_delivery(one.delivery, one.attempt.outcome, one.attempt.answer)
            self._announcer.tell(Subject.DELIVERY, _verb(one), one.delivery.id, details)
        for delivery in parked:
            self._announcer.tell(Subject.DELIVERY, "park", delivery.id)


def _named(tried: Sequence[Tried]) -> list[BusinessKeyRecord]:
    """Return what destinations call the documents that they took."""
    return [
        BusinessKeyRecord(one.delivery.document_id, kept(name), kept(value))
        for one in tried
        if isinstance(one.outcome, Advance)
        for name, value in one.outcome.keys
    ]


def _won(chain: Sequence[DeliveryRecord], won: dict[str, DueDelivery]) -> list[DueDelivery]:
    """Return a chain as far as nobody else changed it meanwhile."""
    kept: list[DueDelivery] = []
    for one in chain:
        if one.id not in won:
            break
        kept.append(won[one.id])
    return kept


def _is_spent(delivery: DeliveryRecord) -> bool:
    """Say whether a leftover may not be tried again.

    Its last attempt may have been begun among others, one of which killed the process: only the one
    after it, which was begun by itself, says that it was this delivery.
    """
    return delivery.state == DeliveryState.CLAIMED and delivery.attempt > delivery.allowance


def _verb(tried: Tried) -> str:
    """Name the transition that a settled attempt made."""
    for verb in ("deliver", "bury", "retry"):
        if DELIVERY.advance("claimed", verb) == tried.delivery.state:
            return verb
    raise AssertionError(f"no transition leads to {tried.delivery.state}")


def _entry(tried: Tried) -> TimelineRecord:
    delivery = tried.delivery
    attempt: AttemptRecord = tried.attempt
    detail = f"{delivery.destination}, attempt {delivery.attempt}"
    if delivery.last_error:
        detail += f": {delivery.last_error}"
    return TimelineRecord(
        Subject.DELIVERY, delivery.id, attempt.ended_at or attempt.started_at, _verb(tried), detail
    )
