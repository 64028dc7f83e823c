"""Transaction sets to the bytes of an interchange: separators, padding, counts, trailers.

Control numbers, dates and times are the caller's; SE01, GE01 and IEA01 are counted here. A value
that holds a separator is refused, or has it replaced: it is never written, because the receiver
would cut the value in two. Composites and repetitions come joined, by the interchange's separators.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import LocalProtocolError
from gateway.x12.characters import Encoding, as_bytes_text
from gateway.x12.delimiters import FIRST_VERSION_WITH_REPETITION, WIDTHS
from gateway.x12.model import (
    ControlNumber,
    Delimiters,
    Group,
    GroupHeader,
    Interchange,
    InterchangeHeader,
    Segment,
)

_BLANK = " "
_NUMERIC = frozenset({13})
"""ISA elements that are filled with zeros on the left; the others with blanks on the right."""


@dataclass(frozen=True, slots=True)
class OutboundSet:
    """A transaction set to write: what stands between ST and SE."""

    set_id: str
    control_number: ControlNumber
    segments: Sequence[Segment]
    """ST and SE may be among them and are written anew."""
    convention: str = ""
    """ST03, from 005010 on."""


@dataclass(frozen=True, slots=True)
class OutboundGroup:
    """A functional group to write."""

    header: GroupHeader
    transaction_sets: Sequence[OutboundSet]


@dataclass(frozen=True, slots=True)
class Writing:
    """How values become bytes."""

    replacement: str | None = None
    """Written for a character that cannot be: a separator in a value, or one outside the encoding.
    None refuses such values."""
    encoding: Encoding = "utf-8"


AS_IS = Writing()


def isa(
    sender: tuple[str, str],
    receiver: tuple[str, str],
    *,
    control_number: ControlNumber,
    moment: datetime,
    usage: str,
    version: str = "00401",
) -> InterchangeHeader:
    """Return the header of an interchange of ours; ISA14 asks for nothing."""
    elements = (
        "ISA",
        "00",
        "",
        "00",
        "",
        *sender,
        *receiver,
        moment.strftime("%y%m%d"),
        moment.strftime("%H%M"),
        "U",
        version,
        control_number,
        "0",
        usage,
        "",
    )
    return InterchangeHeader(elements, Delimiters())


def gs(
    functional_id: str,
    *,
    sender: str,
    receiver: str,
    control_number: ControlNumber,
    moment: datetime,
    version: str = "004010",
) -> GroupHeader:
    """Return the header of a functional group of ours."""
    day = moment.strftime("%y%m%d" if version < "004010" else "%Y%m%d")
    time = moment.strftime("%H%M")
    elements = ("GS", functional_id, sender, receiver, day, time, control_number, "X", version)
    return GroupHeader(elements)


def write_interchange(
    header: InterchangeHeader,
    groups: Sequence[OutboundGroup],
    delimiters: Delimiters,
    *,
    acknowledgments: Sequence[Segment] = (),
    writing: Writing = AS_IS,
) -> bytes:
    """Return an interchange's bytes; its TA1 segments stand before the first group.

    Raises LocalProtocolError for what cannot be written.
    """
    check_delimiters(delimiters)
    lines = _Lines(delimiters, writing)
    for segment in acknowledgments:
        lines.add(segment)
    for group in groups:
        lines.add(group.header.elements)
        for one in group.transaction_sets:
            body = [segment for segment in one.segments if segment[0] not in ("ST", "SE")]
            lines.add(["ST", one.set_id, one.control_number, one.convention])
            for segment in body:
                lines.add(segment)
            lines.add(["SE", str(len(body) + 2), one.control_number])
        count = str(len(group.transaction_sets))
        lines.add(["GE", count, group.header.control_number])
    lines.add(["IEA", str(len(groups)), header.control_number.zfill(9)])
    return (_isa_text(header, delimiters, writing) + lines.text()).encode("latin-1")


def rewrite(interchange: Interchange, *, writing: Writing = AS_IS) -> bytes:
    """Write an interchange that was read, with counts and trailers that are right."""
    groups = [OutboundGroup(group.header, _sets_of(group)) for group in interchange.groups]
    return write_interchange(
        interchange.header,
        groups,
        interchange.header.delimiters,
        acknowledgments=interchange.acknowledgments,
        writing=writing,
    )


def _sets_of(group: Group) -> list[OutboundSet]:
    return [
        OutboundSet(
            one.set_id,
            one.control_number,
            one.segments,
            one.segments[0][3] if len(one.segments[0]) > 3 else "",
        )
        for one in group.transaction_sets
    ]


def check_delimiters(delimiters: Delimiters) -> None:
    """Raise LocalProtocolError where delimiters cannot be told apart, or from data."""
    characters = [delimiters.element, delimiters.component, delimiters.terminator]
    if delimiters.repetition is not None:
        characters.append(delimiters.repetition)
    for character in characters:
        if len(character) != 1 or character.isalnum() or character == _BLANK:
            raise LocalProtocolError(f"{character!r} cannot be a delimiter.")
        if ord(character) > 255:
            raise LocalProtocolError(f"{character!r} is no single byte: it cannot be a delimiter.")
    if len(set(characters)) != len(characters):
        raise LocalProtocolError(f"The delimiters {characters!r} are not all different.")
    if delimiters.suffix.strip("\r\n"):
        raise LocalProtocolError(f"{delimiters.suffix!r} is no line end.")


class _Lines:
    """Segments as text of one character a byte."""

    __slots__ = ("_delimiters", "_end", "_separator", "_texts", "_writing")

    def __init__(self, delimiters: Delimiters, writing: Writing) -> None:
        self._delimiters = delimiters
        self._separator = delimiters.element
        self._end = delimiters.terminator + delimiters.suffix
        self._writing = writing
        self._texts: list[str] = []

    def add(self, segment: Sequence[str]) -> None:
        """Add a segment; its trailing empty elements are dropped."""
        separator = self._separator
        text = separator.join(segment)
        if (
            text.count(separator) != len(segment) - 1
            or self._delimiters.terminator in text
            or not text.isascii()
        ):
            text = separator.join(
                _written(f"{segment[0]}{position:02d}", value, self._delimiters, self._writing)
                for position, value in enumerate(segment)
            )
        text = text.rstrip(separator)
        if separator not in text:
            raise LocalProtocolError(f"{segment[0]}: expected at least one element, found none.")
        self._texts.append(text)

    def text(self) -> str:
        """Return all segments with their terminators."""
        return self._end.join([*self._texts, ""])


def _written(place: str, value: str, delimiters: Delimiters, writing: Writing) -> str:
    """Return a value as it is written, or raise LocalProtocolError."""
    written = _replaced(value, delimiters, writing)
    if written is None:
        raise LocalProtocolError(
            f"{place}: {value[:80]!r} holds a separator or a character outside "
            f"{writing.encoding}; expected a value that can be written."
        )
    return written


def _replaced(value: str, delimiters: Delimiters, writing: Writing) -> str | None:
    """Return a value as Latin-1 text of its bytes, or None where it must be refused."""
    separators = (delimiters.element, delimiters.terminator)
    text = as_bytes_text(value, writing.encoding)
    if text is not None and not any(separator in text for separator in separators):
        return text
    if writing.replacement is None:
        return None
    parts = [as_bytes_text(character, writing.encoding) for character in value]
    return "".join(
        writing.replacement
        if part is None or any(separator in part for separator in separators)
        else part
        for part in parts
    )


def _isa_text(header: InterchangeHeader, delimiters: Delimiters, writing: Writing) -> str:
    """Return the ISA, 106 characters with its terminator, then what follows each terminator."""
    # A character of several bytes would shift what stands at fixed places.
    ascii_only = Writing(writing.replacement, "ascii")
    elements = [
        _written(f"ISA{position:02d}", value, delimiters, ascii_only)
        for position, value in enumerate(header.elements[:11])
    ]
    elements += header.elements[11:16]
    if header.version >= FIRST_VERSION_WITH_REPETITION:
        elements[11] = delimiters.repetition or header.elements[11]
    elements.append(delimiters.component)
    padded = [_padded(elements, position) for position in range(len(WIDTHS))]
    return delimiters.element.join(padded) + delimiters.terminator + delimiters.suffix


def _padded(elements: Sequence[str], position: int) -> str:
    value, width = elements[position], WIDTHS[position]
    if position not in _NUMERIC and len(value) > width:
        value = value.rstrip()
    if len(value) > width:
        raise LocalProtocolError(
            f"ISA{position:02d}: {value!r} is too long: expected at most {width} characters."
        )
    return value.zfill(width) if position in _NUMERIC else value.ljust(width)
