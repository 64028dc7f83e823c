"""The packaged schemas against the table of facts they were written from, where it is at hand."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.resources import directory, schema_text
from gateway.x12.schema import UNBOUNDED, ElementUse, LoopUse, SegmentUse, SetSchema
from gateway.yaml_source import Value, load
from tests.x12_sets import EVERY_SET, SETS, schema_of

FACTS = Path(__file__).parents[3] / "shared" / "reference" / "x12"
COLUMNS = ("kind", "path", "req", "max", "num", "type", "min", "maxlen", "repeat", "syntax")
ENVELOPE = frozenset({"ST", "SE"})
"""Their places are not in the table: they are the same in every set."""

Row = tuple[str, ...]


DISAGREEMENTS = {
    ("005010", "96"): (
        "N0 1/10",
        "AN 1/10",
        "the number of segments is a number in every set's table and in the envelope's",
    ),
}
"""By version and data element: what we say, what the dictionary says, and why."""
IN_ROWS = {"N": "N0"}
"""Types that the rows write otherwise: numbers have their decimals in the type, and N says none."""
OF_NO_SET = {"BIN", "BDS", "784", "785", "1570"}
"""Binary segments, which no packaged set has: any set that is written may."""


def facts(name: str) -> Path:
    """Return a file of facts, or skip the test where there is none."""
    path = FACTS / name
    if not path.is_file():
        pytest.skip("the facts are not beside this checkout")
    return path


@pytest.mark.parametrize(("version", "set_id"), EVERY_SET)
def test_a_schema_says_what_the_table_of_facts_says(version: str, set_id: str) -> None:
    with facts(f"rows/{set_id}-{version}.tsv").open(encoding="utf-8", newline="") as lines:
        known = Counter(
            tuple(IN_ROWS.get(row[name], row[name]) for name in COLUMNS)
            for row in csv.DictReader(lines, delimiter="\t")
        )
    ours = Counter(rows_of(schema_of(set_id, version)))
    assert sorted((known - ours).elements()) == []
    assert sorted((ours - known).elements()) == []


def test_there_is_a_schema_for_each_table_of_facts() -> None:
    tables = {path.stem for path in facts("rows/940-004010.tsv").parent.iterdir()}
    assert tables == {f"{set_id}-{version}" for version, set_id in EVERY_SET}


@pytest.mark.parametrize("version", SETS)
def test_an_element_is_what_the_dictionary_says_or_the_difference_is_explained(
    version: str,
) -> None:
    name = "elements.yaml" if version == "004010" else f"elements-{version}.yaml"
    known = members(load(facts(name).read_text(encoding="utf-8"), name).value, "elements")
    differences = {
        (version, number): (" ".join(line.split()[:2]), said)
        for number, line in members(_shared(version, "elements")).items()
        if number not in OF_NO_SET
        if (said := _said(members(known, number))) != " ".join(str(line).split()[:2])
    }
    expected = {key: why[:2] for key, why in DISAGREEMENTS.items() if key[0] == version}
    assert differences == expected


@pytest.mark.parametrize("version", SETS)
def test_a_composite_has_the_components_that_the_facts_give_it(version: str) -> None:
    name = f"composites-{version}.yaml"
    known = members(load(facts(name).read_text(encoding="utf-8"), name).value)
    for number, entry in members(_shared(version, "composites")).items():
        fact = members(known, number)
        components = [f"{one['num']} {one['req']}" for one in fact["components"]]
        assert entry["components"] == components, number
        assert entry.get("notes", []) == (fact.get("syntax") or []), number


def members(value: Any, *path: str) -> dict[str, Any]:
    """Return a mapping inside a file of facts, whose values are of many kinds."""
    for part in path:
        value = value[part]
    assert isinstance(value, dict)
    return value


def _shared(version: str, name: str) -> Value:
    return load(schema_text(f"x12/{version}/{name}.yaml"), name).value


def _said(fact: dict[str, Any]) -> str:
    return f"{IN_ROWS.get(fact['type'], fact['type'])} {fact['min']}/{fact['max']}"


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


@pytest.mark.parametrize("version", SETS)
@pytest.mark.parametrize("name", ["segments", "composites"])
def test_the_remark_beside_an_element_is_its_name(version: str, name: str) -> None:
    elements = members(_shared(version, "elements"))
    composites = members(_shared(version, "composites"))
    names = {number: str(line).split(" ", 2)[2] for number, line in elements.items()}
    names |= {number: entry["name"] for number, entry in composites.items()}
    text = schema_text(f"x12/{version}/{name}.yaml")
    remarks = re.findall(r"- (\w+) [MOX](?: \d+)? *# (.+)", text)
    assert len(remarks) == len(re.findall(r"^    - ", text, re.M))
    assert [(number, remark) for number, remark in remarks if names[number] != remark] == []


@pytest.mark.parametrize("version", SETS)
def test_every_element_composite_and_code_list_is_used(version: str) -> None:
    segments = schema_text(f"x12/{version}/segments.yaml")
    composites = schema_text(f"x12/{version}/composites.yaml")
    used = set(re.findall(r"- (\w+) [MOX]", segments + composites))
    for name in ("elements", "composites", "codes"):
        assert set(members(_shared(version, name))) - used == set()


@pytest.mark.parametrize("version", SETS)
def test_every_segment_stands_in_a_set(version: str) -> None:
    seen: dict[str, SegmentUse] = {}
    for set_id in SETS[version]:
        _collect(schema_of(set_id, version).root, seen)
    assert set(members(_shared(version, "segments"))) - set(seen) == OF_NO_SET & {"BIN", "BDS"}


@pytest.mark.parametrize("version", SETS)
def test_every_file_of_a_version_is_a_set_or_shared(version: str) -> None:
    files = {file.stem for file in (directory("schemas") / "x12" / version).iterdir()}
    assert files == {*SETS[version], "segments", "elements", "composites", "codes"}


def test_every_folder_is_a_version() -> None:
    folders = {file.name for file in (directory("schemas") / "x12").iterdir() if file.is_dir()}
    assert folders == set(SETS)
