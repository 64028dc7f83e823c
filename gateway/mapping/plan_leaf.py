"""The plan of one value: from where it is taken, how it is converted, under which conditions."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.mapping import own_values, places, proof
from gateway.mapping.checker import Checker, texts_of
from gateway.mapping.grammar import FieldSpec
from gateway.mapping.plan import JsonValue, LeafPlan, Place, PlannedCondition
from gateway.mapping.positions import Position, PositionError
from gateway.mapping.shared_plans import Spot


@dataclass(slots=True)
class LeafPlanner:
    """Plans fields that have one value."""

    check: Checker

    def leaf(self, name: str, spec: FieldSpec, spot: Spot) -> LeafPlan | None:
        """Plan one value; None after a problem."""
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
        default, fixed = self.default(spec, spot), own_values.typed(spec.value, spot.shape)
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

    def default(self, spec: FieldSpec, spot: Spot) -> JsonValue:
        """Return the value where the set says nothing; note what the model would not take."""
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
