"""Lanes as people look at them: what waits in each, and since when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.pipeline import lane_names
from gateway.pipeline.lane_records import LaneRecord, LaneView, Later
from gateway.pipeline.states import DeliveryState, OutgoingState
from gateway.store import rows
from gateway.store.tables import deliveries, documents, lanes, outgoing_interchanges

_NOT_DONE = (
    DeliveryState.DUE,
    DeliveryState.CLAIMED,
    DeliveryState.HELD,
    DeliveryState.DEAD,
)


class SqlLaneDesk:
    """The verbs of people who look at lanes."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def destinations(self) -> Mapping[str, LaneView]:
        """Return the lanes of destinations that there is something to say of, by their names."""
        waiting = (
            sa.select(
                deliveries.c.destination,
                deliveries.c.state,
                sa.func.count(),
                sa.func.min(documents.c.received_at),
            )
            .join(documents, documents.c.id == deliveries.c.document_id)
            .where(deliveries.c.state.in_(_NOT_DONE))
            .group_by(deliveries.c.destination, deliveries.c.state)
        )
        return self._views(lane_names.DELIVER, waiting)

    def partners(self) -> Mapping[str, LaneView]:
        """Return the lanes of partners that there is something to say of, by their ids."""
        sent = outgoing_interchanges.c
        waiting = (
            sa.select(sent.partner, sent.state, sa.func.count(), sa.func.min(sent.created_at))
            .where(sent.state.in_((OutgoingState.DUE, OutgoingState.DEAD)))
            .group_by(sent.partner, sent.state)
        )
        return self._views(lane_names.SEND, waiting)

    def later(self, now: datetime) -> Mapping[str, Later]:
        """Return what is due after a moment, by the names of lanes."""
        waits = (
            (lane_names.DELIVER, deliveries, deliveries.c.destination, DeliveryState.DUE),
            (lane_names.SEND, outgoing_interchanges, outgoing_interchanges.c.partner,
             OutgoingState.DUE),
        )  # fmt: skip
        found = {}
        with self._engine.connect() as connection:
            for kind, table, of, state in waits:
                query = (
                    sa.select(of, sa.func.count(), sa.func.min(table.c.due_at))
                    .where(table.c.state == state, table.c.due_at > now)
                    .group_by(of)
                )
                for name, count, first in connection.execute(query):
                    found[f"{kind}:{name}"] = Later(count, first)
        return found

    def _views(self, kind: str, waiting: sa.Select[Any]) -> dict[str, LaneView]:
        prefix = f"{kind}:"
        query = sa.select(*rows.columns(LaneRecord)).where(lanes.c.lane.startswith(prefix))
        counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
        oldest: dict[str, datetime] = {}
        with self._engine.connect() as connection:
            records = {
                lane_names.split(one.lane)[1]: one
                for one in rows.read(connection, LaneRecord, query)
            }
            for name, state, count, since in connection.execute(waiting):
                counts[name][state] = count
                oldest[name] = min(since, oldest.get(name, since))
        return {
            name: LaneView(
                records.get(name, LaneRecord(prefix + name)), counts[name], oldest.get(name)
            )
            for name in sorted({*records, *counts})
        }
