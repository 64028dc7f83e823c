"""Tells the observer of transitions; one that fails must not stop what it observes."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from gateway.clock import Clock
from gateway.pipeline.flow import Subject
from gateway.pipeline.ports import Event, Observer

log = structlog.get_logger()


class Announcer:
    """Makes events and hands them on."""

    def __init__(self, observer: Observer, clock: Clock) -> None:
        self._observer = observer
        self._clock = clock

    def tell(
        self, subject: Subject, verb: str, id_: str, details: Mapping[str, str] | None = None
    ) -> None:
        """Tell that a subject did what the verb says."""
        event = Event(subject, verb, id_, self._clock(), details or {})
        try:
            self._observer(event)
        except Exception:
            log.warning("observer_failed", observed=event.name, id=id_, exc_info=True)
