"""The best of several runs, and the floor that everything is compared with."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from gateway.app import rare_collections

Item = TypeVar("Item")


def best(run: Callable[[], object], rounds: int = 7) -> float:
    """Return the processor seconds that the fastest of several runs took.

    Processor time, because a run that has to wait for the processor is no slower program; and the
    fastest, because other programs still empty the caches.
    """
    seconds = []
    for _ in range(rounds):
        with rare_collections():  # as in a running gateway
            start = time.process_time()
            run()
            seconds.append(time.process_time() - start)
    return min(seconds)


def in_turns(runs: Mapping[str, Callable[[], object]], rounds: int = 7) -> dict[str, float]:
    """Return the best seconds of each run; all run once in every round.

    So a machine that is busy for a while is so for all of them, and the ratios stay right.
    """
    seconds = dict.fromkeys(runs, float("inf"))
    for _ in range(rounds):
        for name, run in runs.items():
            seconds[name] = min(seconds[name], best(run, rounds=1))
    return seconds


def each(items: Sequence[Item], take: Callable[[Item], object]) -> Callable[[], None]:
    """Return a run that takes every item and keeps nothing, as the pipeline does."""

    def run() -> None:
        for item in items:
            take(item)

    return run


def split_floor(payloads: Sequence[bytes]) -> None:
    """Split by the terminator, then by the element separator: less cannot be done."""
    for payload in payloads:
        _ = [segment.split(b"*") for segment in payload.split(b"~")]
