"""Lists everything that is wrong inside one segment: the readable form of its rules.

The generated checks of `gateway.x12.compile` only say whether a segment is sound; this module is
asked where they say no, and is what they are tested against.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import NamedTuple

from gateway.findings import Finding, FindingCode, Location
from gateway.x12.binary import LENGTH_AT, data_of, stated_length
from gateway.x12.data_types import PERIOD, PERIOD_FORMAT, period_fault, value_fault
from gateway.x12.model import Delimiters, Segment, TransactionSet
from gateway.x12.schema import ElementUse, SegmentUse, SyntaxNote
from gateway.x12.syntax_notes import SYNTAX_NOTES, expectation, note_code

ENVELOPE_SEGMENTS = frozenset({"ST", "SE"})
"""Their elements are judged with the envelope, by the reader."""
LOOP_START, LOOP_END = "LS", "LE"
"""The segments around a loop that could not be told from what follows without them."""
RELATED_SEGMENTS = frozenset({LOOP_END, *LENGTH_AT})
"""Segments whose values have to agree with each other, or with another segment's."""
MOST_FINDINGS = 10_000
"""Faults of one transaction set that are listed: more than any person reads, and a bound for
what is no such set at all. Of what comes after them it is said that nobody looked at it."""


class _Spot(NamedTuple):
    """A place within the segment; turned into a Location only where something is wrong."""

    element: int
    component: int | None = None
    repetition: int | None = None


def explain_segment(
    use: SegmentUse,
    segment: Segment,
    place: Location,
    delimiters: Delimiters,
    *,
    opened_by: Segment | None = None,
) -> list[Finding]:
    """Return the findings of a segment whose place is known, in the order of its elements.

    `opened_by` is the LS of a loop, where the segment is its LE.
    """
    if use.tag in ENVELOPE_SEGMENTS:
        return []
    if not any(segment[1:]):
        return [Finding(FindingCode.SEGMENT_EMPTY, place, None, "expected at least one element")]
    explanation = _Explanation(segment, place, delimiters)
    findings = list(islice(explanation.findings(use), MOST_FINDINGS + 1))
    if use.tag in LENGTH_AT:
        findings += explanation.length_stated(use)
    if opened_by is not None and not findings:
        findings += explanation.end_of(use, opened_by)
    findings.sort(key=lambda finding: finding.location.element or 0)
    return findings


def unsupported(one: TransactionSet, because: str) -> Finding:
    """Return the finding, at its ST, that a set cannot be judged, or not to its end."""
    place = Location(
        one.interchange_control_number,
        one.group_control_number,
        one.control_number,
        segment_position=1,
        segment_id="ST",
        offset=one.offsets[0],
    )
    return Finding(FindingCode.TRANSACTION_SET_NOT_SUPPORTED, place, one.set_id, because)


def bounded(findings: list[Finding], one: TransactionSet) -> list[Finding]:
    """Return findings, of too many the first, and that nobody looked at what comes after them."""
    if len(findings) <= MOST_FINDINGS:
        return findings
    because = f"more than {MOST_FINDINGS} faults: what follows the last that is listed was not read"
    return [unsupported(one, because), *findings[:MOST_FINDINGS]]


@dataclass(frozen=True, slots=True)
class _Explanation:
    segment: Segment
    place: Location
    delimiters: Delimiters

    def findings(self, use: SegmentUse) -> Iterator[Finding]:
        values = self.segment[1:]
        yield from self._too_many(use, values)
        for element, value in zip(use.elements, _filled(values, len(use.elements)), strict=True):
            yield from self._element(element, value)
        yield from self._notes(use.notes, use.elements, values, None)
        yield from self._periods(use, values)

    def _periods(self, use: SegmentUse, values: Sequence[str]) -> Iterator[Finding]:
        """Hold days and times against the format that the element before them names."""
        for form, element in period_pairs(use.elements[: len(values)]):
            value = values[element.position - 1]
            fault = period_fault(values[form.position - 1], value) if value else None
            if fault is not None:
                yield self._wrong(element, _Spot(element.position), fault[0], value, fault[1])

    def length_stated(self, use: SegmentUse) -> Iterator[Finding]:
        """Hold the data of a binary segment against the length that it states."""
        stated, length = stated_length(self.segment), len(data_of(self.segment))
        element = use.element(LENGTH_AT[use.tag] + 1)
        if element is None or stated is None or not length or length == stated:
            return
        short = length < stated
        code = FindingCode.ELEMENT_TOO_SHORT if short else FindingCode.ELEMENT_TOO_LONG
        said = self._at(_Spot(element.position - 1)).reference
        expected = f"expected {stated} bytes, as {said} says, found {length}"
        yield Finding(code, self._at(_Spot(element.position)), None, expected, element.number)

    def end_of(self, use: SegmentUse, opened_by: Segment) -> Iterator[Finding]:
        """Hold the identifier of a loop's end against that of its start."""
        element, identifier = use.element(1), "".join(opened_by[1:2])
        if element is not None and identifier and self.segment[1] != identifier:
            code = FindingCode.CODE_NOT_IN_LIST
            expected = f"expected {identifier}, as in the LS that opens the loop"
            yield self._wrong(element, _Spot(1), code, self.segment[1], expected)

    def _too_many(self, use: SegmentUse, values: Sequence[str]) -> Iterator[Finding]:
        # Separators without values after the last element say nothing: they are tolerated.
        for position, value in enumerate(values[len(use.elements) :], len(use.elements) + 1):
            if value:
                expected = f"expected at most {len(use.elements)} elements"
                code = FindingCode.TOO_MANY_ELEMENTS
                yield Finding(code, self._at(_Spot(position)), value, expected)
                return

    def _element(self, element: ElementUse, value: str) -> Iterator[Finding]:
        spot = _Spot(element.position)
        # A composite without any component is absent, however many separators stand for it.
        if not (value.strip(self.delimiters.component) if element.components else value):
            if element.requirement == "M":
                yield self._missing(element, spot)
            return
        if element.type == "B":  # any byte is data
            yield from self._value(element, value, spot)
            return
        separator = self.delimiters.repetition
        repetitions = value.split(separator) if separator else [value]
        if len(repetitions) > element.repeat:
            expected = f"expected at most {element.repeat}"
            yield self._wrong(element, spot, FindingCode.TOO_MANY_REPETITIONS, value, expected)
        for number, repetition in enumerate(repetitions, 1):
            repeated = spot._replace(repetition=number) if len(repetitions) > 1 else spot
            yield from self._repetition(element, repetition, repeated)

    def _repetition(self, element: ElementUse, value: str, spot: _Spot) -> Iterator[Finding]:
        components = value.split(self.delimiters.component)
        if element.components:
            yield from self._composite(element, components, spot)
        elif len(components) > 1:
            expected = "expected no component separator"
            yield self._wrong(element, spot, FindingCode.TOO_MANY_COMPONENTS, value, expected)
        else:
            yield from self._value(element, value, spot)

    def _composite(
        self, element: ElementUse, values: Sequence[str], spot: _Spot
    ) -> Iterator[Finding]:
        if any(values[len(element.components) :]):
            whole = self.delimiters.component.join(values)
            expected = f"expected at most {len(element.components)} components"
            yield self._wrong(element, spot, FindingCode.TOO_MANY_COMPONENTS, whole, expected)
        filled = _filled(values, len(element.components))
        for component, value in zip(element.components, filled, strict=True):
            within = spot._replace(component=component.position)
            if value:
                yield from self._value(component, value, within)
            elif component.requirement == "M":
                yield self._missing(component, within)
        yield from self._notes(element.notes, element.components, values, spot)

    def _notes(
        self,
        notes: Sequence[SyntaxNote],
        elements: Sequence[ElementUse],
        values: Sequence[str],
        composite: _Spot | None,
    ) -> Iterator[Finding]:
        def present(position: int) -> bool:
            # A composite is present when any of its components is.
            return position <= len(values) and bool(
                values[position - 1].strip(self.delimiters.component)
            )

        def place(position: int) -> Location:
            spot = composite._replace(component=position) if composite else _Spot(position)
            return self._at(spot)

        def name(position: int) -> str:
            return place(position).reference

        for note in notes:
            for position in SYNTAX_NOTES[note.kind](note.positions, present):
                value = values[position - 1] if present(position) else None
                number = elements[position - 1].number
                expected = expectation(note, name)
                yield Finding(note_code(note), place(position), value, expected, number)

    def _value(self, element: ElementUse, value: str, spot: _Spot) -> Iterator[Finding]:
        fault = value_fault(element, value)
        if fault is not None:
            yield self._wrong(element, spot, fault[0], value, fault[1])

    def _wrong(
        self, element: ElementUse, spot: _Spot, code: FindingCode, value: str, expected: str
    ) -> Finding:
        return Finding(code, self._at(spot), value, expected, element.number)

    def _missing(self, element: ElementUse, spot: _Spot) -> Finding:
        code = FindingCode.MANDATORY_ELEMENT_MISSING
        return Finding(code, self._at(spot), None, f"expected {element.name}", element.number)

    def _at(self, spot: _Spot) -> Location:
        offset = self.place.offset
        if offset is not None:
            before = self.segment[: spot.element]
            # What is missing after the end belongs where its segment ends: one byte further the
            # terminator would be behind it, and with it the next segment.
            past_the_end = spot.element >= len(self.segment)
            offset += sum(map(len, before)) + len(before) - past_the_end
        return replace(
            self.place,
            element=spot.element,
            repetition=spot.repetition,
            component=spot.component,
            offset=offset,
        )


def period_pairs(elements: Sequence[ElementUse]) -> Iterator[tuple[ElementUse, ElementUse]]:
    """Yield each element that is written in a format, after the one that names the format."""
    for form, element in pairwise(elements):
        if form.number == PERIOD_FORMAT and element.number == PERIOD:
            yield form, element


def _filled(values: Sequence[str], length: int) -> list[str]:
    return [*values[:length], *[""] * (length - len(values))]
