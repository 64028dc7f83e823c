"""The table of what was said at each attempt to deliver."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "exchanges",
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answer_headers", sa.Text(), nullable=False),
        sa.Column("answer_size", sa.Integer(), nullable=False),
        sa.Column("answer_content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", "attempt", "number", name=op.f("pk_exchanges")),
    )


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("exchanges")
