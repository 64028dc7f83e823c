"""In which order a generated writer writes the members of an object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.mapping.plan import FieldPlan, LeafPlan, ObjectPlan, PairPlan, PairsPlan
from gateway.mapping.positions import Step
from gateway.mapping.write_values import is_plain
from gateway.mapping.writing import turn


def always(plan: FieldPlan) -> bool:
    """Say whether a member has something to do although the document does not name it."""
    default = isinstance(plan, LeafPlan) and (plan.write_default is not None or plan.expression)
    return plan.required or bool(default)


Contested = tuple[str | None, int | None]
"""A segment id, None for the segment in hand, and an element."""


def contested(plan: ObjectPlan) -> Iterator[Contested]:
    """Yield the elements that pairs and fields with a choice look at or set: their order counts."""
    for member in plan.fields:
        if isinstance(member, ObjectPlan):
            yield from contested(member)
        elif isinstance(member, PairPlan | PairsPlan):
            tag = member.segment.segment.tag if member.segment.segment else None
            for slot in member.slots:
                yield from ((tag, slot.value), (tag, slot.qualifier))
        elif isinstance(member, LeafPlan) and not is_plain(member):
            for place in filter(None, (member.target, *member.sources)):
                tag = place.segment.tag if place.segment else None
                yield tag, place.element
                yield from ((tag, element) for element, _ in member.along)
                tests = place.segment.tests if place.segment else ()
                yield from ((tag, test.element) for test in tests)


def has_pairs(plan: ObjectPlan) -> bool:
    """Say whether an object, or one in it, has a list of pairs."""
    return any(
        has_pairs(member) if isinstance(member, ObjectPlan) else isinstance(member, PairsPlan)
        for member in plan.fields
    )


def in_turn(plans: Sequence[FieldPlan], fixed: frozenset[Contested]) -> list[FieldPlan]:
    """Return members in the order they are written: simple elements of one segment first.

    In the order of their segment, they follow one another and need no gaps.
    """
    firsts: dict[tuple[int, Step | None], int] = {}

    def order(item: tuple[int, FieldPlan]) -> tuple[int, int, int]:
        index, plan = item
        place = plan.target if isinstance(plan, LeafPlan) and is_plain(plan) else None
        if place is None or place.loops or not place.single:
            return turn(plan) + 1, index, 0
        if (place.segment.tag if place.segment else None, place.element) in fixed:
            return 1, index, 0
        return 0, firsts.setdefault((place.up, place.segment), index), place.element

    return [plan for _, plan in sorted(enumerate(plans), key=order)]
