"""Writing single values: conversion, conditions, the element they go to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.findings import FindingCode
from gateway.mapping.expressions import ExpressionError
from gateway.mapping.out_tree import finder, impose, locator, put
from gateway.mapping.plan import (
    ConstantPlan,
    Json,
    LeafPlan,
    Place,
    PlannedCondition,
)
from gateway.mapping.positions import element_text
from gateway.mapping.write_run import Here, Run, WriteField


def leaf_writer(plan: LeafPlan) -> WriteField:
    """Return what writes one value."""
    if plan.target is None:
        return _fixed(plan)
    if is_plain(plan):
        return _plain_leaf(plan, plan.target)
    value_of = _value_of(plan)
    candidates = [plan.target, *(one for one in plan.sources if one != plan.target)]
    placers = [_placer(place, plan.along) for place in candidates]
    conditions = [_condition(condition) for condition in plan.when]
    rule, name, fallback = plan.rule, plan.name, plan.write_default

    def write(here: Here, run: Run) -> None:
        value = value_of(here, run)
        if value is None or not all(holds(here, run) for holds in conditions):
            return
        defaulted = value is fallback and fallback is not None
        text = str(value) if defaulted else run.text(rule, value, here, name)
        if text is None or text == "":
            return
        for placer in placers:
            if placer(here, text, run.separator):
                return
        detail = f"{candidates[0].text} holds another value already"
        run.note(FindingCode.VALUE_NOT_CONVERTIBLE, f"{here.pointer}/{name}", detail, value=text)

    return write


def is_plain(plan: LeafPlan) -> bool:
    """Say whether a field is simply one element, whatever else the document says."""
    target = plan.target
    special = plan.when or plan.along or plan.expression or plan.write_default is not None
    if target is None or target.component is not None or special or len(plan.sources) > 1:
        return False
    return not (target.single and target.segment and target.segment.tests)


def _plain_leaf(plan: LeafPlan, place: Place) -> WriteField:
    """Return the short way for the many fields that are simply one element."""
    locate, element = locator(place), place.element
    rule, name, detail = plan.rule, plan.name, f"{place.text} holds another value already"

    def write(here: Here, run: Run) -> None:
        value = here.own.get(name)
        if value is None or value == "":
            return
        text = run.text(rule, value, here, name)
        if not text:
            return
        segment = locate(here.chain, here.segment)
        missing = element - len(segment)
        if missing >= 0:
            segment += [""] * missing
            segment.append(text)
        elif segment[element] in ("", text):
            segment[element] = text
        else:
            pointer = f"{here.pointer}/{name}"
            run.note(FindingCode.VALUE_NOT_CONVERTIBLE, pointer, detail, value=text)

    return write


def _value_of(plan: LeafPlan) -> Callable[[Here, Run], Json]:
    name, fallback, expression = plan.name, plan.write_default, plan.expression
    find = finder(plan.target) if plan.target is not None else None

    def plain(here: Here, run: Run) -> Json:
        value = here.own.get(name)
        if value is not None or fallback is None or find is None:
            return value
        # A default completes a segment that something else has written; it never makes one.
        return fallback if find(here.chain, here.segment) else None

    def computed(here: Here, run: Run) -> Json:
        try:
            return expression(here.own, run.document) if expression else None
        except ExpressionError as fault:
            run.note(FindingCode.VALUE_NOT_CONVERTIBLE, f"{here.pointer}/{name}", str(fault))
            return None

    return computed if expression else plain


def _fixed(plan: LeafPlan) -> WriteField:
    """A field with a value of its own is only compared."""
    name, fixed = plan.name, plan.fixed

    def compare(here: Here, run: Run) -> None:
        value = here.own.get(name)
        if fixed is not None and value is not None and value != fixed:
            detail = f"expected the constant {fixed}"
            run.note(FindingCode.CONSTANT_DIFFERS, f"{here.pointer}/{name}", detail, value=value)

    return compare


Placer = Callable[[Here, str, str], bool]
Setter = Callable[[list[str], str, str], bool]


def _placer(place: Place, along: Sequence[tuple[int, str]]) -> Placer:
    """Return what finds or makes a segment, sets an element and says whether it was free."""
    locate, set_element = locator(place), setter(place, along)

    def place_text(here: Here, text: str, separator: str) -> bool:
        return set_element(locate(here.chain, here.segment), text, separator)

    return place_text


def setter(place: Place, along: Sequence[tuple[int, str]]) -> Setter:
    """Return what sets an element of a segment and says whether it was free."""
    element, component = place.element, place.component
    tests = place.segment.tests if place.segment and place.single else ()

    def set_element(segment: list[str], text: str, separator: str) -> bool:
        if tests and not all(_free_or_same(segment, test.element, test.values) for test in tests):
            return False
        if component is not None:
            return _put_component(segment, element, component, text, separator)
        if len(segment) > element and segment[element] not in ("", text):
            return False
        for test in tests:
            impose(segment, test)
        put(segment, element, text)
        for number, constant in along:
            put(segment, number, constant)
        return True

    return set_element


def _free_or_same(segment: Sequence[str], element: int, values: Sequence[str]) -> bool:
    return len(segment) <= element or segment[element] in ("", *values)


def _put_component(
    segment: list[str], element: int, component: int, text: str, separator: str
) -> bool:
    whole = segment[element] if len(segment) > element else ""
    parts = whole.split(separator) if whole else []
    parts += [""] * (component - len(parts))
    if parts[component - 1] not in ("", text):
        return False
    parts[component - 1] = text
    put(segment, element, separator.join(parts))
    return True


def _condition(plan: PlannedCondition) -> Callable[[Here, Run], bool]:
    name, root = plan.field or "", plan.root
    if plan.place is None:

        def about_field(here: Here, run: Run) -> bool:
            value = (run.document if root else here.own).get(name)
            return plan.holds(None if value is None else str(value))

        return about_field
    find, place = finder(plan.place), plan.place

    def about_element(here: Here, run: Run) -> bool:
        segment = list(find(here.chain, here.segment))
        text = element_text(segment, place.element, place.component, run.separator)
        return plan.holds(text or None)

    return about_element


def constant_writer(plan: ConstantPlan) -> WriteField:
    """Return what writes an element that is written always."""
    placer, value = _placer(plan.place, ()), plan.value

    def write(here: Here, run: Run) -> None:
        placer(here, value, run.separator)

    return write
