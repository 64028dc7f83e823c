"""What people look at: the verbs of `store_port.Desk`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from gateway.mapping.plan import Json
from gateway.mapping.recall import Asked
from gateway.pipeline.memory import InHand
from gateway.pipeline.overview import Overview
from gateway.pipeline.records import (
    DocumentRecord,
    InterchangeRecord,
    PayloadRecord,
    TimelineRecord,
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
from gateway.store.alerts import SqlAlertDesk
from gateway.store.backlog import backlog
from gateway.store.document_view import view_of
from gateway.store.lane_desk import SqlLaneDesk
from gateway.store.outbound_desk import SqlOutboundDesk
from gateway.store.overview import overview
from gateway.store.tables import (
    business_keys,
    documents,
    interchanges,
    payloads,
    timeline,
)

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
            return view_of(connection, found[0]) if len(found) == 1 else None

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
        """Count what is not finished: payloads to read, and what is due now to anybody."""
        with self._engine.connect() as connection:
            return backlog(connection, now)

    def overview(self, now: datetime) -> Overview:
        """Count what waits for a person, and tell which processes live."""
        with self._engine.connect() as connection:
            return overview(connection, now)
