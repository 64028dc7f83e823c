"""What a guide asks of places that no schema can say: by values, forbidden places, patterns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import re2

from gateway.findings import FindingCode
from gateway.x12.data_types import Fault, code_fault, length_fault
from gateway.x12.guides.hits import Hit, last_before
from gateway.x12.guides.limits import TEXT_TYPES
from gateway.x12.guides.overlay import PlacedEntry, codes_of
from gateway.x12.guides.paths import Match, Place, matches
from gateway.x12.model import Delimiters, Loop, Segment
from gateway.x12.schema import ElementUse, LoopUse

Check = Callable[[Loop, Delimiters], Iterator[Hit]]


def check_of(one: PlacedEntry) -> Check:
    """Return what finds the faults that an entry is about, beyond those that its schema finds."""
    entry, element = one.entry, one.place.component or one.place.element
    if element is None:
        return _SegmentCheck(one).hits
    by_value = entry.path.qualified
    length = codes = None
    if entry.length is not None and by_value:
        length = replace(element, minimum=entry.length[0], maximum=entry.length[1])
    if entry.codes is not None and (by_value or element.type not in TEXT_TYPES):
        codes = replace(element, codes=codes_of(element, entry))
    # RE2 answers in linear time, whatever people write and partners send.
    pattern = None if entry.pattern is None else re2.compile(entry.pattern)
    required = by_value and entry.use == "required"
    return _ElementCheck(one, element, required, length, codes, pattern).hits


@dataclass(frozen=True, slots=True)
class _SegmentCheck:
    one: PlacedEntry

    def hits(self, tree: Loop, _delimiters: Delimiters) -> Iterator[Hit]:
        for match in matches(self.one.entry.path, self.one.place, tree):
            yield from self._match(match)

    def _match(self, match: Match) -> Iterator[Hit]:
        entry = self.one.entry
        count, qualified = len(match.segments), entry.path.qualified
        if entry.use == "not_used":
            for segment in match.segments:
                code = FindingCode.SEGMENT_NOT_USED
                yield self._hit(code, segment, f"expected no {self._name}")
            return
        least = entry.minimum or (1 if entry.use == "required" else 0)
        if count == 0 and least and qualified:
            yield from self._missing(match)
        elif 0 < count < least:
            code = self._either(FindingCode.SEGMENT_UNDER_MINIMUM, FindingCode.LOOP_UNDER_MINIMUM)
            yield self._hit(code, match.segments[-1], f"expected at least {least} of {self._name}")
        elif entry.maximum is not None and count > entry.maximum and qualified:
            code = self._either(FindingCode.SEGMENT_OVER_MAXIMUM, FindingCode.LOOP_OVER_MAXIMUM)
            segment = match.segments[entry.maximum]
            yield self._hit(code, segment, f"expected at most {entry.maximum} of {self._name}")

    def _missing(self, match: Match) -> Iterator[Hit]:
        place = self.one.place
        segment = last_before(match.parents[-1], place.level, place.segment.tag)
        if segment is None:
            return  # A loop without any segment: the structure is at fault, and that is said.
        where = f"loop {place.level.id}" if place.level.id else "the set"
        yield Hit(
            FindingCode.MANDATORY_SEGMENT_MISSING,
            segment,
            f"expected {self._name} in {where}",
            missing=place.segment.tag,
            loop=place.level.id,
        )

    @property
    def _name(self) -> str:
        """Name what is meant with its values: `N1*ST`."""
        return self.one.entry.path.text.rsplit("/", 1)[-1]

    def _either(self, of_segment: FindingCode, of_loop: FindingCode) -> FindingCode:
        return of_loop if isinstance(self.one.place.use, LoopUse) else of_segment

    def _hit(self, code: FindingCode, segment: Segment, expected: str) -> Hit:
        return Hit(code, segment, expected, loop=self.one.place.loop.id)


@dataclass(frozen=True, slots=True)
class _ElementCheck:
    one: PlacedEntry
    element: ElementUse
    required: bool
    length: ElementUse | None
    """The element with the lengths that are asked for; None where the schema has them."""
    codes: ElementUse | None
    pattern: re2._Regexp | None

    def hits(self, tree: Loop, delimiters: Delimiters) -> Iterator[Hit]:
        place = self.one.place
        for match in matches(self.one.entry.path, place, tree):
            for segment in match.segments:
                text = _text(place, segment, delimiters)
                if text:
                    yield from self._text(segment, text, delimiters.repetition)
                elif self.required:
                    code = FindingCode.MANDATORY_ELEMENT_MISSING
                    yield self._hit(code, segment, f"expected {self.element.name}", None)

    def _text(self, segment: Segment, text: str, separator: str | None) -> Iterator[Hit]:
        if self.one.entry.use == "not_used":
            yield self._hit(FindingCode.ELEMENT_NOT_USED, segment, "expected nothing here", text)
            return
        for value in text.split(separator) if separator else (text,):
            fault = self._fault(value)
            if fault is not None:
                yield self._hit(fault[0], segment, fault[1], value)

    def _fault(self, value: str) -> Fault | None:
        fault = None
        if self.length is not None:
            # Lengths of numbers count digits only.
            number = self.element.type[0] in "NR"
            counted = value.lstrip("-").replace(".", "") if number else value
            fault = length_fault(self.length, len(counted))
        if fault is None and self.codes is not None:
            fault = code_fault(self.codes, value)
        if fault is None and self.pattern is not None and not self.pattern.fullmatch(value):
            fault = FindingCode.PATTERN_DIFFERS, f"expected what fits {self.one.entry.pattern}"
        return fault

    def _hit(self, code: FindingCode, segment: Segment, expected: str, value: str | None) -> Hit:
        place = self.one.place
        return Hit(
            code,
            segment,
            expected,
            place.element.position if place.element is not None else None,
            place.component.position if place.component is not None else None,
            value,
            self.element.number,
            loop=place.loop.id,
        )


def _text(place: Place, segment: Segment, delimiters: Delimiters) -> str:
    """Return what stands at a place of a segment; nothing for separators alone."""
    if place.element is None or place.element.position >= len(segment):
        return ""
    text = segment[place.element.position]
    if place.component is not None:
        parts = text.split(delimiters.component)
        at = place.component.position
        return parts[at - 1] if at <= len(parts) else ""
    return text if text.strip(delimiters.component) else ""
