"""An interchange of one group with one transaction set, and no fault in any envelope.

Most payloads are one, and small: what `gateway.x12.reader_interchange` finds out step by step is
told here in a few comparisons, to the same events. Whatever is not so plain is read there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.x12 import reader_group
from gateway.x12.delimiters import FoundInterchange, read_isa, skip_padding
from gateway.x12.envelope import check_group_header, check_interchange_header, check_set_header
from gateway.x12.leniency import Leniency
from gateway.x12.model import (
    Group,
    GroupHeader,
    Interchange,
    InterchangeHeader,
    Octets,
    TransactionSet,
)
from gateway.x12.reader_events import Event, GroupEnd, GroupStart, InterchangeEnd, InterchangeStart
from gateway.x12.reader_marks import Marks, marks_of
from gateway.x12.reader_places import Offsets, Places
from gateway.x12.reader_segments import FIRST_WINDOW, even_text, segments_of


@dataclass(slots=True)
class Lone:
    """An interchange that was read as a whole."""

    interchange: Interchange
    next: FoundInterchange | None
    """The interchange that follows it at once."""

    def events(self) -> Iterator[Event]:
        """Yield the events that it would have been read as one by one."""
        one = self.interchange
        [group] = one.groups
        yield InterchangeStart(one.header)
        yield GroupStart(group.header)
        yield from group.transaction_sets
        yield GroupEnd(group.header, 1, 1, ())
        yield InterchangeEnd(one.header, (), (), one.end)


def read_lone(payload: Octets, found: FoundInterchange, leniency: Leniency) -> Lone | None:
    """Read an interchange of one sound set; None where it has to be looked at."""
    header, body, width_faults, component_fault, faults, _ = found
    if faults or width_faults or component_fault or leniency.lowercase_segment_ids:
        return None
    marks = marks_of(header.delimiters)
    end = _end(payload, body, marks)
    if end is None or check_interchange_header(header, leniency):
        return None
    even = even_text(payload, body, end, marks)
    if even is None or marks.after_step.findall(even[0]) != marks.lone:
        return None
    group = _group(header, body, even, marks)
    if group is None:
        return None
    following, size = None, len(payload)
    if end < size:
        after = skip_padding(payload, end)
        following = read_isa(payload, after) if after < size else None
        if following is None and after < size:
            return None
    return Lone(Interchange(header, [group], end=end), following)


def _end(payload: Octets, body: int, marks: Marks) -> int | None:
    """Return the offset past the last terminator before what may be another interchange.

    None where that is far away, and where a terminator might be part of an id.
    """
    limit = body + FIRST_WINDOW
    end = len(payload)
    if payload.rfind(marks.header, body, limit) >= 0:  # quicker to see than where the first is
        end = payload.find(marks.header, body, limit)
    if end > limit or marks.terminator.isalnum():
        return None
    return payload.rfind(marks.terminator, body, end) + 1 or None


def _group(
    interchange: InterchangeHeader, body: int, even: tuple[str, bool], marks: Marks
) -> Group | None:
    """Return the group and its set, if neither has a fault in its envelope."""
    text, clean = even
    segments = segments_of(text, marks)
    gs, st, (se, ge, iea) = segments[0], segments[1], segments[-3:]
    count, elements = str(len(segments) - 3), tuple(gs)
    header = GroupHeader(elements, body - 1 + len(marks.step))
    if (
        len(elements) != 9
        or elements[0] != "GS"
        or len(st) < 3
        or st[0] != "ST"
        or se != ["SE", count, st[2]]
        or ge != ["GE", "1", elements[6]]
        or iea != ["IEA", "1", interchange.elements[13]]
        or len(segments) > reader_group.MOST_SEGMENTS
        or check_group_header(header)
        or check_set_header(st, elements[1])
    ):
        return None
    past = len(segments) - 2
    one = TransactionSet(
        segments[1:past],
        Offsets((Places(text, marks.step, body - 1), 1, past)),
        interchange.delimiters,
        interchange.control_number,
        header.control_number,
        plain=clean and not marks.has_blank_at_end(text),
    )
    return Group(header, [one], declared_count=1)
