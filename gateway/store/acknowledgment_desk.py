"""What people look at of what partners said: the verbs of `AcknowledgmentDesk`."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.reconciliation_records import Acknowledged, AcknowledgmentRecord, GapRecord
from gateway.pipeline.states import AwaitedStatus
from gateway.store import lists, rows
from gateway.store.tables import gaps, outgoing_interchanges, received_acknowledgments


class SqlAcknowledgmentDesk:
    """The queries behind lists of acknowledgments; each opens its own short transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def received(
        self,
        *,
        partner: str | None = None,
        standing: str | None = None,
        outgoing_id: str | None = None,
        limit: int = 100,
    ) -> list[AcknowledgmentRecord]:
        """List what partners said of what we sent, newest first."""
        table = received_acknowledgments
        wanted = {"partner": partner, "standing": standing, "outgoing_id": outgoing_id}
        query = (
            sa.select(*rows.columns(AcknowledgmentRecord))
            .where(*(table.c[name] == value for name, value in wanted.items() if value is not None))
            .order_by(table.c.at.desc(), table.c.id)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return rows.read(connection, AcknowledgmentRecord, query)

    def acknowledged_by(self, interchange_id: str, limit: int) -> list[Acknowledged]:
        """List what an interchange that came in said of what we sent, in the order of numbers."""
        table = received_acknowledgments
        query = (
            sa.select(*rows.columns(AcknowledgmentRecord))
            .where(table.c.interchange_id == interchange_id)
            .order_by(table.c.level, table.c.control_number, table.c.id)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            found = rows.read(connection, AcknowledgmentRecord, query)
            ids = [one.document_id for one in found if one.document_id is not None]
            keys = lists.keys_of(connection, ids)
        return [
            Acknowledged(
                one, tuple((key.name, key.value) for key in keys.get(one.document_id or "", ()))
            )
            for one in found
        ]

    def overdue(self, partner: str | None = None, limit: int = 100) -> list[OutgoingRecord]:
        """List interchanges whose acknowledgment is overdue, the longest first."""
        table = outgoing_interchanges
        query = sa.select(*rows.columns(OutgoingRecord)).where(
            table.c.acknowledgment == AwaitedStatus.OVERDUE
        )
        if partner is not None:
            query = query.where(table.c.partner == partner)
        query = query.order_by(table.c.created_at, table.c.id).limit(limit)
        with self._engine.connect() as connection:
            return rows.read(connection, OutgoingRecord, query)

    def gaps(self, partner: str | None = None, limit: int = 100) -> list[GapRecord]:
        """List control numbers that were left out, by sender and number."""
        query = sa.select(*rows.columns(GapRecord))
        if partner is not None:
            query = query.where(gaps.c.partner == partner)
        query = query.order_by(gaps.c.sender, gaps.c.receiver, gaps.c.number).limit(limit)
        with self._engine.connect() as connection:
            return rows.read(connection, GapRecord, query)
