"""Peak memory of one big interchange, as the operating system counts it, in a process of its own.

Run by `make bench`, or alone: `python -m tests.benchmarks.bench_memory`.

The payload itself is in memory, as the store gives it; what counts is what reading, validating and
mapping add, and that it does not grow with the payload.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.big_interchange import MEGABYTE, write_big_interchange

SIZES = (1, 200)


def main() -> None:
    """Print the figures."""
    for megabytes in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "big.edi"
            write_big_interchange(path, megabytes * MEGABYTE)
            done = subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.big_interchange", str(path)],
                check=True,
                capture_output=True,
                text=True,
            )
        size, before, after, documents, seconds = map(float, done.stdout.split())
        print(
            f"{size:6.1f} MB, {documents:7,.0f} documents: {after - before:6.1f} MB above the "
            f"{before:.0f} MB with the payload (bar 150, aim 60), {size / seconds:.1f} MB/s"
        )


if __name__ == "__main__":
    main()
