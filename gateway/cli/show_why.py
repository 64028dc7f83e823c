"""Shows what one field or element is: the segment marked, the line of the map quoted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

from rich.text import Text

from gateway.cli.maps_in_use import MapsInUse
from gateway.cli.show_findings import marked
from gateway.cli.show_trace import how, shown, title
from gateway.cli.terminal import (
    printable,
    read_input,
    results,
)
from gateway.findings import Finding, FindingCode, Location
from gateway.mapping.trace import (
    Absence,
    Applied,
    ElementTrace,
    FieldTrace,
    Looked,
    MapLine,
    Origin,
    Reason,
    SetPlace,
)
from gateway.x12.model import Delimiters, TransactionSet

_MARGIN = "  "
MOST_SHOWN = 20
"""So many elements of one name are explained; a loop in front of it says which is meant."""

ORIGINS: Mapping[Origin, str] = {
    Origin.ELEMENT: "from an element",
    Origin.FIRST: "from the first of several places that has a value",
    Origin.EACH: "from an element of a segment that makes an entry of the list",
    Origin.PAIR: "from a pair of qualifier and value",
    Origin.QUALIFIER: "from the map: it gives the qualifier",
    Origin.VALUE: "from the map: it always says so",
    Origin.DEFAULT: "from the map: its default, since the set says nothing",
    Origin.EXPRESSION: "computed by an expression of the map",
    Origin.REWORK: "said with other fields",
    Origin.SPLIT: "set by `split:`, from the allocations of this part",
    Origin.UNMAPPED: "kept as it is: no field of the map takes it",
    Origin.MODEL: "from the map: the document that it makes",
}
"""Where a value came from, in words."""

REASONS: Mapping[Reason, str] = {
    Reason.FIELD: "the field says it",
    Reason.PREDICATE: "the selection of this line says it",
    Reason.QUALIFIER: "the first of the qualifiers that this line names",
    Reason.CONSTANT: "a constant of the map: always written",
    Reason.WITH: "written along with the field of this line",
    Reason.WRITE_DEFAULT: "written where the document says nothing",
    Reason.EXPRESSION: "computed by an expression of the map",
    Reason.COUNTER: "counted by the map: the number of the loop within the one around it",
    Reason.COUNT: "counted by the map",
    Reason.SUM: "a total that the map computes",
    Reason.HIERARCHY: "computed for every HL level",
    Reason.UNMAPPED: "written back from the document's `unmapped`",
    Reason.ENVELOPE: "belongs to the envelope, not to the map",
}
"""Why an element was written, in words."""


@dataclass(frozen=True, slots=True)
class ShownSet:
    """A transaction set in a file, and what is needed to show a place in it."""

    payload: bytes
    received: TransactionSet

    @property
    def delimiters(self) -> Delimiters:
        """Return what separates its elements."""
        return self.received.delimiters


class WhyShown:
    """Prints explanations."""

    def __init__(self, maps: MapsInUse) -> None:
        self._maps = maps

    def field(self, one: FieldTrace, inside: ShownSet) -> None:
        """Print what gave a value."""
        head = Text(f"{printable(one.pointer)} = {shown(one.value)}", style="bold")
        results().print(head)
        said = ORIGINS[one.origin]
        if one.place is not None:
            results().print(Text(f"{_MARGIN}{title(one.place)}", style="dim"))
            self._place(one.place, inside)
        elif one.note:
            said = f"{said}: {one.note}"
        results().print(f"{_MARGIN}{said}" + (f" ({one.note})" if one.place and one.note else ""))
        self._steps(one.line, one.applied)

    def takers(self, found: Sequence[FieldTrace], inside: ShownSet) -> None:
        """Print which fields take an element."""
        for one in found:
            self.field(one, inside)

    def elements(self, found: Sequence[ElementTrace], inside: ShownSet) -> None:
        """Print why elements were written."""
        for one in found:
            source = f", from {one.pointer}" if one.pointer else ""
            text = f"{one.place.reference} = {shown(one.place.text)}{source}"
            results().print(Text(printable(text), style="bold"))
            self._place(one.place, inside)
            note = f" ({one.note})" if one.reason in (Reason.HIERARCHY, Reason.ENVELOPE) else ""
            results().print(f"{_MARGIN}{REASONS[one.reason]}{note}")
            self._steps(one.line, one.applied)

    def absence(self, what: str, absence: Absence, inside: ShownSet) -> None:
        """Print why there is no value."""
        results().print(Text(f"{what} has no value", style="bold"))
        if absence.pointer != what:
            results().print(f"{_MARGIN}because of {absence.pointer}:")
        results().print(f"{_MARGIN}{absence.sentence}")
        for one in absence.looked[:MOST_SHOWN]:
            results().print(Text(f"{_MARGIN}- {printable(one.said)}", style="yellow"))
            if one.row is not None:
                self._mark(_place_of(one, inside), inside)
        self._steps(absence.line, ())

    def _place(self, place: SetPlace, inside: ShownSet) -> None:
        loop = f", {place.loop}" if place.loop else ""
        line = _line_of(inside.payload, place.offset)
        where = f"{place.reference}, segment {place.segment_position}{loop}{line}"
        results().print(Text(f"{_MARGIN}{where}, byte {place.offset}", style="dim"))
        self._mark(place, inside)

    def _mark(self, place: SetPlace, inside: ShownSet) -> None:
        """Print a segment with the place in it marked, as `gateway explain` does."""
        offset = inside.received.offsets[place.segment_position - 1]
        location = Location(
            segment_id=place.segment, element=place.element or None, component=place.component,
            offset=offset,
        )  # fmt: skip
        finding = Finding(FindingCode.DOCUMENT_INVALID, location)
        found = marked(finding, inside.payload, inside.delimiters)
        if found is not None:
            body = Text(f"{_MARGIN * 2}{found.segment}")
            body.stylize("bold green", found.first + 4, found.end + 4)
            results().print(body)
            results().print(Text(f"{_MARGIN * 2}{found.mark}", style="green"))

    def _steps(self, line: MapLine | None, applied: Sequence[Applied]) -> None:
        lines: list[tuple[str, MapLine]] = [("map", line)] if line is not None else []
        for one in applied:
            lines.append((how([one], ""), one.line))
            lines += [("code", one.entry)] if one.entry is not None else []
        told: set[tuple[str, int]] = set()
        for label, each in lines:
            results().print(Text(f"{_MARGIN}{label}: {each}", style="cyan"))
            if (each.file, each.line) not in told:
                told.add((each.file, each.line))
                quoted = self._quoted(each)
                if quoted:
                    results().print(Text(f"{_MARGIN * 2}{printable(quoted)}", style="dim"))
        results().print()

    def _quoted(self, line: MapLine) -> str:
        """Return a line of a map as it is written; nothing where its file is not at hand."""
        for file in self._maps.files.values():
            if file.source.file == line.file:
                return _text_lines(str(file.path))[line.line - 1].strip()
        return ""


@lru_cache(maxsize=64)
def _text_lines(path: str) -> tuple[str, ...]:
    return tuple(read_input(path).decode("utf-8", "replace").splitlines())


def _line_of(payload: bytes, offset: int | None) -> str:
    """Return the line of the file, where it has several."""
    if offset is None or b"\n" not in payload.rstrip():
        return ""
    number = payload.count(b"\n", 0, offset) + 1
    return f", line {number}"


def _place_of(one: Looked, inside: ShownSet) -> SetPlace:
    row = one.row
    index = row.index if row is not None else 0
    segment = inside.received.segments[index]
    return SetPlace(
        "", "", "", "", "", index + 1, segment[0], one.element or 0, one.component, None, 0, ""
    )


def absence_json(one: Absence) -> dict[str, object]:
    """Return why there is no value, for programs."""
    return {
        "pointer": one.pointer,
        "absent": one.sentence,
        "map": asdict(one.line) if one.line is not None else None,
        "looked": [
            {
                "position": each.position,
                "said": each.said,
                "segment_position": each.row.index + 1 if each.row is not None else None,
                "loop": each.row.loop if each.row is not None else None,
                "segment": list(map(str, each.row.elements)) if each.row is not None else None,
            }
            for each in one.looked
        ],
    }
