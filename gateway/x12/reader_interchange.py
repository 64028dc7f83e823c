"""One interchange, segment by segment: which envelope is open, what each control segment closes.

Only control segments are looked at one by one; what stands between ST and SE is taken as a whole. A
control segment that opens an envelope closes, with a finding, those that should have been closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gateway.findings import Finding, FindingCode, Location
from gateway.x12.characters import LINE_ENDS
from gateway.x12.delimiters import FoundInterchange, find_interchange, read_isa, skip_padding
from gateway.x12.envelope import (
    as_number,
    check_group_header,
    check_group_trailer,
    check_interchange_header,
    check_interchange_trailer,
    check_set_header,
    check_set_trailer,
    element_of,
    placed,
)
from gateway.x12.leniency import Leniency
from gateway.x12.model import GroupHeader, Segment, TransactionSet
from gateway.x12.reader_events import Event, GroupEnd, GroupStart, InterchangeEnd, InterchangeStart
from gateway.x12.reader_segments import LONGEST_SEGMENT, Offsets, Window, windows

MOST_FINDINGS = 1000
"""Faults kept of one envelope: enough for any person, and a bound for what is no X12 at all."""
BEFORE_GROUPS = frozenset({"ISB", "ISE", "TA3"})
"""Segments that the standard allows between ISA and the first GS, besides TA1."""


class _OpenGroup:
    """A GS whose GE has not been read."""

    __slots__ = ("declared", "findings", "header", "numbers", "received")

    def __init__(self, header: GroupHeader) -> None:
        self.header = header
        self.numbers: set[str] = set()
        self.received = 0
        self.declared: int | None = None
        self.findings: list[Finding] = []


class InterchangeReader:
    """Reads one interchange from its ISA to where the next one starts or the payload ends."""

    def __init__(self, payload: bytes, found: FoundInterchange, leniency: Leniency) -> None:
        self.next: FoundInterchange | None = None
        """The interchange after this one, known once all events were taken."""
        self._payload = payload
        self._found = found
        self._header = found.header
        self._leniency = leniency
        self._place = Location(interchange=found.header.control_number)
        self._findings: list[Finding] = self._header_findings()
        self._acknowledgments: list[Segment] = []
        self._group_numbers: set[str] = set()
        self._groups = 0
        self._group: _OpenGroup | None = None
        self._set: TransactionSet | None = None
        self._offsets = Offsets()
        self._stray = False
        self._skipping = False
        self._end: int | None = None

    def events(self) -> Iterator[Event]:
        """Yield this interchange's events."""
        yield InterchangeStart(self._header)
        window = None
        for window in windows(
            self._payload, self._found.body, self._header.delimiters, self._leniency
        ):
            yield from self._read(window)
            if self._end is not None:
                break
        if self._end is None:
            yield from self._cut_off(window)
        yield InterchangeEnd(
            self._header, tuple(self._findings), tuple(self._acknowledgments), self._end or 0
        )

    def _header_findings(self) -> list[Finding]:
        found, leniency = self._found, self._leniency
        findings = list(found.faults)
        if not leniency.collapsed_isa:
            findings += found.width_faults
        if found.component_fault is not None and not leniency.missing_component_separator:
            findings.append(found.component_fault)
        values = check_interchange_header(found.header, leniency)
        if values:
            findings += placed(values, replace(self._place, offset=found.header.offset))
        return findings

    def _read(self, window: Window) -> Iterator[Event]:
        if window.unterminated:
            yield from self._last(window)
            return
        self._report_padding(window)
        done = 0
        for index in window.controls:
            if index > done:
                self._content(window, done, index)
            done = index + 1
            yield from self._control(window, index)
            if self._end is not None:
                return
        if done < len(window.segments):
            self._content(window, done, len(window.segments))

    def _control(self, window: Window, index: int) -> Iterable[Event]:
        tag = window.segments[index][0]
        if index in window.next_interchange:
            return self._next_isa(window, index)
        if tag == "ST":
            return self._st(window, index)
        if tag == "SE":
            return self._se(window, index)
        if tag == "GS":
            return self._gs(window, index)
        if tag == "GE":
            return self._ge(window, index)
        if tag == "IEA":
            return self._iea(window, index)
        return self._ta1(window, index)

    def _st(self, window: Window, index: int) -> Iterator[Event]:
        if self._set is not None:
            yield self._unclosed_set(self._set)
        segment = window.segments[index]
        if self._group is None:
            if not self._skipping:
                self._note(
                    FindingCode.CONTROL_STRUCTURE_INVALID,
                    self._at(window, index),
                    "expected GS before ST: the transaction set stands in no group",
                )
            self._skipping = True
            return
        self._stray = False
        self._open_set(self._group, segment, window, index)

    def _open_set(self, group: _OpenGroup, segment: Segment, window: Window, index: int) -> None:
        self._offsets = Offsets()
        self._set = TransactionSet(
            [],
            self._offsets,
            self._header.delimiters,
            self._header.control_number,
            group.header.control_number,
            plain=True,
        )
        self._content(window, index, index + 1)
        group.received += 1
        number = element_of(segment, 2)
        findings = check_set_header(segment, group.header.functional_id)
        if number in group.numbers:
            code = FindingCode.TRANSACTION_SET_CONTROL_NUMBER_REPEATED
            place = Location(segment_id="ST", element=2)
            findings.append(Finding(code, place, number, "expected a number not used in the group"))
        group.numbers.add(number)
        if findings:
            self._set.findings += placed(findings, self._in_set(self._set, 1, self._offsets[0]))

    def _se(self, window: Window, index: int) -> Iterator[Event]:
        if self._set is None:
            if not self._skipping:
                self._content(window, index, index + 1)
            return
        current = self._set
        self._content(window, index, index + 1)
        received = len(current.segments)
        findings = check_set_trailer(current.segments[0], window.segments[index], received)
        if findings:
            current.findings += placed(
                findings, self._in_set(current, received, current.offsets[-1])
            )
        self._set = None
        yield current

    def _gs(self, window: Window, index: int) -> Iterator[Event]:
        yield from self._unclosed_group("expected GE before the next GS")
        elements = (*window.segments[index], *[""] * 8)[:9]
        header = GroupHeader(elements, window.places.offset(index))
        self._group = group = _OpenGroup(header)
        self._groups += 1
        self._stray = self._skipping = False
        findings = check_group_header(header)
        number = header.control_number.strip().lstrip("0")
        if number in self._group_numbers:
            code = FindingCode.GROUP_CONTROL_NUMBER_REPEATED
            place = Location(segment_id="GS", element=6)
            detail = "expected a number not used in the interchange"
            findings.append(Finding(code, place, header.control_number, detail))
        self._group_numbers.add(number)
        if findings:
            group.findings += placed(findings, self._at(window, index))
        yield GroupStart(header)

    def _ge(self, window: Window, index: int) -> Iterator[Event]:
        if self._set is not None:
            yield self._unclosed_set(self._set)
        group = self._group
        if group is None:
            self._note(
                FindingCode.CONTROL_STRUCTURE_INVALID,
                self._at(window, index),
                "expected GS before GE",
            )
            return
        trailer = window.segments[index]
        group.declared = as_number(element_of(trailer, 1))
        findings = check_group_trailer(group.header, trailer, group.received)
        if findings:
            group.findings += placed(findings, self._at(window, index))
        yield self._group_end(group)

    def _iea(self, window: Window, index: int) -> Iterator[Event]:
        yield from self._unclosed_group("expected GE before IEA")
        trailer = window.segments[index]
        findings = check_interchange_trailer(self._header, trailer, self._groups)
        if findings:
            self._findings += placed(findings, self._at(window, index))
        self._end = self._past(window, index)
        self._look_ahead(self._end)

    def _next_isa(self, window: Window, index: int) -> Iterator[Event]:
        self.next = window.next_interchange[index]
        yield from self._unclosed_group("expected GE before the next ISA")
        self._note(
            FindingCode.INTERCHANGE_TRAILER_MISSING,
            self._at(window, index),
            "expected IEA before the next ISA",
        )
        self._end = self.next.header.offset

    def _ta1(self, window: Window, index: int) -> Iterable[Event]:
        if self._set is not None:
            self._content(window, index, index + 1)
            return ()
        if self._group is not None:
            self._content(window, index, index + 1)
        self._acknowledgments.append(window.segments[index])
        return ()

    def _content(self, window: Window, first: int, past: int) -> None:
        """Take segments that are no control segments where they stand."""
        if self._set is not None:
            if window.oversized:
                self._report_oversized(window, self._set)
            self._set.segments += window.segments[first:past]
            self._set.plain = self._set.plain and window.plain
            self._offsets.extend(window.places, first, past)
            return
        if self._stray or self._skipping:
            return
        if self._groups == 0 and all(
            segment[0] in BEFORE_GROUPS for segment in window.segments[first:past]
        ):
            return
        self._stray = True
        inside = self._group is not None
        self._note(
            FindingCode.GROUP_CONTENT_INVALID
            if inside
            else FindingCode.INTERCHANGE_CONTENT_INVALID,
            self._at(window, first),
            "expected ST or GE" if inside else "expected GS or IEA",
        )

    def _last(self, window: Window) -> Iterator[Event]:
        """Take an IEA whose terminator was cut off; any other segment may be half of one."""
        if not window.segments or window.segments[0][0] != "IEA":
            return
        yield from self._iea(window, 0)
        terminator = self._header.delimiters.terminator
        if terminator not in LINE_ENDS and not self._leniency.missing_last_terminator:
            self._note(
                FindingCode.SEGMENT_TERMINATOR_INVALID,
                self._at(window, 0),
                f"expected the segment terminator {terminator!r} after IEA",
            )

    def _cut_off(self, window: Window | None) -> Iterator[Event]:
        """Close everything at the end of a payload that holds no IEA."""
        yield from self._unclosed_group("expected GE before the end of the payload")
        self._end = len(self._payload)
        place = replace(self._place, offset=self._end)
        detail = "expected IEA before the end of the payload"
        if window is not None and window.unterminated and window.segments:
            place = replace(place, offset=window.places.offset(0))
            detail += "; its last segment has no terminator"
        self._note(FindingCode.INTERCHANGE_TRAILER_MISSING, place, detail)

    def _look_ahead(self, end: int) -> None:
        """Find the next interchange; report what stands before it."""
        start = skip_padding(self._payload, end)
        if start >= len(self._payload):
            return
        self.next = read_isa(self._payload, start) or find_interchange(self._payload, start)
        past = self.next.header.offset if self.next else len(self._payload)
        if past > start:
            self._note(
                FindingCode.INTERCHANGE_CONTENT_INVALID,
                replace(self._place, offset=start),
                f"expected ISA or the end of the payload after IEA, found {past - start} bytes",
            )

    def _unclosed_set(self, current: TransactionSet) -> TransactionSet:
        """End the open transaction set without SE."""
        self._set = None
        place = self._in_set(current, len(current.segments), current.offsets[-1])
        place = replace(place, segment_id="SE")
        code = FindingCode.TRANSACTION_SET_TRAILER_MISSING
        detail = f"expected SE after segment {len(current.segments)}"
        current.findings.append(Finding(code, place, None, detail))
        return current

    def _unclosed_group(self, detail: str) -> Iterator[Event]:
        """End what is open below the interchange without its trailers."""
        if self._set is not None:
            yield self._unclosed_set(self._set)
        if self._group is not None:
            group = self._group
            place = replace(self._place, group=group.header.control_number, segment_id="GE")
            code = FindingCode.GROUP_TRAILER_MISSING
            group.findings.append(Finding(code, place, None, detail))
            yield self._group_end(group)

    def _group_end(self, group: _OpenGroup) -> GroupEnd:
        self._group = None
        self._stray = False
        return GroupEnd(group.header, group.received, group.declared, tuple(group.findings))

    def _report_padding(self, window: Window) -> None:
        if window.indented is not None:
            self._leniency = replace(self._leniency, blanks_before_segments=True)
            self._note(
                FindingCode.INTERCHANGE_CONTENT_INVALID,
                self._at(window, window.indented),
                "expected no blanks before a segment",
            )
        if window.empty is not None:
            self._note(
                FindingCode.INTERCHANGE_CONTENT_INVALID,
                replace(self._place, offset=window.start),
                "expected a segment, found two terminators in a row",
            )

    def _report_oversized(self, window: Window, current: TransactionSet) -> None:
        position = len(current.segments) + 1
        place = self._in_set(current, position, window.places.offset(0))
        place = replace(place, segment_id=window.segments[0][0], element=1)
        detail = f"expected at most {LONGEST_SEGMENT} bytes, found {window.end - window.start}"
        current.findings.append(Finding(FindingCode.ELEMENT_TOO_LONG, place, None, detail))

    def _past(self, window: Window, index: int) -> int:
        """Return the offset just past a segment's terminator."""
        if index == len(window.segments) - 1:
            return window.end
        terminator = self._header.delimiters.terminator.encode("latin-1")
        return self._payload.find(terminator, window.places.offset(index)) + 1

    def _at(self, window: Window, index: int) -> Location:
        group = self._group.header.control_number if self._group else None
        return replace(
            self._place,
            group=group,
            segment_id=window.segments[index][0],
            offset=window.places.offset(index),
        )

    def _in_set(self, current: TransactionSet, position: int, offset: int) -> Location:
        return replace(
            self._place,
            group=current.group_control_number,
            transaction_set=current.control_number,
            segment_position=position,
            offset=offset,
        )

    def _note(self, code: FindingCode, place: Location, detail: str) -> None:
        of_group = code is FindingCode.GROUP_CONTENT_INVALID and self._group is not None
        findings = self._group.findings if of_group and self._group else self._findings
        if len(findings) < MOST_FINDINGS:
            findings.append(Finding(code, place, None, detail))
