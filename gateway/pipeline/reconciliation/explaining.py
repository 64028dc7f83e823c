"""Explaining: what a partner found wrong with a set of ours, with the names of our own fields.

An acknowledgment names a segment by its position and an element by its number. The set is read
from the bytes that we sent, and the map is asked which field stands there. That takes a while, so
that what was sent is looked up first, the map is asked while no transaction is open, and both are
bounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.acks.model import GroupAcknowledgment, SetAcknowledgment, Status
from gateway.acks.noted import noted_in_set
from gateway.findings import Finding
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
                findings = [*noted_in_set(said, sent.get(number))]
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
        document_map = self._rulebook.map_named(document.map or "", document.version[:6])
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


def _traced(findings: Sequence[Finding], tracer: Tracer) -> list[Finding]:
    """Name the fields of ours that findings are about, where the map knows them."""
    # What the partner says must be kept even where it makes our map stumble.
    named = guarded(lambda: with_fields(findings, tracer))
    return [*findings] if isinstance(named, Quarantine) else named
