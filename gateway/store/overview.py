"""Counts what waits for a person, and tells which processes live."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from gateway.pipeline.outcome import RELEASABLE
from gateway.pipeline.overview import Overview, Process
from gateway.pipeline.reconciliation_records import Standing
from gateway.pipeline.states import (
    AlertState,
    AwaitedStatus,
    DeliveryStatus,
    InterchangeState,
    OutgoingState,
    PayloadState,
)
from gateway.store.alert_tables import alerts
from gateway.store.tables import (
    documents,
    executors,
    holds,
    interchanges,
    lanes,
    outgoing_interchanges,
    payloads,
    received_acknowledgments,
)

_LIVES = timedelta(seconds=15)
"""A process beats each second; one that has not for so long is dead, or as good as."""

_OF_LATE = timedelta(days=1)
"""Nobody settles what fits nothing we sent, so that it only shows for so long."""


def overview(connection: sa.Connection, now: datetime) -> Overview:
    """Count what waits for a person, each by one statement over an index."""
    delivery, direction, reason = (
        documents.c[name] for name in ("delivery", "direction", "reason")
    )
    held = delivery == DeliveryStatus.QUARANTINED
    ours = sa.or_(direction == "out", sa.func.coalesce(reason, "").in_(RELEASABLE))
    said = received_acknowledgments.c

    def count(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
        query = sa.select(sa.func.count()).select_from(table).where(*conditions)
        return connection.scalar(query) or 0

    return Overview(
        dead=count(documents, delivery == DeliveryStatus.DEAD),
        untranslated=count(documents, held, sa.not_(ours)),
        quarantined=count(payloads, payloads.c.state == PayloadState.QUARANTINED)
        + count(
            interchanges,
            interchanges.c.state.in_((InterchangeState.HELD, InterchangeState.QUARANTINED)),
        )
        + count(outgoing_interchanges, outgoing_interchanges.c.state == OutgoingState.DEAD)
        + count(documents, held, ours),
        alerts=count(alerts, alerts.c.state == AlertState.OPEN),
        overdue=count(
            outgoing_interchanges, outgoing_interchanges.c.acknowledgment == AwaitedStatus.OVERDUE
        ),
        unmatched=count(
            received_acknowledgments,
            said.standing.in_((Standing.UNMATCHED, Standing.UNREADABLE)),
            said.at >= now - _OF_LATE,
        ),
        holds=count(holds),
        paused=count(lanes, lanes.c.paused_at.is_not(None)),
        unwell=count(lanes, lanes.c.open_until.is_not(None)),
        processes=tuple(_living(connection, now)),
    )


def _living(connection: sa.Connection, now: datetime) -> list[Process]:
    query = (
        sa.select(executors.c.host, executors.c.started_at)
        .where(executors.c.buried_at.is_(None), executors.c.seen_at > now - _LIVES)
        .order_by(executors.c.started_at, executors.c.host)
    )
    return [Process(*row) for row in connection.execute(query)]
