"""Gives the jobs of dead processes to living ones.

The open-source engine has none: it only recovers what the same executor left behind. So every
process writes a heartbeat, and looks for others that have stopped writing theirs. Looking is
level-triggered: it does not matter which process notices, how often, or after how long, because
giving a job away twice changes nothing. A process that was frozen and wakes up finds its rows
changed under it, and its compare-and-set fails.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
import structlog

from gateway.clock import Clock
from gateway.pipeline.bugs import guarded
from gateway.pipeline.store_port import Store

log = structlog.get_logger()

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Reaper:
    """One thread: beats for this process, and looks for dead ones."""

    def __init__(
        self,
        store: Store,
        executor: str,
        *,
        clock: Clock,
        threshold: float,
        interval: float = 1.0,
        each_round: Callable[[], object] = lambda: None,
    ) -> None:
        """Make it; `each_round` is called once a second, whatever the clock says."""
        self._each_round = each_round
        self._store = store
        self._executor = executor
        self._clock = clock
        self._threshold = timedelta(seconds=threshold)
        self._interval = interval
        self._stopping = threading.Event()
        self._looks = True
        self._looking = threading.Lock()
        self._thread: threading.Thread | None = None

    def beat(self) -> None:
        """Note that this process lives."""
        with self._store.transaction() as transaction:
            transaction.executors.beat(self._executor, place(), self._clock())

    def start(self, recover: Callable[[list[str]], object]) -> None:
        """Beat and look once a second; `recover` takes the names of dead executors."""
        self._thread = threading.Thread(target=self._run, args=(recover,), name="reaper")
        self._thread.start()

    def only_beat(self) -> None:
        """Look for dead ones no more: a process that ends takes over nothing, and lives still."""
        with self._looking:
            self._looks = False

    def stop(self) -> None:
        """Stop beating, and say so, that others need not wait for the threshold."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        with suppress(sa.exc.DBAPIError), self._store.transaction() as transaction:
            transaction.executors.beat(self._executor, place(), _LONG_AGO)

    def look(self, recover: Callable[[list[str]], object]) -> list[str]:
        """Recover the jobs of the processes that are dead now; return which those were."""
        now = self._clock()
        with self._store.transaction() as transaction:
            executors = transaction.executors
            dead = set(executors.unseen_since(now - self._threshold))
            dead |= {id_ for id_, at in executors.living().items() if surely_dead(id_, at)}
        dead.discard(self._executor)
        if dead:
            recover(sorted(dead))
            with self._store.transaction() as transaction:
                for executor in sorted(dead):
                    transaction.executors.bury(executor, now)
        return sorted(dead)

    def _round(self, recover: Callable[[list[str]], object]) -> None:
        self.beat()
        self._each_round()
        with self._looking:
            if self._looks:
                self.look(recover)

    def _run(self, recover: Callable[[list[str]], object]) -> None:
        while True:
            # The database may be away for a while. And whatever else goes wrong in one round:
            # without a heartbeat others would take this process for dead, and run its jobs again.
            fault = guarded(lambda: self._round(recover))
            if fault is not None:
                log.warning("reaper_round_failed", reason=fault.because)
            if self._stopping.wait(self._interval):
                return


def place() -> str:
    """Name where process numbers mean the same: this machine since its start, this container."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    numbers = Path("/proc/self/ns/pid")
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts.append(boot.read_text(encoding="ascii").strip())
        parts.append(os.readlink(numbers))
    return "/".join(parts)


def surely_dead(executor: str, at: str) -> bool:
    """Say whether an executor of this very place has no process any more.

    Saves the wait for the threshold when a gateway is started again where it was killed. A number
    that another process has by now only means that the threshold decides.
    """
    if at != place() or at == socket.gethostname():
        return False
    number = int(executor.split(":")[1])
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
