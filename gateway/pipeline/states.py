"""The words for where things stand: the states that `flow` leads between, and the statuses."""

from __future__ import annotations

from enum import StrEnum


class Subject(StrEnum):
    """What a transition is about."""

    PAYLOAD = "payload"
    INTERCHANGE = "interchange"
    DOCUMENT = "document"
    DELIVERY = "delivery"
    OUTGOING = "outgoing"
    """An interchange that goes to a partner: acknowledgments, or documents of ours."""
    ACKNOWLEDGMENT = "acknowledgment"
    """What the partner says of an interchange of ours, or of a document in it."""
    MESSAGE = "message"
    """What went out over AS2, or an MDN of ours about what came."""
    EXPORT = "export"
    """A run of a scheduled export."""
    MARK = "mark"
    """What an ERP is told of a document that one of its records became."""
    PARTNER = "partner"
    LANE = "lane"
    """What goes to one destination or partner."""
    CONTROL_NUMBERS = "control_numbers"
    ALERT = "alert"
    """Something that a person must know of."""


class AlertState(StrEnum):
    """Where an alert stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    DISMISSED = "dismissed"
    RESOLVED = "resolved"


class NoticeState(StrEnum):
    """Whether one target was told of an alert."""

    DUE = "due"
    SENT = "sent"
    DEAD = "dead"


class PayloadState(StrEnum):
    """Where a payload stands."""

    RECEIVED = "received"
    READ = "read"
    QUARANTINED = "quarantined"
    REFUSED = "refused"
    PURGED = "purged"


class InterchangeState(StrEnum):
    """Where an interchange stands."""

    RECEIVED = "received"
    IDENTIFIED = "identified"
    READING = "reading"
    PARSED = "parsed"
    VALIDATED = "validated"
    TRANSLATED = "translated"
    ROUTED = "routed"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    HELD = "held"
    QUARANTINED = "quarantined"


class DeliveryState(StrEnum):
    """Where the obligation to hand one document to one destination stands."""

    DUE = "due"
    HELD = "held"
    """Behind one with the same ordering key that is not done."""
    CLAIMED = "claimed"
    DELIVERED = "delivered"
    DEAD = "dead"
    SUPERSEDED = "superseded"
    REFUSED = "refused"
    """A person gave it up: the destination does not get it."""
    ADVISED = "advised"
    """The destination refused it, and the partner was told by an 824."""


class OutgoingState(StrEnum):
    """Where an interchange that we owe to a partner stands."""

    DUE = "due"
    SENT = "sent"
    DEAD = "dead"
    REFUSED = "refused"


class WaitingState(StrEnum):
    """Where a document of ours stands on its way into an interchange."""

    WAITING = "waiting"
    HELD = "held"
    ENVELOPED = "enveloped"
    QUARANTINED = "quarantined"
    REFUSED = "refused"


class ValidationStatus(StrEnum):
    """What validation said of a document: the first of its three statuses."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_FINDINGS = "accepted_with_findings"
    REJECTED = "rejected"
    REJECTED_YET_TAKEN = "rejected_yet_taken"
    """The partner is told that it was rejected; a guide has its document made all the same."""


class DeliveryStatus(StrEnum):
    """How far a document is on its way to its destinations: the second of its three statuses."""

    NONE = "none"
    """Nothing is owed to anybody: the document was rejected, given up, or is an acknowledgment."""
    QUARANTINED = "quarantined"
    """Valid, but it could not be translated or no route takes it, or ours and not fit to leave: a
    person must act."""
    PENDING = "pending"
    DELIVERED = "delivered"
    ADVISED = "advised"
    """A destination refused it, and the partner was told by an 824."""
    DEAD = "dead"


class AcknowledgmentStatus(StrEnum):
    """Whether the partner has been told of what came in: the third of a document's statuses."""

    NONE = "none"
    PENDING = "pending"
    SENT = "sent"
    DEAD = "dead"
    REFUSED = "refused"
    """A person gave it up: the partner was not told."""


class AwaitedStatus(StrEnum):
    """What the partner has told us of what we sent: the third status of a document of ours."""

    NONE = "none"
    PENDING = "pending"
    OVERDUE = "overdue"
    """The partner owes it, and the deadline has passed."""
    ACCEPTED = "accepted"
    ACCEPTED_WITH_ERRORS = "accepted_with_errors"
    PARTLY_ACCEPTED = "partly_accepted"
    """Of an interchange: some of its sets were rejected."""
    REJECTED = "rejected"


class RunState(StrEnum):
    """Where a run of an export stands."""

    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    LIMITED = "limited"
    FAILED = "failed"
    SKIPPED = "skipped"


class ExportedState(StrEnum):
    """What became of a record of a source."""

    TAKEN = "taken"
    """It became a document."""
    IGNORED = "ignored"
    """It changed after it was sent, and changes are not sent."""
    REFUSED = "refused"
    """It could not become a document: a person must act."""
    GIVEN_UP = "given_up"
    """A person gave up what was refused."""


class MarkState(StrEnum):
    """Whether the ERP was told."""

    WAITING = "waiting"
    DUE = "due"
    DONE = "done"
    DEAD = "dead"
    VOID = "void"
