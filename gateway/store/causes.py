"""What lasts and a person must know of, in the database: `alerts_port.Causes`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.pipeline.alert_records import Lasting
from gateway.pipeline.states import DeliveryState, DeliveryStatus, OutgoingState
from gateway.store.related import ORDER_NUMBERS
from gateway.store.tables import (
    business_keys,
    deliveries,
    documents,
    lanes,
    outgoing_interchanges,
)


class SqlCauses:
    """The questions about what lasts, each answered from an index, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def dead_deliveries(self) -> list[Lasting]:
        """Return the destinations with deliveries that were given up."""
        table = deliveries.c
        query = (
            sa.select(
                table.destination, sa.func.count(), table.destination, sa.func.max(table.owner)
            )
            .where(table.state == DeliveryState.DEAD)
            .group_by(table.destination)
        )
        return self._lasting(query)

    def dead_interchanges(self) -> list[Lasting]:
        """Return the partners with interchanges that were given up."""
        table = outgoing_interchanges.c
        query = (
            sa.select(table.partner, sa.func.count(), table.partner, sa.null())
            .where(table.state == OutgoingState.DEAD)
            .group_by(table.partner)
        )
        return self._lasting(query)

    def tripped(self, openings: int) -> list[Lasting]:
        """Return the lanes whose breaker opened so often with nothing succeeding between."""
        query = sa.select(lanes.c.lane, lanes.c.openings, lanes.c.answer, sa.null()).where(
            lanes.c.open_until.is_not(None), lanes.c.openings >= openings
        )
        return self._lasting(query)

    def quarantined(self, before: datetime) -> list[Lasting]:
        """Return the partners with documents that wait for a person since before a moment."""
        table = documents.c
        query = (
            sa.select(table.partner, sa.func.count(), table.partner, sa.func.max(table.owner))
            .where(table.delivery == DeliveryStatus.QUARANTINED, table.received_at <= before)
            .group_by(table.partner)
        )
        return self._lasting(query)

    def last_came(self, partner: str, set_id: str) -> datetime | None:
        """Return when a partner last sent such a set."""
        table = documents.c
        query = (
            sa.select(table.received_at)
            .where(table.partner == partner, table.set_id == set_id, table.direction == "in")
            .order_by(table.received_at.desc())
            .limit(1)
        )
        return self._connection.scalar(query)

    def unanswered(
        self, partner: str, sets: tuple[str, str], since: datetime, before: datetime
    ) -> list[Lasting]:
        """Return documents of ours of one set that no document of another one answers.

        Of those delivered that were submitted in this time; an answer names the same order.
        """
        ours, said = documents.c, business_keys.c
        sent, answered_by = sets
        of_ours = sa.and_(said.document_id == ours.id, said.name.in_(ORDER_NUMBERS))
        has_answer = sa.exists(
            sa.select(said.document_id).where(of_ours, _came(partner, answered_by))
        )
        number = sa.select(sa.func.min(said.value)).where(of_ours).scalar_subquery()
        query = sa.select(ours.id, sa.literal(1), number, sa.null()).where(
            ours.partner == partner,
            ours.set_id == sent,
            ours.direction == "out",
            ours.received_at >= since,
            ours.received_at <= before,
            ours.delivery == DeliveryStatus.DELIVERED,
            sa.not_(has_answer),
        )
        return self._lasting(query)

    def _lasting(self, query: sa.Select[Any]) -> list[Lasting]:
        found = [Lasting(*row) for row in self._connection.execute(query)]
        return sorted(found, key=lambda one: one.subject_id)


def _came(partner: str, set_id: str) -> sa.ColumnElement[bool]:
    """Say whether such a document came that has the business key of the query around this."""
    said, answer, named = business_keys.c, documents.alias(), business_keys.alias()
    return sa.exists(
        sa.select(named.c.document_id)
        .join(answer, answer.c.id == named.c.document_id)
        .where(
            named.c.name == said.name,
            named.c.value == said.value,
            answer.c.partner == partner,
            answer.c.direction == "in",
            answer.c.set_id == set_id,
        )
    )
