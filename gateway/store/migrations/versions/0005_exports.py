"""The tables of scheduled exports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Moment

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _make_exports()
    _make_runs()
    _make_records()
    _make_marks()


def downgrade() -> None:
    """Remove the tables."""
    for table in ("export_marks", "export_records", "export_runs", "exports"):
        op.drop_table(table)


def _make_exports() -> None:
    op.create_table(
        "exports",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("last_slot", Moment(), nullable=False),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.Column("running", sa.String(length=36), nullable=True),
        sa.Column("claim", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", Moment(), nullable=True),
        sa.Column("paused_at", Moment(), nullable=True),
        sa.Column("paused_because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_exports")),
    )


def _make_runs() -> None:
    counts = ("read", "selected", "unchanged", "sent", "refused", "size")
    op.create_table(
        "export_runs",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("export", sa.String(length=64), nullable=False),
        sa.Column("slot", Moment(), nullable=False),
        sa.Column("asked", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("started_at", Moment(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in counts),
        sa.Column("cursor_before", sa.Text(), nullable=True),
        sa.Column("cursor_after", sa.Text(), nullable=True),
        sa.Column("because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_runs")),
    )
    for columns in (("export", "slot"), ("state", "slot"), ("slot",)):
        name = op.f(f"ix_export_runs_{'_'.join(columns)}")
        op.create_index(name, "export_runs", list(columns), unique=False)


def _make_records() -> None:
    op.create_table(
        "export_records",
        sa.Column("export", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=True),
        sa.Column("payload_id", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("export", "key", name=op.f("pk_export_records")),
    )
    for columns in (("export", "state"), ("seen_at",)):
        name = op.f(f"ix_export_records_{'_'.join(columns)}")
        op.create_index(name, "export_records", list(columns), unique=False)


def _make_marks() -> None:
    op.create_table(
        "export_marks",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("export", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("told_when", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_marks")),
    )
    for columns in (("export", "state", "due_at"), ("created_at",)):
        name = op.f(f"ix_export_marks_{'_'.join(columns)}")
        op.create_index(name, "export_marks", list(columns), unique=False)
