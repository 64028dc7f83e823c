"""Which batch of what is gathered may be next to leave: documents and acknowledgments alike.

A table of what waits has `batch`, `due_at`, `submitted_at`, `size`, and the limits that each row
sets to its batch, `most_sets` and `most_bytes`.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

_FEW = 10
"""Batches that are looked at more closely at once."""


def next_batches(
    connection: sa.Connection, table: sa.Table, mine: sa.ColumnElement[bool], now: datetime
) -> list[str]:
    """Return the batch of what is due the longest; where nothing is due, those that may be full."""
    due = (
        sa.select(table.c.batch)
        .where(mine, table.c.due_at <= now)
        .order_by(table.c.due_at, table.c.submitted_at)
        .limit(1)
    )
    return list(connection.scalars(due)) or _full(connection, table, mine)


def _full(connection: sa.Connection, table: sa.Table, mine: sa.ColumnElement[bool]) -> list[str]:
    """Return batches that may be full; what has no limit is not even counted."""
    query = (
        sa.select(table.c.batch)
        .where(mine, sa.or_(table.c.most_sets.is_not(None), table.c.most_bytes.is_not(None)))
        .group_by(table.c.batch)
        .having(
            sa.or_(
                sa.func.count() >= sa.func.min(table.c.most_sets),
                sa.func.sum(table.c.size) >= sa.func.min(table.c.most_bytes),
            )
        )
        .order_by(sa.func.min(table.c.submitted_at))
        .limit(_FEW)
    )
    return list(connection.scalars(query))
