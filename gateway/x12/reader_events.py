"""What reading a payload yields: the envelope as events, transaction sets whole."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.findings import Finding
from gateway.x12.model import GroupHeader, InterchangeHeader, Segment, TransactionSet


@dataclass(frozen=True, slots=True)
class InterchangeStart:
    """An ISA was read."""

    header: InterchangeHeader


@dataclass(frozen=True, slots=True)
class GroupStart:
    """A GS was read."""

    header: GroupHeader


@dataclass(frozen=True, slots=True)
class GroupEnd:
    """A group ended, with its GE or without."""

    header: GroupHeader
    received_count: int
    """How many transaction sets were read."""
    declared_count: int | None
    """GE01 as a number; None where GE is missing or says nothing readable."""
    findings: tuple[Finding, ...]
    """Faults of the group's own envelope, GS faults first."""


@dataclass(frozen=True, slots=True)
class InterchangeEnd:
    """An interchange ended, with its IEA or without."""

    header: InterchangeHeader
    findings: tuple[Finding, ...]
    """Faults of the interchange's own envelope, ISA faults first."""
    acknowledgments: tuple[Segment, ...]
    """The TA1 segments that it carried."""
    end: int
    """Byte offset just past the interchange."""


Event = InterchangeStart | GroupStart | TransactionSet | GroupEnd | InterchangeEnd
