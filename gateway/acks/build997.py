"""Findings of a functional group to its 997, and what that makes of each transaction set.

The severity that the agreement gives a finding decides between A, E and R; the findings decide what
AK3, AK4, AK5 and AK9 say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gateway.acks.codes import CodeList, projection
from gateway.acks.model import (
    ElementNote,
    GroupAcknowledgment,
    SegmentNote,
    SetAcknowledgment,
    Status,
)
from gateway.acks.names import (
    sendable_group_id,
    sendable_group_number,
    sendable_set_id,
    sendable_set_number,
)
from gateway.acks.results import GroupResult, SetResult, SeverityOf
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


@dataclass(frozen=True, slots=True)
class GroupVerdict:
    """A group's acknowledgment, and the status of every set of it, listed or not."""

    acknowledgment: GroupAcknowledgment
    set_statuses: tuple[Status, ...]
    """In the order received."""

    @property
    def status(self) -> Status:
        """Return AK901."""
        return self.acknowledgment.status


def build997(
    group: GroupResult,
    severity: SeverityOf,
    *,
    delimiters: Delimiters,
    list_accepted: bool = True,
) -> GroupVerdict:
    """Judge a group by the findings in it; `delimiters` are those that the 997 will be written in.

    Transaction sets that were accepted without a finding are listed only if asked for.
    """
    version = acknowledgment_version(group.header.version)
    if not group.findings and not any(one.findings for one in group.sets):
        return _accepted(group, version, delimiters, list_accepted=list_accepted)
    sets = [_set_acknowledgment(one, severity, version, delimiters) for one in group.sets]
    statuses = tuple(one.status for one in sets)
    reported = _reported(group.findings, severity)
    status = _group_status(statuses, reported, severity)
    accepted = sum(one.taken for one in statuses) if status.taken else 0
    declared = len(sets) if group.declared_count is None else group.declared_count
    acknowledgment = GroupAcknowledgment(
        sendable_group_id(group.header.functional_id, delimiters),
        sendable_group_number(group.header.control_number),
        status,
        min(declared, LARGEST_POSITION),
        min(len(sets), LARGEST_POSITION),
        min(accepted, LARGEST_POSITION),
        _codes(reported, CodeList.GROUP, version),
        tuple(
            one
            for result, one in zip(group.sets, sets, strict=True)
            if (list_accepted or one.status is not Status.ACCEPTED)
            # A set without ST01 and ST02 cannot be named; it is counted.
            and (result.set_id or result.control_number)
        ),
        version,
    )
    return GroupVerdict(acknowledgment, statuses)


def _accepted(
    group: GroupResult, version: str, delimiters: Delimiters, *, list_accepted: bool
) -> GroupVerdict:
    """Accept a group in which nothing was found, as most are: there is nothing to judge."""
    sets = group.sets
    count = min(len(sets), LARGEST_POSITION)
    declared = count if group.declared_count is None else group.declared_count
    listed = [one for one in sets if one.set_id or one.control_number] if list_accepted else []
    # A group without a set has brought nothing that could be accepted.
    status = Status.ACCEPTED if sets else Status.REJECTED
    acknowledgment = GroupAcknowledgment(
        sendable_group_id(group.header.functional_id, delimiters),
        sendable_group_number(group.header.control_number),
        status,
        min(declared, LARGEST_POSITION),
        count,
        count,
        (),
        tuple([_accepted_set(one, delimiters) for one in listed]),
        version,
    )
    return GroupVerdict(acknowledgment, (Status.ACCEPTED,) * len(sets))


def _accepted_set(result: SetResult, delimiters: Delimiters) -> SetAcknowledgment:
    return SetAcknowledgment(
        sendable_set_id(result.set_id, delimiters),
        sendable_set_number(result.control_number, delimiters),
        Status.ACCEPTED,
    )


def acknowledgment_version(group_version: str) -> str:
    """Return the version of the 997 for a group: that of its GS08 without the industry's suffix."""
    version = group_version[:6]
    return version if len(version) == 6 and version.isascii() and version.isdigit() else "004010"


def set_status(findings: Iterable[Finding], severity: SeverityOf) -> Status:
    """Return AK501: what a set's findings make of it; a document's faults are none of X12's."""
    severities = {severity(finding) for finding in findings if finding.level is not Level.DOCUMENT}
    if Severity.REJECT in severities:
        return Status.REJECTED
    if Severity.NOTE in severities:
        return Status.ACCEPTED_WITH_ERRORS
    return Status.ACCEPTED


def _group_status(
    sets: tuple[Status, ...], reported: list[Finding], severity: SeverityOf
) -> Status:
    """Return AK901, from the statuses of the sets and the faults of the group itself."""
    own = set_status(reported, severity)
    if own is Status.REJECTED or not any(one.taken for one in sets):
        return Status.REJECTED
    if Status.REJECTED in sets:
        return Status.PARTIALLY_ACCEPTED
    if Status.ACCEPTED_WITH_ERRORS in (*sets, own):
        return Status.ACCEPTED_WITH_ERRORS
    return Status.ACCEPTED


def _reported(findings: Iterable[Finding], severity: SeverityOf) -> list[Finding]:
    return [finding for finding in findings if severity(finding) is not Severity.IGNORE]


def _codes(findings: list[Finding], code_list: CodeList, version: str) -> tuple[str, ...]:
    """Return the distinct codes of a list, lowest first, as many as there are places."""
    found = {
        projected.code_in(version)
        for finding in findings
        if (projected := projection(finding.code, code_list)) is not None
    }
    return tuple(sorted(found, key=int))[:MOST_CODES]


def _set_acknowledgment(
    result: SetResult, severity: SeverityOf, version: str, delimiters: Delimiters
) -> SetAcknowledgment:
    accepted = _accepted_set(result, delimiters)
    if not result.findings:
        return accepted
    reported = _reported(result.findings, severity)
    codes = set(_codes(reported, CodeList.TRANSACTION_SET, version))
    segments = _segment_notes(reported, version, delimiters)
    if segments:
        codes.add(SEGMENTS_IN_ERROR)
    return replace(
        accepted,
        status=set_status(reported, severity),
        codes=tuple(sorted(codes, key=int))[:MOST_CODES],
        segments=segments,
    )


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
