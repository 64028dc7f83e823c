"""The pipeline on SQLite: single-document payloads to durable state, delivery queued, delivered.

Run alone: `python -m tests.benchmarks.bench_pipeline [COUNT]`. The destination and the partner's
folder are in memory, the database is a real file with every commit on the disk, and the map is the
smallest, so this is what durability costs; `bench_inbound` says what the language costs.

Shared machines differ from run to run: beside the rates stands the processor time of each document.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from gateway.clock import utc_now
from tests.integration.world import World, order, running, wait_for, world

COUNT = 2000
LOOK = 100
"""Files found in one look of a transport."""


def main(count: int = COUNT) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder, world(f"sqlite:///{folder}/bench.db") as here:
        payloads = [order(number) for number in range(1, count + 1)]
        with running(here):
            begun, used = time.perf_counter(), time.process_time()
            receive(here, payloads)
            received = time.perf_counter() - begun
            wait_for(lambda: not backlog(here)["payloads"], 600)
            queued = time.perf_counter() - begun
            wait_for(lambda: not any(backlog(here).values()), 600)
            done = time.perf_counter() - begun
            used = time.process_time() - used
        assert len(here.erp.delivered) == len(here.folder.delivered) == count
        size = Path(folder, "bench.db").stat().st_size
    print(f"payloads made durable            {count / received:8.0f} /s")
    print(f"  … read, delivery queued        {count / queued:8.0f} /s  (bar 300, aim 1000)")
    print(f"  … delivered and acknowledged   {count / done:8.0f} /s")
    print(f"processor time for each          {1000 * used / count:8.2f} ms")
    print(f"database for each                {size / count / 1024:8.1f} KB")


def receive(here: World, payloads: list[bytes], first: int = 0) -> None:
    """Hand payloads over as a transport does that finds many in one look, numbered from `first`."""
    for start in range(0, len(payloads), LOOK):
        here.pipeline.receive(
            [
                here.received(content, f"order-{n}.edi", f"inode-{n}")
                for n, content in enumerate(payloads[start : start + LOOK], first + start)
            ]
        )


def backlog(here: World) -> dict[str, int]:
    """Count what is not finished."""
    return dict(here.store.desk.backlog(utc_now()))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
