"""`gateway maps diff` over 10,000 documents: the whole command, as a person waits for it.

Run by `make bench`, or alone: `python -m tests.benchmarks.bench_maps_diff`.

Every document is read by two maps, since both folders of maps differ for each set; in half of the
documents something comes out differently.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.documents import BODIES, interchanges

COUNT = 10_000
BAR = 60
"""Seconds."""


def write_maps(folder: Path, tables: str) -> Path:
    """Write a map of our own for each set that is generated."""
    (folder / "maps").mkdir(parents=True)
    for set_id in BODIES:
        text = f"map: own-{set_id}\nextends: base-{set_id}\n{tables}"
        (folder / "maps" / f"{set_id}.map.yaml").write_text(text)
    return folder


def write_samples(folder: Path, count: int) -> Path:
    """Write a hundred interchanges to a file."""
    folder.mkdir()
    payloads = list(interchanges(count))
    for start in range(0, count, 100):
        (folder / f"{start}.edi").write_bytes(b"".join(payloads[start : start + 100]))
    return folder


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as home:
        before = write_maps(Path(home, "before"), "note: as it is\n")
        after = write_maps(Path(home, "after"), "tables: {unit: {codes: {EA: single}}}\n")
        samples = write_samples(Path(home, "samples"), COUNT)
        command = ["maps", "diff", str(before), str(after), str(samples), "--json"]
        program = "from gateway.cli import main; main()"
        for jobs in (1, 2):
            start = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", program, *command, "--jobs", str(jobs)],
                capture_output=True,
                text=True,
                check=False,
            )
            seconds = time.perf_counter() - start
            found = json.loads(done.stdout)
            assert done.returncode == 1
            assert found["documents"] == COUNT
            print(
                f"{jobs} processes: {COUNT:,} documents translated twice in {seconds:5.1f} s "
                f"(bar {BAR}), {COUNT / seconds:,.0f}/s; {found['changed']:,} change"
            )


if __name__ == "__main__":
    main()
