"""Tells plain text, of which most tests need not be made element by element.

Plain is ASCII without control characters, without component or repetition separators, and without
a blank at the end of an element. Nearly all business data is plain, and to ask once for a whole
transaction set costs less than to ask for each of its elements.
"""

from __future__ import annotations

from functools import lru_cache

from gateway.x12.model import Delimiters, Segment, TransactionSet


def is_plain_set(transaction_set: TransactionSet) -> bool:
    """Say whether every segment of a set is plain."""
    if transaction_set.plain:
        return True
    separator = transaction_set.delimiters.element
    # The end of a segment is the end of an element: one test for blanks serves both.
    text = separator.join(map(separator.join, transaction_set.segments))
    return _is_plain(text, transaction_set.delimiters)


def is_plain_segment(segment: Segment, delimiters: Delimiters) -> bool:
    """Say whether one segment is plain."""
    return _is_plain(delimiters.element.join(segment), delimiters)


def _is_plain(text: str, delimiters: Delimiters) -> bool:
    """Say whether elements, joined by their separator, are plain.

    A wrong no costs time, a wrong yes would hide a fault.
    """
    if not text.isascii() or text[-1:] == " " or " " + delimiters.element in text:
        return False
    return not text.encode("ascii").translate(None, _plain_bytes(delimiters))


@lru_cache(maxsize=64)
def _plain_bytes(delimiters: Delimiters) -> bytes:
    """Return what may stand in plain text: all that can be printed, and no inner separator."""
    inner = {delimiters.component, delimiters.repetition}
    printable = [chr(code) for code in range(0x20, 0x7F) if chr(code) not in inner]
    return "".join([*printable, delimiters.element]).encode("latin-1")
