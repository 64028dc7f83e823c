"""Reaching another machine within so much time, whatever its name and its addresses do.

The system looks a name up for as long as it likes, and each dead address of a machine takes its own
time out. Here both together take no longer than was given, and none of it outlasts a process that
is to end.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, Queue
from time import monotonic
from typing import TypeVar

T = TypeVar("T")

_LOOK = 0.1
"""Seconds between looks whether the process is to end."""

LATE = "timed out"
ENDED = "broken off: the gateway stops"


def reached(
    host: str, port: int, *, seconds: float, ended: threading.Event | None = None
) -> socket.socket:
    """Return a connection to the first address that answers; raise OSError where none does.

    Each address has a share of what time is left, so that a dead first one leaves some to the next.
    """
    ends = monotonic() + seconds

    def connect() -> socket.socket:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        fault = OSError("it has no address")
        for place, (family, kind, protocol, _, address) in enumerate(found):
            share = (ends - monotonic()) / (len(found) - place)
            if share <= 0:
                raise TimeoutError(LATE)
            connection = socket.socket(family, kind, protocol)
            try:
                connection.settimeout(share)
                connection.connect(address)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as refused:
                connection.close()
                fault = refused
            else:
                return connection
        raise fault

    return within(connect, lambda late: late.close(), seconds=seconds, ended=ended)


def within(
    act: Callable[[], T],
    undo: Callable[[T], None],
    *,
    seconds: float,
    ended: threading.Event | None = None,
) -> T:
    """Return what an act gives within some seconds; raise TimeoutError or ConnectionError.

    It goes on in a thread of its own that nobody waits for; what it gives too late is undone.
    """
    answers: Queue[T | Exception] = Queue()
    left = threading.Lock()
    gone = False

    def run() -> None:
        try:
            answer: T | Exception = act()
        except Exception as fault:  # noqa: BLE001 - handed to whoever waits
            answer = fault
        with left:
            if not gone:
                answers.put(answer)
                return
        if not isinstance(answer, Exception):
            undo(answer)

    threading.Thread(target=run, name="reach", daemon=True).start()
    ends = monotonic() + seconds
    while True:
        with suppress(Empty):
            answer = answers.get(timeout=max(0.0, min(_LOOK, ends - monotonic())))
            if isinstance(answer, Exception):
                raise answer
            return answer
        stopping = ended is not None and ended.is_set()
        if stopping or monotonic() >= ends:
            break
    with left:
        gone = True
    if not answers.empty():  # it came in this very moment
        answer = answers.get_nowait()
        if isinstance(answer, Exception):
            raise answer
        return answer
    raise ConnectionError(ENDED) if stopping else TimeoutError(LATE)
