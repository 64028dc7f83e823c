"""The tree of a valid set, built only when somebody asks for it.

Validation notes at which place of the schema each segment stands. That is all that most readers of
a set need: the segments in their row, and the numbers of their places.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.x12.model import Loop, Segment
from gateway.x12.transitions import SegmentPlace

Row = tuple[Sequence[Segment], Sequence[int], str]
"""The segments of a set, the numbers of their places with one number more, above all others, and
the outline of the places that are so numbered."""


class SetTree(Loop):
    """A whole set whose structure has no fault: a tree, and the row that it is made of."""

    __slots__ = ("_places", "row")

    def __init__(self, row: Row, places: Sequence[SegmentPlace]) -> None:
        self.row = row
        self._places = places

    def __getattr__(self, name: str) -> object:
        """Build the tree when its segments or loops are asked for the first time."""
        if name not in ("segments", "loops"):
            raise AttributeError(name)
        self.segments, self.loops = _grown(self.row, self._places)
        return getattr(self, name)  # the slot is filled now


def _grown(
    row: Row, places: Sequence[SegmentPlace]
) -> tuple[dict[str, list[Segment]], dict[str, list[Loop]]]:
    """Return the segments and loops of the set's own level, with all below them."""
    root = Loop()
    open_loops = [root]
    for segment, number in zip(*row[:2], strict=False):
        place = places[number]
        del open_loops[place.depth + 1 :]
        if place.opens:
            inner = Loop()
            open_loops[-1].loops.setdefault(place.use.tag, []).append(inner)
            open_loops.append(inner)
        open_loops[-1].segments.setdefault(place.use.tag, []).append(segment)
    return root.segments, root.loops


def keeps_maxima(route: Sequence[int], places: Sequence[SegmentPlace]) -> bool:
    """Say whether no place is filled more often than its loop allows."""
    counts: list[dict[int, int]] = [{}]
    for number in route:
        _, depth, opens, maximum, _ = places[number]
        del counts[depth + 1 :]
        level = counts[depth]
        level[number] = level.get(number, 0) + 1
        if level[number] > maximum:
            return False
        if opens:
            counts.append({})
    return True
