"""Matching: which of the interchanges and sets that we sent an acknowledgment is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.acks.model import GroupAcknowledgment, InterchangeAcknowledgment, SetAcknowledgment
from gateway.pipeline.mdn_port import MDN
from gateway.pipeline.records import (
    InterchangeRecord,
    OutgoingRecord,
    OutgoingSetRecord,
    kept,
)
from gateway.pipeline.stages.reconcile import Reply
from gateway.pipeline.store_port import Transaction


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Nothing that we sent; the sentence says what is missing."""

    because: str


Matched = OutgoingRecord | Unmatched
"""The interchange that we sent, without its bytes and as it was when it was looked for."""


def match_all(
    transaction: Transaction, came_in: InterchangeRecord, replies: Sequence[Reply]
) -> list[Matched | None]:
    """Find what each reply is about; None for one that cannot be read."""
    found: list[Matched | None] = []
    for reply in replies:
        match reply.said:
            case GroupAcknowledgment() as said:
                found.append(match_group(transaction, came_in.partner or "", said))
            case InterchangeAcknowledgment() as said:
                found.append(match_interchange(transaction, came_in, said))
            case _:
                found.append(None)
    return found


def match_group(transaction: Transaction, partner: str, said: GroupAcknowledgment) -> Matched:
    """Find the group by GS01 and GS06; where numbers came round, the newest.

    We write GS06 without leading zeros; a partner may answer with some.
    """
    functional_id = kept(said.functional_id)
    number = kept(said.control_number.strip())
    found = transaction.outbox.with_group(partner, functional_id, number.lstrip("0") or "0")
    named = f"group {functional_id} {number}"
    if not found:
        return Unmatched(f"we sent no {named} to {partner}")
    return _newest(found) or Unmatched(f"{named} has not left")


def match_interchange(
    transaction: Transaction, came_in: InterchangeRecord, said: InterchangeAcknowledgment
) -> Matched:
    """Find the interchange by ISA13 and the partner; the identities decide between several.

    Numbers are counted for each partner, so that a partner that answers under another of its
    identities is understood.
    """
    partner = came_in.partner or ""
    number = kept(said.control_number.strip()).zfill(9)
    found = [one for one in transaction.outbox.numbered(partner, number) if one.kind != MDN]
    if not found:
        return Unmatched(f"we sent no interchange {number} to {partner}")
    mirrored = (came_in.receiver, came_in.sender)
    of_both = [one for one in found if (one.sender, one.receiver) == mirrored]
    return _newest(of_both or found) or Unmatched(f"interchange {number} has not left")


SetIndex = Mapping[tuple[str, str], OutgoingSetRecord]
"""Sets of a group by ST01 and ST02, as a partner may write that too."""


def index_of(sets: Iterable[OutgoingSetRecord]) -> SetIndex:
    """Return what `match_set` looks in: groups may have thousands of sets."""
    return {(one.set_id, _bare(one.control_number)): one for one in sets}


def match_set(sets: SetIndex, said: SetAcknowledgment) -> OutgoingSetRecord | None:
    """Find a set of a group by ST01 and ST02, whatever zeros the partner writes."""
    return sets.get((said.set_id, _bare(said.control_number)))


def _bare(number: str) -> str:
    return number.strip().lstrip("0")


def _newest(found: Iterable[OutgoingRecord]) -> OutgoingRecord | None:
    """Return the newest that was at least tried: nobody can have got what was not."""
    tried = [one for one in found if one.tries > 0 or one.sent_at is not None]
    return max(tried, key=lambda one: (one.created_at, one.id), default=None)
