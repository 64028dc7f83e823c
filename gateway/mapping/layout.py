"""Which field takes what from where: the plan turned around, ordered by the tree that is read.

The plan is ordered by the document; a reader walks the set. Here each field finds the scopes and
blocks (`gateway.mapping.scopes`) that it takes from, and has a variable for its value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gateway.mapping.loans import ALL_ELEMENTS, lend
from gateway.mapping.places import Level
from gateway.mapping.plan import (
    ConstantPlan,
    FieldPlan,
    Ignored,
    LeafPlan,
    MapPlan,
    ObjectPlan,
    PairPlan,
    PairsPlan,
    Place,
    ValuesPlan,
)
from gateway.mapping.positions import Step, Test
from gateway.mapping.scopes import Block, Entry, PairTake, Scope, Take, consume_tests

ENVELOPE_SEGMENTS = ("ST", "SE")
"""They stand in the tree of a set, but belong to the envelope."""


@dataclass(slots=True)
class Layout:
    """The scopes of a map, and the variable that holds each field's value."""

    root: Scope
    entry: Entry
    names: dict[int, str] = field(default_factory=dict)
    """Variable of a plan by its identity."""
    extra: dict[tuple[int, int], str] = field(default_factory=dict)
    """Variables of a plan's sources and conditions."""
    loans: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    """Variables of what a field has from loops outside, by its plan's identity; each with that of
    the object from outside which the field is in, if any: used there, it is a loan of that."""
    keeps: bool = True
    """What nobody takes goes to `unmapped`."""
    borrower: tuple[str, Scope | None] = ("", None)
    """The variable of the object from outside whose fields are laid out, and its lender."""
    variables: list[str] = field(default_factory=list)
    """Every variable that was made."""

    def variable(self, prefix: str = "f") -> str:
        """Return a variable name that nothing uses."""
        self.variables.append(f"{prefix}{len(self.variables) + 1}")
        return self.variables[-1]

    def borrow(self, plan: FieldPlan, up: int, chain: Sequence[Scope]) -> str:
        """Return the variable of what a field has from loops outside; empty where it has none."""
        around, outside = self.borrower
        lender = chain[len(chain) - 1 - up]
        further = any(one is outside for one in chain[len(chain) - up :])
        if not (up and self.keeps) or (around and not further):
            return around
        name = self.variable("lent")
        lender.lends.append(name)
        lender.slots.append(name)
        self.loans.setdefault(id(plan), []).append((name, around))
        return name


def lay_out(plan: MapPlan) -> Layout:
    """Return who takes what from where."""
    level = Level((plan.shape,), plan.hierarchy is not None)
    entry = Entry(plan.root)
    layout = Layout(Scope(level), entry, keeps=plan.unmapped != "drop")
    layout.root.entries.append(entry)
    _members(plan.root, [layout.root], None, layout)
    for computed in plan.computed:
        step = computed.place.segment
        reached = list(_reached(layout.root, computed.place.loops))
        if not reached and computed.kind != "counter":
            # The total stands in a loop that no field enters: the total enters it.
            reached = [layout.root]
            for inner in computed.place.loops:
                reached = [reached[0].inner(inner, many=False)]
        for scope in reached:
            if step is not None:
                block = scope.block(step, single=computed.place.single)
                block.takes.append(Take("consume", computed.place.element))
    for tag in ENVELOPE_SEGMENTS:
        if tag in plan.shape.segments:
            layout.root.blocks[tag] = [Block(Step(tag), single=False, many=True, whole=True)]
    _in_order(layout.root)
    return layout


def _in_order(scope: Scope) -> None:
    """Sort what is taken by element: where a segment ends, nothing more is asked of it."""
    for block in (block for blocks in scope.blocks.values() for block in blocks):
        block.takes.sort(key=lambda take: take.element)
        sure = {(take.element, take.component) for take in block.takes if take.certain}
        for take in block.takes:
            take.covered = (take.element, take.component) in sure
    for inner in (inner for scopes in scope.scopes.values() for inner in scopes):
        _in_order(inner)


def _members(plan: ObjectPlan, chain: list[Scope], block: Block | None, layout: Layout) -> None:
    by_name = {member.name: member for member in plan.fields}
    for member in plan.fields:
        _member(member, chain, block, layout)
    for member in plan.fields:
        if isinstance(member, LeafPlan) and member.reads:
            _conditions(member, chain, block, layout, by_name)
    for constant in plan.constants:
        _constant(constant, chain, block)
    for ignored in plan.ignored:
        _ignore(ignored, chain[-1], block)


def _member(plan: FieldPlan, chain: list[Scope], block: Block | None, layout: Layout) -> None:
    if isinstance(plan, LeafPlan):
        _leaf(plan, chain, block, layout)
    elif isinstance(plan, ObjectPlan):
        _object(plan, chain, block, layout)
    elif not plan.reads:
        return
    else:
        _, found, tests = _segment(plan.segment, chain, block, many=_repeats(plan))
        name = layout.names[id(plan)] = layout.variable("l" if _is_list(plan) else "f")
        _owner(plan.segment, chain, block).append(name)
        lend(found.loans, layout.borrow(plan, plan.segment.up, chain), ALL_ELEMENTS)
        if isinstance(plan, ValuesPlan):
            found.values.append((plan, name))
        else:
            found.pairs.append(PairTake(plan, name, tests))


def _repeats(plan: PairPlan | PairsPlan | ValuesPlan) -> bool:
    return isinstance(plan, ValuesPlan) or (isinstance(plan, PairsPlan) and plan.each)


def _is_list(plan: FieldPlan) -> bool:
    return not isinstance(plan, PairPlan)


def _slot_owner(chain: list[Scope], block: Block | None) -> list[str]:
    """Return the list of variables that are emptied where the innermost entry begins."""
    if block is not None and block.entries:
        return block.entries[-1].slots
    for scope in reversed(chain):
        if scope.many or scope.step is None:
            return scope.slots
    return chain[0].slots


def _leaf(plan: LeafPlan, chain: list[Scope], block: Block | None, layout: Layout) -> None:
    if not plan.reads or not plan.sources:
        if plan.target is not None:
            _take(plan.target, chain, block, Take("consume", 0))
        return
    name = layout.names[id(plan)] = layout.variable()
    if not plan.direct:
        _owner(plan.sources[0], chain, block).append(name)
    for index, place in enumerate(plan.sources):
        slot = name
        if not plan.direct:
            slot = layout.extra[id(plan), index] = layout.variable("s")
        _owner(place, chain, block).append(slot)
        kind = "value" if plan.direct else "source"
        found, tests = _take(place, chain, block, Take(kind, 0, slot=slot, leaf=plan, place=place))
        loan = layout.borrow(plan, place.up, chain)
        lend(found.loans, loan, 1 << place.element, place.component)
        for element, text in plan.along:
            lend(found.loans, loan, 1 << element)
            found.takes.append(Take("along", element, tests=tests, expected=text))


def _owner(place: Place, chain: list[Scope], block: Block | None) -> list[str]:
    """Return where a variable is emptied: where the outermost loop it is taken in begins."""
    if place.up:
        return _slot_owner(chain[: len(chain) - place.up], None)
    return _slot_owner(chain, block)


def _conditions(
    plan: LeafPlan,
    chain: list[Scope],
    block: Block | None,
    layout: Layout,
    by_name: dict[str, FieldPlan],
) -> None:
    for index, condition in enumerate(plan.when):
        key = (id(plan), -1 - index)
        if condition.place is not None:
            slot = layout.extra[key] = layout.variable("k")
            _owner(condition.place, chain, block).append(slot)
            _take(condition.place, chain, block, Take("peek", 0, slot=slot))
        else:
            members = layout.entry.plan.fields if condition.root else tuple(by_name.values())
            named = next((one for one in members if one.name == condition.field), None)
            layout.extra[key] = layout.names.get(id(named), "None")


def _take(
    place: Place, chain: list[Scope], block: Block | None, take: Take
) -> tuple[Block, tuple[Test, ...]]:
    scopes, found, tests = _segment(place, chain, block, many=False)
    take.element, take.component, take.tests = place.element, place.component, tests
    take.scopes = tuple(scopes[len(scopes) - len(place.loops) :]) if place.loops else ()
    found.takes.append(take)
    if take.kind != "peek":
        consume_tests(found, (*tests, *found.step.tests), tests)
    return found, tests


def _segment(
    place: Place, chain: list[Scope], block: Block | None, *, many: bool
) -> tuple[list[Scope], Block, tuple[Test, ...]]:
    """Return the block a place is in; tests are left where the segment occurs once."""
    if place.segment is None and block is not None:
        return chain, block, ()
    scopes = chain[: len(chain) - place.up]
    for step in place.loops:
        scopes = [*scopes, scopes[-1].inner(step, many=False)]
    step = place.segment or Step("")
    found = scopes[-1].block(step, single=place.single, many=many)
    return scopes, found, step.tests if found.single else ()


def _object(plan: ObjectPlan, chain: list[Scope], block: Block | None, layout: Layout) -> None:
    if not plan.reads:
        return
    if plan.segment is not None:
        scopes, found, tests = _segment(plan.segment, chain, block, many=True)
        entry = Entry(plan, tests=tests)
        found.entries.append(entry)
        name = layout.names[id(plan)] = layout.variable("l")
        _owner(plan.segment, chain, block).append(name)
        loan = layout.borrow(plan, plan.segment.up, chain)
        lend(found.loans, loan, ALL_ELEMENTS)
        lender = chain[len(chain) - 1 - plan.segment.up]
        _borrowed(plan, (loan, lender), (chain, found), layout)
        return
    scopes = chain[: len(chain) - plan.up]
    for index, step in enumerate(plan.loops):
        # `in: LX/W01` visits every LX; `level: S/O` the O levels of the one S level it names.
        last = index == len(plan.loops) - 1
        many = plan.many and (last or not step.tests)
        scopes = [*scopes, scopes[-1].inner(step, many=many)]
    if plan.many:
        name = layout.names[id(plan)] = layout.variable("l")
        _slot_owner(chain[: len(chain) - plan.up], block).append(name)
        scopes[-1].entries.append(Entry(plan))
    loan = layout.borrow(plan, plan.up, chain)
    _borrowed(plan, (loan, chain[len(chain) - 1 - plan.up]), (scopes, block), layout)


def _borrowed(
    plan: ObjectPlan,
    borrower: tuple[str, Scope],
    where: tuple[list[Scope], Block | None],
    layout: Layout,
) -> None:
    """Lay out the members of an object, which are used up with it where it is from outside."""
    before = layout.borrower
    if borrower[0] != before[0]:
        layout.borrower = borrower
    _members(plan, *where, layout)
    layout.borrower = before


def _constant(plan: ConstantPlan, chain: list[Scope], block: Block | None) -> None:
    kind = "constant" if plan.check else "consume"
    _take(plan.place, chain, block, Take(kind, 0, expected=plan.value, place=plan.place))


def _reached(scope: Scope, steps: tuple[Step, ...]) -> Iterator[Scope]:
    """Yield the scopes that a path means, among those that fields have made."""
    if not steps:
        yield scope
        return
    step = steps[0]
    for inner in scope.scopes.get(step.tag, ()):
        if inner.step == step or not (step.tests or step.occurrence):
            yield from _reached(inner, steps[1:])


def _ignore(plan: Ignored, scope: Scope, block: Block | None) -> None:
    loops = plan.loops if plan.segment else plan.loops[:-1]
    for here in list(_reached(scope, loops)):
        if plan.segment is None:
            step = plan.loops[-1]
            forgotten = Scope(here.level, step, many=True, whole=True)
            here.scopes.setdefault(step.tag, []).append(forgotten)
        elif plan.element is not None:
            for found in [block] if block else _blocks(here, plan.segment):
                found.takes.append(Take("consume", plan.element))
        else:
            selection = Block(plan.segment, single=False, many=True, whole=True)
            here.blocks.setdefault(plan.segment.tag, []).append(selection)


def _blocks(scope: Scope, step: Step) -> list[Block]:
    return scope.blocks.get(step.tag) or [scope.block(step, single=not step.tests, many=False)]
