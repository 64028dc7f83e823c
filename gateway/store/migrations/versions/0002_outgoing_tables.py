"""The tables of what goes to partners."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _make_holds()
    _make_outgoing_interchanges()
    _make_outgoing_sets()
    _make_waiting_sets()


def downgrade() -> None:
    """Remove the tables."""
    for table in ("holds", "outgoing_interchanges", "outgoing_sets", "waiting_sets"):
        op.drop_table(table)


def _make_holds() -> None:
    op.create_table(
        "holds",
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partner", name=op.f("pk_holds")),
    )


def _make_outgoing_interchanges() -> None:
    op.create_table(
        "outgoing_interchanges",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("control_number", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("correlation_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("answers", sa.String(length=36), nullable=True),
        sa.Column("expects", sa.String(length=8), nullable=True),
        sa.Column("expect_within", sa.BigInteger(), nullable=True),
        sa.Column("acknowledgment_due_at", Moment(), nullable=True),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("acknowledgment", sa.String(length=24), nullable=False),
        sa.Column("acknowledged_at", Moment(), nullable=True),
        sa.Column("acknowledged_by", sa.String(length=36), nullable=True),
        sa.Column("resends", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("usage", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_interchanges")),
    )
    _index_outgoing_interchanges()


def _index_outgoing_interchanges() -> None:
    op.create_index(
        op.f("ix_outgoing_interchanges_acknowledgment_acknowledgment_due_at"),
        "outgoing_interchanges",
        ["acknowledgment", "acknowledgment_due_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_outgoing_interchanges_answers"), "outgoing_interchanges", ["answers"], unique=False
    )
    op.create_index(
        op.f("ix_outgoing_interchanges_kind_created_at"),
        "outgoing_interchanges",
        ["kind", "created_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_outgoing_interchanges_partner_control_number"),
        "outgoing_interchanges",
        ["partner", "control_number"],
        unique=False,
    )
    op.create_index(
        op.f("ix_outgoing_interchanges_partner_state_due_at"),
        "outgoing_interchanges",
        ["partner", "state", "due_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_outgoing_interchanges_state_due_at"),
        "outgoing_interchanges",
        ["state", "due_at"],
        unique=False,
    )


def _make_outgoing_sets() -> None:
    op.create_table(
        "outgoing_sets",
        sa.Column("outgoing_id", sa.String(length=36), nullable=False),
        sa.Column("group_control_number", sa.String(length=16), nullable=False),
        sa.Column("control_number", sa.String(length=16), nullable=False),
        sa.Column("set_id", sa.String(length=8), nullable=False),
        sa.Column("functional_id", sa.String(length=8), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(length=24), nullable=True),
        sa.PrimaryKeyConstraint(
            "outgoing_id", "group_control_number", "control_number", name=op.f("pk_outgoing_sets")
        ),
    )
    op.create_index(
        op.f("ix_outgoing_sets_document_id"), "outgoing_sets", ["document_id"], unique=False
    )
    op.create_index(
        op.f("ix_outgoing_sets_partner_functional_id_group_control_number"),
        "outgoing_sets",
        ["partner", "functional_id", "group_control_number"],
        unique=False,
    )


def _make_waiting_sets() -> None:
    op.create_table(
        "waiting_sets",
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("batch", sa.String(length=36), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("segments", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("submitted_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("most_sets", sa.Integer(), nullable=True),
        sa.Column("most_bytes", sa.BigInteger(), nullable=True),
        sa.Column("because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_waiting_sets")),
    )
    for columns in (["batch", "submitted_at"], ["due_at"]):
        op.create_index(
            op.f("_".join(["ix_waiting_sets_partner_state", *columns])),
            "waiting_sets",
            ["partner", "state", *columns],
            unique=False,
        )
    op.create_index(
        op.f("ix_waiting_sets_partner_state_submitted_at"),
        "waiting_sets",
        ["partner", "state", "submitted_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_waiting_sets_state_due_at"), "waiting_sets", ["state", "due_at"], unique=False
    )
