"""What a transaction set may contain: elements, segments, loops and their rules, as values.

These are the shapes only. `gateway.x12.library` reads them from YAML; `gateway.x12.validate` judges
transaction sets by them; `gateway.x12.order` puts segments in order by them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

Requirement = Literal["M", "O", "X"]
"""Mandatory, optional, or relational: required or excluded by a syntax note."""

NoteKind = Literal["P", "R", "E", "C", "L"]
"""Paired, required, exclusion, conditional, list conditional."""

UNBOUNDED = 1_000_000_000
"""Stands for ">1" in the standard's tables: no limit is given."""


@dataclass(frozen=True, slots=True)
class ElementUse:
    """A data element at one position of a segment or composite."""

    position: int
    number: str
    """Number in the data element dictionary, such as 373; a composite's is C040 or the like."""
    name: str
    type: str
    """AN, ID, N0 to N9, R, DT, TM, B, or `composite`."""
    minimum: int
    maximum: int
    requirement: Requirement = "O"
    repeat: int = 1
    codes: Mapping[str, str] | None = None
    """Code to meaning; None where any code is taken."""
    components: tuple[ElementUse, ...] = ()
    notes: tuple[SyntaxNote, ...] = ()
    """A composite's own notes, by component position."""


@dataclass(frozen=True, slots=True)
class SyntaxNote:
    """A relation between elements of a segment, such as P0304: kind and positions."""

    kind: NoteKind
    positions: tuple[int, ...]

    def __str__(self) -> str:
        return self.kind + "".join(f"{position:02d}" for position in self.positions)


@dataclass(frozen=True)
class SegmentUse:
    """A segment at its place in a set."""

    tag: str
    name: str
    requirement: Requirement
    maximum: int
    elements: tuple[ElementUse, ...]
    notes: tuple[SyntaxNote, ...] = ()

    def element(self, position: int) -> ElementUse | None:
        """Return the element at a position counted from one, or None past the end."""
        return self.elements[position - 1] if 0 < position <= len(self.elements) else None


@dataclass(frozen=True)
class LoopUse:
    """A loop at its place in a set; the set itself is a loop with an empty id."""

    id: str
    trigger: str
    """Id of the segment that starts each occurrence; empty for the whole set."""
    name: str
    requirement: Requirement
    maximum: int
    content: tuple[SegmentUse | LoopUse, ...]
    """In the standard's order; the trigger segment first."""
    version: str = ""
    """The set's version, of the whole set only."""

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Map segment id, of a segment or of a loop's trigger, to its index in the content."""
        return {
            use.tag if isinstance(use, SegmentUse) else use.trigger: index
            for index, use in enumerate(self.content)
        }

    @cached_property
    def segments(self) -> Mapping[str, SegmentUse]:
        """Map segment id to its use, of this level only."""
        return {use.tag: use for use in self.content if isinstance(use, SegmentUse)}

    @cached_property
    def loops(self) -> Mapping[str, LoopUse]:
        """Map trigger segment id to the loop, of this level only."""
        return {use.trigger: use for use in self.content if isinstance(use, LoopUse)}

    @cached_property
    def mandatory(self) -> Sequence[int]:
        """Return the indexes, in the content, of what has to be there."""
        return [index for index, use in enumerate(self.content) if use.requirement == "M"]


@dataclass(frozen=True)
class SetSchema:
    """Everything that one transaction set in one version may contain."""

    set_id: str
    version: str
    name: str
    functional_id: str
    """GS01 of the groups that carry this set."""
    root: LoopUse
    """ST to SE inclusive."""
    known_segments: frozenset[str] = frozenset()
    """Every segment id of the version that we know, to tell unknown segments from misplaced."""
    keys: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """What people know such a set by: a name, and the segment at the top and element it stands in.
    Maps name keys of their own; these are for sets that no map reads."""
