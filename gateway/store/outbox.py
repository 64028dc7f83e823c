"""What goes to partners, in the database: the verbs of `outbox_port.Outbox`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gateway.pipeline.outgoing_records import (
    HoldRecord,
    OutgoingRecord,
    OutgoingSetRecord,
    SeriesRecord,
    WaitingRecord,
)
from gateway.pipeline.records import DocumentRecord
from gateway.pipeline.states import OutgoingState, WaitingState
from gateway.pipeline.store_port import LostRace
from gateway.store import collected, inserting, rows, statuses
from gateway.store.batches import next_batches
from gateway.store.comparing import change_one
from gateway.store.settling import (
    ENVELOPE,
    NUMBERED,
    SETTLE_OUTGOING,
    SETTLED_OUTGOING,
    parameters,
)
from gateway.store.tables import (
    control_numbers,
    documents,
    findings,
    holds,
    outgoing_interchanges,
    outgoing_sets,
    waiting_sets,
)


class SqlOutbox:
    """The verbs about what goes to partners, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def outgoing(self, outgoing_id: str) -> OutgoingRecord | None:
        """Return one outgoing interchange."""
        query = sa.select(*rows.columns(OutgoingRecord)).where(
            outgoing_interchanges.c.id == outgoing_id
        )
        return next(iter(rows.read(self._connection, OutgoingRecord, query)), None)

    def answers_to(self, interchange_ids: Collection[str]) -> list[OutgoingRecord]:
        """Return the acknowledgments of interchanges, oldest first."""
        return collected.answers_to(self._connection, interchange_ids)

    def due(self, partner: str, now: datetime, limit: int) -> list[OutgoingRecord]:
        """Return the interchanges that are to be sent to a partner now, oldest first."""
        query = (
            sa.select(*rows.columns(OutgoingRecord))
            .where(
                outgoing_interchanges.c.partner == partner,
                outgoing_interchanges.c.state == OutgoingState.DUE,
                outgoing_interchanges.c.due_at <= now,
            )
            .order_by(outgoing_interchanges.c.due_at, outgoing_interchanges.c.name)
            .limit(limit)
        )
        return rows.read(self._connection, OutgoingRecord, query)

    def begin_sending(self, due: Sequence[OutgoingRecord]) -> list[OutgoingRecord]:
        """Count an attempt on each that nobody else counted; return them as they are then."""
        counted: set[str] = set()
        table = outgoing_interchanges
        rows.lock(self._connection, table.c.id, [one.id for one in due])
        for attempt in {record.attempt for record in due}:
            query = (
                sa.update(table)
                .where(
                    table.c.id.in_([one.id for one in due if one.attempt == attempt]),
                    table.c.attempt == attempt,
                    table.c.state == OutgoingState.DUE,
                )
                .values(attempt=attempt + 1, tries=table.c.tries + 1)
                .returning(table.c.id)
            )
            counted.update(self._connection.scalars(query))
        return [
            replace(one, attempt=one.attempt + 1, tries=one.tries + 1)
            for one in due
            if one.id in counted
        ]

    def put_back(self, begun: Sequence[OutgoingRecord]) -> None:
        """Count no attempt on interchanges that were begun, and not tried after all."""
        table = outgoing_interchanges
        rows.lock(self._connection, table.c.id, [one.id for one in begun])
        for attempt in {one.attempt for one in begun}:
            self._connection.execute(
                sa.update(table)
                .where(
                    table.c.id.in_([one.id for one in begun if one.attempt == attempt]),
                    table.c.attempt == attempt,
                    table.c.state == OutgoingState.DUE,
                )
                .values(attempt=attempt - 1, tries=table.c.tries - 1)
            )

    def settle(self, settled: Sequence[OutgoingRecord]) -> None:
        """Write what became of interchanges that were due, by the attempt's number."""
        if not settled:
            return
        # Each row is locked as it is written: by id, as everybody does.
        in_order = sorted(settled, key=lambda one: one.id)
        values = [parameters(one, SETTLED_OUTGOING) for one in in_order]
        self._connection.execute(SETTLE_OUTGOING, values)
        statuses.refresh_outgoing(self._connection, settled)

    def change(self, record: OutgoingRecord, sources: Collection[str], **values: object) -> None:
        """Set values where the state is one of the sources; else raise `LostRace`."""
        change_one(
            self._connection,
            sa.update(outgoing_interchanges)
            .where(
                outgoing_interchanges.c.id == record.id,
                outgoing_interchanges.c.state.in_(sources),
            )
            .values(**values),
            f"outgoing interchange {record.id} was changed meanwhile",
        )
        statuses.refresh_outgoing(self._connection, [record])

    def sets_of(self, outgoing_id: str) -> list[OutgoingSetRecord]:
        """Return the sets of an outgoing interchange, in their order."""
        query = (
            sa.select(*rows.columns(OutgoingSetRecord))
            .where(outgoing_sets.c.outgoing_id == outgoing_id)
            .order_by(outgoing_sets.c.start)
        )
        return rows.read(self._connection, OutgoingSetRecord, query)

    def moved_on(self, outgoing_id: str) -> list[str]:
        """Return the documents of an interchange that were written anew and go out elsewhere."""
        query = (
            sa.select(documents.c.id)
            .join(outgoing_sets, outgoing_sets.c.document_id == documents.c.id)
            .where(
                outgoing_sets.c.outgoing_id == outgoing_id,
                documents.c.outgoing_id.is_distinct_from(outgoing_id),
            )
            .order_by(documents.c.id)
        )
        return list(self._connection.scalars(query))

    def with_group(
        self, partner: str, functional_id: str, group_control_number: str
    ) -> list[OutgoingRecord]:
        """Return the interchanges with a group of this number to a partner, without their bytes."""
        of_group = sa.select(outgoing_sets.c.outgoing_id).where(
            outgoing_sets.c.partner == partner,
            outgoing_sets.c.functional_id == functional_id,
            outgoing_sets.c.group_control_number == group_control_number,
        )
        query = (
            sa.select(*rows.columns(OutgoingRecord, without=("content",)))
            .where(outgoing_interchanges.c.id.in_(of_group))
            .order_by(outgoing_interchanges.c.created_at, outgoing_interchanges.c.id)
        )
        return rows.read(self._connection, OutgoingRecord, query)

    def numbers_given(self, partner: str, control_numbers: Collection[str]) -> set[str]:
        """Return those of the control numbers that interchanges to a partner carry already."""
        found: set[str] = set()
        for chunk in rows.chunks(sorted(control_numbers)):
            query = sa.select(outgoing_interchanges.c.control_number).where(
                outgoing_interchanges.c.partner == partner,
                outgoing_interchanges.c.control_number.in_(chunk),
            )
            found.update(self._connection.scalars(query))
        return found

    def numbered(self, partner: str, control_number: str) -> list[OutgoingRecord]:
        """Return the interchanges that carry a control number (ISA13) to a partner, oldest first.

        Without their bytes. More than one: an acknowledgment that was sent once more has those of
        the first.
        """
        query = (
            sa.select(*rows.columns(OutgoingRecord, without=("content",)))
            .where(
                outgoing_interchanges.c.partner == partner,
                outgoing_interchanges.c.control_number == control_number,
            )
            .order_by(outgoing_interchanges.c.created_at, outgoing_interchanges.c.id)
        )
        return rows.read(self._connection, OutgoingRecord, query)

    def ready(self, partner: str, now: datetime, limit: int) -> list[WaitingRecord]:
        """Return what may be next to go to a partner, batch by batch, oldest first.

        Of what waits and is not held: the batch of what is due the longest; where nothing is due,
        those that are full by what some of them say. Without its segments, which few need now.
        """
        table = waiting_sets
        mine = sa.and_(table.c.partner == partner, table.c.state == WaitingState.WAITING)
        batches = next_batches(self._connection, waiting_sets, mine, now)
        query = (
            sa.select(*rows.columns(WaitingRecord, without=("segments",)))
            .where(mine, table.c.batch.in_(batches))
            .order_by(table.c.submitted_at, table.c.document_id)
            .limit(limit)
        )
        return rows.read(self._connection, WaitingRecord, query) if batches else []

    def waiting_document(self, document_id: str) -> WaitingRecord | None:
        """Return one document that waits, held or not."""
        query = sa.select(*rows.columns(WaitingRecord)).where(
            waiting_sets.c.document_id == document_id
        )
        return next(iter(rows.read(self._connection, WaitingRecord, query)), None)

    def ours(self, document_id: str) -> tuple[DocumentRecord | None, WaitingRecord | None]:
        """Return a document of ours and, where it waits, how; nobody else changes it meanwhile.

        Nor the interchange that it is in. That holds until the transaction ends. Raise `LostRace`
        where it begins to wait, or goes into another interchange, just now.
        """
        # In the order in which everybody takes these locks: the other way round two would wait for
        # each other. SQLite has one lock for everything.
        rows.hold_writers(self._connection)
        carrier = self._carrier_of(document_id)
        if carrier is not None:
            rows.lock(self._connection, outgoing_interchanges.c.id, [carrier])
        query = sa.select(*rows.columns(WaitingRecord)).where(
            waiting_sets.c.document_id == document_id
        )
        waits = rows.read(self._connection, WaitingRecord, query.with_for_update())
        of_document = sa.select(*rows.columns(DocumentRecord)).where(
            documents.c.id == document_id, documents.c.direction == "out"
        )
        found = rows.read(self._connection, DocumentRecord, of_document.with_for_update())
        begins_to_wait = not waits and self.waiting_document(document_id) is not None
        if begins_to_wait or any(one.outgoing_id != carrier for one in found):
            raise LostRace(f"document {document_id} was changed meanwhile")
        return next(iter(found), None), next(iter(waits), None)

    def _carrier_of(self, document_id: str) -> str | None:
        """Return the interchange that a document is in, as long as nobody changes that."""
        query = sa.select(documents.c.outgoing_id).where(
            documents.c.id == document_id, documents.c.direction == "out"
        )
        return self._connection.execute(query).scalar()

    def take(self, document_ids: Sequence[str]) -> list[WaitingRecord]:
        """Remove documents that wait and are not held, and return them in this order.

        Raise `LostRace` unless all were there.
        """
        taken: dict[str, WaitingRecord] = {}
        for chunk in rows.chunks(document_ids):
            statement = (
                sa.delete(waiting_sets)
                .where(
                    waiting_sets.c.document_id.in_(chunk),
                    waiting_sets.c.state == WaitingState.WAITING,
                )
                .returning(*rows.columns(WaitingRecord))
            )
            for row in self._connection.execute(statement):
                taken[row.document_id] = WaitingRecord(*row)
        if gone := len(document_ids) - len(taken):
            raise LostRace(f"{gone} of {len(document_ids)} documents were changed meanwhile")
        # Before the control numbers that they get: documents come first, whoever wants both.
        rows.lock(self._connection, documents.c.id, document_ids)
        return [taken[id_] for id_ in document_ids]

    def enveloped(self, sets: Sequence[OutgoingSetRecord]) -> None:
        """Note in which interchange, and under which numbers, documents go out."""
        inserting.insert(self._connection, sets)
        self._connection.execute(ENVELOPE, [parameters(one, NUMBERED) for one in sets])

    def change_waiting(self, document_id: str, source: str, **values: object) -> None:
        """Set values of a document that waits in this state; else raise `LostRace`."""
        change_one(
            self._connection,
            sa.update(waiting_sets)
            .where(waiting_sets.c.document_id == document_id, waiting_sets.c.state == source)
            .values(**values),
            f"document {document_id} was changed meanwhile",
        )

    def drop(self, document_id: str) -> None:
        """Remove a document that waits, held or not."""
        self._connection.execute(
            sa.delete(waiting_sets).where(waiting_sets.c.document_id == document_id)
        )

    def forget_findings(self, document_id: str) -> None:
        """Remove what was found in a document of ours."""
        self._connection.execute(sa.delete(findings).where(findings.c.document_id == document_id))

    def hold(self, record: HoldRecord) -> bool:
        """Let nothing new go out to a partner; who is held already keeps the first reason."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        added = self._connection.execute(
            dialect.insert(holds)
            .values(**rows.values(record))
            .on_conflict_do_nothing(index_elements=["partner"])
            .returning(holds.c.partner)
        ).first()
        return added is not None

    def release(self, partner: str) -> bool:
        """Let what waits go out to a partner again; say whether it was held."""
        removed = self._connection.execute(sa.delete(holds).where(holds.c.partner == partner))
        return removed.rowcount == 1

    def held(self, partner: str) -> HoldRecord | None:
        """Return why nothing goes out to a partner, or None."""
        query = sa.select(*rows.columns(HoldRecord)).where(holds.c.partner == partner)
        return next(iter(rows.read(self._connection, HoldRecord, query)), None)

    def series(self, name: str) -> SeriesRecord | None:
        """Return a sequence of control numbers, or None where none was taken yet."""
        query = sa.select(*rows.columns(SeriesRecord)).where(control_numbers.c.series == name)
        return next(iter(rows.read(self._connection, SeriesRecord, query)), None)

    def set_series(self, record: SeriesRecord, expected: int | None) -> None:
        """Let a sequence go on from a position; raise `LostRace` where it was not as expected."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(control_numbers).values(**rows.values(record))
        changed = self._connection.execute(
            statement.on_conflict_do_nothing(index_elements=["series"]).returning(
                control_numbers.c.next
            )
            if expected is None
            else sa.update(control_numbers)
            .where(control_numbers.c.series == record.series, control_numbers.c.next == expected)
            .values(next=record.next)
            .returning(control_numbers.c.next)
        ).first()
        if changed is None:
            raise LostRace(f"numbers of {record.series} were taken meanwhile")
