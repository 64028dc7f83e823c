"""Receiving from the drop boxes: until told to stop, or until nothing is left."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from gateway.app.receivers import Receivers
from gateway.clock import Clock
from gateway.errors import first_line
from gateway.pipeline.pipeline import Pipeline
from gateway.pipeline.store_port import Desk, LostRace, database_is_unwell
from gateway.transports.directory.box import Waiting
from gateway.transports.directory.inbound import Inbound

_LOOK_SECONDS = 1.0
"""How long one call waits for payloads before the loop asks whether to stop."""

_DRAIN_SECONDS = 0.1

log = structlog.get_logger()


class Receiving:
    """Takes payloads out of the drop boxes of one instance into its pipeline."""

    def __init__(self, pipeline: Pipeline, inbound: Inbound, desk: Desk, *, clock: Clock) -> None:
        self._pipeline = pipeline
        self._inbound = inbound
        self._desk = desk
        self._clock = clock

    def until(self, stopping: threading.Event, replaced: Callable[[], bool]) -> None:
        """Receive payloads until told to stop, or replaced."""
        while not stopping.is_set() and not replaced():
            self._receive(_LOOK_SECONDS, stopping)

    def drain(self, stopping: threading.Event, receivers: Receivers | None) -> list[Waiting]:
        """Receive and finish what is there; return the files that are not whole yet."""
        while not stopping.is_set():
            received = self._receive(_DRAIN_SECONDS, stopping)
            busy = received or self._inbound.unsettled or (receivers and receivers.busy)
            if not busy and not any(self._desk.backlog(self._clock()).values()):
                break
        return [*self._inbound.waiting, *(receivers.waiting if receivers else [])]

    def _receive(self, wait: float, stopping: threading.Event) -> int:
        """Receive one batch; a database that is unwell is waited for, and nothing is lost."""
        batch = self._inbound.receive(wait)
        if not batch:
            return 0
        try:
            return len(self._pipeline.receive(batch))
        except (SQLAlchemyError, LostRace) as fault:
            if not database_is_unwell(fault):
                raise
            log.warning("payloads_not_stored", reason=first_line(fault))
            stopping.wait(_LOOK_SECONDS)
            return len(batch)
