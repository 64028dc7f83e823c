"""How a command that goes on until it is told to stop is told to."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def until_signalled(stopping: threading.Event) -> Iterator[None]:
    """Set the event at SIGTERM and SIGINT; what is under way comes to its end.

    Shells start what runs in the background with SIGINT ignored: it counts all the same.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
