"""What the map language needs to know of the outside: a tree to read, and the tree's grammar.

`gateway.x12` satisfies these without being imported; so does a dict in a test, or a reader of
another syntax.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class Node(Protocol):
    """One occurrence of a loop: its segments by id, its inner loops by trigger segment id."""

    @property
    def segments(self) -> Mapping[str, Sequence[Sequence[str]]]:
        """Map segment id to its occurrences in order; element 0 of each is the id itself."""

    @property
    def loops(self) -> Mapping[str, Sequence[Node]]:
        """Map trigger segment id to the occurrences of that loop in order."""


Row = tuple[Sequence[Sequence[str]], Sequence[int], str]
"""The segments of a set without a fault of structure, the number of each one's place, and an
outline of the shape that was numbered.

Places are numbered in the order of the shape, outer loops before what is in them; one number above
all places follows the last. The outline names them in this order, each as its depth and segment id,
such as `0ST 0W05 0N1 1N3 1N4`: who has numbered the same outline has the same numbers. A tree that
was made of a row has it as `row`.
"""


class ElementShape(Protocol):
    """What a map must know of one element position."""

    @property
    def number(self) -> str:
        """Return the data element number."""

    @property
    def name(self) -> str:
        """Return the element's name in the standard."""

    @property
    def type(self) -> str:
        """Return AN, ID, N0 to N9, R, DT, TM, B or composite."""

    @property
    def minimum(self) -> int:
        """Return the minimum length."""

    @property
    def maximum(self) -> int:
        """Return the maximum length."""

    @property
    def repeat(self) -> int:
        """Return how often the element may repeat within its segment."""

    @property
    def components(self) -> Sequence[ElementShape]:
        """Return a composite's components; empty for a simple element."""


class SegmentShape(Protocol):
    """What a map must know of one segment at its place."""

    @property
    def tag(self) -> str:
        """Return the segment id."""

    @property
    def maximum(self) -> int:
        """Return how often the segment may occur at its place."""

    @property
    def elements(self) -> Sequence[ElementShape]:
        """Return the elements, position 1 first."""


class LoopShape(Protocol):
    """What a map must know of one loop, or of the whole set."""

    @property
    def trigger(self) -> str:
        """Return the id of the segment that starts an occurrence; empty for the whole set."""

    @property
    def version(self) -> str:
        """Return the standard's version, such as 004010; empty where it is not the whole set."""

    @property
    def maximum(self) -> int:
        """Return how often the loop may occur at its place."""

    @property
    def places(self) -> Mapping[str, int]:
        """Map segment id, of a segment or of a loop's trigger, to its turn in this level."""

    @property
    def segments(self) -> Mapping[str, SegmentShape]:
        """Map segment id to its shape, of this level only."""

    @property
    def loops(self) -> Mapping[str, LoopShape]:
        """Map trigger segment id to the loop's shape, of this level only."""


class Separators(Protocol):
    """The separators of an interchange, as `gateway.x12.model.Delimiters` has them."""

    @property
    def element(self) -> str:
        """Return the element separator."""

    @property
    def component(self) -> str:
        """Return the component separator."""

    @property
    def repetition(self) -> str | None:
        """Return the repetition separator, where there is one."""

    @property
    def terminator(self) -> str:
        """Return the segment terminator."""
