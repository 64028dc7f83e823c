"""Shows findings with their segment and the place in it marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import orjson
from rich.markup import escape
from rich.text import Text

from gateway.cli.terminal import printable
from gateway.findings import Finding, FindingCode, Location
from gateway.pipeline.records import FindingRecord
from gateway.x12.characters import from_ebcdic, is_ebcdic
from gateway.x12.model import Delimiters, Octets

_LONGEST_SEGMENT = 100
"""A longer one is cut, with as much before the mark as behind it."""


def sentence(finding: Finding) -> str:
    """Say what is wrong in words: the code, then what was expected."""
    said = finding.code.value.replace("_", " ")
    value = _found(finding)
    return f"{said}: {finding.detail}{value}" if finding.detail else f"{said}{value}"


def place(finding: Finding) -> str:
    """Say where: `W0502, segment 2, loop 0310, byte 312`."""
    location = finding.location
    parts = [location.reference or finding.field or finding.level.value.replace("_", " ")]
    if location.segment_position is not None:
        parts.append(f"segment {location.segment_position}")
    if location.loop:
        parts.append(f"loop {location.loop}")
    if location.offset is not None:
        parts.append(f"byte {location.offset}")
    return ", ".join(parts)


def finding_of(record: FindingRecord) -> Finding:
    """Return a finding as it was before it was kept."""
    return Finding(
        FindingCode(record.code),
        Location(**orjson.loads(record.location or "{}")),
        record.value,
        record.detail,
        record.data_element,
        record.field,
    )


def as_json(record: FindingRecord) -> dict[str, object]:
    """Return a finding that was kept, for programs."""
    return {**asdict(record), "location": orjson.loads(record.location or "{}")}


def lines(
    finding: Finding, payload: Octets, delimiters: Delimiters, *, start: int = 0
) -> Iterator[Text]:
    """Yield a finding as text: the sentence, the segment, and a mark below the element.

    `start` is the offset of the first byte that is given, where that is not the payload's first.
    """
    where, what = escape(printable(place(finding))), escape(printable(sentence(finding)))
    yield Text.from_markup(f"[yellow]{where}[/]  {what}")
    found = marked(finding, payload, delimiters, start=start)
    if found is None:
        return
    body = Text("  " + found.segment, style="dim")
    body.stylize("bold red not dim", found.first + 2, found.end + 2)
    yield body
    yield Text("  " + found.mark, style="red")


@dataclass(frozen=True, slots=True)
class Marked:
    """A segment as it is shown, and the part of it that a finding is about."""

    segment: str
    first: int
    end: int

    @property
    def mark(self) -> str:
        """Return the line below it."""
        return " " * self.first + "^" * (self.end - self.first)


def marked(
    finding: Finding,
    payload: Octets,
    delimiters: Delimiters,
    *,
    start: int = 0,
    longest: int = _LONGEST_SEGMENT,
) -> Marked | None:
    """Return the segment that a finding is about; None where it is about none that is there."""
    return marked_at(finding.location, payload, delimiters, start=start, longest=longest)


def marked_at(
    location: Location,
    payload: Octets,
    delimiters: Delimiters,
    *,
    start: int = 0,
    longest: int = _LONGEST_SEGMENT,
) -> Marked | None:
    """Return the segment at a place, the place marked; None where there is none."""
    offset = location.offset
    segment = segment_at(payload, None if offset is None else offset - start, delimiters)
    if not segment:
        return None
    segment, first, end = _shortened(segment, _span(segment, location, delimiters), longest)
    return Marked(printable(segment), first, end)


def segment_at(payload: Octets, offset: int | None, delimiters: Delimiters) -> str:
    """Return the segment that an offset lies in, without its terminator."""
    if offset is None or not 0 <= offset < len(payload):
        return ""
    terminator = delimiters.terminator.encode("latin-1")
    # No segment is longer than this, unless it is not one.
    first = max(0, offset - 100_000)
    near = payload[first : offset + 100_000]
    if is_ebcdic(payload):
        near = from_ebcdic(near)
    start = near.rfind(terminator, 0, offset - first) + 1
    end = near.find(terminator, offset - first)
    segment = near[start:] if end < 0 else near[start:end]
    return segment.decode("latin-1").lstrip("\r\n ").rstrip("\r\n")


def _span(segment: str, location: Location, delimiters: Delimiters) -> tuple[int, int]:
    """Return where the mark begins and ends in a segment."""
    element = location.element
    if element is None or location.segment_id != segment.split(delimiters.element, 1)[0]:
        return 0, len(segment.split(delimiters.element, 1)[0]) or 1
    elements = segment.split(delimiters.element)
    if element >= len(elements):
        return len(segment), len(segment) + 1  # something is missing after the end
    start = sum(len(text) + 1 for text in elements[:element])
    text = elements[element]
    component = location.component
    if component is not None:
        components = text.split(delimiters.component)
        if component <= len(components):
            start += sum(len(part) + 1 for part in components[: component - 1])
            text = components[component - 1]
    return start, start + max(1, len(text))


def _shortened(segment: str, span: tuple[int, int], longest: int) -> tuple[str, int, int]:
    """Cut a long segment around its mark."""
    start, end = span
    if len(segment) > longest:
        cut = max(0, start - longest // 2)
        lead = "…" if cut else ""
        tail = "…" if len(segment) - cut > longest else ""
        segment = lead + segment[cut : cut + longest] + tail
        start, end = start - cut + len(lead), end - cut + len(lead)
    return segment, start, min(end, len(segment) + 1)


def _found(finding: Finding) -> str:
    """Say the value, unless the detail names it already."""
    value = finding.value
    if value is None or (value and value in (finding.detail or "").replace(",", " ").split()):
        return ""
    return f", found {_quoted(value)}"


def _quoted(value: str) -> str:
    if not value:
        return "nothing"
    return repr(value if len(value) <= 40 else value[:39] + "…")
