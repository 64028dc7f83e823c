"""Matching: which of the interchanges and sets that we sent an acknowledgment is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gateway.acks.model import GroupAcknowledgment, InterchangeAcknowledgment, SetAcknowledgment
from gateway.pipeline.mdn_port import MDN
from gateway.pipeline.outgoing_records import OutgoingRecord, OutgoingSetRecord
from gateway.pipeline.records import kept
from gateway.pipeline.stages.reconcile import Reply
from gateway.pipeline.store_port import Transaction


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Nothing that we sent; the sentence says what is missing."""

    because: str


class Arrived(Protocol):
    """The interchange that brought an acknowledgment: what tells between several of ours."""

    @property
    def partner(self) -> str | None:
        """Return whom it came from."""

    @property
    def sender(self) -> str:
        """Return ISA05 and ISA06."""

    @property
    def receiver(self) -> str:
        """Return ISA07 and ISA08."""

    @property
    def usage(self) -> str:
        """Return ISA15."""


Matched = OutgoingRecord | Unmatched
"""The interchange that we sent, without its bytes and as it was when it was looked for."""


def match_all(
    transaction: Transaction, came_in: Arrived, replies: Sequence[Reply]
) -> list[Matched | None]:
    """Find what each reply is about; None for one that cannot be read."""
    found: list[Matched | None] = []
    for reply in replies:
        match reply.said:
            case GroupAcknowledgment() as said:
                found.append(match_group(transaction, came_in, said))
            case InterchangeAcknowledgment() as said:
                found.append(match_interchange(transaction, came_in, said))
            case _:
                found.append(None)
    return found


@dataclass(frozen=True, slots=True)
class AdviceAbout:
    """What an 824 names a document by; what it leaves out is empty."""

    group_control_number: str
    control_number: str
    set_id: str
    reference: str

    def names(self, one: OutgoingSetRecord, number: str) -> bool:
        """Say whether a set has this ST02, without its zeros, and ST01 where that is named."""
        return _bare(one.control_number) == number and self.set_id in ("", one.set_id)


def match_group(transaction: Transaction, came_in: Arrived, said: GroupAcknowledgment) -> Matched:
    """Find the group by GS01 and GS06; identities and usage decide between several, then time.

    We write GS06 without leading zeros; a partner may answer with some.
    """
    partner = came_in.partner or ""
    functional_id = kept(said.functional_id)
    number = kept(said.control_number.strip())
    found = transaction.outbox.with_group(partner, functional_id, number.lstrip("0") or "0")
    named = f"group {functional_id} {number}"
    if not found:
        return Unmatched(f"we sent no {named} to {partner}")
    return _likeliest(found, came_in) or Unmatched(f"{named} has not left")


def match_interchange(
    transaction: Transaction, came_in: Arrived, said: InterchangeAcknowledgment
) -> Matched:
    """Find the interchange by ISA13; identities and usage decide between several, then time.

    A partner that answers under another of its identities is understood.
    """
    partner = came_in.partner or ""
    number = kept(said.control_number.strip()).zfill(9)
    found = [one for one in transaction.outbox.numbered(partner, number) if one.kind != MDN]
    if not found:
        return Unmatched(f"we sent no interchange {number} to {partner}")
    return _likeliest(found, came_in) or Unmatched(f"interchange {number} has not left")


def match_advice(
    transaction: Transaction, partner: str, about: AdviceAbout
) -> OutgoingSetRecord | None:
    """Find the set of ours that an 824 speaks of; of several the newest.

    By GS06 and ST02, where it names both; else by the document's own number, of which ST02 decides
    between several; else by ST02 alone, since those of one set go on over all groups.
    """
    told, number = transaction.acknowledgments, _bare(about.control_number)
    group = about.group_control_number.strip()
    if group and number:
        found = told.sets_numbered(partner, group.lstrip("0") or "0")
        exact = next((one for one in found if about.names(one, number)), None)
        if exact is not None:
            return exact
    known = told.sets_known_as(partner, kept(about.reference)) if about.reference else []
    known = [one for one in known if about.set_id in ("", one.set_id)]
    if known:
        return next((one for one in known if about.names(one, number)), known[0])
    if group or not number or not about.set_id:
        return None
    return next(iter(told.sets_with_number(partner, about.set_id, kept(number))), None)


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


def _likeliest(found: Iterable[OutgoingRecord], came_in: Arrived) -> OutgoingRecord | None:
    """Return what was sent between the same, as a test or not as this; of several the newest.

    Only of what was at least tried: nobody can have got what was not.
    """
    tried = [one for one in found if one.tries > 0 or one.sent_at is not None]

    def likeness(one: OutgoingRecord) -> tuple[bool, bool, datetime, str]:
        between = (one.sender, one.receiver) == (came_in.receiver, came_in.sender)
        return between, one.usage == came_in.usage, one.created_at, one.id

    return max(tried, key=likeness, default=None)
