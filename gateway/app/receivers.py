"""One thread for each folder at a partner: none waits for another, and none stops another.

A fault is told once and again when its reason changes; the folder is tried again after a pause that
doubles. `gateway partners looks` shows how each one's last look ended.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.clock import Clock
from gateway.errors import GatewayError, first_line
from gateway.pipeline.polling_port import Look
from gateway.pipeline.ports import Inbound, Received
from gateway.transports.directory.box import Waiting

_WAIT = 1.0
"""How long one call waits before the loop asks whether to stop."""

_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 15 * 60.0

_PATIENCE = 10.0
"""How long threads may take to finish what they received; then their connections are closed."""

_STOPPING = 60.0
"""How long a thread may take to end after that: every wait of a transport has an end."""

log = structlog.get_logger()


class Polled(Inbound, Protocol):
    """An inbound transport that looks at a folder by a schedule."""

    @property
    def place(self) -> str:
        """Name the folder for people: `partner/connection:folder`."""

    @property
    def looks(self) -> int:
        """Return how many looks came to their end."""

    @property
    def idle(self) -> bool:
        """Say whether nothing is to be had before the next look by schedule."""

    @property
    def waiting(self) -> list[Waiting]:
        """Return what was seen and not taken, with the reasons."""

    def interrupt(self) -> None:
        """Let a call that waits return; nothing is received from now on."""

    def abort(self) -> None:
        """Let a call that waits for the partner end with Transient."""


@dataclass(slots=True)
class _State:
    """How one folder is doing."""

    fault: str = ""
    since: datetime | None = None
    failures: int = 0
    looks: int = 0


class Receivers:
    """The threads of all folders."""

    def __init__(
        self,
        folders: Sequence[Polled],
        take: Callable[[Sequence[Received]], object],
        note: Callable[[Look], None],
        *,
        clock: Clock,
        first_pause: float = _FIRST_PAUSE,
        patience: float = _PATIENCE,
    ) -> None:
        self._take = take
        self._note = note
        self._clock = clock
        self._first_pause = first_pause
        self._patience = patience
        self._stopping = threading.Event()
        self._states = {folder.place: _State() for folder in folders}
        self._folders = folders
        self._threads: list[threading.Thread] = []
        # Only spreads retries in time; nothing secret depends on it.
        self._random = Random()  # noqa: S311

    def start(self) -> None:
        """Begin to look."""
        for folder in self._folders:
            thread = threading.Thread(
                target=self._run, args=(folder,), name=f"poll-{folder.place}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Let every thread finish what it received, and end; do not wait long for a partner."""
        self._stopping.set()
        for folder in self._folders:
            folder.interrupt()
        deadline = time.monotonic() + self._patience
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        for folder, thread in zip(self._folders, self._threads, strict=False):
            if thread.is_alive():
                folder.abort()
        for thread in self._threads:
            thread.join(_STOPPING)

    @property
    def busy(self) -> bool:
        """Say whether any folder has more to be had now: one that fails has not."""
        return any(self._is_busy(folder, self._states[folder.place]) for folder in self._folders)

    @property
    def waiting(self) -> list[Waiting]:
        """Return what was seen and not taken, and which folders cannot be looked through."""
        left = [waiting for folder in self._folders for waiting in folder.waiting]
        for place, state in self._states.items():
            if state.fault:
                partner, _, where = place.partition("/")
                left.append(Waiting(partner, where, state.fault))
        return left

    def _is_busy(self, folder: Polled, state: _State) -> bool:
        # What a look brought is not durable before this thread has counted the look.
        return not state.fault and (not folder.idle or folder.looks != state.looks)

    def _run(self, folder: Polled) -> None:
        state = self._states[folder.place]
        try:
            while not self._stopping.is_set():
                try:
                    self._receive(folder, state)
                except (GatewayError, SQLAlchemyError) as fault:
                    self._fails(folder, state, first_line(fault))
                except Exception as fault:  # a bug met here must not stop it for good
                    log.exception("folder_bug", folder=folder.place)
                    self._fails(folder, state, f"{type(fault).__name__}: {first_line(fault)}")
        finally:
            with suppress(GatewayError, SQLAlchemyError):  # a lease that is not given back ends
                folder.close()

    def _receive(self, folder: Polled, state: _State) -> None:
        batch = folder.receive(_WAIT)
        if batch:
            self._take(batch)
        if folder.looks != state.looks:
            state.looks = folder.looks
            self._succeeds(folder, state)

    def _succeeds(self, folder: Polled, state: _State) -> None:
        now = self._clock()
        if state.fault:
            log.info("folder_well_again", folder=folder.place)
        if state.fault or state.since is None:
            state.since = now
        state.fault, state.failures = "", 0
        self._keep(folder, state, now)

    def _fails(self, folder: Polled, state: _State, reason: str) -> None:
        if self._stopping.is_set():
            return  # what was interrupted says nothing about the partner
        now = self._clock()
        if reason != state.fault:
            log.warning("folder_unwell", folder=folder.place, reason=reason)
            state.since = now
        state.fault = reason
        state.failures += 1
        self._keep(folder, state, now)
        doubled = self._first_pause * float(2 ** min(state.failures - 1, 20))
        self._stopping.wait(min(doubled, _LONGEST_PAUSE) * (0.75 + self._random.random() / 2))

    def _keep(self, folder: Polled, state: _State, now: datetime) -> None:
        try:
            self._note(Look(folder.place, now, state.fault, state.since or now))
        except SQLAlchemyError as fault:
            # Only what people are shown; the next look writes it again.
            log.warning("look_not_kept", folder=folder.place, reason=first_line(fault))
