"""Explaining: what a partner found wrong with a set of ours, with the names of our own fields.

An acknowledgment names a segment by its position and an element by its number. The set is read
from the bytes that we sent, and the map is asked which field stands there. That takes a while, so
that what was sent is looked up first, the map is asked while no transaction is open, and both are
bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.acks.codes import CodeList
from gateway.acks.model import (
    ElementNote,
    GroupAcknowledgment,
    SegmentNote,
    SetAcknowledgment,
    Status,
)
from gateway.acks.words import finding_of, meaning
from gateway.findings import Finding, FindingCode, Location
from gateway.pipeline.bugs import guarded
from gateway.pipeline.outbound.trace import Tracer
from gateway.pipeline.outbound.write import with_fields
from gateway.pipeline.outcome import Quarantine
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.reconciliation.matching import index_of, match_group, match_set
from gateway.pipeline.records import DocumentRecord, InterchangeRecord
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.stages.reconcile import Reply
from gateway.pipeline.store_port import Transaction
from gateway.x12.model import TransactionSet
from gateway.x12.reader import read_interchanges

MOST_NOTES = 100
"""Faults of one set that are kept; whoever sends more will be asked by telephone."""

MOST_TRACED = 200
"""Places in one interchange of acknowledgments that the map is asked about."""

Explanations = Mapping[tuple[str, str], Sequence[Finding]]
"""What is wrong with sets of ours, by their interchange and ST02."""


@dataclass(frozen=True, slots=True)
class NotedGroup:
    """A group of ours in which a partner found something, as it was sent."""

    outgoing_id: str
    content: bytes
    """The interchange; empty where its bytes were purged."""
    noted: Sequence[tuple[str, SetAcknowledgment]]
    """ST02 of each set that was not simply accepted, and what was said of it."""
    documents: Mapping[str, DocumentRecord]
    """Those of the first so many of these sets, by ST02."""


def what_was_sent(
    transaction: Transaction, came_in: InterchangeRecord, replies: Sequence[Reply]
) -> list[NotedGroup]:
    """Look up what is not simply accepted: its bytes, its sets, their documents."""
    found = []
    for reply in replies:
        said = reply.said
        if not isinstance(said, GroupAcknowledgment) or not _is_noted(said):
            continue
        matched = match_group(transaction, came_in, said)
        outgoing = (
            transaction.outbox.outgoing(matched.id) if isinstance(matched, OutgoingRecord) else None
        )
        if outgoing is not None:
            found.append(_noted_group(transaction, outgoing, said))
    return found


def _noted_group(
    transaction: Transaction, outgoing: OutgoingRecord, said: GroupAcknowledgment
) -> NotedGroup:
    sets = index_of(transaction.outbox.sets_of(outgoing.id))
    matched = [(match_set(sets, one), one) for one in said.sets]
    noted = [(ours, one) for ours, one in matched if ours and one.status is not Status.ACCEPTED]
    number_of = {ours.document_id: ours.control_number for ours, _ in noted[:MOST_TRACED]}
    return NotedGroup(
        outgoing.id,
        outgoing.content,
        [(ours.control_number, one) for ours, one in noted],
        {number_of[one.id]: one for one in transaction.ledger.documents(number_of)},
    )


class Explainer:
    """Explains what was said of sets, by the maps that wrote them."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook

    def explain(self, groups: Sequence[NotedGroup]) -> Explanations:
        """Return findings about every set that was not simply accepted."""
        found: dict[tuple[str, str], Sequence[Finding]] = {}
        left = MOST_TRACED
        for group in groups:
            sent = _sent_sets(group.content)
            for number, said in group.noted:
                findings = [*_findings(said, sent.get(number))]
                tracer = self._tracer(group.documents.get(number), sent.get(number))
                if tracer is not None:
                    findings = [*_traced(findings[:left], tracer), *findings[left:]]
                found[group.outgoing_id, number] = findings
                left = max(0, left - len(findings))
        return found

    def _tracer(
        self, document: DocumentRecord | None, sent: TransactionSet | None
    ) -> Tracer | None:
        """Return what knows the fields; None where bytes, map or schema are there no more."""
        if document is None or sent is None:
            return None
        document_map = self._rulebook.map_named(document.map or "")
        validator = self._rulebook.validator(document.version[:6], document.set_id)
        if document_map is None or validator is None:
            return None
        return Tracer(sent.segments, sent.delimiters, document_map, validator)


def _is_noted(said: GroupAcknowledgment) -> bool:
    return any(one.status is not Status.ACCEPTED for one in said.sets)


def _sent_sets(content: bytes) -> Mapping[str, TransactionSet]:
    """Read what we sent; nothing of it where its bytes were purged."""
    if not content:
        return {}
    return {
        one.control_number: one
        for interchange in read_interchanges(content)
        for group in interchange.groups
        for one in group.transaction_sets
    }


def _findings(said: SetAcknowledgment, sent: TransactionSet | None) -> Iterator[Finding]:
    """Yield one finding for each fault that is told, at most so many."""
    places: list[tuple[SegmentNote, ElementNote | None]] = []
    for note in said.segments:
        places += [(note, element) for element in note.elements] or [(note, None)]
    for note, element in places[:MOST_NOTES]:
        yield _finding(note, element, sent)
    if not places:
        for code in said.codes:
            called = finding_of(CodeList.TRANSACTION_SET, code)
            detail = f"the partner says: {meaning(CodeList.TRANSACTION_SET, code)}"
            yield Finding(called or FindingCode.DOCUMENT_INVALID, detail=detail)


def _finding(
    note: SegmentNote, element: ElementNote | None, sent: TransactionSet | None
) -> Finding:
    in_list, code = CodeList.SEGMENT, note.code
    if element is not None:
        in_list, code = CodeList.ELEMENT, element.code
    place = Location(
        interchange=sent.interchange_control_number if sent else None,
        group=sent.group_control_number if sent else None,
        transaction_set=sent.control_number if sent else None,
        segment_position=note.position or None,
        segment_id=note.segment_id or None,
        loop=note.loop or None,
        element=(element.position or None) if element else None,
        component=element.component if element else None,
        repetition=element.repetition if element else None,
        offset=_offset(note, sent),
    )
    return Finding(
        finding_of(in_list, code) or FindingCode.DOCUMENT_INVALID,
        place,
        (_value(note, element, sent) or element.value or None) if element else None,
        f"the partner says: {meaning(in_list, code)}",
        (element.data_element or None) if element else None,
    )


def _segment(note: SegmentNote, sent: TransactionSet | None) -> list[str] | None:
    """Return the segment of ours that a note is about, where it is there."""
    if sent is None or not 0 < note.position <= len(sent.segments):
        return None
    segment = sent.segments[note.position - 1]
    return segment if segment[0] == note.segment_id else None


def _offset(note: SegmentNote, sent: TransactionSet | None) -> int | None:
    if sent is None or _segment(note, sent) is None:
        return None
    return sent.offsets[note.position - 1]


def _value(note: SegmentNote, element: ElementNote, sent: TransactionSet | None) -> str:
    """Return what we wrote there: partners shorten what they repeat, or leave it out."""
    segment = _segment(note, sent)
    if segment is None or not 0 < element.position < len(segment):
        return ""
    return segment[element.position]


def _traced(findings: Sequence[Finding], tracer: Tracer) -> list[Finding]:
    """Name the fields of ours that findings are about, where the map knows them."""
    # What the partner says must be kept even where it makes our map stumble.
    named = guarded(lambda: with_fields(findings, tracer))
    return [*findings] if isinstance(named, Quarantine) else named
