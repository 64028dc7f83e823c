"""The values of an interchange: delimiters, headers, segments, transaction sets, loops.

Bytes are taken as Latin-1 text, one character a byte, so that an offset into the text is an offset
into the payload. A segment is a plain list of text, the segment id first, so that `segment[2]` is
element 2; composites and repetitions stay unsplit. Lists are kept plain because a segment is made
for every line of every file: anything more costs more than all of validation.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NewType, Protocol

from gateway.findings import Finding

ControlNumber = NewType("ControlNumber", str)
"""ISA13, GS06 or ST02: always text, leading zeros are part of it."""

Segment = list[str]


class Octets(Protocol):
    """The bytes of a payload: `bytes`, or a file that is mapped into memory as it is read."""

    def __buffer__(self, flags: int, /) -> memoryview: ...
    def __len__(self) -> int: ...
    def __getitem__(self, part: slice[int | None, int | None, int | None], /) -> bytes: ...
    def find(self, sub: bytes, start: int = 0, end: int = sys.maxsize, /) -> int:
        """Return the first offset of some bytes, or -1."""

    def rfind(self, sub: bytes, start: int = 0, end: int = sys.maxsize, /) -> int:
        """Return the last offset of some bytes, or -1."""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The four separators of an interchange, as its ISA declares them."""

    element: str = "*"
    component: str = ">"
    repetition: str | None = None
    """None where the version has no repetition or ISA11 names no usable separator."""
    terminator: str = "~"
    suffix: str = ""
    """What follows each terminator on write, such as a newline; skipped on read."""


@dataclass(frozen=True, slots=True)
class InterchangeHeader:
    """An ISA segment."""

    elements: Sequence[str]
    """`elements[13]` is ISA13, as received and untrimmed; `elements[0]` is `ISA`."""
    delimiters: Delimiters
    offset: int = 0

    @property
    def sender(self) -> tuple[str, str]:
        """Return ISA05 and ISA06 without padding."""
        return self.elements[5].strip(), self.elements[6].strip()

    @property
    def receiver(self) -> tuple[str, str]:
        """Return ISA07 and ISA08 without padding."""
        return self.elements[7].strip(), self.elements[8].strip()

    @property
    def version(self) -> str:
        """Return ISA12, such as 00401."""
        return self.elements[12]

    @property
    def control_number(self) -> ControlNumber:
        """Return ISA13."""
        return ControlNumber(self.elements[13])

    @property
    def acknowledgment_requested(self) -> bool:
        """Say whether ISA14 asks for a TA1."""
        return self.elements[14] == "1"

    @property
    def usage(self) -> str:
        """Return ISA15: P production, T test, I information."""
        return self.elements[15]


@dataclass(frozen=True, slots=True)
class GroupHeader:
    """A GS segment; missing elements are empty text."""

    elements: Sequence[str]
    """`elements[6]` is GS06; always nine entries long."""
    offset: int = 0

    @property
    def functional_id(self) -> str:
        """Return GS01, such as OW."""
        return self.elements[1]

    @property
    def sender(self) -> str:
        """Return GS02 without padding."""
        return self.elements[2].strip()

    @property
    def receiver(self) -> str:
        """Return GS03 without padding."""
        return self.elements[3].strip()

    @property
    def control_number(self) -> ControlNumber:
        """Return GS06."""
        return ControlNumber(self.elements[6])

    @property
    def version(self) -> str:
        """Return GS08, such as 004010 or 004010VICS."""
        return self.elements[8].strip()


@dataclass(slots=True)
class TransactionSet:
    """ST to SE as received."""

    segments: list[Segment]
    """ST first; SE last where it was received."""
    offsets: Sequence[int]
    """Byte offset of each segment; may be computed when first asked for."""
    delimiters: Delimiters
    interchange_control_number: ControlNumber
    group_control_number: ControlNumber
    findings: list[Finding] = field(default_factory=list)
    """Faults of the envelope of this set: SE missing, count wrong, control numbers differ."""
    plain: bool = False
    """Whether the reader has seen that all of it is plain text, as `gateway.x12.plain` has it, so
    that much need not be tested element by element. Validation is the same without, but slower.
    """
    too_large: bool = False
    """Only its ST was kept: it has more segments than are read of a set; a finding says so."""

    @property
    def set_id(self) -> str:
        """Return ST01, such as 940."""
        return self.segments[0][1] if len(self.segments[0]) > 1 else ""

    @property
    def control_number(self) -> ControlNumber:
        """Return ST02."""
        return ControlNumber(self.segments[0][2] if len(self.segments[0]) > 2 else "")


@dataclass(slots=True)
class Group:
    """GS to GE: its sets, and the faults of its own envelope."""

    header: GroupHeader
    transaction_sets: list[TransactionSet] = field(default_factory=list)
    declared_count: int | None = None
    """GE01 as a number; None where GE is missing or says nothing readable."""
    findings: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class Interchange:
    """ISA to IEA: its groups, the TA1 segments it carries, and the faults of its own envelope."""

    header: InterchangeHeader
    groups: list[Group] = field(default_factory=list)
    acknowledgments: list[Segment] = field(default_factory=list)
    """TA1 segments, inside or outside a group."""
    findings: list[Finding] = field(default_factory=list)
    end: int = 0
    """Byte offset just past the interchange, so that payload[header.offset:end] is its bytes."""


class Loop:
    """One occurrence of a loop: its segments by id and its inner loops by trigger segment.

    The root of a transaction set is a Loop too. No segment id stands twice in one level of any X12
    set that we know, so an id names a place in its level without ambiguity.
    """

    __slots__ = ("loops", "segments")

    def __init__(self) -> None:
        self.segments: dict[str, list[Segment]] = {}
        self.loops: dict[str, list[Loop]] = {}

    def __repr__(self) -> str:
        return f"Loop(segments={self.segments!r}, loops={self.loops!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Loop):
            return NotImplemented
        return self.segments == other.segments and self.loops == other.loops

    __hash__ = None  # type: ignore[assignment]  # compared by value and mutable while it is built
