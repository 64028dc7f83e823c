"""The part of a generated writer that counts and sums what it has written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.mapping.emitter import Emitter
from gateway.mapping.fast_places import NoFastWriterError, Places, Scope
from gateway.mapping.places import HIERARCHY_LOOP
from gateway.mapping.plan import ComputedPlan, Place


@dataclass(slots=True)
class Totals:
    """Writes what loops give to counters and totals as they close, and the totals at the end."""

    out: Emitter
    places: Places
    plans: Sequence[ComputedPlan]
    names: dict[int, str] = field(default_factory=dict)
    """The variable that gathers what a total is made of, by the plan's identity."""

    def begin(self) -> None:
        """Write the beginning of what gathers, and make sure that the places of totals are known.

        Raises NoFastWriterError for a total that stands, or asks, where no variable says enough.
        """
        for plan in self.plans:
            step = plan.place.segment
            if plan.kind == "counter" or step is None or step.tests or len(plan.place.loops) > 1:
                raise NoFastWriterError(f"{plan.place.text} is no total of the whole set")
            if any(factor.segment is None or factor.segment.tests for factor in plan.factors):
                raise NoFastWriterError(f"{plan.place.text} has a factor among several segments")
            if any(one.tests for one in plan.loops[:-1]):
                raise NoFastWriterError(f"{plan.place.text} counts in selected loops")
            name = self.names[id(plan)] = self.out.fresh("c")
            self.out.put(f"{name} = {'0' if plan.kind == 'count' else '[]'}")

    def prepare(self) -> None:
        """Make sure of the loops and segments that totals stand in, once all others are known."""
        for plan in self.plans:
            scope = self.target(plan)
            self.places.single(scope, _tag(plan.place))
            if scope.parent is not None:
                self.places.late.add(scope.number)
                same = [one for one in scope.parent.inner if one.step.tag == scope.step.tag]
                if len(same) > 1 or any(_matches(scope, one) for one in self.plans):
                    raise NoFastWriterError(f"{plan.place.text} may stand in several loops")

    def target(self, plan: ComputedPlan) -> Scope:
        """Return the scope that a total stands in."""
        root = self.places.root
        return self.places.named(root, plan.place.loops[0]) if plan.place.loops else root

    def closing(self, scope: Scope) -> None:
        """Write what one loop gives to totals."""
        for plan in self.plans:
            if not _matches(scope, plan):
                continue
            tests = plan.loops[-1].tests if plan.loops else ()
            first = scope.first
            asked = [f"({self.out.test(one, first, f'len({first})')})" for one in tests]
            if asked:
                self.out.put(f"if {' and '.join(asked)}:")
                self.out.indent += 1
            self.gather(plan, scope)
            self.out.indent -= bool(asked)

    def gather(self, plan: ComputedPlan, scope: Scope) -> None:
        """Write the adding of one loop to a total."""
        name = self.names[id(plan)]
        if plan.kind == "count":
            self.out.put(f"{name} += {self.count(plan, scope)}")
            return
        texts = [self.text(factor, scope) for factor in plan.factors]
        if len(texts) == 1:
            self.out.put(f"if t := {texts[0]}: {name}.append((t,))")
        else:
            self.out.put(f"{name}.append(({', '.join(texts)}))")

    def count(self, plan: ComputedPlan, scope: Scope) -> str:
        """Return the expression for what a loop adds to a count: itself, or its segments."""
        if not plan.factors:
            return "1"
        tag = _tag(plan.factors[0])
        if tag in scope.rows:
            return f"len({scope.rows[tag]} or ())"
        if tag in scope.singles:
            return f"({scope.singles[tag]} is not None)"
        return "1" if scope.parent is not None and tag == scope.step.tag else "0"

    def text(self, place: Place, scope: Scope) -> str:
        """Return the expression for one element of a loop, empty text where it is not there."""
        tag, element = _tag(place), place.element
        if tag in scope.rows:
            rows = scope.rows[tag]
            there = f"{rows} and len({rows}[0]) > {element}"
            return f"({rows}[0][{element}] if {there} else '')"
        if scope.parent is not None and tag == scope.step.tag:
            first = scope.first
            return f"({first}[{element}] if len({first}) > {element} else '')"
        if tag not in scope.singles:
            return "''"
        single = scope.singles[tag]
        return f"({single}[{element}] if {single} and len({single}) > {element} else '')"

    def ending(self) -> None:
        """Write the totals into their places."""
        for plan in self.plans:
            name, tag, element = self.names[id(plan)], _tag(plan.place), plan.place.element
            scope = self.target(plan)
            variable = self.places.single(scope, tag)
            there = scope.name if variable == scope.first and scope.parent else variable
            rule = self.out.constant("R", plan.rule)
            found = f"str({name})" if plan.kind == "count" else f"total({name}, {rule})"
            self.out.put(f"t = {found}")
            tests = ["t is not None", f"({there} is not None or t != '0')"]
            if plan.when is not None:
                holds, about = self.out.constant("H", plan.when.holds), plan.when.field or ""
                value = f"(u := document.get({about!r}))"
                tests.append(f"{holds}(None if {value} is None else str(u))")
            self.out.put(f"if {' and '.join(tests)}:")
            self.out.indent += 1
            if scope.parent is not None:
                self.out.put(f"if {scope.name} is None:")
                self.out.indent += 1
                self.places.begin(scope)
                self.out.indent -= 1
            if variable != scope.first or scope.parent is None:
                self.out.put(f"if {variable} is None: {variable} = {[tag]!r}")
            self.out.put(f"put_free({variable}, {element}, t)")
            self.out.indent -= 1


def _tag(place: Place) -> str:
    return place.segment.tag if place.segment else ""


def _matches(scope: Scope, plan: ComputedPlan) -> bool:
    """Say whether a loop is one of those that a total asks for; its predicates are not looked at.

    HL levels stand in a row when totals are made: a level in a level is one of the set.
    """
    tags: list[str] = []
    one: Scope | None = scope
    while one is not None and one.parent is not None:
        level_in_level = one.step.tag == HIERARCHY_LOOP == (tags[0] if tags else "")
        if not level_in_level:
            tags.insert(0, one.step.tag)
        one = one.parent
    return tags == [step.tag for step in plan.loops]
