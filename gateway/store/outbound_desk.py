"""What people look at of what goes to partners: the verbs of `outbox_port.OutboundDesk`."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.pipeline.collected_records import CollectedRecord
from gateway.pipeline.outgoing_records import (
    HoldRecord,
    OutgoingRecord,
    OutgoingSetRecord,
    SeriesRecord,
    WaitingRecord,
)
from gateway.store import rows
from gateway.store.collected import waiting_for
from gateway.store.tables import (
    control_numbers,
    holds,
    outgoing_interchanges,
    outgoing_sets,
    waiting_sets,
)


class SqlOutboundDesk:
    """The queries behind lists of what goes out; each opens its own short transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def outgoing(
        self, state: str | None = None, partner: str | None = None, limit: int = 100
    ) -> list[OutgoingRecord]:
        """List outgoing interchanges, newest first."""
        table = outgoing_interchanges
        query = sa.select(*rows.columns(OutgoingRecord))
        if state is not None:
            query = query.where(table.c.state == state)
        if partner is not None:
            query = query.where(table.c.partner == partner)
        query = query.order_by(table.c.created_at.desc(), table.c.name.desc()).limit(limit)
        with self._engine.connect() as connection:
            return rows.read(connection, OutgoingRecord, query)

    def waiting(self, partner: str | None = None) -> list[WaitingRecord]:
        """List what waits for an interchange, held or not, oldest first."""
        query = sa.select(*rows.columns(WaitingRecord))
        if partner is not None:
            query = query.where(waiting_sets.c.partner == partner)
        query = query.order_by(waiting_sets.c.submitted_at, waiting_sets.c.document_id)
        with self._engine.connect() as connection:
            return rows.read(connection, WaitingRecord, query)

    def acknowledgments_waiting(self, partner: str | None = None) -> list[CollectedRecord]:
        """List the acknowledgments that wait to go out with others, oldest first."""
        with self._engine.connect() as connection:
            return waiting_for(connection, partner)

    def holds(self) -> list[HoldRecord]:
        """List the partners to whom nothing new goes out."""
        query = sa.select(*rows.columns(HoldRecord)).order_by(holds.c.partner)
        with self._engine.connect() as connection:
            return rows.read(connection, HoldRecord, query)

    def series(self) -> list[SeriesRecord]:
        """List the sequences of control numbers by their names."""
        query = sa.select(*rows.columns(SeriesRecord)).order_by(control_numbers.c.series)
        with self._engine.connect() as connection:
            return rows.read(connection, SeriesRecord, query)

    def beginning(self, outgoing_id: str) -> OutgoingRecord | None:
        """Return one outgoing interchange; a unique beginning of its id is enough."""
        query = (
            sa.select(*rows.columns(OutgoingRecord))
            .where(outgoing_interchanges.c.id.startswith(outgoing_id, autoescape=True))
            .limit(2)
        )
        with self._engine.connect() as connection:
            found = rows.read(connection, OutgoingRecord, query)
        return found[0] if len(found) == 1 else None

    def sets_of(self, outgoing_id: str) -> list[OutgoingSetRecord]:
        """List the sets of an outgoing interchange, in their order."""
        query = (
            sa.select(*rows.columns(OutgoingSetRecord))
            .where(outgoing_sets.c.outgoing_id == outgoing_id)
            .order_by(outgoing_sets.c.start)
        )
        with self._engine.connect() as connection:
            return rows.read(connection, OutgoingSetRecord, query)
