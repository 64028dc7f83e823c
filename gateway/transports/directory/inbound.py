"""Receives what partners drop into folders: file system events to be quick, rescans to be sure.

Events only wake the look up; what may be taken is decided by looking. So an event that is lost, or
a file system that has none, costs seconds and never a file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event

import structlog
from watchdog.events import (
    FileClosedEvent,
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from gateway.clock import Clock, new_id, utc_now
from gateway.errors import Permanent
from gateway.pipeline.ports import Received
from gateway.transports.arrival import ArrivalRules
from gateway.transports.directory.box import DropBox, Folder, Waiting

# While a large file is being written, events come by the thousand; one look for all will do.
_SHORTEST_PAUSE = 0.05

# Opening and reading a file raise events too, and ours must not wake us.
_WAKING = (FileCreatedEvent, FileModifiedEvent, FileMovedEvent, FileClosedEvent)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DirectoryRules:
    """How drop boxes are watched."""

    arrival: ArrivalRules = field(default_factory=ArrivalRules)
    rescan_every: timedelta = timedelta(seconds=5)
    """Looked at this often even where no event came."""
    events: bool = True
    """Ask the operating system for events; without them only rescans find files."""


class Inbound:
    """The drop boxes of all partners."""

    def __init__(
        self,
        folders: Sequence[Folder],
        rules: DirectoryRules | None = None,
        *,
        clock: Clock = utc_now,
        owner: str | None = None,
    ) -> None:
        self._rules = rules or DirectoryRules()
        self._clock = clock
        # New at each start: a lock says whether an owner lives, and a name is never used again.
        owner = owner or new_id()
        self._boxes = [
            DropBox(folder, self._rules.arrival, clock=clock, owner=owner) for folder in folders
        ]
        self._wake = Event()
        self._closing = Event()
        self._open = ExitStack()
        self._rescan_due = clock()

    def connect(self) -> None:
        """Make the folders, take over what a dead process left claimed, ask for events."""
        for box in self._boxes:
            try:
                box.open()
            except OSError as fault:
                self._open.close()
                raise _unusable(box, fault) from fault
            self._open.callback(box.close)
        self._rescan_due = self._clock() + self._rules.rescan_every
        if self._rules.events:
            self._watch()

    def prepare(self) -> None:
        """Make the folders, and watch none of them yet; raise Permanent where one cannot be used.

        A running gateway asks before it takes over other folders: it goes on with those it has.
        """
        for box in self._boxes:
            try:
                box.folder.inbox.mkdir(parents=True, exist_ok=True)
            except OSError as fault:
                raise _unusable(box, fault) from fault

    def receive(self, wait: float = 0.0) -> Sequence[Received]:
        """Return what has arrived, at most one batch; wait at most that many seconds for it."""
        deadline = time.monotonic() + wait
        while not self._closing.is_set():
            self._wake.clear()
            received = self._take()
            remaining = deadline - time.monotonic()
            if received or remaining <= 0:
                return received
            if self._wake.wait(min(remaining, self._pause())):
                self._closing.wait(min(remaining, _SHORTEST_PAUSE))
        return []

    def complete(self, partner: str, name: str) -> None:
        """Take a file at once that our own SFTP server has seen closed; any thread may say so."""
        for box in self._boxes:
            if box.folder.partner == partner:
                box.complete(name)
        self._wake.set()

    def interrupt(self) -> None:
        """Let a `receive` that is waiting return at once; it receives nothing from now on."""
        self._closing.set()
        self._wake.set()

    def close(self) -> None:
        """Stop receiving and let others take what was not settled."""
        self.interrupt()
        self._open.close()

    @property
    def waiting(self) -> list[Waiting]:
        """Return the files that were seen and not taken, with the reasons."""
        return [waiting for box in self._boxes for waiting in box.waiting]

    @property
    def unsettled(self) -> bool:
        """Say whether another look soon may find a file to take."""
        return any(box.unsettled for box in self._boxes)

    def _take(self) -> list[Received]:
        if self._clock() >= self._rescan_due:
            self._rescan_due = self._clock() + self._rules.rescan_every
            for box in self._boxes:
                box.rescan()
        batch: list[Received] = []
        size = 0
        for box in self._boxes:
            for received in box.take(self._rules.arrival.batch - len(batch)):
                batch.append(received)
                size += len(received.payload.content)
                if size > self._rules.arrival.batch_bytes:
                    break
            if len(batch) >= self._rules.arrival.batch or size > self._rules.arrival.batch_bytes:
                break
        # The next look begins with another partner, so that a busy one does not shut out the rest.
        self._boxes = self._boxes[1:] + self._boxes[:1]
        return batch

    def _pause(self) -> float:
        """Return how long nothing needs to be looked at unless an event comes."""
        pause = self._rules.arrival.stable_for if self.unsettled else self._rules.rescan_every
        return max(pause.total_seconds(), _SHORTEST_PAUSE)

    def _watch(self) -> None:
        observer = Observer()
        try:
            for box in self._boxes:
                observer.schedule(_Waker(self._wake.set), str(box.folder.inbox), recursive=False)
            observer.start()
        except OSError as fault:
            # Such as the limit on watches of one user: slower without events, and still complete.
            log.warning("folder_events_unavailable", reason=fault.strerror or str(fault))
            return
        self._open.callback(_stop, observer)


def _stop(observer: BaseObserver) -> None:
    observer.stop()
    observer.join()


class _Waker(FileSystemEventHandler):
    """Wakes the look up at each event that may mean a new or changed file."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Wake up, unless it is the echo of our own reading."""
        if isinstance(event, _WAKING):
            self._wake()


def _unusable(box: DropBox, fault: OSError) -> Permanent:
    return Permanent(f"{box.folder.inbox} cannot be used: {fault.strerror or fault}")
