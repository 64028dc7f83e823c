"""A group's acknowledgment to the segments of a 997, AK1 to AK9, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.acks.model import (
    ElementNote,
    GroupAcknowledgment,
    SegmentNote,
    SetAcknowledgment,
    Status,
)
from gateway.x12.envelope import as_number, element_of
from gateway.x12.model import ControlNumber, Delimiters, Segment, TransactionSet

FIRST_VERSION_WITH_VERSIONS = "005010"
"""From here on AK103 names the version, and AK401 the repetition."""


def write997(acknowledgment: GroupAcknowledgment, delimiters: Delimiters) -> list[Segment]:
    """Return what stands between ST and SE."""
    later = acknowledgment.version >= FIRST_VERSION_WITH_VERSIONS
    first = ["AK1", acknowledgment.functional_id, acknowledgment.control_number]
    segments: list[Segment] = [[*first, acknowledgment.version] if later else first]
    for one in acknowledgment.sets:
        segments.append(["AK2", one.set_id, one.control_number])
        for note in one.segments:
            segments.append(["AK3", note.segment_id, str(note.position), note.loop, note.code])
            segments += [
                _write_element(element, delimiters, later=later) for element in note.elements
            ]
        segments.append(["AK5", one.status.value, *one.codes])
    counts = (acknowledgment.declared, acknowledgment.received, acknowledgment.accepted)
    segments.append(["AK9", acknowledgment.status.value, *map(str, counts), *acknowledgment.codes])
    return segments


def _write_element(note: ElementNote, delimiters: Delimiters, *, later: bool) -> Segment:
    parts = [str(note.position), "" if note.component is None else str(note.component)]
    if later and note.repetition is not None:
        parts.append(str(note.repetition))
    place = delimiters.component.join(parts).rstrip(delimiters.component)
    return ["AK4", place, note.data_element, note.code, note.value]


def read997(transaction_set: TransactionSet) -> GroupAcknowledgment | None:
    """Return what a received 997 or 999 says, or None where it lacks AK1 or AK9.

    In a 999 the notes and verdicts are IK3 to IK5, with their elements at the same places.

    Validation against the schema says what is wrong with it; here whatever can be understood is.
    """
    segments = transaction_set.segments
    first = next((segment for segment in segments if segment[0] == "AK1"), None)
    last = next((segment for segment in segments if segment[0] == "AK9"), None)
    if first is None or last is None:
        return None
    return GroupAcknowledgment(
        element_of(first, 1),
        ControlNumber(element_of(first, 2)),
        _status(element_of(last, 1)),
        _count(last, 2),
        _count(last, 3),
        _count(last, 4),
        _read_codes(last[5:10]),
        tuple(_read_sets(segments, transaction_set.delimiters)),
        element_of(first, 3) or "004010",
    )


def _read_sets(segments: Iterable[Segment], delimiters: Delimiters) -> list[SetAcknowledgment]:
    sets: list[SetAcknowledgment] = []
    header: Segment | None = None
    notes: list[tuple[Segment, list[ElementNote]]] = []
    for segment in segments:
        match segment[0]:
            case "AK2":
                header, notes = segment, []
            case "AK3" | "IK3":
                notes.append((segment, []))
            case "AK4" | "IK4" if notes:
                notes[-1][1].append(_read_element(segment, delimiters))
            case "AK5" | "IK5" if header is not None:
                sets.append(_read_set(header, notes, segment))
                header, notes = None, []
    return sets


def _read_set(
    header: Segment, notes: Iterable[tuple[Segment, list[ElementNote]]], trailer: Segment
) -> SetAcknowledgment:
    return SetAcknowledgment(
        element_of(header, 1),
        ControlNumber(element_of(header, 2)),
        _status(element_of(trailer, 1)),
        _read_codes(trailer[2:7]),
        tuple(
            SegmentNote(
                element_of(segment, 1),
                _count(segment, 2),
                element_of(segment, 4),
                element_of(segment, 3),
                tuple(elements),
            )
            for segment, elements in notes
        ),
    )


def _read_element(segment: Segment, delimiters: Delimiters) -> ElementNote:
    place = [as_number(part) for part in element_of(segment, 1).split(delimiters.component)]
    return ElementNote(
        place[0] or 0,
        element_of(segment, 3),
        place[1] if len(place) > 1 else None,
        place[2] if len(place) > 2 else None,
        element_of(segment, 2),
        element_of(segment, 4),
    )


def _read_codes(elements: Sequence[str]) -> tuple[str, ...]:
    return tuple(code for code in elements if code)


def _count(segment: Segment, position: int) -> int:
    return as_number(element_of(segment, position)) or 0


def _status(code: str) -> Status:
    """Return what AK501 or AK901 means: all but A, E and P is some kind of rejection (M, W, X)."""
    return Status(code) if code in ("A", "E", "P") else Status.REJECTED
