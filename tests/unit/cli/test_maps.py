from __future__ import annotations

import json

from gateway import yaml_source
from tests.unit.cli.test_validate import run


def test_the_packaged_maps_are_listed_with_what_each_is_for() -> None:
    code, out, _ = run("maps", "list", "--json")
    assert code == 0
    listed = {row["map"]: row for row in json.loads(out)}
    assert {"base-940", "base-945", "base-856", "base-810", "base-850", "base-855"} <= set(listed)
    assert listed["northstar-945"] == {
        "map": "northstar-945",
        "set": "945",
        "version": "004010",
        "document": "shipping_advice",
        "extends": "base-945",
        "file": "packaged:maps/northstar-3pl/945.map.yaml",
    }


def test_a_list_for_people_is_a_table() -> None:
    code, out, _ = run("maps", "list")
    assert code == 0
    assert "base-940" in out
    assert "shipment_order" in out


def test_a_map_is_shown_as_it_is_written() -> None:
    code, out, _ = run("maps", "show", "northstar-945")
    assert code == 0
    assert "extends: base-945" in out
    assert "base/945.map.yaml" not in out


def test_a_resolved_map_names_the_place_of_each_part_and_is_still_the_map() -> None:
    code, out, _ = run("maps", "show", "northstar-945", "--resolved")
    assert code == 0
    assert "# packaged:maps/base/945.map.yaml:" in out
    assert "# packaged:maps/northstar-3pl/945.map.yaml:" in out
    _, whole, _ = run("maps", "show", "northstar-945", "--resolved", "--json")
    assert yaml_source.load(out, "shown").value == json.loads(whole)


def test_a_map_that_is_not_there_exits_2_with_the_nearest_name() -> None:
    assert run("maps", "show", "northstar-954") == (
        2,
        "",
        "error: there is no map 'northstar-954' (did you mean 'northstar-945'?)\n",
    )
