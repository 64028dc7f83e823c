"""A small world for the engine: one partner, one route, a destination and a folder in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.config.schemas import packaged_schemas
from gateway.errors import GatewayError
from gateway.findings import Finding
from gateway.mapping.plan import Json
from gateway.mapping.recall import Earlier
from gateway.partners import Identity, Partner, PartnerLookup
from gateway.pipeline.engine import DurableJobs, Engine
from gateway.pipeline.pipeline import Pipeline
from gateway.pipeline.places import Destination, Places
from gateway.pipeline.ports import (
    DeliveryPolicy,
    Observer,
    Payload,
    Received,
    unobserved,
)
from gateway.pipeline.ports import Outbound as AnyOutbound
from gateway.pipeline.rulebook import MapWriting, Rulebook
from gateway.routing import Router, Routes
from gateway.store import SqlStore, open_database
from gateway.transports.memory import Outbound
from gateway.x12.leniency import strict
from gateway.x12.model import Delimiters, Loop

PARTNER = "quayside"

_ISA = "ISA*00*          *00*          *ZZ*{sender:<15}*ZZ*{receiver:<15}*260315*0912*U*00401*{number}*{ta1}*{usage}*>~"  # noqa: E501 - one segment, one line

FAST = DeliveryPolicy(
    concurrency=4,
    attempts=4,
    first_pause=timedelta(milliseconds=50),
    longest_pause=timedelta(milliseconds=100),
    breaker_failures=50,
    breaker_pause=timedelta(milliseconds=100),
    owner="erp-team",
)


def order(
    number: int,
    order_number: str = "",
    *,
    sender: str = "QUAYSIDE",
    receiver: str = "HARBOR",
    usage: str = "P",
    ta1: int = 0,
    set_id: str = "940",
    quantity: str = "12",
) -> bytes:
    """Write a payload with one small warehouse shipping order."""
    name = order_number or f"SO-{number}"
    isa = _ISA.format(
        sender=sender, receiver=receiver, number=f"{number:09d}", usage=usage, ta1=ta1
    )
    body = (
        f"GS*OW*{sender}*{receiver}*20260315*0912*{number}*X*004010~"
        f"ST*{set_id}*0001~W05*N*{name}*PO-{number}~N1*ST*Pier Nine Market*92*0417~"
        "N3*9 Pier Road~N4*Duluth*MN*55802~G62*10*20260320~W66*PP*M~"
        f"LX*1~W01*{quantity}*CA**VN*ROPE-20~W76*{quantity}~SE*11*0001~"
        f"GE*1*{number}~IEA*1*{number:09d}~"
    )
    return (isa + body).encode()


def many_orders(
    sets: int, *, lines: int = 1, number: int = 1, declared: int | None = None
) -> bytes:
    """Write a payload with one interchange of so many orders; `declared` is what GE01 says."""
    isa = _ISA.format(
        sender="QUAYSIDE", receiver="HARBOR", number=f"{number:09d}", usage="P", ta1=0
    )
    head = f"{isa}GS*OW*QUAYSIDE*HARBOR*20260315*0912*{number}*X*004010~"
    bodies = [_order_of(one, lines) for one in range(1, sets + 1)]
    tail = f"GE*{sets if declared is None else declared}*{number}~IEA*1*{number:09d}~"
    return (head + "".join(bodies) + tail).encode()


def _order_of(number: int, lines: int) -> str:
    body = "".join(f"LX*{line}~W01*12*CA**VN*ROPE-20~" for line in range(1, lines + 1))
    return (
        f"ST*940*{number:04d}~W05*N*SO-{number}*PO-{number}~N1*ST*Pier Nine Market*92*0417~"
        "N3*9 Pier Road~N4*Duluth*MN*55802~G62*10*20260320~W66*PP*M~"
        f"{body}W76*{12 * lines}~SE*{9 + 2 * lines}*{number:04d}~"
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    documents: Sequence[dict[str, object]]
    findings: Sequence[Finding] = ()
    fits: bool = False


@dataclass(frozen=True)
class PlainMap:
    """Translates only what the tests look at; the real maps have tests of their own."""

    name: str = "plain-940"
    version: str = "1"
    document: str = "shipment_order"
    extra: Mapping[str, object] = field(default_factory=dict)
    fault: Exception | None = None
    drop: str | None = None
    parts: int = 1
    """Documents that one set becomes."""
    recalls: bool = False

    def recall(
        self, document: Mapping[str, Json], earlier: Earlier
    ) -> tuple[Mapping[str, Json], Sequence[Finding]]:
        raise NotImplementedError("it takes nothing from earlier documents")

    def kept(self, document: Mapping[str, object]) -> Sequence[Finding]:
        del document
        return ()

    def read(self, tree: Loop, delimiters: Delimiters) -> _Reading:
        del delimiters
        if self.fault is not None:
            raise self.fault
        w05 = tree.segments["W05"][0]
        lines = [
            {
                "line_number": int(loop.segments["LX"][0][1]),
                "ordered_quantity": loop.loops["W01"][0].segments["W01"][0][1],
                "unit": "CA",
                "item_ids": [{"scheme": "vendor_part", "value": "ROPE-20"}],
            }
            for loop in tree.loops["LX"]
        ]
        document: dict[str, object] = {
            "document": "shipment_order",
            "version": "1.0",
            "status": "new",
            "depositor_order_number": w05[2],
            "purchase_order_number": w05[3],
            "parties": [],
            "lines": lines,
            **self.extra,
        }
        if self.drop is not None:
            del document[self.drop]
        if self.parts > 1:
            return _Reading([{**document, "department": str(n)} for n in range(self.parts)])
        return _Reading([document])

    def write(
        self, document: Mapping[str, Json], delimiters: Delimiters, replacement: str | None = None
    ) -> MapWriting:
        raise NotImplementedError("what is sent is written by maps that can")


def partner(**changes: object) -> Partner:
    """Return the one partner, with some of its settings changed."""
    settings: dict[str, object] = {
        "partner": PARTNER,
        "name": "Quayside Stores",
        "owner": "order-desk",
        "identities": [{"qualifier": "ZZ", "id": "QUAYSIDE"}],
        "acknowledgment": {"997": "always", "ta1": "requested"},
        "control_numbers": {"first_interchange": 500, "first_group": 700},
        "agreements": [{"set": "940", "direction": "in", "map": "plain-940", "usage": ["P", "T"]}],
        **changes,
    }
    return Partner.model_validate(settings)


def rulebook(
    maps: Mapping[str, PlainMap] | None = None,
    *,
    them: Partner | None = None,
    ours: Identity | None = None,
) -> Rulebook:
    """Return the rules of the world."""
    them = them or partner()
    found = {"plain-940": PlainMap()} if maps is None else maps
    routes = Routes.model_validate({"rules": [{"name": "orders to the ERP", "to": ["erp"]}]})
    return Rulebook(
        partners={them.id: them},
        lookup=PartnerLookup(
            [them], [Identity.model_validate({"qualifier": "ZZ", "id": "HARBOR"})]
        ),
        router=Router(routes, production=["erp"]),
        schemas=packaged_schemas(),
        map_named=lambda name, _: found.get(name),
        leniency_of=strict,
        our_identity=lambda _: ours,
        attempts_at=lambda _: FAST.attempts,
    )


@dataclass
class World:
    """Everything put together on one database."""

    store: SqlStore
    jobs: DurableJobs
    pipeline: Pipeline
    erp: Outbound
    folder: Outbound
    settled: list[str] = field(default_factory=list)

    def received(self, content: bytes, name: str, receipt: str = "") -> Received:
        """Return a payload as a transport would hand it over."""
        payload = Payload(content, name, PARTNER, transport="memory", receipt=receipt)
        return Received(payload, lambda: self.settled.append(name), lambda: None)

    def drop(self, *contents: bytes) -> list[str]:
        """Receive payloads."""
        return self.pipeline.receive(
            [self.received(content, f"order-{n}.edi") for n, content in enumerate(contents, 1)]
        )


@contextmanager
def world(
    url: str,
    *,
    rules: Rulebook | None = None,
    observer: Observer = unobserved,
    failures: Sequence[GatewayError] = (),
    folder_failures: Sequence[GatewayError] = (),
    policy: DeliveryPolicy = FAST,
    erp: AnyOutbound | None = None,
) -> Iterator[World]:
    """Open a world on a database, without an engine that runs."""
    store = SqlStore(open_database(url))
    jobs = DurableJobs(store)
    memory, folder = Outbound(failures), Outbound(folder_failures)
    places = Places(
        {"erp": Destination(erp or memory, policy)}, {PARTNER: Destination(folder, policy)}
    )
    pipeline = Pipeline(store, jobs, rules or rulebook(), places=places, observer=observer)
    try:
        yield World(store, jobs, pipeline, memory, folder)
    finally:
        jobs.close()
        store.close()


@contextmanager
def running(world: World) -> Iterator[Engine]:
    """Run the engine on a world."""
    engine = Engine(world.store, world.jobs)
    engine.start(world.pipeline)
    try:
        yield engine
    finally:
        engine.stop()


def wait_for(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until a condition holds; fail where it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.02)
