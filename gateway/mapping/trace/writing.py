"""Follows what was written back to the document: element by element, with the line of the map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.mapping.hierarchy import levels
from gateway.mapping.out_tree import OutNode, imposed
from gateway.mapping.plan import (
    AS_RECEIVED,
    ComputedPlan,
    FieldPlan,
    Json,
    LeafPlan,
    MapPlan,
    ObjectPlan,
    PairPlan,
    PairsPlan,
    Place,
    ValueRule,
)
from gateway.mapping.ports import Node, Separators
from gateway.mapping.positions import Step
from gateway.mapping.trace.lines import MapLines
from gateway.mapping.trace.model import ElementTrace, Reason, Received, SetPlace, WriteTrace
from gateway.mapping.trace.places import below as loop_below
from gateway.mapping.trace.places import level_names, set_place
from gateway.mapping.trace.reading import below, said, slot_position
from gateway.mapping.trace.reworks import value_at
from gateway.mapping.trace.texts import Joined, Why, WrittenText
from gateway.mapping.write_run import Here, Run
from gateway.yaml_source import Path

_Chain = tuple[str, ...]
_Imposed = tuple[_Chain, str, int, str]
"""The loops around a segment, its id, an element and the value that a predicate asks for."""

_REASONS = {"counter": Reason.COUNTER, "count": Reason.COUNT, "sum": Reason.SUM}


class TracedRun(Run):
    """A document on its way into a tree, whose texts know which field says them."""

    __slots__ = ()

    def text(self, rule: ValueRule, value: Json, here: Here, name: str) -> str | None:
        """Return what is written for a value, or None and a finding."""
        made = super().text(rule, value, here, name)
        if made is None:
            return None
        return WrittenText(made, Why(Reason.FIELD, f"{here.pointer}/{name}"))


def tagged(document: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return a document whose texts that no field writes know where they stand in it."""
    names = [name for name in ("unmapped", AS_RECEIVED) if name in document]
    return {**document, **{name: _tagged(document[name], f"/{name}") for name in names}}


def _tagged(value: Json, pointer: str) -> Json:
    if isinstance(value, Mapping):
        return {name: _tagged(one, below(pointer, name)) for name, one in value.items()}
    if isinstance(value, str):
        return WrittenText(value, Why(Reason.UNMAPPED, pointer))
    if isinstance(value, Sequence):
        return [_tagged(one, f"{pointer}/{index}") for index, one in enumerate(value)]
    return value


@dataclass(slots=True)
class Sweeper:
    """Says of what stands in a tree without a reason that the stage just done wrote it."""

    plan: MapPlan
    predicates: dict[_Imposed, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._learn(self.plan.root, (), ())

    def sweep(self, root: OutNode, stage: ComputedPlan | str) -> None:
        """Give reasons to what has none; a stage is a total, or the name of what was done."""
        self._node(root, (), stage)

    def _node(self, node: OutNode, chain: _Chain, stage: ComputedPlan | str) -> None:
        for tag, rows in node.segments.items():
            for row in rows:
                for element in range(1, len(row)):
                    row[element] = self._told(row, (chain, tag, element), stage)
        for tag, loops in node.loops.items():
            for inner in loops:
                self._node(inner, (*chain, tag), stage)

    def _told(
        self, row: Sequence[str], where: tuple[_Chain, str, int], stage: ComputedPlan | str
    ) -> str:
        text = row[where[2]]
        if isinstance(text, Joined):
            text.parts[:] = [self._reasoned(part, row, where, stage) for part in text.parts]
            return text
        return self._reasoned(text, row, where, stage)

    def _reasoned(
        self,
        text: str,
        row: Sequence[str],
        where: tuple[_Chain, str, int],
        stage: ComputedPlan | str,
    ) -> str:
        if not text or isinstance(text, WrittenText):
            return text
        chain, tag, element = where
        if isinstance(stage, ComputedPlan):
            why = Why(_REASONS[stage.kind], path=("computed", stage.place.text))
        elif stage == "hierarchy":
            code = row[3]
            why = Why(Reason.HIERARCHY, path=code.why.path if isinstance(code, WrittenText) else ())
        else:
            path = self.predicates.get((chain, tag, element, text), ())
            why = Why(Reason.PREDICATE, path=path)
        return WrittenText(text, why)

    def _learn(self, plan: ObjectPlan, path: Path, chain: _Chain) -> None:
        """Note which field's selection asks for which values."""
        for member in plan.fields:
            if not member.writes:
                continue
            inner = (*path, "fields", member.name)
            for place in _places(member):
                self._place(place, inner, chain)
            if isinstance(member, ObjectPlan):
                around = chain[: len(chain) - member.up]
                self._learn(member, inner, self._loops(member.loops, inner, around))
        for constant in plan.constants:
            self._place(constant.place, (*path, "constants", constant.place.text), chain)

    def _place(self, place: Place, path: Path, chain: _Chain) -> None:
        around = self._loops(place.loops, path, chain[: len(chain) - place.up])
        if place.segment is not None:
            self._step(place.segment, path, around)

    def _loops(self, steps: Sequence[Step], path: Path, chain: _Chain) -> _Chain:
        for step in steps:
            chain = (*chain, step.tag)
            self._step(step, path, chain)
        return chain

    def _step(self, step: Step, path: Path, chain: _Chain) -> None:
        for test in step.tests:
            if imposed(test):
                key = (chain, step.tag, test.element, test.values[0])
                self.predicates.setdefault(key, path)


def _places(plan: FieldPlan) -> Iterator[Place]:
    if isinstance(plan, LeafPlan):
        yield from plan.sources
        if plan.target is not None:
            yield plan.target
    elif plan.segment is not None:
        yield plan.segment
    if isinstance(plan, PairsPlan):
        for leaf in plan.shared:
            yield from _places(leaf)


@dataclass(frozen=True, slots=True)
class Author:
    """Names for each element that was written the field, and the line of the map."""

    plan: MapPlan
    lines: MapLines
    document: Mapping[str, Json]
    given: Mapping[str, Json]
    """The document before the map changed anything in it."""

    def elements(self, segments: Sequence[Sequence[str]], tree: Node) -> Iterator[ElementTrace]:
        """Yield the trace of each element, or component, that is not empty."""
        hierarchy = self.plan.hierarchy
        names = level_names(tree, levels(tree, hierarchy, [])) if hierarchy else {}
        loops = dict(_loops_of(tree, "", names))
        for number, row in enumerate(segments, 2):
            for element, text in enumerate(row):
                if not element or not text:
                    continue
                parts = text.parts if isinstance(text, Joined) else [text]
                for component, part in enumerate(parts, 1):
                    if isinstance(part, WrittenText) and part:
                        where = component if isinstance(text, Joined) else None
                        loop = loops.get(id(row), "")
                        place = _unplaced(row[0], (number, element, where), part, loop)
                        yield self._element(place, part.why)

    def _element(self, place: SetPlace, why: Why) -> ElementTrace:
        if why.reason is Reason.FIELD and why.pointer is not None:
            return self._of_field(place, why.pointer)
        if why.reason is Reason.UNMAPPED:
            note = "written back: the map keeps what it does not take"
            line = self.lines.line(("unmapped",))
            return ElementTrace(place, why.reason, why.pointer, line, note=note)
        if why.reason in (Reason.PREDICATE, Reason.HIERARCHY):
            line = self.lines.place(why.path)
            note = _LEVELS[place.element] if why.reason is Reason.HIERARCHY else _SELECTED
            return ElementTrace(place, why.reason, None, line, said(line), note=note)
        line, key = self.lines.line(why.path), str(why.path[-1])
        position = key if why.reason in (Reason.CONSTANT, *_REASONS.values()) else ""
        return ElementTrace(place, why.reason, None, line, position, note=_NOTES[why.reason])

    def _of_field(self, place: SetPlace, pointer: str) -> ElementTrace:
        path, plan = self._member(pointer)
        if isinstance(plan, LeafPlan) and plan.expression is not None:
            line = self.lines.line((*path, "expr"))
            position = plan.target.text if plan.target is not None else ""
            note = f"computed for '{plan.name}'"
            return ElementTrace(place, Reason.EXPRESSION, None, line, position, note=note)
        line = self.lines.place(path)
        if isinstance(plan, PairsPlan):
            line = self.lines.place(path[:-2])
        position = said(line)
        if isinstance(plan, LeafPlan) and plan.target is not None:
            position = plan.target.text
        if isinstance(plan, PairPlan | PairsPlan):
            position = slot_position(place, plan.slots)
        word = value_at(self.document, pointer)
        applied = self.lines.applied(path, str(word), to_word=False)
        note = ""
        if value_at(self.given, pointer) != word:
            note = "after `tail:`, `wrap:`, `scale:`, `minus:` or `otherwise:` were undone"
            while value_at(self.given, pointer) is None:
                pointer = pointer.rpartition("/")[0]
        return ElementTrace(place, Reason.FIELD, pointer, line, position, applied, note)

    def _member(self, pointer: str) -> tuple[Path, FieldPlan | None]:
        """Return what the map says of a pointer, and the plan of it."""
        path: Path = ()
        plan: FieldPlan = self.plan.root
        for name in pointer.split("/")[1:]:
            if isinstance(plan, PairsPlan) and not name.isdigit():
                shared = {leaf.name: leaf for leaf in plan.shared}
                return (*path, "fields", name), shared.get(name, plan)
            members = plan.fields if isinstance(plan, ObjectPlan) else ()
            found = next((one for one in members if one.name == name), None)
            if found is not None:
                path, plan = (*path, "fields", name), found
        return path, plan


_NOTES: Mapping[Reason, str] = {
    Reason.QUALIFIER: "the first of the qualifiers that the map names",
    Reason.CONSTANT: "always written",
    Reason.WITH: "written along with the field",
    Reason.WRITE_DEFAULT: "the document says nothing here",
    Reason.COUNTER: "counted within the loop around it",
    Reason.COUNT: "counted in the set",
    Reason.SUM: "summed over the set",
}
_SELECTED = "the selection says it"
_LEVELS = {
    1: "number of the level",
    2: "number of the level that it is in",
    4: "whether there are levels in it",
}


def _loops_of(node: Node, loop: str, names: Mapping[int, str]) -> Iterator[tuple[int, str]]:
    """Yield the loop that each segment is in, by the segment's identity."""
    for rows in node.segments.values():
        for row in rows:
            yield id(row), loop
    for tag, nodes in node.loops.items():
        for number, inner in enumerate(nodes, 1):
            name = names.get(id(inner)) or loop_below(loop, tag, number)
            yield from _loops_of(inner, name, names)


def _unplaced(tag: str, where: tuple[int, int, int | None], text: str, loop: str) -> SetPlace:
    number, element, component = where
    return SetPlace(
        "", "", "", "", loop, number, tag, element, component, None, len(text), str(text)
    )


def in_file(trace: WriteTrace, received: Received, delimiters: Separators) -> WriteTrace:
    """Return a trace with the places in the file that the set was written into, ST and SE too."""
    made = [
        replace(
            one,
            place=set_place(
                received,
                one.place.segment_position - 1,
                (
                    received.segments[one.place.segment_position - 1],
                    one.place.element,
                    one.place.component,
                ),
                delimiters,
                one.place.loop,
            ),
        )
        for one in trace.elements
    ]
    last = len(received.segments) - 1
    around = [*_envelope(received, 0, delimiters), *made, *_envelope(received, last, delimiters)]
    return replace(trace, elements=tuple(around))


_ENVELOPE = {
    ("ST", 1): "the set that the map is for",
    ("ST", 2): "control number of the set",
    ("ST", 3): "the standard that the set keeps to",
    ("SE", 1): "number of segments, ST and SE included",
    ("SE", 2): "control number of the set",
}


def _envelope(received: Received, index: int, delimiters: Separators) -> Iterator[ElementTrace]:
    row = received.segments[index]
    for element in range(1, len(row)):
        place = set_place(received, index, (row, element, None), delimiters, "")
        note = _ENVELOPE.get((row[0], element), "")
        yield ElementTrace(place, Reason.ENVELOPE, None, None, note=note)
