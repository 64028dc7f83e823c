"""Alerts in the database: the verbs of `alerts_port`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gateway.pipeline.alert_records import AlertRecord, AlertView, NoticeRecord
from gateway.pipeline.states import AlertState, NoticeState
from gateway.store import inserting, rows
from gateway.store.alert_tables import alerts, notices


class SqlAlerts:
    """The verbs about alerts, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, record: AlertRecord) -> bool:
        """Keep an alert; say whether it is new."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        added = self._connection.execute(
            dialect.insert(alerts)
            .values(**rows.values(record))
            .on_conflict_do_nothing(index_elements=["id"])
            .returning(alerts.c.id)
        ).first()
        return added is not None

    def alert(self, alert_id: str) -> AlertRecord | None:
        """Return one alert."""
        query = sa.select(*rows.columns(AlertRecord)).where(alerts.c.id == alert_id)
        return next(iter(rows.read(self._connection, AlertRecord, query)), None)

    def change(self, alert_id: str, sources: Collection[str], **values: object) -> bool:
        """Set values where the state is one of the sources; say whether it was."""
        changed = self._connection.execute(
            sa.update(alerts)
            .where(alerts.c.id == alert_id, alerts.c.state.in_(sources))
            .values(**values)
        ).rowcount
        return changed == 1

    def newest(self, kind: str) -> dict[str, AlertRecord]:
        """Return the newest alert of a kind about each subject."""
        query = (
            sa.select(*rows.columns(AlertRecord))
            .where(alerts.c.kind == kind)
            .order_by(alerts.c.raised_at, alerts.c.id)
        )
        return {one.subject_id: one for one in rows.read(self._connection, AlertRecord, query)}

    def untold(
        self, target: str, now: datetime, since: datetime, limit: int
    ) -> list[tuple[AlertRecord, NoticeRecord | None]]:
        """Return alerts that a target is to be told of now, oldest first.

        Those that are open and were raised since then; with what is known of telling it.
        """
        of_target = sa.and_(notices.c.alert_id == alerts.c.id, notices.c.target == target)
        never_tried = sa.and_(notices.c.alert_id.is_(None), alerts.c.raised_at >= since)
        due = sa.and_(notices.c.state == NoticeState.DUE, notices.c.due_at <= now)
        query = (
            sa.select(*rows.columns(AlertRecord))
            .outerjoin(notices, of_target)
            .where(alerts.c.state == AlertState.OPEN, sa.or_(never_tried, due))
            .order_by(alerts.c.raised_at, alerts.c.id)
            .limit(limit)
        )
        found = rows.read(self._connection, AlertRecord, query)
        known = {
            one.alert_id: one
            for one in _notices_of(self._connection, [one.id for one in found])
            if one.target == target
        }
        return [(one, known.get(one.id)) for one in found]

    def begin(self, due: Sequence[NoticeRecord]) -> list[NoticeRecord]:
        """Count an attempt on each that nobody else counted; return them as they are then."""
        begun = []
        for one in sorted(due, key=lambda notice: notice.alert_id):
            following = replace(one, attempt=one.attempt + 1)
            if not self._write(following, expected=one.attempt):
                if one.attempt:
                    continue
                # Of a first attempt there is no row.
                inserting.insert(self._connection, [following])
            begun.append(following)
        return begun

    def put_back(self, begun: Sequence[NoticeRecord]) -> None:
        """Count no attempt on what was begun, and not told after all."""
        for one in sorted(begun, key=lambda notice: notice.alert_id):
            self._write(replace(one, attempt=one.attempt - 1), expected=one.attempt)

    def settle(self, told: Sequence[NoticeRecord]) -> None:
        """Write what became of telling, by the attempt's number."""
        for one in sorted(told, key=lambda notice: notice.alert_id):
            self._write(one, expected=one.attempt)

    def _write(self, record: NoticeRecord, *, expected: int) -> bool:
        changed = self._connection.execute(
            sa.update(notices)
            .where(
                notices.c.alert_id == record.alert_id,
                notices.c.target == record.target,
                notices.c.attempt == expected,
                notices.c.state == NoticeState.DUE,
            )
            .values(**rows.values(record))
        ).rowcount
        return changed == 1

    def forget(self, before: datetime) -> int:
        """Remove what was closed before; return how many were."""
        closed = sa.select(alerts.c.id).where(alerts.c.closed_at < before)
        self._connection.execute(sa.delete(notices).where(notices.c.alert_id.in_(closed)))
        return self._connection.execute(
            sa.delete(alerts).where(alerts.c.closed_at < before)
        ).rowcount


class SqlAlertDesk:
    """The queries behind lists and pages of alerts."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def alerts(self, states: Collection[str] | None = None, limit: int = 100) -> list[AlertView]:
        """List alerts, newest first."""
        query = sa.select(*rows.columns(AlertRecord))
        if states is not None:
            query = query.where(alerts.c.state.in_(states))
        query = query.order_by(alerts.c.raised_at.desc(), alerts.c.id).limit(limit)
        with self._engine.connect() as connection:
            return _views(connection, rows.read(connection, AlertRecord, query))

    def beginning(self, alert_id: str) -> AlertView | None:
        """Return one alert; a unique beginning of its id is enough."""
        called = alerts.c.id.startswith(alert_id, autoescape=True)
        query = sa.select(*rows.columns(AlertRecord)).where(called).limit(2)
        with self._engine.connect() as connection:
            found = _views(connection, rows.read(connection, AlertRecord, query))
        return found[0] if len(found) == 1 else None


def _views(connection: sa.Connection, found: Sequence[AlertRecord]) -> list[AlertView]:
    of_alert: defaultdict[str, list[NoticeRecord]] = defaultdict(list)
    for one in _notices_of(connection, [one.id for one in found]):
        of_alert[one.alert_id].append(one)
    return [AlertView(one, tuple(of_alert[one.id])) for one in found]


def _notices_of(connection: sa.Connection, alert_ids: Sequence[str]) -> list[NoticeRecord]:
    found: list[NoticeRecord] = []
    for chunk in rows.chunks(alert_ids):
        query = (
            sa.select(*rows.columns(NoticeRecord))
            .where(notices.c.alert_id.in_(chunk))
            .order_by(notices.c.alert_id, notices.c.target)
        )
        found += rows.read(connection, NoticeRecord, query)
    return found
