"""Where the places of a set stand in its row, and which maps can be read in the order of the row.

A reader of rows meets each segment once. A field of an inner loop that takes from outside (`../`)
has its value there only if that stands before the loop; a map in which one stands behind is read
from the tree alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gateway.mapping.gathering import gathers
from gateway.mapping.places import HIERARCHY_LOOP
from gateway.mapping.plan import FieldPlan, LeafPlan, MapPlan, ObjectPlan, Place
from gateway.mapping.ports import LoopShape
from gateway.mapping.positions import Step


@dataclass(slots=True)
class Span:
    """The numbers of a loop's places: its first segment has the first of them."""

    first: int
    last: int = 0
    segments: dict[str, int] = field(default_factory=dict)
    """Numbers of its own segments, by their id."""
    loops: dict[str, Span] = field(default_factory=dict)
    """Inner loops, by the segment that they start with."""


def span_of(shape: LoopShape, first: int = 0) -> Span:
    """Number the places of a loop, as `Row` has it."""
    span = Span(first)
    number = first
    for tag in sorted(shape.places, key=shape.places.__getitem__):
        inner = None if tag == shape.trigger else shape.loops.get(tag)
        if inner is None:
            span.segments[tag] = number
            number += 1
        else:
            span.loops[tag] = span_of(inner, number)
            number = span.loops[tag].last + 1
    span.last = number - 1
    return span


def outline_of(span: Span) -> str:
    """Return the outline of a set's places, as `Row` has it."""
    return " ".join(text for _, text in sorted(_outlined(span, 0)))


def _outlined(span: Span, depth: int) -> Iterator[tuple[int, str]]:
    for tag, number in span.segments.items():
        # The first segment of a loop stands in the level around it.
        yield number, f"{depth - (number == span.first and depth > 0)}{tag}"
    for inner in span.loops.values():
        yield from _outlined(inner, depth + 1)


def can_be_read_in_order(plan: MapPlan) -> bool:
    """Say whether all that a field needs from outside of its loop stands before the loop."""
    hierarchy = plan.hierarchy
    if (hierarchy is not None and not hierarchy.pointers) or gathers(plan.root):
        return False
    return all(
        _stands_before(up, loops, segment, chain)
        for up, loops, segment, chain in _from_outside(plan.root, ((plan.shape, ""),))
    )


Chain = tuple[tuple[LoopShape, str], ...]
"""The loops around a field, the set first, each with the id of the next loop inwards."""
_Reference = tuple[int, tuple[Step, ...], Step | None, Chain]


def _from_outside(plan: ObjectPlan, chain: Chain) -> Iterator[_Reference]:
    for member in plan.fields:
        if not member.reads:
            continue
        yield from _of_places(member, chain)
        if isinstance(member, ObjectPlan):
            inner = chain
            if member.segment is None:
                if member.up:
                    yield member.up, member.loops, None, chain
                inner = _inside(chain[: len(chain) - member.up], member.loops)
            yield from _from_outside(member, inner)


def _of_places(member: FieldPlan, chain: Chain) -> Iterator[_Reference]:
    places: Sequence[Place | None]
    if isinstance(member, LeafPlan):
        conditions = member.when
        places = [*member.sources, *(one.place for one in conditions)]
        if len(chain) > 1 and any(one.root for one in conditions):
            # Of a field of the whole document nobody knows here where it stands.
            yield len(chain) - 1, (), None, chain
    else:
        places = [member.segment]
    for place in places:
        if place is not None and place.up:
            yield place.up, place.loops, place.segment, chain


def _inside(chain: Chain, steps: Sequence[Step]) -> Chain:
    for step in steps:
        shape = chain[-1][0]
        # Below an HL level are HL levels, though the set lists them in a row.
        inner = shape if step.tag == shape.trigger else shape.loops[step.tag]
        chain = (*chain[:-1], (shape, step.tag), (inner, ""))
    return chain


def _stands_before(up: int, loops: tuple[Step, ...], segment: Step | None, chain: Chain) -> bool:
    shape, taken = chain[len(chain) - 1 - up]
    first = loops[0] if loops else segment
    if first is None:
        return False
    if first.tag == shape.trigger and not loops:
        return True
    if taken == HIERARCHY_LOOP:
        # Levels below a level, or in the set: all other places of HL stand before the next HL.
        return first.tag != HIERARCHY_LOOP and (
            shape.trigger == HIERARCHY_LOOP or shape.places[first.tag] < shape.places[taken]
        )
    return shape.places[first.tag] < shape.places[taken]
