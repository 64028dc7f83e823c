"""`gateway maps why`: one field, or one element, in words: what gave it, or why nothing did."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer
from rich.text import Text

from gateway import config
from gateway.canonical import json_schema
from gateway.cli.examine import Examiner
from gateway.cli.maps_in_use import MapsInUse
from gateway.cli.show_trace import element_json, field_json, shown
from gateway.cli.show_why import MOST_SHOWN, ShownSet, WhyShown, absence_json
from gateway.cli.terminal import (
    AsJson,
    InputUnreadable,
    OptionalHome,
    fail,
    print_json,
    printable,
    read_input,
    results,
    shown_name,
)
from gateway.cli.traced import located, traces_of
from gateway.cli.translate import Writer, canonical_document
from gateway.mapping.document_shape import DocumentShape
from gateway.mapping.trace import (
    DocumentTrace,
    FieldTrace,
    NoSuchField,
    SetPlace,
    TracedMap,
)
from gateway.pipeline.stages.parse import SetReading
from gateway.x12 import walk
from gateway.yaml_source import suggestion

_POSITION = re.compile(r"(?:(?P<loop>.+)/)?(?P<reference>[A-Z][A-Z0-9]{1,2}[0-9]{2}(?:-[0-9]+)?)")


def why(
    map_name: Annotated[str, typer.Argument(metavar="MAP", help="The map's name.")],
    file: Annotated[str, typer.Argument(metavar="FILE", help="X12 or JSON; `-` is stdin.")],
    what: Annotated[
        str,
        typer.Argument(
            metavar="FIELD|ELEMENT",
            help="A field by its JSON Pointer (/lines/2/unit), or an element (LX[2]/W01[1]/W0102).",
        ),
    ],
    number: Annotated[
        str | None,
        typer.Option("--set", metavar="NUMBER", help="ST02 of the set, where there are several."),
    ] = None,
    home: OptionalHome = None,
    as_json: AsJson = False,
) -> None:
    """Explain a value: where it came from, which line of the map says so, or why it is absent.

    Of X12 it is asked how it is read, of a JSON document how it is written.
    """
    instance = config.load(home, maps_too=False) if home else None
    maps = MapsInUse(instance)
    asked = _Asked(maps, map_name, what, as_json=as_json)
    payload = read_input(file)
    if payload.lstrip()[:1] in (b"{", b"["):
        asked.of_written(shown_name(file), payload)
    else:
        asked.of_read(payload, Examiner(instance), number)


class _Asked:
    """What is asked of one map."""

    def __init__(self, maps: MapsInUse, map_name: str, what: str, *, as_json: bool) -> None:
        self._maps, self._name, self._what, self._as_json = maps, map_name, what, as_json
        self._traced = TracedMap(maps.compiled(map_name), maps.resolved(map_name).source)
        self._is_field = what.startswith("/")
        if not self._is_field and _POSITION.fullmatch(what) is None:
            fail(f"'{what}' is no field, such as /lines/2/unit, and no element, such as W0502")
        self._show = WhyShown(maps)

    def of_written(self, name: str, payload: bytes) -> None:
        """Explain what a document is written as."""
        wanted = self._maps.document(self._name)
        document = canonical_document(name, payload, self._traced.compiled, wanted=wanted)
        writer = Writer(self._maps, self._name)
        content, trace = writer.traced(document, self._traced)
        received = next(one for _, one in walk(content))
        elements = located(content, trace).elements
        if self._is_field:
            inside = f"{self._what}/"
            found = [
                one
                for one in elements
                if one.pointer == self._what or (one.pointer or "").startswith(inside)
            ]
        else:
            found = [one for one in elements if self._is_asked(one.place)]
        if self._as_json:
            print_json([element_json(one) for one in found])
        elif found:
            self._show.elements(found[:MOST_SHOWN], ShownSet(content, received))
        else:
            what = "written nowhere" if self._is_field else "not written"
            told = [one.detail for one in trace.findings if one.field == self._what]
            because = f": {told[0]}" if told else ""
            results().print(Text(f"{self._what} is {what}{because}", style="bold"))

    def of_read(self, payload: bytes, examiner: Examiner, number: str | None) -> None:
        """Explain what a set is read as."""
        sets = list(self._sets(payload, examiner, number))
        if self._is_field:
            self._field(payload, sets)
            return
        for one in sets:
            traces = traces_of(self._traced, one)
            inside = ShownSet(payload, one.transaction_set)
            found = [
                field
                for document in traces
                for field in document.fields
                if field.place is not None and self._is_asked(field.place)
            ]
            if found and self._as_json:
                print_json([field_json(each) for each in found])
            elif found:
                self._show.takers(found[:MOST_SHOWN], inside)
            if found:
                return
        results().print(Text(f"{self._what}: no field takes such an element", style="bold"))
        results().print("  It is not there, or the map ignores it, selects by it or checks it.")

    def _is_asked(self, place: SetPlace) -> bool:
        asked = _POSITION.fullmatch(self._what)
        if asked is None or place.reference != asked["reference"]:
            return False
        loop = asked["loop"]
        return loop is None or place.loop == loop or place.loop.endswith(f"/{loop}")

    def _sets(self, payload: bytes, examiner: Examiner, number: str | None) -> Iterator[SetReading]:
        wanted, met = self._maps.set_id(self._name), list[str]()
        for one in examiner.sets(payload):
            received = one.reading.transaction_set
            met.append(f"{received.set_id} {received.control_number}")
            same = number is None or received.control_number == number
            if received.set_id == wanted and one.reading.tree is not None and same:
                yield one.reading
        if not any(each.startswith(f"{wanted} {number or ''}") for each in met):
            told = f"{wanted} {number}" if number else wanted
            held = ", ".join(met) or "none"
            raise InputUnreadable(f"there is no set {told} for map '{self._name}': there is {held}")

    def _field(self, payload: bytes, sets: Sequence[SetReading]) -> None:
        """Explain a field: in the first document that has it, or why the first has none."""
        pairs = [(one, document) for one in sets for document in traces_of(self._traced, one)]
        for one, document in pairs:
            found = document.of(self._what)
            if found is not None:
                self._told_field(found, ShownSet(payload, one.transaction_set))
                return
        for _, document in pairs:
            inside = [each for each in document.fields if each.pointer.startswith(f"{self._what}/")]
            if inside:
                self._told_object(inside)
                return
        for one, document in pairs[:1]:
            self._told_absence(one, document, payload)

    def _told_field(self, found: FieldTrace, inside: ShownSet) -> None:
        if self._as_json:
            print_json(field_json(found))
        else:
            self._show.field(found, inside)

    def _told_object(self, inside: Sequence[FieldTrace]) -> None:
        if self._as_json:
            print_json([field_json(each) for each in inside])
            return
        results().print(Text(f"{self._what} has {len(inside)} values:", style="bold"))
        for each in inside[:MOST_SHOWN]:
            place = each.place.reference if each.place is not None else each.origin.value
            line = Text(f"  {printable(each.pointer)} = {shown(each.value)}")
            results().print(line.append(f"  {place}", style="green"))

    def _told_absence(self, one: SetReading, document: DocumentTrace, payload: bytes) -> None:
        if one.tree is None:
            return
        try:
            absence = self._traced.why_absent(one.tree, one.transaction_set, document, self._what)
        except NoSuchField as fault:
            fail(self._unknown(fault))
        if absence is None:
            fail(f"{self._what} is there, and has no value in it")
        if self._as_json:
            print_json(absence_json(absence))
        else:
            self._show.absence(self._what, absence, ShownSet(payload, one.transaction_set))

    def _unknown(self, fault: NoSuchField) -> str:
        """Say of a name that the map does not have whether the model has it, and what is near."""
        shape: DocumentShape | None = DocumentShape.of(json_schema(self._maps.document(self._name)))
        for part in fault.pointer.split("/")[1:]:
            if shape is not None:
                shape = shape.entry if part.isdigit() else shape.member(part)
        members = shape.members if shape is not None else ()
        where = fault.pointer or "the document"
        if fault.name in members:
            place = self._traced.lines.line(fault.path)
            return (
                f"{self._what}: the model has a field '{fault.name}', but the map has no position "
                f"for it; write `{fault.name}: POSITION` below {place.file}:{place.line}"
            )
        near = suggestion(fault.name, members)
        known = ", ".join(sorted(members)) or "nothing"
        return f"{self._what}: there is no field '{fault.name}'{near} in {where}: it has {known}"
