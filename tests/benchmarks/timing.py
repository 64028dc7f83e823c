"""The best of several runs, and the floor that everything is compared with."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence


def best(run: Callable[[], object], rounds: int = 7) -> float:
    """Return the seconds that the fastest of several runs took.

    The fastest, because other programs on the machine can only make a run slower.
    """
    seconds = []
    for _ in range(rounds):
        gc.collect()
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def split_floor(payloads: Sequence[bytes]) -> None:
    """Split by the terminator, then by the element separator: less cannot be done."""
    for payload in payloads:
        _ = [segment.split(b"*") for segment in payload.split(b"~")]
