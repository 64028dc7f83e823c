"""HTTP connections that may not wait for ever: whoever says half a request makes room for others.

uvicorn has no time limit for a request's head, and answers everybody with 503 while as many
connections are open as it takes. Here a head must come in time, and where all places are taken the
connection that has said nothing complete for longest is closed for a new one.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_WITHIN = timedelta(seconds=20)


class BoundedProtocol(H11Protocol):
    """One connection."""

    def __init__(self, *arguments: Any, head_within: timedelta, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head_within = head_within.total_seconds()
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take the connection, in the place of another one where all are taken."""
        super().connection_made(transport)
        self._note_whether_waiting()
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._end_waiting()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Read what has come; a head that is whole is waited for no more."""
        super().handle_events()
        self._note_whether_waiting()

    def _note_whether_waiting(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._end_waiting()
        elif self._deadline is None and not self.transport.is_closing():
            # Not set anew by what trickles in: the whole head must have come by then.
            self._deadline = self.loop.call_later(self._head_within, self._give_up)

    def _end_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._end_waiting()
        self.connections.discard(self)
        self.transport.abort()

    def _make_room(self) -> None:
        limit = self.limit_concurrency
        while limit is not None and len(self.connections) >= limit:
            waiting = [
                (one._deadline.when(), number, one)
                for number, one in enumerate(self.connections)
                if isinstance(one, BoundedProtocol) and one._deadline and one is not self
            ]
            if not waiting:
                return  # all are being answered: this one is told to come again
            min(waiting)[2]._give_up()
