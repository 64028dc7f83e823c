"""What people ask for about lanes: hold them, let them go on, try at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.clock import Clock, utc_now
from gateway.pipeline import breaker
from gateway.pipeline.jobs import Jobs, wake
from gateway.pipeline.lane_records import LaneRecord
from gateway.pipeline.records import TimelineRecord, kept
from gateway.pipeline.states import Subject
from gateway.pipeline.store_port import Store, Transaction


class LaneOperations:
    """Requests of people about lanes, from whatever process they ask in."""

    def __init__(self, store: Store, jobs: Jobs, *, clock: Clock = utc_now) -> None:
        self._store = store
        self._jobs = jobs
        self._clock = clock

    def pause(self, lane: str, *, by: str, because: str) -> LaneRecord:
        """Let nothing be sent in a lane until it is resumed; who paused it first keeps the reason.

        What is under way comes to its end.
        """
        now = self._clock()
        with self._store.transaction() as transaction:
            found = transaction.lanes.lane(lane)
            if found.paused_at is not None:
                return found
            paused = replace(found, paused_at=now, paused_by=kept(by), paused_because=kept(because))
            transaction.lanes.pause(paused)
            self._note(transaction, lane, "pause", by=by, because=because)
        return found

    def resume(self, lane: str, *, by: str, because: str = "") -> LaneRecord:
        """Let a lane go on now, paused or with an open circuit breaker; return what it was."""
        with self._store.transaction() as transaction:
            found = transaction.lanes.lane(lane)
            if found.paused_at is None and found.open_until is None:
                return found
            free = replace(
                breaker.closed(found), paused_at=None, paused_by=None, paused_because=None
            )
            transaction.lanes.pause(free)
            transaction.lanes.keep(free)
            self._note(transaction, lane, "resume", by=by, because=because)
            wake(self._jobs, transaction, [lane])
        return found

    def note_handed_on(self, lane: str, files: Sequence[str], *, by: str, because: str) -> None:
        """Note that a person let go on what a destination gathered, before its window ended."""
        told = f"{because} ({', '.join(files)})" if because else ", ".join(files)
        with self._store.transaction() as transaction:
            self._note(transaction, lane, "hand on", by=by, because=told)

    def _note(
        self, transaction: Transaction, lane: str, verb: str, *, by: str, because: str
    ) -> None:
        said = kept(said_by(by, because))
        transaction.ledger.add([TimelineRecord(Subject.LANE, lane, self._clock(), verb, said)])


def said_by(by: str, because: str) -> str:
    """Say who asked for something, and why, where that was said."""
    return f"by {by}: {because}" if because else f"by {by}"
