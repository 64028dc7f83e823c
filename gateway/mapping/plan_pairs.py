"""The plan of qualifier/value pairs: of one value among them, or of a list of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from gateway.mapping import places, proof
from gateway.mapping.checker import texts_of
from gateway.mapping.field_keys import as_spec
from gateway.mapping.grammar import FieldSpec
from gateway.mapping.places import Level
from gateway.mapping.plan import FieldPlan, LeafPlan, PairPlan, PairsPlan, Place, ValueRule
from gateway.mapping.plan_leaf import LeafPlanner
from gateway.mapping.ports import SegmentShape
from gateway.mapping.positions import Position, PositionError, Slot, Step, parse, parse_pairs
from gateway.mapping.shared_plans import Spot
from gateway.yaml_source import suggestion

Fields = Callable[[Mapping[str, FieldSpec | str], Spot], tuple[FieldPlan, ...]]
"""Plans the fields of an object."""


@dataclass(slots=True)
class PairPlanner(LeafPlanner):
    """Plans fields whose values stand beside their qualifiers."""

    fields: Fields

    def pairs(self, name: str, spec: FieldSpec, spot: Spot) -> PairPlan | PairsPlan | None:
        """Plan one value among pairs, or a list of all; None after a problem."""
        found = self._pair_slots(spec, spot)
        if found is None:
            return None
        segment, shape, slots = found
        if spec.qualifier is not None:
            rule = self.check.rule(spec, spot)
            qualifiers = tuple(spec.qualifier.split("|"))
            if rule is None:
                return None
            default = self.default(spec, spot)
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
    ) -> PairsPlan | None:  # fmt: skip
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
