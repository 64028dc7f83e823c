"""Attempts at a destination: as many at the same time as it takes, each chain one after another.

Nothing is committed here. Before each attempt it is asked whether it is still wanted: what is not
tried after all has consumed no attempt.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from gateway.clock import Clock
from gateway.pipeline import breaker
from gateway.pipeline.exchange_records import ExchangeRecord, exchange_record
from gateway.pipeline.jobs import Stopping
from gateway.pipeline.lane_records import LaneRecord
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outcome import Advance, Outcome, Quarantine, Reason, Retry
from gateway.pipeline.places import Destination
from gateway.pipeline.ports import Exchange
from gateway.pipeline.records import AttemptRecord, DeliveryRecord, kept
from gateway.pipeline.side_by_side import side_by_side
from gateway.pipeline.stages import deliver
from gateway.pipeline.states import Subject
from gateway.pipeline.views import DueDelivery

LONGEST = timedelta(seconds=5)
"""A batch begins no attempt after so long: pause, rate and order are looked at anew."""

_SHOWN_ANSWER = 500
"""Characters of the last answer that are kept with the lane."""

Chain = Sequence[DueDelivery]


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt, how it ended, and the delivery as it is now."""

    delivery: DeliveryRecord
    attempt: AttemptRecord
    outcome: Outcome
    exchanges: Sequence[ExchangeRecord] = ()
    """What was said at the attempt."""


class Batch:
    """One batch of attempts at one destination, and what its breaker becomes by them."""

    def __init__(
        self,
        place: Destination,
        record: LaneRecord,
        *,
        clock: Clock,
        random: Random,
        announcer: Announcer,
        stopping: Stopping,
    ) -> None:
        self._place = place
        self.record = record
        self._clock = clock
        self._random = random
        self._announcer = announcer
        self._stopping = stopping
        self._begun = clock()
        hours = place.policy.hours
        self._closes = hours.closes(self._begun) if hours is not None else None
        self._changing = threading.Lock()

    def run(self, chains: Sequence[Chain]) -> tuple[list[Tried], list[DeliveryRecord]]:
        """Try everything; return how it ended, and what was not tried after all."""
        concurrency = self._place.policy.concurrency
        ended = side_by_side(self._one_after_another, chains, concurrency, name="deliver")
        tried = [one for of_chain in ended for one in of_chain]
        parked = [
            due.delivery
            for chain, of_chain in zip(chains, ended, strict=True)
            for due in chain[len(of_chain) :]
        ]
        return tried, parked

    def _one_after_another(self, chain: Chain) -> list[Tried]:
        """Try a chain as long as each is delivered and nothing says to stop."""
        tried: list[Tried] = []
        for due in chain:
            if not self._wanted():
                break
            tried.append(self._try(due))
            if not isinstance(tried[-1].outcome, Advance):
                break
        return tried

    def _wanted(self) -> bool:
        now = self._clock()
        return not (
            breaker.is_open(self.record, now)
            or self._stopping()
            or (self._closes is not None and now >= self._closes)
            or now - self._begun >= LONGEST
        )

    def _try(self, due: DueDelivery) -> Tried:
        started = self._clock()
        said: list[Exchange] = []
        outcome, answer = self._outcome(due, said)
        ended = self._clock()
        self._announcer.tell(Subject.DELIVERY, "hand_over", due.delivery.id)
        settled, said_of_it = self._settled(due.delivery, outcome, answer, ended)
        attempt = deliver.attempt_record(
            due.delivery, said_of_it, answer, started=started, ended=ended
        )
        told = [
            exchange_record(
                one, due.body, delivery_id=settled.id, attempt=settled.attempt, number=number
            )
            for number, one in enumerate(said, 1)
        ]
        return Tried(settled, attempt, outcome, told)

    def _outcome(self, due: DueDelivery, said: list[Exchange]) -> tuple[Outcome, str]:
        """Hand a document over, unless this destination may not have it."""
        place = self._place
        barred = deliver.barred(due, production=place.production)
        if barred is not None:
            return barred, barred.because
        what = replace(deliver.consignment(due), tell=said.append)
        return deliver.hand_over(place.outbound, what, place.policy)

    def _settled(
        self, delivery: DeliveryRecord, outcome: Outcome, answer: str, now: datetime
    ) -> tuple[DeliveryRecord, str]:
        """Return a delivery as it is after an attempt, and a word for how that ended."""
        if isinstance(outcome, Retry) and self._stopping():
            # Broken off by us: that says nothing about the destination, and costs no attempt.
            return deliver.broken_off(delivery, now), "broken_off"
        policy = self._place.policy
        with self._changing:
            jitter = self._random.random()
            after = breaker.after(self.record, outcome, policy, now=now, jitter=jitter)
            self.record = answered(after, word(outcome), answer, now)
        settled = deliver.settled(delivery, outcome, policy, now=now, jitter=jitter)
        return settled, word(outcome)


def answered(lane: LaneRecord, outcome: str, answer: str, at: datetime) -> LaneRecord:
    """Return a lane that knows how its last attempt ended."""
    said = kept(answer, _SHOWN_ANSWER)
    return replace(lane, answered_at=at, outcome=outcome, answer=said)


def word(outcome: Outcome) -> str:
    """Say in a word how an attempt ended."""
    match outcome:
        case Advance():
            return "delivered"
        case Retry():
            return "failed"
        case Quarantine(reason=Reason.BUG):
            return "bug"
        case _:
            return "refused"
