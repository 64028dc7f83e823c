"""The text message: somebody writes to people on the other side (X12 864)."""

from __future__ import annotations

from typing import Literal, Required

from pydantic import with_config
from typing_extensions import TypedDict

from gateway.canonical.envelope import Envelope
from gateway.canonical.parties import Event, Party
from gateway.canonical.values import CLOSED, Code, Count, Text

BUSINESS_KEYS = ("messages[].reference",)
"""The fields that people search by."""


@with_config(CLOSED)
class TextOfMessage(TypedDict, total=False):
    """One text, with its heading and whom it concerns."""

    reference: Required[Text]
    """Number of the text."""
    subject: Text
    """Heading."""
    page_width: Count
    """How many characters a line of the page has."""
    page_length: Count
    """How many lines the page has."""
    parties: list[Party]
    """Whom the text concerns."""
    lines: Required[list[Text]]
    """The text, line by line."""


@with_config(CLOSED)
class TextMessage(Envelope, total=False):
    """A text for people: X12 864, text message."""

    document: Required[Literal["text_message"]]
    """The type of this document."""
    purpose: Required[Code]
    """original, replace, and so on, or the partner's code."""
    subject: Text
    """What it is about."""
    transaction_type: Code
    """Kind of message, as the partner's code."""
    dates: list[Event]
    """Dates of the message."""
    parties: list[Party]
    """Who writes and who is written to."""
    messages: Required[list[TextOfMessage]]
    """The texts."""
