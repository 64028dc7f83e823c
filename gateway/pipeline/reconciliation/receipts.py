"""Receipts: what a transport says of a message that carried an interchange, such as an MDN.

It is a verdict of its own level: that the partner has the bytes, not that it takes what they say.
It changes no status of a document; it is shown beside what the partner's 997 says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.clock import derived_id
from gateway.pipeline.reconciliation_records import (
    AcknowledgedLevel,
    AcknowledgmentRecord,
    Standing,
)
from gateway.pipeline.records import kept
from gateway.pipeline.states import AwaitedStatus
from gateway.pipeline.store_port import Transaction


@dataclass(frozen=True, slots=True)
class TransportReceipt:
    """What a partner's transport said of one message of ours."""

    kind: str
    """Such as `MDN`."""
    partner: str
    message_id: str
    outgoing_id: str
    """The interchange that the message carried."""
    accepted: bool
    because: str
    """In words, whatever it says."""


def reconcile_receipt(
    transaction: Transaction, receipt: TransportReceipt, now: datetime
) -> AcknowledgmentRecord:
    """Keep a receipt with the interchange that it is about; the first verdict on it stays."""
    said = AwaitedStatus.ACCEPTED if receipt.accepted else AwaitedStatus.REJECTED
    before = [
        one
        for one in transaction.acknowledgments.counted(receipt.outgoing_id)
        if one.level == AcknowledgedLevel.TRANSPORT
    ]
    record = AcknowledgmentRecord(
        id=derived_id(
            "receipt",
            receipt.message_id,
            receipt.outgoing_id,
            said,
            now.isoformat(),
            kept(receipt.because),
        ),
        at=now,
        partner=receipt.partner,
        kind=receipt.kind,
        level=AcknowledgedLevel.TRANSPORT,
        standing=Standing.DUPLICATE if before else Standing.FIRST,
        verdict=said,
        control_number=kept(receipt.message_id),
        detail=kept(receipt.because),
        outgoing_id=receipt.outgoing_id,
    )
    transaction.ledger.add([record])
    return record
