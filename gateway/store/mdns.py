"""Messages that went out over AS2 in the database: the verbs of `mdn_port.Messages`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gateway.pipeline.mdn_port import MessageRecord, MessageState
from gateway.pipeline.store_port import LostRace
from gateway.store import rows
from gateway.store.tables import as2_messages

_NAMES = tuple(field.name for field in fields(MessageRecord))
_COLUMNS = [as2_messages.c[name] for name in _NAMES]


class SqlMessages:
    """The verbs about messages that went out over AS2, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def message(self, message_id: str) -> MessageRecord | None:
        """Return one message."""
        query = sa.select(*_COLUMNS).where(as2_messages.c.id == message_id)
        row = self._connection.execute(query).first()
        return None if row is None else MessageRecord(*row)

    def claim(self, message_id: str) -> MessageRecord | None:
        """Return one message; nobody else changes it before the transaction ends."""
        rows.hold_writers(self._connection)
        query = sa.select(*_COLUMNS).where(as2_messages.c.id == message_id).with_for_update()
        row = self._connection.execute(query).first()
        return None if row is None else MessageRecord(*row)

    def keep(self, record: MessageRecord, expected: MessageRecord | None) -> None:
        """Write a message over what is kept of it; raise `LostRace` where that is not as expected.

        None expects that nothing is kept.
        """
        values = {name: getattr(record, name) for name in _NAMES}
        if expected is None:
            dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
            insert = dialect.insert(as2_messages).values(**values)
            kept = insert.on_conflict_do_nothing(index_elements=["id"])
            written = self._connection.execute(kept.returning(as2_messages.c.id)).first()
        else:
            # Whoever sends it counts, and whoever keeps an MDN changes the state.
            changed = (
                sa.update(as2_messages)
                .where(
                    as2_messages.c.id == record.id,
                    as2_messages.c.sends == expected.sends,
                    as2_messages.c.resends == expected.resends,
                    as2_messages.c.state == expected.state,
                )
                .values(**values)
            )
            written = self._connection.execute(changed.returning(as2_messages.c.id)).first()
        if written is None:
            raise LostRace(f"message {record.id} was changed meanwhile")

    def change(self, message_id: str, sources: Collection[str], **values: object) -> bool:
        """Set values where the state is one of the sources; say whether it was."""
        changed = self._connection.execute(
            sa.update(as2_messages)
            .where(as2_messages.c.id == message_id, as2_messages.c.state.in_(sources))
            .values(**values)
        ).rowcount
        return changed == 1

    def overdue(self, now: datetime, limit: int) -> list[MessageRecord]:
        """Return messages whose MDN did not come in time, the longest overdue first."""
        query = (
            sa.select(*_COLUMNS)
            .where(as2_messages.c.state == MessageState.WAITING, as2_messages.c.mdn_due_at <= now)
            .order_by(as2_messages.c.mdn_due_at)
            .limit(limit)
        )
        return [MessageRecord(*row) for row in self._connection.execute(query)]
