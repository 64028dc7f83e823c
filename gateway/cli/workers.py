"""More processes for the jobs of an instance: Python runs on one processor in each.

A worker is `gateway run --jobs-only` with its input tied to us. It ends when that ends, so it never
outlives the process that it belongs to, however that goes; one that dies is started anew, and what
it was at is given to the others like the work of any process that died.

Jobs are parted: the process that receives reads too, its first worker sends, a second one reads, a
third one sends, and so on.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from gateway.pipeline.jobs import Share

_PROGRAM = "from gateway.cli import main; main()"

_STOPS_WITHIN = 60.0
"""Seconds; longer than the engine lets what is under way take."""

_LIVED_WELL = 30.0
"""Seconds after which a death is an accident, and no reason to wait before the next start."""
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0

log = structlog.get_logger()


@dataclass(slots=True)
class _Worker:
    number: int
    process: subprocess.Popen[bytes]
    started: float
    pause: float = _FIRST_PAUSE
    start_at: float | None = None
    """When it is started anew; None while it runs."""


@dataclass(slots=True)
class Workers:
    """The workers of one process."""

    command: list[str]
    clock: Callable[[], float] = time.monotonic
    _all: list[_Worker] = field(default_factory=list)

    def start(self, count: int) -> None:
        """Start so many."""
        for number in range(1, count + 1):
            self._all.append(_Worker(number, self._begun(number), self.clock()))
        if count:
            log.info("workers_started", workers=count)

    def tend(self) -> None:
        """Start anew what has died; call it about once a second."""
        now = self.clock()
        for worker in self._all:
            if worker.start_at is not None and now >= worker.start_at:
                worker.process, worker.started = self._begun(worker.number), now
                worker.start_at = None
            elif worker.start_at is None and (code := worker.process.poll()) is not None:
                _let_go(worker.process)
                lived_well = now - worker.started >= _LIVED_WELL
                worker.pause = _FIRST_PAUSE if lived_well else min(worker.pause * 2, _LONGEST_PAUSE)
                worker.start_at = now + worker.pause
                log.warning(
                    "worker_ended",
                    worker=worker.number,
                    reason=_how(code),
                    again_in_seconds=round(worker.pause),
                )

    def stop(self) -> None:
        """Let each finish what it is at, and wait for it."""
        for worker in self._all:
            _let_go(worker.process)
        ends = self.clock() + _STOPS_WITHIN
        for worker in self._all:
            try:
                worker.process.wait(max(0.0, ends - self.clock()))
            except subprocess.TimeoutExpired:
                log.warning("worker_killed", worker=worker.number, reason="it did not stop in time")
                worker.process.kill()
                worker.process.wait()

    def _begun(self, number: int) -> subprocess.Popen[bytes]:
        # The command is this program's own, with a folder as its only variable part.
        command = [*self.command, "--share", share_of(number), "--worker", str(number)]
        return subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603


def share_of(worker: int) -> Share:
    """Say which jobs a worker runs, by its number from one."""
    return Share.SENDING if worker % 2 else Share.READING


def process_name(workers: int) -> str:
    """Name a process with so many workers in the log; one that runs alone needs no name."""
    return f"first, {share_beside(workers)}" if workers else ""


def worker_name(worker: int, share: Share) -> str:
    """Name a process that runs jobs alone: a worker by its number, another one by its jobs."""
    return f"worker {worker}, {share}" if worker else f"jobs only, {share}"


def share_beside(workers: int) -> Share:
    """Say which jobs a process with so many workers runs itself."""
    return Share.READING if workers else Share.ALL


@contextmanager
def workers_of(home: Path, count: int) -> Iterator[Workers]:
    """Run so many workers of an instance beside this process until the block ends."""
    workers = Workers([sys.executable, "-c", _PROGRAM, "run", "--jobs-only", "--home", str(home)])
    try:
        workers.start(count)
        yield workers
    finally:
        workers.stop()


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """End the input of a worker: it stops."""
    if process.stdin is not None:
        with suppress(OSError):  # it is dead already
            process.stdin.close()


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit status {code}"
