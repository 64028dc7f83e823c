"""The bodies of answers, as far as they are wanted, packed or said to be."""

from __future__ import annotations

import gzip
import random
import zlib

import httpx
import pytest

from gateway.transports.http.reading import Body, read

MOST = 100


def body(came: bytes, coding: str) -> Body:
    """Read a body that is said to be packed."""
    headers = {"Content-Encoding": coding}
    return read(httpx.Response(200, headers=headers, stream=httpx.ByteStream(came)), MOST)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize("said", [b"{}", b"[]", b'{"a":1}', b"ok", b"<html>"])
def test_text_that_is_said_to_be_packed_and_is_not_is_read_as_it_came(
    coding: str, said: bytes
) -> None:
    assert body(said, coding) == Body(said)


def test_what_is_too_large_is_so_packed_and_unpacked() -> None:
    hardly = random.Random(1).randbytes(MOST + 1)
    bare = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    for came in (
        gzip.compress(hardly),
        zlib.compress(hardly),
        gzip.compress(random.Random(2).randbytes(10 * MOST))[: MOST + 10],
        bare.compress(b"x" * 10 * MOST) + bare.flush(),
    ):
        found = body(came, "gzip")
        assert (len(found.content) <= MOST, found.larger, found.broken) == (True, True, None)
