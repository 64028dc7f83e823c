"""Where every value of every sample came from, and why every element that is written is there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from gateway import resources
from gateway.cli.show_trace import shown
from gateway.mapping.conversions import conversion
from gateway.mapping.trace import (
    ElementTrace,
    FieldTrace,
    MapLine,
    Origin,
    ReadTrace,
    Reason,
    TracedMap,
    WriteTrace,
)
from tests.samples.maps import compiled_map, library
from tests.samples.test_round_trips import taken_sets
from tests.samples.test_samples import NAMES, SAMPLES

GOLDEN = Path(__file__).parent / "traces"
SHOWN = (
    "base/810-charges-and-terms",
    "base/855-accepted-with-changes",
    "base/856-cartons-below-items",
    "base/940-two-orders-and-a-cancellation",
    "bluebird-retail/850-quantities-by-store",
)
"""Samples whose traces can be looked at, one line for each value and each element."""
FROM_THE_MAP = {Origin.MODEL, Origin.VALUE, Origin.DEFAULT, Origin.QUALIFIER, Origin.SPLIT}


@cache
def traced(name: str) -> TracedMap:
    """Return a packaged map that tells what it does."""
    return TracedMap(compiled_map(name), library().resolve(name).source)


@cache
def map_lines(file: str) -> list[str]:
    """Return the lines of a packaged map."""
    return (resources.directory("maps") / file).read_text(encoding="utf-8").splitlines()


def traces(sample: Path) -> Iterator[tuple[TracedMap, ReadTrace, WriteTrace]]:
    """Yield each set of a sample: its map, and its traces in both directions."""
    for name, parsed in taken_sets(sample):
        made, received = traced(name), parsed.transaction_set
        read = made.read(parsed.tree, received, received.delimiters)
        whole = made.compiled.merge([one.document for one in read.documents])
        yield made, read, made.write(whole, received.delimiters)


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_every_value_is_traced_to_the_bytes_that_it_was_made_of(sample: Path) -> None:
    payload = sample.read_bytes()
    for made, read, _ in traces(sample):
        for document in read.documents:
            values = dict(scalars(document.document, ""))
            assert {one.pointer: one.value for one in document.fields} == values
            for one in document.fields:
                place = one.place
                if place is None:
                    assert one.origin in FROM_THE_MAP or one.origin is Origin.UNMAPPED
                    continue
                assert place.offset is not None
                there = payload[place.offset : place.offset + place.length].decode("latin-1")
                assert there == place.text, one
                if one.origin is not Origin.REWORK:
                    assert again(one, made) == one.value, one


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_a_traced_map_reads_and_writes_what_the_map_does(sample: Path) -> None:
    for name, parsed in taken_sets(sample):
        made, received = traced(name), parsed.transaction_set
        read = made.read(parsed.tree, received, received.delimiters)
        plain = compiled_map(name).read(parsed.tree, received.delimiters)
        assert [one.document for one in read.documents] == list(plain.documents)
        whole = made.compiled.merge(plain.documents)
        written = made.write(whole, received.delimiters)
        assert written.segments == compiled_map(name).write(whole, received.delimiters).segments


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_every_element_that_is_written_has_its_reason(sample: Path) -> None:
    for made, read, written in traces(sample):
        there = {
            (number, element)
            for number, row in enumerate(written.segments, 2)
            for element, text in enumerate(row)
            if element and text
        }
        told = {(one.place.segment_position, one.place.element) for one in written.elements}
        assert told == there
        values = {
            pointer
            for document in [made.compiled.merge([one.document for one in read.documents])]
            for pointer, _ in scalars(document, "")
        }
        for one in written.elements:
            assert (one.pointer in values) is (one.reason in (Reason.FIELD, Reason.UNMAPPED)), one
            assert one.line is not None, one


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_the_line_of_the_map_is_the_one_that_says_so(sample: Path) -> None:
    for _, read, written in traces(sample):
        fields = [one for document in read.documents for one in document.fields]
        for one in (*fields, *written.elements):
            for line in filter(None, (one.line, *(each.line for each in one.applied))):
                check_line(line)


def check_line(line: MapLine) -> None:
    """Compare a line with the file that it names."""
    text = map_lines(line.file)[line.line - 1][line.column - 1 :]
    word = line.says.partition(":")[0]
    item = text.lstrip("\"'[").startswith(line.says.partition(": ")[2].split(",")[0].strip("["))
    assert text.lstrip("\"'").startswith(word) or item, (line, text)


@pytest.mark.parametrize("name", SHOWN)
def test_the_traces_of_a_sample_are_those_beside_it(name: str, golden) -> None:
    lines: list[str] = []
    for _, read, written in traces(SAMPLES[NAMES.index(name)]):
        for document in read.documents:
            lines += ["== document", *map(told, document.fields)]
        lines += ["== set", *map(told, written.elements)]
    content = "".join(f"{line}\n" for line in lines)
    golden(GOLDEN / f"{name.replace('/', '-')}.txt", content.encode())


def told(one: FieldTrace | ElementTrace) -> str:
    """Write a trace in a line; of the map what it says, so that its lines may move."""
    place = "" if one.place is None else (
        f"{one.place.segment_position} {one.place.loop}/{one.place.reference}"
        f"@{one.place.offset}+{one.place.length} {shown(one.place.text)}"
    )  # fmt: skip
    said = "" if one.line is None else f"{one.line.file}: {one.line.says}"
    steps = ", ".join(
        f"{each.kind} {each.name}" + (f" ({each.entry.says})" if each.entry else "")
        for each in one.applied
    )
    if isinstance(one, FieldTrace):
        head = f"{one.pointer} = {shown(one.value)} | {one.origin.value}"
    else:
        head = f"{one.reason.value} {one.pointer or ''}".rstrip()
    return " | ".join((head, place, said, one.position, steps, one.note))


def scalars(value: object, pointer: str) -> Iterator[tuple[str, object]]:
    """Yield the JSON Pointer of each value that is no object and no list."""
    if isinstance(value, dict):
        for name, one in value.items():
            yield from scalars(one, f"{pointer}/{name}")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from scalars(one, f"{pointer}/{index}")
    else:
        yield pointer, value


def again(one: FieldTrace, made: TracedMap) -> object:
    """Convert the text of a trace by what the trace says was applied."""
    assert one.place is not None
    value: object = one.place.text
    resolved = library().resolve(made.compiled.name)
    for step in one.applied:
        if step.kind == "as":
            value = conversion(step.name).read(str(value))
        else:
            codes = resolved.tables[step.name].codes
            value = codes.get(str(value), resolved.tables[step.name].default or value)
    return value
