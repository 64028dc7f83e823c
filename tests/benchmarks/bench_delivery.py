"""Delivery: a destination that hangs beside one that does not, and two processes beside one.

Run alone: `python -m tests.benchmarks.bench_delivery [COUNT]`. Every round of a pair is run in
turns, and the best of each counts, so that what else the machine does is the same for both.

What hangs holds its own lane and nothing else: the rate of the others is compared with and without
it. Two processes share the reading of what lies in one PostgreSQL database, and each lane runs in
one of them; with two cores that the machine gives to nobody else there is something to gain.
"""

from __future__ import annotations

import subprocess
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
from tests.postgres import postgres

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


def together(url: str, count: int, *, processes: int) -> float:
    """Return documents a second that so many processes take to deliver what this one stores."""
    with _world(url, Hanging()) as here:
        started = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.benchmarks.bench_delivery", "work", url],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for _ in range(processes)
        ]
        for one in started:
            if one.stdout is not None:
                one.stdout.readline()
        begun = time.perf_counter()
        receive(here, [order(n) for n in range(1, count + 1)])
        wait_for(lambda: not any(backlog(here).values()), 600)
        seconds = time.perf_counter() - begun
        for one in started:
            one.communicate()
    return count / seconds


def work(url: str) -> None:
    """Run jobs in this process until its input ends."""
    with _world(url, Hanging()) as here, running(here):
        print("ready", flush=True)
        sys.stdin.read()


def main(count: int = COUNT) -> None:
    """Print the figures."""
    alone = hung = 0.0
    for _ in range(ROUNDS):
        alone = max(alone, beside(count, stalled=0))
        hung = max(hung, beside(count, stalled=STALLED))
    print(f"delivered, no other destination  {alone:8.0f} /s")
    print(f"  … beside one that hangs        {hung:8.0f} /s, {hung / alone:.2f} of it  (bar 0.9)")
    one = two = 0.0
    with postgres() as server:
        for _ in range(ROUNDS):
            one = max(one, together(server.new_database(), count, processes=1))
            two = max(two, together(server.new_database(), count, processes=2))
    print(f"PostgreSQL, one process          {one:8.0f} /s")
    print(f"  … two processes                {two:8.0f} /s, {two / one:.2f} times that  (bar 1.6)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        work(sys.argv[2])
    else:
        main(*(int(argument) for argument in sys.argv[1:]))
