"""Acknowledgments that are gathered, in the database: the verbs of `collected_port.Collected`.

And the one question that has two answers because of them: which interchange of ours acknowledges
one that came in. Its row may say so itself, or the table of what was gathered.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.pipeline.collected_records import CollectedRecord
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.store_port import LostRace
from gateway.store import rows
from gateway.store.batches import next_batches
from gateway.store.collected_tables import collected
from gateway.store.tables import outgoing_interchanges

WAITS = collected.c.outgoing_id.is_(None)
"""What is in no interchange yet."""


class SqlCollected:
    """The verbs about what is gathered, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def ready(self, partner: str, now: datetime, limit: int) -> list[CollectedRecord]:
        """Return what may be next to go to a partner, batch by batch, oldest first."""
        mine = sa.and_(collected.c.partner == partner, WAITS)
        batches = next_batches(self._connection, collected, mine, now)
        query = (
            sa.select(*rows.columns(CollectedRecord, without=("told",)))
            .where(mine, collected.c.batch.in_(batches))
            .order_by(collected.c.submitted_at, collected.c.interchange_id)
            .limit(limit)
        )
        return rows.read(self._connection, CollectedRecord, query) if batches else []

    def answered_by(self, outgoing_id: str) -> list[str]:
        """Return the interchanges that one of ours acknowledges together, by their ids."""
        return sorted(answered_by(self._connection, [outgoing_id]))

    def take(self, interchange_ids: Sequence[str], outgoing_id: str) -> list[CollectedRecord]:
        """Put what waits into an interchange, and return it as it waited, in this order."""
        rows.lock(self._connection, collected.c.interchange_id, interchange_ids)
        waiting: dict[str, CollectedRecord] = {}
        changed = 0
        for chunk in rows.chunks(interchange_ids):
            mine = sa.and_(collected.c.interchange_id.in_(chunk), WAITS)
            query = sa.select(*rows.columns(CollectedRecord)).where(mine)
            for one in rows.read(self._connection, CollectedRecord, query):
                waiting[one.interchange_id] = one
            statement = sa.update(collected).where(mine)
            changed += self._connection.execute(
                statement.values(outgoing_id=outgoing_id, told=b"")
            ).rowcount
        if not changed == len(waiting) == len(interchange_ids):
            raise LostRace(f"acknowledgments of {len(interchange_ids)} interchanges went meanwhile")
        return [waiting[id_] for id_ in interchange_ids]


def waiting_for(connection: sa.Connection, partner: str | None) -> list[CollectedRecord]:
    """List the acknowledgments that wait to go out with others, oldest first."""
    query = sa.select(*rows.columns(CollectedRecord, without=("told",))).where(WAITS)
    if partner is not None:
        query = query.where(collected.c.partner == partner)
    query = query.order_by(collected.c.submitted_at, collected.c.interchange_id)
    return rows.read(connection, CollectedRecord, query)


def told_by(connection: sa.Connection, interchange_ids: Sequence[str]) -> dict[str, datetime]:
    """Return when the acknowledgments of interchanges that wait for others go out, by these."""
    found: dict[str, datetime] = {}
    for chunk in rows.chunks(interchange_ids):
        query = sa.select(collected.c.interchange_id, collected.c.due_at).where(
            collected.c.interchange_id.in_(chunk), WAITS
        )
        found.update((row.interchange_id, row.due_at) for row in connection.execute(query))
    return found


def due_together(now: datetime) -> sa.Select[Any]:
    """Count the acknowledgments that waited for others for long enough."""
    query = sa.select(sa.func.count()).select_from(collected)
    return query.where(WAITS, collected.c.due_at <= now)


def answers_to(
    connection: sa.Connection, interchange_ids: Collection[str], *, without: Sequence[str] = ()
) -> list[OutgoingRecord]:
    """Return the interchanges of ours that acknowledge those that came in, oldest first.

    Each as the answer to the one that was asked for: what acknowledges several is there for each.
    """
    table = outgoing_interchanges.c
    found: list[OutgoingRecord] = []
    columns = rows.columns(OutgoingRecord, without=without)
    for chunk in rows.chunks(sorted(interchange_ids)):
        query = sa.select(*columns).where(table.answers.in_(chunk))
        found += rows.read(connection, OutgoingRecord, query)
        gathered = (
            sa.select(collected.c.interchange_id, *columns)
            .join(collected, collected.c.outgoing_id == table.id)
            .where(collected.c.interchange_id.in_(chunk))
        )
        found += [
            replace(OutgoingRecord(*row[1:]), answers=row[0])
            for row in connection.execute(gathered)
        ]
    return sorted(found, key=lambda one: (one.due_at, one.name, one.id))


def answered_by(connection: sa.Connection, outgoing_ids: Collection[str]) -> set[str]:
    """Return the interchanges that these acknowledge together."""
    found: set[str] = set()
    for chunk in rows.chunks(sorted(outgoing_ids)):
        query = sa.select(collected.c.interchange_id).where(collected.c.outgoing_id.in_(chunk))
        found.update(connection.scalars(query))
    return found


def states_of(connection: sa.Connection, interchange_ids: Collection[str]) -> dict[str, set[str]]:
    """Gather the states of what carries what was gathered, by what it acknowledges."""
    states: dict[str, set[str]] = {}
    for chunk in rows.chunks(sorted(interchange_ids)):
        query = (
            sa.select(collected.c.interchange_id, outgoing_interchanges.c.state)
            .join(outgoing_interchanges, outgoing_interchanges.c.id == collected.c.outgoing_id)
            .where(collected.c.interchange_id.in_(chunk))
        )
        for id_, state in connection.execute(query):
            states.setdefault(id_, set()).add(state)
    return states
