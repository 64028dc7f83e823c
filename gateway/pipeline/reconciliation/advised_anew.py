"""Advised anew: what an application advice says of ours once it is translated after all.

An advice that waited for its map, or was read wrongly by it, said nothing when it came. What it
says once a person has it translated anew is tied to our documents as if it came now; what counted
before stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.pipeline.reconciliation.advising import Advised, Advising, linked, match_advices
from gateway.pipeline.reconciliation.reconciling import CameIn
from gateway.pipeline.reconciliation_records import Standing
from gateway.pipeline.records import DocumentRecord
from gateway.pipeline.store_port import Transaction

_NOTHING = (Standing.UNMATCHED, Standing.UNREADABLE)
"""What was made of an advice that nothing of ours came of."""


def advised_anew(transaction: Transaction, documents: Iterable[DocumentRecord]) -> list[Advised]:
    """Find what advices say that has not counted yet, and hold what it is about.

    Before anything else is changed: interchanges of ours are locked before documents.
    """
    found = match_advices(transaction, documents)
    if not found:
        return []
    known = transaction.acknowledgments.known([one.id for one in found])
    fresh = [
        one
        for one in found
        if one.id not in known or (one.ours is not None and known[one.id].standing in _NOTHING)
    ]
    transaction.acknowledgments.claim({on.ours.outgoing_id for on in fresh if on.ours is not None})
    return fresh


def write_anew(transaction: Transaction, advised: Sequence[Advised], came_in: CameIn) -> str:
    """Write what advices say; return a sentence about it, or nothing where it is about nothing."""
    transaction.acknowledgments.forget([one.id for one in advised])
    Advising(transaction, came_in).write(advised)
    for advice in linked([one.advice for one in advised], advised):
        if isinstance(advice, DocumentRecord) and advice.caused_by is not None:
            transaction.ledger.change_document(advice.id, caused_by=advice.caused_by)
    ours = sorted({one.ours.document_id[:8] for one in advised if one.ours is not None})
    return f"what it says of {', '.join(ours)} counts now" if ours else ""
