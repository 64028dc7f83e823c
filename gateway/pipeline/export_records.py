"""What is kept of scheduled exports: one frozen value for each row, named as its columns are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

EXPORT = "export"
"""Where the payload of a record came from that could not become a document."""


def export_of(receipt: str) -> str:
    """Return the export that refused a record, by the receipt of that record's payload."""
    return receipt.partition("/")[0]


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """One export: how far it is, and which run of it is under way."""

    name: str
    last_slot: datetime
    """Slots up to this one are planned, or were passed over by its rule."""
    progress: str = ""
    """JSON of `gateway.pipeline.exports.progress.Progress`; empty before the first run."""
    running: str | None = None
    """The run that is under way."""
    claim: int = 0
    """Raised by each that takes the export over: who has an older one changes nothing more."""
    holder: str = ""
    """Which process has it."""
    until: datetime | None = None
    """It is taken over after that, if the holder has not renewed it."""
    paused_at: datetime | None = None
    paused_because: str | None = None


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of an export: for a slot, or because a person asked."""

    id: str
    export: str
    slot: datetime
    """The moment that it is for; of one by hand, the moment that it was asked for."""
    asked: str
    """`schedule` or `person`."""
    state: str
    missed: int = 0
    """Slots before this one that it catches up for."""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    read: int = 0
    selected: int = 0
    unchanged: int = 0
    sent: int = 0
    refused: int = 0
    size: int = 0
    """Bytes that the source answered."""
    cursor_before: str | None = None
    cursor_after: str | None = None
    because: str | None = None
    """Why it ended as it did, where there is more to say than that it is done."""


@dataclass(frozen=True, slots=True)
class ExportedRecord:
    """A record of the source that was taken, by its key: the newest content that was seen of it."""

    export: str
    key: str
    sha256: str
    """Of what makes the record a changed one."""
    version: int
    """How many different contents of it were taken."""
    state: str
    """One of `ExportedState`."""
    seen_at: datetime
    document_id: str | None = None
    """The document that it became."""
    payload_id: str | None = None
    """The record itself, where it was refused."""


@dataclass(frozen=True, slots=True)
class MarkRecord:
    """What the ERP is to be told of a document that one of its records became."""

    id: str
    """The idempotency key of the call."""
    export: str
    key: str
    document_id: str
    told_when: str
    """`accepted`, `sent` or `acknowledged`."""
    state: str
    content: bytes
    """The record, as JSON."""
    attempt: int
    due_at: datetime
    created_at: datetime
    last_error: str | None = None
