"""Where an interchange starts, and the delimiters that its ISA declares.

ISA is the only segment of fixed width, 106 bytes: offset 3 is the element separator, 104 the
component separator, 105 the segment terminator. Senders that do not pad it are so common that any
ISA whose sixteen elements can be told apart is read; the fault is reported.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from gateway.findings import Finding, FindingCode, Location
from gateway.x12.characters import BYTE_ORDER_MARK, PADDING, proper
from gateway.x12.model import Delimiters, InterchangeHeader, Octets

WIDTHS = (3, 2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
"""Widths of ISA00 (the id) to ISA16."""
LENGTH = 106
SEARCH_LENGTH = 512
"""No ISA with sixteen elements is longer, however badly it is padded."""
MOST_CANDIDATES = 10_000
"""So often may the text ISA be no ISA segment before a search for one ends without: in text that is
no X12 it may stand millions of times."""
FIRST_VERSION_WITH_REPETITION = "00402"

_PADDING_OR_MARK = PADDING + BYTE_ORDER_MARK
_FOLDS = re.compile(r"[\r\n]")
_FIRST_ID = re.compile(r"(GS|TA1|IEA|ISB|ISE|TA3)\b")
"""What may follow an ISA."""


class FoundInterchange(NamedTuple):
    """An ISA that could be read, where its first segment after it starts, and what was wrong."""

    header: InterchangeHeader
    body: int
    """Byte offset just past the ISA's terminator."""
    width_faults: tuple[Finding, ...] = ()
    """Elements that do not have their fixed width; a leniency may silence them."""
    component_fault: Finding | None = None
    """ISA16 is absent; a leniency may silence it."""
    faults: tuple[Finding, ...] = ()
    """Delimiters that cannot be told apart."""
    folded: bool = False
    """Line breaks stand within the ISA: they are no data anywhere in the interchange."""

    def without_repetitions(self) -> FoundInterchange:
        """Return the same interchange with a character of ISA11 that is data."""
        delimiters = replace(self.header.delimiters, repetition=None)
        return self._replace(header=replace(self.header, delimiters=delimiters))


def skip_padding(payload: Octets, start: int) -> int:
    """Return the offset of the first byte that is not padding."""
    if payload[start : start + 1] not in _PADDING_OR_MARK:
        return start
    if payload[start : start + len(BYTE_ORDER_MARK)] == BYTE_ORDER_MARK:
        start += len(BYTE_ORDER_MARK)
    end = len(payload)
    while start < end:
        rest = payload[start : start + 4096].lstrip(PADDING)
        if rest:
            return min(start + 4096, end) - len(rest)
        start += 4096
    return end


def find_interchange(payload: Octets, start: int) -> FoundInterchange | None:
    """Return the first interchange at or after an offset, or None."""
    offset = payload.find(b"ISA", start)
    for _ in range(MOST_CANDIDATES):
        if offset < 0:
            break
        if offset == start or not payload[offset - 1 : offset].isalnum():
            found = read_isa(payload, offset)
            if found is not None:
                return found
        offset = payload.find(b"ISA", offset + 3)
    return None


def read_isa(payload: Octets, offset: int) -> FoundInterchange | None:
    """Read the ISA that starts at an offset, or return None where none does."""
    return _read_usual(payload, offset) or _read_any(payload, offset)


def _read_usual(payload: Octets, offset: int) -> FoundInterchange | None:
    """Read an ISA as nearly all are: fixed widths, ASCII, delimiters that no value holds."""
    text = payload[offset : offset + LENGTH + 2].decode("latin-1")
    bare = text[: LENGTH - 1]
    if len(text) < LENGTH or not (bare.isascii() and bare.isprintable()):
        return None
    elements = tuple(bare.split(bare[3]))
    if elements[0] != "ISA" or tuple(map(len, elements)) != WIDTHS:
        return None
    ends = elements[16] + text[LENGTH - 1]
    delimiters = _usual_delimiters(bare[3], ends, text[LENGTH:], elements[11], elements[12])
    if delimiters is None:
        return None
    return FoundInterchange(InterchangeHeader(elements, delimiters, offset), offset + LENGTH)


@lru_cache(maxsize=64)
def _usual_delimiters(
    separator: str, ends: str, after: str, isa11: str, version: str
) -> Delimiters | None:
    """Return the delimiters of an ISA without any fault or doubt in them, or None.

    `ends` are component separator and terminator, `after` is what follows these.
    """
    component, terminator = ends[0], ends[1]
    marks = separator + ends
    # Of a terminator that is a line end only the lines after it tell whether it is one.
    if (
        len(set(marks)) < 3
        or not marks.isprintable()
        or " " in marks
        or any(map(str.isalnum, marks))
    ):
        return None
    repetition = _repetition(isa11, version, (separator, component, terminator))
    return _delimiters(separator, component, repetition, (terminator, _line_end(terminator, after)))


def _read_any(payload: Octets, offset: int) -> FoundInterchange | None:
    """Read an ISA whatever its widths are, if its elements can be told apart."""
    text = payload[offset : offset + SEARCH_LENGTH].decode("latin-1")
    separator = text[3:4]
    # No line break is printable, which is quicker to see than that there is none.
    if (
        not text[: LENGTH - 1].isprintable()
        and text.startswith("ISA")
        and _FOLDS.search(text, 0, LENGTH - 1)
    ):
        folded = _read_folded(payload, offset, text)
        if folded is not None:
            return folded
    if not text.startswith("ISA") or not separator or separator.isalnum() or separator == " ":
        return None
    parts = text.split(separator, 16)
    if len(parts) != len(WIDTHS):
        return None
    tail = parts[16]
    if not tail:
        return None
    if _component_missing(tail):
        return _found(payload, offset, parts[:16], separator, ("", tail[0]))
    delimiters_in_data = tail[0].isalnum() or tail[1:2].isalnum()
    if len(tail) < 2 or (delimiters_in_data and not _fixed(parts[:16])):
        return None
    return _found(payload, offset, parts[:16], separator, (tail[0], tail[1]))


def _read_folded(payload: Octets, offset: int, text: str) -> FoundInterchange | None:
    """Read an ISA that is whole once line breaks are taken out; None where it is not."""
    bare = _FOLDS.sub("", text)[:LENGTH]
    if len(bare) < LENGTH:
        return None
    parts = bare.split(bare[3:4], 16)
    if len(parts) != len(WIDTHS) or not _fixed(parts[:16]) or len(parts[16]) != 2:
        return None
    found = _found(payload, offset, parts[:16], bare[3:4], (parts[16][0], parts[16][1]))
    # The byte past the ISA, counted with the line breaks that were taken out.
    at = [index for index, character in enumerate(text) if character not in "\r\n"]
    delimiters = replace(found.header.delimiters, suffix="")
    header = replace(found.header, delimiters=delimiters)
    return found._replace(header=header, body=offset + at[LENGTH - 1] + 1, folded=True)


def _fixed(parts: list[str]) -> bool:
    return tuple(map(len, parts)) == WIDTHS[:16]


def _component_missing(tail: str) -> bool:
    """Tell `~` and then GS from a component separator, a terminator and then GS.

    `~` and a line end is ambiguous: it is a terminator with a line end where the next line ends in
    it too, and otherwise a component separator before lines that need no other terminator.
    """
    second = tail[1:2]
    if second not in "\r\n":
        return not tail[0].isalnum() and _FIRST_ID.match(tail, 1) is not None
    lines = tail[:200].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return (
        len(lines) > 2
        and lines[0] != ""
        and lines[1].endswith(lines[0])
        and _FIRST_ID.match(lines[1].lstrip()) is not None
    )


def _found(
    payload: Octets, offset: int, parts: list[str], separator: str, ends: tuple[str, str]
) -> FoundInterchange:
    component, terminator = ends[0], ends[1]
    length = len(separator.join(parts)) + 1 + len(component) + 1
    after = payload[offset + length : offset + length + 2].decode("latin-1")
    # Nearly every ISA is ASCII, and needs no decoding element by element.
    plain = payload[offset : offset + length].isascii()
    elements = (*(parts if plain else map(proper, parts)), component)
    delimiters = _delimiters(
        separator,
        component,
        _repetition(elements[11], elements[12], (separator, component, terminator)),
        (terminator, _line_end(terminator, after)),
    )
    header = InterchangeHeader(elements, delimiters, offset)
    return FoundInterchange(
        header,
        offset + length,
        () if _fixed(parts) else tuple(_width_faults(header, parts)),
        None if component else _no_component(header),
        tuple(_delimiter_faults(header)),
    )


@lru_cache(maxsize=64)
def _delimiters(
    element: str, component: str, repetition: str | None, end: tuple[str, str]
) -> Delimiters:
    """Return delimiters, one object for all interchanges that have the same."""
    terminator, suffix = end
    if not component:
        component = next(unused for unused in ">:<" if unused not in (element, terminator))
    return Delimiters(element, component, repetition, terminator, suffix)


def _line_end(terminator: str, after: str) -> str:
    if terminator == "\n" or after[:1] not in "\r\n":
        return ""
    if after == "\r\n" and terminator != "\r":
        return after
    return after[:1]


def _repetition(isa11: str, version: str, others: tuple[str, ...]) -> str | None:
    """Return the repetition separator; ISA11 holds one from 00402 on, before that it holds `U`."""
    usable = len(isa11) == 1 and not isa11.isalnum() and isa11 != " " and isa11 not in others
    return isa11 if usable and version >= FIRST_VERSION_WITH_REPETITION else None


def _width_faults(header: InterchangeHeader, parts: list[str]) -> list[Finding]:
    code = FindingCode.INTERCHANGE_WIDTHS_WRONG
    return [
        _fault(header, code, position, f"{WIDTHS[position]} characters", header.elements[position])
        for position, part in enumerate(parts)
        if len(part) != WIDTHS[position]
    ]


def _no_component(header: InterchangeHeader) -> Finding:
    code = FindingCode.COMPONENT_SEPARATOR_INVALID
    return _fault(header, code, 16, "a component separator in ISA16, found none")


def _delimiter_faults(header: InterchangeHeader) -> list[Finding]:
    delimiters = header.delimiters
    used = [delimiters.element, delimiters.component, delimiters.terminator]
    faults: list[Finding] = []
    if len({*used, " "}) == 4 and not (used[1].isalnum() or used[2].isalnum()):
        return faults
    if used[1].isalnum() or used[1] == " " or used[1] == used[0]:
        code = FindingCode.COMPONENT_SEPARATOR_INVALID
        faults.append(_fault(header, code, 16, "a character that no value holds", used[1]))
    if used[2].isalnum() or used[2] == " " or used[2] in used[:2]:
        code = FindingCode.SEGMENT_TERMINATOR_INVALID
        faults.append(_fault(header, code, None, "a character that no value holds", used[2]))
    return faults


def _fault(
    header: InterchangeHeader,
    code: FindingCode,
    element: int | None,
    expected: str,
    value: str | None = None,
) -> Finding:
    place = Location(
        interchange=header.elements[13],
        segment_id="ISA",
        element=element,
        offset=header.offset,
    )
    return Finding(code, place, value, f"expected {expected}")
