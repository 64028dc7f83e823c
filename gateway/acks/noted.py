"""What an acknowledgment notes about a set, as findings at their place in what was sent.

A note names a segment by its position and an element by its number; where what was sent is at hand,
the finding knows its byte and the whole value too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.acks.codes import CodeList
from gateway.acks.context import TRIGGER
from gateway.acks.model import (
    Context,
    ElementNote,
    GroupAcknowledgment,
    InterchangeAcknowledgment,
    SegmentNote,
    SetAcknowledgment,
)
from gateway.acks.words import finding_of, meaning
from gateway.findings import Finding, FindingCode, Location
from gateway.x12.envelope import same_number
from gateway.x12.model import Group, Interchange, InterchangeHeader, TransactionSet

MOST_NOTES = 100
"""Faults of one set that are told; whoever sends more will be asked by telephone."""

SAYS = "the partner says"
"""Whose words a detail begins with, where nobody else is named."""

_IN_ISA: dict[FindingCode, int] = {
    FindingCode.AUTHORIZATION_QUALIFIER_INVALID: 1,
    FindingCode.SECURITY_QUALIFIER_INVALID: 3,
    FindingCode.SENDER_QUALIFIER_INVALID: 5,
    FindingCode.SENDER_ID_INVALID: 6,
    FindingCode.RECEIVER_QUALIFIER_INVALID: 7,
    FindingCode.RECEIVER_ID_INVALID: 8,
    FindingCode.RECEIVER_UNKNOWN: 8,
    FindingCode.INTERCHANGE_DATE_INVALID: 9,
    FindingCode.INTERCHANGE_TIME_INVALID: 10,
    FindingCode.INTERCHANGE_STANDARD_INVALID: 11,
    FindingCode.INTERCHANGE_VERSION_INVALID: 12,
    FindingCode.INTERCHANGE_VERSION_NOT_SUPPORTED: 12,
    FindingCode.INTERCHANGE_CONTROL_NUMBER_INVALID: 13,
    FindingCode.INTERCHANGE_CONTROL_NUMBERS_DIFFER: 13,
    FindingCode.INTERCHANGE_DUPLICATE: 13,
    FindingCode.ACKNOWLEDGMENT_REQUESTED_INVALID: 14,
    FindingCode.USAGE_INDICATOR_INVALID: 15,
    FindingCode.COMPONENT_SEPARATOR_INVALID: 16,
}
"""The element of ISA that a note code of a TA1 is about."""


_MISSING = (FindingCode.MANDATORY_SEGMENT_MISSING, FindingCode.SEGMENT_UNDER_MINIMUM)


def sent_group(sent: Iterable[Interchange], said: GroupAcknowledgment) -> Group | None:
    """Return the group that an acknowledgment is about, by GS01 and GS06; the last of several."""
    found = [
        group
        for interchange in sent
        for group in interchange.groups
        if group.header.functional_id == said.functional_id
        and same_number(group.header.control_number, said.control_number)
    ]
    return found[-1] if found else None


def sent_set(group: Group | None, said: SetAcknowledgment) -> TransactionSet | None:
    """Return the set of a group that an acknowledgment names, whatever zeros it writes."""
    number = said.control_number.strip().lstrip("0")
    for one in group.transaction_sets if group is not None else ():
        if one.set_id == said.set_id and one.control_number.strip().lstrip("0") == number:
            return one
    return None


def noted_in_set(said: SetAcknowledgment, sent: TransactionSet | None) -> Iterator[Finding]:
    """Yield one finding for each fault that is told, at most so many."""
    places: list[tuple[SegmentNote, ElementNote | None]] = []
    for note in said.segments:
        places += [(note, element) for element in note.elements] or [(note, None)]
    for note, element in places[:MOST_NOTES]:
        yield _finding(note, element, sent)
    if not places:
        for code in said.codes:
            called = finding_of(CodeList.TRANSACTION_SET, code)
            detail = f"{SAYS}: {meaning(CodeList.TRANSACTION_SET, code)}"
            yield Finding(called or FindingCode.DOCUMENT_INVALID, detail=detail)


def noted_in_interchange(
    said: InterchangeAcknowledgment, sent: InterchangeHeader | None
) -> Finding | None:
    """Return what a TA1 says of an interchange's header as a finding; None where it names none."""
    code = finding_of(CodeList.NOTE, said.code)
    if code is None:
        return None
    element = _IN_ISA.get(code)
    value = sent.elements[element].strip() if sent is not None and element is not None else None
    place = Location(
        interchange=said.control_number,
        segment_id="ISA",
        element=element,
        offset=sent.offset if sent is not None else None,
    )
    return Finding(code, place, value, f"{SAYS}: {meaning(CodeList.NOTE, said.code)}")


def in_words(contexts: Iterable[Context]) -> str:
    """Say what a 999 adds to a note: what it stands in, and what asked for it."""
    told = []
    for one in contexts:
        named = [f"{name} {value}".strip() for name, value in one.names if name != TRIGGER]
        if named:
            told.append(f"it stands in {', '.join(named)}")
        if one.segment_id:
            place = Location(
                segment_id=one.segment_id, element=one.element, component=one.component
            )
            at = f", segment {one.position}" if one.position is not None else ""
            told.append(f"because of {place.reference}{at}")
    return "; ".join(told)


def _detail(in_list: CodeList, code: str, *contexts: Iterable[Context]) -> str:
    told = [meaning(in_list, code), *(in_words(one) for one in contexts)]
    return f"{SAYS}: {'; '.join(filter(None, told))}"


def _finding(
    note: SegmentNote, element: ElementNote | None, sent: TransactionSet | None
) -> Finding:
    in_list, code = CodeList.SEGMENT, note.code
    if element is not None:
        in_list, code = CodeList.ELEMENT, element.code
    place = Location(
        interchange=sent.interchange_control_number if sent else None,
        group=sent.group_control_number if sent else None,
        transaction_set=sent.control_number if sent else None,
        segment_position=note.position or None,
        segment_id=note.segment_id or None,
        loop=note.loop or None,
        element=(element.position or None) if element else None,
        component=element.component if element else None,
        repetition=element.repetition if element else None,
        offset=_offset(note, sent),
    )
    return Finding(
        finding_of(in_list, code) or FindingCode.DOCUMENT_INVALID,
        place,
        (_value(note, element, sent) or element.value or None) if element else None,
        _detail(in_list, code, note.contexts, element.contexts if element else ()),
        (element.data_element or None) if element else None,
    )


def _segment(note: SegmentNote, sent: TransactionSet | None) -> list[str] | None:
    """Return the segment of ours that a note is about, where it is there."""
    if sent is None or not 0 < note.position <= len(sent.segments):
        return None
    segment = sent.segments[note.position - 1]
    return segment if segment[0] == note.segment_id else None


def _offset(note: SegmentNote, sent: TransactionSet | None) -> int | None:
    if sent is None or not 0 < note.position <= len(sent.segments):
        return None
    # What is missing is named at the segment before which it was noticed.
    missing = finding_of(CodeList.SEGMENT, note.code) in _MISSING
    return sent.offsets[note.position - 1] if missing or _segment(note, sent) else None


def _value(note: SegmentNote, element: ElementNote, sent: TransactionSet | None) -> str:
    """Return what we wrote there: partners shorten what they repeat, or leave it out."""
    segment = _segment(note, sent)
    if segment is None or not 0 < element.position < len(segment):
        return ""
    return segment[element.position]
