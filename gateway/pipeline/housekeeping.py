"""Scheduled work: wake lanes, read the forgotten, miss what partners owe, purge what is old."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from gateway.clock import Clock
from gateway.pipeline.jobs import FailedJob, Jobs
from gateway.pipeline.mdns import Mdns
from gateway.pipeline.outcome import Quarantine, Reason
from gateway.pipeline.ports import Retention
from gateway.pipeline.put_back import TOLERATED
from gateway.pipeline.reconciliation.overdue import Overdue
from gateway.pipeline.schedule import RETENTION, SWEEP
from gateway.pipeline.store_port import Store

OVERDUE = timedelta(seconds=20)
"""What is due for so long without being claimed has no job that will come for it."""

UNREAD = timedelta(minutes=5)
"""What waits for so long to be read, and no job is about it, was forgotten."""

AGAIN = timedelta(hours=1)
"""What was swept up, and whose new job failed too, is given another one after this long."""

MOST_FAILURES = 3
"""Jobs that failed to read the same: it would not be read by the next one either."""

MOST_FAILED_JOBS = 1000
"""Failed jobs that are looked at, newest first."""

MOST_LIVE_JOBS = 2000
"""With more jobs waiting there is a backlog to read, and looking for the forgotten can wait."""

FINISHED_JOBS = timedelta(days=7)
"""How long the engine keeps jobs that are done: long enough to look into what happened."""

BATCH = 200
"""Payloads purged in one transaction: nobody else writes to SQLite meanwhile."""


GiveUp = Callable[[str, Quarantine], None]
"""Quarantines a payload or an interchange that waits to be read, by its id."""


class Housekeeping:
    """Does what the schedule asks for."""

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        *,
        give_up: GiveUp,
        overdue: Overdue,
        retention: Retention,
        clock: Clock,
    ) -> None:
        self._store = store
        self._give_up = give_up
        self._jobs = jobs
        self._retention = retention
        self._clock = clock
        self._mdns = Mdns(store, jobs, clock=clock)
        self._overdue = overdue

    def run_scheduled(self, name: str, slot: int) -> None:
        """Do a scheduled job."""
        if name == SWEEP.name:
            self.sweep()
            self.sweep_unread()
            self._mdns.chase()
            self._overdue.look()
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
            now, known = self._clock(), transaction.lanes
            # Where the clock was put back, the timers of lanes stand at the old time.
            lanes = known.lanes_with_work(now - OVERDUE)
            lanes += known.answered_after(now + TOLERATED)
            for lane in lanes:
                self._jobs.run_lane(transaction, lane)
        return lanes

    def sweep_unread(self) -> list[str]:
        """Give what waits to be read without a job a new one; return what was forgotten."""
        now = self._clock()
        with self._store.transaction() as transaction:
            unread = transaction.ledger.unread(now - UNREAD, BATCH)
        if not unread:
            return []
        live = self._jobs.to_be_read(MOST_LIVE_JOBS)
        if live is None:
            return []
        forgotten = [id_ for id_ in unread if id_ not in live]
        for id_, failed in self._failures(forgotten).items():
            if len(failed) >= MOST_FAILURES:
                forgotten.remove(id_)
                self._quarantine(id_, failed)
        # One name for each while this lasts, so that it does not matter how often this runs.
        at = datetime.fromtimestamp(
            now.timestamp() // AGAIN.total_seconds() * AGAIN.total_seconds(), UTC
        )
        with self._store.transaction() as transaction:
            for id_ in forgotten:
                if transaction.ledger.interchange(id_) is not None:
                    self._jobs.reread_interchange(transaction, id_, at)
                else:
                    self._jobs.read_payloads(transaction, [id_], at=at)
        return forgotten

    def _failures(self, ids: Sequence[str]) -> dict[str, list[FailedJob]]:
        """Map what waits to be read to the jobs that failed to, newest first."""
        failed = self._jobs.failed(MOST_FAILED_JOBS) if ids else []
        return {id_: [job for job in failed if id_ in job.reads] for id_ in ids}

    def _quarantine(self, id_: str, failed: Sequence[FailedJob]) -> None:
        """Let a person look at what no job could read; the record says all that the jobs said."""
        last = failed[0]
        because = f"{len(failed)} jobs that were to read this failed: {last.because}"
        self._give_up(id_, Quarantine(Reason.BUG, because, last.traceback))
        self._jobs.dismiss([job.id for job in failed if len(job.reads) == 1])

    def purge(self) -> None:
        """Purge documents, then ledger entries, copies and jobs whose time is over."""
        now = self._clock()
        while self._purge_batch(now):
            pass
        while self._forget_batch(now):
            pass
        with self._store.transaction() as transaction:
            transaction.executors.forget(now - self._retention.ledger)
            transaction.alerts.forget(now - self._retention.payloads)
            transaction.versions.forget(now - self._retention.payloads)
            # A folder that is in the configuration is looked at every few minutes. One that comes
            # back later costs a second read of what was left: the ledger still knows the files.
            transaction.polling.purge(now - self._retention.payloads)
        self._retention.purge_copies(now - self._retention.payloads)
        self._jobs.purge(now - FINISHED_JOBS)

    def _purge_batch(self, now: datetime) -> int:
        with self._store.transaction() as transaction:
            return transaction.retention.purge(now - self._retention.payloads, BATCH)

    def _forget_batch(self, now: datetime) -> int:
        with self._store.transaction() as transaction:
            return transaction.retention.forget(now - self._retention.ledger, BATCH)
