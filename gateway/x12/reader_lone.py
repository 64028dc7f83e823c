"""An interchange of one group with one transaction set, and no fault in any envelope.

Most payloads are one, and small: what `gateway.x12.reader_interchange` finds out step by step is
told here in a few comparisons, to the same events. Whatever is not so plain is read there.
"""

from __future__ import annotations

from gateway.x12 import reader_group
from gateway.x12.delimiters import FoundInterchange, read_isa, skip_padding
from gateway.x12.envelope import check_group_header, check_interchange_header, check_set_header
from gateway.x12.leniency import Leniency
from gateway.x12.model import Octets, TransactionSet
from gateway.x12.reader_events import Event, GroupEnd, GroupStart, InterchangeEnd, InterchangeStart
from gateway.x12.reader_segments import Offsets, Window, lone_window

Lone = tuple[tuple[Event, ...], FoundInterchange | None]
"""The events of an interchange, and the interchange that follows it at once."""


def read_lone(payload: Octets, found: FoundInterchange, leniency: Leniency) -> Lone | None:
    """Return the events of an interchange of one sound set; None where it has to be looked at."""
    header = found.header
    if found.faults or found.width_faults or found.component_fault:
        return None
    if leniency.lowercase_segment_ids or check_interchange_header(header, leniency):
        return None
    window = lone_window(payload, found.body, header.delimiters)
    if window is None or window.segments[-1] != ["IEA", "1", header.elements[13]]:
        return None
    if len(window.segments) > reader_group.MOST_SEGMENTS:
        return None
    after = skip_padding(payload, window.end)
    following = read_isa(payload, after) if after < len(payload) else None
    events = None if after < len(payload) and following is None else _events(found, window)
    return None if events is None else (events, following)


def _events(found: FoundInterchange, window: Window) -> tuple[Event, ...] | None:
    """Return the events, if group and set have no fault in their envelopes."""
    header, segments = found.header, window.segments
    group, first, past = reader_group.group_header(window, 0), segments[1], len(segments) - 2
    number = group.elements[6]
    if (
        len(first) < 3
        or segments[past - 1] != ["SE", str(past - 1), first[2]]
        or segments[past] != ["GE", "1", number]
        or check_group_header(group)
        or check_set_header(first, group.elements[1])
    ):
        return None
    offsets = Offsets()
    offsets.extend(window.places, 1, past)
    one = TransactionSet(
        segments[1:past],
        offsets,
        header.delimiters,
        header.control_number,
        group.control_number,
        plain=window.plain,
    )
    return (
        InterchangeStart(header),
        GroupStart(group),
        one,
        GroupEnd(group, 1, 1, ()),
        InterchangeEnd(header, (), (), window.end),
    )
