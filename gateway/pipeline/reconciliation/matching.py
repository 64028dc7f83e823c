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
from gateway.pipeline.store_port import Transaction


@dataclass(frozen=True, slots=True)
class Matched:
    """An interchange that we sent, and its sets."""

    outgoing: OutgoingRecord
    sets: Sequence[OutgoingSetRecord]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Nothing that we sent; the sentence says what is missing."""

    because: str


def match_group(
    transaction: Transaction, partner: str, said: GroupAcknowledgment
) -> Matched | Unmatched:
    """Find the group by GS01 and GS06; where numbers came round, the newest.

    We write GS06 without leading zeros; a partner may answer with some.
    """
    functional_id = kept(said.functional_id)
    number = kept(said.control_number.strip())
    sets = transaction.outbox.sets_of_group(partner, functional_id, number.lstrip("0") or "0")
    named = f"group {functional_id} {number}"
    if not sets:
        return Unmatched(f"we sent no {named} to {partner}")
    found = [transaction.outbox.outgoing(id_) for id_ in {one.outgoing_id for one in sets}]
    newest = _newest(one for one in found if one is not None)
    if newest is None:
        return Unmatched(f"{named} has not left")
    return Matched(newest, [one for one in sets if one.outgoing_id == newest.id])


def match_interchange(
    transaction: Transaction, came_in: InterchangeRecord, said: InterchangeAcknowledgment
) -> Matched | Unmatched:
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
    newest = _newest(of_both or found)
    if newest is None:
        return Unmatched(f"interchange {number} has not left")
    return Matched(newest, transaction.outbox.sets_of(newest.id))


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
    tried = [one for one in found if one.attempt > 0 or one.sent_at is not None]
    return max(tried, key=lambda one: (one.created_at, one.id), default=None)
