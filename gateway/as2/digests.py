"""Digests over exact bytes and over their canonical form, in which every line ends with CRLF.

A signature covers the bytes of a MIME part. RFC 8551 section 3.1.1 wants text in canonical form
when it is digested, and binary parts as they are; products differ in what they take as binary.
Nothing but the digest sees the canonical form: payload bytes never change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from cryptography.hazmat.primitives import hashes

from gateway.as2.model import Digest, Mic

Pieces: TypeAlias = Sequence[bytes | bytearray | memoryview]

ALGORITHMS: Final[dict[Digest, hashes.HashAlgorithm]] = {
    Digest.SHA1: hashes.SHA1(),  # noqa: S303 - partners still use it; it is refused where not asked for
    Digest.SHA224: hashes.SHA224(),
    Digest.SHA256: hashes.SHA256(),
    Digest.SHA384: hashes.SHA384(),
    Digest.SHA512: hashes.SHA512(),
}
_CHUNK: Final = 1 << 20
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LONE = re.compile(rb"\r(?!\n)|(?<!\r)\n")


def digest_of(pieces: Pieces, algorithm: Digest) -> bytes:
    """Digest bytes as they are."""
    state = hashes.Hash(ALGORITHMS[algorithm])
    for piece in pieces:
        state.update(piece)
    return state.finalize()


def canonical_digest_of(pieces: Pieces, algorithm: Digest) -> bytes:
    """Digest bytes with every line end, CR and LF alone too, as CRLF."""
    state = hashes.Hash(ALGORITHMS[algorithm])
    for chunk in canonical(pieces):
        state.update(chunk)
    return state.finalize()


def is_canonical(pieces: Pieces) -> bool:
    """Say whether the canonical form is the bytes themselves."""
    tail = b""
    for chunk in _chunks(pieces):
        joined = tail + chunk
        # A CR at the end of a chunk is judged with the first byte of the next.
        tail = joined[-1:] if joined.endswith(b"\r") else b""
        if _LONE.search(joined[: len(joined) - len(tail)]):
            return False
    return not tail


def canonical(pieces: Pieces) -> Iterator[bytes]:
    """Give the canonical form, a megabyte at a time."""
    held = b""
    for chunk in _chunks(pieces):
        joined = held + chunk
        held = b"\r" if joined.endswith(b"\r") else b""
        yield _LINE_END.sub(b"\r\n", joined[: len(joined) - len(held)])
    if held:
        yield b"\r\n"


def mic_of(pieces: Pieces, algorithm: Digest, *, canonically: bool = False) -> Mic:
    """Make a MIC over bytes, or over their canonical form."""
    take = canonical_digest_of if canonically else digest_of
    return Mic(take(pieces, algorithm), algorithm)


def _chunks(pieces: Pieces) -> Iterator[bytes]:
    for piece in pieces:
        view = memoryview(piece)
        for at in range(0, len(view), _CHUNK):
            yield bytes(view[at : at + _CHUNK])
