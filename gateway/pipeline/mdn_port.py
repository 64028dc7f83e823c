"""What is kept of messages that went out over AS2, until and after their MDN: record and verbs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

MDN = "MDN"
"""The kind of an outgoing interchange that is none: a receipt which we owe to a partner."""


MDN_TYPE = "message/disposition-notification"
"""What a consignment of that kind has as its content type."""


class MessageState(StrEnum):
    """What is known of a message that went out."""

    WAITING = "waiting"
    """Nobody has answered yet."""
    ACCEPTED = "accepted"
    """Its MDN says that it arrived, and the MIC that it arrived whole."""
    REJECTED = "rejected"
    """Its MDN says that it was not taken, or that something else arrived."""
    LATE = "late"
    """No MDN came in time."""


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message that went out over AS2."""

    id: str
    """Its Message-ID, the same at each attempt."""
    partner: str
    connection: str
    outgoing_id: str
    """The interchange that it carries."""
    mics: str
    """What a right MDN may return, one in each line."""
    state: str
    sent_at: datetime
    """When the last attempt began."""
    sends: int = 1
    """Attempts that were begun."""
    resends: int = 0
    """How often it may still be sent again because no MDN came."""
    mdn_due_at: datetime | None = None
    """When an asynchronous MDN is overdue; None where it comes at once, or none is asked for."""
    mdn_at: datetime | None = None
    mdn: bytes = b""
    """The MDN as it came: what proves, with the partner's signature, that the partner has it."""
    because: str = ""
    """What the MDN says, or why it is not believed."""


@dataclass(frozen=True, slots=True)
class OwedMdn:
    """An asynchronous MDN that we owe to a partner."""

    id: str
    """The same where the same message is answered again."""
    partner: str
    message_id: str
    """What it answers."""
    content: bytes
    """What is posted and where to, as the transport wants it back."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an MDN that can be trusted says."""

    accepted: bool
    because: str
    """In words, whatever it says."""
    mdn: bytes = b""


class Messages(Protocol):
    """The store's verbs about messages that went out over AS2."""

    def message(self, message_id: str) -> MessageRecord | None:
        """Return one message."""

    def claim(self, message_id: str) -> MessageRecord | None:
        """Return one message; nobody else changes it before the transaction ends."""

    def keep(self, record: MessageRecord, expected: MessageRecord | None) -> None:
        """Write a message over what is kept of it; raise `LostRace` where that is not as expected.

        None expects that nothing is kept.
        """

    def change(self, message_id: str, sources: Collection[str], **values: object) -> bool:
        """Set values where the state is one of the sources; say whether it was."""

    def overdue(self, now: datetime, limit: int) -> list[MessageRecord]:
        """Return messages whose MDN did not come in time, the longest overdue first."""
