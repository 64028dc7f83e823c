"""Digests over exact bytes and over their canonical form, in which every line ends with CRLF.

A signature covers the bytes of a MIME part. RFC 8551 section 3.1.1 wants text in canonical form
when it is digested, and binary parts as they are; products differ in what they take as binary.
Nothing but the digest sees the canonical form: payload bytes never change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from cryptography.hazmat.primitives import hashes

from gateway.as2.model import Mic
from gateway.as2.profile import Digest

Pieces: TypeAlias = Sequence[bytes | bytearray | memoryview]

ALGORITHMS: Final[dict[Digest, hashes.HashAlgorithm]] = {
    Digest.SHA1: hashes.SHA1(),  # noqa: S303 - partners still use it; it is refused where not asked for
    Digest.SHA224: hashes.SHA224(),
    Digest.SHA256: hashes.SHA256(),
    Digest.SHA384: hashes.SHA384(),
    Digest.SHA512: hashes.SHA512(),
}
_CHUNK: Final = 1 << 20


def digest_of(pieces: Pieces, algorithm: Digest) -> bytes:
    """Digest bytes as they are."""
    return mics_of(pieces, [algorithm])[0].value


def canonical_digest_of(pieces: Pieces, algorithm: Digest) -> bytes:
    """Digest bytes with every line end, CR and LF alone too, as CRLF."""
    return mics_of(pieces, [algorithm], canonically=True)[0].value


def mic_of(pieces: Pieces, algorithm: Digest, *, canonically: bool = False) -> Mic:
    """Make a MIC over bytes, or over their canonical form."""
    return mics_of(pieces, [algorithm], canonically=canonically)[0]


def mics_of(
    pieces: Pieces, algorithms: Iterable[Digest], *, canonically: bool = False
) -> list[Mic]:
    """Make a MIC with each of several digests, in one pass."""
    states = {each: hashes.Hash(ALGORITHMS[each]) for each in algorithms}
    for chunk in canonical(pieces) if canonically else pieces:
        for state in states.values():
            state.update(chunk)
    return [Mic(state.finalize(), each) for each, state in states.items()]


def is_canonical(pieces: Pieces) -> bool:
    """Say whether the canonical form is the bytes themselves."""
    held = b""
    for chunk in _chunks(pieces):
        joined = held + chunk
        # A CR at the end of a chunk is judged with the first byte of the next.
        held = b"\r" if joined.endswith(b"\r") else b""
        pairs = joined.count(b"\r\n")
        if joined.count(b"\n") != pairs or joined.count(b"\r") - len(held) != pairs:
            return False
    return not held


def canonical(pieces: Pieces) -> Iterator[bytes]:
    """Give the canonical form, a megabyte at a time."""
    held = b""
    for chunk in _chunks(pieces):
        joined = held + chunk
        held = b"\r" if joined.endswith(b"\r") else b""
        lines = joined[: len(joined) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield lines.replace(b"\n", b"\r\n")
    if held:
        yield b"\r\n"


def _chunks(pieces: Pieces) -> Iterator[bytes]:
    for piece in pieces:
        view = memoryview(piece)
        for at in range(0, len(view), _CHUNK):
            yield bytes(view[at : at + _CHUNK])
