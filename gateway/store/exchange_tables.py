"""The table of what was said at each attempt to deliver."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.tables import metadata

exchanges = sa.Table(
    "exchanges",
    metadata,
    sa.Column("delivery_id", sa.String(36), primary_key=True),
    sa.Column("attempt", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("request", sa.Text, nullable=False),
    sa.Column("headers", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("answer_headers", sa.Text, nullable=False),
    sa.Column("answer_size", sa.Integer, nullable=False),
    sa.Column("answer_content", sa.LargeBinary, nullable=False),
)
