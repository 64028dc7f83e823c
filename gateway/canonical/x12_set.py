"""The set as it is: what an X12 set becomes that no map translates, its segments in their order.

It is for archives, for searching, and for programs that would rather read X12 by its own names than
wait for a map. Whoever wants fields writes a map.
"""

from __future__ import annotations

from typing import Annotated, Literal, Required

from pydantic import Field, with_config
from typing_extensions import TypedDict

from gateway.canonical.envelope import Envelope
from gateway.canonical.values import CLOSED, Text

NAME = "x12_set"
"""Type of this document."""

BUSINESS_KEYS = ("keys.*",)
"""The fields that people search by: what the set's schema names."""


@with_config(CLOSED)
class SetSegment(TypedDict, total=False):
    """One segment, as `unmapped` of the other documents has them."""

    loop: Required[str]
    """Where the segment stands, loop by loop, each by its first segment and counted from one, such
    as LIN[#2]/N1[#1]; empty at the top."""
    segment: Required[Text]
    """Segment id, such as N9."""
    elements: Required[dict[str, str]]
    """Element position to value, such as {"02": "4711"}; of a composite each component, such as
    {"01-2": "CA"}. What is empty is left out."""


@with_config(CLOSED)
class X12Set(Envelope, total=False):
    """An X12 set as it is, without ST and SE."""

    document: Required[Annotated[Literal["x12_set"], Field(description="Type of this document.")]]
    transaction_set: Required[Text]
    """Transaction set, such as 860."""
    name: Required[Text]
    """What the standard calls it."""
    keys: dict[str, Text]
    """What people know it by, such as {"purchase_order_number": "PO-1"}."""
    segments: Required[list[SetSegment]]
    """Its segments in the standard's order."""
