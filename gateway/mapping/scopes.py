"""What a map looks at in a set: loops, segments and elements, in the order that they choose.

A `Scope` is a loop occurrence as the map sees it, a `Block` one selection of a segment in it, a
`Take` one element of that segment and what it is for. Rule 1 of docs/maps.md is here: selections
with predicates come before those without, single ones before lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gateway.mapping.loans import Loan
from gateway.mapping.places import HIERARCHY_LOOP, Level
from gateway.mapping.plan import LeafPlan, ObjectPlan, PairPlan, PairsPlan, Place, ValuesPlan
from gateway.mapping.positions import Step, Test

HIERARCHY_ELEMENTS = (1, 2, 3, 4)
"""HL01 to HL04 are computed on write and judged by the hierarchy on read."""
CERTAIN = ("value", "constant", "consume")
"""What elements are taken for without looking at them."""


@dataclass(frozen=True, slots=True)
class Path:
    """Text with numbers in it, some of which are only known while reading."""

    text: str = ""
    variables: tuple[str, ...] = ()

    def then(self, text: str, *variables: str) -> Path:
        """Return a longer path."""
        escaped = text if variables else text.replace("%", "%%")
        return Path(self.text + escaped, (*self.variables, *variables))

    @property
    def code(self) -> str:
        """Return the expression that makes the text."""
        if not self.variables:
            return repr(self.text.replace("%%", "%"))
        return f"{self.text!r} % ({', '.join(self.variables)},)"


@dataclass(slots=True)
class Entry:
    """One object that is made: the document, a list entry; plain objects belong to their entry."""

    plan: ObjectPlan
    slots: list[str] = field(default_factory=list)
    """Variables that must be empty before an occurrence is read."""
    tests: tuple[Test, ...] = ()


@dataclass(slots=True)
class Take:
    """One element and what it is for."""

    kind: str
    """value, source, peek, constant, along or consume."""
    element: int
    component: int | None = None
    tests: tuple[Test, ...] = ()
    slot: str = ""
    leaf: LeafPlan | None = None
    place: Place | None = None
    expected: str = ""
    scopes: tuple[Scope, ...] = ()
    """The loops that a path steps into: in a list among them only the first value counts."""
    covered: bool = False
    """Another field takes the element in any case: leaving it is no loss."""

    @property
    def once(self) -> bool:
        """Say whether the element is met again and again, and taken only the first time."""
        return bool(self.slot) and any(scope.many for scope in self.scopes)

    @property
    def certain(self) -> bool:
        """Say whether the element is taken wherever the segment is."""
        return not self.tests and not self.once and self.kind in CERTAIN


@dataclass(slots=True)
class PairTake:
    """A field that reads qualifier/value pairs of the segment."""

    plan: PairPlan | PairsPlan
    slot: str
    tests: tuple[Test, ...] = ()


@dataclass(slots=True)
class Block:
    """One selection of a segment and all that is taken from it."""

    step: Step
    single: bool
    many: bool = False
    whole: bool = False
    """Deliberately not mapped: taken and forgotten."""
    takes: list[Take] = field(default_factory=list)
    pairs: list[PairTake] = field(default_factory=list)
    values: list[tuple[ValuesPlan, str]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    loans: list[Loan] = field(default_factory=list)

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """Order selections: with predicates first, single ones before lists, then by occurrence."""
        return (not self.step.tests, self.many, self.step.occurrence or 1)


@dataclass(slots=True)
class Scope:
    """One selection of a loop; the whole set is the outermost."""

    level: Level
    step: Step | None = None
    many: bool = False
    whole: bool = False
    slots: list[str] = field(default_factory=list)
    blocks: dict[str, list[Block]] = field(default_factory=dict)
    scopes: dict[str, list[Scope]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    lends: list[str] = field(default_factory=list)
    """Variables of what is kept for entries of inner loops, each unused until one has it."""

    @property
    def rank(self) -> tuple[bool, bool, int]:
        """Order selections as blocks are ordered."""
        step = self.step or Step("")
        return (not step.tests, self.many, step.occurrence or 1)

    def inner(self, step: Step, *, many: bool) -> Scope:
        """Return the scope of a loop selection, made when first asked for."""
        known = self.scopes.setdefault(step.tag, [])
        for scope in known:
            if scope.step == step and not scope.whole:
                # A list visits every occurrence, so a plain step of the same selection joins it.
                scope.many = scope.many or many
                return scope
        scope = Scope(self.level.inside((step,)), step, many)
        known.append(scope)
        trigger = scope.block(Step(step.tag), single=True)
        consume_tests(trigger, step.tests, ())
        if self.level.nested and step.tag == HIERARCHY_LOOP:
            trigger.takes += [Take("consume", element) for element in HIERARCHY_ELEMENTS]
        return scope

    def block(self, step: Step, *, single: bool, many: bool = False) -> Block:
        """Return the block of a segment selection; a segment that occurs once has one block."""
        known = self.blocks.setdefault(step.tag, [])
        wanted = Step(step.tag) if single else step
        for block in known:
            if block.single or (block.step == wanted and block.many == many and not many):
                return block
        block = Block(wanted, single, many)
        consume_tests(block, wanted.tests, ())
        known.append(block)
        return block

    def lists_of(self) -> list[ObjectPlan]:
        """Return the lists that an occurrence gives entries, its own or those within.

        None where a field from outside takes something of it: it is told with that.
        """
        if self.whole or any(one is self for take in self._takes() for one in take.scopes):
            return []
        if self.entries:
            return [entry.plan for entry in self.entries]
        within = (one for scopes in self.scopes.values() for one in scopes if one.many)
        return [plan for one in within for plan in one.lists_of()]

    def _takes(self) -> Iterator[Take]:
        for block in (block for blocks in self.blocks.values() for block in blocks):
            yield from block.takes
        for inner in (inner for scopes in self.scopes.values() for inner in scopes):
            yield from inner._takes()

    @property
    def turn(self) -> int:
        """Order loops in reading: those without entries, those whose lists go to inner entries."""
        inner = (scope.turn for group in self.scopes.values() for scope in group)
        own = 0 if not self.entries else 1 if all(one.plan.up for one in self.entries) else 2
        return max((own, *inner))


def consume_tests(block: Block, tests: Sequence[Test], under: tuple[Test, ...]) -> None:
    """What a predicate says is written by it, so it is taken by it."""
    for test in tests:
        if not test.negated and test.values:
            block.takes.append(Take("consume", test.element, tests=under))


def ordered(selections: Sequence[Block]) -> list[Block]:
    """Return a segment's selections in the order they choose."""
    return sorted(selections, key=lambda block: block.rank)
