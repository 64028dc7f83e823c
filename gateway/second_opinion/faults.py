"""What a second engine finds, and the few kinds in which its findings and ours are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.findings import FindingCode


class Kind(StrEnum):
    """What is wrong, in words that both engines have."""

    COUNT = "segment count wrong"
    CONTROL_NUMBER = "control number wrong"
    SET_NOT_CLOSED = "set not closed"
    MISPLACED = "segment not here"
    MISSING_SEGMENT = "segment missing"
    TOO_MANY_LOOPS = "loop too often"
    TOO_MANY_SEGMENTS = "segment too often"
    SEGMENT_NOT_USED = "segment not used"
    FORM = "segment ill-formed"
    MISSING = "element missing"
    CONDITION = "condition not met"
    TOO_MANY = "too many elements or components"
    TOO_SHORT = "too short"
    TOO_LONG = "too long"
    CHARACTER = "character invalid"
    CODE = "code invalid"
    DATE = "date invalid"
    TIME = "time invalid"
    EXCLUSIVE = "excluded by another"
    NOT_USED = "element not used"
    RELATION = "totals, levels or check digits wrong"
    BROKEN = "the engine itself failed"

    @property
    def structural(self) -> bool:
        """Say whether it is about which segments stand where."""
        return self in _STRUCTURAL


_STRUCTURAL = frozenset(
    {
        Kind.MISPLACED,
        Kind.MISSING_SEGMENT,
        Kind.TOO_MANY_LOOPS,
        Kind.TOO_MANY_SEGMENTS,
        Kind.SEGMENT_NOT_USED,
        Kind.SET_NOT_CLOSED,
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault as the second engine tells it."""

    kind: Kind
    code: str
    """Its own code, such as `segment 3` or `element 7`."""
    position: int
    """Of the segment in its set, ST being 1."""
    segment_id: str
    element: int | None = None
    component: int | None = None
    value: str | None = None
    message: str = ""

    @property
    def reference(self) -> str:
        """Name the place as people write it: `W05`, `W0502`, `SV101-2`."""
        element = "" if self.element is None else f"{self.element:02d}"
        component = "" if self.component is None else f"-{self.component}"
        return f"{self.segment_id}{element}{component}"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the second engine says of one transaction set."""

    judged_by: str
    """The map that it used, in words."""
    faults: tuple[Fault, ...] = ()
    unasked: str = ""
    """Why it was not asked; empty where it was."""
    own_map: bool = False
    """Whether it judged by a map of its own, not by our schema."""


_KINDS: Mapping[FindingCode, Kind] = {
    FindingCode.SEGMENT_COUNT_WRONG: Kind.COUNT,
    FindingCode.TRANSACTION_SET_CONTROL_NUMBERS_DIFFER: Kind.CONTROL_NUMBER,
    FindingCode.TRANSACTION_SET_CONTROL_NUMBER_INVALID: Kind.CONTROL_NUMBER,
    FindingCode.TRANSACTION_SET_CONTROL_NUMBER_REPEATED: Kind.CONTROL_NUMBER,
    FindingCode.TRANSACTION_SET_TRAILER_MISSING: Kind.SET_NOT_CLOSED,
    FindingCode.SEGMENT_UNKNOWN: Kind.MISPLACED,
    FindingCode.SEGMENT_UNEXPECTED: Kind.MISPLACED,
    FindingCode.SEGMENT_NOT_IN_SET: Kind.MISPLACED,
    FindingCode.SEGMENT_OUT_OF_SEQUENCE: Kind.MISPLACED,
    FindingCode.MANDATORY_SEGMENT_MISSING: Kind.MISSING_SEGMENT,
    FindingCode.SEGMENT_UNDER_MINIMUM: Kind.MISSING_SEGMENT,
    FindingCode.LOOP_UNDER_MINIMUM: Kind.MISSING_SEGMENT,
    FindingCode.LOOP_OVER_MAXIMUM: Kind.TOO_MANY_LOOPS,
    FindingCode.SEGMENT_OVER_MAXIMUM: Kind.TOO_MANY_SEGMENTS,
    FindingCode.SEGMENT_NOT_USED: Kind.SEGMENT_NOT_USED,
    FindingCode.SEGMENT_EMPTY: Kind.FORM,
    FindingCode.MANDATORY_ELEMENT_MISSING: Kind.MISSING,
    FindingCode.CONDITIONAL_ELEMENT_MISSING: Kind.CONDITION,
    FindingCode.TOO_MANY_ELEMENTS: Kind.TOO_MANY,
    FindingCode.TOO_MANY_COMPONENTS: Kind.TOO_MANY,
    FindingCode.TOO_MANY_REPETITIONS: Kind.TOO_MANY,
    FindingCode.ELEMENT_TOO_SHORT: Kind.TOO_SHORT,
    FindingCode.ELEMENT_TOO_LONG: Kind.TOO_LONG,
    FindingCode.INVALID_CHARACTER: Kind.CHARACTER,
    FindingCode.CODE_NOT_IN_LIST: Kind.CODE,
    FindingCode.PATTERN_DIFFERS: Kind.CODE,
    FindingCode.INVALID_DATE: Kind.DATE,
    FindingCode.INVALID_TIME: Kind.TIME,
    FindingCode.ELEMENTS_MUTUALLY_EXCLUSIVE: Kind.EXCLUSIVE,
    FindingCode.ELEMENT_NOT_USED: Kind.NOT_USED,
}


def kind_of(code: FindingCode) -> Kind:
    """Return the kind of one of our findings about a set; what only we look for is a relation."""
    return _KINDS.get(code, Kind.RELATION)
