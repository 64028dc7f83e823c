"""A group's acknowledgment to the segments of a 997 or 999, AK1 to AK9, and back.

Both have the same elements at the same places. Of a 999 the notes and verdicts are IK3 to IK5, and
CTX may say more of each note.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from gateway.acks.context import read_context, write_context
from gateway.acks.forms import FIRST_VERSION_WITH_999
from gateway.acks.model import (
    Context,
    ElementNote,
    GroupAcknowledgment,
    SegmentNote,
    SetAcknowledgment,
    Status,
)
from gateway.acks.places import joined, place_of
from gateway.x12.envelope import as_number, element_of
from gateway.x12.model import ControlNumber, Delimiters, Segment, TransactionSet


def write_group(acknowledgment: GroupAcknowledgment, delimiters: Delimiters) -> list[Segment]:
    """Return what stands between ST and SE."""
    one = acknowledgment
    writer = _Writer(
        delimiters,
        one.version >= FIRST_VERSION_WITH_999,
        "IK" if one.set_id == "999" else "AK",
    )
    first = ["AK1", one.functional_id, one.control_number]
    segments: list[Segment] = [[*first, one.group_version] if writer.later else first]
    for of_set in one.sets:
        segments += writer.of_set(of_set)
    counts = (one.declared, one.received, one.accepted)
    segments.append(["AK9", one.status.value, *map(str, counts), *one.codes])
    return segments


@dataclass(frozen=True, slots=True)
class _Writer:
    delimiters: Delimiters
    later: bool
    """Whether the version has AK203 and the repetition in AK401."""
    prefix: str
    """What the ids of notes begin with: AK, or IK in a 999."""

    def of_set(self, one: SetAcknowledgment) -> Iterator[Segment]:
        header = ["AK2", one.set_id, one.control_number]
        yield [*header, one.convention] if self.later and one.convention else header
        for note in one.segments:
            place = (note.segment_id, str(note.position), note.loop, note.code)
            yield [f"{self.prefix}3", *place]
            yield from self._contexts(note.contexts)
            for element in note.elements:
                yield self._element(element)
                yield from self._contexts(element.contexts)
        yield [f"{self.prefix}5", one.status.value, *one.codes]

    def _contexts(self, contexts: Iterable[Context]) -> Iterator[Segment]:
        if self.prefix == "IK":
            for one in contexts:
                yield write_context(one, self.delimiters)

    def _element(self, note: ElementNote) -> Segment:
        repetition = note.repetition if self.later else None
        place = joined(note.position, note.component, repetition, self.delimiters)
        return [f"{self.prefix}4", place, note.data_element, note.code, note.value]


def read_group(transaction_set: TransactionSet, version: str = "") -> GroupAcknowledgment | None:
    """Return what a received 997 or 999 says, or None where it lacks AK1 or AK9.

    `version` is GS08 of its own group; without it the version is that of the group it speaks of.

    Validation against the schema says what is wrong with it; here whatever can be understood is.
    """
    segments = transaction_set.segments
    first = next((segment for segment in segments if segment[0] == "AK1"), None)
    last = next((segment for segment in segments if segment[0] == "AK9"), None)
    if first is None or last is None:
        return None
    group_version = element_of(first, 3)
    return GroupAcknowledgment(
        element_of(first, 1),
        ControlNumber(element_of(first, 2)),
        _status(element_of(last, 1)),
        _count(last, 2),
        _count(last, 3),
        _count(last, 4),
        _read_codes(last[5:10]),
        tuple(_read_sets(segments, transaction_set.delimiters)),
        version or group_version or "004010",
        "999" if transaction_set.set_id == "999" else "997",
        group_version,
    )


@dataclass(slots=True)
class _Noted:
    """A segment that notes something, and what stands behind it."""

    segment: Segment
    contexts: list[Context] = field(default_factory=list)


@dataclass(slots=True)
class _OpenSet:
    header: Segment | None = None
    notes: list[tuple[_Noted, list[_Noted]]] = field(default_factory=list)
    """Each note of a segment, with those of its elements."""
    last: _Noted | None = None
    """What a CTX that comes next is about."""

    def note(self, segment: Segment) -> None:
        self.last = _Noted(segment)
        self.notes.append((self.last, []))

    def element(self, segment: Segment) -> None:
        if self.notes:
            self.last = _Noted(segment)
            self.notes[-1][1].append(self.last)


def _read_sets(segments: Iterable[Segment], delimiters: Delimiters) -> list[SetAcknowledgment]:
    sets: list[SetAcknowledgment] = []
    opened = _OpenSet()
    for segment in segments:
        match segment[0]:
            case "AK2":
                opened = _OpenSet(segment)
            case "AK3" | "IK3":
                opened.note(segment)
            case "AK4" | "IK4":
                opened.element(segment)
            case "CTX" if opened.last is not None:
                opened.last.contexts.append(read_context(segment, delimiters))
            case "AK5" | "IK5" if opened.header is not None:
                sets.append(_read_set(opened.header, opened, segment, delimiters))
                opened = _OpenSet()
    return sets


def _read_set(
    header: Segment, opened: _OpenSet, trailer: Segment, delimiters: Delimiters
) -> SetAcknowledgment:
    return SetAcknowledgment(
        element_of(header, 1),
        ControlNumber(element_of(header, 2)),
        _status(element_of(trailer, 1)),
        _read_codes(trailer[2:7]),
        tuple(
            SegmentNote(
                element_of(noted.segment, 1),
                _count(noted.segment, 2),
                element_of(noted.segment, 4),
                element_of(noted.segment, 3),
                tuple(_read_element(element, delimiters) for element in elements),
                tuple(noted.contexts),
            )
            for noted, elements in opened.notes
        ),
        element_of(header, 3),
    )


def _read_element(noted: _Noted, delimiters: Delimiters) -> ElementNote:
    segment = noted.segment
    position, component, repetition = place_of(element_of(segment, 1), delimiters)
    return ElementNote(
        position or 0,
        element_of(segment, 3),
        component,
        repetition,
        element_of(segment, 2),
        element_of(segment, 4),
        tuple(noted.contexts),
    )


def _read_codes(elements: Sequence[str]) -> tuple[str, ...]:
    return tuple(code for code in elements if code)


def _count(segment: Segment, position: int) -> int:
    return as_number(element_of(segment, position)) or 0


def _status(code: str) -> Status:
    """Return what AK501 or AK901 means: all but A, E and P is some kind of rejection (M, W, X)."""
    return Status(code) if code in ("A", "E", "P") else Status.REJECTED
