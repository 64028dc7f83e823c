"""The reader of a map as Python source: one function, straight through the tree.

Generated because it pays: closures cost a multiple per set. Only names that are made here and
`repr` of text enter the source, so nothing in a map can become code. Everything that is not the
plain case is a call to `gateway.mapping.reading.Sink`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from gateway.mapping.hierarchy import Levels
from gateway.mapping.layout import (
    Block,
    Entry,
    Layout,
    PairTake,
    Path,
    Scope,
    Take,
    inline,
    lay_out,
    masks,
    ordered,
    slot_bits,
)
from gateway.mapping.places import HIERARCHY_LOOP
from gateway.mapping.plan import (
    Document,
    FieldPlan,
    LeafPlan,
    MapPlan,
    ObjectPlan,
    PairPlan,
    PairsPlan,
    ValueRule,
    ValuesPlan,
)
from gateway.mapping.ports import Node
from gateway.mapping.positions import Slot, Step, Test, element_text
from gateway.mapping.reading import Sink

CERTAIN = ("value", "constant", "consume", "peek")
"""Kinds of takes that do not change which elements are taken."""

Reader = Callable[[Node, Sink, Levels], Document]
"""Reads a tree into a document; `Levels` gives the HL levels below a node."""


@dataclass(slots=True)
class Generator:
    """Writes the source, line by line."""

    plan: MapPlan
    layout: Layout
    lines: list[str] = field(default_factory=list)
    names: dict[str, object] = field(default_factory=dict)
    indent: int = 1
    pointers: dict[int, Path] = field(default_factory=dict)
    counter: int = 0

    def put(self, line: str, inner: int = 0) -> None:
        """Write one line."""
        self.lines.append(" " * (self.indent + inner) + line)

    def fresh(self, prefix: str) -> str:
        """Return a name that nothing uses."""
        self.counter += 1
        return f"{prefix}_{self.counter}"

    def constant(self, prefix: str, value: object) -> str:
        """Return a name for a value that the source needs."""
        name = self.fresh(prefix)
        self.names[name] = value
        return name

    @property
    def keeps(self) -> bool:
        """Say whether leftovers are collected."""
        return self.plan.unmapped != "drop"

    def whole_map(self) -> str:
        """Return the source of the reader."""
        self.point(self.plan.root, Path())
        lists = sorted(name for name in self.layout.names.values() if name[0] == "l")
        outer = set(self.layout.root.slots)
        inner = [name for name in lists if name not in outer]
        if inner:  # A pointer may ask for the length of a list before its first entry begins.
            self.put(" = ".join(inner) + " = ()")
        self.scope(self.layout.root, "root", Path())
        return "def read(root, sink, kids):\n" + "\n".join(self.lines) + "\n"

    def point(self, plan: ObjectPlan, path: Path) -> None:
        """Note the JSON Pointer of every field."""
        for member in plan.fields:
            inner = path.then("/" + member.name.replace("~", "~0").replace("/", "~1"))
            name = self.layout.names.get(id(member))
            if isinstance(member, ObjectPlan):
                self.pointers[id(member)] = inner
                if member.wrapped:
                    inner = inner.then("/0")
                elif name is not None:
                    inner = inner.then("/%d", f"len({name})")
                self.point(member, inner)
            else:
                self.pointers[id(member)] = inner

    # Loops.

    def scope(self, scope: Scope, node: str, path: Path) -> None:
        """Write what happens in one occurrence of a loop."""
        self.reset(scope.slots)
        segments, found = self.fresh("g"), self.fresh("h")
        self.put(f"{segments} = {node}.segments")
        self.put(f"{found} = 0")
        for tag, blocks in scope.blocks.items():
            self.segment(tag, blocks, (segments, found), path)
        groups = sorted(scope.scopes.items(), key=lambda item: _last(item[1]))
        seen = self.fresh("h")
        self.put(f"{seen} = 0")
        for tag, scopes in groups:
            if tag != HIERARCHY_LOOP or not scope.level.nested:
                self.loop(tag, scopes, (f"{node}.loops.get({tag!r})", seen), path)
        if scope.level.nested and HIERARCHY_LOOP in (*scope.level.shape.loops,):
            self.levels(scope, node, seen, path)
        if self.keeps:
            known = self.constant("K", frozenset({*scope.blocks, *scope.scopes, *_nested(scope)}))
            self.put(f"if {found} != len({segments}) or {seen} != len({node}.loops):")
            self.put(f"sink.strangers({node}, {known}, {path.code})", 1)
        for entry in scope.entries:
            self.entry(entry, root=scope.step is None)

    def levels(self, scope: Scope, node: str, seen: str, path: Path) -> None:
        """Write what happens with the HL levels below a node."""
        if scope.step is None:
            self.put(f"if {HIERARCHY_LOOP!r} in {node}.loops: {seen} += 1")
        scopes = scope.scopes.get(HIERARCHY_LOOP, [])
        self.loop(HIERARCHY_LOOP, scopes, (f"kids.get(id({node}))", self.fresh("h")), path)

    def loop(self, tag: str, scopes: list[Scope], where: tuple[str, str], path: Path) -> None:
        """Write how the occurrences of a loop are divided among the selections."""
        nodes, inner = self.fresh("x"), self.fresh("x")
        chosen = sorted(scopes, key=lambda scope: scope.rank)
        self.put(f"if {nodes} := {where[0]}:")
        self.indent += 1
        self.put(f"{where[1]} = 1" if "kids" in where[0] else f"{where[1]} += 1")
        counts = [self.fresh("o") for _ in chosen]
        spare = self.fresh("o")
        self.put(" = ".join([*counts, spare]) + " = 0")
        self.put(f"for {inner} in {nodes}:")
        self.indent += 1
        first, flags = self.fresh("t"), self.fresh("n")
        if any(scope.step and scope.step.tests for scope in chosen):
            self.put(f"{first} = {inner}.segments[{tag!r}][0]; {flags} = len({first})")
        open_end = True
        for index, scope in enumerate(chosen):
            test = self.selection(
                scope.step, (first, flags), counts[index], chosen[:index], scope.many
            )
            self.put(f"{'el' if index else ''}if {test}:")
            self.indent += 1
            self.inside(scope, inner, counts[index], path)
            self.indent -= 1
            open_end = open_end and test != "True"
            if test == "True":
                break
        if open_end and self.keeps:
            self.unclaimed(tag, inner, spare, path, alone=not chosen)
        self.indent -= 2

    def unclaimed(self, tag: str, inner: str, spare: str, path: Path, *, alone: bool) -> None:
        """Write what happens with an occurrence that no selection takes."""
        self.put("if True:" if alone else "else:")
        self.put(f"{spare} += 1", 1)
        where = path.then("/" if path.text else "").then(f"{tag}[+%d]", spare).code
        if tag == HIERARCHY_LOOP and self.plan.hierarchy is not None:
            self.put(f"sink.whole_level({inner}, kids, {where})", 1)
        else:
            self.put(f"sink.whole_loop({inner}, {where})", 1)

    def inside(self, scope: Scope, node: str, count: str, path: Path) -> None:
        """Write the body of one selection of a loop."""
        step = scope.step or Step("")
        if scope.whole:
            self.put("pass")
            return
        inner = path.then("/" if path.text else "").then(str(step))
        if scope.many:
            self.put(f"{count} += 1")
            inner = inner.then("[#%d]", count)
        elif not step.occurrence:
            self.put(f"{count} = 1")
        self.scope(scope, node, inner)

    def selection(
        self,
        step: Step | None,
        segment: tuple[str, str],
        count: str,
        before: Sequence[Scope | Block],
        many: bool,  # noqa: FBT001 - one of five facts about a selection
    ) -> str:
        """Return the condition under which an occurrence is taken."""
        step = step or Step("")
        tests = [self.test(test, *segment) for test in step.tests]
        if step.occurrence:
            earlier = sum(
                1 for one in before if one.step and one.step.tests == step.tests and not one.many
            )
            # Earlier selections of the same kind have taken theirs before this one is asked.
            rank = max(1, step.occurrence - earlier)
            tests.append(f"({count} := {count} + 1) == {rank}")
        elif not many:
            tests.insert(0, f"not {count}")
        return " and ".join(tests) or "True"

    def test(self, test: Test, segment: str, length: str) -> str:
        """Return the expression of one predicate."""
        element = test.element
        if test.component is not None:
            name = self.constant("T", test)
            return f"{name}.holds({segment}, sink.separator)"
        text = f"{segment}[{element}]"
        if not test.values:
            present = f"({length} > {element} and {text})"
            return f"not {present}" if test.negated else present
        values = repr(test.values[0])
        same = f"{text} == {values}" if len(test.values) == 1 else f"{text} in {test.values!r}"
        if test.negated:
            return f"not ({length} > {element} and {same})"
        return f"{length} > {element} and {same}"

    # Segments.

    def reset(self, slots: Sequence[str]) -> None:
        """Write the emptying of variables."""
        plain = [name for name in dict.fromkeys(slots) if name[0] != "l"]
        if plain:
            self.put(" = ".join(plain) + " = None")
        for name in dict.fromkeys(slots):
            if name[0] == "l":
                self.put(f"{name} = []")

    def segment(self, tag: str, blocks: list[Block], names: tuple[str, str], path: Path) -> None:
        """Write how the occurrences of a segment are divided among the selections."""
        rows = self.fresh("r")
        self.put(f"if {rows} := {names[0]}.get({tag!r}):")
        self.indent += 1
        self.put(f"{names[1]} += 1")
        chosen = ordered(blocks)
        if chosen[0].single:
            self.put(f"s = {rows}[0]; n = len(s)")
            self.block(chosen[0], path, tag)
            if self.keeps:
                self.put(f"if len({rows}) > 1:")
                self.put(f"for s in {rows}[1:]: sink.whole(s, {path.code})", 1)
        elif not (chosen[0].whole and not chosen[0].step.tests):
            self.rows(chosen, rows, path)
        self.indent -= 1

    def rows(self, chosen: list[Block], rows: str, path: Path) -> None:
        """Write the loop over a repeating segment."""
        counts = [self.fresh("o") for _ in chosen]
        self.put(" = ".join(counts) + " = 0")
        self.put(f"for s in {rows}:")
        self.indent += 1
        self.put("n = len(s)")
        test = ""
        for index, block in enumerate(chosen):
            test = self.selection(block.step, ("s", "n"), counts[index], chosen[:index], block.many)
            self.put(f"{'el' if index else ''}if {test}:")
            self.indent += 1
            of = Path().then(str(block.step))
            if block.many:
                self.put(f"{counts[index]} += 1")
                of = of.then("[#%d]", counts[index])
            elif not block.step.occurrence:
                self.put(f"{counts[index]} = 1")
            if not block.whole:
                self.block(block, path, "", of)
            self.indent -= 1
            if test == "True":
                break
        if test != "True" and self.keeps:
            self.put("else:")
            self.put(f"sink.whole(s, {path.code})", 1)
        self.indent -= 1

    def block(self, block: Block, path: Path, tag: str, of: Path | None = None) -> None:
        """Write what is taken from one occurrence of a segment."""
        of = of or Path().then(tag)
        for entry in block.entries:
            self.reset(entry.slots)
        fixed, moving = masks(block)
        if moving or block.pairs:
            self.put(f"m = {fixed}")
        for take in block.takes:
            self.take(take, block.step.tag, path)
        for plan, name in block.values:
            self.values(plan, name, block.step.tag)
        for pairs in block.pairs:
            self.pairs(pairs, block.step.tag)
        if self.keeps:
            self.put(f"if {self.leftover(block, fixed, moving=moving)}:")
            self.put(f"sink.left(s, {'m' if moving else fixed}, {of.code}, {path.code})", 1)
            self.composites(block, path, of)
        for entry in block.entries:
            self.tested(entry.tests)
            self.entry(entry, root=False)
            self.indent -= bool(entry.tests)

    def leftover(self, block: Block, fixed: int, *, moving: bool) -> str:
        """Return the expression that is true where elements may be left."""
        certain = all(take.kind in CERTAIN and not take.tests for take in block.takes)
        gaps = [number for number in range(1, fixed.bit_length()) if not fixed >> number & 1]
        if len(gaps) > 3 or not certain or not all(inline(take.plan) for take in block.pairs):
            return f"((1 << n) - 2) & {'~m' if moving else ~fixed}"
        # All but a few elements are taken: asking for those is cheaper than a mask.
        tests = [f"n > {number} and s[{number}]" for number in gaps]
        tests.insert(0, f"n > {max(1, fixed.bit_length())}")
        return " or ".join([f"m != {fixed}", *tests] if moving else tests)

    def composites(self, block: Block, path: Path, of: Path) -> None:
        """Write the search for components that no field takes."""
        parts: dict[int, set[int]] = {}
        for take in block.takes:
            if take.component is not None:
                parts.setdefault(take.element, set()).add(take.component)
        for element, taken in parts.items():
            name = self.constant("P", frozenset(taken))
            self.put(f"sink.components(s, {element}, {name}, ({of.code}, {path.code}))")

    def tested(self, tests: Sequence[Test]) -> None:
        """Open a condition where there is one."""
        if tests:
            self.put(f"if {' and '.join(self.test(test, 's', 'n') for test in tests)}:")
            self.indent += 1

    def take(self, take: Take, tag: str, path: Path) -> None:
        """Write what happens with one element."""
        if take.kind == "consume":
            if take.tests:
                self.tested(take.tests)
                self.put(f"m |= {1 << take.element}")
                self.indent -= 1
            return
        tests = [self.test(test, "s", "n") for test in take.tests]
        if any(scope.many for scope in take.scopes) and take.slot:
            tests.insert(0, f"{take.slot} is None")
        tests.append(self.present(take))
        if take.kind in ("constant", "along"):
            same = "!=" if take.kind == "constant" else "=="
            tests.append(f"v {same} {take.expected!r}")
        self.put(f"if {' and '.join(tests)}:")
        self.indent += 1
        self.taken(take, tag, path)
        self.indent -= 1

    def present(self, take: Take) -> str:
        """Return the expression that is true where the element is there, and puts it into v."""
        if take.component is None:
            return f"n > {take.element} and (v := s[{take.element}])"
        return f"(v := part(s, {take.element}, {take.component}, sink.separator))"

    def taken(self, take: Take, tag: str, path: Path) -> None:
        """Write what happens with an element that is there."""
        where = (tag, take.element, take.component)
        if take.kind == "constant":
            self.put(f"sink.differs(v, {take.expected!r}, {where!r})")
            return
        if take.kind == "peek":
            self.put(f"{take.slot} = v")
            return
        if take.kind == "source":
            self.put(f"{take.slot} = (v, s, {path.code})")
        if take.kind in ("source", "along") or take.tests:
            self.put(f"m |= {1 << take.element}")
        if take.kind == "value" and take.leaf is not None:
            pointer = self.pointers[id(take.leaf)]
            self.converted(f"{take.slot} = {{}}", take.leaf.rule, where, pointer)

    def converted(
        self, line: str, rule: ValueRule, where: tuple[str, int, int | None], pointer: Path
    ) -> None:
        """Write a conversion of v, with a finding where it fails."""
        if rule.read is None:
            self.put(line.format("v"))
            return
        if rule.codes is not None:
            self.put(line.format(f"{self.constant('t', rule.codes.get)}(v, v)"))
            return
        name = self.constant("c", rule.read)
        self.put("try:")
        self.put(line.format(f"{name}(v)"), 1)
        self.put("except ValueError as fault:")
        self.put(f"m &= {~(1 << where[1])}", 1)
        self.put(f"sink.bad(fault, v, {where!r}, {pointer.code})", 1)

    def values(self, plan: ValuesPlan, name: str, tag: str) -> None:
        """Write a list of values, one for each element."""
        pointer = self.pointers[id(plan)].then("/%d", f"len({name})")
        for element in plan.elements:
            self.put(f"if n > {element} and (v := s[{element}]):")
            self.indent += 1
            self.converted(f"{name}.append({{}})", plan.rule, (tag, element, None), pointer)
            self.indent -= 1

    def pairs(self, take: PairTake, tag: str) -> None:
        """Write the reading of qualifier/value pairs."""
        plan = self.constant("P", take.plan)
        pointer = self.pointers[id(take.plan)].code
        self.tested(take.tests)
        if isinstance(take.plan, PairsPlan) and inline(take.plan):
            for slot in take.plan.slots:
                self.pair_slot(take.plan, slot, take.slot, tag)
            if take.tests:
                self.put(f"m |= {slot_bits(take.plan)}")
        elif isinstance(take.plan, PairPlan) and inline(take.plan):
            self.preferred(take.plan, take.slot)
        elif take.slot[0] == "l":
            self.put(f"m |= sink.pairs({plan}, s, {take.slot}, {pointer})")
        else:
            self.put(f"{take.slot}, v = sink.pair({plan}, s, {pointer})")
            self.put("m |= v")
        self.indent -= bool(take.tests)

    def pair_slot(self, plan: PairsPlan, slot: Slot, name: str, tag: str) -> None:
        """Write the reading of one qualifier/value pair."""
        pointer = self.pointers[id(plan)].then("/%d", f"len({name})")
        first = min(slot.value, slot.qualifier or slot.value)
        self.put(f"if n > {first}:")
        self.indent += 1
        self.put(f"w = s[{slot.value}] if n > {slot.value} else ''")
        if slot.qualifier is None:
            self.put(f"v = {slot.fixed!r}")
        else:
            self.put(f"v = s[{slot.qualifier}] if n > {slot.qualifier} else ''")
        self.put("if w or v:" if slot.qualifier is not None else "if w:")
        self.indent += 1
        self.put("e = {}")
        for (member, rule), element, text in (
            (plan.qualifier, slot.qualifier or 0, "v"), (plan.value, slot.value, "w")
        ):  # fmt: skip
            self.put(f"if {text}:" if text == "v" else "if v := w:")
            self.indent += 1
            inner = pointer.then(f"/{member}".replace("%", "%%"))
            self.converted(f"e[{member!r}] = {{}}", rule, (tag, element, None), inner)
            self.indent -= 1
        self.put(f"{name}.append(e)")
        self.indent -= 2

    def preferred(self, plan: PairPlan, slot: str) -> None:
        """Write the search for the most preferred of the qualifiers."""
        ranks = self.constant("R", {word: rank for rank, word in enumerate(plan.qualifiers)})
        slots = self.constant("S", tuple((one.qualifier, one.value) for one in plan.slots))
        self.put(f"b = {len(plan.qualifiers)}")
        self.put(f"for i, j in {slots}:")
        self.put("if j >= n: break", 1)
        self.put(f"if (z := {ranks}.get(s[i], b)) < b and (v := s[j]):", 1)
        self.put(f"b = z; {slot} = v; w = 1 << i | 1 << j", 2)
        self.put(f"if b < {len(plan.qualifiers)}: m |= w")

    # Objects.

    def entry(self, entry: Entry, *, root: bool) -> None:
        """Write the making of the document or of a list entry."""
        name = self.object(entry.plan, root=root)
        if root:
            self.put(f"return {name}")
            return
        self.put(f"if {name}:")
        self.put(f"{self.layout.names[id(entry.plan)]}.append({name})", 1)

    def object(self, plan: ObjectPlan, *, root: bool) -> str:
        """Write the making of an object; return its variable."""
        for member in plan.fields:
            if (
                isinstance(member, LeafPlan)
                and member.reads
                and member.sources
                and not member.direct
            ):
                self.chosen(member)
        inner = {id(member): self.object(member, root=False) for member in _plain_objects(plan)}
        name = self.fresh("e")
        start: Document = {}
        if root:
            start = {"document": self.plan.document, "version": self.plan.document_version}
        self.put(f"{name} = {start!r}")
        for member in plan.fields:
            self.member(member, name, inner)
        late = [member for member in plan.fields if _is_late(member)]
        if late and not root:
            self.put(f"if {name}:")
            self.indent += 1
        for member in late:
            self.late(member, name)
        self.indent -= bool(late and not root)
        return name

    def chosen(self, plan: LeafPlan) -> None:
        """Write the choice among several sources, or under a condition."""
        extra = self.layout.extra
        sources = ", ".join(extra[id(plan), index] for index in range(len(plan.sources)))
        holds = []
        for index, condition in enumerate(plan.when):
            slot = extra[id(plan), -1 - index]
            holds.append(f"{self.constant('W', condition.holds)}({slot})")
        leaf, test = self.constant("D", plan), " and ".join(holds) or "True"
        pointer = self.pointers[id(plan)].code
        variable = self.layout.names[id(plan)]
        present = " or ".join(
            f"{extra[id(plan), index]} is not None" for index in range(len(plan.sources))
        )
        self.put(f"if {present}:")
        self.put(f"{variable} = sink.choose({leaf}, ({sources},), {test}, {pointer})", 1)

    def member(self, plan: FieldPlan, name: str, inner: dict[int, str]) -> None:
        """Write one member into an object, where it has a value."""
        if id(plan) in inner:
            made = inner[id(plan)]
            wrapped = isinstance(plan, ObjectPlan) and plan.wrapped
            self.put(f"if {made}: {name}[{plan.name!r}] = {f'[{made}]' if wrapped else made}")
            return
        variable = self.layout.names.get(id(plan))
        if variable is None:
            return
        test = variable if variable[0] == "l" else f"{variable} is not None"
        self.put(f"if {test}: {name}[{plan.name!r}] = {variable}")

    def late(self, plan: FieldPlan, name: str) -> None:
        """Write defaults and required members: only in objects that are there at all."""
        default = _default(plan)
        self.put(f"if {plan.name!r} not in {name}:")
        if default is not None:
            self.put(f"{name}[{plan.name!r}] = {default!r}", 1)
        else:
            self.put(f"sink.missing({self.pointers[id(plan)].code})", 1)


def _default(plan: FieldPlan) -> object:
    if isinstance(plan, LeafPlan):
        return plan.fixed if plan.fixed is not None else plan.default
    return getattr(plan, "default", None)


def _is_late(plan: FieldPlan) -> bool:
    computed = isinstance(plan, LeafPlan) and plan.expression is not None
    return plan.reads and not computed and (plan.required or _default(plan) is not None)


def _plain_objects(plan: ObjectPlan) -> list[ObjectPlan]:
    return [
        member
        for member in plan.fields
        if isinstance(member, ObjectPlan)
        and member.reads
        and not member.many
        and member.segment is None
    ]


def _nested(scope: Scope) -> tuple[str, ...]:
    return (HIERARCHY_LOOP,) if scope.level.nested else ()


def _last(scopes: list[Scope]) -> bool:
    """Loops that make entries come last: their entries may use values of the others."""
    return any(scope.carries_entries for scope in scopes)


def generate(plan: MapPlan) -> tuple[str, Reader]:
    """Return the source of a map's reader, and the reader."""
    generator = Generator(plan, lay_out(plan))
    source = generator.whole_map()
    space: dict[str, object] = {**generator.names, "part": element_text}
    code = compile(source, f"<reader of map {plan.name}>", "exec")
    exec(code, space)  # noqa: S102 - the source is made above, of literals and names made here
    return source, cast(Reader, space["read"])
