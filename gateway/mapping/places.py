"""Whether a position exists: positions as written against the shapes of the set.

A level is a chain of shapes from the whole set inwards, plus the segment in hand inside `each:`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gateway.mapping import followed
from gateway.mapping.plan import Ignored, Place
from gateway.mapping.ports import ElementShape, LoopShape, SegmentShape
from gateway.mapping.positions import Position, PositionError, Step
from gateway.yaml_source import suggestion

HIERARCHY_LOOP = "HL"


@dataclass(frozen=True)
class NestedLevels:
    """The HL loop as maps see it: levels inside levels, though the set lists them in a row."""

    shape: LoopShape

    @property
    def trigger(self) -> str:
        """Return HL."""
        return self.shape.trigger

    @property
    def version(self) -> str:
        """Return nothing: a level is not the whole set."""
        return self.shape.version

    @property
    def maximum(self) -> int:
        """Return how often a level may occur."""
        return self.shape.maximum

    @property
    def places(self) -> Mapping[str, int]:
        """Return the turns of a level's own segments and loops."""
        return self.shape.places

    @property
    def segments(self) -> Mapping[str, SegmentShape]:
        """Return the segments of a level."""
        return self.shape.segments

    @property
    def loops(self) -> Mapping[str, LoopShape]:
        """Return the loops of a level, and the levels below it."""
        return {**self.shape.loops, HIERARCHY_LOOP: self}


@dataclass(frozen=True, slots=True)
class Level:
    """Where a field stands: the loops around it, innermost last."""

    chain: tuple[LoopShape, ...]
    nested: bool = False
    """The map reads HL levels as a tree."""
    segment: SegmentShape | None = None
    first: SegmentShape | None = None
    """The loop's first segment, where the map names the loop by it as if it were no loop: elements
    that name no segment are of this one."""
    made: dict[tuple[int, str], tuple[LoopShape, LoopShape]] = field(
        default_factory=dict, compare=False, repr=False
    )
    """Loops that the set does not have as maps see them, by the loop around and the name: the very
    same for all levels that came of one."""

    @property
    def shape(self) -> LoopShape:
        """Return the innermost loop."""
        return self.chain[-1]

    @property
    def identity(self) -> tuple[int, ...]:
        """Return what two levels have in common only where they are of the same shapes."""
        return (*map(id, self.chain), id(self.segment), id(self.first), self.nested)

    def inside(self, steps: tuple[Step, ...]) -> Level:
        """Return the level of a loop that is known to exist."""
        chain = self.chain
        for step in steps:
            chain = (*chain, self.loop(chain[-1], step.tag) or chain[-1])
        return replace(self, chain=chain, first=None)

    def loop(self, shape: LoopShape, tag: str) -> LoopShape | None:
        """Return a loop's shape by its first segment, HL levels nested where the map wants it."""
        key = (id(shape), tag)
        if key in self.made:
            return self.made[key][1]
        found = shape.loops.get(tag)
        seen: LoopShape | None = found
        if found is None:
            seen = followed.followed(shape, tag)
        elif self.nested and tag == HIERARCHY_LOOP and not isinstance(found, NestedLevels):
            seen = NestedLevels(found)
        if seen is not None and seen is not found:
            self.made[key] = shape, seen
        return seen

    def outside(self, position: Position) -> Level:
        """Return the level that `../` leads to."""
        if position.up >= len(self.chain):
            raise PositionError(f"'{position.text}': there is no loop around this one")
        first = None if position.up else self.first
        return replace(self, chain=self.chain[: len(self.chain) - position.up], first=first)


def place(position: Position, level: Level) -> Place:
    """Return the element that a position names; raise PositionError where there is none."""
    element = position.element
    if element is None:
        raise PositionError(f"'{position.text}' names no element, such as {position.text}01")
    if level.segment is not None and not position.up:
        _in_segment(position, level.segment)
        _element(position, level.segment)
        return Place(position.text, 0, (), None, True, element, position.component)
    if not position.steps and level.first is not None and not position.up:
        position = replace(position, steps=(Step(level.first.tag),))
    if not position.steps:
        message = f"'{position.text}' names no segment; only inside `each:` may it be left out"
        raise PositionError(message)
    outer = level.outside(position)
    position = followed.named_within(position, outer.shape)
    loops, step, segment, shape = _segment(position, outer)
    _element(position, segment)
    _tests(position, step, segment)
    single = segment.tag == shape.trigger or segment.maximum == 1
    return Place(position.text, position.up, loops, step, single, element, position.component)


def _in_segment(position: Position, segment: SegmentShape) -> None:
    if not position.steps:
        return
    own = followed.bare(segment.tag)
    if len(position.steps) > 1 or position.steps[0] not in (Step(own), Step(segment.tag)):
        message = f"'{position.text}': inside `each:` only elements of {own} can be named"
        raise PositionError(message)


def loop_steps(position: Position, level: Level) -> tuple[Step, ...]:
    """Return the loops that a position without element names."""
    if position.element is not None:
        raise PositionError(f"'{position.text}' names an element where a loop is expected")
    return _loops(position, position.steps, level.outside(position))[0]


def segment_place(position: Position, level: Level) -> tuple[Place, SegmentShape]:
    """Return the segment that `each:` or `pairs:` names, with its shape."""
    if position.element is not None:
        raise PositionError(f"'{position.text}' names an element where a segment is expected")
    loops, step, segment, shape = _segment(position, level.outside(position))
    _tests(position, step, segment)
    single = segment.tag == shape.trigger or segment.maximum == 1
    return Place(position.text, position.up, loops, step, single, 0), segment


def ignored(position: Position, level: Level) -> Ignored:
    """Return what an entry of `ignore:` names: an element, a segment or a loop."""
    if position.element is not None:
        found = place(position, level)
        return Ignored(found.loops, found.segment, found.element)
    last = position.steps[-1]
    loops, shape = _loops(position, position.steps[:-1], level)
    if last.tag in shape.segments and last.tag != shape.trigger:
        return Ignored(loops, last)
    return Ignored(_loops(position, position.steps, level)[0], None)


def _segment(
    position: Position, level: Level
) -> tuple[tuple[Step, ...], Step, SegmentShape, LoopShape]:
    *before, last = position.steps
    loops, shape = _loops(position, tuple(before), level)
    if last.tag in shape.segments:
        return loops, last, shape.segments[last.tag], shape
    inner = level.loop(shape, last.tag)
    if inner is not None and last.tag in inner.segments:
        # `N1[01=ST].02` where N1 is a loop: the loop's first segment.
        return (*loops, last), Step(last.tag), inner.segments[last.tag], inner
    followed.check(position, shape, last.tag)
    known = {*shape.segments, *shape.loops}
    where = f"in loop {shape.trigger}" if shape.trigger else "at the top of the set"
    hint = suggestion(last.tag, known)
    raise PositionError(f"'{position.text}': there is no segment {last.tag} {where}{hint}")


def _loops(
    position: Position, steps: tuple[Step, ...], level: Level
) -> tuple[tuple[Step, ...], LoopShape]:
    shape = level.shape
    for step in steps:
        inner = level.loop(shape, step.tag)
        if inner is None:
            followed.check(position, shape, step.tag)
            where = f"in loop {shape.trigger}" if shape.trigger else "at the top of the set"
            hint = suggestion(step.tag, shape.loops)
            raise PositionError(f"'{position.text}': there is no loop {step.tag} {where}{hint}")
        trigger = inner.segments.get(step.tag)
        if trigger is not None:
            _tests(position, step, trigger)
        shape = inner
    return steps, shape


def _tests(position: Position, step: Step, segment: SegmentShape) -> None:
    for test in step.tests:
        if test.element > len(segment.elements):
            raise PositionError(_past_the_end(position, test.element, segment))
        if test.component is not None:
            _component(position, test.component, segment.elements[test.element - 1])


def _element(position: Position, segment: SegmentShape) -> None:
    number = position.element or 0
    if number > len(segment.elements):
        raise PositionError(_past_the_end(position, number, segment))
    if position.component is not None:
        _component(position, position.component, segment.elements[number - 1])


def _past_the_end(position: Position, number: int, segment: SegmentShape) -> str:
    last = len(segment.elements)
    tag = followed.bare(segment.tag)
    return f"'{position.text}': {tag} has {last} elements, there is no element {number:02d}"


def _component(position: Position, number: int, element: ElementShape) -> None:
    count = len(element.components)
    if not count:
        raise PositionError(
            f"'{position.text}': {element.name} is a simple element, not a composite"
        )
    if number > count:
        message = f"'{position.text}': {element.name} has {count} components, there is no {number}"
        raise PositionError(message)
