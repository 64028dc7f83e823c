"""The tables of what partners say of what we sent, and of what comes again or not at all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _make_contents()
    _make_gaps()
    _make_received_acknowledgments()
    _make_sequences()


def downgrade() -> None:
    """Remove the tables."""
    for table in ("contents", "gaps", "received_acknowledgments", "sequences"):
        op.drop_table(table)


def _make_received_acknowledgments() -> None:
    op.create_table(
        "received_acknowledgments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("verdict", sa.String(length=24), nullable=True),
        sa.Column("control_number", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("outgoing_id", sa.String(length=36), nullable=True),
        sa.Column("document_id", sa.String(length=36), nullable=True),
        sa.Column("interchange_id", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received_acknowledgments")),
    )
    for column in ("at", "outgoing_id"):
        name = op.f(f"ix_received_acknowledgments_{column}")
        op.create_index(name, "received_acknowledgments", [column], unique=False)


def _make_contents() -> None:
    op.create_table(
        "contents",
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("set_id", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "set_id", "sha256", name=op.f("pk_contents")),
    )
    op.create_index(op.f("ix_contents_seen_at"), "contents", ["seen_at"], unique=False)


def _make_sequences() -> None:
    op.create_table(
        "sequences",
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("highest", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sender", "receiver", name=op.f("pk_sequences")),
    )


def _make_gaps() -> None:
    op.create_table(
        "gaps",
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("noticed_at", Moment(), nullable=False),
        sa.Column("interchange_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("sender", "receiver", "number", name=op.f("pk_gaps")),
    )
    op.create_index(op.f("ix_gaps_noticed_at"), "gaps", ["noticed_at"], unique=False)
