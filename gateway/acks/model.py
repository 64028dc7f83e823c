"""Acknowledgments as values: the same for those we build and those we receive.

A code is text as it stands on the wire; what it means for us is decided by whoever holds the value.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from gateway.x12.model import ControlNumber


class Status(StrEnum):
    """AK501, AK901 and TA104."""

    ACCEPTED = "A"
    ACCEPTED_WITH_ERRORS = "E"
    PARTIALLY_ACCEPTED = "P"
    """Of a group only: at least one of its transaction sets was rejected."""
    REJECTED = "R"

    @property
    def taken(self) -> bool:
        """Say whether what was sent is being used, in whole or in part."""
        return self is not Status.REJECTED


@dataclass(frozen=True, slots=True)
class Context:
    """A CTX of a 999: what a note stands in, or what it follows from."""

    names: tuple[tuple[str, str], ...]
    """CTX01: names with their values, such as `W0502` and the order number that stands there."""
    segment_id: str = ""
    position: int | None = None
    """Of that segment, counted from ST, which is 1."""
    loop: str = ""
    element: int | None = None
    component: int | None = None
    repetition: int | None = None
    data_elements: tuple[str, ...] = ()
    """CTX06: the numbers of an element and of a component."""


@dataclass(frozen=True, slots=True)
class ElementNote:
    """An AK4 or IK4: one element that is wrong."""

    position: int
    code: str
    """AK403."""
    component: int | None = None
    repetition: int | None = None
    """Not sent before 005010."""
    data_element: str = ""
    value: str = ""
    """The value as received; empty where there is none or it cannot be repeated."""
    contexts: tuple[Context, ...] = ()
    """In a 999 only."""


@dataclass(frozen=True, slots=True)
class SegmentNote:
    """An AK3 or IK3 with its elements: one fault of one segment."""

    segment_id: str
    position: int
    """Counted from ST, which is 1."""
    code: str
    """AK304 or IK304; empty where the sender left it out."""
    loop: str = ""
    elements: tuple[ElementNote, ...] = ()
    contexts: tuple[Context, ...] = ()
    """In a 999 only."""


@dataclass(frozen=True, slots=True)
class SetAcknowledgment:
    """An AK2 to AK5 or IK5: one transaction set."""

    set_id: str
    control_number: ControlNumber
    status: Status
    codes: tuple[str, ...] = ()
    """AK502 to AK506, or IK502 to IK506."""
    segments: tuple[SegmentNote, ...] = ()
    convention: str = ""
    """AK203: the guide that ST03 of the set names; not said before 005010."""


@dataclass(frozen=True, slots=True)
class GroupAcknowledgment:
    """A 997 or 999, AK1 to AK9: one functional group."""

    functional_id: str
    control_number: ControlNumber
    status: Status
    declared: int
    """AK902: the number of sets that GE01 claims."""
    received: int
    accepted: int
    codes: tuple[str, ...] = ()
    """AK905 to AK909."""
    sets: tuple[SetAcknowledgment, ...] = ()
    """Transaction sets that are not listed were accepted with the group."""
    version: str = "004010"
    """GS08 of the acknowledgment: the version follows that of the group."""
    set_id: Literal["997", "999"] = "997"
    group_version: str = ""
    """AK103: GS08 of the group; not said before 005010."""


@dataclass(frozen=True, slots=True)
class InterchangeAcknowledgment:
    """A TA1: one interchange's envelope; it says nothing of the content."""

    control_number: ControlNumber
    date: str
    """ISA09 of the acknowledged interchange."""
    time: str
    """ISA10 of the acknowledged interchange."""
    status: Status
    code: str
    """TA105."""
