"""Where a generated writer keeps segments: one variable for each that a map can name.

A loop that a map selects, and each loop that makes list entries, is a `Scope`: its segments are
variables while it is open. When it closes they are put in the order of the set, so nothing has to
be looked up or sorted. What a scope has is known only at the end: lines that need to know, such as
`# close 3`, are written then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from gateway.mapping.emitter import STOP, Emitter
from gateway.mapping.entry_shapes import PLACE
from gateway.mapping.out_tree import impose
from gateway.mapping.places import HIERARCHY_LOOP
from gateway.mapping.plan import HierarchyPlan, Place
from gateway.mapping.ports import LoopShape
from gateway.mapping.positions import Step

_CODE = 3
"""The element of HL that says which level it is."""


class NoFastWriterError(Exception):
    """A map has something that no writer is generated for."""


@dataclass(slots=True, eq=False)
class Scope:
    """One loop while it is written, by the selection that finds it or the list that makes it."""

    step: Step
    shape: LoopShape
    parent: Scope | None
    named: bool
    """It is found again by its selection; otherwise each list entry makes one anew."""
    number: int
    inner: list[Scope] = field(default_factory=list)
    singles: dict[str, str] = field(default_factory=dict)
    """Variables of segments that occur once, by segment id."""
    rows: dict[str, str] = field(default_factory=dict)
    """Variables of the lists of segments that repeat, by segment id."""
    selected: dict[str, str] = field(default_factory=dict)
    """Variables of those among them that a selection means, by its text."""

    @property
    def first(self) -> str:
        """Return the variable of the segment that the loop starts with."""
        return f"s{self.number}"

    @property
    def name(self) -> str:
        """Return the variable of the loop's segments as a list, filled when it closes."""
        return f"x{self.number}"

    @property
    def flat(self) -> bool:
        """Say whether its segments go straight to those of the same loop before it."""
        if self.named or self.parent is None:
            return False
        return sum(one.step.tag == self.step.tag for one in self.parent.inner) == 1

    def loops(self, tag: str) -> str:
        """Return the variable of the loops with one first segment."""
        return f"g{self.number}_{tag}"


Chain = tuple[Scope, ...]


class Places:
    """The scopes of a writer, and the code that finds or makes segments in them."""

    def __init__(self, out: Emitter, shape: LoopShape, hierarchy: HierarchyPlan | None) -> None:
        self.out = out
        self.hierarchy = hierarchy
        self.root = Scope(Step(""), shape, None, False, 0)
        self.scopes = [self.root]
        self.late: set[int] = set()
        """Numbers of loops that totals stand in: they close when all others have."""

    def named(self, parent: Scope, step: Step) -> Scope:
        """Return the scope that a selection means."""
        for one in parent.inner:
            if one.named and str(one.step) == str(step):
                return one
        return self._scope(parent, step, named=True)

    def fresh(self, parent: Scope, step: Step) -> Scope:
        """Return a new scope for the entries of a list."""
        return self._scope(parent, step, named=False)

    def _scope(self, parent: Scope, step: Step, *, named: bool) -> Scope:
        level = self._is_level(step)
        if level and not any(test.element == _CODE for test in step.tests):
            raise NoFastWriterError(f"{step} does not say which level it is")
        below = level and self._is_level(parent.step)
        shape = parent.shape if below else parent.shape.loops[step.tag]
        made = Scope(step, shape, parent, named, len(self.scopes))
        parent.inner.append(made)
        self.scopes.append(made)
        return made

    def _is_level(self, step: Step) -> bool:
        return self.hierarchy is not None and step.tag == HIERARCHY_LOOP

    def enter(self, chain: Chain, up: int, steps: Sequence[Step]) -> Chain:
        """Write the entering of selected loops; return the chain of scopes with them."""
        chain = chain[: len(chain) - up]
        for step in steps:
            scope = self.named(chain[-1], step)
            if scope not in chain:
                self.out.put(f"if {scope.name} is None:")
                self.out.put(f"# enter {scope.number}", 1)
            chain = (*chain, scope)
        return chain

    def segment(self, chain: Chain, in_hand: str, place: Place) -> str:
        """Write what finds or makes the segment of a place; return its variable."""
        if place.segment is None:
            return in_hand
        scope = self.enter(chain, place.up, place.loops)[-1]
        variable, made = self.variable(scope, place)
        if variable != scope.first:
            self.out.put(f"if {variable} is None:")
            self.out.put(f"{variable} = {made}", 1)
            if not place.single:
                self.add(scope, place.segment.tag, variable, single=False, inner=1)
        return variable

    def variable(self, scope: Scope, place: Place) -> tuple[str, str]:
        """Return the variable of a place's segment in its scope, and what makes the segment."""
        step = place.segment or Step("")
        if self._is_level(step) and place.element != _CODE:
            raise NoFastWriterError(f"{place.text} is the hierarchy's")
        if place.single:
            return self.single(scope, step.tag), repr([step.tag])
        self.row(scope, step.tag)
        variable = scope.selected.setdefault(str(step), self.out.fresh("t"))
        return variable, repr(template(step))

    def single(self, scope: Scope, tag: str) -> str:
        """Return the variable of a segment that occurs once."""
        if scope.parent is not None and tag == scope.step.tag:
            return scope.first
        return scope.singles.setdefault(tag, self.out.fresh("t"))

    def row(self, scope: Scope, tag: str) -> str:
        """Return the variable of a list of segments."""
        return scope.rows.setdefault(tag, self.out.fresh("r"))

    def add(self, scope: Scope, tag: str, segment: str, *, single: bool, inner: int = 0) -> str:
        """Write the adding of a segment to those with its id; return their variable.

        What occurs once and is there already has no room for another.
        """
        rows = self.row(scope, tag)
        more = STOP if single else f"{rows}.append({segment})"
        self.out.put(f"if {rows}: {more}", inner)
        self.out.put(f"else: {rows} = [{segment}]", inner)
        return rows

    def finish(self, closing: Callable[[Scope], None], ending: Callable[[], None]) -> None:
        """Write the lines that had to wait until all scopes were known."""
        self._check()
        waiting, self.out.lines = self.out.lines, []
        for line in waiting:
            bare = line.lstrip(" ")
            if not bare.startswith("# ") or bare.startswith(PLACE):
                self.out.lines.append(line)
                continue
            self.out.indent = len(line) - len(bare)
            what, number = bare[2:].split()
            scope = self.scopes[int(number)]
            if what == "reset":
                self._reset(scope)
            elif what == "close":
                self._close(scope, closing, ending)
            else:
                self.begin(scope)

    def _check(self) -> None:
        for scope in self.scopes:
            tags = {*scope.singles} if scope.parent is None else {*scope.singles, scope.step.tag}
            if not tags.isdisjoint(scope.rows):
                raise NoFastWriterError("a segment is written as one and as several")

    def begin(self, scope: Scope) -> None:
        """Write the making of a loop; one that list entries make begins with nothing in it."""
        self.out.put(f"{scope.first} = {template(scope.step)!r}")
        parent = scope.parent or self.root
        if not scope.flat:
            loops = parent.loops(scope.step.tag)
            self.out.put(f"{scope.name} = []")
            self.out.put(f"if {loops}: {loops}.append({scope.name})")
            self.out.put(f"else: {loops} = [{scope.name}]")
        if self._is_level(scope.step) and self._is_level(parent.step):
            self.out.put(f"parents[id({scope.first})] = {parent.first}")
        if not scope.named:
            self._reset(scope)

    def _reset(self, scope: Scope) -> None:
        self.out.reset(sorted(_variables(scope)))

    def _close(
        self, scope: Scope, closing: Callable[[Scope], None], ending: Callable[[], None]
    ) -> None:
        """Write the putting in order of a loop's segments."""
        named = [inner for inner in scope.inner if inner.named]
        self._close_each([one for one in named if one.number not in self.late], closing, ending)
        if self._is_level(scope.step) and self.hierarchy and self.hierarchy.child_code:
            self._say_children(scope)
        closing(scope)
        if scope.parent is None:
            ending()
        self._close_each([one for one in named if one.number in self.late], closing, ending)
        into = self._into(scope)
        for _, line in sorted(self._ordered(scope, into)):
            self.out.put(line)

    def _close_each(
        self, scopes: Sequence[Scope], closing: Callable[[Scope], None], ending: Callable[[], None]
    ) -> None:
        for scope in scopes:
            self.out.put(f"if {scope.name} is not None:")
            self.out.indent += 1
            self._close(scope, closing, ending)
            self.out.indent -= 1

    def _say_children(self, scope: Scope) -> None:
        children = scope.loops(HIERARCHY_LOOP)
        has_any = any(self._is_level(one.step) for one in scope.inner)
        code = f"'1' if {children} else '0'" if has_any else "'0'"
        self.out.put(f"put({scope.first}, 4, {code})")

    def _into(self, scope: Scope) -> str:
        """Return the list that a loop's segments go to, with the first segment in it."""
        if scope.parent is None:
            return "segments"
        if not scope.flat:
            self.out.put(f"{scope.name}.append({scope.first})")
            return scope.name
        into = scope.parent.loops(scope.step.tag)
        self.out.put(f"if {into}: {into}.append({scope.first})")
        self.out.put(f"else: {into} = [{scope.first}]")
        return into

    def _ordered(self, scope: Scope, into: str) -> Iterator[tuple[int, str]]:
        """Yield the place of each kind of segment and loop, and the line that adds them."""
        places = scope.shape.places
        for tag, variable in scope.singles.items():
            yield places[tag], f"if {variable} is not None: {into}.append({variable})"
        for tag, variable in scope.rows.items():
            yield places[tag], f"if {variable}: {into} += {variable}"
        for tag in {one.step.tag for one in scope.inner}:
            variable = scope.loops(tag)
            flat = any(one.flat for one in scope.inner if one.step.tag == tag)
            line = f"if {variable}: {into} += {variable}"
            if not flat:
                line = f"for one in {variable} or (): {into} += one"
            below = self._is_level(scope.step) and tag == HIERARCHY_LOOP
            # Levels below a level come after all that it has itself.
            yield len(places) if below else places[tag], line


def template(step: Step) -> list[str]:
    """Return a new segment with what a selection asks for."""
    segment = [step.tag]
    for test in step.tests:
        impose(segment, test)
    return segment


def _variables(scope: Scope) -> Iterator[str]:
    """Yield the variables of a scope that are empty when it begins, and of the selected in it."""
    yield from (*scope.singles.values(), *scope.selected.values(), *scope.rows.values())
    yield from {scope.loops(one.step.tag) for one in scope.inner}
    for inner in scope.inner:
        if inner.named:
            yield inner.name
            yield from _variables(inner)
