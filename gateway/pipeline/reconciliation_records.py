"""What is kept of what partners said of what we sent, and of what comes again or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AcknowledgedLevel(StrEnum):
    """What an acknowledgment is about."""

    TRANSPORT = "transport"
    """The message that carried the interchange: an MDN."""
    INTERCHANGE = "interchange"
    GROUP = "group"
    SET = "set"
    APPLICATION = "application"
    """What the partner's system made of a document: an 824."""


class Standing(StrEnum):
    """What an acknowledgment counts for."""

    FIRST = "first"
    """The first about its subject, in time: it is the verdict."""
    LATE = "late"
    """The first about its subject, after the deadline: it is the verdict all the same."""
    DUPLICATE = "duplicate"
    """There is a verdict already, which stays."""
    UNMATCHED = "unmatched"
    """It is about something that we never sent."""
    UNREADABLE = "unreadable"
    """It cannot be told what it says."""
    SUPERSEDED = "superseded"
    """It was the verdict until a person sent the same again."""


COUNTED = (Standing.FIRST, Standing.LATE)
"""What makes a verdict."""


@dataclass(frozen=True, slots=True)
class AcknowledgmentRecord:
    """Something that a partner said of what we sent, or of what it believes that we sent."""

    id: str
    at: datetime
    partner: str
    kind: str
    """`997`, `999`, `TA1`, `824` or `MDN`."""
    level: str
    standing: str
    verdict: str | None
    """One of `AwaitedStatus`; None where it is unreadable."""
    control_number: str
    """ISA13, GS06, ST02 or the Message-ID of its subject, as the partner wrote it."""
    detail: str
    """In words: why, or what keeps it from counting."""
    outgoing_id: str | None = None
    """The interchange of ours; None where it is unmatched."""
    document_id: str | None = None
    """The document of ours, where it is about one set."""
    interchange_id: str | None = None
    """The interchange that brought it; None for an MDN."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What an interchange that came in said of one thing of ours."""

    record: AcknowledgmentRecord
    keys: tuple[tuple[str, str], ...] = ()
    """Business keys of the document of ours, as name and value."""


@dataclass(frozen=True, slots=True)
class ContentRecord:
    """The document that had some content first."""

    partner: str
    set_id: str
    sha256: str
    """Of the set without ST and SE."""
    document_id: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class SequenceRecord:
    """The highest control number (ISA13) that a sender has come to."""

    sender: str
    receiver: str
    highest: int


@dataclass(frozen=True, slots=True)
class GapRecord:
    """A control number (ISA13) that was left out and has not come since."""

    sender: str
    receiver: str
    number: int
    partner: str
    noticed_at: datetime
    interchange_id: str
    """The interchange after the gap."""
