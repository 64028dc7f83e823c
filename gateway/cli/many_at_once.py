"""Work on many payloads in as many processes as there are processors, in order and bounded.

Each process reads the maps by itself: what is handed over is bytes one way and counts the other.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from gateway.cli.map_sides import Side
from gateway.cli.translated_twice import Given, Known, Twice
from gateway.errors import GatewayError
from gateway.mapping.impact_groups import Impact

WORTH_IT = 1_500_000
"""Bytes from which on starting processes takes less time than it saves."""

_BATCH = 200_000
"""Bytes that are handed to a process at once."""
_AHEAD = 3
"""Batches that wait for each process."""

_WORKER: list[Twice] = []
"""What a process works with, made when it starts."""


class ProcessLost(GatewayError):
    """A process that translated ended unexpectedly; too little memory is the usual reason."""


def processors() -> int:
    """Return how many processors this program may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def impacts(
    given: Iterable[Given], sides: tuple[Side, Side], known: Known, *, jobs: int
) -> Iterator[tuple[int, Impact]]:
    """Yield what differs, piece by piece in the order given, each with its size in bytes."""
    if jobs < 2:
        twice = Twice(*sides, known)
        for one in given:
            yield _weight(one), twice.impact(one)
        return
    waiting: deque[tuple[int, Future[Impact | str]]] = deque()
    # Spawned, because a fork of a program with threads may stand still for ever.
    with ProcessPoolExecutor(
        jobs, mp_context=get_context("spawn"), initializer=_begin, initargs=(*sides, known)
    ) as pool:
        try:
            for batch in _batches(_shared(given, jobs)):
                waiting.append((sum(map(_weight, batch)), pool.submit(_impact, batch)))
                if len(waiting) >= jobs * _AHEAD:
                    yield _next(waiting)
            while waiting:
                yield _next(waiting)
        except BrokenProcessPool as fault:
            raise ProcessLost from fault
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _next(waiting: deque[tuple[int, Future[Impact | str]]]) -> tuple[int, Impact]:
    size, future = waiting.popleft()
    found = future.result()
    if isinstance(found, str):
        raise GatewayError(found)
    return size, found


def _weight(given: Given) -> int:
    return len(given.content) // given.parts


def _shared(given: Iterable[Given], jobs: int) -> Iterator[Given]:
    """Let all processes read a large payload, and each translate its share of the sets."""
    for one in given:
        if len(one.content) < WORTH_IT or one.parts > 1:
            yield one
            continue
        for part in range(jobs):
            yield Given(one.name, one.content, part, jobs, one.labels, one.written_for)


def _batches(given: Iterable[Given]) -> Iterator[list[Given]]:
    batch: list[Given] = []
    size = 0
    for one in given:
        batch.append(one)
        size += len(one.content)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _begin(before: Side, after: Side, known: Known) -> None:
    # Ctrl-C reaches every process of a terminal; the one that prints ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _WORKER.append(Twice(before, after, known))


def _impact(batch: list[Given]) -> Impact | str:
    """Return the counts of a batch, or what is wrong: exceptions of ours do not travel whole."""
    whole = Impact()
    try:
        for one in batch:
            whole.join(_WORKER[0].impact(one))
    except GatewayError as fault:
        return str(fault)
    return whole
