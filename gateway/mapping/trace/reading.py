"""Follows a document that was read back to the set: value by value, with the line of the map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.mapping.plan import (
    AS_RECEIVED,
    FieldPlan,
    Json,
    JsonValue,
    LeafPlan,
    MapPlan,
    ObjectPlan,
    PairPlan,
    PairsPlan,
    Place,
    ValuesPlan,
)
from gateway.mapping.ports import Separators
from gateway.mapping.positions import Slot
from gateway.mapping.trace.lines import MapLines
from gateway.mapping.trace.model import FieldTrace, MapLine, Origin, Received, SetPlace
from gateway.mapping.trace.places import placed
from gateway.mapping.trace.reworks import Names, Touch, names_of, value_at
from gateway.mapping.trace.texts import Converted, ReadText
from gateway.yaml_source import Path

_Found = Iterator[FieldTrace]


@dataclass(frozen=True, slots=True)
class At:
    """A value of a document on its way: what the map says of it, and the texts it was made of."""

    path: Path
    pointer: str
    value: JsonValue
    told: object
    before: Json = None
    """The whole document with its texts, before anything was changed in it."""

    def member(self, name: str, *keys: str) -> At:
        """Return a member; in the map it is `fields` and its name, or what `keys` says."""
        value = self.value.get(name) if isinstance(self.value, dict) else None
        told = self.told.get(name) if isinstance(self.told, dict) else None
        path = (*self.path, *(keys or ("fields", name)))
        return At(path, below(self.pointer, name), value, told, self.before)

    @property
    def names(self) -> Sequence[str]:
        """Return the names of the members."""
        return tuple(self.value) if isinstance(self.value, dict) else ()

    @property
    def items(self) -> Iterator[At]:
        """Yield the items of a list."""
        told = self.told if isinstance(self.told, list) else []
        for index, value in enumerate(self.value if isinstance(self.value, list) else ()):
            one = told[index] if index < len(told) else None
            yield At(self.path, f"{self.pointer}/{index}", value, one, self.before)

    @property
    def changed(self) -> bool:
        """Say whether the value is another than was read."""
        return self.told != self.value  # in this order: what was read compares as its value


@dataclass(frozen=True, slots=True)
class Follower:
    """Follows documents of one set."""

    plan: MapPlan
    lines: MapLines
    received: Received
    delimiters: Separators
    touched: Mapping[Names, Touch]
    """What the map changes after reading."""
    parts: bool = False
    """The set was split into the documents."""

    def document(self, whole: At) -> _Found:
        """Yield the trace of each value of a document."""
        members = {member.name: member for member in self.plan.root.fields}
        for name in whole.names:
            at = whole.member(name)
            if name == AS_RECEIVED:
                continue  # It says how texts came that other fields were made of.
            if name == "unmapped":
                yield from self._unmapped(at)
            elif self.plan.split is not None and self.parts and name == self.plan.split.to:
                yield self._split(at, ("to",), at)
            elif name in members:
                yield from self._field(members[name], at)
            elif (name,) in self.touched:
                yield self._reworked(at, self.touched[name,])
            else:
                note = f"map '{self.plan.name}' is for it"
                yield FieldTrace(at.pointer, Origin.MODEL, at.value, None, None, note=note)

    def _field(self, plan: FieldPlan, at: At) -> _Found:
        if isinstance(plan, LeafPlan | PairPlan):
            yield self._leaf(plan, at)
        elif isinstance(plan, ValuesPlan):
            for one in at.items:
                touch = self.touched.get(names_of(at.pointer))
                if touch is not None and not isinstance(one.told, Converted):
                    yield self._reworked(one, touch)
                else:
                    yield self._taken(Origin.EACH, one)
        elif isinstance(plan, PairsPlan):
            for one in at.items:
                yield from self._pair(plan, one)
        elif isinstance(at.value, list):
            for one in at.items:
                yield from self._object(plan, one)
        else:
            yield from self._object(plan, at)

    def _object(self, plan: ObjectPlan, at: At) -> _Found:
        members = {member.name: member for member in plan.fields}
        for name in at.names:
            one = at.member(name)
            source = self._set_from(plan, name, at)
            if source is not None:
                yield self._split(one, ("set", name), source)
            elif name in members:
                yield from self._field(members[name], one)
            elif names_of(one.pointer) in self.touched:
                yield self._reworked(one, self.touched[names_of(one.pointer)])

    def _set_from(self, plan: ObjectPlan, name: str, line: At) -> At | None:
        """Return where a field of a line is set from by `split:`; None where it is not."""
        split = self.plan.split
        if split is None or not self.parts or plan.name != split.lines:
            return None
        source = dict(split.set).get(name)
        if source is None or split.allocations not in line.names:
            return None
        return line.member(split.allocations).member(source)

    def _pair(self, plan: PairsPlan, at: At) -> _Found:
        shared = {leaf.name: leaf for leaf in plan.shared}
        line = self.lines.place(at.path)
        for name in at.names:
            one = at.member(name)
            if name in shared:
                yield self._leaf(shared[name], one)
            else:
                yield _in_slot(self._taken(Origin.PAIR, one, line), plan.slots)

    def _leaf(self, plan: LeafPlan | PairPlan, at: At) -> FieldTrace:
        if not isinstance(at.told, Converted):
            return self._said(plan, at)
        if isinstance(plan, PairPlan):
            return _in_slot(self._taken(Origin.PAIR, at), plan.slots)
        if len(plan.sources) > 1 and isinstance(at.told.made_of, ReadText):
            index = chosen(plan.sources, at.told.made_of, self.delimiters.component)
            made = self._taken(Origin.FIRST, at, self.lines.line((*at.path, "first", index)))
            note = f"place {index + 1} of the {len(plan.sources)} that `first:` names"
            return replace(made, position=plan.sources[index].text, note=note)
        origin = Origin.EACH if plan.sources[0].segment is None else Origin.ELEMENT
        return self._taken(origin, at)

    def _taken(self, origin: Origin, at: At, line: MapLine | None = None) -> FieldTrace:
        """Trace a value that was made of a text; `line` says where it stands, if the field not."""
        text = at.told.made_of if isinstance(at.told, Converted) else ""
        line = line or self.lines.place(at.path)
        position = said(line)
        applied = self.lines.applied(at.path, text, to_word=True)
        if isinstance(text, ReadText):
            place = placed(text, self.received, self.delimiters)
            return FieldTrace(at.pointer, origin, at.value, place, line, position, applied)
        note = f"the map says that the qualifier is {text}: no element does"
        origin = Origin.QUALIFIER
        return FieldTrace(at.pointer, origin, at.value, None, line, position, applied, note)

    def _said(self, plan: LeafPlan | PairPlan, at: At) -> FieldTrace:
        """Trace a value that no element gave."""
        touch = self.touched.get(names_of(at.pointer))
        if touch is not None:
            return self._reworked(at, touch)
        leaf = plan if isinstance(plan, LeafPlan) else None
        if leaf is not None and leaf.expression is not None and at.value != leaf.default:
            line = self.lines.line((*at.path, "expr"))
            note = "computed from other fields"
            return FieldTrace(at.pointer, Origin.EXPRESSION, at.value, None, line, note=note)
        if leaf is not None and leaf.fixed is not None:
            line, note = self.lines.line((*at.path, "value")), "the map says so in any case"
            return FieldTrace(at.pointer, Origin.VALUE, at.value, None, line, note=note)
        sources = plan.sources if isinstance(plan, LeafPlan) else (plan.segment,)
        places = ", ".join(source.text for source in sources)
        note = f"nothing to take stands at {places}" if places else "nothing gives another value"
        line = self.lines.line((*at.path, "default"))
        return FieldTrace(at.pointer, Origin.DEFAULT, at.value, None, line, places, note=note)

    def _reworked(self, at: At, touch: Touch) -> FieldTrace:
        """Trace a value that was changed after reading, by what stood at its place before."""
        own = f"{at.pointer.rpartition('/')[0]}/{touch.own}"
        before = (value_at(at.before, at.pointer), value_at(at.before, own))
        text = next((one.made_of for one in before if isinstance(one, Converted)), None)
        place = None
        if isinstance(text, ReadText):
            place = placed(text, self.received, self.delimiters)
        line, note = self.lines.line(touch.path), f"`{touch.option}:` of {touch.own}, after reading"
        if touch.option == "otherwise":
            note = "`otherwise:` computes it, since the set says nothing"
        return FieldTrace(at.pointer, Origin.REWORK, at.value, place, line, note=note)

    def _split(self, at: At, keys: tuple[str, ...], source: At) -> FieldTrace:
        """Trace a value that `split:` sets, from one allocation or the sum of several."""
        line, note = self.lines.line(("split", *keys)), "set from the allocations of this part"
        made = FieldTrace(at.pointer, Origin.SPLIT, at.value, None, line, note=note)
        text = at.told.made_of if isinstance(at.told, Converted) and not at.changed else None
        if not isinstance(text, ReadText):
            return made
        place = placed(text, self.received, self.delimiters)
        applied = self.lines.applied(source.path, text, to_word=True)
        return replace(made, place=place, applied=applied)

    def _unmapped(self, at: At) -> _Found:
        """Yield what each scalar of the list is: a text of the set, or the name of its place."""
        if isinstance(at.value, dict):
            for name in at.names:
                yield from self._unmapped(at.member(name))
        elif isinstance(at.value, list):
            for one in at.items:
                yield from self._unmapped(one)
        else:
            place, note = None, "names the place of what no field takes"
            if isinstance(at.told, ReadText):
                place, note = placed(at.told, self.received, self.delimiters), "no field takes it"
            yield FieldTrace(at.pointer, Origin.UNMAPPED, at.value, place, None, note=note)


def said(line: MapLine) -> str:
    """Return what a line of a map says, without the word before it."""
    return line.says.partition(": ")[2]


def _in_slot(made: FieldTrace, slots: Sequence[Slot]) -> FieldTrace:
    """Name the pair, among those of a range, that a value is of."""
    if made.place is None:
        return made
    return replace(made, position=slot_position(made.place, slots) or made.position)


def slot_position(place: SetPlace, slots: Sequence[Slot]) -> str:
    """Return the pair that an element belongs to as a map may write it; empty for none."""
    for slot in slots:
        if place.element in (slot.qualifier, slot.value):
            if slot.qualifier is None:
                return f"{slot.fixed}={place.segment}{slot.value:02d}"
            return f"{place.segment}{slot.qualifier:02d}/{slot.value:02d}"
    return ""


def chosen(places: Sequence[Place], text: ReadText, separator: str) -> int:
    """Return which of several places a text is of."""
    own = text.standing
    for index, place in enumerate(places):
        tag = place.segment.tag if place.segment else own.row[0]
        same = (tag, place.element, place.component) == (own.row[0], own.element, own.component)
        tests = place.segment.tests if place.segment else ()
        if same and all(test.holds(list(own.row), separator) for test in tests):
            return index
    return 0


def below(pointer: str, name: str) -> str:
    """Return the JSON Pointer of a member."""
    return f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
