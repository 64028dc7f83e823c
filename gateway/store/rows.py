"""Which record is a row of which table, and the way between them."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from gateway.pipeline import (
    alert_records,
    collected_records,
    exchange_records,
    export_records,
    lane_records,
    outgoing_records,
    reconciliation_records,
    records,
)
from gateway.store import alert_tables, collected_tables, exchange_tables, export_tables, tables

TABLE_OF: dict[type[Any], sa.Table] = {
    records.PayloadRecord: tables.payloads,
    records.InterchangeRecord: tables.interchanges,
    records.SliceRecord: tables.interchange_slices,
    records.NumberRecord: tables.interchange_numbers,
    records.DocumentRecord: tables.documents,
    records.FindingRecord: tables.findings,
    records.BusinessKeyRecord: tables.business_keys,
    records.DeliveryRecord: tables.deliveries,
    records.AttemptRecord: tables.attempts,
    outgoing_records.OutgoingRecord: tables.outgoing_interchanges,
    outgoing_records.OutgoingSetRecord: tables.outgoing_sets,
    outgoing_records.WaitingRecord: tables.waiting_sets,
    outgoing_records.HoldRecord: tables.holds,
    collected_records.CollectedRecord: collected_tables.collected,
    outgoing_records.SeriesRecord: tables.control_numbers,
    records.TimelineRecord: tables.timeline,
    lane_records.LaneRecord: tables.lanes,
    reconciliation_records.AcknowledgmentRecord: tables.received_acknowledgments,
    reconciliation_records.ContentRecord: tables.contents,
    reconciliation_records.SequenceRecord: tables.sequences,
    reconciliation_records.GapRecord: tables.gaps,
    exchange_records.ExchangeRecord: exchange_tables.exchanges,
    export_records.ExportRecord: export_tables.exports,
    export_records.RunRecord: export_tables.export_runs,
    export_records.ExportedRecord: export_tables.export_records,
    export_records.MarkRecord: export_tables.export_marks,
    alert_records.AlertRecord: alert_tables.alerts,
    alert_records.NoticeRecord: alert_tables.notices,
}

_FIELDS = {kind: tuple(field.name for field in dataclasses.fields(kind)) for kind in TABLE_OF}

R = TypeVar("R")
T = TypeVar("T")

IN_CHUNK = 1000
"""Values in one IN list: SQLite and PostgreSQL both limit the parameters of a statement."""


def values(record: records.Record) -> dict[str, Any]:
    """Return a record as column values."""
    return {name: getattr(record, name) for name in _FIELDS[type(record)]}


def columns(kind: type[Any], *, without: Sequence[str] = ()) -> list[sa.ColumnElement[Any]]:
    """Return the columns that make a record; big ones may be left out and read as empty bytes."""
    table = TABLE_OF[kind]
    return [
        sa.literal(b"", sa.LargeBinary).label(name) if name in without else table.c[name]
        for name in _FIELDS[kind]
    ]


def read(connection: sa.Connection, kind: type[R], query: sa.Select[Any]) -> list[R]:
    """Run a query over `columns(kind)` and return the records."""
    return [kind(*row) for row in connection.execute(query)]


def chunks(items: Sequence[T]) -> list[Sequence[T]]:
    """Split ids or keys into lists that one statement can take."""
    return [items[start : start + IN_CHUNK] for start in range(0, len(items), IN_CHUNK)]


def lock(connection: sa.Connection, key: sa.Column[str], ids: Collection[str]) -> None:
    """Hold rows until the transaction ends, in the order that everybody takes them in: by id.

    A statement that changes several rows locks them in whatever order it finds them, so that two
    of them could wait for each other. SQLite has one lock for everything.
    """
    if connection.dialect.name == "sqlite":
        return
    for chunk in chunks(sorted(ids)):
        # As strong as an update that leaves the key alone: who adds a row about it need not wait.
        query = sa.select(key).where(key.in_(chunk)).order_by(key)
        connection.execute(query.with_for_update(key_share=True))


def hold_writers(connection: sa.Connection) -> None:
    """Let nobody else write to SQLite until the transaction ends: it has no row locks.

    Its driver begins a transaction with the first statement that writes, so that what is read
    before could have changed by then.
    """
    if connection.dialect.name != "sqlite":
        return
    driver = connection.connection.driver_connection
    if driver is not None and not driver.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
