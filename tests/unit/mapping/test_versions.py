"""What a map says of one version of the standard is laid over the rest, and checked like it."""

from dataclasses import replace

import pytest

from gateway.errors import ConfigProblems
from gateway.mapping.library import MapLibrary
from gateway.yaml_source import load
from tests.unit.mapping.little_sets import DELIMITERS, ORDER, lines, model, plain, tree

BASE = """
map: base
transaction_set: "940"
document: d
blocks: {texts: {each: NTE, at: ["02"]}}
fields:
  no: W0502
  notes: {use: texts}
versions:
  "005010":
    blocks: {texts: {each: N9, at: ["03"]}}
    fields: {no: W0503}
"""
MODEL = model("no notes[] code")
OLD, NEW = replace(ORDER, version="004010"), replace(ORDER, version="005010")


def library(*texts: str) -> MapLibrary:
    return MapLibrary([load(text, f"f{index}.map.yaml") for index, text in enumerate(texts)])


def both_ways(made: MapLibrary, shape, text: str, name: str = "base"):
    compiled = made.compile(name, shape, MODEL)
    document = plain(compiled.read(tree(text), DELIMITERS).document)
    written = list(lines(compiled.write(document, DELIMITERS).tree))
    return document, "~".join(line for line in written if not line.startswith(("ST", "SE")))


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (OLD, "W05**1~NTE**hello"),
        (NEW, "W05***1~N9***hello"),
        (replace(ORDER, version="003060"), "W05**1~NTE**hello"),
    ],
)
def test_a_version_has_the_positions_that_the_map_says_of_it(shape, text: str) -> None:
    document, written = both_ways(library(BASE), shape, text)
    assert document == {"no": "1", "notes": ["hello"]}
    assert written == text


def test_an_overlay_comes_over_what_its_base_says_of_a_version() -> None:
    made = library(BASE, "map: over\nextends: base\nfields: {no: W0504, code: W0501}")
    assert both_ways(made, NEW, "W05*N***4~N9***hello", "over") == (
        {"no": "4", "notes": ["hello"], "code": "N"},
        "W05*N***4~N9***hello",
    )


def test_an_overlay_has_versions_of_its_own() -> None:
    over = 'map: over\nextends: base\nversions: {"005010": {fields: {no: ~drop, code: W0502}}}'
    made = library(BASE, over)
    assert both_ways(made, NEW, "W05**9", "over")[0] == {"code": "9"}
    assert both_ways(made, OLD, "W05**9", "over")[0] == {"no": "9"}


def test_what_is_one_segment_in_a_version_and_a_loop_in_another_is_said_of_both() -> None:
    broken = BASE.replace("notes: {use: texts}", "notes: {each: N1, at: [02]}")
    assert refusal(broken, OLD) == [
        "f0.map.yaml:8:11: notes: N1 stands once, as the first segment of its loop: expected fields"
    ]


def test_maps_of_two_versions_have_two_hashes_where_they_differ() -> None:
    made = library(BASE)
    assert made.resolve("base", "005010").version != made.resolve("base", "004010").version
    assert made.resolve("base").version == made.resolve("base", "004010").version


def refusal(text: str, shape) -> list[str]:
    with pytest.raises(ConfigProblems) as refused:
        library(text).compile("base", shape, MODEL)
    return str(refused.value).splitlines()


def test_a_position_that_no_version_has_is_refused_where_it_is_written() -> None:
    broken = BASE.replace("no: W0503", "no: W0599")
    assert refusal(broken, NEW) == [
        "f0.map.yaml:12:14: no: 'W0599': W05 has 7 elements, there is no element 99"
    ]
    library(broken).compile("base", OLD, MODEL)


def test_a_position_that_another_version_has_must_be_said_of_it() -> None:
    broken = BASE.replace("no: W0502", "no: W0599")
    assert refusal(broken, OLD) == [
        "f0.map.yaml:7:3: no: 'W0599': W05 has 7 elements, there is no element 99"
    ]
    library(broken).compile("base", NEW, MODEL)


def test_what_no_version_of_a_map_can_say_is_refused() -> None:
    with pytest.raises(ConfigProblems) as refused:
        library(BASE.replace("    fields: {no", "    field: {no"))
    assert str(refused.value) == (
        "f0.map.yaml:12:5: versions.005010.field: unknown key 'field' (did you mean 'fields'?)"
    )
