"""Numbers left out and content that comes again, in the database: `Repetitions`."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from gateway.pipeline.reconciliation_records import ContentRecord, SequenceRecord
from gateway.store import rows
from gateway.store.comparing import change_one
from gateway.store.tables import contents, gaps, sequences

_ContentKey = tuple[str, str, str]


class SqlRepetitions:
    """The verbs about what comes again, or not at all, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def contents(self, keys: Collection[_ContentKey]) -> Mapping[_ContentKey, ContentRecord]:
        """Return the documents that had these contents first."""
        found: dict[_ContentKey, ContentRecord] = {}
        key = sa.tuple_(contents.c.partner, contents.c.set_id, contents.c.sha256)
        for chunk in rows.chunks(sorted(keys)):
            query = sa.select(*rows.columns(ContentRecord)).where(key.in_(chunk))
            for one in rows.read(self._connection, ContentRecord, query):
                found[one.partner, one.set_id, one.sha256] = one
        return found

    def replace_content(self, record: ContentRecord, expected: ContentRecord) -> None:
        """Let another document be the first; raise `LostRace` where it was not as expected."""
        change_one(
            self._connection,
            sa.update(contents)
            .where(
                contents.c.partner == expected.partner,
                contents.c.set_id == expected.set_id,
                contents.c.sha256 == expected.sha256,
                contents.c.document_id == expected.document_id,
            )
            .values(**rows.values(record)),
            f"content of document {expected.document_id} was changed meanwhile",
        )

    def sequence(self, sender: str, receiver: str) -> SequenceRecord | None:
        """Return the highest number that a sender has come to, or None where none was kept."""
        query = sa.select(*rows.columns(SequenceRecord)).where(
            sequences.c.sender == sender, sequences.c.receiver == receiver
        )
        return next(iter(rows.read(self._connection, SequenceRecord, query)), None)

    def set_sequence(self, record: SequenceRecord, expected: int) -> None:
        """Raise the highest number; raise `LostRace` where it was not as expected."""
        change_one(
            self._connection,
            sa.update(sequences)
            .where(
                sequences.c.sender == record.sender,
                sequences.c.receiver == record.receiver,
                sequences.c.highest == expected,
            )
            .values(highest=record.highest),
            f"numbers of {record.sender} came meanwhile",
        )

    def fill_gap(self, sender: str, receiver: str, number: int) -> bool:
        """Remove a number that came after all; say whether it was missing."""
        removed = self._connection.execute(
            sa.delete(gaps).where(
                gaps.c.sender == sender, gaps.c.receiver == receiver, gaps.c.number == number
            )
        )
        return removed.rowcount == 1
