"""The part of a generated writer that writes single values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.mapping.emitter import QUANTITIES, Emitter
from gateway.mapping.fast_objects import TEXT, Own
from gateway.mapping.fast_parts import BLANKS
from gateway.mapping.fast_places import Chain, NoFastWriterError, Places, Scope
from gateway.mapping.plan import (
    ConstantPlan,
    FieldPlan,
    LeafPlan,
    Place,
    PlannedCondition,
    ValueRule,
)
from gateway.mapping.rivals import Rivals
from gateway.mapping.values import write_decimal, write_integer
from gateway.mapping.write_values import is_plain, setter


@dataclass(frozen=True, slots=True)
class Spot:
    """Where fields are written: the loops around, the segment in hand, the object they are of."""

    chain: Chain
    segment: str
    own: Own


@dataclass(slots=True)
class Members:
    """Writes the code of single values."""

    out: Emitter
    places: Places
    ahead: Mapping[int, Rivals]

    def text(self, rule: ValueRule) -> None:
        """Write the conversion of `v` into the text `t`."""
        write = rule.write
        if write is None:
            self.out.put("t = v")  # That it is text shows when all text is joined.
        elif rule.words is not None:
            self.out.put(f"t = {self.out.function('w', rule.words.get, rule.words)}(v, v)")
        else:
            name = self.out.function("c", write, write)
            call = f"{name}(v) if type(v) is str else text_of({name}, v)"
            if write is write_decimal:
                call = f"v if v in {self.out.function('q', QUANTITIES, QUANTITIES)} else {call}"
            elif write is write_integer:
                call = f"str(v) if type(v) is int and -1 < v < 1000000000 else {call}"
            self.out.put(f"t = {call}")

    def constant(self, plan: ConstantPlan, spot: Spot) -> None:
        """Write an element that is written always, where nothing else is."""
        self.out.put(f"t = {plan.value!r}")
        self.placed(plan.place, (), spot)

    def leaf(self, plan: LeafPlan, spot: Spot) -> None:
        """Write one value."""
        if plan.target is None:
            self.fixed(plan, spot)
        elif is_plain(plan):
            self.plain(plan, plan.target, spot)
        else:
            self.chosen(plan, plan.target, spot)

    def fixed(self, plan: LeafPlan, spot: Spot) -> None:
        """Write the comparison of a field that has a value of its own."""
        spot.own.open(plan.name, None)
        self.out.put(
            "pass" if plan.fixed is None else f"if v != {plan.fixed!r}: raise NeedsCareError"
        )
        spot.own.close()

    def plain(self, plan: LeafPlan, place: Place, spot: Spot) -> None:
        """Write a value that is simply one element."""
        bare = plan.rule.write is None
        silent = TEXT if bare else None
        spot.own.open(plan.name, silent)
        text = "v"
        if not bare:
            self.text(plan.rule)
            self.out.put("if t:")
            self.out.indent += 1
            text = "t"
        self.element(place, text, spot)
        if not bare:
            self.out.indent -= 1
            self.out.put("elif t != '': raise NeedsCareError")
        spot.own.close(required=plan.required)

    def element(self, place: Place, text: str, spot: Spot) -> None:
        """Write the setting of an element, most of which follow the one before."""
        number = place.element
        segment = self.places.segment(spot.chain, spot.segment, place)
        self.out.put(f"if (i := len({segment})) == {number}: {segment}.append({text})")
        if 1 < number < len(BLANKS):
            blanks = f"BLANKS[i:{number}]"
            self.out.put(f"elif i < {number}: {segment} += {blanks}; {segment}.append({text})")
        self.out.put(f"else: put_free({segment}, {number}, {text})")

    def chosen(self, plan: LeafPlan, target: Place, spot: Spot) -> None:
        """Write a value under conditions, with a default, or with several places to go to."""
        self.value(plan, target, spot)
        tests = ["t", *(self.condition(one, spot) for one in plan.when)]
        self.out.put(f"if {' and '.join(tests)}:")
        self.out.indent += 1
        depth = self.out.indent
        for place in (target, *(one for one in plan.sources if one != target)):
            done = self.placed(place, plan.along, spot)
            self.out.put(f"if not {done}:")
            self.out.indent += 1
        self.out.put("raise NeedsCareError")
        self.out.indent = depth - 1

    def value(self, plan: LeafPlan, target: Place, spot: Spot) -> None:
        """Write the computing of a text that may be a default or an expression."""
        name = plan.name
        if plan.expression is not None:
            expression = self.out.constant("E", plan.expression)
            self.out.put(f"v = {expression}({spot.own.name}, document)")
        else:
            spot.own.value(name)
            if plan.required:
                self.out.put("if v is None: raise NeedsCareError")
        self.out.put("if v is not None:")
        self.out.indent += 1
        self.text(plan.rule)
        self.out.put("if type(t) is not str: raise NeedsCareError")
        self.out.indent -= 1
        if plan.write_default is not None:
            found = self.find(target, spot)
            self.out.put(f"else: t = {str(plan.write_default)!r} if {found} else ''")
        else:
            self.out.put("else: t = ''")

    def find(self, place: Place, spot: Spot) -> str:
        """Return the expression that finds the segment of a place, and makes nothing."""
        step = place.segment
        if step is None:
            return spot.segment
        scope: Scope = spot.chain[-1 - place.up]
        there: list[str] = []
        for one in place.loops:
            scope = self.places.named(scope, one)
            if scope not in spot.chain:
                there.append(f"{scope.name} is not None")
        if place.single:
            variable = self.places.single(scope, step.tag)
            rows = f"({variable},)"
            if variable != scope.first:
                there.append(f"{variable} is not None")
        else:
            rows = f"{self.places.row(scope, step.tag)} or ()"
        tests = self.out.constant("Q", step.tests)
        found = f"first_row({rows}, {tests})"
        return f"({found} if {' and '.join(there)} else ())" if there else found

    def condition(self, plan: PlannedCondition, spot: Spot) -> str:
        """Return the expression that asks for a condition."""
        holds = self.out.constant("H", plan.holds)
        if plan.place is None:
            own = "document" if plan.root else spot.own.name
            found = f"u := {own}.get({plan.field or ''!r})"
            return f"{holds}(None if ({found}) is None else str(u))"
        element, component = plan.place.element, plan.place.component
        found = self.find(plan.place, spot)
        return f"{holds}(element_text(list({found}), {element}, {component}, separator) or None)"

    def placed(self, place: Place, along: Sequence[tuple[int, str]], spot: Spot) -> str:
        """Write the setting of an element that may be taken; return what says whether it is set."""
        segment = self.places.segment(spot.chain, spot.segment, place)
        done, put = self.out.fresh("d"), self.out.constant("P", setter(place, along))
        if place.component is None:
            self.out.put(f"{done} = {put}({segment}, t, separator)")
        else:
            self.out.put(
                f"{done} = put_component({segment}, t, ({place.element}, {put}), "
                "(separator, composites))"
            )
        return done

    def lookalike(self, plan: FieldPlan, segment: str) -> None:
        """Write the case that an entry looks like another field: its place has to be settled."""
        rivals = self.ahead.get(id(plan))
        if rivals is None:
            return
        known = [*rivals.own, *(test for rival in rivals.others for test in rival.step.tests)]
        if any(test.component is not None for test in known):
            raise NoFastWriterError("a predicate about a component chooses before a list")
        tests: list[str] = []
        for element, table in rivals.by_code:
            codes = self.out.constant("L", frozenset(table))
            tests.append(f"(len({segment}) > {element} and {segment}[{element}] in {codes})")
        for rival in rivals.others:
            holds = [f"({self.out.test(one, segment, f'len({segment})')})" for one in
                     rival.step.tests]  # fmt: skip
            tests.append(f"({' and '.join(holds) or 'True'})")
        for one in rivals.own:
            tests.append(f"not ({self.out.test(one, segment, f'len({segment})')})")
        self.out.put(f"if {' or '.join(tests)}: raise NeedsCareError")

    def opened(self, own: str, chain: Chain, segment: str) -> Spot:
        """Write the beginning of an object."""
        made = Own(self.out, own)
        made.begin()
        return Spot(chain, segment, made)
