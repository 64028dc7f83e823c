"""The whole gateway on embedded SQLite: files in an inbox to deliveries queued, then delivered.

Run by `make bench`, or alone: `python -m tests.benchmarks.bench_instance`.

It runs what `gateway run --once` runs. The first figure ends when the delivery of the last document
is queued, the second when the ERP, an HTTP server in this process, has taken the last one. Wall
clock, because here waiting for the disk is part of the work.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from gateway import app as composition
from gateway.cli.init import write_instance
from gateway.cli.logs import configure_logs
from gateway.cli.receiver import Receiver
from gateway.config.settings import Logging
from gateway.pipeline.ports import Event
from tests.benchmarks.documents import interchanges

COUNT = 600
PARTNER = "tidewater-supply"
"""Keeps to the standard, so the base maps are its maps."""
STABLE_FOR = 0.1
FIGURES = {
    "payload.receive": "durable",
    "interchange.commit": "delivery queued (bar 300, aim 1,000)",
    "outgoing.send": "997 sent",
    "delivery.deliver": "delivered over HTTP",
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


def drop_files(home: Path, count: int) -> None:
    """Put single-document files for this instance into the partner's inbox."""
    inbox = home / "sftp_inbox" / PARTNER / "in"
    for number, payload in enumerate(interchanges(count), 1):
        addressed = payload.replace(f"{'NORTHSTAR':<15}".encode(), f"{'TIDEWATER':<15}".encode())
        addressed = addressed.replace(f"{'GATEWAY':<15}".encode(), f"{'HARBORGOODS':<15}".encode())
        (inbox / f"{number:05d}.edi").write_bytes(addressed)


def run_once(home: Path, seen: Clocked) -> float:
    """Run an instance over what is there; return when it began to look."""
    with composition.open_instance(home, observer=seen.observe) as app, app.running():
        started = time.perf_counter()
        app.drain(threading.Event())
    return started


def main() -> None:
    """Print the figures."""
    configure_logs(Logging(level="error"))
    receiver = Receiver()
    receiver.start()
    seen = Clocked()
    with tempfile.TemporaryDirectory() as folder, closing(receiver):
        home = Path(folder) / "instance"
        write_instance(home, port=receiver.port, stable_for=f"{STABLE_FOR * 1000:.0f}ms")
        receiver.token = (home / "secrets" / "erp-token").read_text("ascii").strip()
        drop_files(home, COUNT)
        started = run_once(home, seen)
        taken = len(receiver.documents)
    assert taken == COUNT
    print(f"{COUNT} single-document files, ERP and gateway in one process")
    for name, said in FIGURES.items():
        assert seen.counts[name] == COUNT
        seconds = seen.last[name] - started
        print(f"{said:42} {seconds:7.2f} s {COUNT / seconds:9,.0f}/s")


if __name__ == "__main__":
    main()
