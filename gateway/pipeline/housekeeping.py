"""Scheduled work: wake lanes that were forgotten, and forget jobs that are long done."""

from __future__ import annotations

from datetime import timedelta

from gateway.clock import Clock
from gateway.pipeline.jobs import Jobs
from gateway.pipeline.schedule import PURGE, SWEEP
from gateway.pipeline.store_port import Store

OVERDUE = timedelta(seconds=20)
"""What is due for so long without being claimed has no job that will come for it."""

FINISHED_JOBS = timedelta(days=7)
"""How long the engine keeps jobs that are done: long enough to look into what happened."""


class Housekeeping:
    """Does what the schedule asks for."""

    def __init__(self, store: Store, jobs: Jobs, *, clock: Clock) -> None:
        self._store = store
        self._jobs = jobs
        self._clock = clock

    def run_scheduled(self, name: str, slot: int) -> None:
        """Do a scheduled job."""
        if name == SWEEP.name:
            self.sweep()
        elif name == PURGE.name:
            self._jobs.purge(self._clock() - FINISHED_JOBS)
        else:
            raise ValueError(f"no scheduled job is called {name} (slot {slot})")

    def sweep(self) -> list[str]:
        """Give every lane with overdue work a job; one too many finds nothing to do.

        Lanes are woken in the transaction that adds work, so this finds something only where a job
        was lost for a bug or by a person who deleted it.
        """
        with self._store.transaction() as transaction:
            lanes = transaction.lanes.lanes_with_work(self._clock() - OVERDUE)
            for lane in lanes:
                self._jobs.run_lane(transaction, lane)
        return lanes
