"""Bytes to segments, a window at a time, so that memory does not grow with the payload.

A window ends at a segment terminator. Within it one split by the terminator and one split of each
piece by the element separator give the segments: nothing else is done for an ordinary segment. One
search for what may follow a terminator finds the control segments without looking at the others,
and what only a careful reading can cope with.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.x12.binary import Binary, next_binary, read_binary
from gateway.x12.characters import BLANKS, LINE_ENDS, PADDING, proper
from gateway.x12.data_types import is_digits
from gateway.x12.delimiters import SEARCH_LENGTH, FoundInterchange, read_isa
from gateway.x12.leniency import Leniency
from gateway.x12.model import Delimiters, Octets, Segment
from gateway.x12.reader_marks import Marks, marks_of
from gateway.x12.reader_places import Places

WINDOW = 1 << 17
"""Bytes cut at once: large enough that the cost of a window is nothing, small enough for memory."""
FIRST_WINDOW = 1 << 13
"""The first windows of an interchange are smaller: a payload of many ISA, each of which ends what
was before, must not be cut a hundred times."""
LONGEST_SEGMENT = 1 << 20
"""No segment of business data comes near; what does has lost its terminator."""
CONTROL = frozenset({"ISA", "TA1", "GS", "ST", "SE", "GE", "IEA"})
"""The segments that open and close an envelope, and TA1, which stands between them."""


@dataclass(slots=True)
class Window:
    """Consecutive segments of one interchange."""

    segments: list[Segment]
    places: Places
    start: int
    end: int
    """Byte offset just past the last terminator."""
    controls: list[int]
    """Indexes of the control segments."""
    next_interchange: dict[int, FoundInterchange] = field(default_factory=dict)
    """ISA segments by index: an IEA was lost."""
    indented: int | None = None
    """Index of the first segment with blanks before its id."""
    empty: int | None = None
    """Index of the segment that follows the first empty one (two terminators in a row)."""
    plain: bool = False
    """Every segment is known to be plain text: validation need not look for what it excludes."""
    unterminated: bool = False
    """The payload ended before the only segment of this window did."""
    oversized: bool = False
    """The only segment is longer than any segment may be; only its id was kept."""


def windows(
    payload: Octets, start: int, delimiters: Delimiters, leniency: Leniency
) -> Iterator[Window]:
    """Cut a payload into windows of segments from an offset, just past a terminator, to its end."""
    end = len(payload)
    marks = marks_of(delimiters)
    # A letter that ends segments may stand within a control id: only a split tells what that is.
    careful = leniency.lowercase_segment_ids or delimiters.terminator.isalnum()
    size = first = min(FIRST_WINDOW, WINDOW)
    binary_too = False
    while start < end:
        binary = read_binary(payload, start, delimiters)
        if binary is not None:
            yield _binary(payload, start, binary, delimiters)
            start = binary.end
            continue
        past = _window_end(payload, start, marks, size)
        size = min(2 * size, WINDOW)
        if past is None:
            yield _rest(payload, start, delimiters)
            return
        if past - start > LONGEST_SEGMENT:
            yield _oversized(payload, start, past, delimiters)
        else:
            # Where there was one, more may follow: nothing is cut that would be cut again.
            ahead = next_binary(payload, start, past, delimiters) if binary_too else None
            window = None if careful else _cut(payload, start, ahead or past, marks)
            if window is None and ahead is None:
                ahead = next_binary(payload, start, past, delimiters)
            if ahead is not None:
                binary_too, size, past = True, first, ahead
            yield window or _cut_with_care(payload, start, past, delimiters, leniency)
        start = past


def _window_end(payload: Octets, start: int, marks: Marks, size: int) -> int | None:
    """Return where a window ends: after the first IEA, the last terminator in reach, or the next.

    The look for IEA only keeps a payload of many small interchanges from being cut twice; which
    segment is the IEA is decided on segments.
    """
    terminator = marks.terminator
    limit = start + size
    trailer = payload.find(marks.trailer, start, limit)
    if trailer >= 0:
        past = payload.find(terminator, trailer, limit)
        if past >= 0:
            return past + 1
    last = payload.rfind(terminator, start, limit)
    if last < 0:
        last = payload.find(terminator, limit)
    return last + 1 if last >= 0 else None


def _cut(payload: Octets, start: int, end: int, marks: Marks) -> Window | None:
    """Cut a window where exactly the same stands between any two segments, or return None."""
    even = even_text(payload, start, end, marks)
    if even is None:
        return None
    text, step = even[0], marks.step
    controls: list[int] = []
    headers: list[int] = []
    index = counted = 0
    for found in marks.after_step.finditer(text):
        at, past = found.span()
        tag = text[at + len(step) : past]
        if tag not in CONTROL:
            return None
        index += text.count(step, counted, at)
        counted = at
        (headers if tag == "ISA" else controls).append(index)
    window = Window(segments_of(text, marks), Places(text, step, start - 1), start, end, controls)
    window.plain = even[1] and not marks.has_blank_at_end(text)
    if headers:
        texts = text.split(step)[1:]
        _find_headers(window, payload, [(index, texts[index]) for index in headers])
    if payload.find(marks.header, start, end) >= 0:
        _find_glued(window, payload, marks)
    return window


def even_text(payload: Octets, start: int, end: int, marks: Marks) -> tuple[str, bool] | None:
    """Return text that has the same between any two segments, and whether all in it is printable.

    It starts with the terminator before it, so that every segment has one.
    """
    content = payload[start - 1 : end - 1]
    text = content.decode("latin-1")
    clean = not content.translate(None, marks.plain)
    step = marks.step
    if not text.startswith(step) or text.endswith(step):
        return None
    return (text, clean) if (clean and marks.printable) or _uniform(text, marks) else None


def segments_of(text: str, marks: Marks) -> list[Segment]:
    """Cut even text into its segments."""
    separator = marks.separator
    segments = [piece.split(separator) for piece in text.split(marks.step)]
    del segments[0]  # what stands before the first terminator: nothing
    if not text.isascii():
        segments = [[proper(value) for value in segment] for segment in segments]
    return segments


def _uniform(text: str, marks: Marks) -> bool:
    """Say whether line ends and terminators stand only where segments end.

    Nearly all payloads are so; the others are read with care.
    """
    step = marks.step
    count = text.count(step)
    return text.count(step[0]) == count and all(
        text.count(end) == count * step.count(end) for end in LINE_ENDS
    )


def _cut_with_care(
    payload: Octets, start: int, end: int, delimiters: Delimiters, leniency: Leniency
) -> Window:
    text = payload[start : end - 1].decode("latin-1")
    separator, terminator = delimiters.element, delimiters.terminator
    empty = None
    pieces = text.split(terminator)
    places = Places(text, terminator, start)
    texts, indented = _without_padding(pieces, terminator, leniency)
    if "" in texts:
        texts, empty = _without_empty(texts, terminator)
    segments = [piece.split(separator) for piece in texts]
    if not text.isascii():
        segments = [[proper(value) for value in segment] for segment in segments]
    if leniency.lowercase_segment_ids:
        for segment in segments:
            segment[0] = segment[0].upper()
    controls = [
        index
        for index, segment in enumerate(segments)
        if segment[0] in CONTROL and segment[0] != "ISA"
    ]
    window = Window(segments, places, start, end, controls, indented=indented, empty=empty)
    if "ISA" in text:
        found = [(index, piece) for index, piece in enumerate(texts) if piece.startswith("ISA")]
        _find_headers(window, payload, found)
        _find_glued(window, payload, marks_of(delimiters))
    return window


def _without_padding(
    pieces: list[str], terminator: str, leniency: Leniency
) -> tuple[list[str], int | None]:
    """Drop what stands between segments, and say which segment is the first indented one."""
    if leniency.line_breaks_in_data:
        pieces = [piece.replace("\r", "").replace("\n", "") for piece in pieces]
    if terminator == "\n":
        pieces = [piece.rstrip("\r") for piece in pieces]
    texts = [piece.lstrip(LINE_ENDS) for piece in pieces]
    stripped = [text.lstrip(BLANKS) for text in texts]
    indented = None
    if stripped != texts and not leniency.blanks_before_segments:
        filled = [(text, bare) for text, bare in zip(texts, stripped, strict=True) if bare]
        indented = next((i for i, (text, bare) in enumerate(filled) if text != bare), None)
    return stripped, indented


def _without_empty(texts: list[str], terminator: str) -> tuple[list[str], int | None]:
    """Drop empty pieces; where the terminator is a line end they are only blank lines."""
    empty = None if terminator in "\r\n" else texts.index("")
    return [text for text in texts if text], empty


def _find_headers(window: Window, payload: Octets, candidates: list[tuple[int, str]]) -> None:
    """Find the first ISA: the text ISA within data, or an ISA that cannot be read, is none."""
    for index, text in candidates:
        if _plausible(text):
            found = read_isa(payload, window.places.offsets()[index])
            if found is not None:
                window.next_interchange[index] = found
                break  # whoever reads the interchange before stops here
    window.controls = sorted({*window.controls, *window.next_interchange})


def _find_glued(window: Window, payload: Octets, marks: Marks) -> None:
    """Find an ISA behind half a segment: payloads were joined, the first of them cut off.

    An ISA that stands where an element would is data, however much it looks like one.
    """
    separator = marks.separator.encode("latin-1")
    # Only before the ISA that is known already: whoever reads the interchange stops at the first.
    known = window.next_interchange.values()
    end = min((found.header.offset for found in known), default=window.end)
    offset = payload.find(marks.header, window.start, end)
    while offset >= 0:
        past = min(offset + SEARCH_LENGTH, window.end)
        text = payload[offset:past].partition(marks.terminator)[0].decode("latin-1")
        if payload[offset - 1 : offset] != separator and _plausible(text):
            found = read_isa(payload, offset)
            index = bisect_right(window.places.offsets(), offset) - 1
            if found is not None and all(index < other for other in window.next_interchange):
                window.next_interchange = {index: found}
                window.controls = sorted({*window.controls, index})
                return
        offset = payload.find(marks.header, offset + 1, end)


def _plausible(text: str) -> bool:
    """Say whether an ISA where IEA was expected is one: a version, a date and a usage tell.

    All of its separators have to stand within the segment, or elements of several segments would be
    taken for one ISA.
    """
    elements = text.split(text[3:4] or "\n", 16)
    if len(elements) != 17:
        return False
    lengths = len(elements[12]), len(elements[9]), len(elements[15])
    return lengths == (5, 6, 1) and is_digits(elements[9])


def _rest(payload: Octets, start: int, delimiters: Delimiters) -> Window:
    """Return what follows the last terminator: padding, or a segment that was cut off."""
    piece = payload[start : start + LONGEST_SEGMENT].decode("latin-1")
    text = piece.strip(PADDING.decode("ascii"))
    segments = [[proper(value) for value in text.split(delimiters.element)]] if text else []
    controls = [0] if segments and segments[0][0] in CONTROL else []
    window = Window(segments, Places(piece, None, start), start, len(payload), controls)
    window.unterminated = True
    return window


def _binary(payload: Octets, start: int, binary: Binary, delimiters: Delimiters) -> Window:
    """Return a window of one binary segment."""
    if binary.end - start > LONGEST_SEGMENT:
        return _oversized(payload, start, binary.end, delimiters)
    places = Places(payload[start : binary.end - 1].decode("latin-1"), None, start)
    return Window([binary.segment], places, start, binary.end, [])


def _oversized(payload: Octets, start: int, end: int, delimiters: Delimiters) -> Window:
    """Keep only the id of a segment that cannot be one."""
    opening = payload[start : start + 64].decode("latin-1").lstrip(BLANKS)
    tag = opening.split(delimiters.element, 1)[0][:3]
    window = Window([[tag]], Places(opening, None, start), start, end, [])
    window.oversized = True
    return window
