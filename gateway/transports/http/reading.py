"""Reading the body of an answer: so much of it and no more, unpacked where it came packed.

No call asks for a packed answer. Who sends one all the same is read within the same limit, so that
a small one cannot unpack into a large one.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

import httpx

from gateway.errors import GatewayError

_UNPACKED = frozenset({"gzip", "x-gzip", "deflate"})
_PLAIN = frozenset({"", "identity"})

_EITHER = zlib.MAX_WBITS | 32
"""Takes what `gzip` and what `deflate` are said to be; some send the latter without its head."""
_BARE = -zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Body:
    """The body of an answer, as far as it was read."""

    content: bytes = field(repr=False)
    larger: bool = False
    """Whether there was more of it than was wanted."""
    coding: str = ""
    """How it is packed, where it could not be unpacked."""
    broken: httpx.RequestError | None = None
    """What broke it off."""


def read(answer: httpx.Response, most: int) -> Body:
    """Read a body of so many bytes at most, and say what broke it off, if anything did.

    Leaving the rest unread closes the connection.
    """
    parts, size, broken = [], 0, None
    try:
        for chunk in answer.iter_raw():
            parts.append(chunk)
            size += len(chunk)
            if size > most:
                break
    except httpx.RequestError as fault:
        broken = fault
    came, coding = b"".join(parts), answer.headers.get("Content-Encoding", "").strip().lower()
    if coding in _PLAIN or not came:
        return Body(came[:most], size > most, broken=broken)
    if coding not in _UNPACKED:
        return Body(came[:most], size > most, coding, broken)
    return _unpacked(came, most, broken)


def read_whole(answer: httpx.Response, most: int, too_large: GatewayError) -> Body:
    """Read a body to its end; raise what broke it off, or `too_large` where there is more of it."""
    body = read(answer, most)
    if body.broken is not None:
        raise body.broken
    if body.larger:
        raise too_large
    return body


def _unpacked(came: bytes, most: int, broken: httpx.RequestError | None) -> Body:
    for form in (_EITHER, _BARE):
        unpacking = zlib.decompressobj(form)
        try:
            content = unpacking.decompress(came, most + 1)
        except zlib.error:
            continue
        whole = unpacking.eof and not unpacking.unused_data
        if form == _BARE and not whole and len(content) <= most:
            continue  # Nothing but its end tells it from text: `{}` may be the beginning of it.
        larger = len(content) > most or (len(came) > most and not unpacking.eof)
        if not (larger or unpacking.eof or broken):
            broken = httpx.DecodingError("it was packed, and its end is missing")
        return Body(content[:most], larger, broken=broken)
    # It says that it is packed and is not.
    return Body(came[:most], len(came) > most, broken=broken)
