"""The packaged schemas against the table of facts they were written from, where it is at hand."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.resources import directory, schema_text
from gateway.x12.schema import UNBOUNDED, ElementUse, LoopUse, SegmentUse, SetSchema
from gateway.yaml_source import load
from tests.x12_sets import SET_IDS, schema_of

ROWS = Path(__file__).parents[3] / "shared" / "reference" / "x12" / "rows"
COLUMNS = ("kind", "path", "req", "max", "num", "type", "min", "maxlen", "repeat", "syntax")
ENVELOPE = frozenset({"ST", "SE"})
"""Their places are not in the table: they are the same in every set."""

Row = tuple[str, ...]


@pytest.mark.parametrize("set_id", SET_IDS)
def test_a_schema_says_what_the_table_of_facts_says(set_id: str) -> None:
    table = ROWS / f"{set_id}-004010.tsv"
    if not table.is_file():
        pytest.skip("the table of facts is not beside this checkout")
    with table.open(encoding="utf-8", newline="") as lines:
        facts = Counter(
            tuple(row[name] for name in COLUMNS) for row in csv.DictReader(lines, delimiter="\t")
        )
    ours = Counter(rows_of(schema_of(set_id)))
    assert sorted((facts - ours).elements()) == []
    assert sorted((ours - facts).elements()) == []


def rows_of(schema: SetSchema) -> Iterator[Row]:
    """Write a schema as the table writes its facts."""
    yield from _level(schema.root, "")
    seen: dict[str, SegmentUse] = {}
    _collect(schema.root, seen)
    for tag, use in seen.items():
        for element in use.elements:
            yield _element(tag, element)
        if use.notes:
            yield ("syntax", tag, *[""] * 7, " ".join(map(str, use.notes)))


def _level(loop: LoopUse, path: str) -> Iterator[Row]:
    for use in loop.content:
        if isinstance(use, LoopUse):
            here = f"{path}{use.trigger}"
            yield ("loop", here, use.requirement, _limit(use.maximum), *[""] * 6)
            yield from _level(use, f"{here}/")
        elif use.tag not in ENVELOPE:
            yield ("segment", path + use.tag, use.requirement, _limit(use.maximum), *[""] * 6)


def _collect(loop: LoopUse, seen: dict[str, SegmentUse]) -> None:
    for use in loop.content:
        if isinstance(use, LoopUse):
            _collect(use, seen)
        else:
            seen.setdefault(use.tag, use)


def _element(tag: str, element: ElementUse) -> Row:
    return (
        "element",
        f"{tag}{element.position:02d}",
        element.requirement,
        "",
        element.number,
        element.type,
        "" if element.components else str(element.minimum),
        "" if element.components else str(element.maximum),
        str(element.repeat),
        "",
    )


def _limit(maximum: int) -> str:
    return ">1" if maximum == UNBOUNDED else str(maximum)


@pytest.mark.parametrize("name", ["segments", "composites"])
def test_the_remark_beside_an_element_is_its_name(name: str) -> None:
    elements = load(schema_text("x12/004010/elements.yaml"), "elements").value
    composites = load(schema_text("x12/004010/composites.yaml"), "composites").value
    assert isinstance(elements, dict)
    assert isinstance(composites, dict)
    names = {number: str(line).split(" ", 2)[2] for number, line in elements.items()}
    names |= {number: str(entry["name"]) for number, entry in composites.items()}  # type: ignore[index,call-overload]  # each is a mapping
    text = schema_text(f"x12/004010/{name}.yaml")
    remarks = re.findall(r"- (\w+) [MOX] *# (.+)", text)
    assert len(remarks) == len(re.findall(r"^    - ", text, re.M))
    assert [(number, remark) for number, remark in remarks if names[number] != remark] == []


def test_every_element_composite_and_code_list_is_used() -> None:
    segments = schema_text("x12/004010/segments.yaml")
    composites = schema_text("x12/004010/composites.yaml")
    used = set(re.findall(r"- (\w+) [MOX]", segments + composites))
    for name in ("elements", "composites", "codes"):
        value = load(schema_text(f"x12/004010/{name}.yaml"), name).value
        assert isinstance(value, dict)
        assert set(value) - used == set()


def test_every_file_of_a_version_is_a_set_or_shared() -> None:
    files = {file.stem for file in (directory("schemas") / "x12" / "004010").iterdir()}
    assert files == {*SET_IDS, "segments", "elements", "composites", "codes"}
