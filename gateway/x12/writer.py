"""Transaction sets to the bytes of an interchange: separators, padding, counts, trailers.

Control numbers, dates and times are the caller's; SE01, GE01 and IEA01 are counted here. A value
that holds a separator is refused, or has it replaced: it is never written, because the receiver
would cut the value in two. Composites and repetitions come joined, by the interchange's separators.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from gateway.errors import LocalProtocolError
from gateway.x12.binary import LENGTH_AT, data_of, stated_length
from gateway.x12.characters import Encoding, as_bytes_text
from gateway.x12.delimiters import FIRST_VERSION_WITH_REPETITION, LENGTH, WIDTHS
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


@dataclass(frozen=True, slots=True)
class OutboundSet:
    """A transaction set to write: what stands between ST and SE."""

    set_id: str
    control_number: ControlNumber
    segments: Sequence[Segment]
    """With ST first and SE last, or without: they are written anew."""
    convention: str = ""
    """ST03, from 005010 on."""
    text: str = ""
    """What stands between ST and SE, joined by the interchange's separators but for what follows a
    terminator, where somebody has done that already and seen that it can be written as it is."""


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
_USUAL = Delimiters()


def isa(  # noqa: PLR0913 - the elements of an ISA that are ours to choose
    sender: tuple[str, str],
    receiver: tuple[str, str],
    *,
    control_number: ControlNumber,
    moment: datetime,
    usage: str,
    version: str = "00401",
    acknowledgment_requested: bool = False,
) -> InterchangeHeader:
    """Return the header of an interchange of ours; ISA14 asks for a TA1 only where it is wanted."""
    elements = (
        "ISA",
        "00",
        "",
        "00",
        "",
        *sender,
        *receiver,
        *_stamp(moment),
        "U" if version < FIRST_VERSION_WITH_REPETITION else "",
        version,
        control_number,
        "1" if acknowledgment_requested else "0",
        usage,
        "",
    )
    return InterchangeHeader(elements, _USUAL)


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
    day, time = _stamp(moment)
    if version >= "004010":
        day = f"{moment.year // 100:02d}{day}"
    elements = ("GS", functional_id, sender, receiver, day, time, control_number, "X", version)
    return GroupHeader(elements)


def _stamp(moment: datetime) -> tuple[str, str]:
    """Return YYMMDD and HHMM."""
    day = moment.year % 100 * 10_000 + moment.month * 100 + moment.day
    return f"{day:06d}", f"{moment.hour * 100 + moment.minute:04d}"


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
    segments: list[Sequence[str]] = list(acknowledgments)
    texts: list[str] = []
    for group in groups:
        segments.append(group.header.elements)
        for one in group.transaction_sets:
            first, body, last = _set_segments(one)
            if one.text:
                texts += (_text([*segments, first], delimiters, writing), _ended(one, delimiters))
                segments = [last]
            else:
                segments += (first, *body, last)
        segments.append(["GE", str(len(group.transaction_sets)), group.header.control_number])
    segments.append(["IEA", str(len(groups)), header.control_number.zfill(9)])
    body_text = "".join([*texts, _text(segments, delimiters, writing)])
    return (_isa_text(header, delimiters, writing, body_text) + body_text).encode("latin-1")


def _ended(one: OutboundSet, delimiters: Delimiters) -> str:
    """Return the text of a set with all that follows each terminator."""
    terminator, suffix = delimiters.terminator, delimiters.suffix
    text = one.text.replace(terminator, terminator + suffix) if suffix else one.text
    return text + terminator + suffix


def _set_segments(one: OutboundSet) -> tuple[Segment, Sequence[Segment], Segment]:
    """Return a transaction set: its ST, what stands between, and its SE."""
    body = one.segments
    if body and body[0][0] == "ST":
        body = body[1:]
    if body and body[-1][0] == "SE":
        body = body[:-1]
    first = ["ST", one.set_id, one.control_number]
    if one.convention:
        first.append(one.convention)
    return first, body, ["SE", str(len(body) + 2), one.control_number]


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


@lru_cache(maxsize=256)
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


def _text(segments: Sequence[Sequence[str]], delimiters: Delimiters, writing: Writing) -> str:
    """Return segments as text of one character a byte, each with its terminator.

    What needs no care, which is nearly everything, is recognised by counting the separators.
    """
    separator, terminator = delimiters.element, delimiters.terminator
    end = terminator + delimiters.suffix
    text = end.join(map(separator.join, segments)) + end
    lengths = list(map(len, segments))
    sound = (
        text.isascii()
        and text.count(separator) == sum(lengths) - len(lengths)
        and text.count(terminator) == len(lengths)
        and separator + terminator not in text
        and 1 not in lengths
        and not (end + "B" in text and any(end + tag + separator in text for tag in LENGTH_AT))
    )
    if sound:
        return text
    return "".join(_segment_text(segment, delimiters, writing) + end for segment in segments)


def _segment_text(segment: Sequence[str], delimiters: Delimiters, writing: Writing) -> str:
    """Return a segment without its trailing empty elements, or raise LocalProtocolError."""
    separator = delimiters.element
    if segment[0] in LENGTH_AT:
        return _binary_text(segment, delimiters, writing)
    text = separator.join(
        _written(f"{segment[0]}{position:02d}", value, delimiters, writing)
        for position, value in enumerate(segment)
    ).rstrip(separator)
    if separator not in text:
        raise LocalProtocolError(f"{segment[0]}: expected at least one element, found none.")
    return text


def _binary_text(segment: Sequence[str], delimiters: Delimiters, writing: Writing) -> str:
    """Return a segment with its binary data as it is, or raise LocalProtocolError."""
    tag, data = segment[0], data_of(segment)
    at = LENGTH_AT[tag]
    if not data.isascii() and any(ord(character) > 255 for character in data):
        raise LocalProtocolError(f"{tag}{at + 1:02d}: expected bytes, one character for each.")
    if not data or stated_length(segment) != len(data) or len(segment) != at + 2:
        raise LocalProtocolError(
            f"{tag}{at:02d}: expected {len(data)}, the number of bytes in {tag}{at + 1:02d}, found "
            f"{''.join(segment[at : at + 1])!r}."
        )
    before = [
        _written(f"{tag}{position:02d}", value, delimiters, writing)
        for position, value in enumerate(segment[: at + 1])
    ]
    return delimiters.element.join([*before, data])


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


def _isa_text(
    header: InterchangeHeader, delimiters: Delimiters, writing: Writing, body: str
) -> str:
    """Return the ISA, 106 characters with its terminator, then what follows each terminator."""
    elements = list(header.elements)
    if header.version >= FIRST_VERSION_WITH_REPETITION:
        elements[11] = delimiters.repetition or elements[11] or _unused(delimiters, body)
    elements[13] = elements[13].zfill(WIDTHS[13])
    elements[16] = delimiters.component
    separator = delimiters.element
    text = separator.join(map(str.ljust, elements, WIDTHS))
    sound = text.isascii() and text.count(separator) == 16 and delimiters.terminator not in text
    if not sound or len(text) != LENGTH - 1:
        text = separator.join(_fitted(elements, delimiters, writing))
    return text + delimiters.terminator + delimiters.suffix


def _unused(delimiters: Delimiters, body: str) -> str:
    """Return a repetition separator for who has none: no value may have it.

    Receivers take whatever ISA11 holds for the separator: `U` would cut values at each U.
    """
    taken = (delimiters.element, delimiters.component, delimiters.terminator)
    return next((one for one in "^!|`" if one not in taken and one not in body), "\x1f")


def _fitted(elements: Sequence[str], delimiters: Delimiters, writing: Writing) -> list[str]:
    """Return ISA's elements with what cannot stand there replaced, or raise LocalProtocolError."""
    # A character of several bytes would shift what stands at fixed places.
    ascii_only = Writing(writing.replacement, "ascii")
    fitted = []
    for position, (value, width) in enumerate(zip(elements, WIDTHS, strict=True)):
        # ISA11 and ISA16 are delimiters, which may be any byte.
        if position not in (11, 16):
            value = _written(f"ISA{position:02d}", value, delimiters, ascii_only)
        if len(value.rstrip()) > width:
            raise LocalProtocolError(
                f"ISA{position:02d}: {value!r} is too long: expected at most {width} characters."
            )
        fitted.append(value[:width].ljust(width))
    return fitted
