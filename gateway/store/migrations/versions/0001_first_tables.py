"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.store.columns import Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _make_as2_messages()
    _make_attempts()
    _make_business_keys()
    _make_control_numbers()
    _make_deliveries()
    _make_documents()
    _make_executors()
    _make_findings()
    _make_interchange_numbers()
    _make_interchange_slices()
    _make_interchanges()
    _make_lanes()
    _make_leases()
    _make_looks()
    _make_payloads()
    _make_sightings()
    _make_timeline()


def downgrade() -> None:
    """Remove the tables."""
    for table in _TABLES:
        op.drop_table(table)


_TABLES = [
    "as2_messages",
    "attempts",
    "business_keys",
    "control_numbers",
    "deliveries",
    "documents",
    "executors",
    "findings",
    "interchange_numbers",
    "interchange_slices",
    "interchanges",
    "lanes",
    "leases",
    "looks",
    "payloads",
    "sightings",
    "timeline",
]


def _make_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", "attempt", name=op.f("pk_attempts")),
    )


def _make_business_keys() -> None:
    op.create_table(
        "business_keys",
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "name", "value", name=op.f("pk_business_keys")),
    )
    op.create_index(
        op.f("ix_business_keys_value_name"), "business_keys", ["value", "name"], unique=False
    )


def _make_control_numbers() -> None:
    op.create_table(
        "control_numbers",
        sa.Column("series", sa.String(length=128), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_control_numbers")),
    )


def _make_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("document_id", sa.String(length=36), nullable=False),
        sa.Column("destination", sa.String(length=128), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("allowance", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("route", sa.String(length=80), nullable=False),
        sa.Column("idempotency_key", sa.String(length=36), nullable=False),
        sa.Column("correlation_id", sa.String(length=36), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("ordering_key", sa.Text(), nullable=True),
        sa.Column("place", sa.String(length=48), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_deliveries_idempotency_key")),
    )
    op.create_index(
        op.f("ix_deliveries_destination_ordering_key_state_place"),
        "deliveries",
        ["destination", "ordering_key", "state", "place"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deliveries_destination_state_due_at"),
        "deliveries",
        ["destination", "state", "due_at"],
        unique=False,
    )
    op.create_index(op.f("ix_deliveries_document_id"), "deliveries", ["document_id"], unique=False)
    op.create_index(
        op.f("ix_deliveries_state_due_at"), "deliveries", ["state", "due_at"], unique=False
    )


def _make_documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("payload_id", sa.String(length=36), nullable=False),
        sa.Column("interchange_id", sa.String(length=36), nullable=True),
        sa.Column("outgoing_id", sa.String(length=36), nullable=True),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("set_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("usage", sa.Text(), nullable=False),
        sa.Column("group_control_number", sa.Text(), nullable=False),
        sa.Column("control_number", sa.Text(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("document_type", sa.String(length=64), nullable=True),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("validation", sa.String(length=24), nullable=False),
        sa.Column("delivery", sa.String(length=16), nullable=False),
        sa.Column("acknowledgment", sa.String(length=24), nullable=False),
        sa.Column("map", sa.String(length=128), nullable=True),
        sa.Column("map_hash", sa.String(length=64), nullable=True),
        sa.Column("canonical", sa.LargeBinary(), nullable=True),
        sa.Column("canonical_hash", sa.String(length=64), nullable=True),
        sa.Column("translations", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("caused_by", sa.String(length=36), nullable=True),
        sa.Column("hops", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
    )
    op.create_index(op.f("ix_documents_caused_by"), "documents", ["caused_by"], unique=False)
    op.create_index(op.f("ix_documents_delivery"), "documents", ["delivery"], unique=False)
    op.create_index(
        op.f("ix_documents_interchange_id"), "documents", ["interchange_id"], unique=False
    )
    op.create_index(op.f("ix_documents_outgoing_id"), "documents", ["outgoing_id"], unique=False)
    op.create_index(
        op.f("ix_documents_partner_set_id_received_at"),
        "documents",
        ["partner", "set_id", "received_at"],
        unique=False,
    )
    op.create_index(op.f("ix_documents_payload_id"), "documents", ["payload_id"], unique=False)
    op.create_index(op.f("ix_documents_received_at"), "documents", ["received_at"], unique=False)


def _make_executors() -> None:
    op.create_table(
        "executors",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("buried_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_executors")),
    )


def _make_findings() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("interchange_id", sa.String(length=36), nullable=True),
        sa.Column("document_id", sa.String(length=36), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("data_element", sa.String(length=8), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index(op.f("ix_findings_document_id"), "findings", ["document_id"], unique=False)
    op.create_index(
        op.f("ix_findings_interchange_id"), "findings", ["interchange_id"], unique=False
    )


def _make_interchange_numbers() -> None:
    op.create_table(
        "interchange_numbers",
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("control_number", sa.Text(), nullable=False),
        sa.Column("interchange_id", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("used_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint(
            "sender", "receiver", "control_number", name=op.f("pk_interchange_numbers")
        ),
    )


def _make_interchange_slices() -> None:
    op.create_table(
        "interchange_slices",
        sa.Column("interchange_id", sa.String(length=36), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("judged", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("interchange_id", "start", name=op.f("pk_interchange_slices")),
    )


def _make_interchanges() -> None:
    op.create_table(
        "interchanges",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("payload_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=True),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("control_number", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("usage", sa.Text(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("duplicate_of", sa.String(length=36), nullable=True),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("traceback", sa.Text(), nullable=True),
        sa.Column("sets_read", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interchanges")),
    )
    op.create_index(
        op.f("ix_interchanges_payload_id"), "interchanges", ["payload_id"], unique=False
    )
    op.create_index(
        op.f("ix_interchanges_sender_receiver_control_number"),
        "interchanges",
        ["sender", "receiver", "control_number"],
        unique=False,
    )
    op.create_index(op.f("ix_interchanges_state"), "interchanges", ["state"], unique=False)


def _make_lanes() -> None:
    op.create_table(
        "lanes",
        sa.Column("lane", sa.String(length=160), nullable=False),
        sa.Column("wakes", sa.Integer(), nullable=False),
        sa.Column("freed", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.Column("open_until", Moment(), nullable=True),
        sa.Column("rests_until", Moment(), nullable=True),
        sa.Column("calls", sa.Text(), nullable=False),
        sa.Column("paused_at", Moment(), nullable=True),
        sa.Column("paused_by", sa.Text(), nullable=True),
        sa.Column("paused_because", sa.Text(), nullable=True),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_lanes")),
    )


def _make_payloads() -> None:
    op.create_table(
        "payloads",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=True),
        sa.Column("transport", sa.String(length=64), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("recoveries", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("traceback", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payloads")),
        sa.UniqueConstraint("transport", "receipt", name=op.f("uq_payloads_transport_receipt")),
    )
    op.create_index(op.f("ix_payloads_received_at"), "payloads", ["received_at"], unique=False)
    op.create_index(
        op.f("ix_payloads_state_received_at"), "payloads", ["state", "received_at"], unique=False
    )


def _make_as2_messages() -> None:
    op.create_table(
        "as2_messages",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("outgoing_id", sa.String(length=36), nullable=False),
        sa.Column("mics", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sent_at", Moment(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("resends", sa.Integer(), nullable=False),
        sa.Column("mdn_due_at", Moment(), nullable=True),
        sa.Column("mdn_at", Moment(), nullable=True),
        sa.Column("mdn", sa.LargeBinary(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_as2_messages")),
    )
    for columns in (["outgoing_id"], ["sent_at"], ["state", "mdn_due_at"]):
        name = op.f(f"ix_as2_messages_{'_'.join(columns)}")
        op.create_index(name, "as2_messages", columns, unique=False)


def _make_leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )


def _make_looks() -> None:
    op.create_table(
        "looks",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("looked_at", Moment(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_looks")),
    )


def _make_sightings() -> None:
    op.create_table(
        "sightings",
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("modified", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("place", "name", name=op.f("pk_sightings")),
    )


def _make_timeline() -> None:
    op.create_table(
        "timeline",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=128), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("verb", sa.String(length=24), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline")),
    )
    op.create_index(
        op.f("ix_timeline_subject_id_at"), "timeline", ["subject_id", "at"], unique=False
    )
