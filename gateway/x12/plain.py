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
    delimiters = transaction_set.delimiters
    separator, end = delimiters.element, delimiters.terminator
    text = (end + delimiters.suffix).join(map(separator.join, transaction_set.segments))
    return is_plain_text(text + end + delimiters.suffix, delimiters)


def is_plain_text(text: str, delimiters: Delimiters) -> bool:
    """Say whether every segment of a text is plain, each with its terminator.

    A wrong no costs time, a wrong yes would hide a fault.
    """
    separator = delimiters.element
    # The end of a segment is the end of an element: one test for blanks then serves both.
    text = text.replace(delimiters.terminator + delimiters.suffix, separator)
    if not text.isascii() or " " + separator in text:
        return False
    return not text.encode("ascii").translate(None, _plain_bytes(delimiters))


@lru_cache(maxsize=64)
def _plain_bytes(delimiters: Delimiters) -> bytes:
    """Return what may stand in plain text: all that can be printed, and no inner separator."""
    inner = {delimiters.component, delimiters.repetition}
    return "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) not in inner).encode()


def is_plain_segment(segment: Segment, delimiters: Delimiters) -> bool:
    """Say whether one segment is plain."""
    return is_plain_text(
        delimiters.element.join(segment) + delimiters.terminator + delimiters.suffix, delimiters
    )
