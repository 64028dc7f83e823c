"""The durable engine: the only file that knows DBOS, with `reaper` beside it.

Jobs carry ids and never payloads. They are enqueued in the transaction of what they are about, and
run at least once; that doing them twice is harmless is the business of `reading` and `sending`.
"""

from __future__ import annotations

import logging
import os
import socket
import sqlite3
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from math import ceil

import sqlalchemy as sa
import structlog
from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions, WorkflowStatus
from dbos._serialization import DBOSPortableJSON

from gateway.clock import Clock, derived_id, new_id, utc_now
from gateway.errors import GatewayError
from gateway.pipeline.jobs import FailedJob, Share, Stopped, Work
from gateway.pipeline.reaper import Reaper
from gateway.pipeline.schedule import Schedule
from gateway.pipeline.store_port import Store, Transaction, database_is_unwell

log = structlog.get_logger()

APPLICATION = "edi-gateway"
# By default the version is a hash of the code, and the jobs of the version before stay enqueued for
# ever. Ours carry ids only, so that any version can run those of any other.
APPLICATION_VERSION = "1"

READ_QUEUE = "read"
LANE_QUEUE = "lanes"
EXPORT_QUEUE = "exports"
POLLING_SECONDS = 0.1
"""Between two looks for jobs: each costs some milliseconds of a processor."""

_EXPORT_POLLING_SECONDS = 0.5

# A slice of a hundred poisoned payloads dies some times for each; the ledger's own count of
# recoveries quarantines them long before this.
MAX_RECOVERIES = 1000

PURGE_BATCH = 1000

_QUEUES = {
    Share.ALL: (READ_QUEUE, LANE_QUEUE, EXPORT_QUEUE),
    Share.READING: (READ_QUEUE, EXPORT_QUEUE),
    Share.SENDING: (LANE_QUEUE,),
}

_READING = ("read_payloads", "reread_interchange")
"""The jobs that read, by the names of their functions."""

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.2, 30.0

_GRACE = 1.0
"""Seconds that calls to other systems have to end by themselves once the engine is to stop."""


class EngineUnusable(GatewayError):
    """The engine cannot run here."""


class JobFailed(GatewayError):
    """A job ended with an exception that nobody expected."""

    def __init__(self, reason: str, lines: Sequence[str]) -> None:
        super().__init__(reason)
        # Of an exception the engine keeps class name, text, and what is called `data`.
        self.data = "".join(lines)


class DurableJobs:
    """Enqueues jobs from any process; none needs to run them."""

    def __init__(self, store: Store, *, clock: Clock = utc_now) -> None:
        _require_usable_sqlite(store.engine)
        self._clock = clock
        # Its tables must be there before anything is enqueued, and the client never makes them.
        DBOS.migrate(store.engine.url.render_as_string(hide_password=False))
        self.client = DBOSClient(
            system_database_engine=store.engine,
            serializer=DBOSPortableJSON,
            application_name=APPLICATION,
            lazy=True,
        )

    def read_payloads(
        self, transaction: Transaction, payload_ids: Sequence[str], at: datetime | None = None
    ) -> None:
        """Have payloads read, those of one call in one job; `at`: when a person released them."""
        name = payload_ids[0] if len(payload_ids) == 1 else derived_id(*payload_ids)
        if at is not None:
            name = f"{name}:{at.isoformat()}"
        options = _options(READ_QUEUE, "read_payloads", f"read:{name}")
        self._enqueue(transaction, options, list(payload_ids))

    def reread_interchange(
        self, transaction: Transaction, interchange_id: str, at: datetime
    ) -> None:
        """Have an interchange read that a person released at this moment."""
        id_ = f"reread:{interchange_id}:{at.isoformat()}"
        self._enqueue(transaction, _options(READ_QUEUE, "reread_interchange", id_), interchange_id)

    def run_lane(self, transaction: Transaction, lane: str, at: datetime | None = None) -> None:
        """Have a lane drained: now, or at a moment to come.

        Timers of one lane in one second are one job. Rounded up, so that a job never comes before
        what it is for.
        """
        id_ = f"lane:{lane}:{new_id()}" if at is None else f"lane:{lane}:{ceil(at.timestamp())}"
        options = _options(LANE_QUEUE, "run_lane", id_)
        options["queue_partition_key"] = lane
        if at is not None:
            options["delay_seconds"] = max(0.0, ceil(at.timestamp()) - self._clock().timestamp())
        self._enqueue(transaction, options, lane)

    def run_scheduled(self, transaction: Transaction, name: str, slot: int) -> None:
        """Have a scheduled job done, once for each slot of time."""
        options = _options(READ_QUEUE, "run_scheduled", f"schedule:{name}:{slot}")
        self._enqueue(transaction, options, name, slot)

    def run_export(self, transaction: Transaction, run_id: str, export: str, slot: int) -> None:
        """Have a run of an export done, once for each slot; those of one export one by one."""
        options = _options(EXPORT_QUEUE, "run_export", f"schedule:export:{export}:{slot}")
        options["queue_partition_key"] = export
        self._enqueue(transaction, options, run_id)

    def to_be_read(self, limit: int) -> set[str] | None:
        """Return what waiting and running jobs read; None where there are more jobs than that."""
        live = self.client.list_workflows(
            status=["ENQUEUED", "DELAYED", "PENDING"],
            name=list(_READING),
            limit=limit + 1,
            load_output=False,
        )
        if len(live) > limit:
            return None
        return {id_ for job in live for id_ in _what_it_reads(job)}

    def failed(self, limit: int) -> list[FailedJob]:
        """Return the jobs that a person must look at, newest first."""
        found = self.client.list_workflows(
            status=["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"],
            limit=limit,
            sort_desc=True,
        )
        return [
            FailedJob(
                job.workflow_id,
                datetime.fromtimestamp((job.updated_at or job.created_at or 0) / 1000, UTC),
                _what_went_wrong(job.error) if job.error else str(job.status),
                getattr(job.error, "data", None),
                _what_it_reads(job),
            )
            for job in found
        ]

    def dismiss(self, job_ids: Sequence[str]) -> None:
        """Forget jobs that failed: a person has looked at them, or what they were about waits."""
        failed = {job.id for job in self.failed(PURGE_BATCH)}
        self.client.delete_workflows([id_ for id_ in job_ids if id_ in failed])

    def purge(self, before: datetime) -> int:
        """Forget jobs that were done before a moment; return how many.

        One that failed is kept: it says what a person must look at.
        """
        purged = 0
        while True:
            done = self.client.list_workflows(
                status="SUCCESS",
                completed_before=before.isoformat(),
                limit=PURGE_BATCH,
                load_input=False,
                load_output=False,
            )
            if not done:
                return purged
            self.client.delete_workflows([one.workflow_id for one in done])
            purged += len(done)

    def close(self) -> None:
        """Let go of the client; the store's engine stays open."""
        self.client.destroy()

    def _enqueue(self, transaction: Transaction, options: EnqueueOptions, *args: object) -> None:
        self.client.enqueue_in_transaction(transaction.connection, options, *args)


class Engine:
    """Runs jobs in this process until it is stopped. There can be one in a process."""

    def __init__(
        self,
        store: Store,
        jobs: DurableJobs,
        *,
        clock: Clock = utc_now,
        reap_after: float = 20.0,
        share: Share = Share.ALL,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._share = share
        self._clock = clock
        # One for each start of a process: a shared one would run again what others are running.
        self.executor = f"{socket.gethostname()}:{os.getpid()}:{new_id()}"
        self._stopping = threading.Event()
        self._work: Work | None = None
        self._idle = threading.Event()
        self._idle.set()
        self._counting = threading.Lock()
        self._under_way = 0
        self._schedule = Schedule(store, jobs, clock=clock)
        self._reaper = Reaper(
            store,
            self.executor,
            clock=clock,
            threshold=reap_after,
            each_round=self._schedule.look_at_clock,
        )

    def start(self, work: Work) -> None:
        """Begin to run jobs; everything they need must be ready."""
        self._work = work
        self._register(work)
        config = DBOSConfig(
            name=APPLICATION,
            system_database_engine=self._store.engine,
            application_version=APPLICATION_VERSION,
            executor_id=self.executor,
            serializer=DBOSPortableJSON,
            use_listen_notify=False,
            # Nobody is notified, but who ends waits until it has looked: by default a second.
            notification_listener_polling_interval_sec=POLLING_SECONDS,
            console_log_level="ERROR",
            log_level="ERROR",
        )
        self._register_queues()
        DBOS(config=config)
        DBOS.listen_queues(_QUEUES[self._share])
        self._reaper.beat()
        DBOS.launch()
        self._reaper.start(DBOS._recover_pending_workflows)
        self._schedule.start(work.plan_exports)

    def stop(self) -> None:
        """Let what runs come to its end, run nothing more, and say goodbye to the others.

        A call to another system that does not end by itself is broken off.
        """
        self._stopping.set()
        self._reaper.only_beat()
        self._schedule.stop()
        if not self._idle.wait(timeout=_GRACE) and self._work is not None:
            self._work.break_off()
        self._idle.wait(timeout=_LONGEST_PAUSE)
        # A job that it claims in this very moment stays pending, and it says so loudly.
        logging.getLogger("dbos").setLevel(logging.CRITICAL)
        DBOS.destroy(destroy_registry=True)
        # Only now: others take over what is still under this executor's name.
        self._reaper.stop()

    def drain(self) -> None:
        """Return when nothing is due any more; what waits for its next attempt is left."""
        while any(self._store.desk.backlog(self._clock()).values()):
            if self._stopping.wait(POLLING_SECONDS):
                return

    def _register(self, work: Work) -> None:
        """Tell DBOS which functions its jobs run; it knows functions, not methods."""

        @DBOS.workflow(name="read_payloads", max_recovery_attempts=MAX_RECOVERIES)
        def read_payloads(payload_ids: list[str]) -> None:
            # Asked within: an exception that escapes from here ends the job for good.
            self._insist(
                lambda: work.read_payloads(payload_ids, self._run_number(), self._stopping.is_set)
            )

        @DBOS.workflow(name="reread_interchange", max_recovery_attempts=MAX_RECOVERIES)
        def reread_interchange(interchange_id: str) -> None:
            self._insist(lambda: work.reread_interchange(interchange_id, self._stopping.is_set))

        @DBOS.workflow(name="run_lane", max_recovery_attempts=MAX_RECOVERIES)
        def run_lane(lane: str) -> None:
            self._insist(lambda: work.run_lane(lane, self._stopping.is_set))

        @DBOS.workflow(name="run_scheduled", max_recovery_attempts=MAX_RECOVERIES)
        def run_scheduled(name: str, slot: int) -> None:
            self._insist(lambda: work.run_scheduled(name, slot))

        @DBOS.workflow(name="run_export", max_recovery_attempts=MAX_RECOVERIES)
        def run_export(run_id: str) -> None:
            self._insist(lambda: work.run_export(run_id, self._stopping.is_set))

    def _register_queues(self) -> None:
        # Without a limit one poll would claim the whole backlog for this process.
        # Two readers: reading is bound by the processor, and one can wait for the disk meanwhile.
        self._jobs.client.register_queue(
            READ_QUEUE, worker_concurrency=2, polling_interval_sec=POLLING_SECONDS
        )
        self._jobs.client.register_queue(
            LANE_QUEUE,
            partition_concurrency=1,
            worker_concurrency=32,
            polling_interval_sec=POLLING_SECONDS,
        )
        # A queue of its own: an export waits for its source, and keeps nobody else waiting.
        self._jobs.client.register_queue(
            EXPORT_QUEUE,
            partition_concurrency=1,
            worker_concurrency=8,
            polling_interval_sec=_EXPORT_POLLING_SECONDS,
        )

    def _run_number(self) -> int:
        """Say how often this job was begun, this time included."""
        id_ = DBOS.workflow_id
        found = self._jobs.client.list_workflows(
            workflow_ids=[str(id_)], load_input=False, load_output=False
        )
        return max(1, (found[0].recovery_attempts or 1) if found else 1)

    def _insist(self, work: Callable[[], None]) -> None:
        """Do the work; a fault of the database is waited out, however long it takes."""
        pause = 0.0
        # Once stopping, a job stays pending under this executor's name: the reaper gives it to
        # another one. DBOS records what comes of exceptions, but not of this.
        while not self._stopping.wait(pause):
            pause = min(max(pause * 2, _SHORTEST_PAUSE), _LONGEST_PAUSE)
            self._begin()
            try:
                work()
                return
            except Stopped:
                break
            except Exception as fault:
                if not database_is_unwell(fault):
                    reason = f"{type(fault).__name__}: {fault}"
                    log.warning("job_failed", job=DBOS.workflow_id, reason=reason)
                    raise JobFailed(reason, traceback.format_exception(fault)) from fault
            finally:
                self._end()
        raise SystemExit

    def _begin(self) -> None:
        with self._counting:
            self._under_way += 1
            self._idle.clear()

    def _end(self) -> None:
        with self._counting:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()


def _what_it_reads(job: WorkflowStatus) -> tuple[str, ...]:
    if job.name not in _READING or job.input is None:
        return ()
    [about] = job.input["args"]
    return (about,) if isinstance(about, str) else tuple(about)


def _what_went_wrong(fault: Exception) -> str:
    # The serializer keeps the name and the text of an exception, and not its class.
    name = getattr(fault, "name", type(fault).__name__)
    return str(fault) if name == JobFailed.__name__ else f"{name}: {fault}"


def _options(queue: str, workflow: str, id_: str) -> EnqueueOptions:
    return EnqueueOptions(
        queue_name=queue,
        workflow_name=workflow,
        workflow_id=id_,
        app_version=APPLICATION_VERSION,
    )


def _require_usable_sqlite(engine: sa.Engine) -> None:
    if engine.dialect.name != "sqlite":
        return
    if sys.version_info >= (3, 12) and sqlite3.sqlite_version_info < (3, 42):
        raise EngineUnusable(
            f"Python {sys.version_info.major}.{sys.version_info.minor} with SQLite "
            f"{sqlite3.sqlite_version}: expected SQLite 3.42 or newer, Python 3.11, or PostgreSQL"
        )
