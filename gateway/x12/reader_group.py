"""An open functional group and an open transaction set: what has been read of them so far.

Both end in one of two ways: closed by their own trailer, or cut off by what opens the next.
"""

from __future__ import annotations

from dataclasses import replace

from gateway.findings import Finding, FindingCode, Location
from gateway.x12.envelope import (
    as_number,
    check_group_header,
    check_group_trailer,
    check_set_header,
    check_set_trailer,
    element_of,
    placed,
)
from gateway.x12.explain import unsupported
from gateway.x12.model import GroupHeader, InterchangeHeader, TransactionSet
from gateway.x12.reader_events import GroupEnd
from gateway.x12.reader_places import Offsets
from gateway.x12.reader_segments import LONGEST_SEGMENT, Window

MOST_SEGMENTS = 500_000
"""Segments of one transaction set that are read: some hundred megabytes of memory, and ten times
what the largest trading partners put into one. An interchange may have any number of such sets."""


def group_header(window: Window, index: int) -> GroupHeader:
    """Return what a GS says."""
    elements = tuple(window.segments[index])
    if len(elements) != 9:
        elements = (*elements, *[""] * 8)[:9]
    return GroupHeader(elements, window.places.offset(index))


class OpenSet:
    """A transaction set whose SE has not been read."""

    __slots__ = ("_offsets", "_received", "_set")

    def __init__(self, interchange: InterchangeHeader, group: GroupHeader) -> None:
        self._offsets = Offsets()
        self._received = 0
        self._set = TransactionSet(
            [],
            self._offsets,
            interchange.delimiters,
            interchange.control_number,
            group.control_number,
            plain=True,
        )

    def take(self, window: Window, first: int, past: int) -> None:
        """Add the segments from `first` up to, and without, `past` of a window."""
        self._received += past - first
        if self._received > MOST_SEGMENTS:
            self._leave()
            return
        if window.oversized:
            self._report_oversized(window)
        self._set.segments += window.segments[first:past]
        self._set.plain = self._set.plain and window.plain
        self._offsets.extend(window.places, first, past)

    def report(self, findings: list[Finding]) -> None:
        """Keep faults of the segment that was taken last."""
        self._set.findings += placed(findings, self._place())

    def close(self, window: Window, index: int) -> TransactionSet:
        """End this set with its SE."""
        self.take(window, index, index + 1)
        segments = self._set.segments
        if self._set.too_large:
            return self._set
        findings = check_set_trailer(segments[0], segments[-1], len(segments))
        if findings:
            self.report(findings)
        return self._set

    def cut_off(self) -> TransactionSet:
        """End this set without an SE."""
        code = FindingCode.TRANSACTION_SET_TRAILER_MISSING
        place = replace(self._place(), segment_id="SE")
        expected = f"expected SE after segment {self._received}"
        self._set.findings.append(Finding(code, place, None, expected))
        return self._set

    def _leave(self) -> None:
        """Keep nothing but the ST of a set that has turned out to be too large."""
        one = self._set
        if not one.too_large:
            one.too_large = True
            del one.segments[1:]
            self._offsets.keep_first()
            because = f"expected at most {MOST_SEGMENTS} segments in one set: none of it was read"
            one.findings.append(unsupported(one, because))

    def _report_oversized(self, window: Window) -> None:
        place = replace(
            self._place(),
            segment_position=len(self._set.segments) + 1,
            segment_id=window.segments[0][0],
            element=1,
            offset=window.places.offset(0),
        )
        detail = f"expected at most {LONGEST_SEGMENT} bytes, found {window.end - window.start}"
        self._set.findings.append(Finding(FindingCode.ELEMENT_TOO_LONG, place, None, detail))

    def _place(self) -> Location:
        """Return the place of the segment that was taken last."""
        return Location(
            interchange=self._set.interchange_control_number,
            group=self._set.group_control_number,
            transaction_set=self._set.control_number,
            segment_position=len(self._set.segments),
            offset=self._offsets[-1],
        )


class OpenGroup:
    """A functional group whose GE has not been read."""

    __slots__ = ("_interchange", "_numbers", "_received", "findings", "header")

    def __init__(
        self, interchange: InterchangeHeader, header: GroupHeader, *, repeated: bool
    ) -> None:
        self.header = header
        self.findings: list[Finding] = []
        self._interchange = interchange
        self._numbers: set[str] = set()
        self._received = 0
        findings = check_group_header(header)
        if repeated:
            code = FindingCode.GROUP_CONTROL_NUMBER_REPEATED
            place = Location(segment_id="GS", element=6)
            detail = "expected a number not used in the interchange"
            findings.append(Finding(code, place, header.control_number, detail))
        if findings:
            self.findings += placed(findings, self._place(header.offset))

    def open_set(self, window: Window, index: int) -> OpenSet:
        """Start a transaction set with its ST."""
        opened = OpenSet(self._interchange, self.header)
        opened.take(window, index, index + 1)
        self._received += 1
        segment = window.segments[index]
        number = element_of(segment, 2)
        findings = check_set_header(segment, self.header.functional_id)
        if number in self._numbers:
            code = FindingCode.TRANSACTION_SET_CONTROL_NUMBER_REPEATED
            place = Location(segment_id="ST", element=2)
            findings.append(Finding(code, place, number, "expected a number not used in the group"))
        self._numbers.add(number)
        if findings:
            opened.report(findings)
        return opened

    def close(self, window: Window, index: int) -> GroupEnd:
        """End this group with its GE."""
        trailer = window.segments[index]
        findings = check_group_trailer(self.header, trailer, self._received)
        if findings:
            self.findings += placed(findings, self._place(window.places.offset(index)))
        return self._end(as_number(element_of(trailer, 1)))

    def cut_off(self, detail: str) -> GroupEnd:
        """End this group without a GE."""
        place = replace(self._place(None), segment_id="GE")
        self.findings.append(Finding(FindingCode.GROUP_TRAILER_MISSING, place, None, detail))
        return self._end(None)

    def _end(self, declared: int | None) -> GroupEnd:
        return GroupEnd(self.header, self._received, declared, tuple(self.findings))

    def _place(self, offset: int | None) -> Location:
        return Location(
            interchange=self._interchange.control_number,
            group=self.header.control_number,
            offset=offset,
        )
