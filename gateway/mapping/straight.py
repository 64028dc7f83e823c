"""Which values go straight into the object they belong to, without a variable in between.

The order of an object's members is the order of its fields; a reader meets elements in the order of
the set. As long as both agree, from the first field on, no variable is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.mapping.layout import Block, Layout, Scope, Take, ordered
from gateway.mapping.plan import FieldPlan, LeafPlan, ObjectPlan

Leading = Sequence[tuple[ObjectPlan, Sequence[LeafPlan]]]
"""Objects, each with the fields from its first on that go straight into it."""


def in_segment(block: Block, layout: Layout) -> Leading:
    """Return the leading fields of each entry made of a segment."""
    plans = [entry.plan for entry in block.entries]
    return [(plan, _leading(plan, block.takes, layout)) for plan in plans]


def in_loop(scope: Scope, layout: Layout) -> Leading:
    """Return the leading fields of each entry made of a loop."""
    first = [ordered(blocks)[0] for blocks in scope.blocks.values()]
    takes = [take for block in first if block.single for take in block.takes]
    return [(entry.plan, _leading(entry.plan, takes, layout)) for entry in scope.entries]


def _leading(plan: ObjectPlan, takes: Iterable[Take], layout: Layout) -> Sequence[LeafPlan]:
    places = {
        id(take.leaf): index
        for index, take in enumerate(takes)
        if take.kind == "value" and not take.scopes and take.leaf is not None
    }
    asked = set(layout.extra.values())  # Conditions look at these variables.
    found: list[LeafPlan] = []
    last = -1
    for member in plan.fields:
        place = places.get(id(member), -1)
        if place <= last or not _is_plain(member) or layout.names[id(member)] in asked:
            break
        if isinstance(member, LeafPlan):
            found.append(member)
        last = place
    return found


def _is_plain(member: FieldPlan) -> bool:
    return isinstance(member, LeafPlan) and member.reads and member.direct
