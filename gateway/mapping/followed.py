"""Segments that belong to the one before them: `N9+[01=LV]` is a N9*LV with the N9 behind it.

The standard knows no loop there, so a map makes one: `N9+` is its name, and that of the segment it
begins with; `+N9` are the segments behind it that the map names, up to the next beginning. Planner,
readers and writers see a loop like any other (`gateway.mapping.gathering` makes and undoes it).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gateway.mapping.ports import ElementShape, LoopShape, SegmentShape
from gateway.mapping.positions import Position, PositionError

MARK = "+"


def is_followed(tag: str) -> bool:
    """Say whether a name means a segment together with those behind it."""
    return tag.endswith(MARK)


def bare(tag: str) -> str:
    """Return the segment id that is written, of any name."""
    return tag.strip(MARK)


@dataclass(frozen=True, slots=True)
class _Part:
    """A segment under the name that it has in the loop."""

    tag: str
    maximum: int
    elements: tuple[ElementShape, ...]


@dataclass(frozen=True, slots=True)
class FollowedShape:
    """The loop of a segment that repeats and of those behind it."""

    trigger: str
    maximum: int
    segments: Mapping[str, SegmentShape]

    @property
    def version(self) -> str:
        """Return nothing: it is not the whole set."""
        return ""

    @property
    def places(self) -> Mapping[str, int]:
        """Return the turns: the beginning is first."""
        return {tag: turn for turn, tag in enumerate(self.segments)}

    @property
    def loops(self) -> Mapping[str, LoopShape]:
        """Return nothing: there are segments only."""
        return {}


def followed(shape: LoopShape, tag: str) -> FollowedShape | None:
    """Return the loop that `N9+` names in a level; None where no such segment repeats there."""
    if not is_followed(tag):
        return None
    segment = shape.segments.get(bare(tag))
    if segment is None or segment.tag == shape.trigger or segment.maximum == 1:
        return None
    elements = tuple(segment.elements)
    behind = MARK + segment.tag
    parts = (_Part(tag, 1, elements), _Part(behind, segment.maximum, elements))
    return FollowedShape(tag, segment.maximum, {part.tag: part for part in parts})


def named_within(position: Position, shape: LoopShape) -> Position:
    """Return a position of a followed segment with the loop's own name for its beginning."""
    own = shape.trigger
    if not is_followed(own) or len(position.steps) != 1 or position.steps[0].tag != bare(own):
        return position
    return replace(position, steps=(replace(position.steps[0], tag=own),))


def check(position: Position, shape: LoopShape, tag: str) -> None:
    """Raise PositionError where a position with a `+` means nothing at its level."""
    if is_followed(tag) and followed(shape, tag) is None:
        message = f"'{position.text}': {bare(tag)} does not repeat here, so none can follow another"
        raise PositionError(message)
    if tag.startswith(MARK) and tag not in shape.segments:
        example = f"`each: {bare(tag)}{MARK}`"
        raise PositionError(f"'{position.text}' is a segment behind another: expected in {example}")
