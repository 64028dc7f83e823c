"""The table of acknowledgments that are gathered, and of the interchanges that they went out in."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Moment
from gateway.store.tables import metadata

collected = sa.Table(
    "collected_acknowledgments",
    metadata,
    # One for each interchange that came in. It stays when it has gone out, as the way from what
    # came in to the interchange of ours that acknowledges it.
    sa.Column("interchange_id", sa.String(36), primary_key=True),
    sa.Column("partner", sa.String(64), nullable=False),
    sa.Column("batch", sa.String(36), nullable=False),
    sa.Column("envelope", sa.LargeBinary, nullable=False),
    sa.Column("told", sa.LargeBinary, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("submitted_at", Moment, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("most_sets", sa.Integer),
    sa.Column("most_bytes", sa.BigInteger),
    sa.Column("outgoing_id", sa.String(36)),
    # What waits is found among years of what went out: it has no interchange.
    sa.Index(None, "partner", "outgoing_id", "due_at"),
    sa.Index(None, "outgoing_id", "due_at"),
)
