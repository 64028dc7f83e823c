"""What people look at of what partners said: the verbs of `AcknowledgmentDesk`."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.pipeline.flow import AwaitedStatus
from gateway.pipeline.reconciliation_records import AcknowledgmentRecord, GapRecord
from gateway.pipeline.records import OutgoingRecord
from gateway.store import rows
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
