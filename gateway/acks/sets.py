"""Findings of one transaction set to its AK2 to AK5 in a 997, or IK5 in a 999.

The severity that the agreement gives a finding decides between A, E and R; the findings decide what
AK3, AK4 and AK5 say.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from gateway.acks.codes import CodeList, code_of, projection
from gateway.acks.context import trigger_context, unit_context
from gateway.acks.forms import PLAIN, Form
from gateway.acks.model import Context, ElementNote, SegmentNote, SetAcknowledgment, Status
from gateway.acks.names import sendable_convention, sendable_set_id, sendable_set_number
from gateway.acks.places import carried
from gateway.acks.results import SetResult, SeverityOf
from gateway.findings import Finding, Level, Severity
from gateway.x12.data_types import is_digits
from gateway.x12.model import Delimiters

MOST_CODES = 5
"""AK5 and AK9 have five places for codes."""
MOST_ELEMENT_NOTES = 99
"""AK4 may stand 99 times after an AK3."""
MOST_ELEMENTS = 99
"""Positions in AK401 have two digits."""
LONGEST_VALUE = 99
"""AK404."""
LARGEST_POSITION, LARGEST_LATER = 999_999, 9_999_999_999
"""AK302 has six digits, and ten from 005010 on."""
SEGMENTS_IN_ERROR = "5"
"""718: one or more segments are in error."""
ELEMENTS_IN_ERROR = "8"
"""720: the segment has element errors."""
GUIDE_NOT_KEPT = "I5"
"""618: one or more segments break the implementation guide."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Which sets an acknowledgment names, and how it is written."""

    delimiters: Delimiters
    accepted: bool = True
    """Whether sets that were accepted without a finding are named too."""
    form: Form = PLAIN


def acknowledge_set(result: SetResult, severity: SeverityOf, listing: Listing) -> SetAcknowledgment:
    """Judge a transaction set by its findings."""
    delimiters, form = listing.delimiters, listing.form
    accepted = SetAcknowledgment(
        sendable_set_id(result.set_id, delimiters),
        sendable_set_number(result.control_number, delimiters),
        Status.ACCEPTED,
        convention=sendable_convention(result.convention, delimiters) if form.is_later else "",
    )
    if not result.findings:
        return accepted
    found = reported(result.findings, severity)
    segments = _Notes(listing, result.reference).of(found)
    return replace(
        accepted,
        status=set_status(found, severity),
        codes=_set_codes(found, segments, form),
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


def codes_of(findings: Iterable[Finding], code_list: CodeList, form: Form) -> list[str]:
    """Return the distinct codes of a list, lowest first."""
    found = {
        code_of(finding, projected, form)
        for finding in findings
        if (projected := projection(finding.code, code_list)) is not None
    }
    return sorted(found, key=int)


def _set_codes(
    findings: list[Finding], segments: tuple[SegmentNote, ...], form: Form
) -> tuple[str, ...]:
    """Return AK502 to AK506: that segments are in error goes before all that has no place."""
    in_error = {GUIDE_NOT_KEPT if _is_of_guide(note) else SEGMENTS_IN_ERROR for note in segments}
    codes = codes_of(findings, CodeList.TRANSACTION_SET, form)
    told = [*codes[: MOST_CODES - len(in_error)], *in_error]
    return tuple(sorted(told, key=lambda code: (len(code) > 1 and code[0] == "I", code.zfill(2))))


def _is_of_guide(note: SegmentNote) -> bool:
    """Say whether all that a note says is about a guide alone."""
    if note.code != ELEMENTS_IN_ERROR:
        return note.code.startswith("I")
    return bool(note.elements) and all(one.code.startswith("I") for one in note.elements)


_Key = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class _Notes:
    """One note for each fault of each segment, in the order of the segments."""

    listing: Listing
    reference: tuple[str, str]
    notes: dict[_Key, SegmentNote] = field(default_factory=dict)
    elements: dict[_Key, list[ElementNote]] = field(default_factory=dict)

    def of(self, findings: Iterable[Finding]) -> tuple[SegmentNote, ...]:
        for finding in findings:
            self._take(finding)
        return tuple(
            replace(self.notes[key], elements=tuple(self.elements.get(key, ())))
            for key in sorted(self.notes, key=lambda key: key[0])
        )

    def _take(self, finding: Finding) -> None:
        form = self.listing.form
        of_segment = projection(finding.code, CodeList.SEGMENT)
        of_element = projection(finding.code, CodeList.ELEMENT)
        if of_segment is None and of_element is None:
            return
        code = code_of(finding, of_segment, form) if of_segment else ELEMENTS_IN_ERROR
        largest = LARGEST_LATER if form.is_later else LARGEST_POSITION
        position = min(finding.location.segment_position or 1, largest)
        segment_id = _sendable_id(finding.location.segment_id or "")
        key = (position, segment_id, code)
        triggers = trigger_context(finding, position, segment_id) if form.is_999 else ()
        if key not in self.notes:
            unit = unit_context(self.reference, self.listing.delimiters) if form.is_999 else ()
            contexts = (*unit, *triggers) if of_segment else unit
            # AK303 names a loop only where LS and LE enclose it; our schemas' loop numbers mean
            # nothing to the other side, so it stays empty.
            self.notes[key] = SegmentNote(segment_id, position, code, contexts=contexts)
        noted = self.elements.setdefault(key, [])
        if of_element is None or finding.location.element is None:
            return
        if len(noted) < MOST_ELEMENT_NOTES:
            told = code_of(finding, of_element, form)
            noted.append(self._element(finding, told, triggers))

    def _element(self, finding: Finding, code: str, triggers: tuple[Context, ...]) -> ElementNote:
        location = finding.location
        number = finding.data_element or ""
        return ElementNote(
            min(location.element or 0, MOST_ELEMENTS),
            code,
            location.component and min(location.component, MOST_ELEMENTS),
            location.repetition if self.listing.form.is_later else None,
            # Composites have a number with a letter, which AK402 cannot hold.
            number if is_digits(number) and len(number) <= 4 else "",
            carried(finding.value or "", LONGEST_VALUE, self.listing.delimiters),
            triggers,
        )


def _sendable_id(segment_id: str) -> str:
    """Return an id as AK301 can hold it: what was received may be anything."""
    usable = segment_id.isascii() and segment_id.isalnum() and 2 <= len(segment_id) <= 3
    return segment_id if usable else "???"
