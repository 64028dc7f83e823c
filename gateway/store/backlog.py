"""What is not finished, counted for whoever waits until nothing is left."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.pipeline import lane_names
from gateway.pipeline.alerts import TARGETS
from gateway.pipeline.states import (
    DeliveryState,
    InterchangeState,
    NoticeState,
    OutgoingState,
    PayloadState,
    WaitingState,
)
from gateway.store.alert_tables import notices
from gateway.store.collected import due_together
from gateway.store.exports import unfinished_exports
from gateway.store.tables import (
    deliveries,
    holds,
    interchanges,
    lanes,
    outgoing_interchanges,
    payloads,
    waiting_sets,
)


def backlog(connection: sa.Connection, now: datetime) -> dict[str, int]:
    """Count payloads to read, and what is due now to anybody.

    One statement, and so one moment: work that goes on from a place not yet counted to one that
    was would be seen in neither.
    """
    counts = {
        "payloads": _count(payloads, payloads.c.state == PayloadState.RECEIVED),
        "deliveries": _deliveries(now),
        "interchanges": _count(interchanges, waits_to_be_read()),
        "outgoing": _outgoing(now),
        "waiting": _waiting(now),
        "gathered": due_together(now),
        "notices": _untold(now),
        **unfinished_exports(now),
    }
    together = sa.select(*(one.scalar_subquery().label(name) for name, one in counts.items()))
    return dict(connection.execute(together).mappings().one())


def _count(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(sa.func.count()).select_from(table).where(*conditions)


def waits_to_be_read() -> sa.ColumnElement[bool]:
    """Return whether an interchange waits to be read, or to be read on, by itself.

    One that is being read with its whole payload is the business of the payload's job.
    """
    its_payload = payloads.c.id == interchanges.c.payload_id
    read = sa.select(payloads.c.id).where(its_payload, payloads.c.state == PayloadState.READ)
    half_read = interchanges.c.state == InterchangeState.READING
    return sa.or_(
        interchanges.c.state == InterchangeState.RECEIVED,
        sa.and_(half_read, read.correlate(interchanges).exists()),
    )


def _resting(now: datetime) -> sa.Select[Any]:
    """What a breaker, working hours, a rate or a person parks is not due before it goes on."""
    parked = (lanes.c.open_until > now, lanes.c.rests_until > now, lanes.c.paused_at.is_not(None))
    return sa.select(lanes.c.lane).where(sa.or_(*parked))


def _deliveries(now: datetime) -> sa.Select[Any]:
    return _count(
        deliveries,
        deliveries.c.state.in_((DeliveryState.DUE, DeliveryState.CLAIMED)),
        # One that was never tried waits for no later attempt. Where it is due later, it was put
        # off for a second, since an earlier payload was being read.
        sa.or_(deliveries.c.due_at <= now, deliveries.c.attempt == 0),
        (sa.literal(lane_names.deliver("")) + deliveries.c.destination).not_in(_resting(now)),
    )


def _outgoing(now: datetime) -> sa.Select[Any]:
    table = outgoing_interchanges
    return _count(
        table,
        table.c.state == OutgoingState.DUE,
        table.c.due_at <= now,
        (sa.literal(lane_names.send("")) + table.c.partner).not_in(_resting(now)),
    )


def _waiting(now: datetime) -> sa.Select[Any]:
    return _count(
        waiting_sets,
        waiting_sets.c.state == WaitingState.WAITING,
        waiting_sets.c.due_at <= now,
        waiting_sets.c.partner.not_in(sa.select(holds.c.partner)),
    )


def _untold(now: datetime) -> sa.Select[Any]:
    """Count what is to be told of alerts: what is due, and lanes that were woken for it."""
    due = sa.select(notices.c.target).where(
        notices.c.state == NoticeState.DUE, notices.c.due_at <= now
    )
    woken = sa.select(lanes.c.lane).where(
        lanes.c.lane.in_([lane_names.notify(target) for target in TARGETS]), lanes.c.wakes > 0
    )
    return sa.select(sa.func.count()).select_from(sa.union_all(due, woken).subquery())
