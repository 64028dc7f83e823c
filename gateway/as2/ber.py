"""The frames of CMS: BER elements found in place, without copying the content between them.

Products that stream write indefinite lengths and cut the content into thousands of octet strings;
others write DER. Both are read here. Only the frames are: small structures inside them, such as a
signer's, go to `asn1`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

SEQUENCE: Final = 0x30
SET: Final = 0x31
OBJECT_IDENTIFIER: Final = 0x06
OCTET_STRING: Final = 0x04

_CONSTRUCTED: Final = 0x20
_END_OF_CONTENTS: Final = b"\0\0"
_DEEPEST: Final = 16
"""CMS nests eight deep; anything deeper only wants to exhaust the reader."""
_MOST_ELEMENTS: Final = 3_000_000
"""500 MB in octet strings of 1,000 bytes are 500,000; each is looked at three times."""


class NotBer(ValueError):
    """The bytes are not BER, or not as CMS uses it."""


@dataclass(slots=True)
class _Walk:
    """Where each element of indefinite length ends: found once, asked at each level above it."""

    data: bytes | bytearray
    ends: dict[int, int] = field(default_factory=dict)
    elements: int = 0

    def step(self) -> None:
        """Count an element that is looked at; give up where somebody sends millions."""
        self.elements += 1
        if self.elements > _MOST_ELEMENTS:
            raise NotBer(f"more than {_MOST_ELEMENTS} elements")


@dataclass(frozen=True, slots=True)
class Element:
    """One element, by its place."""

    walk: _Walk = field(repr=False)
    tag: int
    start: int
    content: int
    stop: int
    """Where its content ends."""
    end: int
    """Where the next element begins."""

    @property
    def constructed(self) -> bool:
        """Say whether its content is elements."""
        return bool(self.tag & _CONSTRUCTED)

    def raw(self) -> bytes:
        """Copy the whole element, header included."""
        return bytes(self.walk.data[self.start : self.end])

    def children(self) -> list[Element]:
        """Find the elements inside."""
        if not self.constructed:
            raise NotBer(f"element {self.tag:#04x} at byte {self.start} has no elements inside")
        return list(_elements(self.walk, self.content, self.stop))

    def octets(self, depth: int = 0) -> Iterator[memoryview]:
        """Give the content of an octet string, which may be cut into several."""
        if depth > _DEEPEST:
            raise NotBer(f"octet string at byte {self.start} is nested too deep")
        if not self.constructed:
            yield memoryview(self.walk.data)[self.content : self.stop]
            return
        for child in _elements(self.walk, self.content, self.stop):
            if child.tag & ~_CONSTRUCTED != OCTET_STRING:
                raise NotBer(f"octet string at byte {self.start} has {child.tag:#04x} inside")
            yield from child.octets(depth + 1)

    def size(self) -> int:
        """Count the bytes that `octets` gives."""
        return sum(len(piece) for piece in self.octets())


def read_ber(data: bytes | bytearray, start: int = 0, end: int | None = None) -> Element:
    """Find the element that fills a stretch of bytes; only line ends may follow it."""
    stop = len(data) if end is None else end
    element = _element(_Walk(data), start, stop, 0)
    if bytes(data[element.end : min(stop, element.end + 4)]).strip(b"\r\n\0"):
        raise NotBer(f"bytes after the element that ends at byte {element.end}")
    return element


def expect(element: Element, tag: int, what: str) -> Element:
    """Insist on an element's tag."""
    if element.tag != tag:
        raise NotBer(f"{what} at byte {element.start} has tag {element.tag:#04x}, not {tag:#04x}")
    return element


def header(tag: int, length: int) -> bytes:
    """Write tag and length of an element in DER."""
    if length < 0x80:
        return bytes((tag, length))
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big")


def framed(tag: int, pieces: Sequence[bytes | bytearray]) -> list[bytes | bytearray]:
    """Put an element around pieces, without joining them."""
    return [header(tag, sum(len(piece) for piece in pieces)), *pieces]


def _elements(walk: _Walk, at: int, stop: int) -> Iterator[Element]:
    while at < stop:
        walk.step()
        element = _element(walk, at, stop, 0)
        yield element
        at = element.end


def _element(walk: _Walk, at: int, stop: int, depth: int) -> Element:
    data = walk.data
    if stop - at < 2:
        raise NotBer(f"element cut short at byte {at}")
    tag, first = data[at], data[at + 1]
    if tag & 0x1F == 0x1F or tag == 0:
        raise NotBer(f"unexpected tag {tag:#04x} at byte {at}")
    content = at + 2
    if first == 0x80:
        inner = _indefinite(walk, at, content, stop, depth)
        return Element(walk, tag, at, content, inner, inner + 2)
    length = first
    if first & 0x80:
        size = first & 0x7F
        if size > 8 or content + size > stop:
            raise NotBer(f"length of the element at byte {at} cannot be read")
        length = int.from_bytes(data[content : content + size], "big")
        content += size
    if content + length > stop:
        raise NotBer(f"element at byte {at} is longer than what holds it")
    return Element(walk, tag, at, content, content + length, content + length)


def _indefinite(walk: _Walk, start: int, at: int, stop: int, depth: int) -> int:
    """Find where the content of an element of indefinite length ends."""
    if start in walk.ends:
        return walk.ends[start]
    if not walk.data[start] & _CONSTRUCTED or depth > _DEEPEST:
        raise NotBer(f"indefinite length at byte {start}: not constructed, or nested too deep")
    while bytes(walk.data[at : at + 2]) != _END_OF_CONTENTS:
        walk.step()
        at = _element(walk, at, stop, depth + 1).end
    walk.ends[start] = at
    return at
