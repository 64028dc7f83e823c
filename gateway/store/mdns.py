"""Messages that went out over AS2 in the database: the verbs of `mdn_port.Messages`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gateway.pipeline.mdn_port import MessageRecord, MessageState
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

    def keep(self, record: MessageRecord) -> None:
        """Write a message, over what is kept of it."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        values = {name: getattr(record, name) for name in _NAMES}
        statement = dialect.insert(as2_messages).values(**values)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=values)
        )

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
