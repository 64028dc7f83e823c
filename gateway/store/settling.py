"""The statements that settle a batch, made once: building one costs more than running it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from gateway.pipeline.states import DeliveryState, OutgoingState
from gateway.store.tables import attempts, deliveries, documents, outgoing_interchanges

SETTLED = ("id", "attempt", "state", "due_at", "allowance", "last_error", "owner", "reason")
TRIED = ("delivery_id", "attempt", "ended_at", "outcome", "answer")
SETTLED_OUTGOING = (
    "id",
    "attempt",
    "state",
    "due_at",
    "sent_at",
    "acknowledgment_due_at",
    "last_error",
)
"""Columns of a delivery, an attempt, an outgoing interchange that settling writes, keys first."""


def parameters(record: object, names: Sequence[str]) -> dict[str, Any]:
    """Return what a statement needs of a record."""
    return {f"new_{name}": getattr(record, name) for name in names}


def _new(names: Sequence[str]) -> dict[str, sa.BindParameter[Any]]:
    return {name: sa.bindparam(f"new_{name}") for name in names}


SETTLE_DELIVERY = (
    sa.update(deliveries)
    .where(
        deliveries.c.id == sa.bindparam("new_id"),
        deliveries.c.attempt == sa.bindparam("new_attempt"),
        deliveries.c.state == DeliveryState.CLAIMED,
    )
    .values(_new(SETTLED[2:]))
)
SETTLE_ATTEMPT = (
    sa.update(attempts)
    .where(
        attempts.c.delivery_id == sa.bindparam("new_delivery_id"),
        attempts.c.attempt == sa.bindparam("new_attempt"),
    )
    .values(_new(TRIED[2:]))
)
SETTLE_OUTGOING = (
    sa.update(outgoing_interchanges)
    .where(
        outgoing_interchanges.c.id == sa.bindparam("new_id"),
        outgoing_interchanges.c.attempt == sa.bindparam("new_attempt"),
        outgoing_interchanges.c.state == OutgoingState.DUE,
    )
    .values(_new(SETTLED_OUTGOING[2:]))
)

NUMBERED = (
    "document_id",
    "outgoing_id",
    "group_control_number",
    "control_number",
    "start",
    "end",
)
"""Columns of a document of ours that its numbers and its place are kept in, its id first."""

ENVELOPE = (
    sa.update(documents)
    .where(documents.c.id == sa.bindparam("new_document_id"))
    .values(_new(NUMBERED[1:]))
)
