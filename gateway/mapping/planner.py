"""From a resolved map to a plan: every field is checked, all problems at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from gateway.mapping import own_values, places, proof
from gateway.mapping.checker import Checker, idle, texts_of
from gateway.mapping.document_shape import DocumentShape
from gateway.mapping.grammar import PLACES, ConstantSpec, FieldSpec
from gateway.mapping.places import Level
from gateway.mapping.plan import (
    ConstantPlan,
    FieldPlan,
    Ignored,
    JsonValue,
    LeafPlan,
    ObjectPlan,
    PairPlan,
    PairsPlan,
    Place,
    PlannedCondition,
    ValueRule,
    ValuesPlan,
)
from gateway.mapping.ports import SegmentShape
from gateway.mapping.positions import (
    Position,
    PositionError,
    Slot,
    Step,
    parse,
    parse_pairs,
)
from gateway.mapping.shared_plans import PlannedField, SharedPlans, Site, Spot
from gateway.yaml_source import suggestion


@dataclass(slots=True)
class Planner:
    """Plans field by field; a field with a problem is left out of the plan."""

    check: Checker
    shared: SharedPlans

    def fields(self, entries: Mapping[str, FieldSpec | str], spot: Spot) -> tuple[FieldPlan, ...]:
        """Plan the fields of one object."""
        site = self.shared.site(spot)
        specs = {name: as_spec(entry) for name, entry in entries.items()}
        planned = [self._member(name, specs, site) for name in specs]
        members = [one for one in planned if one is not None]
        self._note(members)
        return tuple([one.plan for one in members])

    def _note(self, members: Sequence[PlannedField]) -> None:
        """Note what the members of an object found, as if they had been planned now."""
        check = self.check
        for one in members:
            check.provable = check.provable and one.provable
            for asked, found in one.asked.items():
                # The siblings of a field are members of this object, and its own affair.
                if asked[0] != "sibling":
                    check.asked[asked] = found

    def _member(self, name: str, specs: Mapping[str, FieldSpec], site: Site) -> PlannedField | None:
        """Return a field that was made of the same, or plan it; None after a problem."""
        check, spec = self.check, specs[name]
        key = (name, id(spec))
        known = site.known.find(key, lambda asked: check.found(asked, specs))
        if known is not None:
            return known
        outside, before = (check.asked, check.provable), len(check.problems)
        check.asked, check.provable = {}, True
        plan = self._planned(name, specs, site)
        asked, provable = check.asked, check.provable
        check.asked, check.provable = outside
        if plan is None or len(check.problems) > before:
            return None
        made = PlannedField(name, spec, plan, asked, provable)
        site.known.put(key, asked, made, spec)
        return made

    def _planned(self, name: str, specs: Mapping[str, FieldSpec], site: Site) -> FieldPlan | None:
        spec = specs[name]
        shape = site.spot.shape.member(name)
        if shape is None and spec.expr and spec.write_only:
            shape = site.spot.shape.entry  # Written only: no member of the document is meant.
        if shape is None:
            hint = suggestion(name, site.spot.shape.members)
            inner = site.spot.member(name, site.spot.shape)
            self.check.report(inner, f"the document's model has no field '{name}'{hint}")
            return None
        return self._field(name, spec, site.spot.member(name, shape, specs))

    def _field(self, name: str, spec: FieldSpec, spot: Spot) -> FieldPlan | None:
        """Plan one field by the place it has."""
        fault = _misfit(spec) or idle(spec)
        if fault:
            self.check.report(spot, fault)
            return None
        if spec.pairs is not None:
            return self._pairs(name, spec, spot)
        if spec.each is not None:
            return self._each(name, spec, spot)
        if spec.fields is not None:
            return self._object(name, spec, spot)
        return self._leaf(name, spec, spot)

    def _object(self, name: str, spec: FieldSpec, spot: Spot) -> FieldPlan | None:
        many = "array" in spot.shape.kinds
        if not self.check.kind(spot, "array" if many else "object"):
            return None
        key, text = ("level", _levels(spec.level)) if spec.level else ("in", spec.in_ or "")
        position = self.check.position(text, spot, key) if text else Position("")
        if position is None:
            return None
        if many and not position.steps:
            self.check.report(
                spot, "the document's model has a list here: `in:`, `each:` or `level:` is missing"
            )
            return None
        try:
            steps = places.loop_steps(position, spot.level) if text else ()
            level = spot.level.outside(position).inside(steps)
        except PositionError as fault:
            self.check.report(spot, str(fault), key)
            return None
        return self._filled(name, spec, replace(spot, level=level), many=many, position=position)

    def _filled(
        self, name: str, spec: FieldSpec, spot: Spot, *, many: bool, position: Position
    ) -> ObjectPlan:
        """Plan the members of an object whose loop is known."""
        shape = spot.shape.entry if many else spot.shape
        inner = replace(
            spot,
            path=(*spot.path, "fields"),
            shown=spot.shown + ("[]" if many else ""),
            shape=shape,
        )
        fields = self.fields(spec.fields or {}, inner)
        if not spec.write_only:
            self._whole(spec, spot, required_members(shape, fields))
        return ObjectPlan(
            name, spot.shown, fields, position.up, position.steps, many,
            constants=self.constants(spec.constants or {}, spot),
            ignored=self.ignored(spec.ignore or [], spot),
            required=spec.required, reads=not spec.write_only, writes=not spec.read_only,
            needs=self.check.members_of(shape),
        )  # fmt: skip

    def _whole(self, spec: FieldSpec, spot: Spot, missing: list[str]) -> None:
        """Report an object that could never be had, since it lacks what the model requires."""
        for member in missing:
            if member not in (spec.fields or {}):
                message = f"the document's model requires '{member}' here, which no field fills"
                self.check.report(spot, message)

    def _each(self, name: str, spec: FieldSpec, spot: Spot) -> FieldPlan | None:
        if not self.check.kind(spot, "array"):
            return None
        if spec.each == ".":
            made = self._filled(name, spec, spot, many=True, position=Position(""))
            return replace(made, many=False, wrapped=True)
        found = self.check.segment(spec.each or "", spot, "each")
        if found is None:
            return None
        segment, shape = found
        if shape.tag in (segment.loops[-1].tag if segment.loops else "", _own(segment, spot.level)):
            return self._each_loop(name, spec, spot, segment=segment, shape=shape)
        inner = replace(spot, level=replace(spot.level, segment=shape))
        if spec.fields is None:
            elements = self._elements(spec, inner)
            rule = self.check.rule(spec, replace(inner, shape=spot.shape.entry))
            if elements is None or rule is None:
                return None
            return ValuesPlan(
                name, spot.shown, segment, elements, rule,
                spec.required, not spec.write_only, not spec.read_only,
            )  # fmt: skip
        made = self._filled(name, spec, inner, many=True, position=Position(""))
        return replace(made, many=False, segment=segment)

    def _each_loop(
        self, name: str, spec: FieldSpec, spot: Spot, *, segment: Place, shape: SegmentShape
    ) -> FieldPlan | None:
        """Plan a list over a segment that starts its loop, and so stands once in each.

        What is a segment in one version starts a loop in another: a map need not know. Entries are
        the loops, or the one loop that the list is in.
        """
        if spec.fields is None:
            message = f"{shape.tag} stands once, as the first segment of its loop: expected fields"
            self.check.report(spot, message, "each")
            return None
        position = Position(segment.text, segment.up, segment.loops)
        level = spot.level.outside(position).inside(segment.loops)
        inner = replace(spot, level=replace(level, first=shape, segment=None))
        made = self._filled(name, spec, inner, many=True, position=position)
        return made if segment.loops else replace(made, many=False, wrapped=True)

    def _elements(self, spec: FieldSpec, spot: Spot) -> tuple[int, ...] | None:
        numbers: list[int] = []
        for index, text in enumerate(texts_of(spec.at)):
            found = self.check.place(
                text, spot, "at", *([index] if isinstance(spec.at, list) else [])
            )
            if found is None:
                return None
            numbers.append(found.element)
        return tuple(numbers)

    def _pairs(self, name: str, spec: FieldSpec, spot: Spot) -> FieldPlan | None:
        found = self._pair_slots(spec, spot)
        if found is None:
            return None
        segment, shape, slots = found
        if spec.qualifier is not None:
            rule = self.check.rule(spec, spot)
            qualifiers = tuple(spec.qualifier.split("|"))
            if rule is None:
                return None
            default = self._default(spec, spot)
            rule = proof.with_constants(rule, (default,), spot.shape)
            return PairPlan(
                name, spot.shown, segment, slots, qualifiers, rule, default,
                spec.required, not spec.write_only, not spec.read_only,
            )  # fmt: skip
        if not self.check.kind(spot, "array"):
            return None
        return self._pair_entries(name, spec, spot, (segment, shape, slots))

    def _pair_slots(
        self, spec: FieldSpec, spot: Spot
    ) -> tuple[Place, SegmentShape, tuple[Slot, ...]] | None:
        try:
            return self._known_pairs(spec, spot.level)
        except PositionError as fault:
            self.check.report(spot, str(fault), "pairs")
            return None

    def _known_pairs(
        self, spec: FieldSpec, level: Level
    ) -> tuple[Place, SegmentShape, tuple[Slot, ...]]:
        tag, slots = parse_pairs(texts_of(spec.pairs))
        if spec.each is None and level.segment is not None:
            if tag not in (None, level.segment.tag):
                raise PositionError(f"the pairs are in {tag}, not in {level.segment.tag}")
            here = Place("", 0, (), None, True, 0)
            return here, level.segment, self._known_slots(slots, level.segment)
        if spec.each is None and tag is None and level.first is not None:
            tag = level.first.tag
        if spec.each is None and tag is None:
            raise PositionError("the pairs name no segment, such as PO106/07..24/25")
        position = parse(spec.each) if spec.each else Position(tag or "", 0, (Step(tag or ""),))
        segment, shape = places.segment_place(position, level)
        if tag not in (None, shape.tag):
            raise PositionError(f"the pairs are in {tag}, but `each:` names {shape.tag}")
        return segment, shape, self._known_slots(slots, shape)

    def _known_slots(self, slots: tuple[Slot, ...], shape: SegmentShape) -> tuple[Slot, ...]:
        for slot in slots:
            last = max(slot.value, slot.qualifier or 0)
            if last > len(shape.elements):
                count = len(shape.elements)
                message = f"{shape.tag} has {count} elements, there is no element {last:02d}"
                raise PositionError(message)
        return slots

    def _pair_entries(
        self, name: str, spec: FieldSpec, spot: Spot,
        found: tuple[Place, SegmentShape, tuple[Slot, ...]],
    ) -> FieldPlan | None:  # fmt: skip
        segment, shape, slots = found
        members: Mapping[str, FieldSpec | str] = spec.fields or {
            "scheme": "qualifier", "value": "value"
        }  # fmt: skip
        two: dict[str, tuple[str, ValueRule]] = {}
        others: dict[str, FieldSpec | str] = {}
        inner = replace(
            spot, path=(*spot.path, "fields"), shown=spot.shown + "[]", shape=spot.shape.entry,
            level=replace(spot.level, segment=shape),
        )  # fmt: skip
        for member, entry in members.items():
            one = as_spec(entry)
            if one.at not in ("qualifier", "value"):
                others[member] = entry
                continue
            rule = self._member_rule(member, one, inner)
            if rule is not None:
                two[str(one.at)] = (member, rule)
        shared = tuple(plan for plan in self.fields(others, inner) if isinstance(plan, LeafPlan))
        if set(two) != {"qualifier", "value"}:
            self.check.report(
                spot, "pairs need a field at `qualifier` and one at `value`", "fields"
            )
            return None
        return PairsPlan(
            name, spot.shown, segment, slots, two["qualifier"], two["value"], shared,
            spec.each is not None, spec.required, not spec.write_only, not spec.read_only,
            self.check.members_of(spot.shape.entry),
        )  # fmt: skip

    def _member_rule(self, member: str, spec: FieldSpec, spot: Spot) -> ValueRule | None:
        shape = spot.shape.member(member)
        inner = spot.member(member, shape or spot.shape)
        if shape is None:
            hint = suggestion(member, spot.shape.members)
            self.check.report(inner, f"the document's model has no field '{member}'{hint}")
            return None
        return self.check.rule(spec, inner)

    def _leaf(self, name: str, spec: FieldSpec, spot: Spot) -> FieldPlan | None:
        before = len(self.check.problems)
        sources = self._sources(spec, spot)
        target = sources[0] if sources else None
        if spec.write_to is not None:
            target = self.check.place(spec.write_to, spot, "write_to")
        rule = self.check.rule(spec, spot)
        expression = self.check.expression(spec, spot)
        if rule is not None and spec.value is not None:
            self.check.words((spec.value,), spot, "value")
        when = self._conditions(spec, spot)
        along = tuple(sorted(self._along(spec, spot, target)))
        default, fixed = self._default(spec, spot), own_values.typed(spec.value, spot.shape)
        if rule is None or len(self.check.problems) > before:
            return None
        return LeafPlan(
            name, spot.shown, sources, target,
            proof.with_constants(rule, (default, fixed), spot.shape), default, spec.write_default,
            spec.required, when, along, not spec.write_only, not spec.read_only, expression, fixed,
        )  # fmt: skip

    def _sources(self, spec: FieldSpec, spot: Spot) -> tuple[Place, ...]:
        if isinstance(spec.at, list):
            self.check.report(spot, "a list of positions needs `each:` or `first:`", "at")
            return ()
        if spec.first is not None:
            found = [self.check.place(text, spot, "first", i) for i, text in enumerate(spec.first)]
        else:
            found = [self.check.place(text, spot, "at") for text in texts_of(spec.at)]
        return tuple(one for one in found if one is not None)

    def _default(self, spec: FieldSpec, spot: Spot) -> JsonValue:
        if spec.default is not None:
            self.check.words((spec.default,), spot, "default")
        return own_values.typed(spec.default, spot.shape)

    def _along(self, spec: FieldSpec, spot: Spot, target: Place | None) -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        for key, text in (spec.with_ or {}).items():
            if not (key.isascii() and key.isdigit() and len(key) <= 2) or target is None:
                self.check.report(spot, f"'{key}' is no element number, such as 03", "with", key)
                continue
            try:
                steps = (target.segment,) if target.segment else ()
                position = Position(target.text, target.up, (*target.loops, *steps), int(key))
                places.place(position, spot.level)
                found.append((int(key), text))
            except PositionError as fault:
                self.check.report(spot, str(fault), "with", key)
        return found

    def _conditions(self, spec: FieldSpec, spot: Spot) -> tuple[PlannedCondition, ...]:
        planned = [self.check.condition(text, spot, "when") for text in texts_of(spec.when)]
        return tuple(condition for condition in planned if condition is not None)

    def constants(
        self, entries: Mapping[str, ConstantSpec | str], spot: Spot
    ) -> tuple[ConstantPlan, ...]:
        """Plan the elements that are written always."""
        planned: list[ConstantPlan] = []
        for text, entry in entries.items():
            spec = ConstantSpec(value=entry, read="check") if isinstance(entry, str) else entry
            found = self.check.place(text, spot, "constants", text)
            if found is not None:
                planned.append(ConstantPlan(found, spec.value, spec.read == "check"))
        return tuple(planned)

    def ignored(self, texts: list[str], spot: Spot) -> tuple[Ignored, ...]:
        """Plan what is deliberately not mapped."""
        planned: list[Ignored] = []
        for index, text in enumerate(texts):
            try:
                planned.append(places.ignored(parse(text), spot.level))
            except PositionError as fault:
                self.check.report(spot, str(fault), "ignore", index)
        return tuple(planned)


def as_spec(entry: FieldSpec | str) -> FieldSpec:
    """Return a field written as a bare position in its full form."""
    return entry if isinstance(entry, FieldSpec) else _at(entry)


@lru_cache(maxsize=8192)
def _at(position: str) -> FieldSpec:
    """Return the field at a position: the very same one each time."""
    return FieldSpec(at=position)


def _levels(text: str | None) -> str:
    """Write `S/O` as the loops it stands for."""
    test = "HL[03={}]"
    return "/".join(test.format(code) for code in (text or "").split("/"))


_ALONE = {"at", "first", "value", "expr", "in", "level"}

_SINGLE = {"at", "first", "value", "expr"}
"""Places of one value, which has no members."""


def _own(segment: Place, level: Level) -> str:
    """Return the first segment of the loop that a list over a segment stands in, if it is in it."""
    return "" if segment.up or segment.loops else level.shape.trigger


def _misfit(spec: FieldSpec) -> str:
    """Say which keys of a field do not go together."""
    written = [
        key
        for key in ("at", "first", "in", "each", "pairs", "level", "value", "expr")
        if getattr(spec, {"in": "in_"}.get(key, key)) is not None
    ]
    places_written = [key for key in written if key in _ALONE]
    if spec.expr is not None and not (spec.read_only or spec.write_only):
        return "an expression goes one way: say `read_only: true` or `write_only: true`"
    if spec.expr is not None and spec.write_only:
        places_written.remove("expr")
        if spec.at is None:
            return "an expression that is written needs `at:`"
    elif len(places_written) > 1:
        return f"`{places_written[0]}:` and `{places_written[1]}:` exclude each other"
    single = next((key for key in written if key in _SINGLE), None)
    if single and spec.fields is not None:
        return f"`{single}:` and `fields:` exclude each other"
    if not written and spec.fields is None:
        return f"no place is given, such as {', '.join(f'`{key}:`' for key in PLACES)}"
    if (spec.in_ or spec.level or spec.each == ".") and spec.fields is None:
        return f"`{'in:' if spec.in_ else 'level:' if spec.level else 'each: .'}` needs `fields:`"
    if spec.each is not None and spec.pairs is None and (spec.fields is None) == (spec.at is None):
        return "`each:` needs either `fields:` or `at:`"
    if spec.read_only and spec.write_only:
        return "`read_only:` and `write_only:` exclude each other"
    return ""


def required_members(shape: DocumentShape, plans: tuple[FieldPlan, ...]) -> list[str]:
    """Return the members that the model requires and no plan reads."""
    filled = {plan.name for plan in plans if plan.reads}
    return [name for name in shape.required if name not in filled]
