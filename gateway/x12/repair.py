"""Mends what is beyond doubt in an envelope: counts, numbers of trailers, widths, terminators.

A header is taken for right, since acknowledgments and partners name it; a trailer that differs is
made to agree. Data between ST and SE is never touched. What only the sender can know stays as it
is, and is told with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest

from gateway.findings import Finding, FindingCode, Level, Location
from gateway.x12.characters import as_bytes_text
from gateway.x12.data_types import is_digits
from gateway.x12.delimiters import WIDTHS
from gateway.x12.envelope import same_number
from gateway.x12.model import ControlNumber, InterchangeHeader, Segment, TransactionSet
from gateway.x12.pieces import Piece, interchanges, piece_at, segments
from gateway.x12.reader import read
from gateway.x12.reader_events import Event, GroupEnd, GroupStart, InterchangeEnd, InterchangeStart

_LINE_ENDS: Mapping[bytes, str] = {b"": "nothing", b"\n": "LF", b"\r\n": "CR LF", b"\r": "CR"}
_COMPONENT_SEPARATORS = ">:<^|!"
"""Taken for ISA16 where it is absent: the first that stands nowhere in the interchange."""
_NEVER_PADDED = (11, 16)
"""Elements of ISA that may be delimiters: a blank is none."""
_ONLY_THE_SENDER = "only the sender knows what was meant"
_TANGLED = "the envelopes run into each other: what belongs together cannot be told"
MOST_EDITS = 100_000
"""Segments that are changed in one payload: more is no mistake in an envelope."""
_TOO_MANY = f"more than {MOST_EDITS} segments would change: that is no fault of an envelope"
_CUT_OFF = "it may have been cut off, and nobody knows what is missing"

_WHY_NOT: Mapping[FindingCode, str] = {
    FindingCode.TRANSACTION_SET_TRAILER_MISSING: _CUT_OFF,
    FindingCode.GROUP_TRAILER_MISSING: _CUT_OFF,
    FindingCode.INTERCHANGE_TRAILER_MISSING: _CUT_OFF,
    FindingCode.INTERCHANGE_WIDTHS_WRONG: "it is longer than its place, and nothing may be cut off",
    FindingCode.INTERCHANGE_CONTENT_INVALID: "it may be data that was meant for somebody",
    FindingCode.GROUP_CONTENT_INVALID: "it may be data that was meant for somebody",
    FindingCode.CONTROL_STRUCTURE_INVALID: "what belongs together cannot be told",
    FindingCode.INTERCHANGE_CONTROL_NUMBER_INVALID: "control numbers are the sender's to give",
    FindingCode.GROUP_CONTROL_NUMBER_INVALID: "control numbers are the sender's to give",
    FindingCode.GROUP_CONTROL_NUMBER_REPEATED: "control numbers are the sender's to give",
    FindingCode.TRANSACTION_SET_CONTROL_NUMBER_INVALID: "control numbers are the sender's to give",
    FindingCode.TRANSACTION_SET_CONTROL_NUMBER_REPEATED: "control numbers are the sender's to give",
}
"""Why a fault of an envelope is left as it is."""


@dataclass(frozen=True, slots=True)
class Change:
    """One element that is made right."""

    reference: str
    before: str
    after: str
    why: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes of a payload that are replaced: one segment with its end, and what changes in it."""

    offset: int
    before: bytes
    after: bytes
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A fault that stays, and why."""

    finding: Finding
    because: str


@dataclass(frozen=True, slots=True)
class Repair:
    """What is changed in a payload, and what is not."""

    edits: tuple[Edit, ...]
    refusals: tuple[Refusal, ...]
    payload: bytes
    """The bytes after all edits."""


def repaired(payload: bytes) -> Repair:
    """Mend a payload; what has been mended once is not changed again.

    Raises InterchangeUnreadable where there is no ISA at all.
    """
    edits = tuple(islice(_edits(payload), MOST_EDITS + 1))
    if len(edits) > MOST_EDITS:
        return Repair((), (_too_many(payload),), payload)
    mended = b"".join(_spliced(payload, edits))
    if edits and not _is_safe(payload, mended):
        left = [Refusal(finding, _TANGLED) for finding in _envelope_findings(payload)]
        return Repair((), tuple(left), payload)
    left = [
        Refusal(finding, _WHY_NOT.get(finding.code, _ONLY_THE_SENDER))
        for finding in _envelope_findings(mended)
    ]
    return Repair(edits, tuple(left), mended)


def _too_many(payload: bytes) -> Refusal:
    """Say, at the first interchange, that there is too much to change."""
    header, _ = next(interchanges(payload))
    place = Location(interchange=header.control_number, segment_id="ISA", offset=header.offset)
    code = FindingCode.INTERCHANGE_CONTENT_INVALID
    return Refusal(Finding(code, place, None, "expected the same between all segments"), _TOO_MANY)


def _is_safe(payload: bytes, mended: bytes) -> bool:
    """Say whether all data is as it was, and nothing is left that would be changed again.

    Where envelopes run into each other, to mend one may make another of what was data.
    """
    same = all(one == other for one, other in zip_longest(_data(payload), _data(mended)))
    return same and next(_edits(mended), None) is None


def _data(payload: bytes) -> Iterator[list[Segment]]:
    for event in read(payload):
        if isinstance(event, TransactionSet):
            yield [one for one in event.segments if one[0] not in ("ST", "SE")]


def _envelope_findings(payload: bytes) -> Iterator[Finding]:
    for event in read(payload):
        for finding in _findings_of(event):
            if finding.level in (Level.INTERCHANGE, Level.GROUP, Level.TRANSACTION_SET):
                yield finding


def _findings_of(event: Event) -> Sequence[Finding]:
    if isinstance(event, TransactionSet | GroupEnd | InterchangeEnd):
        return event.findings
    return ()


def _spliced(payload: bytes, edits: Sequence[Edit]) -> Iterator[bytes]:
    at = 0
    for edit in edits:
        yield payload[at : edit.offset]
        yield edit.after
        at = edit.offset + len(edit.before)
    yield payload[at:]


@dataclass(slots=True)
class _Right:
    """What trailers should say, by the offset of their segment: element, value and why."""

    trailers: dict[int, list[tuple[int, str, str]]] = field(default_factory=dict)
    groups: int = 0

    def add(self, offset: int | None, element: int, value: str, why: str) -> None:
        if offset is not None:
            self.trailers.setdefault(offset, []).append((element, value, why))

    def take(self, event: Event) -> None:
        """Note what the trailer of an envelope should say, where it says something else."""
        match event:
            case InterchangeStart():
                self.groups = 0
            case GroupStart():
                self.groups += 1
            case TransactionSet() | GroupEnd() | InterchangeEnd():
                for finding in event.findings:
                    self._of(event, finding)

    def _of(self, event: TransactionSet | GroupEnd | InterchangeEnd, finding: Finding) -> None:
        offset, code = finding.location.offset, finding.code
        if isinstance(event, TransactionSet):
            if code is FindingCode.SEGMENT_COUNT_WRONG:
                count = str(len(event.segments))
                self.add(offset, 1, count, "the number of segments from ST to SE")
            elif code is FindingCode.TRANSACTION_SET_CONTROL_NUMBERS_DIFFER:
                self.add(offset, 2, event.control_number, "as in ST02")
        elif isinstance(event, GroupEnd):
            if code is FindingCode.TRANSACTION_SET_COUNT_WRONG:
                count = str(event.received_count)
                self.add(offset, 1, count, "the number of transaction sets")
            elif code is FindingCode.GROUP_CONTROL_NUMBERS_DIFFER:
                self.add(offset, 2, event.header.control_number, "as in GS06")
        elif code is FindingCode.GROUP_COUNT_WRONG:
            self.add(offset, 1, str(self.groups), "the number of groups")
        elif code is FindingCode.INTERCHANGE_CONTROL_NUMBERS_DIFFER:
            self.add(offset, 2, nine_digits(event.header.control_number), "as in ISA13")


def nine_digits(number: ControlNumber) -> str:
    """Return an interchange's control number with the leading zeros that it should have."""
    bare = number.strip()
    return bare.zfill(9) if is_digits(bare) else number


def _edits(payload: bytes) -> Iterator[Edit]:
    right = _Right()
    for event in read(payload):
        right.take(event)
    for header, end in interchanges(payload):
        regular = _regular_gap(payload, header, end)
        if regular is None:
            found = list(segments(payload, header, end))
            usual = _usual_gap(found[:-1])
        else:
            found, usual = list(_envelope(payload, header, end, right)), regular
        for piece in found:
            # What follows the last segment is between interchanges.
            last = piece.offset + len(piece.whole) >= end
            around = piece.gap if last else usual
            changes, after = _mended(piece, header, right, (around, payload))
            if after != piece.whole:
                yield Edit(piece.offset, piece.whole, after, tuple(changes))


def _regular_gap(payload: bytes, header: InterchangeHeader, end: int) -> bytes | None:
    """Return what follows every segment of an interchange; None where it is not always the same.

    Most interchanges are so: of these only the envelope need be looked at.
    """
    delimiters = header.delimiters
    gap = delimiters.suffix.encode("latin-1")
    terminator = delimiters.terminator.encode("latin-1")
    text = payload[header.offset : end]
    last = text.rfind(terminator)
    between = text[:last]
    count = between.count(terminator)
    irregular = (
        between.count(terminator + gap) != count
        or terminator + gap + terminator in text
        or any(terminator + gap + blank in between for blank in (b" ", b"\t", b"\r", b"\n", b"\0"))
        or b"\x1a" in between
    )
    return None if irregular or not 0 <= last == len(text) - 1 else gap


def _envelope(
    payload: bytes, header: InterchangeHeader, end: int, right: _Right
) -> Iterator[Piece]:
    """Yield ISA, the trailers that say something wrong, and IEA."""
    separator = header.delimiters.element.encode("latin-1")
    places = {header.offset, payload.rfind(b"IEA" + separator, header.offset, end)}
    places.update(offset for offset in right.trailers if header.offset < offset < end)
    for offset in sorted(places):
        if offset >= header.offset:
            yield piece_at(payload, header, offset, end)


def _usual_gap(found: Sequence[Piece]) -> bytes:
    """Return what follows most segments of an interchange."""
    counted = Counter(piece.gap for piece in found if piece.gap in _LINE_ENDS)
    return counted.most_common(1)[0][0] if counted else b""


def _mended(
    piece: Piece, header: InterchangeHeader, right: _Right, around: tuple[bytes, bytes]
) -> tuple[list[Change], bytes]:
    """Return what changes in a segment, and its bytes then.

    `around` is what should follow it, and the whole payload.
    """
    usual, payload = around
    tag = piece.elements[0].decode("latin-1")
    if not piece.text and piece.terminator:
        return [Change("", "two terminators in a row", "one", "a segment is never empty")], b""
    if piece.offset == header.offset:
        text, changes = _isa(piece, header, payload)
    else:
        text, changes = _trailer(piece, header, tag, right)
    terminator, gap = piece.terminator, piece.gap
    if tag == "IEA":
        if not terminator:
            terminator = header.delimiters.terminator.encode("latin-1")
            shown = terminator.decode("latin-1")
            changes.append(Change("IEA", "", shown, "each segment ends with the terminator"))
    elif terminator and gap != usual:
        changes.append(Change("", _called(gap), _called(usual), "as after most segments"))
        gap = usual
    return changes, text + terminator + gap


def _called(gap: bytes) -> str:
    """Name what stands between two segments."""
    bare = gap.strip(b" \t")
    lines = _LINE_ENDS.get(bare, "line ends")
    if bare == gap:
        return lines
    return f"{lines} and blanks" if bare else "blanks"


def _trailer(
    piece: Piece, header: InterchangeHeader, tag: str, right: _Right
) -> tuple[bytes, list[Change]]:
    wanted = list(right.trailers.get(piece.offset, ()))
    elements = piece.elements
    if tag == "IEA" and len(elements) > 2 and all(element != 2 for element, _, _ in wanted):
        number = nine_digits(header.control_number)
        written = elements[2].decode("latin-1")
        if written != number and is_digits(number) and same_number(written, number):
            wanted.append((2, number, "nine digits, as in ISA13"))
    changes = []
    for position, value, why in wanted:
        if header.delimiters.element in value or header.delimiters.terminator in value:
            continue  # a header that was read across a fault: its number is none
        elements += [b""] * (position + 1 - len(elements))
        before = elements[position].decode("latin-1")
        changes.append(Change(f"{tag}{position:02d}", before, value, why))
        elements[position] = (as_bytes_text(value, "utf-8") or value).encode("latin-1", "replace")
    text = header.delimiters.element.encode("latin-1").join(elements) if changes else piece.text
    return text, changes


def _isa(piece: Piece, header: InterchangeHeader, payload: bytes) -> tuple[bytes, list[Change]]:
    """Give each element of an ISA its width, and ISA16 where it is absent."""
    elements = [one.decode("latin-1") for one in piece.elements]
    changes: list[Change] = []
    for position, width in enumerate(WIDTHS[: len(elements)]):
        value = elements[position]
        if position in _NEVER_PADDED:
            continue
        fitted = value.rstrip(" ").ljust(width)
        if position == 13:
            fitted = nine_digits(ControlNumber(value))
        if len(value) != width and len(fitted) == width:
            why = "nine digits" if position == 13 else f"{width} characters"
            changes.append(Change(f"ISA{position:02d}", value, fitted, why))
            elements[position] = fitted
    if len(elements) == len(WIDTHS) and not elements[16]:
        separator = _unused(header, payload)
        if separator:
            elements[16] = separator
            changes.append(Change("ISA16", "", separator, "a separator that stands nowhere in it"))
    return header.delimiters.element.join(elements).encode("latin-1"), changes


def _unused(header: InterchangeHeader, payload: bytes) -> str:
    used = {header.delimiters.element, header.delimiters.terminator}
    return next(
        (
            one
            for one in _COMPONENT_SEPARATORS
            if one not in used and payload.find(one.encode(), header.offset) < 0
        ),
        "",
    )
