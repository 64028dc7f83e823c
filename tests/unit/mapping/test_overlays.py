"""What `extends`, `use`, `replace` and `~drop` make of a map, and who said each part."""

import pytest

from gateway.errors import ConfigProblems
from gateway.mapping.library import MapLibrary
from gateway.yaml_source import load
from tests.unit.mapping.little_sets import ORDER, model, read

BASE = """
map: base
transaction_set: "940"
document: d
fields:
  no: W0502
  status: {at: W0501, table: st, required: true}
  to: {in: "N1[01=ST]", fields: {name: N102, city: N401}}
  lines: {in: LX/W01, fields: {qty: {at: W0101, as: decimal}, unit: W0102}}
tables:
  st: {N: new, F: cancel}
keys: [no]
ignore: [NTE]
"""
MODEL = model("no status to{name city} lines[]{qty unit lot}")


def library(*texts: str) -> MapLibrary:
    return MapLibrary([load(text, f"f{index}.map.yaml") for index, text in enumerate(texts)])


def resolved(over: str):
    return library(BASE, f"map: over\nextends: base\n{over}").resolve("over").source.value


def test_an_overlay_adds_replaces_and_drops() -> None:
    value = resolved(
        "fields:\n  no: W0503\n  to: {fields: {city: ~drop}}\n"
        '  lines: {fields: {lot: "N9[01=LT].02"}}\n'
    )
    assert value["fields"]["no"] == "W0503"
    assert value["fields"]["to"] == {"in": "N1[01=ST]", "fields": {"name": "N102"}}
    assert list(value["fields"]["lines"]["fields"]) == ["qty", "unit", "lot"]


def test_a_bare_position_keeps_the_options_of_the_field() -> None:
    value = resolved("fields: {status: W0504}")
    assert value["fields"]["status"] == {"at": "W0504", "table": "st", "required": "true"}


def test_a_single_position_takes_the_place_of_an_object_with_its_members() -> None:
    over = "map: over\nextends: base\nfields: {to: {at: W0503}}"
    made = library(BASE, over)
    value = made.resolve("over").source.value
    assert value["fields"]["to"] == {"at": "W0503"}
    [problem] = made.check("over", ORDER, MODEL)
    assert str(problem) == (
        "f1.map.yaml:3:15: to: the document's model wants object here, this gives string"
    )


def test_another_place_takes_the_place_of_the_one_before() -> None:
    value = resolved("fields: {status: {first: [W0504, W0501]}}")
    assert value["fields"]["status"] == {
        "table": "st",
        "required": "true",
        "first": ["W0504", "W0501"],
    }


def test_options_may_be_added_to_a_bare_position() -> None:
    assert resolved("fields: {no: {as: trim}}")["fields"]["no"] == {"at": "W0502", "as": "trim"}


def test_replace_forgets_what_was_said_before() -> None:
    value = resolved("fields: {status: {at: W0504, replace: true}}")
    assert value["fields"]["status"] == {"at": "W0504", "replace": "true"}


def test_tables_merge_code_by_code() -> None:
    value = resolved("tables: {st: {codes: {F: ~drop, R: replace}, unknown: keep}}")
    assert value["tables"]["st"] == {"codes": {"N": "new", "R": "replace"}, "unknown": "keep"}
    short = resolved("tables: {st: {F: gone}}")
    assert short["tables"]["st"] == {"codes": {"N": "new", "F": "gone"}}


def test_ignore_adds_to_the_list_and_keys_replace_it() -> None:
    value = resolved("ignore: [CUR]\nkeys: [status]")
    assert value["ignore"] == ["NTE", "CUR"]
    assert value["keys"] == ["status"]


def test_each_part_knows_the_file_and_line_it_comes_from() -> None:
    source = (
        library(BASE, "map: over\nextends: base\nfields:\n  to: {fields: {city: N404}}\n")
        .resolve("over")
        .source
    )
    city = source.mark(("fields", "to", "fields", "city"))
    name = source.mark(("fields", "to", "fields", "name"))
    assert (city.file, city.line) == ("f1.map.yaml", 4)
    assert (name.file, name.line) == ("f0.map.yaml", 8)


def test_a_problem_in_the_base_is_placed_in_the_base() -> None:
    broken = BASE.replace("W0502", "W0599")
    problems = library(broken, "map: over\nextends: base\n").check("over", ORDER, MODEL)
    assert [str(problem) for problem in problems] == [
        "f0.map.yaml:6:3: no: 'W0599': W05 has 7 elements, there is no element 99"
    ]


def test_extending_goes_to_any_depth_and_may_lend_tables_only() -> None:
    made = library(
        "map: words\ntables: {st: {N: new}}\nblocks: {party: {fields: {name: N102}}}",
        'map: mid\nextends: words\ntransaction_set: "940"\ndocument: d\n'
        'fields: {status: {at: W0501, table: st}, to: {use: party, in: "N1[01=ST]"}}',
        "map: top\nextends: mid\ntables: {st: {F: cancel}}\n"
        "blocks: {party: {fields: {city: N401}}}",
    ).compile("top", ORDER, MODEL)
    assert read(made, "W05*F~N1*ST*Ann~N4*Bonn") == (
        {"status": "cancel", "to": {"name": "Ann", "city": "Bonn"}},
        [],
    )


def test_a_field_may_change_the_block_it_uses() -> None:
    made = library(
        'map: m\ntransaction_set: "940"\ndocument: d\n'
        "blocks: {party: {fields: {name: N102, city: N401}}}\n"
        'fields: {to: {use: party, in: "N1[01=ST]", fields: {city: ~drop, name: N104}}}'
    ).compile("m", ORDER, MODEL)
    assert read(made, "N1*ST***Ann")[0] == {"to": {"name": "Ann"}}


def refused(*texts: str, name: str = "a") -> str:
    with pytest.raises(ConfigProblems) as caught:
        library(*texts).resolve(name)
    return str(caught.value)


def test_maps_that_extend_each_other_are_refused() -> None:
    assert refused("map: a\nextends: b", "map: b\nextends: c", "map: c\nextends: b") == (
        "f2.map.yaml:2:1: extends: maps extend each other: b -> c -> b"
    )


def test_a_map_that_extends_nothing_known_is_refused() -> None:
    assert refused("map: a\nextends: base-90", "map: base-940") == (
        "f0.map.yaml:2:1: extends: there is no map 'base-90' (did you mean 'base-940'?)"
    )


def test_an_unknown_map_is_refused() -> None:
    assert refused("map: base-940", name="base-94") == (
        "maps:1:1: there is no map 'base-94' (did you mean 'base-940'?)"
    )


def test_two_maps_of_one_name_are_refused() -> None:
    assert refused("map: a", "map: a") == "f1.map.yaml:1:1: map: there is another map named 'a'"


def test_a_block_that_uses_itself_is_refused() -> None:
    text = "map: a\nblocks: {p: {use: p, fields: {x: N101}}}\nfields: {to: {use: p, in: N1}}"
    assert refused(text) == "f0.map.yaml:2:14: to: block 'p' uses itself"


def test_the_version_of_a_map_follows_its_content() -> None:
    one = library(BASE).resolve("base").version
    same = library(BASE + "\n# a remark\n").resolve("base").version
    other = library(BASE.replace("cancel", "canceled")).resolve("base").version
    assert one == same
    assert one != other
