"""The table of acknowledgments that are gathered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLE = "collected_acknowledgments"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        _TABLE,
        sa.Column("interchange_id", sa.String(length=36), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("batch", sa.String(length=36), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("most_sets", sa.Integer(), nullable=True),
        sa.Column("most_bytes", sa.BigInteger(), nullable=True),
        sa.Column("outgoing_id", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("interchange_id", name=op.f(f"pk_{_TABLE}")),
    )
    for columns in (["partner", "outgoing_id", "due_at"], ["outgoing_id", "due_at"]):
        op.create_index(op.f("_".join(["ix", _TABLE, *columns])), _TABLE, columns)


def downgrade() -> None:
    """Remove the table."""
    op.drop_table(_TABLE)
