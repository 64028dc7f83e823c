"""Shows traces: a table for people, JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import orjson
from rich.text import Text

from gateway.cli.terminal import printable, results
from gateway.mapping.trace import (
    Applied,
    DocumentTrace,
    ElementTrace,
    FieldTrace,
    MapLine,
    Origin,
    Reason,
    SetPlace,
)

_LONGEST = 40
"""Characters of a value that are shown; JSON has all of it."""

_FIELD_COLUMNS = ("field", "value", "from", "segment", "byte", "map", "how")
_ELEMENT_COLUMNS = ("element", "text", "segment", "byte", "why", "map", "how")


def show_document(trace: DocumentTrace) -> None:
    """Print a document value by value: where each came from."""
    place = next((one.place for one in trace.fields if one.place is not None), None)
    head = title(place) if place is not None else "nothing of the set"
    # Of what is unmapped the texts are shown; the names of their places say no more than those.
    shown_ = [one for one in trace.fields if one.place or one.origin is not Origin.UNMAPPED]
    _show(head, _FIELD_COLUMNS, [_field_row(one) for one in shown_])


def show_elements(elements: Sequence[ElementTrace]) -> None:
    """Print a set element by element: why each was written."""
    head = title(elements[0].place) if elements else "nothing is written"
    _show(head, _ELEMENT_COLUMNS, [_element_row(one) for one in elements])


def _show(head: str, columns: Sequence[str], rows: Sequence[Sequence[Text]]) -> None:
    """Print rows in columns; a line that is too long for the screen is the terminal's to break."""
    names = [Text(name, style="bold") for name in columns]
    widths = [max(len(row[number]) for row in (names, *rows)) for number in range(len(columns))]
    console = results()
    console.print(Text(head, style="bold"))
    for row in (names, *rows):
        line = Text("  ")
        for cell, width in zip(row, widths, strict=True):
            line.append_text(cell)
            line.append(" " * (width - len(cell) + 2))
        line.rstrip()
        console.print(line)
    console.print()


def title(place: SetPlace) -> str:
    """Name a transaction set with all its control numbers."""
    return (
        f"{place.set_id} {place.control_number}, group {place.group}, "
        f"interchange {place.interchange}"
    )


def _field_row(one: FieldTrace) -> list[Text]:
    place = one.place
    source = Text(one.origin.value, style="yellow")
    if place is not None:
        source = Text(place.reference, style="green")
        if place.text != shown(one.value):
            source.append(f" {shown(place.text)}", style="default")
    return [
        Text(printable(one.pointer), style="cyan"),
        Text(shown(one.value)),
        source,
        *_where(place),
        Text(short(one.line), style="dim"),
        Text(how(one.applied, one.note)),
    ]


def _element_row(one: ElementTrace) -> list[Text]:
    why = Text(printable(one.pointer or ""), style="cyan")
    if one.reason is not Reason.FIELD:
        why = Text(one.reason.value.replace("_", " "), style="yellow")
    return [
        Text(one.place.reference, style="green"),
        Text(shown(one.place.text)),
        *_where(one.place),
        why,
        Text(short(one.line), style="dim"),
        Text(how(one.applied, one.note)),
    ]


def _where(place: SetPlace | None) -> list[Text]:
    """Return the cells of a segment's position with its loop, and of the bytes."""
    if place is None:
        return [Text(), Text()]
    segment = f"{place.segment_position} {place.loop}".rstrip()
    byte = "" if place.offset is None else f"{place.offset}+{place.length}"
    return [Text(segment), Text(byte, style="dim")]


def shown(value: object) -> str:
    """Return a value in one line of the screen."""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    text = printable(text)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def short(line: MapLine | None) -> str:
    """Return a line of a map as a table has room for it; of packaged maps without their folder."""
    return str(line).removeprefix("packaged:maps/") if line is not None else ""


def how(applied: Sequence[Applied], note: str) -> str:
    """Say what was done to a value on its way."""
    steps = [f"{one.kind} {one.name}" for one in applied]
    return "; ".join(filter(None, [", ".join(steps), note]))


def document_json(trace: DocumentTrace) -> dict[str, object]:
    """Return a document with its trace, for programs."""
    return {"document": trace.document, "trace": [field_json(one) for one in trace.fields]}


def field_json(one: FieldTrace) -> dict[str, object]:
    """Return the trace of a value, for programs."""
    return {
        "pointer": one.pointer,
        "value": one.value,
        "origin": one.origin.value,
        **_common(one),
    }


def element_json(one: ElementTrace) -> dict[str, object]:
    """Return the trace of an element, for programs."""
    return {"pointer": one.pointer, "reason": one.reason.value, **_common(one)}


def _common(one: FieldTrace | ElementTrace) -> dict[str, object]:
    place: Mapping[str, object] | None = None
    if one.place is not None:
        place = {**asdict(one.place), "reference": one.place.reference}
    return {
        "place": place,
        "map": asdict(one.line) if one.line is not None else None,
        "position": one.position,
        "applied": [asdict(each) for each in one.applied],
        "note": one.note,
    }
