"""What the store keeps of documents, in the shapes of answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

import orjson

from gateway.api import models
from gateway.findings import Finding, Level, Location, Severity
from gateway.pipeline.outcome import Reason
from gateway.pipeline.reconciliation_records import AcknowledgedLevel, Standing
from gateway.pipeline.records import AttemptRecord, BusinessKeyRecord, DocumentRecord, FindingRecord
from gateway.pipeline.states import (
    DeliveryState,
    DeliveryStatus,
    OutgoingState,
    ValidationStatus,
    WaitingState,
)
from gateway.pipeline.views import DocumentSummary, DocumentView

BASE = "/api/v1"

MaySee = Callable[[str], bool]
"""Says whether a partner's documents are the caller's business."""

_OURS = "a fault of ours, which a person looks at"
"""What is told of a bug."""

Shown = Callable[[str], str]
"""Returns a text without the places of this machine that it names."""


def location(document_id: str) -> str:
    """Return where a document is."""
    return f"{BASE}/documents/{document_id}"


def status(validation: str, delivery: str, acknowledgment: str) -> models.Status:
    """Return the three statuses."""
    return models.Status(
        validation=ValidationStatus(validation),
        delivery=DeliveryStatus(delivery),
        acknowledgment=acknowledgment,
    )


def summary(one: DocumentSummary) -> models.Summary:
    """Return a document as it stands in a list."""
    return models.Summary(**_head(one.document, one.payload_name, one.keys))


def document(view: DocumentView, shown: Shown, *, may_see: MaySee) -> models.Document:
    """Return everything that a caller may know of a document."""
    record = view.document
    content = record.canonical
    return models.Document(
        **_head(record, view.payload.name, view.keys),
        content=orjson.loads(content) if content is not None else None,
        map=record.map,
        map_version=record.map_hash if record.map is not None else None,
        raw=f"{location(record.id)}/raw",
        interchange=_interchange(view),
        waiting=_waiting(view),
        findings=[kept_finding(one) for one in view.findings],
        deliveries=_deliveries(view),
        acknowledgment=_acknowledgment(view),
        related=[summary(one) for one in view.related if may_see(one.document.partner)],
        timeline=[
            models.Entry(
                at=entry.at, subject=entry.subject, verb=entry.verb, detail=shown(entry.detail)
            )
            for entry in view.timeline
        ],
    )


def finding(one: Finding, severity: Severity) -> models.Finding:
    """Return what was found just now."""
    return models.Finding(
        code=one.code,
        level=one.level,
        severity=severity,
        field=one.field,
        place=one.location.reference or None,
        value=one.value,
        detail=one.detail,
    )


def kept_finding(record: FindingRecord) -> models.Finding:
    """Return what was found before."""
    place = Location(**orjson.loads(record.location or "{}")).reference
    return models.Finding(
        code=record.code,
        level=Level(record.level),
        severity=Severity(record.severity),
        field=record.field,
        place=place or None,
        value=record.value,
        detail=record.detail,
    )


def _head(
    record: DocumentRecord, name: str, keys: Iterable[BusinessKeyRecord]
) -> dict[str, object]:
    return {
        "id": record.id,
        "location": location(record.id),
        "direction": record.direction,
        "type": record.document_type,
        "partner": record.partner,
        "set": record.set_id,
        "x12_version": record.version,
        "usage": record.usage,
        "received_at": record.received_at,
        "name": name,
        "keys": [models.Key(name=key.name, value=key.value) for key in keys],
        "status": status(record.validation, record.delivery, record.acknowledgment),
        "reason": record.reason,
        "because": record.because,
        "owner": record.owner,
    }


def _interchange(view: DocumentView) -> models.Interchange | None:
    found = view.interchange or view.outgoing
    if found is None:
        return None
    return models.Interchange(
        control_number=found.control_number,
        group_control_number=view.document.group_control_number,
        set_control_number=view.document.control_number,
        sender=found.sender,
        receiver=found.receiver,
        state=found.state,
        sent_at=view.outgoing.sent_at if view.outgoing is not None else None,
    )


def _waiting(view: DocumentView) -> models.Waiting | None:
    waiting, hold = view.waiting, view.hold
    if waiting is None:
        return None
    because = waiting.because or (hold.because if hold is not None else None)
    return models.Waiting(state=WaitingState(waiting.state), due_at=waiting.due_at, because=because)


def _deliveries(view: DocumentView) -> list[models.Delivery]:
    attempts: defaultdict[str, list[AttemptRecord]] = defaultdict(list)
    for tried in view.attempts:
        attempts[tried.delivery_id].append(tried)
    return [
        models.Delivery(
            destination=one.destination,
            state=DeliveryState(one.state),
            generation=one.generation,
            due_at=one.due_at,
            idempotency_key=one.idempotency_key,
            last_error=_OURS if one.reason == Reason.BUG else one.last_error,
            attempts=[_attempt(tried) for tried in attempts[one.id]],
        )
        for one in view.deliveries
    ]


def _attempt(tried: AttemptRecord) -> models.Attempt:
    return models.Attempt(
        number=tried.attempt,
        started_at=tried.started_at,
        ended_at=tried.ended_at,
        outcome=tried.outcome,
        # What is kept of a bug is its traceback, which is for us.
        answer=_OURS if tried.outcome == "bug" else tried.answer,
    )


def _acknowledgment(view: DocumentView) -> models.Acknowledgment:
    return models.Acknowledgment(
        status=view.document.acknowledgment,
        due_at=view.outgoing.acknowledgment_due_at if view.outgoing is not None else None,
        sent=[
            models.OurAcknowledgment(
                kind=one.kind,
                control_number=one.control_number,
                state=OutgoingState(one.state),
                sent_at=one.sent_at,
            )
            for one in view.acknowledgments
        ],
        received=[
            models.TheirAcknowledgment(
                kind=one.kind,
                at=one.at,
                level=AcknowledgedLevel(one.level),
                verdict=one.verdict,
                standing=Standing(one.standing),
                detail=one.detail,
            )
            for one in view.verdicts
        ],
    )
