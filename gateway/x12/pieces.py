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
from gateway.x12.model import InterchangeHeader
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


def pieces(payload: bytes) -> Iterator[Piece]:
    """Yield every piece of a payload, whatever it holds; interchanges are those of the reader."""
    at = 0
    if is_ebcdic(payload):
        yield Piece(payload, b"", b"", 0, None)
        return
    for header, end in _interchanges(payload):
        if header.offset > at:
            yield Piece(payload[at : header.offset], b"", b"", at, None)
        at = header.offset
        for piece in _segments(payload, header, end):
            yield piece
            at += len(piece.whole)
    if at < len(payload):
        yield Piece(payload[at:], b"", b"", at, None)


def _interchanges(payload: bytes) -> Iterator[tuple[InterchangeHeader, int]]:
    """Yield each interchange and the offset just past it; none where nothing can be read."""
    try:
        for event in read(payload):
            if isinstance(event, InterchangeEnd):
                yield event.header, event.end
    except InterchangeUnreadable:
        return


def _segments(payload: bytes, header: InterchangeHeader, end: int) -> Iterator[Piece]:
    """Cut an interchange; the padding behind it goes with its last segment."""
    terminator = header.delimiters.terminator.encode("latin-1")
    found = read_isa(payload, header.offset)
    at, stop = header.offset, found.body - 1 if found else header.offset
    while at < end:
        # No longer than the reader's longest: what has lost its terminators is cut all the same.
        limit = min(end, at + LONGEST_SEGMENT)
        if stop < 0:
            binary = read_binary(payload, at, header.delimiters)
            whole = binary is not None and binary.end <= end
            stop = binary.end - 1 if binary and whole else payload.find(terminator, at, limit)
        past = limit if stop < 0 else stop + 1
        blank = _BLANKS.match(payload, past) if stop >= 0 or past == end else None
        gap = blank.end() if blank else past
        text = payload[at:past] if stop < 0 else payload[at:stop]
        yield Piece(text, payload[at + len(text) : past], payload[past:gap], at, header)
        at, stop = gap, -1
