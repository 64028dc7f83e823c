"""Findings of one transaction set to its AK2 to AK5 in a 997.

The severity that the agreement gives a finding decides between A, E and R; the findings decide what
AK3, AK4 and AK5 say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gateway.acks.codes import CodeList, projection
from gateway.acks.model import ElementNote, SegmentNote, SetAcknowledgment, Status
from gateway.acks.names import sendable_set_id, sendable_set_number
from gateway.acks.results import SetResult, SeverityOf
from gateway.findings import Finding, Level, Severity
from gateway.x12.model import Delimiters

MOST_CODES = 5
"""AK5 and AK9 have five places for codes."""
MOST_ELEMENT_NOTES = 99
"""AK4 may stand 99 times after an AK3."""
LONGEST_VALUE = 99
"""AK404."""
LARGEST_POSITION = 999_999
"""AK302 has six digits; so have the counts of AK9."""
SEGMENTS_IN_ERROR = "5"
"""718: one or more segments are in error."""
ELEMENTS_IN_ERROR = "8"
"""720: the segment has element errors."""


def acknowledge_set(
    result: SetResult, severity: SeverityOf, *, version: str, delimiters: Delimiters
) -> SetAcknowledgment:
    """Judge a transaction set by its findings; `version` is that of the 997."""
    accepted = SetAcknowledgment(
        sendable_set_id(result.set_id, delimiters),
        sendable_set_number(result.control_number, delimiters),
        Status.ACCEPTED,
    )
    if not result.findings:
        return accepted
    found = reported(result.findings, severity)
    codes = set(codes_of(found, CodeList.TRANSACTION_SET, version))
    segments = _segment_notes(found, version, delimiters)
    if segments:
        codes.add(SEGMENTS_IN_ERROR)
    return replace(
        accepted,
        status=set_status(found, severity),
        codes=tuple(sorted(codes, key=int))[:MOST_CODES],
        segments=segments,
    )


def set_status(findings: Iterable[Finding], severity: SeverityOf) -> Status:
    """Return AK501: what a set's findings make of it; a document's faults are none of X12's."""
    severities = {severity(finding) for finding in findings if finding.level is not Level.DOCUMENT}
    if Severity.REJECT in severities:
        return Status.REJECTED
    if Severity.NOTE in severities:
        return Status.ACCEPTED_WITH_ERRORS
    return Status.ACCEPTED


def reported(findings: Iterable[Finding], severity: SeverityOf) -> list[Finding]:
    """Return the findings that the agreement does not tell us to ignore."""
    return [finding for finding in findings if severity(finding) is not Severity.IGNORE]


def codes_of(findings: list[Finding], code_list: CodeList, version: str) -> tuple[str, ...]:
    """Return the distinct codes of a list, lowest first, as many as there are places."""
    found = {
        projected.code_in(version)
        for finding in findings
        if (projected := projection(finding.code, code_list)) is not None
    }
    return tuple(sorted(found, key=int))[:MOST_CODES]


def _segment_notes(
    findings: list[Finding], version: str, delimiters: Delimiters
) -> tuple[SegmentNote, ...]:
    """Return one note for each fault of each segment, in the order of the segments."""
    notes: dict[tuple[int, str, str], SegmentNote] = {}
    elements: dict[tuple[int, str, str], list[ElementNote]] = {}
    for finding in findings:
        of_segment = projection(finding.code, CodeList.SEGMENT)
        of_element = projection(finding.code, CodeList.ELEMENT)
        if of_segment is None and of_element is None:
            continue
        code = of_segment.code_in(version) if of_segment else ELEMENTS_IN_ERROR
        position = min(finding.location.segment_position or 1, LARGEST_POSITION)
        segment_id = _sendable_id(finding.location.segment_id or "")
        key = (position, segment_id, code)
        # AK303 names a loop only where LS and LE enclose it; our schemas' loop numbers mean
        # nothing to the other side, so it stays empty.
        notes.setdefault(key, SegmentNote(segment_id, position, code))
        if of_element is not None and finding.location.element is not None:
            note = _element_note(finding, of_element.code_in(version), delimiters)
            elements.setdefault(key, []).append(note)
    ordered = sorted(notes, key=lambda key: key[0])
    return tuple(
        replace(notes[key], elements=tuple(elements.get(key, ())[:MOST_ELEMENT_NOTES]))
        for key in ordered
    )


def _element_note(finding: Finding, code: str, delimiters: Delimiters) -> ElementNote:
    location = finding.location
    number = finding.data_element or ""
    return ElementNote(
        location.element or 0,
        code,
        location.component,
        location.repetition,
        # Composites have a number with a letter, which AK402 cannot hold.
        number if number.isdigit() and len(number) <= 4 else "",
        _sendable_value(finding.value or "", delimiters),
    )


def _sendable_id(segment_id: str) -> str:
    """Return an id as AK301 can hold it: what was received may be anything."""
    usable = segment_id.isascii() and segment_id.isalnum() and 2 <= len(segment_id) <= 3
    return segment_id if usable else "???"


def _sendable_value(value: str, delimiters: Delimiters) -> str:
    """Return a value to be repeated in AK404, or nothing where that cannot be.

    Blanks at its end, which may be what is wrong with it, would be as wrong in AK404.
    """
    value = value.rstrip()
    separators = (
        delimiters.element,
        delimiters.component,
        delimiters.terminator,
        delimiters.repetition,
    )
    unusable = (
        len(value) > LONGEST_VALUE
        or not value.isascii()
        or not value.isprintable()
        or not value
        or any(separator and separator in value for separator in separators)
    )
    return "" if unusable else value
