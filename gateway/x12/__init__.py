"""X12 as bytes and as values: read, validate and write interchanges, without I/O.

    bytes ──reader──▶ interchange, groups, transaction sets ──validate──▶ tree of loops + findings
    bytes ◀──writer── transaction sets ◀──order── tree of loops

The only abbreviations are the standard's: isa and iea (interchange), gs and ge (functional group),
st and se (transaction set), ta1 (interchange acknowledgment).

The names here are what a program needs that uses X12 and nothing else of the gateway
(docs/library.md); the gateway's own modules import from where each is at home. Each name is
imported when it is first asked for: who only wants the model does not pay for the reader.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.errors import InterchangeUnreadable, LocalProtocolError
    from gateway.findings import Finding, FindingCode, Level, Location
    from gateway.x12.advice import Advice, advise
    from gateway.x12.layout import annotated, compact, one_a_line, restored
    from gateway.x12.leniency import Leniency, strict
    from gateway.x12.library import SchemaLibrary
    from gateway.x12.model import (
        ControlNumber,
        Delimiters,
        Group,
        GroupHeader,
        Interchange,
        InterchangeHeader,
        Loop,
        Octets,
        Segment,
        TransactionSet,
    )
    from gateway.x12.names import Names
    from gateway.x12.order import segments_in_order
    from gateway.x12.reader import read, read_interchanges
    from gateway.x12.reader_events import (
        Event,
        GroupEnd,
        GroupStart,
        InterchangeEnd,
        InterchangeStart,
    )
    from gateway.x12.repair import Edit, Refusal, Repair, repaired
    from gateway.x12.schema import ElementUse, LoopUse, SegmentUse, SetSchema
    from gateway.x12.split import By, KeptAsReceived, LeftOut, PartEnd, PartStart, split_into
    from gateway.x12.standard import Standard, walk
    from gateway.x12.validate import ParsedSet
    from gateway.x12.writer import (
        OutboundGroup,
        OutboundSet,
        Writing,
        gs,
        isa,
        rewrite,
        write_interchange,
    )

_HOMES = {
    "Finding": "gateway.findings",
    "FindingCode": "gateway.findings",
    "InterchangeUnreadable": "gateway.errors",
    "Level": "gateway.findings",
    "LocalProtocolError": "gateway.errors",
    "Location": "gateway.findings",
    "Advice": "gateway.x12.advice",
    "By": "gateway.x12.split",
    "ControlNumber": "gateway.x12.model",
    "Delimiters": "gateway.x12.model",
    "Edit": "gateway.x12.repair",
    "ElementUse": "gateway.x12.schema",
    "Event": "gateway.x12.reader_events",
    "Group": "gateway.x12.model",
    "GroupEnd": "gateway.x12.reader_events",
    "GroupHeader": "gateway.x12.model",
    "GroupStart": "gateway.x12.reader_events",
    "Interchange": "gateway.x12.model",
    "InterchangeEnd": "gateway.x12.reader_events",
    "InterchangeHeader": "gateway.x12.model",
    "InterchangeStart": "gateway.x12.reader_events",
    "KeptAsReceived": "gateway.x12.split",
    "LeftOut": "gateway.x12.split",
    "Leniency": "gateway.x12.leniency",
    "Loop": "gateway.x12.model",
    "LoopUse": "gateway.x12.schema",
    "Names": "gateway.x12.names",
    "Octets": "gateway.x12.model",
    "OutboundGroup": "gateway.x12.writer",
    "OutboundSet": "gateway.x12.writer",
    "ParsedSet": "gateway.x12.validate",
    "PartEnd": "gateway.x12.split",
    "PartStart": "gateway.x12.split",
    "Refusal": "gateway.x12.repair",
    "Repair": "gateway.x12.repair",
    "SchemaLibrary": "gateway.x12.library",
    "Segment": "gateway.x12.model",
    "SegmentUse": "gateway.x12.schema",
    "SetSchema": "gateway.x12.schema",
    "Standard": "gateway.x12.standard",
    "TransactionSet": "gateway.x12.model",
    "Writing": "gateway.x12.writer",
    "advise": "gateway.x12.advice",
    "annotated": "gateway.x12.layout",
    "compact": "gateway.x12.layout",
    "gs": "gateway.x12.writer",
    "isa": "gateway.x12.writer",
    "one_a_line": "gateway.x12.layout",
    "read": "gateway.x12.reader",
    "read_interchanges": "gateway.x12.reader",
    "repaired": "gateway.x12.repair",
    "restored": "gateway.x12.layout",
    "rewrite": "gateway.x12.writer",
    "segments_in_order": "gateway.x12.order",
    "split_into": "gateway.x12.split",
    "strict": "gateway.x12.leniency",
    "walk": "gateway.x12.standard",
    "write_interchange": "gateway.x12.writer",
}
"""Where each name is at home."""

__all__ = [
    "Advice",
    "By",
    "ControlNumber",
    "Delimiters",
    "Edit",
    "ElementUse",
    "Event",
    "Finding",
    "FindingCode",
    "Group",
    "GroupEnd",
    "GroupHeader",
    "GroupStart",
    "Interchange",
    "InterchangeEnd",
    "InterchangeHeader",
    "InterchangeStart",
    "InterchangeUnreadable",
    "KeptAsReceived",
    "LeftOut",
    "Leniency",
    "Level",
    "LocalProtocolError",
    "Location",
    "Loop",
    "LoopUse",
    "Names",
    "Octets",
    "OutboundGroup",
    "OutboundSet",
    "ParsedSet",
    "PartEnd",
    "PartStart",
    "Refusal",
    "Repair",
    "SchemaLibrary",
    "Segment",
    "SegmentUse",
    "SetSchema",
    "Standard",
    "TransactionSet",
    "Writing",
    "advise",
    "annotated",
    "compact",
    "gs",
    "isa",
    "one_a_line",
    "read",
    "read_interchanges",
    "repaired",
    "restored",
    "rewrite",
    "segments_in_order",
    "split_into",
    "strict",
    "walk",
    "write_interchange",
]

if not TYPE_CHECKING:  # a type checker knows the names from the imports above, and no others

    def __getattr__(name: str) -> object:
        """Import a name from its home."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
