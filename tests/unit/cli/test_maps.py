from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from gateway import yaml_source
from gateway.cli.init import write_instance
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


def write_tests(home: Path, expected: str) -> None:
    write_instance(home)
    (home / "maps" / "own.test.yaml").write_text(
        "map: base-940\n"
        "cases:\n"
        "  - name: a plain order\n"
        "    edi: W05*N*DO-1*PO1~N1*ST*SHOP*92*0042~LX*1~W01*10*EA**VN*SKU1~W76*10~\n"
        f"    {expected}\n"
    )


def test_the_packaged_maps_do_what_their_tests_expect() -> None:
    code, out, _ = run("maps", "test", "northstar-945", "bluebird-850")
    assert code == 0, out
    assert "quantities by store become an order for each store (read)" in out
    assert "base-940" not in out


def test_a_map_that_does_not_what_its_test_expects_exits_1_and_shows_the_difference(
    tmp_path: Path,
) -> None:
    write_tests(tmp_path / "new", "findings: [code_not_in_table /status]")
    code, out, _ = run("maps", "test", "base-940", "--home", tmp_path / "new")
    assert code == 1
    assert "  ✗ a plain order (read)" in out
    assert "      -code_not_in_table /status" in out
    code, out, _ = run("maps", "test", "base-940", "--json", "--home", tmp_path / "new")
    failed = [one for one in json.loads(out) if not one["passed"]]
    assert [(one["file"], one["case"]) for one in failed] == [
        ("maps/own.test.yaml", "a plain order")
    ]


def test_a_test_that_names_a_missing_file_exits_2_with_its_name(tmp_path: Path) -> None:
    write_tests(tmp_path / "new", "document: absent.json")
    code, _, err = run("maps", "test", "base-940", "--home", tmp_path / "new")
    assert code == 2
    assert "absent.json cannot be read: No such file or directory" in err


def test_a_map_without_tests_exits_1_and_says_how_to_write_one() -> None:
    assert run("maps", "test", "base-common") == (
        1,
        "",
        "There are no tests of map 'base-common': write a file that ends in .test.yaml below "
        "maps/, with `map: base-common` and `cases:` (docs/maps.md, section 13).\n",
    )


def test_tests_of_a_missing_map_exit_2_with_their_place_and_the_others_run(tmp_path: Path) -> None:
    write_tests(tmp_path / "new", "directions: [read]")
    stray = tmp_path / "new" / "maps" / "stray.test.yaml"
    stray.write_text("# nothing of this name\nmap: base-941\ncases: [{name: x, edi: W05*N~}]\n")
    code, out, err = run("maps", "test", "--home", tmp_path / "new")
    assert code == 2
    place = "maps/stray.test.yaml:2:1: map: there is no map 'base-941'"
    assert err.startswith(f"error: {place} (did you mean 'base-94")
    assert "  ✓ a plain order (read)" in out


def test_a_missing_sample_names_the_line_of_its_case_and_the_path_that_was_tried(
    tmp_path: Path,
) -> None:
    home = tmp_path / "new"
    write_tests(home, "document: expected/absent.json")
    assert run("maps", "test", "base-940", "--home", home)[2] == (
        "error: maps/own.test.yaml:5:5: cases[0].document: expected/absent.json cannot be read: "
        "No such file or directory; paths start at the folder of this file, "
        f"tried {home}/maps/expected/absent.json\n"
    )


def test_in_an_instance_its_own_tests_run_and_those_of_packaged_maps_where_asked_for(
    tmp_path: Path,
) -> None:
    home = tmp_path / "new"
    write_tests(home, "directions: [read]")
    code, out, _ = run("maps", "test", "--home", home)
    assert (code, "packaged:" in out) == (0, False)
    assert "  ✓ a plain order (read)" in out
    code, out, _ = run("maps", "test", "--all", "--home", home)
    assert (code, "packaged:maps/base/940.test.yaml" in out) == (0, True)
    shutil.rmtree(home / "maps")
    assert run("maps", "test", "--home", home) == (
        0,
        "",
        "There are no tests in maps/ of this instance: write a file that ends in .test.yaml "
        "(docs/maps.md, section 13). `--all` runs those of the packaged maps.\n",
    )


def test_documents_that_differ_are_renewed_once_somebody_says_that_they_are_right(
    tmp_path: Path,
) -> None:
    home = tmp_path / "new"
    write_tests(home, "document: first.json\n    directions: [read]")
    golden = home / "maps" / "first.json"
    golden.write_text('{"document": "shipment_order"}')
    asked = ("maps", "test", "base-940", "--home", home, "--update")
    code, out, err = run(*asked)
    assert code == 1
    assert '      +  "depositor_order_number": "DO-1",' in out
    assert err == (
        f"differs: {golden}\nerror: nothing is written: look at the differences, and say `--yes`\n"
    )
    assert golden.read_text() == '{"document": "shipment_order"}'
    code, _, err = run(*asked, "--yes")
    assert (code, err.splitlines()[1:]) == (0, ["✓ 1 file written", err.splitlines()[-1]])
    assert json.loads(golden.read_text())["depositor_order_number"] == "DO-1"
    code, _, err = run(*asked)
    assert (code, err) == (0, "There is nothing to write: no file's document differs.\n")


def test_what_cannot_be_renewed_is_said(tmp_path: Path) -> None:
    home = tmp_path / "new"
    write_tests(home, "document: '{}'\n    directions: [read]")
    assert run("maps", "test", "base-940", "--home", home, "--update", "--yes")[2] == (
        "'a plain order' has its document in the test's file: change it there.\n"
        "There is nothing to write: no file's document differs.\n"
    )
    assert run("maps", "test", "--update")[2] == (
        "error: whose tests? Those of an instance are renewed: `--home DIR`\n"
    )
    assert run("maps", "test", "--yes")[2] == "error: `--yes` answers what `--update` asks\n"


@pytest.mark.parametrize(
    ("given", "exits", "said"),
    [
        ("document: '{'", 1, "the case's document is not well-formed JSON: "),
        (
            f"document: '{'[' * 50_000}'",
            1,
            "the case's document is nested deeper than any document",
        ),
        ("document: {wrong: 1}", 2, "cases[0].document: "),
    ],
)
def test_a_case_that_cannot_be_read_is_said(
    given: str, exits: int, said: str, tmp_path: Path
) -> None:
    write_tests(tmp_path / "new", given)
    code, out, err = run("maps", "test", "base-940", "--home", tmp_path / "new")
    assert code == exits
    assert said in out + err


def test_inside_an_instance_its_folder_needs_no_naming(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tests(tmp_path / "here", "directions: [read]")
    write_instance(tmp_path / "there")
    (tmp_path / "here" / "maps" / "own.map.yaml").write_text("map: mine\n")
    monkeypatch.chdir(tmp_path / "here")
    assert "mine" in run("maps", "list")[1]
    assert "own.test.yaml" in run("maps", "test", "base-940")[1]
    assert run("maps", "show", "mine", "--resolved")[0] == 0
    assert run("maps", "show", "mine", "--home", tmp_path / "there")[0] == 2
    monkeypatch.setenv("GATEWAY_HOME", str(tmp_path / "there"))
    assert "mine" not in run("maps", "list")[1]


@pytest.mark.parametrize("command", [("validate",), ("ack",), ("translate", "--map", "base-940")])
def test_inside_an_instance_files_are_judged_by_it(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "broken"
    write_instance(home)
    (home / "routes.yaml").write_text("rules: none\n")
    monkeypatch.chdir(home)
    code, out, err = run(command[0], "-", *command[1:])
    assert code == 2
    assert "routes.yaml:1:1" in out + err


def test_check_reads_the_tests_beside_the_instances_maps(tmp_path: Path) -> None:
    write_tests(tmp_path / "new", "document: absent.json")
    tests = tmp_path / "new" / "maps" / "own.test.yaml"
    tests.write_text(tests.read_text().replace("base-940", "base-941"))
    code, out, _ = run("check", "--home", tmp_path / "new")
    assert code == 1
    assert "maps/own.test.yaml:1:1: map: there is no map 'base-941'" in out
    assert "maps/own.test.yaml:5:5: cases[0].document: absent.json cannot be read" in out
