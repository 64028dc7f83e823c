"""How objects are put together: which values go straight into theirs, which parts come late.

The order of an object's members is the order of its fields; a reader meets elements in the order of
the set. As long as both agree, from the first field on, no variable is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gateway.mapping.layout import Layout
from gateway.mapping.plan import FieldPlan, LeafPlan, ObjectPlan
from gateway.mapping.scopes import Block, Scope, Take, ordered

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


def of_segments(layout: Layout, root: ObjectPlan) -> Mapping[int, Sequence[ObjectPlan]]:
    """Return the plain objects that come from one segment as a whole, by the block's identity.

    They are made where that segment is: where it is absent, they cost nothing.
    """
    homes = dict(_homes(layout.root))
    asked = set(layout.extra.values())
    found: dict[int, list[ObjectPlan]] = {}
    _collect(root, homes, (layout, asked), found)
    return found


def _homes(scope: Scope) -> Iterator[tuple[int, Block]]:
    """Yield the block of each field that is taken there and nowhere else, by the field's plan."""
    for block in (block for blocks in scope.blocks.values() for block in blocks if not block.many):
        for take in block.takes:
            if take.kind == "value" and not take.scopes and take.leaf is not None:
                yield id(take.leaf), block
    for inner in (inner for scopes in scope.scopes.values() for inner in scopes):
        yield from _homes(inner)


def _collect(
    plan: ObjectPlan, homes: Mapping[int, Block], known: tuple[Layout, set[str]],
    found: dict[int, list[ObjectPlan]],
) -> None:  # fmt: skip
    layout, asked = known
    for member in plan.fields:
        if not isinstance(member, ObjectPlan) or not member.reads:
            continue
        leaves = list(variables(member, layout)) if is_plain_object(member) else []
        blocks = {id(homes.get(key)) for key, _ in leaves}
        first = homes.get(leaves[0][0]) if leaves else None
        if first is not None and len(blocks) == 1 and asked.isdisjoint(name for _, name in leaves):
            found.setdefault(id(first), []).append(member)
        else:
            _collect(member, homes, known, found)


def is_plain_object(plan: ObjectPlan) -> bool:
    """Say whether an object, with all in it, is of values of the level that it stands in."""
    return not (plan.many or plan.segment or plan.loops or plan.up) and all(
        is_plain_object(member)
        if isinstance(member, ObjectPlan)
        else _is_plain(member) and not (isinstance(member, LeafPlan) and member.sources[0].up)
        for member in plan.fields
        if member.reads
    )


def variables(plan: ObjectPlan, layout: Layout) -> Iterator[tuple[int, str]]:
    """Yield the fields of an object and of the objects in it, each with its variable."""
    for member in plan.fields:
        if isinstance(member, ObjectPlan):
            yield from variables(member, layout)
        elif id(member) in layout.names:
            yield id(member), layout.names[id(member)]


def default(plan: FieldPlan) -> object:
    """Return what a field has where the set says nothing."""
    if isinstance(plan, LeafPlan):
        return plan.fixed if plan.fixed is not None else plan.default
    return getattr(plan, "default", None)


def is_late(plan: FieldPlan) -> bool:
    """Say whether a field is looked at after all others of its object."""
    computed = isinstance(plan, LeafPlan) and plan.expression is not None
    return plan.reads and not computed and (plan.required or default(plan) is not None)


def plain_objects(plan: ObjectPlan) -> list[ObjectPlan]:
    """Return the objects that are made along with the object they are in."""
    return [
        member
        for member in plan.fields
        if isinstance(member, ObjectPlan)
        and member.reads
        and not member.many
        and member.segment is None
    ]


def from_outside(plan: FieldPlan) -> bool:
    """Say whether a list stands in a loop around its entry."""
    if isinstance(plan, LeafPlan):
        return False
    own = plan.up if isinstance(plan, ObjectPlan) else 0
    return bool(own or (plan.segment is not None and plan.segment.up))
