"""What people look at: the verbs of `store_port.Desk`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from gateway.mapping.plan import Json
from gateway.mapping.recall import Asked
from gateway.pipeline import lane_names
from gateway.pipeline.alerts import TARGETS
from gateway.pipeline.exchange_records import ExchangeRecord
from gateway.pipeline.memory import InHand
from gateway.pipeline.outgoing_records import HoldRecord, OutgoingRecord, WaitingRecord
from gateway.pipeline.overview import Overview
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
from gateway.pipeline.states import (
    DeliveryState,
    NoticeState,
    OutgoingState,
    PayloadState,
    WaitingState,
)
from gateway.pipeline.views import (
    DocumentFilter,
    DocumentSummary,
    DocumentView,
    InterchangeFilter,
    InterchangeSummary,
)
from gateway.store import lists, memory, rows
from gateway.store.acknowledgment_desk import SqlAcknowledgmentDesk
from gateway.store.alert_tables import notices
from gateway.store.alerts import SqlAlertDesk
from gateway.store.collected import answers_to, due_together
from gateway.store.exchange_tables import exchanges
from gateway.store.exports import unfinished_exports
from gateway.store.lane_desk import SqlLaneDesk
from gateway.store.outbound_desk import SqlOutboundDesk
from gateway.store.overview import overview
from gateway.store.related import related
from gateway.store.tables import (
    attempts,
    business_keys,
    deliveries,
    documents,
    findings,
    holds,
    interchanges,
    lanes,
    outgoing_interchanges,
    outgoing_sets,
    payloads,
    received_acknowledgments,
    timeline,
    waiting_sets,
)
from gateway.store.turns import first_before

_R = TypeVar("_R")

_WHOLE_ID = 36
"""Characters of an id of ours."""


class SqlDesk:
    """The queries behind lists and pages; each opens its own short transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self.outbound = SqlOutboundDesk(engine)
        self.lanes = SqlLaneDesk(engine)
        self.acknowledgments = SqlAcknowledgmentDesk(engine)
        self.alerts = SqlAlertDesk(engine)

    def documents(self, wanted: DocumentFilter) -> list[DocumentSummary]:
        """List documents, newest first."""
        with self._engine.connect() as connection:
            return lists.documents_like(connection, wanted)

    def document(self, document_id: str) -> DocumentView | None:
        """Return one document whole; a unique beginning of its id is enough."""
        with self._engine.connect() as connection:
            # A whole id is looked up by the index, which SQLite's LIKE does not take.
            whole = len(document_id) == _WHOLE_ID
            called = documents.c.id == document_id
            if not whole:
                called = documents.c.id.startswith(document_id, autoescape=True)
            query = sa.select(*rows.columns(DocumentRecord)).where(called).limit(2)
            found = rows.read(connection, DocumentRecord, query)
            return _view(connection, found[0]) if len(found) == 1 else None

    def earlier(self, asked: Asked, in_hand: InHand) -> Mapping[str, Json] | None:
        """Return the last document before the one in hand that has what is asked for."""
        with self._engine.connect() as connection:
            return memory.earlier(connection, asked, in_hand)

    def keys_beginning(self, text: str, limit: int) -> list[str]:
        """Return business keys that begin with a text, in their order."""
        value = business_keys.c.value
        query = (
            sa.select(value)
            .distinct()
            # SQLite's LIKE takes no index, so that the index is told where the range begins.
            # PostgreSQL's order is that of a language, where such a range would lose some.
            .where(value.startswith(text, autoescape=True))
            .order_by(value)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                query = query.where(value >= text, value < text + chr(0x10FFFF))
            return list(connection.scalars(query))

    def payloads(self, state: str | None = None, limit: int = 100) -> list[PayloadRecord]:
        """List payloads without their content, newest first."""
        query = sa.select(*rows.columns(PayloadRecord, without=("content",)))
        if state is not None:
            query = query.where(payloads.c.state == state)
        query = query.order_by(payloads.c.received_at.desc(), payloads.c.id).limit(limit)
        with self._engine.connect() as connection:
            return rows.read(connection, PayloadRecord, query)

    def timeline(self, subject_id: str, limit: int) -> list[TimelineRecord]:
        """Return the newest entries of one subject, oldest first."""
        query = (
            sa.select(*rows.columns(TimelineRecord))
            .where(timeline.c.subject_id == subject_id)
            .order_by(timeline.c.at.desc(), timeline.c.id.desc())
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return rows.read(connection, TimelineRecord, query)[::-1]

    def payload(self, payload_id: str) -> PayloadRecord | None:
        """Return one payload without its content."""
        query = sa.select(*rows.columns(PayloadRecord, without=("content",)))
        query = query.where(payloads.c.id == payload_id)
        with self._engine.connect() as connection:
            return next(iter(rows.read(connection, PayloadRecord, query)), None)

    def interchanges(self, state: str | None = None, limit: int = 100) -> list[InterchangeRecord]:
        """List interchanges, newest first."""
        query = sa.select(*rows.columns(InterchangeRecord))
        if state is not None:
            query = query.where(interchanges.c.state == state)
        query = query.order_by(interchanges.c.received_at.desc(), interchanges.c.id).limit(limit)
        with self._engine.connect() as connection:
            return rows.read(connection, InterchangeRecord, query)

    def interchange_list(self, wanted: InterchangeFilter) -> list[InterchangeSummary]:
        """List interchanges with their files, acknowledgments and refusals, newest first."""
        with self._engine.connect() as connection:
            return lists.interchanges_like(connection, wanted)

    def content(self, payload_id: str, start: int = 0, length: int | None = None) -> bytes:
        """Return bytes of a payload: to its end, or so many of them."""
        span = [sa.literal(start + 1), *([] if length is None else [sa.literal(length)])]
        query = sa.select(sa.func.substr(payloads.c.content, *span)).where(
            payloads.c.id == payload_id
        )
        with self._engine.connect() as connection:
            return bytes(connection.scalar(query) or b"")

    def backlog(self, now: datetime) -> Mapping[str, int]:
        """Count what is not finished: payloads to read, and what is due now to anybody.

        One statement, and so one moment: work that goes on from a place not yet counted to one
        that was would be seen in neither.
        """
        # What a breaker, working hours, a rate or a person parks is not due before it goes on.
        resting = sa.select(lanes.c.lane).where(
            sa.or_(
                lanes.c.open_until > now, lanes.c.rests_until > now, lanes.c.paused_at.is_not(None)
            )
        )
        counts = {
            "payloads": sa.select(sa.func.count())
            .select_from(payloads)
            .where(payloads.c.state == PayloadState.RECEIVED),
            "deliveries": sa.select(sa.func.count())
            .select_from(deliveries)
            .where(
                deliveries.c.state.in_((DeliveryState.DUE, DeliveryState.CLAIMED)),
                # One that was never tried waits for no later attempt. Where it is due later, it
                # was put off for a second, since an earlier payload was being read.
                sa.or_(deliveries.c.due_at <= now, deliveries.c.attempt == 0),
                (sa.literal(lane_names.deliver("")) + deliveries.c.destination).not_in(resting),
            ),
            "interchanges": sa.select(sa.func.count())
            .select_from(interchanges)
            .where(interchanges.c.state == "received"),
            "outgoing": sa.select(sa.func.count())
            .select_from(outgoing_interchanges)
            .where(
                outgoing_interchanges.c.state == OutgoingState.DUE,
                outgoing_interchanges.c.due_at <= now,
                (sa.literal(lane_names.send("")) + outgoing_interchanges.c.partner).not_in(resting),
            ),
            "waiting": sa.select(sa.func.count())
            .select_from(waiting_sets)
            .where(
                waiting_sets.c.state == WaitingState.WAITING,
                waiting_sets.c.due_at <= now,
                waiting_sets.c.partner.not_in(sa.select(holds.c.partner)),
            ),
            "gathered": due_together(now),
            "notices": _untold(now),
            **unfinished_exports(now),
        }
        together = sa.select(*(one.scalar_subquery().label(name) for name, one in counts.items()))
        with self._engine.connect() as connection:
            return dict(connection.execute(together).mappings().one())

    def overview(self, now: datetime) -> Overview:
        """Count what waits for a person, and tell which processes live."""
        with self._engine.connect() as connection:
            return overview(connection, now)


def _untold(now: datetime) -> sa.Select[Any]:
    """Count what is to be told of alerts: what is due, and lanes that were woken for it."""
    due = sa.select(notices.c.target).where(
        notices.c.state == NoticeState.DUE, notices.c.due_at <= now
    )
    woken = sa.select(lanes.c.lane).where(
        lanes.c.lane.in_([lane_names.notify(target) for target in TARGETS]), lanes.c.wakes > 0
    )
    return sa.select(sa.func.count()).select_from(sa.union_all(due, woken).subquery())


def _view(connection: sa.Connection, document: DocumentRecord) -> DocumentView:
    """Gather everything about a document."""

    def of(kind: type[_R], *conditions: sa.ColumnElement[bool]) -> tuple[_R, ...]:
        query = sa.select(*rows.columns(kind)).where(*conditions)
        return tuple(rows.read(connection, kind, query))

    payload = rows.read(
        connection,
        PayloadRecord,
        sa.select(*rows.columns(PayloadRecord, without=("content",))).where(
            payloads.c.id == document.payload_id
        ),
    )[0]
    came_in = document.interchange_id
    interchange = next(iter(of(InterchangeRecord, interchanges.c.id == came_in)), None)
    outgoing = next(
        iter(of(OutgoingRecord, outgoing_interchanges.c.id == document.outgoing_id)), None
    )
    owed = of(DeliveryRecord, deliveries.c.document_id == document.id)
    delivery_ids = [delivery.id for delivery in owed]
    # Documents of ours answer nothing, and neither do the interchanges that carry them.
    told = answers_to(connection, [came_in]) if came_in is not None else []
    subjects = [document.payload_id, document.id, *delivery_ids]
    subjects += [one for one in (came_in, document.outgoing_id) if one is not None]
    subjects += [acknowledgment.id for acknowledgment in told]
    tries = of(AttemptRecord, attempts.c.delivery_id.in_(delivery_ids))
    said = of(ExchangeRecord, exchanges.c.delivery_id.in_(delivery_ids))
    return DocumentView(
        document=document,
        payload=payload,
        interchange=interchange,
        outgoing=outgoing,
        waiting=next(iter(of(WaitingRecord, waiting_sets.c.document_id == document.id)), None),
        hold=next(iter(of(HoldRecord, holds.c.partner == document.partner)), None),
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
