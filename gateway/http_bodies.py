"""The body of a call, taken in pieces: no larger, no slower, and not too many at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from io import BytesIO

from starlette.requests import Request


class TooLarge(Exception):
    """The body is larger than is taken."""


class TooMany(Exception):
    """The bodies that are being taken are too large together."""


class Bodies:
    """Takes bodies, and knows how much all of them hold in memory.

    A call's body is held until it was read, so that many large ones at once are the one thing by
    which a partner could use up the memory. What is beyond is asked to come again.
    """

    def __init__(self, *, largest: int, together: int, deadline: timedelta) -> None:
        self._largest = largest
        self._together = together
        self._deadline = deadline
        self._held = 0

    async def take(self, request: Request) -> bytes:
        """Return the whole body; raise TooLarge, TooMany or TimeoutError.

        Call `release` with it once it is not needed any more.
        """
        announced = request.headers.get("Content-Length", "")
        if announced.isascii() and announced.isdigit() and int(announced) > self._largest:
            raise TooLarge
        # Grows in place and is given out without a copy: pieces that are kept until they are joined
        # would take the memory twice.
        body = BytesIO()
        size = 0
        whole = False
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                async for chunk in request.stream():
                    size += len(chunk)
                    self._held += len(chunk)
                    if size > self._largest:
                        raise TooLarge
                    if self._held > self._together:
                        raise TooMany
                    body.write(chunk)
            whole = True
        finally:
            if not whole:
                self._held -= size
        return body.getvalue()

    def release(self, size: int) -> None:
        """Note that a body of this size is held no more."""
        self._held -= size
