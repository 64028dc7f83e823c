"""Payloads, interchanges and documents in the database: the verbs of `store_port.Ledger`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from gateway.findings import Level
from gateway.pipeline.records import (
    DocumentRecord,
    InterchangeRecord,
    NumberRecord,
    PayloadRecord,
    Record,
    SliceRecord,
)
from gateway.pipeline.states import AcknowledgmentStatus
from gateway.pipeline.store_port import LostRace, Ready
from gateway.store import inserting, rows
from gateway.store.backlog import waits_to_be_read
from gateway.store.comparing import change_one
from gateway.store.tables import (
    business_keys,
    control_numbers,
    documents,
    findings,
    interchange_numbers,
    interchange_slices,
    interchanges,
    payloads,
)

_NumberKey = tuple[str, str, str]


class SqlLedger:
    """The verbs about what came in, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def stored_receipts(self, transport: str, receipts: Collection[str]) -> Mapping[str, str]:
        """Map each receipt that is in the ledger to its payload's id."""
        found: dict[str, str] = {}
        for chunk in rows.chunks(sorted(receipts)):
            query = sa.select(payloads.c.receipt, payloads.c.id).where(
                payloads.c.transport == transport, payloads.c.receipt.in_(chunk)
            )
            found.update((receipt, id_) for receipt, id_ in self._connection.execute(query))
        return found

    def add(self, records: Sequence[Record], ready: Ready | None = None) -> None:
        """Insert records of any kinds; raise `LostRace` where one is there already."""
        try:
            inserting.insert(self._connection, records, ready)
        except IntegrityError as fault:
            raise LostRace(f"one of the records is there already: {fault.orig}") from fault

    def payloads(self, ids: Collection[str]) -> list[PayloadRecord]:
        """Return payloads with their content, in the order they were received."""
        query = (
            sa.select(*rows.columns(PayloadRecord))
            .where(payloads.c.id.in_(sorted(ids)))
            .order_by(payloads.c.received_at, payloads.c.name, payloads.c.id)
        )
        return rows.read(self._connection, PayloadRecord, query)

    def unread(self, before: datetime, limit: int) -> list[str]:
        """Return ids of payloads and interchanges received before that wait to be read."""
        found: list[str] = []
        for table, waits in (
            (payloads, payloads.c.state == "received"),
            (interchanges, waits_to_be_read()),
        ):
            query = (
                sa.select(table.c.id)
                .where(waits, table.c.received_at < before)
                .order_by(table.c.received_at)
                .limit(limit)
            )
            found += self._connection.scalars(query)
        return found

    def change_payloads(
        self, ids: Collection[str], sources: Collection[str], **values: object
    ) -> None:
        """Set values where the state is one of the sources; raise `LostRace` unless all were."""
        changed = self._connection.execute(
            sa.update(payloads)
            .where(payloads.c.id.in_(sorted(ids)), payloads.c.state.in_(sources))
            .values(**values)
        ).rowcount
        if changed != len(ids):
            raise LostRace(f"{len(ids) - changed} of {len(ids)} payloads were changed meanwhile")

    def count_recovery(self, payload_id: str) -> int:
        """Count one more death of a job that read this payload; return how many there were."""
        counted = self._connection.execute(
            sa.update(payloads)
            .where(payloads.c.id == payload_id)
            .values(recoveries=payloads.c.recoveries + 1)
            .returning(payloads.c.recoveries)
        ).scalar_one()
        return int(counted)

    def interchange(self, interchange_id: str) -> InterchangeRecord | None:
        """Return one interchange."""
        query = sa.select(*rows.columns(InterchangeRecord)).where(
            interchanges.c.id == interchange_id
        )
        return next(iter(rows.read(self._connection, InterchangeRecord, query)), None)

    def change_interchange(
        self, interchange_id: str, sources: Collection[str], **values: object
    ) -> None:
        """Set values where the state is one of the sources; else raise `LostRace`."""
        change_one(
            self._connection,
            sa.update(interchanges)
            .where(interchanges.c.id == interchange_id, interchanges.c.state.in_(sources))
            .values(**values),
            f"interchange {interchange_id} was changed meanwhile",
        )

    def interchanges_of(self, payload_id: str) -> list[InterchangeRecord]:
        """Return the interchanges of a payload that are in the ledger."""
        query = sa.select(*rows.columns(InterchangeRecord)).where(
            interchanges.c.payload_id == payload_id
        )
        return rows.read(self._connection, InterchangeRecord, query)

    def replace_interchange(self, record: InterchangeRecord, expected: InterchangeRecord) -> None:
        """Overwrite an interchange where state and sets are as expected; else raise `LostRace`."""
        change_one(
            self._connection,
            sa.update(interchanges)
            .where(
                interchanges.c.id == record.id,
                interchanges.c.state == expected.state,
                interchanges.c.sets_read == expected.sets_read,
            )
            .values(**rows.values(record)),
            f"interchange {record.id} was changed meanwhile",
        )

    def slices(self, interchange_id: str) -> Iterator[SliceRecord]:
        """Yield the slices of an interchange that is being read, in their order."""
        query = (
            sa.select(*rows.columns(SliceRecord))
            .where(interchange_slices.c.interchange_id == interchange_id)
            .order_by(interchange_slices.c.start)
        )
        for row in self._connection.execute(query):
            yield SliceRecord(*row)

    def forget_slices(self, interchange_id: str) -> None:
        """Remove the slices of an interchange that is read, or given up."""
        self._connection.execute(
            sa.delete(interchange_slices).where(
                interchange_slices.c.interchange_id == interchange_id
            )
        )

    def numbers(self, keys: Collection[_NumberKey]) -> Mapping[_NumberKey, NumberRecord]:
        """Return who used these control numbers first."""
        found: dict[_NumberKey, NumberRecord] = {}
        key = sa.tuple_(
            interchange_numbers.c.sender,
            interchange_numbers.c.receiver,
            interchange_numbers.c.control_number,
        )
        # Whole keys in chunks: a payload may hold as many senders as interchanges, and a statement
        # of too many parameters looks like a database that is unwell, which is waited for.
        for chunk in rows.chunks(sorted(keys)):
            query = sa.select(*rows.columns(NumberRecord)).where(key.in_(chunk))
            found.update((one.key, one) for one in rows.read(self._connection, NumberRecord, query))
        return found

    def replace_number(self, record: NumberRecord, expected: NumberRecord) -> None:
        """Let a number be used anew; raise `LostRace` where its user was not as expected."""
        change_one(
            self._connection,
            sa.update(interchange_numbers)
            .where(
                interchange_numbers.c.sender == expected.sender,
                interchange_numbers.c.receiver == expected.receiver,
                interchange_numbers.c.control_number == expected.control_number,
                interchange_numbers.c.interchange_id == expected.interchange_id,
            )
            .values(**rows.values(record)),
            f"control number {expected.control_number} was used meanwhile",
        )

    def following(self, series: Collection[str]) -> Mapping[str, int]:
        """Return the control numbers that would be given out next, of the series that have begun.

        Nobody is kept from taking them.
        """
        found: dict[str, int] = {}
        for chunk in rows.chunks(sorted(series)):
            query = sa.select(control_numbers.c.series, control_numbers.c.next)
            found.update(
                (name, following)
                for name, following in self._connection.execute(
                    query.where(control_numbers.c.series.in_(chunk))
                )
            )
        return found

    def allocate(self, series: str, count: int, first: int = 1) -> int:
        """Take consecutive control numbers, never given out before; return the first of them.

        The row stays locked until the transaction ends, so a number that was taken by a
        transaction that fails is taken again by the next one: there are no gaps either.
        """
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(control_numbers).values(series=series, next=first + count)
        following = self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["series"], set_={"next": control_numbers.c.next + count}
            ).returning(control_numbers.c.next)
        ).scalar_one()
        return int(following) - count

    def documents(self, ids: Collection[str]) -> list[DocumentRecord]:
        """Return documents with their canonical bytes."""
        found: list[DocumentRecord] = []
        for chunk in rows.chunks(sorted(ids)):
            query = sa.select(*rows.columns(DocumentRecord)).where(documents.c.id.in_(chunk))
            found += rows.read(self._connection, DocumentRecord, query)
        return found

    def parts_of_set(self, interchange_id: str, start: int) -> list[DocumentRecord]:
        """Return the documents that one transaction set became, by its offset, in their order."""
        query = (
            sa.select(*rows.columns(DocumentRecord))
            .where(documents.c.interchange_id == interchange_id, documents.c.start == start)
            .order_by(documents.c.part)
        )
        return rows.read(self._connection, DocumentRecord, query)

    def change_document(self, document_id: str, **values: object) -> None:
        """Set values of one document."""
        self._connection.execute(
            sa.update(documents).where(documents.c.id == document_id).values(**values)
        )

    def tell_no_more(self, interchange_id: str, starts: range, status: str) -> None:
        """Set the acknowledgment of documents that waits for the end of their interchange.

        `starts` are the offsets where their sets may begin.
        """
        self._connection.execute(
            sa.update(documents)
            .where(
                documents.c.interchange_id == interchange_id,
                documents.c.start >= starts.start,
                documents.c.start < starts.stop,
                documents.c.acknowledgment == AcknowledgmentStatus.PENDING,
            )
            .values(acknowledgment=status)
        )

    def forget_translation(self, document_id: str) -> None:
        """Remove what the last translation left: document-level findings and business keys."""
        self._connection.execute(
            sa.delete(findings).where(
                findings.c.document_id == document_id, findings.c.level == Level.DOCUMENT
            )
        )
        self._connection.execute(
            sa.delete(business_keys).where(business_keys.c.document_id == document_id)
        )
