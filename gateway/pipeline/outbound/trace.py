"""Which canonical field stands at a place of a transaction set: asked of the map itself.

The set is read with and without a change at that place; the fields that differ are the answer. So
the answer is the map's, whatever conditions, tables and lists it has, and it costs only where
something is wrong. A partner's 997 names a segment by position and an element by number: the same
question.

Many places of one set are asked about together: each gets a value that stands nowhere else, and
the fields that come to hold it are its own. Where that says nothing, a place is asked about by
itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from gateway.pipeline.rulebook import MapReader
from gateway.x12.model import ControlNumber, Delimiters, Segment, TransactionSet
from gateway.x12.validate import SetValidator

_TRIED = ("", "X1", "1", "20260102", "1200")
"""Values of any kind: one of them is not what stands there, and is read as something."""

_ELEMENTS = 16
"""Elements of a segment that is put where one is missing."""


MOST_ALONE = 10
"""Places that are asked about by themselves; each costs some readings of the whole set."""

_FEW = 3
"""So many places are each asked about by themselves: that names more, such as what is missing."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a set: its segment by position and name, and an element of it or all of it."""

    segment_position: int
    segment_id: str
    element: int | None = None


@dataclass(frozen=True, slots=True)
class Tracer:
    """Answers for one transaction set of ours."""

    segments: Sequence[Segment]
    """From ST to SE, so that the first is segment position 1."""
    delimiters: Delimiters
    document_map: MapReader
    validator: SetValidator

    def fields_at(self, places: Sequence[Place]) -> Mapping[Place, str]:
        """Return the fields at places, as `field_at` does; without those where there is none.

        A few readings of the set for however many places.
        """
        left = dict.fromkeys(places)
        found: dict[Place, str] = {}
        if len(left) > _FEW:
            before = self._read(self.segments)
            for marks in _marks(len(left)):
                marked = {
                    mark: place
                    for mark, place in zip(marks, left, strict=False)
                    if place.element is not None
                    and self._is_there(place)
                    # A set without its envelope could not be read at all.
                    and place.segment_id not in ("ST", "SE")
                }
                held = _held(before, self._read(self._marked(marked)), marked)
                for place, pointers in held.items():
                    found[place] = _one_for_all(pointers, before) or _common(pointers)
                left = {place: None for place in left if place not in found}
        for place in [*left][:MOST_ALONE]:
            pointer = self.field_at(place.segment_position, place.segment_id, place.element)
            if pointer is not None:
                found[place] = pointer
        return found

    def _is_there(self, place: Place) -> bool:
        at = place.segment_position - 1
        return 0 <= at < len(self.segments) and self.segments[at][0] == place.segment_id

    def _marked(self, marked: Mapping[str, Place]) -> list[Segment]:
        """Return the set with a mark at each of the places."""
        segments = [*self.segments]
        for mark, place in marked.items():
            at, element = place.segment_position - 1, place.element or 0
            segments[at] = _with(segments[at], element, mark)
        return segments

    def field_at(
        self, segment_position: int, segment_id: str, element: int | None = None
    ) -> str | None:
        """Return the JSON Pointer of the field at a place, or None where there is none.

        Where several fields come from there, it is that of the object that holds them, or of the
        first where that is the whole document. Several that say the same, such as an item's id and
        the SKU that is taken from it, are named by the one that lies deepest.
        """
        if segment_position > len(self.segments):
            return None
        before = self._read(self.segments)
        for changed in self._changes(segment_position, segment_id, element):
            pointers = _differences(before, self._read(changed))
            if pointers:
                return _one_for_all(pointers, before) or _common(pointers)
        return None

    def _changes(
        self, segment_position: int, segment_id: str, element: int | None
    ) -> Iterator[list[Segment]]:
        at = segment_position - 1
        there = at < len(self.segments) and self.segments[at][0] == segment_id
        if not there:
            # By its first element if that says anything, or else by all that it may have.
            for width, value in product((1, _ELEMENTS), _TRIED[1:]):
                segment = [segment_id, *[value] * width]
                yield [*self.segments[:at], segment, *self.segments[at:]]
        elif element is None:
            yield [*self.segments[:at], *self.segments[at + 1 :]]
        else:
            for value in _TRIED:
                segment = _with(self.segments[at], element, value)
                yield [*self.segments[:at], segment, *self.segments[at + 1 :]]

    def _read(self, segments: Sequence[Segment]) -> Mapping[str, object]:
        one = TransactionSet(
            segments=list(segments),
            offsets=[0] * len(segments),
            delimiters=self.delimiters,
            interchange_control_number=ControlNumber("1"),
            group_control_number=ControlNumber("1"),
        )
        tree = self.validator.parse(one).tree
        documents = self.document_map.read(tree, self.delimiters).documents
        return {name: value for name, value in documents[0].items() if name != "unmapped"}


def _with(segment: Segment, element: int, value: str) -> Segment:
    changed = [*segment, *[""] * (element + 1 - len(segment))]
    changed[element] = value
    return changed


def _marks(count: int) -> Iterator[Sequence[str]]:
    """Yield values of any kind, as many different ones of each: text, numbers, dates.

    Dates come round after eight thousand: the map is asked about fewer places.
    """
    yield [f"X{number:05d}Q" for number in range(count)]
    # Ends with no zero: decimals are written without those.
    yield [f"7{number:04d}3" for number in range(count)]
    first = date(2031, 1, 1)
    yield [f"{first + timedelta(days=number):%Y%m%d}" for number in range(count)]


def _held(
    before: Mapping[str, object], after: Mapping[str, object], marked: Mapping[str, Place]
) -> dict[Place, list[str]]:
    """Return which fields have come to hold the mark of which place."""
    held: defaultdict[Place, list[str]] = defaultdict(list)
    for pointer in _differences(before, after):
        text = _text_at(after, pointer)
        place = marked.get("".join(filter(str.isalnum, text or "")))
        if place is not None:
            held[place].append(pointer)
    return held


def _differences(one: object, other: object, pointer: str = "") -> list[str]:
    """Return the JSON Pointers at which two documents differ, deepest first."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return [
            found
            for name in dict.fromkeys((*one, *other))
            for found in _differences(one.get(name), other.get(name), f"{pointer}/{name}")
        ]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            found
            for index, (left, right) in enumerate(zip(one, other, strict=True))
            for found in _differences(left, right, f"{pointer}/{index}")
        ]
    return [] if one == other else [pointer]


def _one_for_all(pointers: Sequence[str], document: Mapping[str, object]) -> str | None:
    """Return the deepest of the pointers where all lead to the same text, or else None."""
    texts = {_text_at(document, pointer) for pointer in pointers}
    if len(texts) > 1 or None in texts:
        return None
    return max(pointers, key=lambda pointer: pointer.count("/"))


def _text_at(document: object, pointer: str) -> str | None:
    found = document
    for name in pointer.split("/")[1:]:
        if isinstance(found, Mapping):
            found = found.get(name)
        elif isinstance(found, list) and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return str(found) if isinstance(found, str | int) else None


def _common(pointers: Sequence[str]) -> str:
    """Return the pointer of what holds all of these; the first where that is the document."""
    parts = [pointer.split("/") for pointer in pointers]
    shared: list[str] = []
    for names in zip(*parts, strict=False):
        if len(set(names)) > 1:
            break
        shared.append(names[0])
    return "/".join(shared) or pointers[0]
