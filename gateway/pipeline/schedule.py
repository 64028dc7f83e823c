"""What happens by the clock: every process enqueues, and each slot of time runs once.

The id of a scheduled job names its slot, so it does not matter how many processes enqueue it.
Nothing here does the work; that is `gateway.pipeline.housekeeping`, run as a job like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from gateway.clock import Clock, utc_now
from gateway.pipeline.bugs import guarded
from gateway.pipeline.jobs import Jobs
from gateway.pipeline.outcome import Quarantine
from gateway.pipeline.put_back import TOLERATED
from gateway.pipeline.store_port import Store

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A job that comes again and again."""

    name: str
    every: timedelta


SWEEP = Scheduled("sweep", timedelta(seconds=30))
"""What was forgotten is looked for this often."""
RETENTION = Scheduled("retention", timedelta(hours=6))
"""What was kept for long enough is purged this often."""

LOOK_FOR_SLOTS = timedelta(seconds=1)
"""Each process asks its clock this often whether a slot of an export has come."""

SOON = timedelta(minutes=1)
"""A job comes for the first time no later than this after the start."""


def _told(plan: Callable[[], object]) -> None:
    """Plan; what goes wrong is told and tried again, such as a database that is away."""
    fault = guarded(plan)
    if isinstance(fault, Quarantine):
        log.warning("exports_not_planned", reason=fault.because)


def slot(job: Scheduled, moment: datetime) -> int:
    """Return the number of the slot that a moment falls into."""
    return int(moment.timestamp() // job.every.total_seconds())


class Schedule:
    """Enqueues scheduled jobs while it runs."""

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        *,
        clock: Clock,
        scheduled: tuple[Scheduled, ...] = (SWEEP, RETENTION),
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._clock = clock
        self._seen: datetime | None = None
        self._latest: dict[str, int] = {}
        self._scheduler = BackgroundScheduler(timezone="UTC")
        for job in scheduled:
            self._scheduler.add_job(
                self.enqueue,
                IntervalTrigger(seconds=job.every.total_seconds()),
                args=(job,),
                coalesce=True,
                misfire_grace_time=None,
                # Soon, not only after the first pause: a process may live shorter than that.
                next_run_time=utc_now() + min(job.every, SOON),
            )

    def start(self, plan_exports: Callable[[], object]) -> None:
        """Begin to enqueue; exports have slots of their own, which are looked for each second."""
        self._scheduler.add_job(
            lambda: _told(plan_exports),
            IntervalTrigger(seconds=LOOK_FOR_SLOTS.total_seconds()),
            coalesce=True,
            misfire_grace_time=None,
            next_run_time=utc_now(),
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Enqueue nothing more."""
        self._scheduler.shutdown()

    def look_at_clock(self) -> None:
        """Go on at once where the clock was put back: the scheduler waits for the old time."""
        now = self._clock()
        before, self._seen = self._seen, now
        if before is not None and before - now > TOLERATED:
            log.warning("clock_put_back", seconds=round((before - now).total_seconds()))
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=utc_now())

    def enqueue(self, job: Scheduled) -> None:
        """Enqueue a job for the present slot; where it is enqueued already, nothing happens.

        The slots of an hour that comes twice have names of their own the second time.
        """
        number = slot(job, self._clock())
        latest = self._latest[job.name] = max(number, self._latest.get(job.name, number))
        number = number if number == latest else -number
        with self._store.transaction() as transaction:
            self._jobs.run_scheduled(transaction, job.name, number)
