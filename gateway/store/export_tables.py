"""The tables of scheduled exports."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Moment
from gateway.store.tables import metadata

exports = sa.Table(
    "exports",
    metadata,
    # One row for each export: its cursor, and which run of it is under way.
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("last_slot", Moment, nullable=False),
    sa.Column("progress", sa.Text, nullable=False),
    sa.Column("running", sa.String(36)),
    sa.Column("claim", sa.Integer, nullable=False),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("until", Moment),
    sa.Column("paused_at", Moment),
    sa.Column("paused_because", sa.Text),
)

export_runs = sa.Table(
    "export_runs",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("export", sa.String(64), nullable=False),
    sa.Column("slot", Moment, nullable=False),
    sa.Column("asked", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("missed", sa.Integer, nullable=False),
    sa.Column("started_at", Moment),
    sa.Column("ended_at", Moment),
    sa.Column("read", sa.BigInteger, nullable=False),
    sa.Column("selected", sa.BigInteger, nullable=False),
    sa.Column("unchanged", sa.BigInteger, nullable=False),
    sa.Column("sent", sa.BigInteger, nullable=False),
    sa.Column("refused", sa.BigInteger, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("cursor_before", sa.Text),
    sa.Column("cursor_after", sa.Text),
    sa.Column("because", sa.Text),
    sa.Index(None, "export", "slot"),
    sa.Index(None, "state", "slot"),
    sa.Index(None, "slot"),
)

export_records = sa.Table(
    "export_records",
    metadata,
    # What tells a record that was taken from one that is new or changed.
    sa.Column("export", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("seen_at", Moment, nullable=False, index=True),
    sa.Column("document_id", sa.String(36)),
    sa.Column("payload_id", sa.String(36)),
    sa.Index(None, "export", "state"),
)

export_marks = sa.Table(
    "export_marks",
    metadata,
    # What the ERP is told of documents, once they are as far as the export asks.
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("export", sa.String(64), nullable=False),
    sa.Column("key", sa.String(200), nullable=False),
    sa.Column("document_id", sa.String(36), nullable=False),
    sa.Column("told_when", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("created_at", Moment, nullable=False, index=True),
    sa.Column("last_error", sa.Text),
    sa.Index(None, "export", "state", "due_at"),
)
