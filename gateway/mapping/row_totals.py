"""Whether the totals of a row agree with what they count and add up.

The plain ones are told here, from the numbers of the places. Where one does not agree, or is not
plain, `gateway.mapping.computed` looks at the tree, and makes the finding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.mapping.computed import same_number, whole_sum
from gateway.mapping.emitter import QUANTITIES
from gateway.mapping.plan import ComputedPlan, MapPlan, Place
from gateway.mapping.ports import Row
from gateway.mapping.positions import Step
from gateway.mapping.row_places import Span, span_of

Agree = Callable[[Row], bool]


@dataclass(frozen=True, slots=True)
class _Total:
    place: int
    """Number of the place of the segment that tells the total."""
    element: int
    counted: int
    """Number of the place of what is counted, or of what is added up."""
    added: int | None
    """The element that is added up; None where segments are counted."""

    def agrees(self, row: Row) -> bool:
        segments, route, _ = row
        try:
            told = segments[route.index(self.place)]
        except ValueError:
            return True
        text = told[self.element] if len(told) > self.element else ""
        if not text:
            return True
        if self.added is None:
            return same_number(text, str(route.count(self.counted)))
        at, counted, total, place = self.added, self.counted, 0, -1
        try:
            # All are small whole numbers, as nearly always; looked for as bytes are, at once.
            for _ in range(route.count(counted)):
                place = route.index(counted, place + 1)
                total += QUANTITIES[segments[place][at]]
        except LookupError:
            texts = self._texts(row, at)
            whole = whole_sum(texts) if texts else text
        else:
            whole = text if place < 0 else str(total)
        return whole is not None and same_number(text, whole)

    def _texts(self, row: Row, element: int) -> list[str]:
        return [
            segment[element]
            for segment, number in zip(*row[:2], strict=False)
            if number == self.counted and len(segment) > element and segment[element]
        ]


def agreement(plan: MapPlan) -> Agree:
    """Return what says yes to rows of which every total agrees for certain."""
    span = span_of(plan.shape)
    totals = [_total(one, span) for one in plan.computed]
    plain = [one for one in totals if one is not None]
    if len(plain) < len(totals):
        return lambda _row: False

    def agree(row: Row) -> bool:
        for one in plain:  # noqa: SIM110 - a generator would take longer than what it asks
            if not one.agrees(row):
                return False
        return True

    return agree


def _total(plan: ComputedPlan, span: Span) -> _Total | None:
    place, loops = plan.place, plan.loops
    told = _number(place, place.loops, span)
    if plan.kind == "counter" or told is None or place.loops or len(plan.factors) > 1:
        return None
    if plan.rule.write is not None or any(step.tests or step.occurrence for step in loops):
        return None
    added = plan.factors[0] if plan.factors else None
    counted = _number(added, loops, span)
    if counted is None or (added is not None and plan.kind == "sum" and not added.single):
        return None
    element = added.element if added is not None and plan.kind == "sum" else None
    return _Total(told, place.element, counted, element)


def _number(place: Place | None, loops: Sequence[Step], span: Span) -> int | None:
    """Return the number of a segment in a loop, or of the loop; None where it is not plain."""
    for step in loops:
        if step.tag not in span.loops:
            return None
        span = span.loops[step.tag]
    if place is None:
        return span.first
    step_ = place.segment
    if step_ is None or step_.tests or step_.occurrence:
        return None
    return span.segments.get(step_.tag)
