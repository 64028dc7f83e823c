"""The transports' twin in memory: the same promises without a disk, for tests and for embedding.

`tests/conformance` runs the same tests over this and over the real ones, so that a test that uses
the twin says something about the product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock

from gateway.clock import Clock, new_id, utc_now
from gateway.errors import GatewayError, Permanent
from gateway.pipeline.ports import Consignment, Payload, Receipt, Received
from gateway.transports.arrival import (
    TAIL_BYTES,
    Arrival,
    ArrivalRules,
    ArrivalWatch,
    Signature,
    fault_of,
)
from gateway.transports.shown import printable


@dataclass(frozen=True, slots=True)
class Item:
    """What lies in a drop box under a name."""

    content: bytes
    modified: int
    """Grows with each change anywhere in the box, as a clock would."""

    @property
    def signature(self) -> Signature:
        """Return what a look remembers of it."""
        return Signature(len(self.content), self.modified)

    def tail(self) -> bytes:
        """Return its last bytes."""
        return self.content[-TAIL_BYTES:]


@dataclass(slots=True)
class _Claim:
    owner: str
    name: str
    item: Item


@dataclass(slots=True)
class DropBox:
    """What a folder is to the directory transport; shared by those that write and those that take.

    Owners that called `Inbound.close`, or never connected, count as dead: their claims are free.
    """

    partner: str
    items: dict[str, Item] = field(default_factory=dict)
    archived: list[tuple[str, bytes]] = field(default_factory=list)
    quarantined: list[tuple[str, bytes]] = field(default_factory=list)
    owners: set[str] = field(default_factory=set)
    claims: list[_Claim] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    changes: int = 0

    def put(self, name: str, content: bytes) -> None:
        """Write an item, new or changed."""
        with self.lock:
            self.changes += 1
            self.items[name] = Item(content, self.changes)

    def remove(self, name: str) -> None:
        """Take an item away, as a sender does who thinks better of it."""
        with self.lock:
            del self.items[name]


class Inbound:
    """Receives from drop boxes in memory, by the same rules as from folders."""

    def __init__(
        self,
        boxes: Sequence[DropBox],
        rules: ArrivalRules | None = None,
        *,
        clock: Clock = utc_now,
        owner: str | None = None,
    ) -> None:
        self._rules = rules or ArrivalRules()
        self._clock = clock
        self._owner = owner or new_id()
        self._boxes = [(box, ArrivalWatch(self._rules, _tail_reader(box))) for box in boxes]

    def connect(self) -> None:
        """Count as alive from now on."""
        for box, _ in self._boxes:
            with box.lock:
                box.owners.add(self._owner)

    def receive(self, wait: float = 0.0) -> Sequence[Received]:
        """Return what has arrived, at most one batch. It never waits: nothing comes by itself."""
        del wait
        batch: list[Received] = []
        for box, watch in self._boxes:
            batch += self._take(box, watch, self._rules.batch - len(batch))
        return batch

    def close(self) -> None:
        """Count as dead from now on."""
        for box, _ in self._boxes:
            with box.lock:
                box.owners.discard(self._owner)

    def _take(self, box: DropBox, watch: ArrivalWatch, limit: int) -> list[Received]:
        with box.lock:
            taken: list[Received] = []
            for claim in [claim for claim in box.claims if claim.owner not in box.owners][:limit]:
                claim.owner = self._owner
                fault = fault_of(claim.item.signature, self._rules, claim.item.tail)
                taken.append(self._received(box, claim, fault))
            seen = {
                name: item.signature
                for name, item in box.items.items()
                if not self._rules.ignores(name)
            }
            for arrival in watch.look(seen, self._clock(), limit=limit - len(taken)):
                claimed = self._claim(box, arrival)
                if claimed is not None:
                    watch.forget(arrival.name)
                    taken.append(self._received(box, claimed, arrival.incomplete))
            return taken

    def _claim(self, box: DropBox, arrival: Arrival) -> _Claim | None:
        if any(c.name == arrival.name and c.owner == self._owner for c in box.claims):
            return None
        claim = _Claim(self._owner, arrival.name, box.items.pop(arrival.name))
        box.claims.append(claim)
        return claim

    def _received(self, box: DropBox, claim: _Claim, incomplete: str) -> Received:
        receipt = f"{claim.item.modified}:{len(claim.item.content)}"
        payload = Payload(
            claim.item.content,
            printable(claim.name),
            box.partner,
            transport="memory",
            incomplete=incomplete,
            receipt=receipt,
        )
        kept = box.quarantined if incomplete else box.archived

        def settle() -> None:
            if _give_up(box, claim):
                kept.append((claim.name, claim.item.content))

        def release() -> None:
            if _give_up(box, claim):
                box.put(claim.name, claim.item.content)

        return Received(payload, settle, release)


def _give_up(box: DropBox, claim: _Claim) -> bool:
    """End a claim; say whether it still stood."""
    with box.lock:
        standing = [one for one in box.claims if one is not claim]
        ended = len(standing) < len(box.claims)
        box.claims[:] = standing
        return ended


def _tail_reader(box: DropBox) -> Callable[[str], bytes]:
    return lambda name: box.items[name].tail()


class Outbound:
    """A destination in memory; it can be told to fail first.

    `failures` are raised before a consignment is kept, `lost` after it: what it answered was lost.
    """

    def __init__(
        self, failures: Iterable[GatewayError] = (), lost: Iterable[GatewayError] = ()
    ) -> None:
        self.delivered: dict[str, Consignment] = {}
        self.attempts = 0
        self.failures = list(failures)
        self.lost = list(lost)
        self._lock = Lock()

    def connect(self) -> None:
        """Nothing needs to be made ready."""

    def deliver(self, consignment: Consignment) -> Receipt:
        """Keep a consignment under its name; raise the next failure that was asked for."""
        with self._lock:
            self.attempts += 1
            if self.failures:
                raise self.failures.pop(0)
            repeated = consignment.name in self.delivered
            kept = self.delivered.setdefault(consignment.name, consignment)
        if kept.content != consignment.content:
            raise Permanent(f"{consignment.name} exists with other content: it is not overwritten")
        if self.lost:
            raise self.lost.pop(0)
        return Receipt(consignment.name, repeated=repeated)

    def close(self) -> None:
        """Nothing is kept open."""
