"""The lane that puts what waits for a partner into interchanges, once it is due."""

from __future__ import annotations

from datetime import datetime

from gateway.clock import Clock
from gateway.pipeline import lane_names
from gateway.pipeline.jobs import Jobs, set_timer, wake
from gateway.pipeline.observing import Announcer, about_outgoing
from gateway.pipeline.outbound.batching import MOST_CANDIDATES, ready
from gateway.pipeline.outbound.envelope import envelop
from gateway.pipeline.outbound.gathering import gather
from gateway.pipeline.states import Subject
from gateway.pipeline.store_port import Store


class Enveloping:
    """Drains what waits for a partner."""

    def __init__(self, store: Store, jobs: Jobs, *, clock: Clock, announcer: Announcer) -> None:
        self._store = store
        self._jobs = jobs
        self._clock = clock
        self._announcer = announcer

    def step(self, lane: str, partner: str) -> bool:
        """Make one interchange of what is due; say whether there may be more."""
        now = self._clock()
        with self._store.transaction() as transaction:
            transaction.lanes.begin(lane)
        return self._gather(partner, now) or self._envelop(lane, partner, now)

    def _envelop(self, lane: str, partner: str, now: datetime) -> bool:
        """Make one interchange of the documents that are due; say whether there were any."""
        with self._store.transaction() as transaction:
            if transaction.outbox.held(partner) is not None:
                # Releasing it wakes this lane; acknowledgments go out all the same.
                set_timer(self._jobs, transaction, lane, now)
                return False
            waiting = transaction.outbox.ready(partner, now, MOST_CANDIDATES)
            ids = [one.document_id for one in ready(waiting, now)]
            if not ids:
                set_timer(self._jobs, transaction, lane, now)
                return False
            outgoing = envelop(transaction, transaction.outbox.take(ids), now)
            wake(self._jobs, transaction, [lane_names.send(partner)])
        for id_ in ids:
            self._announcer.tell(Subject.DOCUMENT, "envelope", id_, about_outgoing(outgoing))
        return True

    def _gather(self, partner: str, now: datetime) -> bool:
        """Make one interchange of the acknowledgments that are due; say whether there were any."""
        with self._store.transaction() as transaction:
            waiting = transaction.collected.ready(partner, now, MOST_CANDIDATES)
            taken = ready(waiting, now)
            if not taken:
                return False
            outgoing = gather(transaction, taken, now)
            wake(self._jobs, transaction, [lane_names.send(partner)])
        self._announcer.tell(Subject.OUTGOING, "gather", outgoing.id, about_outgoing(outgoing))
        return True
