"""Answered: the interchange that an acknowledgment speaks of, theirs or ours, from what was kept.

People ask so of an acknowledgment that they hold as a file, whether it came to us or left us.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.acks.advice824 import DocumentAdvice
from gateway.acks.model import GroupAcknowledgment, InterchangeAcknowledgment, Status
from gateway.partners import PartnerLookup, UnknownParty
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.reconciliation.matching import (
    AdviceAbout,
    Matched,
    match_advice,
    match_group,
    match_interchange,
)
from gateway.pipeline.store_port import Transaction
from gateway.x12.envelope import FUNCTIONAL_IDS
from gateway.x12.model import InterchangeHeader

Said = GroupAcknowledgment | InterchangeAcknowledgment | DocumentAdvice


MOST_ANSWERED = 500
"""Interchanges that one acknowledgment is looked up in: no batch of ours has more."""


@dataclass(frozen=True, slots=True)
class _Arrived:
    partner: str
    sender: str
    receiver: str
    usage: str


def answered(
    transaction: Transaction, lookup: PartnerLookup, header: InterchangeHeader, said: Said
) -> bytes | None:
    """Return the bytes of the interchange that an acknowledgment is about; None where unknown.

    `header` is that of the interchange that carries the acknowledgment.
    """
    partner = _partner(lookup, header.sender, header.receiver)
    if partner is not None:
        found = _found(transaction, _arrived(partner, header), said)
        ours = transaction.outbox.outgoing(found) if found is not None else None
        return ours.content if ours is not None else None
    partner = _partner(lookup, header.receiver, header.sender)
    return None if partner is None else _theirs(transaction, partner, header)


def _partner(
    lookup: PartnerLookup, sender: tuple[str, str], receiver: tuple[str, str]
) -> str | None:
    found = lookup.find(sender, receiver)
    return None if isinstance(found, UnknownParty) else found.partner.id


def _arrived(partner: str, header: InterchangeHeader) -> _Arrived:
    return _Arrived(partner, "/".join(header.sender), "/".join(header.receiver), header.usage)


def _found(transaction: Transaction, came_in: _Arrived, said: Said) -> str | None:
    """Return the id of the interchange of ours that is spoken of."""
    matched: Matched
    match said:
        case GroupAcknowledgment():
            matched = match_group(transaction, came_in, said)
        case InterchangeAcknowledgment():
            matched = match_interchange(transaction, came_in, said)
        case DocumentAdvice():
            one = AdviceAbout(
                said.group_control_number, said.control_number, said.set_id, said.reference
            )
            ours = match_advice(transaction, came_in.partner, one)
            if ours is not None:
                return ours.outgoing_id
            functional_id = FUNCTIONAL_IDS.get(said.set_id, "")
            number = said.group_control_number
            group = GroupAcknowledgment(functional_id, number, Status.ACCEPTED, 0, 0, 0)
            matched = match_group(transaction, came_in, group)
    return matched.id if isinstance(matched, OutgoingRecord) else None


def _theirs(transaction: Transaction, partner: str, header: InterchangeHeader) -> bytes | None:
    """Return what an acknowledgment of ours answers, by the number that it left under."""
    for one in transaction.outbox.numbered(partner, header.control_number):
        answers = [one.answers] if one.answers else transaction.collected.answered_by(one.id)
        contents = [_content(transaction, id_) for id_ in answers[:MOST_ANSWERED]]
        if any(contents):
            return b"\n".join(filter(None, contents))
    return None


def _content(transaction: Transaction, interchange_id: str) -> bytes:
    found = transaction.ledger.interchange(interchange_id)
    if found is None:
        return b""
    [payload] = transaction.ledger.payloads([found.payload_id])
    return payload.content[found.start : found.end]
