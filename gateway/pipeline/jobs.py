"""What the pipeline asks of the durable engine: run this later, committed with what it is about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gateway.pipeline.store_port import Transaction

Stopping = Callable[[], bool]
"""Says whether the process is to end: what takes long asks between one thing and the next."""


def never() -> bool:
    """Say that the process goes on."""
    return False


class Share(StrEnum):
    """Which jobs a process runs.

    Threads that read keep the interpreter busy, and those that send wait for others and want it for
    a moment each time: parted between two processes they take a third less time.
    """

    ALL = "all"
    READING = "reading"
    """What is received, schedules and exports."""
    SENDING = "sending"
    """Deliveries, and what goes to partners."""


class Stopped(Exception):
    """A job was left before its end, since the process ends: another process goes on with it."""


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that ended with an exception which nobody expected: nothing runs it again."""

    id: str
    """Says what it did, and about what."""
    failed_at: datetime
    because: str
    traceback: str | None = None
    reads: tuple[str, ...] = ()
    """The payloads, or the interchange, that it was to read."""


class Jobs(Protocol):
    """Enqueues jobs in a transaction of the store: both are committed or neither is."""

    def read_payloads(
        self, transaction: Transaction, payload_ids: Sequence[str], at: datetime | None = None
    ) -> None:
        """Have payloads read, those of one call in one job; `at`: when a person released them."""

    def reread_interchange(
        self, transaction: Transaction, interchange_id: str, at: datetime
    ) -> None:
        """Have an interchange read that a person released at this moment."""

    def run_lane(self, transaction: Transaction, lane: str, at: datetime | None = None) -> None:
        """Have a lane drained: now, or at a moment to come."""

    def run_scheduled(self, transaction: Transaction, name: str, slot: int) -> None:
        """Have a scheduled job done, once for each slot of time."""

    def run_export(self, transaction: Transaction, run_id: str, export: str, slot: int) -> None:
        """Have a run of an export done, once for each slot; those of one export one by one."""

    def to_be_read(self, limit: int) -> set[str] | None:
        """Return what waiting and running jobs read; None where there are more jobs than that."""

    def failed(self, limit: int) -> list[FailedJob]:
        """Return the jobs that a person must look at, newest first."""

    def dismiss(self, job_ids: Sequence[str]) -> None:
        """Forget jobs that failed: a person has looked at them, or what they were about waits."""

    def purge(self, before: datetime) -> int:
        """Forget jobs that were done before a moment; return how many."""


class Work(Protocol):
    """What jobs do when their turn comes. Doing a thing twice must be harmless."""

    def read_payloads(
        self, payload_ids: Sequence[str], run: int, stopping: Stopping = never
    ) -> None:
        """Read payloads; `run` counts from one and is higher where an earlier run died.

        Raise `Stopped` where it stops before the end.
        """

    def reread_interchange(self, interchange_id: str, stopping: Stopping = never) -> None:
        """Read an interchange once more; raise `Stopped` where it stops before the end."""

    def run_lane(self, lane: str, stopping: Stopping = never) -> None:
        """Send what is due; raise `Stopped` where it stops before the end."""

    def run_scheduled(self, name: str, slot: int) -> None:
        """Do a scheduled job."""

    def plan_exports(self) -> None:
        """Enqueue the runs of exports whose slots have come."""

    def run_export(self, run_id: str, stopping: Stopping = never) -> None:
        """Do a run of an export; raise `Stopped` where it stops before the end."""

    def break_off(self) -> None:
        """Let calls to other systems that are under way end soon: the process is to end."""


def set_timer(jobs: Jobs, transaction: Transaction, lane: str, now: datetime) -> None:
    """Have a lane run again when what it is for comes due next."""
    following = transaction.lanes.next_due(lane, now)
    if following is not None:
        jobs.run_lane(transaction, lane, following)


def wake(
    jobs: Jobs, transaction: Transaction, lanes: Collection[str], *, freed: bool = False
) -> None:
    """Have lanes drained that have new work, with one job for each at most.

    `freed`: something was given up that others may be held behind.
    """
    for lane in transaction.lanes.wake(lanes, freed=freed):
        jobs.run_lane(transaction, lane)
