"""Bytes to interchanges, groups and transaction sets, one transaction set at a time.

    ISA                     InterchangeStart
      TA1                     (collected in InterchangeEnd)
      GS                      GroupStart
        ST ... SE               TransactionSet
      GE                      GroupEnd
    IEA                     InterchangeEnd

Where a trailer is missing, the next ISA, GS or ST starts afresh and the fault is a finding. So one
bad transaction set never costs the others, and a payload that was cut off gives everything that is
whole. Only a payload without any ISA is an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from gateway.errors import InterchangeUnreadable
from gateway.findings import Finding, FindingCode, Location
from gateway.x12.characters import from_ebcdic, is_ebcdic
from gateway.x12.delimiters import FoundInterchange, find_interchange, skip_padding
from gateway.x12.leniency import Leniency, strict
from gateway.x12.model import Group, Interchange, InterchangeHeader, Octets, TransactionSet
from gateway.x12.reader_events import Event, GroupEnd, GroupStart, InterchangeEnd, InterchangeStart
from gateway.x12.reader_interchange import InterchangeReader
from gateway.x12.reader_lone import Lone, read_lone

__all__ = [
    "Event",
    "GroupEnd",
    "GroupStart",
    "InterchangeEnd",
    "InterchangeStart",
    "LeniencyOf",
    "read",
    "read_interchanges",
]

LeniencyOf = Callable[[InterchangeHeader], Leniency]
"""Says what is taken in silence from the sender that an ISA names."""

_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"I\0S\0A\0", b"\0I\0S\0A")


def read(payload: Octets, leniency_of: LeniencyOf = strict) -> Iterator[Event]:
    """Yield the events of every interchange in a payload.

    Raises InterchangeUnreadable, before the first event, where there is no ISA at all.
    """
    for one in _interchanges(payload, leniency_of):
        yield from one.events()


def read_interchanges(payload: Octets, leniency_of: LeniencyOf = strict) -> Iterator[Interchange]:
    """Yield every interchange in a payload, each as a whole: for payloads that fit in memory."""
    for one in _interchanges(payload, leniency_of):
        yield one.interchange if isinstance(one, Lone) else _whole(one)


def _interchanges(payload: Octets, leniency_of: LeniencyOf) -> Iterator[Lone | InterchangeReader]:
    """Yield each interchange as a whole, or as what reads it: to its end, before the next."""
    ebcdic = is_ebcdic(payload)
    if ebcdic:
        payload = from_ebcdic(payload)
    start = skip_padding(payload, 0)
    found = find_interchange(payload, start)
    if found is None:
        raise InterchangeUnreadable(_why_unreadable(payload, start), offset=start)
    before = found.header.offset - start
    while found is not None:
        leniency = leniency_of(found.header)
        if before and not leniency.text_before_isa:
            found = found._replace(faults=(_text_before(found, start, before), *found.faults))
        before = 0
        if ebcdic and not leniency.ebcdic:
            found = found._replace(faults=(_ebcdic(found), *found.faults))
        if found.folded:
            if not leniency.line_breaks_in_data:
                found = found._replace(faults=(_folded(found), *found.faults))
            leniency = replace(leniency, line_breaks_in_data=True)
        if leniency.no_repetitions:
            found = found.without_repetitions()
        one = read_lone(payload, found, leniency) or InterchangeReader(payload, found, leniency)
        yield one
        found = one.next


def _whole(reader: InterchangeReader) -> Interchange:
    """Read an interchange to its end."""
    for event in reader.events():
        if isinstance(event, InterchangeStart):
            interchange = Interchange(event.header)
        elif isinstance(event, GroupStart):
            group = Group(event.header)
            interchange.groups.append(group)
        elif isinstance(event, TransactionSet):
            group.transaction_sets.append(event)
        elif isinstance(event, GroupEnd):
            group.declared_count = event.declared_count
            group.findings = list(event.findings)
        else:
            interchange.findings = list(event.findings)
            interchange.acknowledgments = list(event.acknowledgments)
            interchange.end = event.end
    return interchange


def _text_before(found: FoundInterchange, start: int, length: int) -> Finding:
    return Finding(
        FindingCode.INTERCHANGE_CONTENT_INVALID,
        Location(interchange=found.header.control_number, offset=start),
        None,
        f"expected ISA first, found {length} bytes before it",
    )


def _ebcdic(found: FoundInterchange) -> Finding:
    expected = "expected ASCII, Latin-1 or UTF-8, found EBCDIC"
    return _fault_at(found, FindingCode.INTERCHANGE_CONTENT_INVALID, expected)


def _folded(found: FoundInterchange) -> Finding:
    expected = "expected no line breaks within segments, found the ISA folded to lines"
    return _fault_at(found, FindingCode.INTERCHANGE_CONTENT_INVALID, expected)


def _fault_at(found: FoundInterchange, code: FindingCode, expected: str) -> Finding:
    header = found.header
    place = Location(interchange=header.control_number, segment_id="ISA", offset=header.offset)
    return Finding(code, place, None, expected)


def _why_unreadable(payload: Octets, start: int) -> str:
    """Say what the payload seems to be instead."""
    if start >= len(payload):
        return "The payload is empty: expected an ISA segment."
    begins = payload[start : start + 8]
    if begins.startswith(b"ISA"):
        return (
            f"The ISA segment at byte {start} cannot be read: expected 16 elements and a segment "
            f"terminator in 106 bytes; the payload has {len(payload) - start} bytes from there."
        )
    if begins.startswith(_UTF_16):
        return "The payload is UTF-16: expected ASCII, Latin-1 or UTF-8."
    if begins.startswith((b"UNA", b"UNB")):
        return "The payload is EDIFACT: expected X12, which starts with an ISA segment."
    if begins.startswith(b"<"):
        return "The payload looks like XML: expected X12, which starts with an ISA segment."
    if begins.startswith((b"{", b"[")):
        return "The payload looks like JSON: expected X12, which starts with an ISA segment."
    return f"No ISA segment was found in {len(payload)} bytes."
