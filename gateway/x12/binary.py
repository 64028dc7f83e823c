"""Segments that carry binary data, whose length they state: delimiters inside it are data.

BIN01 is the number of bytes in BIN02, and BDS02 of those in BDS03; a terminator follows the data at
once. A segment that does not keep to that is read to the next terminator, like any other one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from gateway.x12.characters import BLANKS
from gateway.x12.model import Delimiters, Octets, Segment

LENGTH_AT: Mapping[str, int] = {"BIN": 1, "BDS": 2}
"""By the id of a binary segment: the element that states the length; its data is the next one."""

_BLANKS = BLANKS.encode("ascii")
_PADDING = rb"[ \t\r\n]*"
_MOST_DIGITS = 15


class Binary(NamedTuple):
    """A binary segment in a payload."""

    segment: Segment
    """Its data as it is, one character a byte."""
    end: int
    """Byte offset just past its terminator."""


def read_binary(payload: Octets, start: int, delimiters: Delimiters) -> Binary | None:
    """Return the binary segment at an offset, padding before it skipped, or None."""
    marks = _marks(delimiters.element, delimiters.terminator)
    opened = marks.opening.match(payload, start)
    if opened is None:
        return None
    first = opened.end()
    past = first + int(opened[1] or opened[2])
    if payload[past : past + 1] != marks.terminator:
        return None
    opening = payload[start:first].lstrip(_BLANKS).decode("latin-1")
    data = payload[first:past].decode("latin-1")
    return Binary([*opening.split(delimiters.element)[:-1], data], past + 1)


def next_binary(payload: Octets, start: int, end: int, delimiters: Delimiters) -> int | None:
    """Return where a binary segment starts behind a terminator of a stretch, or None."""
    found = _marks(delimiters.element, delimiters.terminator).next.search(payload, start, end)
    return found.start() + 1 if found is not None else None


def stated_length(segment: Sequence[str]) -> int | None:
    """Return the length of its data that a binary segment states; None where it states none."""
    at = LENGTH_AT[segment[0]]
    text = segment[at] if at < len(segment) else ""
    digits = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if digits else None


def data_of(segment: Sequence[str]) -> str:
    """Return the data of a binary segment; empty where it has none."""
    at = LENGTH_AT[segment[0]] + 1
    return segment[at] if at < len(segment) else ""


class _Marks(NamedTuple):
    opening: re.Pattern[bytes]
    """A binary segment up to its data."""
    next: re.Pattern[bytes]
    """A terminator, and how a binary segment starts."""
    terminator: bytes


@lru_cache(maxsize=64)
def _marks(element: str, terminator: str) -> _Marks:
    separator, end = element.encode("latin-1"), terminator.encode("latin-1")
    mark, other = re.escape(separator), re.escape(separator + end)
    length = rb"[0-9]{1,%d}" % _MOST_DIGITS
    bin_opening = rb"BIN%s(%s)%s" % (mark, length, mark)
    bds_opening = rb"BDS%s[^%s]*%s(%s)%s" % (mark, other, mark, length, mark)
    return _Marks(
        re.compile(rb"%s(?:%s|%s)" % (_PADDING, bin_opening, bds_opening)),
        re.compile(rb"%s(?=%s(?:BIN|BDS)%s)" % (re.escape(end), _PADDING, mark)),
        end,
    )
