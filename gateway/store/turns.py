"""Whose turn it is among deliveries with the same ordering key, in the database.

A delivery stands behind another one where that has the same destination and key, an earlier place,
and is not done: due, in flight, held itself, or dead. Each question is answered from the index of
destination, key, state and place.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from gateway.pipeline.flow import DELIVERY
from gateway.pipeline.records import DeliveryRecord
from gateway.pipeline.states import DeliveryState, PayloadState
from gateway.store import rows
from gateway.store.tables import deliveries, documents, payloads

_NOT_DONE = (
    DeliveryState.DUE,
    DeliveryState.CLAIMED,
    DeliveryState.HELD,
    DeliveryState.DEAD,
)


class SqlTurns:
    """The verbs about order, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def behind(self, due: Sequence[DeliveryRecord]) -> set[str]:
        """Return the ids of those that stand behind one of their key which is not among them."""
        keyed = [one.id for one in due if one.ordering_key is not None]
        if not keyed:
            return set()
        query = sa.select(deliveries.c.id).where(
            deliveries.c.id.in_(keyed), _stands_behind_one(but_for=keyed)
        )
        return set(self._connection.scalars(query))

    def expecting(self, due: Sequence[DeliveryRecord], since: datetime) -> set[str]:
        """Return the ids of those with a key before which an unread payload may come."""
        keyed = [one.id for one in due if one.ordering_key is not None]
        if not keyed:
            return set()
        unread = sa.exists(
            sa.select(payloads.c.id).where(
                payloads.c.state == PayloadState.RECEIVED,
                payloads.c.received_at >= since,
                payloads.c.received_at < documents.c.received_at,
                sa.or_(payloads.c.partner.is_(None), payloads.c.partner == documents.c.partner),
            )
        )
        query = (
            sa.select(deliveries.c.id)
            .join(documents, documents.c.id == deliveries.c.document_id)
            .where(deliveries.c.id.in_(keyed), unread)
        )
        return set(self._connection.scalars(query))

    def hold(self, behind: Sequence[DeliveryRecord]) -> None:
        """Hold deliveries until those before them are done."""
        for state in sorted({one.state for one in behind}):
            self._connection.execute(
                sa.update(deliveries)
                .where(
                    deliveries.c.id.in_([one.id for one in behind if one.state == state]),
                    deliveries.c.state == state,
                )
                .values(state=DELIVERY.advance(state, "hold"))
            )

    def postpone(self, due: Sequence[DeliveryRecord], until: datetime) -> None:
        """Let deliveries come due later."""
        self._connection.execute(
            sa.update(deliveries)
            .where(
                deliveries.c.id.in_([one.id for one in due]),
                deliveries.c.state.in_((DeliveryState.DUE, DeliveryState.CLAIMED)),
            )
            .values(due_at=until)
        )

    def release_next(self, done: Collection[DeliveryRecord], now: datetime, limit: int) -> int:
        """Let what is held behind these go on, so many of each key; return how many."""
        keys = {(one.destination, one.ordering_key) for one in done if one.ordering_key is not None}
        return sum(self._release(*key, now, limit) for key in sorted(keys))

    def release_freed(self, destination: str, now: datetime) -> int:
        """Let the first of each key go on that stands behind nothing any more; return how many."""
        return self._let_go(_held_at(destination), sa.not_(_stands_behind_one()), now=now)

    def release_all(self, destination: str, now: datetime) -> int:
        """Let everything go on that is held at a destination; return how many."""
        # Asked first: on SQLite nobody else writes once somebody wants to.
        if self._connection.scalar(sa.select(sa.exists().where(_held_at(destination)))):
            return self._let_go(_held_at(destination), now=now)
        return 0

    def _release(self, destination: str, key: str, now: datetime, limit: int) -> int:
        """Release the first of a key; whoever looks next holds those that came too early."""
        first = (
            sa.select(deliveries.c.id)
            .where(
                deliveries.c.destination == destination,
                deliveries.c.ordering_key == key,
                deliveries.c.state == DeliveryState.HELD,
            )
            .order_by(deliveries.c.place)
            .limit(limit)
        )
        ids = list(self._connection.scalars(first))
        if not ids:
            return 0
        return self._let_go(
            deliveries.c.id.in_(ids), deliveries.c.state == DeliveryState.HELD, now=now
        )

    def _let_go(self, *which: sa.ColumnElement[bool], now: datetime) -> int:
        release = DELIVERY.advance(DeliveryState.HELD, "release")
        return self._connection.execute(
            sa.update(deliveries).where(*which).values(state=release, due_at=now)
        ).rowcount


def first_before(
    connection: sa.Connection, owed: Sequence[DeliveryRecord]
) -> dict[str, DeliveryRecord]:
    """Return the first delivery that each held one stands behind, by the held one's id."""
    found = {}
    for held in owed:
        if held.state != DeliveryState.HELD:
            continue
        query = (
            sa.select(*rows.columns(DeliveryRecord))
            .where(
                deliveries.c.destination == held.destination,
                deliveries.c.ordering_key == held.ordering_key,
                deliveries.c.state.in_(_NOT_DONE),
                deliveries.c.place < held.place,
            )
            .order_by(deliveries.c.place)
            .limit(1)
        )
        for first in rows.read(connection, DeliveryRecord, query):
            found[held.id] = first
    return found


def _held_at(destination: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        deliveries.c.destination == destination, deliveries.c.state == DeliveryState.HELD
    )


def _stands_behind_one(but_for: Sequence[str] = ()) -> sa.ColumnElement[bool]:
    """Ask whether a delivery stands behind another one, some others left out."""
    earlier = deliveries.alias()
    among = [earlier.c.id.not_in(but_for)] if but_for else []
    # One state after the other, so that each is one range of the index.
    return sa.or_(
        *(
            sa.exists(
                sa.select(earlier.c.id).where(
                    earlier.c.destination == deliveries.c.destination,
                    earlier.c.ordering_key == deliveries.c.ordering_key,
                    earlier.c.state == state,
                    earlier.c.place < deliveries.c.place,
                    *among,
                )
            )
            for state in _NOT_DONE
        )
    )
