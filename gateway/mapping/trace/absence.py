"""Why a document has no value: where the map looked, what stood there, what did not hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gateway.findings import Finding
from gateway.mapping.followed import bare, is_followed
from gateway.mapping.plan import (
    FieldPlan,
    JsonValue,
    LeafPlan,
    ObjectPlan,
    PairPlan,
    PairsPlan,
    Place,
    PlannedCondition,
)
from gateway.mapping.ports import Node
from gateway.mapping.positions import Step, Test, element_text
from gateway.mapping.trace.lines import MapLines
from gateway.mapping.trace.model import DocumentTrace, MapLine
from gateway.mapping.trace.texts import ReadText
from gateway.yaml_source import Path


@dataclass(frozen=True, slots=True)
class Row:
    """A segment of a set: its index, its loop, and its elements."""

    index: int
    loop: str
    elements: Sequence[str]
    name: str
    """The segment's id; in a loop that only the map knows, its name there (`N9+`, `+N9`)."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A place that the map looked at, and why it gave nothing."""

    position: str
    """As the map writes it."""
    said: str
    row: Row | None = None
    element: int | None = None
    component: int | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """Why a document has no value."""

    pointer: str
    """Of the outermost part that is not there."""
    sentence: str
    line: MapLine | None = None
    looked: tuple[Looked, ...] = ()


class NoSuchField(Exception):
    """The map has no field of this name."""

    def __init__(self, pointer: str, name: str, path: Path, known: Sequence[str]) -> None:
        super().__init__(pointer)
        self.pointer = pointer
        """Of the object that has no such field."""
        self.name = name
        self.path = path
        """Of that object in the map."""
        self.known = known
        """The fields that it has in the map."""


def rows_of(node: Node, made: str = "") -> Iterator[Row]:
    """Yield the segments of a set with the loops that they are in; `made` is one of the map's."""
    for name, rows in node.segments.items():
        for row in rows:
            text = row[0]
            if isinstance(text, ReadText):
                loop = f"{text.standing.loop}/{made}".strip("/")
                yield Row(text.standing.segment, loop, row, name)
    for tag, nodes in node.loops.items():
        for number, inner in enumerate(nodes, 1):
            yield from rows_of(inner, f"{tag}[{number}]" if is_followed(tag) else "")


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Asks a document, and the set that it was read from, for what is not there."""

    root: ObjectPlan
    lines: MapLines
    rows: Sequence[Row]
    document: DocumentTrace
    findings: Sequence[Finding]
    separator: str

    def why(self, pointer: str) -> Absence | None:
        """Say why there is no value; None where there is one. Raises NoSuchField."""
        at = _At(self.root, self.document.document)
        for part in pointer.split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            step = self._step(at, name)
            if isinstance(step, Absence):
                return step
            at = step
        return None

    def _step(self, at: _At, name: str) -> _At | Absence:
        value = at.value
        if isinstance(value, list):
            if not name.isdigit() or int(name) >= len(value):
                return self._past_the_end(at, value)
            return self._placed(replace(at, pointer=f"{at.pointer}/{name}", value=value[int(name)]))
        if isinstance(value, dict) and name in value and not isinstance(at.plan, ObjectPlan):
            return replace(at, pointer=f"{at.pointer}/{name}", value=value[name])
        members = {one.name: one for one in at.members}
        if name not in members:
            if isinstance(value, dict) and name in value:  # what no map fills, such as `unmapped`
                return replace(at, pointer=f"{at.pointer}/{name}", value=value[name])
            raise NoSuchField(at.pointer, name, at.path, tuple(members))
        inner = at.member(members[name], value.get(name) if isinstance(value, dict) else None)
        if inner.value is None:
            return self._absent(inner)
        return self._placed(inner)

    def _past_the_end(self, at: _At, value: Sequence[JsonValue]) -> Absence:
        count = len(value)
        entries = f"{count} entries, counted from 0" if count != 1 else "one entry, /0"
        line = self.lines.place(at.path)
        return Absence(at.pointer, f"{at.pointer} has {entries}", line, self._looked(at))

    def _placed(self, at: _At) -> _At:
        """Return an object with the loop, or the segment, that it was made of, as it is traced."""
        plan = at.plan
        if not isinstance(plan, ObjectPlan) or isinstance(at.value, list):
            return at
        around = _outside(at.loop, plan.up)
        depth = len(_parts(around)) + len(plan.loops)
        for one in self.document.fields:
            if one.pointer.startswith(f"{at.pointer}/") and one.place is not None:
                index = one.place.segment_position - 1
                if plan.segment is not None:
                    return replace(at, segment=index)
                loop = next((row.loop for row in self.rows if row.index == index), "")
                parts = _parts(loop)
                if plan.loops and len(parts) >= depth and loop.startswith(around):
                    return replace(at, loop="/".join(parts[:depth]))
        return at

    def _absent(self, at: _At) -> Absence:
        plan, line = at.plan, self.lines.place(at.path)
        if not plan.reads:
            return Absence(at.pointer, "the map only writes it: `write_only`", line)
        if isinstance(plan, LeafPlan) and plan.expression is not None:
            return Absence(at.pointer, "its expression gives nothing here", line)
        looked = self._looked(at)
        sentence = "no place that the map names gives a value"
        if isinstance(plan, LeafPlan):
            failed = [one for one in plan.when if not self._holds(one, at)]
            if failed:
                sentence = f"a condition does not hold: {self._condition(failed[0], at)}"
                line = self.lines.line((*at.path, "when"))
        if isinstance(plan, ObjectPlan) and not any((plan.loops, plan.segment)):
            sentence = "none of its fields has a value"
        return Absence(at.pointer, sentence, line, looked)

    def _looked(self, at: _At) -> tuple[Looked, ...]:
        plan = at.plan
        if isinstance(plan, LeafPlan):
            return tuple(one for place in plan.sources for one in self._at(place, at))
        if isinstance(plan, ObjectPlan) and plan.segment is None:
            found = self._loops(plan.loops, _outside(at.loop, plan.up), str_of(plan.loops))
            return tuple(one for one in found if isinstance(one, Looked))
        if isinstance(plan, PairPlan):
            rows = self._segments(plan.segment, at)
            return tuple(one if isinstance(one, Looked) else _no_pair(plan, one) for one in rows)
        return tuple(self._at(plan.segment, at)) if plan.segment is not None else ()

    def _at(self, place: Place, at: _At) -> Iterator[Looked]:
        """Yield what stands at a place, and why it is nothing."""
        for one in self._segments(place, at):
            yield one if isinstance(one, Looked) else self._element(place, one, at.pointer)

    def _segments(self, place: Place, at: _At) -> Iterator[Row | Looked]:
        """Yield the segments that a place means, and what was there instead of them."""
        if place.segment is None:
            yield from (row for row in self.rows if row.index == at.segment)
            return
        for inner in self._loops(place.loops, _outside(at.loop, place.up), place.text):
            if isinstance(inner, Looked):
                yield inner
            else:
                yield from self._selected(place, place.segment, inner)

    def _selected(self, place: Place, step: Step, loop: str) -> Iterator[Row | Looked]:
        rows = [row for row in self.rows if row.loop == loop and row.name == step.tag]
        if not rows:
            yield Looked(place.text, f"there is no {bare(step.tag)} in {loop or 'the set'}")
        for row in rows:
            said = self._refused(step.tests, row)
            if said is None:
                yield row
            else:
                yield Looked(place.text, said[0], row, said[1])

    def _loops(self, steps: Sequence[Step], around: str, text: str) -> Iterator[str | Looked]:
        """Yield the loops that a path means, and what was there instead of them."""
        if not steps:
            yield around
            return
        step = steps[0]
        begins = f"{around}/{step.tag}[" if around else f"{step.tag}["
        depth = len(_parts(around)) + 1
        triggers = [
            row
            for row in self.rows
            if row.name == step.tag
            and row.loop.startswith(begins)
            and len(_parts(row.loop)) == depth
        ]
        if not triggers:
            yield Looked(text, f"there is no loop {step.tag} in {around or 'the set'}")
        for row in triggers:
            said = self._refused(step.tests, row)
            if said is None:
                yield from self._loops(steps[1:], row.loop, text)
            else:
                yield Looked(text, said[0], row, said[1])

    def _refused(self, tests: Sequence[Test], row: Row) -> tuple[str, int] | None:
        """Return why a segment is not the one that is selected, and the element that says so."""
        own = list(row.elements)
        for test in tests:
            if not test.holds(own, self.separator):
                text = element_text(own, test.element, test.component, self.separator)
                is_ = f"{_name(own[0], test.element, test.component)} is {text or 'empty'}"
                wanted = " or ".join(test.values) or "there"
                why = f"[{test}] leaves that out" if test.negated else f"not {wanted}"
                return f"{is_}, {why}" if not test.negated else f"{is_}: {why}", test.element
        return None

    def _element(self, place: Place, row: Row, pointer: str) -> Looked:
        tag = row.elements[0]
        name = _name(tag, place.element, place.component)
        text = element_text(list(row.elements), place.element, place.component, self.separator)
        made = Looked(place.text or name, "", row, place.element or None, place.component)
        if not place.element:
            return replace(made, said=f"{tag} gives no value")
        if not text:
            ends = place.element >= len(row.elements)
            why = f"{tag} ends before it" if ends else "it is empty"
            return replace(made, said=f"nothing stands at {name}: {why}")
        fault = next((one for one in self.findings if one.field == pointer), None)
        if fault is not None and fault.value == text:
            return replace(made, said=f"{name} is {text}: {fault.detail}")
        taker = self._taker(row.index, place)
        if taker.startswith("/unmapped/"):
            return replace(made, said=f"{name} is {text}, which is kept in `unmapped`")
        said = f"which {taker} has" if taker else "which is not taken"
        return replace(made, said=f"{name} is {text}, {said}")

    def _taker(self, index: int, place: Place) -> str:
        for one in self.document.fields:
            found = one.place
            if (
                found is not None
                and found.segment_position == index + 1
                and (found.element, found.component) == (place.element, place.component)
            ):
                return one.pointer
        return ""

    def _holds(self, condition: PlannedCondition, at: _At) -> bool:
        return condition.holds(self._asked(condition, at)[1])

    def _condition(self, condition: PlannedCondition, at: _At) -> str:
        name, text = self._asked(condition, at)
        wanted = " or ".join(sorted(condition.values)) or "there"
        why = f"and must not be {wanted}" if condition.negated else f"not {wanted}"
        return f"{name} is {text or 'empty'}, {why}"

    def _asked(self, condition: PlannedCondition, at: _At) -> tuple[str, str | None]:
        """Return what a condition is about, and what stands there."""
        place = condition.place
        if place is None:
            whole: JsonValue = self.document.document
            own = whole if condition.root else _value(whole, at.pointer.rpartition("/")[0])
            value = own.get(condition.field or "") if isinstance(own, dict) else None
            return f"the field '{condition.field}'", None if value is None else str(value)
        for one in self._segments(place, at):
            if isinstance(one, Row):
                text = element_text(
                    list(one.elements), place.element, place.component, self.separator
                )
                return place.text, text or None
        return place.text, None


@dataclass(frozen=True, slots=True)
class _At:
    """Where an inquiry has come to: the plan, its lines, the value and the loop it was made of."""

    plan: FieldPlan
    value: JsonValue
    path: Path = ()
    pointer: str = ""
    loop: str = ""
    segment: int = -1
    """The index of the segment that an entry of `each:` was made of."""

    @property
    def members(self) -> Sequence[FieldPlan]:
        """Return the fields of an object."""
        if isinstance(self.plan, ObjectPlan):
            return self.plan.fields
        return self.plan.shared if isinstance(self.plan, PairsPlan) else ()

    def member(self, plan: FieldPlan, value: JsonValue) -> _At:
        """Return a member of an object."""
        path = (*self.path, "fields", plan.name)
        return _At(plan, value, path, f"{self.pointer}/{plan.name}", self.loop, self.segment)


def _no_pair(plan: PairPlan, row: Row) -> Looked:
    own = row.elements
    there = [
        f"{own[slot.qualifier]} in {_name(own[0], slot.qualifier, None)}"
        for slot in plan.slots
        if slot.qualifier and len(own) > slot.value and own[slot.value]
    ]
    has = f"the pairs there have {', '.join(there)}" if there else "it has no pairs"
    said = f"{own[0]} has no pair with the qualifier {' or '.join(plan.qualifiers)}: {has}"
    return Looked(plan.segment.text or own[0], said, row)


def str_of(steps: Sequence[Step]) -> str:
    """Write a path of loops as a map does."""
    return "/".join(map(str, steps))


def _name(tag: str, element: int, component: int | None) -> str:
    return f"{tag}{element:02d}" + (f"-{component}" if component else "")


def _parts(loop: str) -> list[str]:
    return loop.split("/") if loop else []


def _outside(loop: str, up: int) -> str:
    parts = _parts(loop)
    return "/".join(parts[: len(parts) - up])


def _value(whole: JsonValue, pointer: str) -> JsonValue:
    for part in pointer.split("/")[1:]:
        if isinstance(whole, dict):
            whole = whole.get(part)
        elif isinstance(whole, list) and part.isdigit() and int(part) < len(whole):
            whole = whole[int(part)]
    return whole


__all__ = ["Absence", "Inquiry", "Looked", "NoSuchField", "Row", "rows_of"]
