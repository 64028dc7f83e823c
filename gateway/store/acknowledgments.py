"""What partners say of what we sent, in the database: `reconciliation_port.Acknowledgments`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from gateway.pipeline.outgoing_records import OutgoingRecord, OutgoingSetRecord
from gateway.pipeline.reconciliation_records import COUNTED, AcknowledgmentRecord, Standing
from gateway.pipeline.states import AwaitedStatus, DeliveryStatus, OutgoingState
from gateway.store import rows
from gateway.store.tables import (
    business_keys,
    documents,
    outgoing_interchanges,
    outgoing_sets,
    received_acknowledgments,
)

_MOST_SETS = 1000
"""Sets that are looked through for one; a group of ours has five hundred at most."""


class SqlAcknowledgments:
    """The verbs about what partners said of what we sent, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def claim(self, outgoing_ids: Collection[str]) -> Mapping[str, OutgoingRecord]:
        """Return interchanges as they are now, without their bytes.

        Nobody else judges them before the transaction ends.
        """
        rows.hold_writers(self._connection)
        table, found = outgoing_interchanges, []
        for chunk in rows.chunks(sorted(outgoing_ids)):
            query = (
                sa.select(*rows.columns(OutgoingRecord, without=("content",)))
                .where(table.c.id.in_(chunk))
                .order_by(table.c.id)
                .with_for_update()
            )
            found += rows.read(self._connection, OutgoingRecord, query)
        return {one.id: one for one in found}

    def counted(self, outgoing_id: str) -> list[AcknowledgmentRecord]:
        """Return what made verdicts on an interchange and what is in it."""
        table = received_acknowledgments
        query = (
            sa.select(*rows.columns(AcknowledgmentRecord))
            .where(table.c.outgoing_id == outgoing_id, table.c.standing.in_(COUNTED))
            .order_by(table.c.at, table.c.id)
        )
        return rows.read(self._connection, AcknowledgmentRecord, query)

    def known(self, ids: Collection[str]) -> Mapping[str, AcknowledgmentRecord]:
        """Return what was kept of what partners said, by its id."""
        found: list[AcknowledgmentRecord] = []
        for chunk in rows.chunks(sorted(ids)):
            query = sa.select(*rows.columns(AcknowledgmentRecord)).where(
                received_acknowledgments.c.id.in_(chunk)
            )
            found += rows.read(self._connection, AcknowledgmentRecord, query)
        return {one.id: one for one in found}

    def forget(self, ids: Collection[str]) -> None:
        """Remove what was kept of what partners said: it is told anew."""
        table = received_acknowledgments
        for chunk in rows.chunks(sorted(ids)):
            self._connection.execute(sa.delete(table).where(table.c.id.in_(chunk)))

    def sets_numbered(self, partner: str, group_control_number: str) -> list[OutgoingSetRecord]:
        """Return sets of groups with a number (GS06) to a partner, the newest first."""
        return self._sets(
            outgoing_sets.c.partner == partner,
            outgoing_sets.c.group_control_number == group_control_number,
        )

    def sets_with_number(
        self, partner: str, set_id: str, control_number: str
    ) -> list[OutgoingSetRecord]:
        """Return sets to a partner with this ST02, whatever zeros, the newest first."""
        bare = control_number.lstrip("0")
        return self._sets(
            outgoing_sets.c.partner == partner,
            outgoing_sets.c.set_id == set_id,
            outgoing_sets.c.control_number.in_([bare.zfill(digits) for digits in range(4, 10)]),
        )

    def sets_known_as(self, partner: str, value: str) -> list[OutgoingSetRecord]:
        """Return sets of documents to a partner with this as a business key, the newest first."""
        known = sa.select(business_keys.c.document_id).where(business_keys.c.value == value)
        return self._sets(
            outgoing_sets.c.partner == partner, outgoing_sets.c.document_id.in_(known)
        )

    def _sets(self, *conditions: sa.ColumnElement[bool]) -> list[OutgoingSetRecord]:
        table = outgoing_interchanges
        query = (
            sa.select(*rows.columns(OutgoingSetRecord))
            .join(table, table.c.id == outgoing_sets.c.outgoing_id)
            .where(*conditions)
            .order_by(table.c.created_at.desc(), outgoing_sets.c.start)
            .limit(_MOST_SETS)
        )
        return rows.read(self._connection, OutgoingSetRecord, query)

    def judge(self, outgoing_id: str, sources: Collection[str], **values: object) -> bool:
        """Set values of an interchange of one of these acknowledgments; say whether it was one."""
        table = outgoing_interchanges
        changed = self._connection.execute(
            sa.update(table)
            .where(table.c.id == outgoing_id, table.c.acknowledgment.in_(sources))
            .values(**values)
        ).rowcount
        return changed == 1

    def judge_sets(self, outgoing_id: str, control_numbers: Collection[str], verdict: str) -> None:
        """Write the verdict on sets of an interchange."""
        for chunk in rows.chunks(sorted(control_numbers)):
            self._connection.execute(
                sa.update(outgoing_sets)
                .where(
                    outgoing_sets.c.outgoing_id == outgoing_id,
                    outgoing_sets.c.control_number.in_(chunk),
                )
                .values(verdict=verdict)
            )

    def judge_documents(
        self,
        outgoing_id: str,
        document_ids: Collection[str],
        sources: Collection[str],
        **values: object,
    ) -> list[str]:
        """Set values of documents that are in this interchange now; return those that were.

        Only of those whose acknowledgment is one of the sources.
        """
        judged: list[str] = []
        for chunk in rows.chunks(sorted(document_ids)):
            statement = (
                sa.update(documents)
                .where(
                    documents.c.id.in_(chunk),
                    documents.c.outgoing_id == outgoing_id,
                    documents.c.acknowledgment.in_(sources),
                )
                .values(**values)
                .returning(documents.c.id)
            )
            judged += self._connection.scalars(statement)
        return judged

    def ask_again(self, outgoing_id: str) -> None:
        """Forget the verdicts on an interchange: its rejected documents are asked about again."""
        said = received_acknowledgments
        self._connection.execute(
            sa.update(said)
            .where(said.c.outgoing_id == outgoing_id, said.c.standing.in_(COUNTED))
            .values(standing=Standing.SUPERSEDED)
        )
        self._connection.execute(
            sa.update(outgoing_sets)
            .where(outgoing_sets.c.outgoing_id == outgoing_id)
            .values(verdict=None)
        )
        self._connection.execute(
            sa.update(documents)
            .where(
                documents.c.outgoing_id == outgoing_id,
                documents.c.acknowledgment == AwaitedStatus.REJECTED,
            )
            .values(
                acknowledgment=AwaitedStatus.PENDING,
                delivery=DeliveryStatus.PENDING,
                owner=None,
                reason=None,
                because=None,
            )
        )

    def overdue(self, now: datetime, limit: int) -> list[OutgoingRecord]:
        """Return interchanges whose acknowledgment is due and not missed yet, oldest first.

        Those that were missed and may be sent again once more count too.
        """
        table = outgoing_interchanges
        query = (
            sa.select(*rows.columns(OutgoingRecord, without=("content",)))
            .where(
                table.c.acknowledgment_due_at <= now,
                table.c.state == OutgoingState.SENT,
                table.c.acknowledgment.in_((AwaitedStatus.PENDING, AwaitedStatus.OVERDUE)),
                sa.or_(table.c.acknowledgment == AwaitedStatus.PENDING, table.c.resends > 0),
            )
            .order_by(table.c.acknowledgment_due_at)
            .limit(limit)
        )
        return rows.read(self._connection, OutgoingRecord, query)
