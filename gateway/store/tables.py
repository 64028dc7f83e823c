"""The tables: the truth that people look at. The engine's own tables are plumbing beside them.

What partners send is kept as text of any length: a wrong ISA must not be too long for the ledger.
Identifiers are derived from what they identify wherever doing it twice must be harmless. Nothing
here refers to a table of the engine, so that it can be exchanged without touching what is kept.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.store.columns import Moment

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

payloads = sa.Table(
    "payloads",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("partner", sa.String(64)),
    sa.Column("transport", sa.String(64), nullable=False),
    sa.Column("receipt", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("recoveries", sa.Integer, nullable=False, default=0),
    sa.Column("reason", sa.String(32)),
    sa.Column("because", sa.Text),
    sa.Column("traceback", sa.Text),
    # The ledger of arrivals: a receipt that is here was stored, whatever became of its file since.
    sa.UniqueConstraint("transport", "receipt"),
    # What is old enough to be purged is found among years of payloads that were read.
    sa.Index(None, "state", "received_at"),
    sa.Index(None, "received_at"),
)

interchanges = sa.Table(
    "interchanges",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("payload_id", sa.String(36), nullable=False, index=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("partner", sa.String(64)),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("receiver", sa.Text, nullable=False),
    sa.Column("control_number", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("usage", sa.Text, nullable=False),
    sa.Column("start", sa.BigInteger, nullable=False),
    sa.Column("end", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("duplicate_of", sa.String(36)),
    sa.Column("owner", sa.String(64)),
    sa.Column("reason", sa.String(32)),
    sa.Column("because", sa.Text),
    sa.Column("traceback", sa.Text),
    # The high-water mark of one that is committed slice by slice: part of its compare-and-set.
    sa.Column("sets_read", sa.Integer, nullable=False, default=0),
    sa.Index(None, "state"),
    sa.Index(None, "sender", "receiver", "control_number"),
)

interchange_slices = sa.Table(
    "interchange_slices",
    metadata,
    # What the acknowledgment of a large interchange will say of the sets that are committed.
    sa.Column("interchange_id", sa.String(36), primary_key=True),
    sa.Column("start", sa.Integer, primary_key=True),
    sa.Column("judged", sa.LargeBinary, nullable=False),
)

interchange_numbers = sa.Table(
    "interchange_numbers",
    metadata,
    # The ledger of duplicates: the first interchange of each number that was taken or rejected.
    sa.Column("sender", sa.Text, primary_key=True),
    sa.Column("receiver", sa.Text, primary_key=True),
    sa.Column("control_number", sa.Text, primary_key=True),
    sa.Column("interchange_id", sa.String(36), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("used_at", Moment, nullable=False),
)

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("payload_id", sa.String(36), nullable=False, index=True),
    sa.Column("interchange_id", sa.String(36), index=True),
    sa.Column("outgoing_id", sa.String(36), index=True),
    sa.Column("direction", sa.String(3), nullable=False),
    sa.Column("partner", sa.String(64), nullable=False),
    sa.Column("set_id", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("usage", sa.Text, nullable=False),
    sa.Column("group_control_number", sa.Text, nullable=False),
    sa.Column("control_number", sa.Text, nullable=False),
    sa.Column("start", sa.BigInteger, nullable=False),
    sa.Column("end", sa.BigInteger, nullable=False),
    sa.Column("part", sa.Integer, nullable=False, default=0),
    sa.Column("document_type", sa.String(64)),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("validation", sa.String(24), nullable=False),
    sa.Column("delivery", sa.String(16), nullable=False),
    sa.Column("acknowledgment", sa.String(24), nullable=False),
    sa.Column("map", sa.String(128)),
    sa.Column("map_hash", sa.String(64)),
    sa.Column("canonical", sa.LargeBinary),
    sa.Column("canonical_hash", sa.String(64)),
    sa.Column("translations", sa.Integer, nullable=False, default=0),
    sa.Column("owner", sa.String(64)),
    sa.Column("reason", sa.String(32)),
    sa.Column("because", sa.Text),
    sa.Column("caused_by", sa.String(36), index=True),
    sa.Column("hops", sa.Integer, nullable=False, default=0),
    sa.Index(None, "partner", "set_id", "received_at"),
    sa.Index(None, "received_at"),
    sa.Index(None, "delivery"),
)

findings = sa.Table(
    "findings",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("interchange_id", sa.String(36), index=True),
    sa.Column("document_id", sa.String(36), index=True),
    sa.Column("code", sa.String(64), nullable=False),
    sa.Column("level", sa.String(16), nullable=False),
    sa.Column("severity", sa.String(8), nullable=False),
    sa.Column("location", sa.Text, nullable=False),
    sa.Column("value", sa.Text),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("data_element", sa.String(8)),
    sa.Column("field", sa.Text),
)

business_keys = sa.Table(
    "business_keys",
    metadata,
    sa.Column("document_id", sa.String(36), primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.Text, primary_key=True),
    sa.Index(None, "value", "name"),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("document_id", sa.String(36), nullable=False, index=True),
    # A destination of the configuration, or a partner as `gateway.routing.targets` names it.
    sa.Column("destination", sa.String(128), nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("allowance", sa.Integer, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("route", sa.String(80), nullable=False),
    sa.Column("idempotency_key", sa.String(36), nullable=False, unique=True),
    sa.Column("correlation_id", sa.String(36), nullable=False),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("last_error", sa.Text),
    sa.Column("owner", sa.String(64)),
    sa.Column("reason", sa.String(32)),
    # What goes in order: deliveries to one destination with the same key, by their place.
    sa.Column("ordering_key", sa.Text),
    sa.Column("place", sa.String(48), nullable=False),
    sa.Index(None, "destination", "state", "due_at"),
    sa.Index(None, "destination", "ordering_key", "state", "place"),
    sa.Index(None, "state", "due_at"),
)

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("delivery_id", sa.String(36), primary_key=True),
    sa.Column("attempt", sa.Integer, primary_key=True),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
)

outgoing_interchanges = sa.Table(
    "outgoing_interchanges",
    metadata,
    # What we send to partners: acknowledgments of what they sent, and documents of our own.
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("partner", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("control_number", sa.Text, nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("receiver", sa.Text, nullable=False),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("correlation_id", sa.String(36), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("answers", sa.String(36), index=True),
    sa.Column("expects", sa.String(8)),
    sa.Column("expect_within", sa.BigInteger),
    sa.Column("acknowledgment_due_at", Moment),
    sa.Column("sent_at", Moment),
    sa.Column("last_error", sa.Text),
    sa.Column("acknowledgment", sa.String(24), nullable=False),
    sa.Column("acknowledged_at", Moment),
    sa.Column("acknowledged_by", sa.String(36)),
    sa.Column("resends", sa.Integer, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("usage", sa.String(8), nullable=False),
    sa.Index(None, "partner", "state", "due_at"),
    sa.Index(None, "state", "due_at"),
    # What is overdue is found among years of what was acknowledged.
    sa.Index(None, "acknowledgment", "acknowledgment_due_at"),
    # A TA1 names what it acknowledges by ISA13.
    sa.Index(None, "partner", "control_number"),
    sa.Index(None, "kind", "created_at"),
)

outgoing_sets = sa.Table(
    "outgoing_sets",
    metadata,
    # A 997 names what it acknowledges by GS01, GS06 and ST02. Numbers under which a document went
    # out before stay here.
    sa.Column("outgoing_id", sa.String(36), primary_key=True),
    sa.Column("group_control_number", sa.String(16), primary_key=True),
    sa.Column("control_number", sa.String(16), primary_key=True),
    sa.Column("set_id", sa.String(8), nullable=False),
    sa.Column("functional_id", sa.String(8), nullable=False),
    sa.Column("partner", sa.String(64), nullable=False),
    sa.Column("document_id", sa.String(36), nullable=False, index=True),
    sa.Column("start", sa.BigInteger, nullable=False),
    sa.Column("end", sa.BigInteger, nullable=False),
    sa.Column("verdict", sa.String(24)),
    sa.Index(None, "partner", "functional_id", "group_control_number"),
)

waiting_sets = sa.Table(
    "waiting_sets",
    metadata,
    # Gone in the transaction that puts the document into an interchange.
    sa.Column("document_id", sa.String(36), primary_key=True),
    sa.Column("partner", sa.String(64), nullable=False),
    sa.Column("batch", sa.String(36), nullable=False),
    sa.Column("envelope", sa.LargeBinary, nullable=False),
    sa.Column("segments", sa.LargeBinary, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("submitted_at", Moment, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("most_sets", sa.Integer),
    sa.Column("most_bytes", sa.BigInteger),
    sa.Column("because", sa.Text),
    sa.Index(None, "partner", "state", "submitted_at"),
    # What goes out next is found among any number that wait for later.
    sa.Index(None, "partner", "state", "batch", "submitted_at"),
    sa.Index(None, "partner", "state", "due_at"),
    sa.Index(None, "state", "due_at"),
)

as2_messages = sa.Table(
    "as2_messages",
    metadata,
    # Messages that went out over AS2 with what their MDNs may return, and the MDNs that came.
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("partner", sa.String(64), nullable=False),
    sa.Column("connection", sa.String(64), nullable=False),
    sa.Column("outgoing_id", sa.String(36), nullable=False, index=True),
    sa.Column("mics", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("sent_at", Moment, nullable=False),
    sa.Column("sends", sa.Integer, nullable=False),
    sa.Column("resends", sa.Integer, nullable=False),
    sa.Column("mdn_due_at", Moment),
    sa.Column("mdn_at", Moment),
    sa.Column("mdn", sa.LargeBinary, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
    sa.Index(None, "state", "mdn_due_at"),
    sa.Index(None, "sent_at"),
)

holds = sa.Table(
    "holds",
    metadata,
    # Partners to whom a person lets nothing new go out.
    sa.Column("partner", sa.String(64), primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
)

timeline = sa.Table(
    "timeline",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("subject", sa.String(16), nullable=False),
    # As long as the name of a sequence of control numbers.
    sa.Column("subject_id", sa.String(128), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("verb", sa.String(24), nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Index(None, "subject_id", "at"),
)

control_numbers = sa.Table(
    "control_numbers",
    metadata,
    sa.Column("series", sa.String(128), primary_key=True),
    sa.Column("next", sa.BigInteger, nullable=False),
)

lanes = sa.Table(
    "lanes",
    metadata,
    # One row for each lane: how often it was asked to run since it last looked, and since
    # something was given up that others may be held behind; its circuit breaker, when it may go
    # on, the calls that its rate counts, who paused it, the last answer.
    sa.Column("lane", sa.String(160), primary_key=True),
    sa.Column("wakes", sa.Integer, nullable=False, default=0),
    sa.Column("freed", sa.Integer, nullable=False, default=0),
    sa.Column("failures", sa.Integer, nullable=False, default=0),
    sa.Column("openings", sa.Integer, nullable=False, default=0),
    sa.Column("open_until", Moment),
    sa.Column("rests_until", Moment),
    sa.Column("calls", sa.Text, nullable=False, default=""),
    sa.Column("paused_at", Moment),
    sa.Column("paused_by", sa.Text),
    sa.Column("paused_because", sa.Text),
    sa.Column("answered_at", Moment),
    sa.Column("outcome", sa.String(16)),
    sa.Column("answer", sa.Text),
)

executors = sa.Table(
    "executors",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("host", sa.String(255), nullable=False),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("buried_at", Moment),
)

leases = sa.Table(
    "leases",
    metadata,
    # Who may do what only one process may do at a time, such as looking through a folder.
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("until", Moment, nullable=False),
)

sightings = sa.Table(
    "sightings",
    metadata,
    # Files at partners that were taken and left where they lie.
    sa.Column("place", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("modified", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
)

looks = sa.Table(
    "looks",
    metadata,
    # How the last look at each folder at a partner ended: what people are shown.
    sa.Column("place", sa.Text, primary_key=True),
    sa.Column("looked_at", Moment, nullable=False),
    sa.Column("fault", sa.Text, nullable=False),
    sa.Column("since", Moment, nullable=False),
)

received_acknowledgments = sa.Table(
    "received_acknowledgments",
    metadata,
    # What partners said of what we sent, and of what we never did.
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Column("partner", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("level", sa.String(16), nullable=False),
    sa.Column("standing", sa.String(16), nullable=False),
    sa.Column("verdict", sa.String(24)),
    sa.Column("control_number", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("outgoing_id", sa.String(36), index=True),
    sa.Column("document_id", sa.String(36)),
    sa.Column("interchange_id", sa.String(36)),
)

contents = sa.Table(
    "contents",
    metadata,
    # Which document had some content first; only of partners with a rule about that.
    sa.Column("partner", sa.String(64), primary_key=True),
    sa.Column("set_id", sa.String(200), primary_key=True),
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("document_id", sa.String(36), nullable=False),
    sa.Column("seen_at", Moment, nullable=False, index=True),
)

sequences = sa.Table(
    "sequences",
    metadata,
    # The highest ISA13 that each sender has come to; only of partners with a rule about that.
    sa.Column("sender", sa.Text, primary_key=True),
    sa.Column("receiver", sa.Text, primary_key=True),
    sa.Column("highest", sa.BigInteger, nullable=False),
)

gaps = sa.Table(
    "gaps",
    metadata,
    # Numbers that a sender left out; gone when they come.
    sa.Column("sender", sa.Text, primary_key=True),
    sa.Column("receiver", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("partner", sa.String(64), nullable=False),
    sa.Column("noticed_at", Moment, nullable=False, index=True),
    sa.Column("interchange_id", sa.String(36), nullable=False),
)

api_tokens = sa.Table(
    "api_tokens",
    metadata,
    # Who may call the API; of the token itself only its hash is kept.
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False, unique=True),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("partners", sa.Text),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("expires_at", Moment),
    sa.Column("revoked_at", Moment),
    sa.Column("last_used_at", Moment),
)
