"""Work at the same time where it waits for others, and one after another where it does not.

Threads that hardly wait only contend for the interpreter: a document handed over to a system that
answers at once costs half as much again where eight of them are handed over beside each other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_WINDOW = 0.01
"""Seconds; after each it is asked whether one more thread would help."""

_AT_ONCE = 4
"""So many that end within a window hardly wait: one more thread would not help."""


def side_by_side(
    work: Callable[[Item], Result], items: Sequence[Item], most: int, *, name: str
) -> list[Result]:
    """Return what comes of each item, in their order; `most` of them are worked on at a time.

    It begins with one thread, named by `name`, and takes one more as long as few come to an end.
    """
    if min(most, len(items)) <= 1:
        return [work(item) for item in items]
    waiting = deque(enumerate(items))
    ended: dict[int, Result] = {}

    def drain() -> None:
        while waiting:
            try:
                place, item = waiting.popleft()
            except IndexError:  # another thread took the last one
                return
            ended[place] = work(item)

    with ThreadPoolExecutor(max_workers=most, thread_name_prefix=name) as pool:
        threads = [pool.submit(drain)]
        while waiting and len(threads) < most:
            if _ended_within_a_window(threads, ended) < _AT_ONCE:
                threads.append(pool.submit(drain))
    for thread in threads:
        thread.result()
    return [ended[place] for place in range(len(items))]


def _ended_within_a_window(threads: Sequence[Future[None]], ended: dict[int, Result]) -> int:
    before = len(ended)
    wait(threads, _WINDOW)
    return len(ended) - before
