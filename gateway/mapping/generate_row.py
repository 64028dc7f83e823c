"""The reader of a map for sets that come as a row: from the first segment to the last, once.

It reads what `gateway.mapping.generate` reads, and stops at whatever is not plain: a finding, a
segment or an element that no field takes, an HL level that does not follow its parent. Such a set
is read anew, from its tree, by the reader that explains and keeps. Nearly every set takes the
quick way, and no tree is built for it.

Segments are told apart by the numbers of their places (`gateway.mapping.ports.Row`), so that what
is absent costs nothing: `at` is where the reader stands, `k` the number there, `s` the segment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar, cast

from gateway.mapping import assembly
from gateway.mapping.emitter import STOP
from gateway.mapping.fast_parts import NeedsCareError
from gateway.mapping.generate import Generator, compiled_source
from gateway.mapping.layout import Layout, lay_out
from gateway.mapping.loop_shapes import Generated, LoopShapes, outside_of
from gateway.mapping.places import HIERARCHY_LOOP
from gateway.mapping.plan import Document, JsonValue, MapPlan, ObjectPlan
from gateway.mapping.ports import Row
from gateway.mapping.positions import element_text
from gateway.mapping.reading import Sink
from gateway.mapping.row_places import Span, can_be_read_in_order, span_of
from gateway.mapping.scopes import Block, Path, Scope, ordered

_NEXT = "at += 1; k = route[at]"
_HERE = "s = segments[at]; n = len(s)"
_CHAIN = 3
"""So many places are asked for one after the other; more are halved first."""
_MOST_PLACES = 255
"""Numbers of places that are bytes: the whole route of a set is searched as one text."""
_MOST_GAPS = 6
"""So many elements that nothing takes for certain are asked for one by one."""
_NOWHERE = Path()

RowReader = Callable[[Sequence[Sequence[str]], Sequence[int], Sink], Document]
"""Reads segments and the numbers of their places; raises NeedsCareError, ValueError or IndexError
where the tree has to be read."""

Selection = TypeVar("Selection", Scope, Block)

_Place = tuple[int, Callable[[], None]]
"""The number of a place, and what writes its reading."""


def document_of(read: RowReader, row: Row, sink: Sink) -> Document | None:
    """Return the document of a row, or None where its tree has to be read."""
    try:
        document = read(row[0], row[1], sink)
    except (NeedsCareError, ValueError, IndexError):
        return None
    # The tree gives several leftovers in an order of its own, and counts the entries of lists.
    left = sink.unmapped
    return None if sink.findings or len(left) > 1 or (left and _counted(left[0])) else document


def _counted(entry: JsonValue) -> bool:
    """Say whether a leftover is of an entry of a list."""
    return isinstance(entry, dict) and "[#" in f"{entry['loop']}{entry.get('of', '')}"


@dataclass(slots=True)
class RowGenerator(Generator):
    """Walks the layout in the order of the set, and writes the reader of rows."""

    spans: dict[int, Span] = field(default_factory=dict)
    """Of the loop of each scope, by the scope's identity."""
    loops: dict[str, LoopShapes] = field(default_factory=dict)
    """Those whose occurrences have shapes, by the constants that stand for them."""

    def whole_map(self) -> str:
        """Return the source of the reader."""
        self.out.stops = True
        self.point(self.plan.root, _NOWHERE)
        self.out.put("at = 0; k = route[0]")
        if self.layout.root.level.nested:
            self.out.put("levels = set()")
        self.scope(self.layout.root, "", _NOWHERE)
        head = f"def read(segments, route, sink{self.out.parameters}):"
        if self.loops:
            head += "\n numbers = bytes(route)"
        return "\n".join([head, *self.out.lines, ""])

    def point(self, plan: ObjectPlan, path: Path) -> None:
        """Note that nobody asks where a field stands: this reader makes no findings."""
        for member in plan.fields:
            self.out.pointers[id(member)] = path
            if isinstance(member, ObjectPlan):
                self.point(member, path)

    def scope(self, scope: Scope, node: str, path: Path) -> None:
        """Write what happens in one occurrence of a loop; its first segment is at hand."""
        span, root = self.spans[id(scope)], scope.step is None
        self.objects.reset(scope.slots, assembly.in_loop(scope, self.layout), root=root)
        level = scope.step is not None and scope.step.tag == HIERARCHY_LOOP
        own = self.out.fresh("w") if scope.level.nested and level else ""
        if not root:
            if own:
                self.out.put(f"{own} = s[1]")
            self.block(self.first_of(scope), path, self.first_of(scope).step.tag)
            self.out.put(_NEXT)
        self.out.put(f"while {span.first - root} < k <= {span.last}:")
        self.out.indent += 1
        self.choice(self.places(scope, path), path)
        self.out.indent -= 1
        if own and (below := scope.scopes.get(HIERARCHY_LOOP)):
            self.out.put(f"if k == {span.first}:")
            self.indented(partial(self.levels_below, below, (own, path)))
        if self.keeps:
            for name in scope.lends:
                self.out.put(f"if {name}: {STOP}")
        for entry in scope.entries:
            self.objects.entry(entry, root=root)

    def first_of(self, scope: Scope) -> Block:
        """Return what is taken of the segment that a loop starts with."""
        return scope.blocks[scope.step.tag if scope.step else ""][0]

    def places(self, scope: Scope, path: Path) -> list[_Place]:
        """Return the places of a level that the map knows, in their order."""
        found: list[_Place] = []
        span = self.spans[id(scope)]
        for tag, blocks in scope.blocks.items():
            number = span.segments[tag]
            if scope.step is None or number != span.first:
                found.append((number, partial(self.rows_of, blocks, number, path)))
        for tag, scopes in scope.scopes.items():
            inner = span.loops.get(tag)
            if inner is None:
                continue  # HL levels below a level stand behind its own places
            if scope.level.nested and tag == HIERARCHY_LOOP:
                found.append((inner.first, partial(self.levels_below, scopes, ("", path))))
            else:
                found.append((inner.first, partial(self.each, scopes, inner, path)))
        return sorted(found, key=lambda place: place[0])

    def choice(self, places: Sequence[_Place], path: Path) -> None:
        """Write what tells the places of a level apart, and what happens at each."""
        if len(places) > _CHAIN:
            middle = len(places) // 2
            self.out.put(f"if k < {places[middle][0]}:")
            self.indented(partial(self.choice, places[:middle], path))
            self.out.put("else:")
            self.indented(partial(self.choice, places[middle:], path))
            return
        for index, (number, write) in enumerate(places):
            self.out.put(f"{'el' if index else ''}if k == {number}:")
            self.indented(write)
        self.out.put("else:" if places else "if True:")
        self.out.put(STOP if self.keeps else _NEXT, 1)

    def indented(self, write: Callable[[], None]) -> None:
        """Write lines one step further to the right."""
        self.out.indent += 1
        write()
        self.out.indent -= 1

    def rows_of(self, blocks: list[Block], number: int, path: Path) -> None:
        """Write how the occurrences of a segment are divided among the selections."""
        chosen = ordered(blocks)
        if chosen[0].whole and not chosen[0].step.tests:
            self.out.put(_NEXT)
        elif chosen[0].single:
            self.out.put(_HERE)
            self.block(chosen[0], path, chosen[0].step.tag)
            self.out.put(_NEXT)
        elif chosen[0].many and not chosen[0].step.tests and not chosen[0].step.occurrence:
            # Which of them it is says the row itself, should anybody want to know.
            self.out.put(_HERE)
            of = Path().then(chosen[0].step.tag).then("[#%d]", "nth(route, at)")
            self.block(chosen[0], path, "", of)
            self.out.put(_NEXT)
        else:
            counts = self.counts(chosen)
            self.out.put(f"while k == {number}:")
            self.out.indent += 1
            self.out.put(_HERE)
            nobody = f"sink.whole(s, {path.code})" if self.keeps else "pass"
            taken_by = partial(self.taken_by, path)
            self.selected(chosen, counts, taken_by, partial(self.out.put, nobody))
            self.out.put(_NEXT)
            self.out.indent -= 1

    def counts(self, chosen: Sequence[Scope | Block]) -> list[str]:
        """Write the beginning of the counts of selections; return their variables."""
        counts = [self.out.fresh("o") for _ in chosen]
        if counts:
            self.out.put(" = ".join(counts) + " = 0")
        return counts

    def taken_by(self, path: Path, block: Block, number: Path) -> None:
        """Write what one selection of a segment takes."""
        if not block.whole:
            self.block(block, path, "", number)
        else:
            self.out.put("pass")

    def selected(
        self,
        chosen: Sequence[Selection],
        counts: Sequence[str],
        write: Callable[[Selection, Path], None],
        otherwise: Callable[[], None],
    ) -> None:
        """Write the choice of the selection that takes the segment at hand, the first of a loop."""
        for index, one in enumerate(chosen):
            count, number = counts[index], Path().then(str(one.step))
            test = self.selection(one.step, ("s", "n"), count, chosen[:index], one.many)
            self.out.put(f"{'el' if index else ''}if {test}:")
            if one.many:
                self.out.put(f"{count} += 1", 1)
                number = number.then("[#%d]", count)
            elif not (one.step and one.step.occurrence):
                self.out.put(f"{count} = 1", 1)
            self.indented(partial(write, one, number))
            if test == "True":
                return
        self.out.put("else:" if chosen else "if True:")
        self.indented(otherwise)

    def each(self, scopes: list[Scope], span: Span, path: Path) -> None:
        """Write how the occurrences of a loop are divided among the selections."""
        chosen = sorted(scopes, key=lambda scope: scope.rank)
        counts = self.counts(chosen)
        start = len(self.out.lines)
        self.out.put(f"while k == {span.first}:")
        self.out.indent += 1
        self.out.put(_HERE)
        nobody = partial(self.out.put, STOP) if self.keeps else partial(self.passed, span)
        self.selected(chosen, counts, partial(self.entered, path), nobody)
        self.out.indent -= 1
        self.by_shape(start, span)

    def by_shape(self, start: int, span: Span) -> None:
        """Write before a loop, which begins in this line, that known shapes are read at once."""
        outside = outside_of(self.out.lines[start:], self.out.said)
        if not outside or self.spans[id(self.layout.root)].last >= _MOST_PLACES:
            return
        name = self.out.fresh("Y")
        self.out.names[name] = self.loops[name] = LoopShapes(name, (span.first, span.last), outside)
        indent = " " * self.out.indent
        given = ", ".join(("sink", *outside))
        self.out.lines.insert(
            start + 1,
            f"{indent} if (i := {name}.taken(segments, numbers, at, {given})) > at: "
            "at = i; k = route[at]; continue",
        )
        lists = [f"{indent}if not {one}: {one} = []" for one in outside if one[1:].isdigit()]
        self.out.lines[start:start] = lists

    def entered(self, path: Path, scope: Scope, number: Path) -> None:
        """Write the reading of a loop by the selection that takes it."""
        if scope.whole:
            self.passed(self.spans[id(scope)])
            return
        before = path.then("/") if path.text else path
        inner = Path(before.text + number.text, (*before.variables, *number.variables))
        self.scope(scope, "", inner)

    def passed(self, span: Span) -> None:
        """Write the passing over of an occurrence of a loop."""
        self.out.put(_NEXT)
        self.out.put(f"while {span.first} < k <= {span.last}: {_NEXT}")

    def levels_below(self, scopes: list[Scope], parent: tuple[str, Path]) -> None:
        """Write the reading of the HL levels below a level, whose number is in `own`, or the set.

        Each has to follow its parent, or what is below that; any other is left to the tree.
        """
        own, path = parent
        chosen = sorted(scopes, key=lambda scope: scope.rank)
        counts = self.counts(chosen)
        span, start = self.spans[id(chosen[0])], len(self.out.lines)
        self.out.put(f"while k == {span.first}:")
        self.out.indent += 1
        self.out.put(_HERE)
        self.out.put(f"if n < 4: {STOP}")
        self.out.put(f"if s[2] != {own}: break" if own else f"if s[2] or levels: {STOP}")
        self.out.put(f"if not s[1] or s[1] in levels: {STOP}")
        self.out.put("levels.add(s[1])")
        entered = partial(self.entered, path)
        self.selected(chosen, counts, entered, partial(self.out.put, STOP))
        self.out.indent -= 1
        self.by_shape(start, span)

    def left(self, block: Block, fixed: int, *, moving: bool, where: tuple[Path, Path]) -> None:
        """Write the keeping of what no field took; of loans it is only noted that there are."""
        of, path = where
        self.out.put(f"if {self.rest(block, fixed, moving=moving)}:")
        self.out.put(f"sink.left(s, {'m' if moving else fixed}, {of.code}, {path.code})", 1)
        self.composites(block, path, of)
        for loan in block.loans:
            self.out.put(f"{loan.variable} = (s,)")

    def rest(self, block: Block, fixed: int, *, moving: bool) -> str:
        """Return the expression that is true where elements may be left: past the end, or between.

        What is taken in any case stays taken: where it cannot be, this reader stops.
        """
        gaps = [number for number in range(1, fixed.bit_length()) if not fixed >> number & 1]
        past = max(1, fixed.bit_length())
        if moving:
            gaps.append(past)
            past += 1
        if len(gaps) > _MOST_GAPS:
            return self.leftover(block, fixed, moving=moving)
        taken = {number: f" and not m & {1 << number}" if moving else "" for number in gaps}
        tests = [f"n > {number} and s[{number}]{taken[number]}" for number in gaps]
        return " or ".join([f"n > {past}", *tests])


def nth(route: Sequence[int], at: int) -> int:
    """Return how many segments in a row stand at the same place, up to one of them."""
    first = at
    while first and route[first - 1] == route[at]:
        first -= 1
    return at - first + 1


def in_order(scope: Scope, span: Span, spans: dict[int, Span]) -> None:
    """Sort the segments of each level as the set has them, and note where the level stands."""
    spans[id(scope)] = span
    numbers = span.segments
    scope.blocks = {tag: scope.blocks[tag] for tag in sorted(scope.blocks, key=numbers.get)}  # type: ignore[arg-type]  # all are there
    for tag, inner in scope.scopes.items():
        for one in inner:
            in_order(one, span.loops.get(tag, span), spans)


def generate_row(plan: MapPlan) -> RowReader | None:
    """Return a map's reader of rows; None for a map that cannot be read in the order of a row."""
    if not can_be_read_in_order(plan):
        return None
    layout: Layout = lay_out(plan)
    spans: dict[int, Span] = {}
    in_order(layout.root, span_of(plan.shape), spans)
    generator = RowGenerator(plan, layout, spans=spans)
    source = generator.whole_map()
    try:
        code = compiled_source(source)
    except SyntaxError:  # Python nests twenty loops and a hundred lines, no more.
        return None
    space: dict[str, object] = {**generator.out.names}
    space.update(part=element_text, nth=nth, NeedsCareError=NeedsCareError)
    exec(code, space)  # noqa: S102 - the source is made above, of literals and names made here
    if generator.loops:
        generated = Generated(source, space)
        for loop in generator.loops.values():
            loop.belong(generated)
    return cast(RowReader, space["read"])
