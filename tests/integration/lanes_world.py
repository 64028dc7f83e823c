"""Lanes without an engine: deliveries in a real store, a clock that is set, jobs that are noted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Lock

from gateway.errors import GatewayError
from gateway.pipeline import lane_names
from gateway.pipeline.follow_ups.owing import FollowUps
from gateway.pipeline.jobs import FailedJob
from gateway.pipeline.lane_operations import LaneOperations
from gateway.pipeline.lane_records import LaneRecord
from gateway.pipeline.observing import Announcer
from gateway.pipeline.ordering import place_of
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.places import Destination, Places
from gateway.pipeline.ports import Consignment, DeliveryPolicy, Receipt, unobserved
from gateway.pipeline.records import DeliveryRecord, DocumentRecord, PayloadRecord
from gateway.pipeline.sending import Sending
from gateway.pipeline.stages.route import Owed, owe
from gateway.pipeline.store_port import Transaction
from gateway.store import SqlStore, open_database
from tests.integration.world import rulebook

NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
"""A Monday."""
ERP = "deliver:erp"
QUAYSIDE = "send:quayside"

PAYLOAD = PayloadRecord(
    id="payload-1",
    state="read",
    partner="quayside",
    transport="memory",
    receipt="receipt-1",
    name="order.edi",
    received_at=NOW - timedelta(minutes=10),
    size=4,
    sha256="0" * 64,
    content=b"ISA*",
)
_DOCUMENT = DocumentRecord(
    id="document", payload_id="payload-1", interchange_id="interchange-1", direction="in",
    partner="quayside", set_id="940", version="004010", usage="P", group_control_number="1",
    control_number="0001", start=0, end=100, part=0, document_type="shipment_order",
    received_at=NOW - timedelta(minutes=5), validation="accepted", delivery="pending",
    acknowledgment="sent", canonical=b"{}",
)  # fmt: skip


@dataclass
class Timers:
    """Notes which lanes are to run, and when; nothing runs by itself."""

    wanted: list[tuple[str, datetime | None]] = field(default_factory=list)

    def run_lane(self, transaction: Transaction, lane: str, at: datetime | None = None) -> None:
        del transaction
        self.wanted.append((lane, at))

    def read_payloads(
        self, transaction: Transaction, payload_ids: Sequence[str], at: datetime | None = None
    ) -> None:
        raise NotImplementedError

    def reread_interchange(
        self, transaction: Transaction, interchange_id: str, at: datetime
    ) -> None:
        raise NotImplementedError

    def run_scheduled(self, transaction: Transaction, name: str, slot: int) -> None:
        raise NotImplementedError

    def to_be_read(self, limit: int) -> set[str] | None:
        raise NotImplementedError

    def failed(self, limit: int) -> list[FailedJob]:
        raise NotImplementedError

    def dismiss(self, job_ids: Sequence[str]) -> None:
        raise NotImplementedError

    def purge(self, before: datetime) -> int:
        raise NotImplementedError


@dataclass
class Told:
    """A destination that answers each name as it was told, and notes what it was asked."""

    answers: dict[str, list[GatewayError]] = field(default_factory=dict)
    """By what is asked for; what is not named is taken."""
    asked: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    begun: list[datetime | None] = field(default_factory=list)
    """When the first attempt began, of each that was asked."""
    each_takes: Callable[[], None] = lambda: None
    """Called by each call, so that time passes."""
    _lock: Lock = field(default_factory=Lock)

    def connect(self) -> None:
        """Do nothing."""

    def deliver(self, consignment: Consignment) -> Receipt:
        name = consignment.headers.get("X-Document-Id", consignment.name)
        with self._lock:
            self.each_takes()
            self.asked.append(name)
            self.begun.append(consignment.begun)
            left = self.answers.get(name) or self.answers.get("*")
            if left:
                raise left.pop(0)
            self.taken.append(name)
        return Receipt("200")

    def close(self) -> None:
        """Do nothing."""


@dataclass
class Lanes:
    """A store with deliveries, and what drains them."""

    store: SqlStore
    place: Told
    policy: DeliveryPolicy
    now: datetime = NOW
    production: bool = False
    jobs: Timers = field(default_factory=Timers)

    def clock(self) -> datetime:
        return self.now

    def pass_time(self, step: timedelta) -> Callable[[], None]:
        """Return what lets time pass."""

        def pass_() -> None:
            self.now += step

        return pass_

    def sending(self) -> Sending:
        """Return what drains lanes, as another process would have it."""
        place = Destination(self.place, self.policy, production=self.production)
        return Sending(
            self.store,
            self.jobs,
            places=Places({"erp": place}, {"quayside": place}),
            clock=self.clock,
            announcer=Announcer(unobserved, self.clock),
            follow_ups=FollowUps(self.jobs, rulebook(), self.clock),
        )

    def operations(self) -> LaneOperations:
        return LaneOperations(self.store, self.jobs, clock=self.clock)

    def run(self, lane: str = ERP) -> None:
        self.sending().run_lane(lane)

    def owe(self, number: int, key: str | None = None, **changes: object) -> DeliveryRecord:
        """Owe one document more, later than those before by its number."""
        document = replace(_DOCUMENT, id=f"document-{number:03d}", start=number)
        owed = Owed(document.id, "payload-1", "2" * 64, NOW, place_of(document))
        found = owe(owed, "erp", route="orders", allowance=3, ordering_key=key)
        found = replace(found, **changes)  # type: ignore[arg-type]  # tests name fields by their names
        self.add([document, found])
        return found

    def owe_test(self, number: int, usage: str) -> None:
        """Owe a document of an interchange that is none for production."""
        document = replace(_DOCUMENT, id=f"document-{number:03d}", start=number, usage=usage)
        owed = Owed(document.id, "payload-1", "2" * 64, NOW, place_of(document))
        self.add([document, owe(owed, "erp", route="orders", allowance=3)])

    def owe_partner(self, number: int) -> None:
        """Owe the partner one interchange more."""
        record = OutgoingRecord(
            id=f"outgoing-{number:03d}", partner="quayside", kind="documents",
            control_number=f"{number:09d}", sender="ZZ/HARBOR", receiver="ZZ/QUAYSIDE",
            name=f"{number:03d}.edi", content=b"ISA*", correlation_id="payload-1", state="due",
            attempt=0, due_at=NOW - timedelta(seconds=100 - number), created_at=NOW,
        )  # fmt: skip
        self.add([record], QUAYSIDE)

    def add(self, records: Sequence[object], lane: str = ERP) -> None:
        with self.store.transaction() as transaction:
            transaction.lanes.wake([lane])
            transaction.ledger.add(records)  # type: ignore[arg-type]  # records of any kind

    def states(self) -> dict[str, str]:
        """Map documents to the states of their deliveries."""
        with self.store.transaction() as transaction:
            ids = [f"document-{number:03d}" for number in range(400)]
            return {one.document_id: one.state for one in transaction.lanes.deliveries_of(ids)}

    def lane(self, lane: str = ERP) -> LaneRecord:
        with self.store.transaction() as transaction:
            return transaction.lanes.lane(lane)

    def count(self, states: Collection[str]) -> int:
        return sum(state in states for state in self.states().values())


def deliveries_of(here: Lanes, number: int) -> list[DeliveryRecord]:
    """Return the deliveries of one document."""
    with here.store.transaction() as transaction:
        return transaction.lanes.deliveries_of([f"document-{number:03d}"])


@contextmanager
def lanes(
    url: str, policy: DeliveryPolicy, answers: dict[str, list[GatewayError]] | None = None
) -> Iterator[Lanes]:
    """Open a store with a destination `erp` and a partner `quayside`."""
    store = SqlStore(open_database(url))
    try:
        made = Lanes(store, Told(answers or {}), policy)
        made.add([PAYLOAD], lane_names.deliver("erp"))
        yield made
    finally:
        store.close()
