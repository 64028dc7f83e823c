"""The tables of what translated documents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Moment

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "versions",
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("map", sa.String(length=128), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "since", name=op.f("pk_versions")),
    )
    op.create_index(op.f("ix_versions_hash"), "versions", ["hash"])
    op.create_table(
        "version_contents",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_version_contents")),
    )


def downgrade() -> None:
    """Remove the tables."""
    op.drop_table("version_contents")
    op.drop_table("versions")
