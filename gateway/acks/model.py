"""Acknowledgments as values: the same for those we build and those we receive.

A code is text as it stands on the wire; what it means for us is decided by whoever holds the value.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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
class ElementNote:
    """An AK4: one element that is wrong."""

    position: int
    code: str
    """AK403."""
    component: int | None = None
    repetition: int | None = None
    """Not sent before 005010."""
    data_element: str = ""
    value: str = ""
    """The value as received; empty where there is none or it cannot be repeated."""


@dataclass(frozen=True, slots=True)
class SegmentNote:
    """An AK3 with its AK4: one fault of one segment."""

    segment_id: str
    position: int
    """Counted from ST, which is 1."""
    code: str
    """AK304; empty where the sender left it out."""
    loop: str = ""
    elements: tuple[ElementNote, ...] = ()


@dataclass(frozen=True, slots=True)
class SetAcknowledgment:
    """An AK2 to AK5: one transaction set."""

    set_id: str
    control_number: ControlNumber
    status: Status
    codes: tuple[str, ...] = ()
    """AK502 to AK506."""
    segments: tuple[SegmentNote, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupAcknowledgment:
    """A 997, AK1 to AK9: one functional group."""

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
    """Version of the acknowledgment, from the group's GS08."""


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
