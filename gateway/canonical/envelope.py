"""What every canonical document carries besides its business: version, origin and leftovers."""

from __future__ import annotations

from typing import Annotated, Literal, Required

from pydantic import Field, with_config
from typing_extensions import TypedDict

from gateway.canonical.parties import Identifier
from gateway.canonical.values import CLOSED, Count, Text


@with_config(CLOSED)
class UnmappedSegment(TypedDict, total=False):
    """What a partner sent and the map does not take: kept, so that nothing is lost in silence."""

    loop: str
    """Where the segment stands, loop by loop, such as LX[#2]/W01[#1]; empty at the top."""
    segment: Required[Text]
    """Segment id, such as N9."""
    of: Text
    """How the map found the segment, where it took some of its elements."""
    elements: Required[dict[str, str]]
    """What was not taken: element position to value, such as {"02": "4711"}."""


@with_config(CLOSED)
class ReceivedDifference(TypedDict, total=False):
    """Where a set came otherwise than its map would write it."""

    loop: Required[str]
    """The loop, counted as it stands in the set, such as LX[2]/W01[1]; empty at the top."""
    segment: Required[Text]
    """Id of the segments, or of the inner loops."""
    order: list[Count]
    """Which of those that the map writes comes first, second and so on."""
    place: Count
    """Which of them it is, from 1, in the order that they came."""
    elements: dict[str, str]
    """What came: element position to text; without `instead`, the map does not write it at all."""
    instead: dict[str, str]
    """What the map writes instead; without `elements`, it did not come at all."""


@with_config(CLOSED)
class AsReceived(TypedDict):
    """How to write a set as it came, where a partner wants the very same."""

    written: Text
    """Fingerprint of what the map writes while the document is as it was read."""
    differences: list[ReceivedDifference]
    """What came otherwise, in the order in which it is put back."""


@with_config(CLOSED)
class Meta(TypedDict, total=False):
    """Where the document came from; written by the gateway, never by a map."""

    document_id: Text
    """The gateway's number for this document."""
    correlation_id: Text
    """Ties the document to everything that was done with it."""
    partner: Text
    """Name of the trading partner in our configuration."""
    sender: Identifier
    """Who sent the interchange: qualifier and id of its header."""
    receiver: Identifier
    """Whom it was sent to: qualifier and id of its header."""
    interchange_control_number: Text
    """ISA13."""
    group_control_number: Text
    """GS06."""
    transaction_set_control_number: Text
    """ST02."""
    transaction_set: Text
    """X12 transaction set, such as 940."""
    x12_version: Text
    """Version of the functional group, such as 004010."""
    usage: Literal["production", "test", "information"]
    """Whether the partner means it."""
    received_at: Text
    """When the payload arrived: date and time in UTC, ISO 8601."""
    payload_sha256: Text
    """Hash of the payload it came in."""
    map: Text
    """Name of the map that translated it."""


@with_config(CLOSED)
class Envelope(TypedDict, total=False):
    """The fields that all documents share.

    Descriptions stand in the annotations here: docstrings of inherited fields are not found.
    """

    version: Required[
        Annotated[
            Literal["1.0"],
            Field(description="Version of this document type; within 1, fields come but never go."),
        ]
    ]
    meta: Annotated[Meta, Field(description="Where the document came from; the gateway adds it.")]
    unmapped: Annotated[
        list[UnmappedSegment],
        Field(description="What the partner sent and the map does not take, in the set's order."),
    ]
    as_received: Annotated[
        AsReceived,
        Field(description="How the set came, for maps that write it back as it was."),
    ]
