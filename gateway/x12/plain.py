"""Tells plain text, of which most tests need not be made element by element.

Plain is ASCII without control characters, without component or repetition separators, and without
a blank at the end of an element. Nearly all business data is plain, and to ask once for a whole
transaction set costs less than to ask for each of its elements.
"""

from __future__ import annotations

from gateway.x12.model import Delimiters, Segment, TransactionSet


def is_plain_set(transaction_set: TransactionSet) -> bool:
    """Say whether every segment of a set is plain.

    A wrong no costs time, a wrong yes would hide a fault.
    """
    delimiters = transaction_set.delimiters
    separator, end = delimiters.element, delimiters.terminator
    text = transaction_set.text or end.join(map(separator.join, transaction_set.segments)) + end
    # The end of a segment is the end of an element: one test for blanks then serves both.
    text = text.replace(end + delimiters.suffix, separator)
    return (
        text.isascii()
        and text.isprintable()
        and delimiters.component not in text
        and " " + separator not in text
        and not (delimiters.repetition and delimiters.repetition in text)
    )


def is_plain_segment(segment: Segment, delimiters: Delimiters) -> bool:
    """Say whether one segment is plain."""
    separator = delimiters.element
    text = separator.join(segment) + separator
    return (
        text.isascii()
        and text.isprintable()
        and delimiters.component not in text
        and " " + separator not in text
        and not (delimiters.repetition and delimiters.repetition in text)
    )
