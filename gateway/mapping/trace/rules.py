"""The plan of a map with rules that keep what they convert, and texts that know who says them."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from gateway.mapping.conversions import Scalar
from gateway.mapping.kinds import Fit
from gateway.mapping.plan import (
    ConstantPlan,
    FieldPlan,
    JsonValue,
    LeafPlan,
    MapPlan,
    ObjectPlan,
    PairPlan,
    PairsPlan,
    ValueRule,
)
from gateway.mapping.trace.model import Reason
from gateway.mapping.trace.texts import Why, WrittenText, converted
from gateway.yaml_source import Path


def traced(plan: MapPlan) -> MapPlan:
    """Return a plan that reads and writes the same, and remembers why."""
    return replace(plan, root=_object(plan.root, ()), provable=False)


def _object(plan: ObjectPlan, path: Path) -> ObjectPlan:
    fields = tuple(_field(member, (*path, "fields", member.name)) for member in plan.fields)
    constants = tuple(_constant(one, path) for one in plan.constants)
    return replace(plan, fields=fields, constants=constants)


def _constant(plan: ConstantPlan, path: Path) -> ConstantPlan:
    why = Why(Reason.CONSTANT, path=(*path, "constants", plan.place.text))
    return replace(plan, value=WrittenText(plan.value, why))


def _field(plan: FieldPlan, path: Path) -> FieldPlan:
    if isinstance(plan, ObjectPlan):
        return _object(plan, path)
    if isinstance(plan, LeafPlan):
        return _leaf(plan, path)
    if isinstance(plan, PairPlan):
        why = Why(Reason.QUALIFIER, path=(*path, "qualifier"))
        qualifiers = tuple(WrittenText(one, why) for one in plan.qualifiers)
        return replace(plan, rule=_kept(plan.rule), qualifiers=qualifiers)
    if isinstance(plan, PairsPlan):
        shared = tuple(_leaf(leaf, (*path, "fields", leaf.name)) for leaf in plan.shared)
        qualifier, value = plan.qualifier, plan.value
        return replace(
            plan,
            qualifier=(qualifier[0], _kept(qualifier[1])),
            value=(value[0], _kept(value[1])),
            shared=shared,
        )
    return replace(plan, rule=_kept(plan.rule))


def _leaf(plan: LeafPlan, path: Path) -> LeafPlan:
    why = Why(Reason.WITH, path=(*path, "with"))
    along = tuple((element, WrittenText(text, why)) for element, text in plan.along)
    default: JsonValue = plan.write_default
    if isinstance(default, str):
        default = WrittenText(default, Why(Reason.WRITE_DEFAULT, path=(*path, "write_default")))
    return replace(plan, rule=_kept(plan.rule), along=along, write_default=default)


def _kept(rule: ValueRule) -> ValueRule:
    """Return a rule that keeps the text with the value; written is what it always was."""
    convert = rule.read

    def read(text: str) -> Scalar:
        value = text if convert is None else convert(text)
        # It stands in a document for as long as that is being traced, and for nobody else.
        return cast("Scalar", converted(value, text))

    return ValueRule(read, rule.write, gives=rule.gives, fits=Fit.UNSURE)
