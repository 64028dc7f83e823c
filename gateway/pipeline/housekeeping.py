"""Scheduled work: wake lanes that were forgotten, and purge what was kept for long enough."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.clock import Clock
from gateway.pipeline.jobs import Jobs
from gateway.pipeline.ports import Retention
from gateway.pipeline.schedule import RETENTION, SWEEP
from gateway.pipeline.store_port import Store

OVERDUE = timedelta(seconds=20)
"""What is due for so long without being claimed has no job that will come for it."""

FINISHED_JOBS = timedelta(days=7)
"""How long the engine keeps jobs that are done: long enough to look into what happened."""

BATCH = 200
"""Payloads purged in one transaction: nobody else writes to SQLite meanwhile."""


class Housekeeping:
    """Does what the schedule asks for."""

    def __init__(self, store: Store, jobs: Jobs, *, retention: Retention, clock: Clock) -> None:
        self._store = store
        self._jobs = jobs
        self._retention = retention
        self._clock = clock

    def run_scheduled(self, name: str, slot: int) -> None:
        """Do a scheduled job."""
        if name == SWEEP.name:
            self.sweep()
        elif name == RETENTION.name:
            self.purge()
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

    def purge(self) -> None:
        """Purge documents, then ledger entries, copies and jobs whose time is over."""
        now = self._clock()
        while self._purge_batch(now):
            pass
        while self._forget_batch(now):
            pass
        self._retention.purge_copies(now - self._retention.payloads)
        self._jobs.purge(now - FINISHED_JOBS)

    def _purge_batch(self, now: datetime) -> int:
        with self._store.transaction() as transaction:
            return transaction.retention.purge(now - self._retention.payloads, BATCH)

    def _forget_batch(self, now: datetime) -> int:
        with self._store.transaction() as transaction:
            return transaction.retention.forget(now - self._retention.ledger, BATCH)
