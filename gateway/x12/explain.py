"""Lists everything that is wrong inside one segment: the readable form of its rules.

The generated checks of `gateway.x12.compile` only say whether a segment is sound; this module is
asked where they say no, and is what they are tested against.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gateway.findings import Finding, FindingCode, Location
from gateway.x12.data_types import value_fault
from gateway.x12.model import Delimiters, Segment
from gateway.x12.schema import ElementUse, SegmentUse, SyntaxNote
from gateway.x12.syntax_notes import SYNTAX_NOTES, expectation, note_code

ENVELOPE_SEGMENTS = frozenset({"ST", "SE"})
"""Their elements are judged with the envelope, by the reader."""


def explain_segment(
    use: SegmentUse, segment: Segment, place: Location, delimiters: Delimiters
) -> list[Finding]:
    """Return the findings of a segment whose place is known, in the order of its elements."""
    if use.tag in ENVELOPE_SEGMENTS:
        return []
    if not any(segment[1:]):
        return [Finding(FindingCode.SEGMENT_EMPTY, place, None, "expected at least one element")]
    findings = list(_Explanation(segment, place, delimiters).findings(use))
    findings.sort(key=lambda finding: finding.location.element or 0)
    return findings


@dataclass(frozen=True, slots=True)
class _Explanation:
    segment: Segment
    place: Location
    delimiters: Delimiters

    def findings(self, use: SegmentUse) -> Iterator[Finding]:
        values = self.segment[1:]
        yield from self._too_many(use, values)
        for element, value in zip(use.elements, _filled(values, len(use.elements)), strict=True):
            yield from self._element(element, value, self._at(element.position))
        yield from self._notes(use.notes, use.elements, values, None)

    def _too_many(self, use: SegmentUse, values: Sequence[str]) -> Iterator[Finding]:
        # Separators without values after the last element say nothing: they are tolerated.
        for position, value in enumerate(values[len(use.elements) :], len(use.elements) + 1):
            if value:
                expected = f"expected at most {len(use.elements)} elements"
                code = FindingCode.TOO_MANY_ELEMENTS
                yield Finding(code, self._at(position), value, expected)
                return

    def _element(self, element: ElementUse, value: str, place: Location) -> Iterator[Finding]:
        # A composite without any component is absent, however many separators stand for it.
        if not (value.strip(self.delimiters.component) if element.components else value):
            if element.requirement == "M":
                yield _missing(element, place)
            return
        separator = self.delimiters.repetition
        repetitions = value.split(separator) if separator else [value]
        if len(repetitions) > element.repeat:
            code = FindingCode.TOO_MANY_REPETITIONS
            expected = f"expected at most {element.repeat}"
            yield Finding(code, place, value, expected, element.number)
        for number, repetition in enumerate(repetitions, 1):
            where = replace(place, repetition=number) if len(repetitions) > 1 else place
            yield from self._repetition(element, repetition, where)

    def _repetition(self, element: ElementUse, value: str, place: Location) -> Iterator[Finding]:
        components = value.split(self.delimiters.component)
        if element.type == "composite":
            yield from self._composite(element, components, place)
        elif len(components) > 1 and element.type != "B":
            code = FindingCode.TOO_MANY_COMPONENTS
            yield Finding(code, place, value, "expected no component separator", element.number)
        else:
            yield from _value(element, value, place)

    def _composite(
        self, element: ElementUse, values: Sequence[str], place: Location
    ) -> Iterator[Finding]:
        if any(values[len(element.components) :]):
            code = FindingCode.TOO_MANY_COMPONENTS
            expected = f"expected at most {len(element.components)} components"
            yield Finding(
                code, place, self.delimiters.component.join(values), expected, element.number
            )
        filled = _filled(values, len(element.components))
        for component, value in zip(element.components, filled, strict=True):
            where = replace(place, component=component.position)
            if value:
                yield from _value(component, value, where)
            elif component.requirement == "M":
                yield _missing(component, where)
        yield from self._notes(element.notes, element.components, values, place)

    def _notes(
        self,
        notes: Sequence[SyntaxNote],
        elements: Sequence[ElementUse],
        values: Sequence[str],
        composite: Location | None,
    ) -> Iterator[Finding]:
        def present(position: int) -> bool:
            # A composite is present when any of its components is.
            return position <= len(values) and bool(
                values[position - 1].strip(self.delimiters.component)
            )

        def name(position: int) -> str:
            return self._at(position, composite).reference

        for note in notes:
            for position in SYNTAX_NOTES[note.kind](note.positions, present):
                value = values[position - 1] if present(position) else None
                where = self._at(position, composite)
                number = elements[position - 1].number
                yield Finding(note_code(note), where, value, expectation(note, name), number)

    def _at(self, position: int, composite: Location | None = None) -> Location:
        if composite is not None:
            return replace(composite, component=position)
        offset = self.place.offset
        if offset is not None:
            before = self.segment[:position]
            offset += sum(map(len, before)) + len(before)
        return replace(self.place, element=position, offset=offset)


def _filled(values: Sequence[str], length: int) -> list[str]:
    return [*values[:length], *[""] * (length - len(values))]


def _missing(element: ElementUse, place: Location) -> Finding:
    code = FindingCode.MANDATORY_ELEMENT_MISSING
    return Finding(code, place, None, f"expected {element.name}", element.number)


def _value(element: ElementUse, value: str, place: Location) -> Iterator[Finding]:
    fault = value_fault(element, value)
    if fault is not None:
        yield Finding(fault[0], place, value, fault[1], element.number)
