"""Delivery: a destination that hangs beside one that does not.

Run alone: `python -m tests.benchmarks.bench_delivery [COUNT]`. Every round of a pair is run in
turns, and the best of each counts, so that what else the machine does is the same for both.

What hangs holds its own lane and nothing else: the rate of the others is compared with and without
it.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from gateway.pipeline.engine import DurableJobs
from gateway.pipeline.pipeline import Pipeline
from gateway.pipeline.places import Destination, Places
from gateway.pipeline.ports import Consignment, DeliveryPolicy, Receipt
from gateway.routing import Router, Routes
from gateway.store import SqlStore, open_database
from gateway.transports.memory import Outbound
from tests.benchmarks.bench_pipeline import backlog, receive
from tests.integration.world import PARTNER, World, order, rulebook, running, wait_for

COUNT = 600
ROUNDS = 3
STALLED = 200
"""Documents for the destination that hangs: more than it takes in one batch."""
_ROUTES = {
    "mode": "first_match",
    "rules": [
        {
            "name": "what hangs",
            "when": {"fields": {"depositor_order_number": {"pattern": "^HANGS"}}},
            "to": ["hangs"],
        },
        {"name": "the others", "to": ["erp"]},
    ],
}
_POLICY = DeliveryPolicy(first_pause=timedelta(minutes=5), breaker_failures=1000)


class Hanging:
    """A destination that takes 30 seconds for each call, or until it is told to end."""

    def __init__(self) -> None:
        self.called = threading.Event()
        self._over = threading.Event()

    def connect(self) -> None:
        """Do nothing."""

    def deliver(self, consignment: Consignment) -> Receipt:
        self.called.set()
        self._over.wait(30)
        return Receipt(consignment.name)

    def break_off(self) -> None:
        """End what hangs."""
        self._over.set()

    def close(self) -> None:
        """Do nothing."""


@contextmanager
def _world(url: str, hanging: Hanging) -> Iterator[World]:
    store = SqlStore(open_database(url))
    jobs = DurableJobs(store)
    erp, folder = Outbound(), Outbound()
    places = Places(
        {"erp": Destination(erp, _POLICY), "hangs": Destination(hanging, _POLICY)},
        {PARTNER: Destination(folder, _POLICY)},
    )
    rules = replace(
        rulebook(), router=Router(Routes.model_validate(_ROUTES), production=["erp", "hangs"])
    )
    pipeline = Pipeline(store, jobs, rules, places=places)
    try:
        yield World(store, jobs, pipeline, erp, folder)
    finally:
        jobs.close()
        store.close()


def beside(count: int, *, stalled: int) -> float:
    """Return documents a second to one destination, with so many at another one that hangs."""
    hanging = Hanging()
    with (
        tempfile.TemporaryDirectory() as folder,
        _world(f"sqlite:///{folder}/bench.db", hanging) as here,
        running(here),
    ):
        if stalled:
            receive(here, [order(n, f"HANGS-{n}") for n in range(1, stalled + 1)])
            hanging.called.wait(60)
            wait_for(lambda: not backlog(here)["payloads"], 600)
            wait_for(lambda: not backlog(here)["outgoing"], 600)
        begun = time.perf_counter()
        receive(here, [order(n) for n in range(10_001, 10_001 + count)], first=10_001)
        wait_for(lambda: len(here.erp.delivered) == count, 600)
        seconds = time.perf_counter() - begun
        hanging.break_off()
    return count / seconds


def main(count: int = COUNT) -> None:
    """Print the figures."""
    alone = hung = 0.0
    for _ in range(ROUNDS):
        alone = max(alone, beside(count, stalled=0))
        hung = max(hung, beside(count, stalled=STALLED))
    print(f"delivered, no other destination  {alone:8.0f} /s")
    print(f"  … beside one that hangs        {hung:8.0f} /s, {hung / alone:.2f} of it  (bar 0.9)")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
