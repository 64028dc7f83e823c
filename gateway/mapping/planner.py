"""From a resolved map to a plan: every field is checked, all problems at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.mapping import places
from gateway.mapping.checker import Checker, idle, texts_of
from gateway.mapping.document_shape import DocumentShape
from gateway.mapping.field_keys import as_spec, misfit
from gateway.mapping.grammar import ConstantSpec, FieldSpec
from gateway.mapping.places import Level
from gateway.mapping.plan import (
    ConstantPlan,
    FieldPlan,
    Ignored,
    ObjectPlan,
    Place,
    ValuesPlan,
)
from gateway.mapping.plan_leaf import LeafPlanner
from gateway.mapping.plan_pairs import PairPlanner
from gateway.mapping.ports import SegmentShape
from gateway.mapping.positions import Position, PositionError, parse
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
        fault = misfit(spec) or idle(spec)
        if fault:
            self.check.report(spot, fault)
            return None
        if spec.pairs is not None:
            return PairPlanner(self.check, self.fields).pairs(name, spec, spot)
        if spec.each is not None:
            return self._each(name, spec, spot)
        if spec.fields is not None:
            return self._object(name, spec, spot)
        return LeafPlanner(self.check).leaf(name, spec, spot)

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


def _levels(text: str | None) -> str:
    """Write `S/O` as the loops it stands for."""
    test = "HL[03={}]"
    return "/".join(test.format(code) for code in (text or "").split("/"))


def _own(segment: Place, level: Level) -> str:
    """Return the first segment of the loop that a list over a segment stands in, if it is in it."""
    return "" if segment.up or segment.loops else level.shape.trigger


def required_members(shape: DocumentShape, plans: tuple[FieldPlan, ...]) -> list[str]:
    """Return the members that the model requires and no plan reads."""
    filled = {plan.name for plan in plans if plan.reads}
    return [name for name in shape.required if name not in filled]
