"""The tables of alerts."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Moment
from gateway.store.tables import metadata

alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("subject_id", sa.Text, nullable=False),
    sa.Column("partner", sa.String(64)),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("look", sa.Text, nullable=False),
    sa.Column("advice", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("raised_at", Moment, nullable=False),
    sa.Column("closed_at", Moment, index=True),
    sa.Column("said", sa.Text, nullable=False),
    sa.Index(None, "state", "raised_at"),
)

notices = sa.Table(
    "notices",
    metadata,
    # Who is told of which alert: one row once it was tried.
    sa.Column("alert_id", sa.String(36), primary_key=True),
    sa.Column("target", sa.String(16), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("sent_at", Moment),
    sa.Column("last_error", sa.Text),
    sa.Index(None, "target", "state", "due_at"),
)
