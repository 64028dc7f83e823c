"""The tables of what translated documents: versions, and what they were made of."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Moment
from gateway.store.tables import metadata

versions = sa.Table(
    "versions",
    metadata,
    # A row for each time that something came into force: what is taken back is there twice.
    sa.Column("subject", sa.String(255), primary_key=True),
    sa.Column("since", Moment, primary_key=True),
    sa.Column("hash", sa.String(64), nullable=False, index=True),
    sa.Column("map", sa.String(128), nullable=False),
    sa.Column("files", sa.Text, nullable=False),
)

version_contents = sa.Table(
    "version_contents",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)
