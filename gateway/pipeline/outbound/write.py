"""Write: a canonical document becomes a transaction set, and is validated before it may leave.

What we send is judged by the partner's schema and by the agreement, as what we receive is: written
out as an interchange, read back by our own reader, and validated. A finding that refuses keeps it
here, said with the names of the document's own fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.errors import LocalProtocolError
from gateway.findings import Finding, FindingCode, Severity
from gateway.mapping.plan import Json
from gateway.pipeline.memory import InHand, Memory, with_recalled
from gateway.pipeline.outbound.agreed import Agreed
from gateway.pipeline.outbound.envelope import Numbers
from gateway.pipeline.outbound.trace import Place, Tracer
from gateway.pipeline.rulebook import DocumentMap
from gateway.x12.model import ControlNumber, Segment
from gateway.x12.reader import read_interchanges
from gateway.x12.validate import SetValidator

_DRAFT = Numbers(ControlNumber("000000001"), ControlNumber("1"), [ControlNumber("0001")])
"""Numbers that nobody took: whether a set is sound does not depend on them."""

_SHOWN = 80
"""So many characters of a value are said; it may be as long as the document."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A document as X12, with control numbers that were not taken, and what was found."""

    segments: Sequence[Segment]
    """Between ST and SE."""
    content: bytes
    """The whole interchange; empty where it could not be written."""
    findings: tuple[Finding, ...]
    refused: tuple[Finding, ...]
    """Those that keep it from leaving."""

    @property
    def because(self) -> str:
        """Say in a sentence why it may not leave; empty where it may."""
        if not self.refused:
            return ""
        more = f", and {len(self.refused) - 1} more" if len(self.refused) > 1 else ""
        return sentence(self.refused[0]) + more


def sentence(finding: Finding) -> str:
    """Say a finding with the field that it is about, and where that stands in the X12."""
    said = finding.detail or finding.code.replace("_", " ")
    if finding.value:
        value = finding.value
        shown = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
        said = f"'{shown}': {said}"
    place = finding.location.reference
    if finding.field:
        return f"{finding.field}{f' ({place})' if place else ''}: {said}"
    return f"{place}: {said}" if place else said


def write(
    document: Mapping[str, Json], agreed: Agreed, *, now: datetime, memory: Memory, came: datetime
) -> Draft:
    """Write one document and validate what was written; `came` is when it was submitted."""
    agreement, envelope, document_map = agreed.agreement, agreed.envelope, agreed.document_map
    in_hand = InHand(agreed.partner.id, envelope.usage, came)
    document, missed = with_recalled(document, document_map, memory, in_hand)
    replacement = agreement.delimiters.replacement if agreement.delimiters is not None else None
    writing = document_map.write(document, envelope.delimiters, replacement)
    findings = [*missed, *writing.findings, *document_map.kept(document)]
    segments = writing.segments
    content = b""
    try:
        content = envelope.write([segments], _DRAFT, now, text=writing.text)
    except LocalProtocolError as fault:
        findings.append(Finding(FindingCode.DOCUMENT_INVALID, detail=str(fault)))
    else:
        findings += _validated(content, document_map, agreed.validator)
    refused = [one for one in findings if one.held or agreement.severity(one) is Severity.REJECT]
    return Draft(segments, content, tuple(findings), tuple(refused))


def _validated(content: bytes, document_map: DocumentMap, validator: SetValidator) -> list[Finding]:
    """Read back what was written, and name the fields that the findings are about."""
    [interchange] = read_interchanges(content)
    [group] = interchange.groups
    [one] = group.transaction_sets
    of_set = [*one.findings, *validator.parse(one).findings]
    if of_set:
        tracer = Tracer(one.segments, one.delimiters, document_map, validator)
        of_set = with_fields(of_set, tracer)
    return [*interchange.findings, *group.findings, *of_set]


def with_fields(findings: Sequence[Finding], tracer: Tracer) -> list[Finding]:
    """Name the fields of ours that findings about a set are about, where the map knows them."""
    # Position 0 is none of a set: nothing stands there.
    places = [
        Place(at.segment_position or 0, at.segment_id or "", at.element)
        for at in (one.location for one in findings)
    ]
    fields = tracer.fields_at([one for one in places if one.segment_position])
    return [
        replace(one, field=fields[place]) if place in fields else one
        for one, place in zip(findings, places, strict=True)
    ]
