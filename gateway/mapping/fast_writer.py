"""The writer of a map as Python source, for documents that need no second look.

It writes only what the careful writer of `gateway.mapping.writing` would have written without a
finding, already in the order of the set; it stops at anything else, and the careful writer begins
anew. So findings are made in one place, and nearly every document takes this way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType
from typing import NamedTuple, cast

from gateway.mapping import computed, fast_parts, out_tree, write_pairs
from gateway.mapping.emitter import Emitter
from gateway.mapping.entry_shapes import PLACE, EntryShapes, WriterNames
from gateway.mapping.fast_lists import Lists
from gateway.mapping.fast_members import Members, Spot
from gateway.mapping.fast_objects import ANY, LIST
from gateway.mapping.fast_order import Contested, always, contested, has_pairs, in_turn
from gateway.mapping.fast_parts import Composites, NeedsCareError, Segments
from gateway.mapping.fast_places import NoFastWriterError, Places, Scope, template
from gateway.mapping.fast_totals import Totals
from gateway.mapping.gathering import gathers
from gateway.mapping.loop_shapes import Generated
from gateway.mapping.plan import (
    AS_RECEIVED,
    ENVELOPE_FIELDS,
    FieldPlan,
    Json,
    LeafPlan,
    MapPlan,
    ObjectPlan,
    PairPlan,
    PairsPlan,
    Place,
    ValuesPlan,
)
from gateway.mapping.ports import Separators
from gateway.mapping.positions import Step, element_text
from gateway.mapping.rivals import Rivals
from gateway.mapping.writing import shared_members

_TOGETHER = 3
"""So many members are looked up before it is asked again whether any are left."""

_BINARY = ("BIN", "BDS")
"""Segments whose data may hold anything, separators too."""

FastWriter = Callable[[Mapping[str, Json], str], tuple[Segments, Composites]]
"""Writes a document into segments in the order of the set; the text is the component separator."""


Written = tuple[Segments, str]
"""Segments, and all of them as text where that can leave as it is; otherwise no text."""


@dataclass(slots=True)
class Generator:
    """Walks the plan and writes the writer."""

    plan: MapPlan
    ahead: Mapping[int, Rivals]
    out: Emitter = field(default_factory=Emitter)
    places: Places = field(init=False)
    members: Members = field(init=False)
    lists: Lists = field(init=False)
    totals: Totals = field(init=False)
    contested: frozenset[Contested] = field(init=False)
    shapes: dict[str, EntryShapes] = field(default_factory=dict)
    """Of lists that make loops, by the constants that stand for them."""

    def __post_init__(self) -> None:
        self.places = Places(self.out, self.plan.shape, self.plan.hierarchy)
        self.members = Members(self.out, self.places, self.ahead)
        self.lists = Lists(self.out, self.places, self.members)
        self.totals = Totals(self.out, self.places, self.plan.computed)
        self.contested = frozenset(contested(self.plan.root))

    def whole_map(self) -> str:
        """Return the source of the writer."""
        self.out.put("segments = []; composites = {}; parents = {}")
        self.out.put("# reset 0")
        self.totals.begin()
        if self.plan.unmapped == "write_back":
            self.out.put("if document.get('unmapped'): raise NeedsCareError")
            self.out.put(f"if document.get({AS_RECEIVED!r}): raise NeedsCareError")
        spot = self.members.opened("document", (self.places.root,), "")
        told = {self.plan.split.to} if self.plan.split and self.plan.split.to else set()
        own = {member.name for member in self.plan.root.fields}
        for name in sorted({*ENVELOPE_FIELDS} - own | told):
            spot.own.passed(name)
        self.object(self.plan.root, spot, told)
        self.totals.prepare()
        self.out.put("# close 0")
        if self.plan.hierarchy:
            self.out.put("number_levels(segments, 'HL', parents)")
            if not self.plan.hierarchy.pointers:
                by_order = self.out.constant("K", self.plan.hierarchy)
                self.out.put(f"check_order(segments, 'HL', parents, {by_order})")
        self.out.put("return segments, composites")
        self.places.finish(self.totals.closing, self.totals.ending)
        # What is passed to shapes has to be there, though nothing may have been put into it yet.
        before = self.ask_for_shapes()
        head = f"def write(document, separator{self.out.parameters}):\n{before}"
        return head + "\n".join(self.out.lines) + "\n"

    def object(self, plan: ObjectPlan, spot: Spot, told: Collection[str] = ()) -> None:
        """Write the members of an object, but for those that are told by others."""
        written = [one for one in plan.fields if one.writes and one.name not in told]
        for member in plan.fields:
            computes = isinstance(member, LeafPlan) and member.expression and not member.reads
            if not member.writes and not computes:
                spot.own.silent(member.name)
        waiting: list[FieldPlan] = []
        for member in in_turn(written, self.contested):
            if always(member):
                self.together(waiting, spot)
                waiting = []
                self.member(member, spot)
                continue
            waiting.append(member)
            if len(waiting) == _TOGETHER:
                self.together(waiting, spot)
                waiting = []
        self.together(waiting, spot)
        for constant in plan.constants:
            self.members.constant(constant, spot)
        spot.own.end()

    def together(self, members: Sequence[FieldPlan], spot: Spot) -> None:
        """Write members that need not be looked up where all that are there have been met."""
        if not members:
            return
        self.out.put(f"if {spot.own.left}:")
        self.out.indent += 1
        for member in members:
            self.member(member, spot)
        self.out.indent -= 1

    def member(self, plan: FieldPlan, spot: Spot) -> None:
        """Write one member."""
        if isinstance(plan, LeafPlan):
            self.members.leaf(plan, spot)
        elif isinstance(plan, PairPlan):
            self.lists.pair(plan, spot)
        elif isinstance(plan, PairsPlan):
            self.lists.pairs(plan, spot)
        elif isinstance(plan, ValuesPlan):
            self.lists.values(plan, spot)
        elif plan.segment is not None:
            self.each(plan, plan.segment, spot)
        elif plan.many:
            self.loops(plan, spot)
        else:
            self.single(plan, spot)

    def single(self, plan: ObjectPlan, spot: Spot) -> None:
        """Write an object that stands in the level, or in one loop."""
        own = self.out.fresh("o")
        spot.own.open(plan.name, LIST if plan.wrapped else ANY)
        if plan.wrapped:
            self.out.put("v = only_entry(v)")
            self.out.put("if v:")
            self.out.indent += 1
        self.out.put(f"{own} = v")
        chain = self.places.enter(spot.chain, plan.up, plan.loops)
        self.object(plan, self.members.opened(own, chain, spot.segment))
        self.out.indent -= bool(plan.wrapped)
        spot.own.close(required=plan.required)

    def loops(self, plan: ObjectPlan, spot: Spot) -> None:
        """Write a list whose entries are loops."""
        *before, last = plan.loops
        chain = spot.chain[: len(spot.chain) - plan.up]
        own = self.out.fresh("o")
        shared = shared_members(plan)
        previous = self.out.fresh("p")
        spot.own.open(plan.name, LIST)
        around: Scope | None = None
        if any(not step.tests for step in before):
            self.out.put(f"{previous} = None")
        self.each_by_shape(own)
        inner = self.members.opened(own, spot.chain, "")
        for step in before:
            if step.tests:
                chain = self.places.enter(chain, 0, (step,))
                continue
            if around is not None:
                raise NoFastWriterError(f"{plan.path} makes two loops around each entry")
            around = self.places.fresh(chain[-1], step)
            self.around(around, previous, [f"{own}.get({name!r})" for name in shared])
            chain = (*chain, around)
        scope = self.places.fresh(chain[-1], last)
        self.out.put(f"# open {scope.number}")
        self.object(plan, Spot((*chain, scope), "", inner.own))
        self.members.lookalike(plan, scope.first)
        self.out.put(f"# close {scope.number}")
        self.out.indent -= 1
        if around is not None:
            self.out.put(f"# close {around.number}")
        spot.own.close(required=plan.required)

    def each_by_shape(self, own: str) -> None:
        """Write the beginning of a loop over `v`, which asks for the shapes of entries first."""
        entries, at = self.out.fresh("y"), self.out.fresh("z")
        self.out.put(f"{entries} = v; {at} = 0")
        self.out.put(f"while {at} < len({entries}):")
        self.out.indent += 1
        self.out.put(f"{PLACE} {entries} {at}")
        self.out.put(f"{own} = {entries}[{at}]; {at} += 1")

    def ask_for_shapes(self) -> str:
        """Write what the loops tell their shapes; return the line that their variables need."""
        lines, said, variables = self.out.lines, self.out.said, set[str]()
        names = WriterNames(lines)
        for number, line in enumerate(lines):
            if PLACE not in line:
                continue
            entries, at = line.split()[2:]
            end = next(
                after for after in range(number, len(lines))
                if _depth(lines[after]) < _depth(line)
            )  # fmt: skip
            around = names.around(number, end, {entries, at}, said)
            name = self.out.fresh("Y")
            self.out.names[name] = self.shapes[name] = EntryShapes(name, around)
            variables.update(one for one in around.outer if one not in self.out.names)
            given = ", ".join((entries, at, *around.outer))
            taken = ", ".join((at, *around.carried))
            asked = f"if f := {name}.written({given}): {taken}, = f; continue"
            lines[number] = line[: _depth(line)] + asked
            names.replace(number, lines[number])
        variables -= {"document", "separator"}
        return f" {' = '.join(sorted(variables))} = None\n" if variables else ""

    def around(self, scope: Scope, previous: str, shared: Sequence[str]) -> None:
        """Write the making of the loop around an entry, which those with the same values share."""
        values = f"({', '.join(shared)},)" if shared else "True"
        self.out.put(f"n = {values}")
        self.out.put(f"if {previous} is None or n != {previous}:" if shared else "if True:")
        self.out.indent += 1
        self.out.put(f"if {previous} is not None:")
        self.out.put(f"# close {scope.number}", 1)
        self.out.put(f"{previous} = n")
        self.out.put(f"# open {scope.number}")
        self.out.indent -= 1

    def each(self, plan: ObjectPlan, place: Place, spot: Spot) -> None:
        """Write a list whose entries are segments."""
        own, segment = self.out.fresh("o"), self.out.fresh("t")
        step = place.segment or Step("")
        spot.own.open(plan.name, LIST)
        scope = self.places.enter(spot.chain, place.up, place.loops)[-1]
        self.out.put(f"for {own} in v:")
        self.out.indent += 1
        inner = self.members.opened(own, spot.chain, segment)
        self.out.put(f"{segment} = {template(step)!r}")
        rows = self.places.add(scope, step.tag, segment, single=place.single)
        self.object(plan, inner)
        empty = f"len({segment}) == 1"
        if has_pairs(plan):  # They may be empty, and are put all the same.
            empty += f" or not any({segment}[1:])"
        self.out.put(f"if {empty}:")
        self.out.put(f"{rows}.pop()", 1)
        self.members.lookalike(plan, segment)
        self.out.indent -= 1
        spot.own.close(required=plan.required)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


@lru_cache(maxsize=256)
def _code(source: str) -> CodeType:
    """Compile once what several maps share: overlays often change only tables."""
    return compile(source, "<writer of a map>", "exec")


_PARTS = (
    NeedsCareError, computed.total, element_text, out_tree.put, out_tree.first_row,
    fast_parts.check_order, fast_parts.check_rest, fast_parts.number_levels, fast_parts.only_entry,
    fast_parts.put_all, fast_parts.put_component, fast_parts.put_free, fast_parts.put_pair,
    fast_parts.text_of, fast_parts.texts_of, write_pairs.put_entry,
)  # fmt: skip


def written(write: FastWriter, document: Mapping[str, Json], marks: Separators) -> Written | None:
    """Return the segments of a document, and their text; None where it needs care."""
    try:
        segments, composites = write(document, marks.component)
        text = marks.terminator.join(map(marks.element.join, segments))
    except (NeedsCareError, ValueError, TypeError, LookupError, AttributeError):
        return None  # What is no text, no list or no object shows here.
    lengths = list(map(len, segments))
    if text.count(marks.element) != sum(lengths) - len(lengths):
        return None
    if text.count(marks.terminator) != max(0, len(lengths) - 1):
        return None
    if marks.repetition and marks.repetition in text:
        return None
    if marks.component in text:
        found = fast_parts.count_separators(composites, marks.component)
        return (segments, "") if text.count(marks.component) == found else None
    return segments, text if 1 not in lengths and _is_plain(text, marks) else ""


def _is_plain(text: str, marks: Separators) -> bool:
    """Say whether text can leave as it is: ASCII, and every element ends in what can be seen.

    Where a segment may hold binary data it has to be looked at.
    """
    if not text.isascii():
        return False
    plain = _plain(marks.element, marks.terminator)
    return not (
        text.encode("ascii").translate(None, plain.characters)
        or plain.blank_at_end.search(text)
        or text[-1:] in ("", marks.element)
        or plain.empty_at_end in text
        or text.startswith(_BINARY)
        or (plain.binary[0][:2] in text and any(opening in text for opening in plain.binary))
    )


class _Plain(NamedTuple):
    """What plain text may hold, and what it may not."""

    characters: bytes
    blank_at_end: re.Pattern[str]
    empty_at_end: str
    binary: Sequence[str]
    """How segments with binary data begin, with the terminator before them."""


@lru_cache(maxsize=64)
def _plain(element: str, terminator: str) -> _Plain:
    return _Plain(
        bytes(range(0x20, 0x7F)) + (element + terminator).encode("latin-1"),
        re.compile(rf" (?=[{re.escape(element + terminator)}]|\Z)"),
        element + terminator,
        [terminator + tag + element for tag in _BINARY],
    )


def generate_writer(plan: MapPlan, ahead: Mapping[int, Rivals]) -> FastWriter | None:
    """Return a map's writer; None for a map with rare things."""
    if gathers(plan.root):
        return None
    generator = Generator(plan, ahead)
    try:
        source = generator.whole_map()
        code = _code(source)
    except (NoFastWriterError, SyntaxError):  # Python nests twenty loops and no more.
        return None
    space: dict[str, object] = {**generator.out.names}
    space["BLANKS"] = fast_parts.BLANKS
    space.update({part.__name__: part for part in _PARTS})
    exec(code, space)  # noqa: S102 - the source is made above, of literals and names made here
    generated = Generated(source, space)
    for shapes in generator.shapes.values():
        shapes.belong(generated)
    return cast(FastWriter, space["write"])
