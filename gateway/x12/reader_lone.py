"""An interchange of one group with one transaction set, and no fault in any envelope.

Most payloads are one, and small: what `gateway.x12.reader_interchange` finds out step by step is
told here in a few comparisons, to the same events. Whatever is not so plain is read there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

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
    Segment,
    TransactionSet,
)
from gateway.x12.reader_events import Event, GroupEnd, GroupStart, InterchangeEnd, InterchangeStart
from gateway.x12.reader_marks import marks_of
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


class _Cut(NamedTuple):
    """What follows an ISA, up to its IEA."""

    segments: list[Segment]
    places: Places
    start: int
    """Offset of the GS."""
    end: int
    """Offset just past the terminator of the IEA."""
    plain: bool


def read_lone(payload: Octets, found: FoundInterchange, leniency: Leniency) -> Lone | None:
    """Read an interchange of one sound set; None where it has to be looked at."""
    header = found.header
    if found.faults or found.width_faults or found.component_fault:
        return None
    if leniency.lowercase_segment_ids or check_interchange_header(header, leniency):
        return None
    cut = _cut(payload, found)
    if cut is None or len(cut.segments) > reader_group.MOST_SEGMENTS:
        return None
    after = skip_padding(payload, cut.end)
    following = read_isa(payload, after) if after < len(payload) else None
    group = None if following is None and after < len(payload) else _group(header, cut)
    if group is None:
        return None
    return Lone(Interchange(header, [group], end=cut.end), following)


def _cut(payload: Octets, found: FoundInterchange) -> _Cut | None:
    """Cut what follows an ISA where that is one small transaction set, and its end."""
    start, delimiters = found.body, found.header.delimiters
    if delimiters.terminator.isalnum():
        return None
    marks = marks_of(delimiters)
    limit = start + FIRST_WINDOW
    # All up to what may be another interchange; with that in it, it would not be cut as one.
    end = payload.find(marks.header, start, limit)
    if end < 0:
        end = len(payload)
    past = payload.rfind(marks.terminator, start, end) + 1 if end <= limit else 0
    even = even_text(payload, start, past, marks) if past else None
    if even is None or marks.after_step.findall(even[0]) != marks.lone:
        return None
    text, clean = even
    segments = segments_of(text, marks)
    places = Places(text, marks.step, start - 1)
    plain = clean and marks.last_blank.search(text) is None
    return _Cut(segments, places, start - 1 + len(marks.step), past, plain)


def _group(interchange: InterchangeHeader, cut: _Cut) -> Group | None:
    """Return the group and its set, if neither has a fault in its envelope."""
    segments = cut.segments
    first, opening, past = segments[0], segments[1], len(segments) - 2
    if len(first) != 9 or len(opening) < 3 or opening[0] != "ST":
        return None
    header = GroupHeader(tuple(first), cut.start)
    number = first[6]
    if (
        first[0] != "GS"
        or segments[past - 1] != ["SE", str(past - 1), opening[2]]
        or segments[past] != ["GE", "1", number]
        or segments[past + 1] != ["IEA", "1", interchange.elements[13]]
        or check_group_header(header)
        or check_set_header(opening, first[1])
    ):
        return None
    one = TransactionSet(
        segments[1:past],
        Offsets((cut.places, 1, past)),
        interchange.delimiters,
        interchange.control_number,
        header.control_number,
        plain=cut.plain,
    )
    return Group(header, [one], declared_count=1)
