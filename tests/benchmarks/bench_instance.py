"""The whole gateway on embedded SQLite: files in an inbox to deliveries queued, then delivered.

Run by `make bench`, or alone: `python -m tests.benchmarks.bench_instance`.

It runs what `gateway run` runs; then the same with a worker beside it, on SQLite and PostgreSQL.
The first figure ends when the delivery of the last document is queued, the second when the ERP, an
HTTP server in a process of its own, has taken the last one. Wall clock, because here waiting for
the disk is part of the work.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path

from gateway import app as composition
from gateway.cli.init import write_instance
from gateway.cli.logs import configure_logs
from gateway.cli.receiver import Receiver
from gateway.cli.workers import share_beside, workers_of
from gateway.clock import utc_now
from gateway.config.settings import Logging
from gateway.pipeline.ports import Event
from tests.benchmarks.documents import interchanges
from tests.postgres import postgres

COUNT = 2000
ROUNDS = 3
PARTNER = "tidewater-supply"
"""Keeps to the standard, so the base maps are its maps."""
WARM = 8
STABLE_FOR = 0.1
FIGURES = {
    "payload.receive": "durable",
    "interchange.commit": "delivery queued, one process (bar 300, aim 1,000)",
    "outgoing.send": "997 sent",
    "delivery.deliver": "delivered over HTTP, one process (bar 300, aim 1,000)",
}
"""The last of each transition, and what has been reached with it."""


class Clocked:
    """When each transition happened last, and how often."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.last: dict[str, float] = {}

    def observe(self, event: Event) -> None:
        """Note one transition."""
        self.counts[event.name] += 1
        self.last[event.name] = time.perf_counter()


def warm_up(app: composition.App, home: Path, workers: int) -> None:
    """Let every process compile its maps and checks, which it does at the first document."""
    for number in range(1 + 4 * workers):
        drop_files(home, WARM, first=COUNT + 1 + WARM * number)
        app.drain(threading.Event())


def drop_files(home: Path, count: int, *, first: int = 1) -> None:
    """Put single-document files for this instance into the partner's inbox."""
    inbox = home / "sftp_inbox" / PARTNER / "in"
    made = islice(interchanges(first + count - 1), first - 1, None)
    for number, payload in enumerate(made, first):
        addressed = payload.replace(f"{'NORTHSTAR':<15}".encode(), f"{'TIDEWATER':<15}".encode())
        addressed = addressed.replace(f"{'GATEWAY':<15}".encode(), f"{'HARBORGOODS':<15}".encode())
        (inbox / f"{number:05d}.edi").write_bytes(addressed)


def run_once(home: Path, seen: Clocked, *, workers: int) -> tuple[float, float]:
    """Run an instance over what is there; return when it began to look, and when all was done."""
    with (
        composition.open_instance(home, observer=seen.observe) as app,
        app.running(share=share_beside(workers)),
        workers_of(home, workers),
    ):
        while len(app.desk.overview(utc_now()).processes) <= workers:
            time.sleep(0.05)
        time.sleep(2 * workers)  # it is seen before it has compiled everything
        warm_up(app, home, workers)
        seen.counts.clear()
        drop_files(home, COUNT)
        started = time.perf_counter()
        app.drain(threading.Event())
        return started, time.perf_counter()


@contextmanager
def erp() -> Iterator[int]:
    """Run an ERP that keeps each document once; yield its port."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_instance", "erp"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        kept, _ = process.communicate()
        assert int(kept) >= COUNT


def be_an_erp() -> None:
    """Take documents until the input ends, and say how many there were."""
    with closing(Receiver()) as receiver:
        receiver.start()
        print(receiver.port, flush=True)
        sys.stdin.read()
        print(len(receiver.documents), flush=True)


def measure(*, workers: int, store: str = "") -> tuple[Clocked, float, float]:
    """Run an instance over files in a folder; return what happened, from when to when."""
    seen = Clocked()
    with tempfile.TemporaryDirectory() as folder, erp() as port:
        home = Path(folder) / "instance"
        write_instance(home, port=port, stable_for=f"{STABLE_FOR * 1000:.0f}ms")
        with (home / "gateway.yaml").open("a", encoding="utf-8") as settings:
            settings.write("logging:\n  level: warning\n")
            if store:
                settings.write(f"store:\n  url: {store}\n")
        return seen, *run_once(home, seen, workers=workers)


def main() -> None:
    """Print the figures."""
    configure_logs(Logging(level="error"))
    print(f"{COUNT} single-document files, the best of {ROUNDS} rounds")
    rounds = [measure(workers=0) for _ in range(ROUNDS)]
    for name, said in FIGURES.items():
        assert all(seen.counts[name] == COUNT for seen, _, _ in rounds)
        say(said, min(seen.last[name] - started for seen, started, _ in rounds))
    alone = min(ended - started for _, started, ended in rounds)
    say("everything done", alone)
    compare("SQLite", alone, lambda: "", "")
    with postgres() as server:
        alone = rate("PostgreSQL", server.new_database, workers=0)
        compare("PostgreSQL", alone, server.new_database, "  (bar 1.6)")


def compare(name: str, alone: float, store: Callable[[], str], bar: str) -> None:
    """Print what a second process gains."""
    beside = rate(name, store, workers=1)
    print(f"  two processes take {alone / beside:.2f} times what one takes{bar}")


def rate(name: str, store: Callable[[], str], *, workers: int) -> float:
    """Print how long everything takes with so many workers; return the seconds."""
    rounds = [measure(workers=workers, store=store()) for _ in range(ROUNDS)]
    seconds = min(ended - started for _, started, ended in rounds)
    say(f"everything done, {name}, {workers + 1} processes", seconds)
    return seconds


def say(what: str, seconds: float) -> None:
    """Print a rate."""
    print(f"{what:54} {seconds:7.2f} s {COUNT / seconds:9,.0f}/s")


if __name__ == "__main__":
    if sys.argv[1:2] == ["erp"]:
        be_an_erp()
    else:
        main()
