"""One interchange, segment by segment: which envelope is open, what each control segment closes.

Only control segments are looked at one by one; what stands between ST and SE is taken as a whole. A
control segment that opens an envelope closes, with a finding, those that should have been closed.

The events of a window are collected and yielded together: a window is small enough for that, and
one generator for each control segment would cost more than what it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from gateway.findings import Finding, FindingCode, Location
from gateway.x12.characters import LINE_ENDS
from gateway.x12.delimiters import FoundInterchange, find_interchange, read_isa, skip_padding
from gateway.x12.envelope import check_interchange_header, check_interchange_trailer, placed
from gateway.x12.leniency import Leniency
from gateway.x12.model import Octets, Segment
from gateway.x12.reader_events import Event, GroupStart, InterchangeEnd, InterchangeStart
from gateway.x12.reader_group import OpenGroup, OpenSet, group_header
from gateway.x12.reader_segments import Window, windows

MOST_FINDINGS = 1000
"""Faults kept of one envelope: enough for any person, and a bound for what is no X12 at all."""
MOST_BROKEN_ENVELOPES = 5000
"""Groups and transaction sets with faults in their own envelope, in one interchange, after which
the rest of it is not read: a partner's honest mistake does not repeat so often in one file, and
noise of a few megabytes would keep a reader busy for minutes otherwise."""
BEFORE_GROUPS = frozenset({"ISB", "ISE", "TA3"})
"""Segments that the standard allows between ISA and the first GS, besides TA1."""


class InterchangeReader:
    """Reads one interchange from its ISA to where the next one starts or the payload ends."""

    def __init__(self, payload: Octets, found: FoundInterchange, leniency: Leniency) -> None:
        self.next: FoundInterchange | None = None
        """The interchange after this one, known once all events were taken."""
        self._payload = payload
        self._found = found
        self._header = found.header
        self._leniency = leniency
        self._events: list[Event] = []
        self._broken = 0
        self._findings: list[Finding] = self._header_findings()
        self._acknowledgments: list[Segment] = []
        self._group_numbers: set[str] = set()
        self._groups = 0
        self._group: OpenGroup | None = None
        self._set: OpenSet | None = None
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
            self._read(window)
            if self._events:
                yield from self._events
                self._events = []
            if self._end is not None:
                break
        if self._end is None:
            self._cut_off(window)
            yield from self._events
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
            findings += placed(values, self._place(found.header.offset))
        return findings

    def _read(self, window: Window) -> None:
        if window.unterminated:
            self._last(window)
            return
        if window.indented is not None or window.empty is not None:
            self._report_padding(window)
        done = 0
        segments = window.segments
        for index in window.controls:
            if index > done:
                self._content(window, done, index)
            done = index + 1
            if index in window.next_interchange:
                self._next_isa(window, index)
            else:
                _READERS[segments[index][0]](self, window, index)
            if self._end is None and self._broken > MOST_BROKEN_ENVELOPES:
                self._give_up(window, index)
            if self._end is not None:
                return
        if done < len(segments):
            self._content(window, done, len(segments))

    def _st(self, window: Window, index: int) -> None:
        if self._set is not None:
            self._cut_off_set(self._set)
        if self._group is not None:
            self._stray = False
            self._set = self._group.open_set(window, index)
            return
        if not self._skipping:
            self._note(
                FindingCode.CONTROL_STRUCTURE_INVALID,
                self._at(window, index),
                "expected GS before ST: the transaction set stands in no group",
            )
        self._skipping = True

    def _se(self, window: Window, index: int) -> None:
        if self._set is not None:
            closed = self._set.close(window, index)
            self._broken += bool(closed.findings)
            self._events.append(closed)
            self._set = None
        elif not self._skipping:
            self._content(window, index, index + 1)

    def _gs(self, window: Window, index: int) -> None:
        self._cut_off_group("expected GE before the next GS")
        header = group_header(window, index)
        number = header.control_number.strip().lstrip("0")
        repeated = number in self._group_numbers
        self._group = OpenGroup(self._header, header, repeated=repeated)
        self._group_numbers.add(number)
        self._groups += 1
        self._stray = self._skipping = False
        self._events.append(GroupStart(header))

    def _ge(self, window: Window, index: int) -> None:
        if self._set is not None:
            self._cut_off_set(self._set)
        if self._group is not None:
            closed = self._group.close(window, index)
            self._broken += bool(closed.findings)
            self._events.append(closed)
            self._group = None
            self._stray = False
            return
        self._broken += 1
        self._note(
            FindingCode.CONTROL_STRUCTURE_INVALID, self._at(window, index), "expected GS before GE"
        )

    def _iea(self, window: Window, index: int) -> None:
        self._close(window, index)
        self._end = self._past(window, index)
        self._look_ahead(self._end)

    def _close(self, window: Window, index: int) -> None:
        """Hold what was read against the IEA."""
        self._cut_off_group("expected GE before IEA")
        trailer = window.segments[index]
        findings = check_interchange_trailer(self._header, trailer, self._groups)
        if findings:
            self._findings += placed(findings, self._at(window, index))

    def _next_isa(self, window: Window, index: int) -> None:
        self.next = window.next_interchange[index]
        self._end = self.next.header.offset
        if window.segments[index][0] == "IEA":  # only the terminator between the two was lost
            text = self._payload[window.places.offset(index) : self._end].decode("latin-1")
            window.segments[index] = text.rstrip().split(self._header.delimiters.element)
            self._close(window, index)
            self._note_lost_terminator(window, index)
            return
        self._cut_off_group("expected GE before the next ISA")
        self._note(
            FindingCode.INTERCHANGE_TRAILER_MISSING,
            self._at(window, index),
            "expected IEA before the next ISA",
        )

    def _ta1(self, window: Window, index: int) -> None:
        if self._set is not None:
            self._content(window, index, index + 1)
            return
        if self._group is not None:
            self._content(window, index, index + 1)
        self._acknowledgments.append(window.segments[index])

    def _give_up(self, window: Window, index: int) -> None:
        """Leave the rest of an interchange that has shown itself to be none; look for the next."""
        self._cut_off_group("expected GE")
        detail = (
            f"expected envelopes, found faults in more than {MOST_BROKEN_ENVELOPES} of them: "
            "nothing after this segment was read"
        )
        # Not one of those whose number is bounded: nobody may take the rest for read.
        place = self._at(window, index)
        code = FindingCode.CONTROL_STRUCTURE_INVALID
        self._findings.append(Finding(code, place, None, detail))
        self.next = find_interchange(self._payload, self._past(window, index))
        self._end = self.next.header.offset if self.next else len(self._payload)

    def _content(self, window: Window, first: int, past: int) -> None:
        """Take segments that are no control segments where they stand."""
        if self._set is not None:
            self._set.take(window, first, past)
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

    def _last(self, window: Window) -> None:
        """Take an IEA whose terminator was cut off; any other segment may be half of one."""
        if not window.segments or window.segments[0][0] != "IEA":
            return
        self._iea(window, 0)
        self._note_lost_terminator(window, 0)

    def _note_lost_terminator(self, window: Window, index: int) -> None:
        terminator = self._header.delimiters.terminator
        if terminator not in LINE_ENDS and not self._leniency.missing_last_terminator:
            self._note(
                FindingCode.SEGMENT_TERMINATOR_INVALID,
                self._at(window, index),
                f"expected the segment terminator {terminator!r} after IEA",
            )

    def _cut_off(self, window: Window | None) -> None:
        """Close everything at the end of a payload that holds no IEA."""
        self._cut_off_group("expected GE before the end of the payload")
        self._end = len(self._payload)
        place = self._place(self._end)
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
                self._place(start),
                f"expected ISA or the end of the payload after IEA, found {past - start} bytes",
            )

    def _cut_off_set(self, cut_off: OpenSet) -> None:
        """End the open transaction set without its SE."""
        self._events.append(cut_off.cut_off())
        self._broken += 1
        self._set = None

    def _cut_off_group(self, detail: str) -> None:
        """End what is open below the interchange without its trailers."""
        if self._set is not None:
            self._cut_off_set(self._set)
        if self._group is not None:
            self._events.append(self._group.cut_off(detail))
            self._broken += 1
            self._group = None
            self._stray = False

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
                self._place(window.start),
                "expected a segment, found two terminators in a row",
            )

    def _past(self, window: Window, index: int) -> int:
        """Return the offset just past a segment's terminator."""
        if index == len(window.segments) - 1:
            return window.end
        terminator = self._header.delimiters.terminator.encode("latin-1")
        return self._payload.find(terminator, window.places.offset(index)) + 1

    def _place(self, offset: int) -> Location:
        return Location(interchange=self._header.control_number, offset=offset)

    def _at(self, window: Window, index: int) -> Location:
        return Location(
            interchange=self._header.control_number,
            group=self._group.header.control_number if self._group else None,
            segment_id=window.segments[index][0],
            offset=window.places.offset(index),
        )

    def _note(self, code: FindingCode, place: Location, detail: str) -> None:
        of_group = code is FindingCode.GROUP_CONTENT_INVALID and self._group is not None
        findings = self._group.findings if of_group and self._group else self._findings
        if len(findings) < MOST_FINDINGS:
            findings.append(Finding(code, place, None, detail))


_READERS: dict[str, Callable[[InterchangeReader, Window, int], None]] = {
    "ST": InterchangeReader._st,
    "SE": InterchangeReader._se,
    "GS": InterchangeReader._gs,
    "GE": InterchangeReader._ge,
    "IEA": InterchangeReader._iea,
    "TA1": InterchangeReader._ta1,
}
"""What reads each control segment. Kept here, not in each reader: that would be a reference cycle,
and keep the payload in memory until the next search for cycles."""
