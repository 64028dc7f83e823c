"""Exports over the small world of `outbound_world`: orders in memory go to the one partner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from gateway.clock import Clock
from gateway.errors import GatewayError
from gateway.pipeline.engine import DurableJobs
from gateway.pipeline.exports.cursor import Cursor
from gateway.pipeline.exports.definition import (
    Document,
    Export,
    Incremental,
    Limits,
    Partner,
    Schedule,
)
from gateway.pipeline.exports.planning import Planning
from gateway.pipeline.exports.running import Runs
from gateway.pipeline.exports.slots import Every
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outbound.submission import Submissions
from gateway.pipeline.pipeline import Pipeline
from gateway.pipeline.places import Destination, Places
from gateway.pipeline.ports import Consignment, Observer, Receipt, unobserved
from gateway.shaping import Json, Selection, Shape
from gateway.store import SqlStore, open_database
from gateway.transports.memory import Outbound
from gateway.transports.sources.memory import MemorySource
from tests.integration.outbound_world import sending_rules, shipment
from tests.integration.world import FAST, PARTNER

BEGINNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

QUARTER = Schedule(Every(timedelta(minutes=15)), "UTC", "every 15m")


def record(number: int, changed: str = "2026-03-01T10:00:00Z", **changes: Json) -> dict[str, Json]:
    """Return a shipment as an ERP tells it."""
    return {"number": number, "changed": changed, "doc": shipment(number, **changes)}


def records(count: int) -> list[Json]:
    """Return so many shipments, numbered from one."""
    return [record(number) for number in range(1, count + 1)]


def export(source: MemorySource, name: str = "shipments", **changes: object) -> Export:
    """Return an export that reads a source in memory."""
    usual = Export(
        name=name,
        open_source=lambda: source,
        schedule=QUARTER,
        document=Document("shipment_order", Shape(Selection.compile("doc"))),
        partner=Partner(fixed=PARTNER),
        key=Selection.compile("number"),
        owner="order-desk",
        incremental=Incremental(Selection.compile("changed"), Cursor()),
        limits=Limits(pause=timedelta(milliseconds=10)),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # fields of an export, by name


class Hand:
    """A clock that stands still until it is set."""

    def __init__(self, now: datetime = BEGINNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Recording(Outbound):
    """An ERP in memory that remembers each call, those that fail too."""

    def __init__(self, failures: Sequence[GatewayError]) -> None:
        super().__init__(failures)
        self.attempted: list[Consignment] = []

    def deliver(self, consignment: Consignment) -> Receipt:
        """Remember a call, then answer."""
        self.attempted.append(consignment)
        return super().deliver(consignment)


@dataclass
class ExportWorld:
    """Exports put together on one database."""

    store: SqlStore
    jobs: DurableJobs
    pipeline: Pipeline
    submissions: Submissions
    planning: Planning
    runs: Runs
    exports: Mapping[str, Export]
    erp: Recording
    clock: Clock

    def orders(self) -> list[str]:
        """Return the numbers of the orders that were submitted, in their order."""
        query = (
            "SELECT value FROM business_keys k JOIN documents d ON d.id = k.document_id "
            "WHERE k.name = 'depositor_order_number' AND d.direction = 'out' "
            "ORDER BY d.received_at, d.control_number, d.id"
        )
        with self.store.engine.connect() as connection:
            return [str(value) for (value,) in connection.exec_driver_sql(query)]


@contextmanager
def export_world(
    url: str,
    exports: Sequence[Export],
    *,
    clock: Clock | None = None,
    observer: Observer = unobserved,
    failures: Sequence[GatewayError] = (),
) -> Iterator[ExportWorld]:
    """Open exports on a database, without an engine that runs."""
    clock = clock or Hand()
    store = SqlStore(open_database(url))
    jobs = DurableJobs(store, clock=clock)
    erp, folder = Recording(failures), Outbound()
    named = {one.name: one for one in exports}
    rulebook = sending_rules()
    pipeline = Pipeline(
        store,
        jobs,
        rulebook,
        places=Places({"erp": Destination(erp, FAST)}, {PARTNER: Destination(folder, FAST)}),
        observer=observer,
        clock=clock,
        exports=named,
    )
    announcer = Announcer(observer, clock)
    submissions = Submissions(store, jobs, rulebook, clock=clock, announcer=announcer)
    runs = Runs(store, jobs, submissions, named, clock=clock, announcer=announcer)
    planning = Planning(store, jobs, named, clock=clock)
    try:
        yield ExportWorld(store, jobs, pipeline, submissions, planning, runs, named, erp, clock)
    finally:
        jobs.close()
        store.close()
