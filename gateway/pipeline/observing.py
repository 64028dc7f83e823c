"""Tells the observer of transitions; one that fails must not stop what it observes.

What is told beside the id is what a person looks for in a log: where to, why, when next, and the
correlation id, which is the payload's and goes with all that came of it.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from gateway.clock import Clock
from gateway.pipeline.bugs import guarded
from gateway.pipeline.lane_records import LaneRecord
from gateway.pipeline.outcome import Quarantine
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.ports import Event, Observer
from gateway.pipeline.records import DeliveryRecord
from gateway.pipeline.states import DeliveryState, OutgoingState, Subject

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
        told = guarded(lambda: self._observer(event))
        if isinstance(told, Quarantine):
            log.warning("observer_failed", observed=event.name, id=id_, exception=told.traceback)


def about_delivery(delivery: DeliveryRecord, outcome: str, answer: str) -> Mapping[str, str]:
    """Return what is told of a delivery after an attempt."""
    details = {
        "destination": delivery.destination,
        "correlation_id": delivery.correlation_id,
        "document": delivery.document_id,
        "attempt": str(delivery.attempt),
        "outcome": outcome,
    }
    if outcome != "delivered":
        details["reason"] = answer
    if delivery.state == DeliveryState.DUE:
        details["next_attempt"] = delivery.due_at.isoformat()
    return details


def about_outgoing(sent: OutgoingRecord) -> Mapping[str, str]:
    """Return what is told of an acknowledgment after an attempt."""
    details = {
        "partner": sent.partner,
        "correlation_id": sent.correlation_id,
        "attempt": str(sent.attempt),
    }
    if sent.last_error is not None:
        details["reason"] = sent.last_error
    if sent.state == OutgoingState.DUE:
        details["next_attempt"] = sent.due_at.isoformat()
    return details


def tell_of_circuit(what: str, name: str, before: LaneRecord, after: LaneRecord) -> None:
    """Log that the circuit breaker of a destination or a partner opened or closed."""
    about = {what: name}
    if after.open_until is not None and after.open_until != before.open_until:
        until = after.open_until.isoformat()
        log.warning("circuit_opened", **about, failures=after.failures, until=until)
    elif before.open_until is not None and after.open_until is None:
        log.info("circuit_closed", **about)
