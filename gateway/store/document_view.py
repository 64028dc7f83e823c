"""Everything about one document: where it came from, what it owes, and what was said of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

import sqlalchemy as sa

from gateway.pipeline.exchange_records import ExchangeRecord
from gateway.pipeline.outgoing_records import HoldRecord, OutgoingRecord, WaitingRecord
from gateway.pipeline.reconciliation_records import AcknowledgedLevel, AcknowledgmentRecord
from gateway.pipeline.records import (
    AttemptRecord,
    DeliveryRecord,
    DocumentRecord,
    FindingRecord,
    InterchangeRecord,
    PayloadRecord,
    TimelineRecord,
)
from gateway.pipeline.views import (
    DocumentView,
)
from gateway.store import lists, rows
from gateway.store.collected import answers_to
from gateway.store.exchange_tables import exchanges
from gateway.store.related import related
from gateway.store.tables import (
    attempts,
    deliveries,
    findings,
    holds,
    interchanges,
    outgoing_interchanges,
    outgoing_sets,
    payloads,
    received_acknowledgments,
    timeline,
    waiting_sets,
)
from gateway.store.turns import first_before

_R = TypeVar("_R")


def view_of(connection: sa.Connection, document: DocumentRecord) -> DocumentView:
    """Gather everything about a document."""

    def of(kind: type[_R], *conditions: sa.ColumnElement[bool]) -> tuple[_R, ...]:
        query = sa.select(*rows.columns(kind)).where(*conditions)
        return tuple(rows.read(connection, kind, query))

    def one_of(kind: type[_R], condition: sa.ColumnElement[bool]) -> _R | None:
        return next(iter(of(kind, condition)), None)

    came_in = document.interchange_id
    owed = of(DeliveryRecord, deliveries.c.document_id == document.id)
    delivery_ids = [delivery.id for delivery in owed]
    # Documents of ours answer nothing, and neither do the interchanges that carry them.
    told = answers_to(connection, [came_in]) if came_in is not None else []
    about = [document.payload_id, document.id, came_in, document.outgoing_id, *delivery_ids]
    subjects = [one for one in (*about, *(one.id for one in told)) if one is not None]
    tries = of(AttemptRecord, attempts.c.delivery_id.in_(delivery_ids))
    said = of(ExchangeRecord, exchanges.c.delivery_id.in_(delivery_ids))
    return DocumentView(
        document=document,
        payload=_payload(connection, document),
        interchange=one_of(InterchangeRecord, interchanges.c.id == came_in),
        outgoing=one_of(OutgoingRecord, outgoing_interchanges.c.id == document.outgoing_id),
        waiting=one_of(WaitingRecord, waiting_sets.c.document_id == document.id),
        hold=one_of(HoldRecord, holds.c.partner == document.partner),
        raw=_raw(connection, document),
        keys=tuple(lists.keys_of(connection, [document.id])[document.id]),
        findings=tuple(_findings(connection, document)),
        deliveries=tuple(sorted(owed, key=lambda owed: (owed.generation, owed.destination))),
        attempts=tuple(sorted(tries, key=lambda tried: (tried.started_at, tried.attempt))),
        acknowledgments=tuple(told),
        timeline=_timeline(connection, subjects),
        verdicts=_verdicts(connection, document),
        exchanges=tuple(sorted(said, key=lambda one: (one.delivery_id, one.attempt, one.number))),
        related=tuple(related(connection, document)),
        held_behind=first_before(connection, owed),
    )


def _payload(connection: sa.Connection, document: DocumentRecord) -> PayloadRecord:
    """Return what a document came in, without its content."""
    query = sa.select(*rows.columns(PayloadRecord, without=("content",)))
    query = query.where(payloads.c.id == document.payload_id)
    return rows.read(connection, PayloadRecord, query)[0]


def _verdicts(
    connection: sa.Connection, document: DocumentRecord
) -> tuple[AcknowledgmentRecord, ...]:
    """Return what was said of a document of ours, and of all that it went out with.

    Of the numbers that it had before it was written anew, only what systems said of the document.
    """
    if document.direction != "out":
        return ()
    table, sent = received_acknowledgments, outgoing_sets.c
    ever = sa.select(sent.outgoing_id).where(sent.document_id == document.id)
    ours = table.c.document_id == document.id
    now = sa.and_(
        table.c.outgoing_id == document.outgoing_id, sa.or_(table.c.document_id.is_(None), ours)
    )
    before = sa.and_(
        table.c.outgoing_id.in_(ever), ours, table.c.level == AcknowledgedLevel.APPLICATION
    )
    query = (
        sa.select(*rows.columns(AcknowledgmentRecord))
        .where(sa.or_(now, before))
        .order_by(table.c.at, table.c.id)
    )
    return tuple(rows.read(connection, AcknowledgmentRecord, query))


def _findings(connection: sa.Connection, document: DocumentRecord) -> list[FindingRecord]:
    """Return the findings of a document and of its interchange's envelope, as they were made."""
    of_envelope = sa.and_(
        findings.c.interchange_id == document.interchange_id,
        findings.c.interchange_id.is_not(None),
        findings.c.document_id.is_(None),
    )
    query = (
        sa.select(*rows.columns(FindingRecord))
        .where(sa.or_(findings.c.document_id == document.id, of_envelope))
        .order_by(findings.c.id)
    )
    return rows.read(connection, FindingRecord, query)


def _raw(connection: sa.Connection, document: DocumentRecord) -> bytes:
    """Cut ST to SE out of what holds it, where it lies: that may be far larger than a set."""
    table, id_ = payloads, document.payload_id
    if document.direction == "out":
        if document.outgoing_id is None:
            return b""
        table, id_ = outgoing_interchanges, document.outgoing_id
    content = sa.func.substr(table.c.content, document.start + 1, document.end - document.start)
    return bytes(connection.scalar(sa.select(content).where(table.c.id == id_)) or b"")


def _timeline(connection: sa.Connection, subjects: Collection[str]) -> tuple[TimelineRecord, ...]:
    query = (
        sa.select(*rows.columns(TimelineRecord))
        .where(timeline.c.subject_id.in_(subjects))
        .order_by(timeline.c.at, timeline.c.id)
    )
    return tuple(rows.read(connection, TimelineRecord, query))
