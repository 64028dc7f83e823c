"""Payload to segments without losing a byte: each with its terminator and what follows it.

What the reader takes for no data, such as line ends, is kept: joined, the pieces are the payload.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.errors import InterchangeUnreadable
from gateway.x12.binary import read_binary
from gateway.x12.characters import is_ebcdic
from gateway.x12.delimiters import read_isa
from gateway.x12.model import InterchangeHeader, Octets
from gateway.x12.reader import read
from gateway.x12.reader_events import InterchangeEnd
from gateway.x12.reader_segments import LONGEST_SEGMENT

_BLANKS = re.compile(rb"[ \t\r\n\x00\x1a]*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A segment as it stands in a payload, or bytes that are of no interchange."""

    text: bytes
    terminator: bytes
    """Empty where the segment was cut off, or is none."""
    gap: bytes
    """Line ends and other padding before the next segment."""
    offset: int
    interchange: InterchangeHeader | None
    """The interchange that it is of; None for what stands outside of any."""

    @property
    def whole(self) -> bytes:
        """Return all of its bytes."""
        return self.text + self.terminator + self.gap

    @property
    def elements(self) -> list[bytes]:
        """Return the segment id and the elements; the bytes alone where it is no segment."""
        if self.interchange is None:
            return [self.text]
        return self.text.split(self.interchange.delimiters.element.encode("latin-1"))


def pieces(payload: Octets) -> Iterator[Piece]:
    """Yield every piece of a payload, whatever it holds; interchanges are those of the reader."""
    at = 0
    for header, end in interchanges(payload):
        if header.offset > at:
            yield Piece(payload[at : header.offset], b"", b"", at, None)
        at = header.offset
        for piece in segments(payload, header, end):
            yield piece
            at += len(piece.whole)
    if at < len(payload):
        yield Piece(payload[at:], b"", b"", at, None)


def interchanges(payload: Octets) -> Iterator[tuple[InterchangeHeader, int]]:
    """Yield each interchange and the offset just past it; none where nothing can be read.

    None of EBCDIC either: what is read of it is not what stands there.
    """
    if is_ebcdic(payload):
        return
    try:
        for event in read(payload):
            if isinstance(event, InterchangeEnd):
                yield event.header, event.end
    except InterchangeUnreadable:
        return


def segments(payload: Octets, header: InterchangeHeader, end: int) -> Iterator[Piece]:
    """Cut an interchange; the padding behind it goes with its last segment."""
    at = header.offset
    while at < end:
        piece = piece_at(payload, header, at, end)
        yield piece
        at += len(piece.whole)


def piece_at(payload: Octets, header: InterchangeHeader, at: int, end: int) -> Piece:
    """Return the piece of an interchange that begins at an offset; `end` is just past the last."""
    # No longer than the reader's longest: what has lost its terminators is cut all the same.
    limit = min(end, at + LONGEST_SEGMENT)
    stop = _terminator_after(payload, header, at, limit)
    past = limit if stop < 0 else stop + 1
    blank = _BLANKS.match(payload, past) if stop >= 0 or past == end else None
    gap = blank.end() if blank else past
    text = payload[at:past] if stop < 0 else payload[at:stop]
    return Piece(text, payload[at + len(text) : past], payload[past:gap], at, header)


def _terminator_after(payload: Octets, header: InterchangeHeader, at: int, limit: int) -> int:
    """Return the offset of the terminator of the segment at an offset, or -1."""
    if at == header.offset:
        found = read_isa(payload, at)
        return found.body - 1 if found is not None else -1
    if payload[at : at + 1] == b"B":
        binary = read_binary(payload, at, header.delimiters)
        if binary is not None and binary.end <= limit:
            return binary.end - 1
    return payload.find(header.delimiters.terminator.encode("latin-1"), at, limit)
