"""The reader of a map as Python source: one function, straight through the tree.

Generated because it pays: closures cost a multiple per set. Everything that is not the plain case
is a call to `gateway.mapping.reading.Sink`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType
from typing import cast

from gateway.mapping import assembly
from gateway.mapping.emit_objects import ObjectEmitter
from gateway.mapping.emit_pairs import emit_loans, emit_pairs, emit_values
from gateway.mapping.emitter import NONLOCAL, Emitter
from gateway.mapping.followed import bare
from gateway.mapping.hierarchy import Levels
from gateway.mapping.layout import Layout
from gateway.mapping.places import HIERARCHY_LOOP
from gateway.mapping.plan import (
    Document,
    MapPlan,
    ObjectPlan,
)
from gateway.mapping.ports import Node
from gateway.mapping.positions import Step, element_text
from gateway.mapping.reading import Sink
from gateway.mapping.scopes import Block, Path, Scope, Take, ordered
from gateway.mapping.taken import inline, masks

_TOGETHER = 3
"""So many segment ids, or elements, are looked up before it is asked whether any are left."""

_DEEP = 40
"""Loops that stand deeper are functions: Python nests twenty loops and a hundred lines, no more."""

Reader = Callable[[Node, Sink, Levels], Document]
"""Reads a tree into a document; `Levels` gives the HL levels below a node."""


@dataclass(slots=True)
class Generator:
    """Walks the layout and writes the reader."""

    plan: MapPlan
    layout: Layout
    out: Emitter = field(default_factory=Emitter)
    objects: ObjectEmitter = field(init=False)

    def __post_init__(self) -> None:
        self.objects = ObjectEmitter(self.plan, self.layout, self.out)

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
        inner += [name for loans in self.layout.loans.values() for name, _ in loans]
        if inner:  # A pointer may ask for the length of a list before its first entry begins.
            self.out.put(" = ".join(inner) + " = ()")
        self.scope(self.layout.root, "root", Path())
        head = f"def read(root, sink, kids{self.out.parameters}):"
        return "\n".join([head, *self.functions_apart(), *self.out.lines, ""])

    def functions_apart(self) -> list[str]:
        """Return the functions of what is too deep, and before them the variables they share."""
        if not self.out.functions:
            return []
        made = [name for name in self.out.made if name not in self.out.names]
        names = [*made, *self.layout.variables]
        shared = NONLOCAL + ", ".join(names)
        functions = [shared if line == NONLOCAL else line for line in self.out.functions]
        return [" " + " = ".join([*names, "None"]), *functions]

    def point(self, plan: ObjectPlan, path: Path) -> None:
        """Note the JSON Pointer of every field."""
        for member in plan.fields:
            inner = path.then("/" + member.name.replace("~", "~0").replace("/", "~1"))
            name = self.layout.names.get(id(member))
            if isinstance(member, ObjectPlan):
                self.out.pointers[id(member)] = inner
                if member.wrapped:
                    inner = inner.then("/0")
                elif name is not None:
                    inner = inner.then("/%d", f"len({name})")
                self.point(member, inner)
            else:
                self.out.pointers[id(member)] = inner

    def scope(self, scope: Scope, node: str, path: Path) -> None:
        """Write what happens in one occurrence of a loop."""
        self.objects.reset(
            scope.slots, assembly.in_loop(scope, self.layout), root=scope.step is None
        )
        found = self.segments(scope, node, path)
        groups = sorted(scope.scopes.items(), key=lambda item: _last(item[1]))
        loops, left = self.out.fresh("g"), self.out.fresh("h")
        if not groups and not scope.level.nested:
            left = f"{node}.loops"  # No field enters any: it is asked only whether there are some.
        else:
            self.out.put(f"{loops} = {node}.loops; {left} = len({loops})")
        for tag, scopes in groups:
            if tag != HIERARCHY_LOOP or not scope.level.nested:
                nodes = self.out.fresh("x")
                self.out.put(f"if {left} and ({nodes} := {loops}.get({tag!r})):")
                self.out.put(f"{left} -= 1", 1)
                self.loop(tag, scopes, nodes, path)
        if scope.level.nested and HIERARCHY_LOOP in (*scope.level.shape.loops,):
            self.levels(scope, node, left, path)
        if self.keeps:
            known = self.out.constant(
                "K", frozenset({*scope.blocks, *scope.scopes, *_nested(scope)})
            )
            self.out.put(f"if {found} or {left}:")
            self.out.put(f"sink.strangers({node}, {known}, {path.code})", 1)
            for name in scope.lends:
                self.out.put(f"if {name}: sink.unused({name})")
        for entry in scope.entries:
            self.objects.entry(entry, root=scope.step is None)

    def segments(self, scope: Scope, node: str, path: Path) -> str:
        """Write what happens with the segments of a node; return how many ids nothing asked for.

        As soon as all that are there have been met, none of the others is looked up.
        """
        rows, found = self.out.fresh("g"), self.out.fresh("h")
        self.out.put(f"{rows} = {node}.segments; {found} = len({rows})")
        outside = self.out.indent
        for index, (tag, blocks) in enumerate(scope.blocks.items()):
            if index % _TOGETHER == 1:
                self.out.put(f"if {found}:")
                self.out.indent += 1
            self.segment(tag, blocks, (rows, found), path)
        self.out.indent = outside
        return found

    def levels(self, scope: Scope, node: str, left: str, path: Path) -> None:
        """Write what happens with the HL levels below a node."""
        if scope.step is None:
            self.out.put(f"if {HIERARCHY_LOOP!r} in {node}.loops: {left} -= 1")
        scopes, nodes = scope.scopes.get(HIERARCHY_LOOP, []), self.out.fresh("x")
        self.out.put(f"if {nodes} := kids.get(id({node})):")
        self.loop(HIERARCHY_LOOP, scopes, nodes, path)

    def loop(self, tag: str, scopes: list[Scope], nodes: str, path: Path) -> None:
        """Write how the occurrences of a loop are divided among the selections."""
        inner = self.out.fresh("x")
        chosen = sorted(scopes, key=lambda scope: scope.rank)
        self.out.indent += 1
        counts = [self.out.fresh("o") for _ in chosen]
        spare = self.out.fresh("o")
        self.out.put(" = ".join([*counts, spare]) + " = 0")
        self.out.put(f"for {inner} in {nodes}:")
        self.out.indent += 1
        first, flags = self.out.fresh("t"), self.out.fresh("n")
        if any(scope.step and scope.step.tests for scope in chosen):
            # A loop that lacks the segment it starts with is a finding, and may be tolerated.
            none = self.out.constant("K", ((tag,),))
            self.out.put(
                f"{first} = {inner}.segments.get({tag!r}, {none})[0]; {flags} = len({first})"
            )
        open_end = True
        for index, scope in enumerate(chosen):
            test = self.selection(
                scope.step, (first, flags), counts[index], chosen[:index], scope.many
            )
            self.out.put(f"{'el' if index else ''}if {test}:")
            self.out.indent += 1
            self.inside(scope, inner, counts[index], path)
            self.out.indent -= 1
            open_end = open_end and test != "True"
            if test == "True":
                break
        if open_end and self.keeps:
            self.unclaimed(tag, inner, spare, path, alone=not chosen)
        self.out.indent -= 2

    def unclaimed(self, tag: str, inner: str, spare: str, path: Path, *, alone: bool) -> None:
        """Write what happens with an occurrence that no selection takes."""
        self.out.put("if True:" if alone else "else:")
        self.out.put(f"{spare} += 1", 1)
        where = path.then("/" if path.text else "").then(f"{tag}[+%d]", spare).code
        if tag == HIERARCHY_LOOP and self.plan.hierarchy is not None:
            self.out.put(f"sink.whole_level({inner}, kids, {where})", 1)
        else:
            self.out.put(f"sink.whole_loop({inner}, {where})", 1)

    def inside(self, scope: Scope, node: str, count: str, path: Path) -> None:
        """Write the body of one selection of a loop."""
        step = scope.step or Step("")
        if scope.whole:
            self.out.put("pass")
            return
        inner = path.then("/" if path.text else "").then(str(step))
        if scope.many:
            self.out.put(f"{count} += 1")
            inner = inner.then("[#%d]", count)
        elif not step.occurrence:
            self.out.put(f"{count} = 1")
        told = scope.many and step.tag != HIERARCHY_LOOP
        lists = [self.layout.names[id(plan)] for plan in scope.lists_of()] if told else []
        before = self.counted(lists)
        if self.out.indent <= _DEEP:
            self.scope(scope, node, inner)
        else:
            with self.out.function_apart():
                self.scope(scope, node, inner)
        self.skipped(before, lists, f"({node}, '', {inner.code})")

    def counted(self, lists: Sequence[str]) -> str:
        """Write how many entries there are before an occurrence; return the variable."""
        if not (lists and self.keeps):
            return ""
        before = self.out.fresh("z")
        self.out.put(f"{before} = {_lengths(lists)}")
        return before

    def skipped(self, before: str, lists: Sequence[str], part: str) -> None:
        """Write that an occurrence is noted which gave none."""
        if before:
            self.out.put(f"if {_lengths(lists)} == {before}: sink.skipped.append({part})")

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
        tests = [self.out.test(test, *segment) for test in step.tests]
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

    def segment(self, tag: str, blocks: list[Block], names: tuple[str, str], path: Path) -> None:
        """Write how the occurrences of a segment are divided among the selections."""
        rows = self.out.fresh("r")
        self.out.put(f"if {rows} := {names[0]}.get({tag!r}):")
        self.out.indent += 1
        self.out.put(f"{names[1]} -= 1")
        chosen = ordered(blocks)
        if chosen[0].single:
            self.out.put(f"s = {rows}[0]; n = len(s)")
            self.block(chosen[0], path, tag)
            if self.keeps:
                self.out.put(f"if len({rows}) > 1:")
                self.out.put(f"for s in {rows}[1:]: sink.whole(s, {path.code})", 1)
        elif not (chosen[0].whole and not chosen[0].step.tests):
            self.rows(chosen, rows, path)
        self.out.indent -= 1

    def rows(self, chosen: list[Block], rows: str, path: Path) -> None:
        """Write the loop over a repeating segment."""
        counts = [self.out.fresh("o") for _ in chosen]
        self.out.put(" = ".join(counts) + " = 0")
        self.out.put(f"for s in {rows}:")
        self.out.indent += 1
        self.out.put("n = len(s)")
        test = ""
        for index, block in enumerate(chosen):
            test = self.selection(block.step, ("s", "n"), counts[index], chosen[:index], block.many)
            self.out.put(f"{'el' if index else ''}if {test}:")
            self.out.indent += 1
            of = Path().then(str(block.step))
            if block.many:
                self.out.put(f"{counts[index]} += 1")
                of = of.then("[#%d]", counts[index])
            elif not block.step.occurrence:
                self.out.put(f"{counts[index]} = 1")
            if not block.whole:
                lists = [self.layout.names[id(entry.plan)] for entry in block.entries]
                before = self.counted(lists if block.many else ())
                self.block(block, path, "", of)
                self.skipped(before, lists, f"(s, {of.code}, {path.code})")
            self.out.indent -= 1
            if test == "True":
                break
        if test != "True" and self.keeps:
            self.out.put("else:")
            self.out.put(f"sink.whole(s, {path.code})", 1)
        self.out.indent -= 1

    def block(self, block: Block, path: Path, tag: str, of: Path | None = None) -> None:
        """Write what is taken from one occurrence of a segment."""
        of = of or Path().then(tag)
        slots = [slot for entry in block.entries for slot in entry.slots]
        self.objects.reset(slots, assembly.in_segment(block, self.layout), root=False)
        whole = self.objects.whole.get(id(block), ())
        self.out.reset(
            [name for plan in whole for _, name in assembly.variables(plan, self.layout)]
        )
        fixed, moving = masks(block, stops=self.out.stops)
        if moving or block.pairs:
            self.out.put(f"m = {fixed}")
        self.takes(block, path)
        for values, name in block.values:
            emit_values(self.out, values, name, bare(block.step.tag))
        emit_pairs(self.out, block.pairs, bare(block.step.tag))
        if self.keeps:
            self.left(block, fixed, moving=moving, where=(of, path))
        for plan in whole:
            inner = {key for key, _ in assembly.variables(plan, self.layout)}
            first = min(take.element for take in block.takes if id(take.leaf) in inner)
            self.out.put(f"if n > {first}:")
            self.out.indent += 1
            self.objects.assign(plan)
            self.out.indent -= 1
        for entry in block.entries:
            self.out.tested(entry.tests)
            self.objects.entry(entry, root=False)
            self.out.indent -= bool(entry.tests)

    def left(self, block: Block, fixed: int, *, moving: bool, where: tuple[Path, Path]) -> None:
        """Write the keeping of what no field took, and of what others may take."""
        of, path = where
        self.out.put(f"if {self.leftover(block, fixed, moving=moving)}:")
        self.out.put(f"sink.left(s, {'m' if moving else fixed}, {of.code}, {path.code})", 1)
        self.composites(block, path, of)
        emit_loans(self.out, block, of, path)

    def leftover(self, block: Block, fixed: int, *, moving: bool) -> str:
        """Return the expression that is true where elements may be left."""
        certain = all(take.certain or take.kind == "peek" for take in block.takes)
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
            name = self.out.constant("P", frozenset(taken))
            self.out.put(f"sink.components(s, {element}, {name}, ({of.code}, {path.code}))")

    def takes(self, block: Block, path: Path) -> None:
        """Write what happens with the elements; where the segment ends, none after it is asked."""
        outside = self.out.indent
        asked = [take for take in block.takes if take.kind != "consume" or take.tests]
        for index, take in enumerate(asked):
            begins = index > 0 and index % _TOGETHER == 0
            if begins:
                self.out.put(f"if n > {take.element}:")
                self.out.indent += 1
            self.take(take, bare(block.step.tag), path, there=begins)
        self.out.indent = outside

    def take(self, take: Take, tag: str, path: Path, *, there: bool) -> None:
        """Write what happens with one element; `there` is known of some."""
        if take.kind in ("consume", "constant") and take.tests:
            self.out.tested(take.tests)
            self.out.put(f"m |= {1 << take.element}")
            self.out.indent -= 1
        if take.kind == "consume":
            return
        tests = [self.out.test(test, "s", "n") for test in take.tests]
        if take.once:
            tests.insert(0, f"{take.slot} is None")
        tests.append(self.present(take, there=there))
        if take.kind in ("constant", "along"):
            same = "!=" if take.kind == "constant" else "=="
            tests.append(f"v {same} {take.expected!r}")
        self.out.put(f"if {' and '.join(tests)}:")
        self.out.indent += 1
        self.taken(take, tag, path)
        self.out.indent -= 1

    def present(self, take: Take, *, there: bool) -> str:
        """Return the expression that is true where the element is there, and puts it into v."""
        if take.component is None:
            found = f"(v := s[{take.element}])"
            there = there or (self.out.stops and take.element == 1)
            return found if there else f"n > {take.element} and {found}"
        return f"(v := part(s, {take.element}, {take.component}, sink.separator))"

    def taken(self, take: Take, tag: str, path: Path) -> None:
        """Write what happens with an element that is there."""
        where = (tag, take.element, take.component)
        if take.kind == "constant":
            self.out.put(f"sink.differs(v, {take.expected!r}, {where!r})")
            return
        if take.kind == "peek":
            self.out.put(f"{take.slot} = v")
            return
        if take.kind == "source":
            self.out.put(f"{take.slot} = (v, s, {None if take.covered else path.code})")
        if not take.certain:
            self.out.put(f"m |= {1 << take.element}")
        if take.kind == "value" and take.leaf is not None:
            pointer = self.out.pointers[id(take.leaf)]
            target = self.objects.targets.get(id(take.leaf), take.slot)
            self.out.converted(f"{target} = {{}}", take.leaf.rule, where, pointer)


def _lengths(lists: Sequence[str]) -> str:
    return " + ".join(f"len({name})" for name in lists)


def _nested(scope: Scope) -> tuple[str, ...]:
    return (HIERARCHY_LOOP,) if scope.level.nested else ()


def _last(scopes: list[Scope]) -> int:
    """Loops that make entries come last: their entries may use values of the others."""
    return max(scope.turn for scope in scopes)


@lru_cache(maxsize=256)
def compiled_source(source: str) -> CodeType:
    """Compile once what several maps share: overlays often change only tables."""
    return compile(source, "<reader of a map>", "exec")


def generate(plan: MapPlan, layout: Layout) -> Reader:
    """Return a map's reader."""
    generator = Generator(plan, layout)
    source = generator.whole_map()
    space: dict[str, object] = {**generator.out.names, "part": element_text}
    exec(compiled_source(source), space)  # noqa: S102 - the source is made above, of literals and names made here
    return cast(Reader, space["read"])
