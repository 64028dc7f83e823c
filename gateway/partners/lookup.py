"""Which partner sent an interchange: by its ISA identities, exactly, or a clear 'unknown'."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.findings import FindingCode
from gateway.partners.partner import Identity, Partner

Key = tuple[str, str]
"""Qualifier and id, as in ISA05/06 and ISA07/08, without padding."""


@dataclass(frozen=True, slots=True)
class Parties:
    """Both ends of an interchange, recognised."""

    partner: Partner
    theirs: Identity
    ours: Identity


@dataclass(frozen=True, slots=True)
class UnknownParty:
    """An end of an interchange that the configuration does not know."""

    code: FindingCode
    """SENDER_UNKNOWN or RECEIVER_UNKNOWN."""
    message: str
    """Who is unknown, and the nearest party that is known."""
    partner: Partner | None = None
    """The sender, where only the receiver is unknown."""


class PartnerLookup:
    """Finds partners by the identities in an interchange's header."""

    def __init__(self, partners: Iterable[Partner], ours: Iterable[Identity]) -> None:
        self._partners = {
            identity.key: (partner, identity)
            for partner in partners
            for identity in partner.identities
        }
        self._ours = {identity.key: identity for identity in ours}

    def partner_of(self, sender: Key) -> Partner | None:
        """Return the partner that sends as ISA05/06, or None."""
        known = self._partners.get(sender)
        return known[0] if known else None

    def find(self, sender: Key, receiver: Key) -> Parties | UnknownParty:
        """Recognise sender (ISA05/06) and receiver (ISA07/08), or say who is unknown."""
        known = self._partners.get(sender)
        if known is None:
            return UnknownParty(FindingCode.SENDER_UNKNOWN, self._unknown_sender(sender))
        partner, theirs = known
        ours = self._ours.get(receiver)
        if ours is None:
            message = f"receiver {_written(receiver)} is not us{_nearest_of(receiver, self._ours)}"
            return UnknownParty(FindingCode.RECEIVER_UNKNOWN, message, partner)
        return Parties(partner, theirs, ours)

    def _unknown_sender(self, sender: Key) -> str:
        if sender in self._ours:
            return (
                f"this is our own identity: {_written(sender)}; either we sent this payload, or "
                "its sender and receiver are the wrong way round"
            )
        message = f"sender {_written(sender)} is no partner of ours"
        near = nearest(sender, self._partners)
        if near is None:
            return message
        key, difference = near
        partner, _ = self._partners[key]
        return f"{message} (did you mean partner '{partner.id}', {_written(key)}? {difference})"


def nearest(key: Key, known: Iterable[Key]) -> tuple[Key, str] | None:
    """Return the known identity that comes nearest, and in what the two differ.

    The usual slips first: `2` for `02`, another qualifier, another case, blanks or punctuation
    inside the id; then a similar spelling.
    """
    candidates = list(known) if key[1] else []
    for difference, form in _SLIPS:
        wanted = form(key)
        for candidate in candidates:
            if form(candidate) == wanted:
                return candidate, difference
    similar = difflib.get_close_matches(key[1], [other[1] for other in candidates], n=1, cutoff=0.8)
    for candidate in candidates:
        if similar and candidate[1] == similar[0]:
            return candidate, "the id is spelled differently"
    return None


def _bare(text: str) -> str:
    return "".join(character for character in text if character.isalnum()).upper()


_SLIPS = (
    ("the qualifier lacks its leading zero", lambda key: (key[0].rjust(2, "0"), key[1])),
    ("the qualifier differs", lambda key: ("", key[1])),
    ("upper and lower case differ", lambda key: (key[0].upper(), key[1].upper())),
    ("blanks or punctuation differ", lambda key: (key[0].upper(), _bare(key[1]))),
    ("qualifier and spelling differ", lambda key: ("", _bare(key[1]))),
)


def _nearest_of(key: Key, known: Iterable[Key]) -> str:
    near = nearest(key, known)
    return f" (did you mean {_written(near[0])}? {near[1]})" if near else ""


def _written(key: Key) -> str:
    return f"{key[0] or '(blank)'}/{key[1] or '(blank)'}"
