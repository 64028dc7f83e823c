"""Order among deliveries: what their key is, where they stand, and whose turn it is now.

Deliveries to one destination with the same key go one after another; one that failed or is dead
holds those behind it, and nobody else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.canonical import business_keys
from gateway.pipeline.records import DeliveryRecord, DocumentRecord, kept
from gateway.pipeline.states import DeliveryState
from gateway.routing.match import values_at

FOLLOWERS = 100
"""So many of one key are released at once when what they stood behind is done."""

PARTNER = "partner"
"""Stands in an ordering key for the partner that the document came from."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BETWEEN = " | "


def key_of(names: Sequence[str], content: Mapping[str, object], partner: str) -> str | None:
    """Return what a document's ordering key is at a destination.

    Each name is that of a business key, a field of the document, or `partner`. None where one of
    them is missing: such a document waits for nobody, and nobody for it.
    """
    business = dict(reversed(business_keys(content)))  # of several with one name, the first
    found: list[str] = []
    for name in names:
        value = partner if name == PARTNER else business.get(name)
        value = value or next(values_at(content, name), None)
        if not value:
            return None
        found.append(value)
    return kept(_BETWEEN.join(found)) or None


def place_of(document: DocumentRecord) -> str:
    """Return where a document stands among others: by arrival, then by its place in what arrived.

    Digits only, so that every database compares it alike.
    """
    arrived = (document.received_at - _EPOCH) // _MICROSECOND
    return f"{arrived:018d}{document.start:012d}{document.part:06d}"


@dataclass(frozen=True, slots=True)
class Turns:
    """What is due, by whose turn it is."""

    chains: Sequence[Sequence[DeliveryRecord]]
    """What may be tried now, in the order of each; chains do not wait for each other."""
    behind: Sequence[DeliveryRecord]
    """What stands behind another one."""


def turns(due: Sequence[DeliveryRecord], behind: Collection[str]) -> Turns:
    """Share what is due out into chains; `behind` are ids that stand behind one that is not due.

    What was left behind in flight is tried by itself, the least tried first: what kills the process
    must not take its neighbours along.
    """
    chains: list[list[DeliveryRecord]] = []
    by_key: dict[str, list[DeliveryRecord]] = {}
    held: list[DeliveryRecord] = []
    for one in due:
        if one.ordering_key is None:
            chains.append([one])
        else:
            if one.ordering_key not in by_key:
                chains.append(by_key.setdefault(one.ordering_key, []))
            by_key[one.ordering_key].append(one)
    for chain in by_key.values():
        chain.sort(key=lambda one: (one.place, one.id))
        ready = next((n for n, one in enumerate(chain) if one.id in behind), len(chain))
        held += chain[ready:]
        del chain[ready:]
    chains = [_before_leftover(chain) for chain in chains if chain]
    leftovers = [chain for chain in chains if chain[0].state == DeliveryState.CLAIMED]
    if leftovers:
        chains = [min(leftovers, key=lambda chain: chain[0].attempt)]
    return Turns(chains, held)


def _before_leftover(chain: list[DeliveryRecord]) -> list[DeliveryRecord]:
    """Cut a chain before what was left behind; one that begins with it has nothing else."""
    for number, one in enumerate(chain):
        if one.state == DeliveryState.CLAIMED:
            return chain[: max(number, 1)]
    return chain
