"""Our full inbound core against what pyx12 does of it: validation and the 997, of the same bytes.

Run by `make bench`, or alone: `python -m tests.benchmarks.bench_pyx12`.

pyx12 validates by our own schemas, exported to its format, and has its maps kept in memory between
calls, which it does not do by itself. It has to accept every sound interchange and to refuse every
bad one, or the figures say nothing.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pyx12.map_if
import pyx12.map_index
import pyx12.x12n_document
from pyx12.params import ParamsBase

from gateway.second_opinion.maps import write_maps
from tests.benchmarks.bench_validate import spoil_elements, spoil_structure
from tests.benchmarks.documents import interchanges
from tests.benchmarks.inbound import InboundCore
from tests.benchmarks.timing import in_turns, split_floor

COUNT = 200
ROUNDS = 3


@contextmanager
def maps_kept_in_memory() -> Iterator[None]:
    """Let pyx12 read each of its files once."""
    with (
        patch.object(pyx12.map_if, "load_map_file", cache(pyx12.map_if.load_map_file)),
        patch.object(pyx12.map_index, "map_index", cache(pyx12.map_index.map_index)),
    ):
        yield


class Peer:
    """pyx12 with maps from a folder."""

    def __init__(self, maps: Path) -> None:
        self._maps = str(maps)
        # One object: it is part of what a cached map is found by.
        self._parameters = ParamsBase()

    def accepts(self, payload: bytes) -> bool:
        """Validate a payload, write its 997, and say whether it was sound."""
        answer = StringIO()
        text = StringIO(payload.decode("latin-1"))
        verdict: bool = pyx12.x12n_document.x12n_document(
            self._parameters, text, answer, None, map_path=self._maps
        )
        assert "*997*" in answer.getvalue()
        return verdict


def main() -> None:
    """Print the figures."""
    core = InboundCore()
    payloads = list(interchanges(COUNT))
    with tempfile.TemporaryDirectory() as folder, maps_kept_in_memory():
        write_maps(Path(folder), core.schemas.values())
        peer = Peer(Path(folder))
        assert all(map(peer.accepts, payloads))
        # It says of bad data to the log what it says in the 997.
        logging.getLogger("pyx12").setLevel(logging.CRITICAL)
        assert not any(peer.accepts(spoil_elements(payload)) for payload in payloads)
        assert not any(peer.accepts(spoil_structure(payload)) for payload in payloads)
        core.warm_up(payloads)
        figures = in_turns(
            {
                "split floor": lambda: split_floor(payloads),
                "ours: full inbound, JSON and 997": lambda: core.take_all(payloads),
                "pyx12: validation and 997": lambda: [peer.accepts(one) for one in payloads],
            },
            ROUNDS,
        )
    for name, seconds in figures.items():
        print(f"{name:42} {seconds / COUNT * 1e6:9.1f} us {COUNT / seconds:9,.0f}/s")
    _, ours, theirs = figures.values()
    print(f"{'pyx12 / ours (bar 25, aim 40)':42} {theirs / ours:9.1f}")


if __name__ == "__main__":
    main()
