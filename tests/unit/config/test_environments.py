"""What an environment lays over an instance's files, and where its faults are placed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway import config, yaml_source
from gateway.errors import ConfigProblems
from gateway.yaml_source import Mark, laid_over
from tests.unit.cli.test_validate import run
from tests.unit.config.instances import write
from tests.unit.config.test_broken import SOUND, G, P

TEST = {"GATEWAY_ENVIRONMENT": "test"}


def test_mappings_are_joined_and_everything_else_is_replaced_with_its_place() -> None:
    base = yaml_source.load("a: {x: 1, y: [1, 2]}\nb: 2\nc: {z: 1}\n", "base.yaml")
    over = yaml_source.load("\na: {y: [3], w: 4}\nc: 5\n", "over.yaml")
    made = laid_over(base, over)
    assert made.value == {"a": {"x": "1", "y": ["3"], "w": "4"}, "b": "2", "c": "5"}
    assert made.mark(("a", "x")) == Mark("base.yaml", 1, 5)
    assert made.mark(("a", "y", 0)) == Mark("over.yaml", 2, 9)
    assert made.mark(("a", "w")) == Mark("over.yaml", 2, 13)
    assert made.mark(("c", "z")) == Mark("over.yaml", 3, 1), "what was below it is gone"
    assert base.value == {"a": {"x": "1", "y": ["1", "2"]}, "b": "2", "c": {"z": "1"}}


def test_an_environment_changes_what_it_names_and_leaves_the_rest(tmp_path: Path) -> None:
    overlay = "destinations: {erp: {url: 'https://test.harbor.example/', production: false}}\n"
    home = write(
        tmp_path,
        SOUND
        | {f"environments/test/{G}": overlay, f"environments/test/{P}": "name: Northstar test\n"},
    )
    there = config.load(home, TEST, maps_too=False)
    assert str(there.settings.destinations["erp"].url) == "https://test.harbor.example/"
    assert not there.settings.destinations["erp"].production
    assert there.partners["northstar"].name == "Northstar test"
    here = config.load(home, {}, maps_too=False)
    assert str(here.settings.destinations["erp"].url) == "https://erp.harbor.example/documents"
    assert here.partners["northstar"].name == "Northstar 3PL"


def test_a_fault_is_placed_in_the_file_that_has_it(tmp_path: Path) -> None:
    home = write(tmp_path, SOUND | {f"environments/test/{P}": "\nnames: x\nagreements: []\n"})
    with pytest.raises(ConfigProblems) as refused:
        config.load(home, TEST, maps_too=False)
    assert [str(problem) for problem in refused.value.problems] == [
        "environments/test/partners/northstar.yaml:2:1: names: 'names' is not a setting here "
        "(did you mean 'name'?)",
        "environments/test/partners/northstar.yaml:3:1: agreements: the list is empty; expected "
        "at least 1",
    ]


def test_an_environment_that_is_not_there_and_a_file_over_nothing_are_told(tmp_path: Path) -> None:
    home = write(tmp_path, SOUND | {"environments/test/partners/other.yaml": "name: x\n"})
    with pytest.raises(ConfigProblems) as refused:
        config.load(home, {"GATEWAY_ENVIRONMENT": "tset"}, maps_too=False)
    assert str(refused.value) == (
        "environments:1:1: there is no environment 'tset' (GATEWAY_ENVIRONMENT); there is test"
    )
    with pytest.raises(ConfigProblems) as refused:
        config.load(home, TEST, maps_too=False)
    assert str(refused.value) == (
        "environments/test/partners/other.yaml:1:1: there is no partners/other.yaml below it"
    )


@pytest.mark.parametrize("name", ["maps/shared.map.yaml", "partners/northstar.yml", "x.yaml"])
def test_a_file_that_nothing_reads_is_told(tmp_path: Path, name: str) -> None:
    home = write(tmp_path, SOUND | {f"environments/test/{name}": "name: x\n", name: "name: x\n"})
    with pytest.raises(ConfigProblems) as refused:
        config.load(home, TEST, maps_too=False)
    assert (
        f"environments/test/{name}:1:1: nothing reads it: only gateway.yaml, routes.yaml, "
        "partners/*.yaml and exports/*.yaml are laid over"
    ) in [str(problem) for problem in refused.value.problems]


def test_check_looks_at_every_environment_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GATEWAY_ENVIRONMENT", raising=False)
    files = {name: text for name, text in SOUND.items() if not name.startswith("maps/")}
    home = write(tmp_path, files | {f"environments/test/{P}": "owners: x\n"})
    code, out, _ = run("check", "--json", "--home", home)
    assert code == 1
    [problem] = json.loads(out)["problems"]
    assert problem["file"] == "environments/test/partners/northstar.yaml"


def test_an_environment_that_shares_store_and_inboxes_is_warned_of(tmp_path: Path) -> None:
    overlay = "destinations: {erp: {url: 'https://test.harbor.example/', production: false}}\n"
    home = write(tmp_path, SOUND | {f"environments/test/{G}": overlay})
    told = "share {}: where both run on one machine, each takes the other's payloads for its own; "
    code, out, _ = run("check", "--json", "--home", home)
    found = json.loads(out)["warnings"]
    assert code == 0, "on two machines it is right"
    assert [
        (one["file"], one["path"], one["message"]) for one in found if one["file"].endswith(G)
    ] == [
        (
            f"environments/test/{G}",
            path,
            "the environment 'test' and the files themselves "
            f"{told.format(what)}give it `{setting}`",
        )
        for path, what, setting in (
            ("store.url", "the store", "store: {url: …}"),
            ("folders.inbox", "inboxes", "folders: {inbox: …}"),
        )
    ]
    apart = "store: {url: 'sqlite:///state/test.db'}\nfolders: {inbox: test_inbox}\n"
    (home / "environments" / "test" / G).write_text(apart, encoding="utf-8")
    code, out, _ = run("check", "--json", "--home", home)
    assert (code, [one for one in json.loads(out)["warnings"] if "share" in one["message"]]) == (
        0,
        [],
    )
