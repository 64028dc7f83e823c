"""Peak memory and rate of one large interchange through the durable pipeline on SQLite.

Run alone: `python -m tests.benchmarks.bench_slices [SETS…]`. Each size has its own process; what
counts is what reading it adds to the peak with the payload in memory, and that it hardly grows.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.big_interchange import peak
from tests.integration.world import many_orders, world

SIZES = (20_000, 100_000)


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Print the figures."""
    for sets in sizes:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "big.edi").write_bytes(many_orders(sets))
            command = [sys.executable, "-m", "tests.benchmarks.bench_slices", "--in", folder]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
        size, before, after, seconds = map(float, done.stdout.split())
        print(
            f"{sets:7,} sets, {size:5.1f} MB: {after - before:6.1f} MB above the "
            f"{before:.0f} MB with the payload, {sets / seconds:,.0f} sets/s"
        )


def read_in(folder: Path) -> None:
    """Receive and read the payload of a folder, and print what it took."""
    content = Path(folder, "big.edi").read_bytes()
    with world(f"sqlite:///{folder}/bench.db") as here:
        ids = here.drop(content)
        before, started = peak(), time.perf_counter()
        here.pipeline.read_payloads(ids, 1)
        seconds = time.perf_counter() - started
        [interchange] = here.store.desk.interchanges()
        assert interchange.state == "routed"
    print(len(content) / 1_000_000, before, peak(), seconds)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--in"]:
        read_in(Path(sys.argv[2]))
    else:
        main(tuple(int(argument) for argument in sys.argv[1:]) or SIZES)
