"""What a new instance holds besides what runs: the first command to try, maps to be copied."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.unit.cli.test_validate import run


def test_the_copy_command_that_init_prints_drops_one_sound_sample(tmp_path: Path) -> None:
    home = tmp_path / "new"
    code, _, err = run("init", home)
    assert code == 0
    [(sample, inbox)] = re.findall(r"^  cp (\S+) (\S+)$", err, re.MULTILINE)
    assert Path(sample).is_file(), "no pattern: beside each sample lies its acknowledgment"
    assert inbox == f"{home}/sftp_inbox/northstar-3pl/in/"
    assert Path(inbox).is_dir()
    assert run("validate", sample, "--home", home)[0] == 0


def test_the_examples_maps_are_the_instances_and_are_tested_once(tmp_path: Path) -> None:
    home = tmp_path / "new"
    assert run("init", home)[0] == 0
    listed = json.loads(run("maps", "list", "--json", "--home", home)[1])
    files = {row["map"]: row["file"] for row in listed}
    assert files["northstar-945"] == "maps/northstar-3pl/945.map.yaml"
    assert files["bluebird-850"] == "maps/bluebird-retail/850.map.yaml"
    assert files["base-945"] == "packaged:maps/base/945.map.yaml"
    code, out, _ = run("maps", "test", "northstar-945", "--home", home)
    assert code == 0
    assert "maps/northstar-3pl/945.test.yaml" in out
    assert "packaged:" not in out
    assert run("check", "--home", home)[0] == 0


def test_there_is_a_folder_for_certificates(tmp_path: Path) -> None:
    assert run("init", tmp_path / "new")[0] == 0
    assert (tmp_path / "new" / "certificates").is_dir()


def test_schemas_name_the_instances_own_tables_for_its_editors(tmp_path: Path) -> None:
    home = tmp_path / "new"
    assert run("init", home)[0] == 0
    for name in ("canonical/invoice-1.0.schema.json", "config/partner.schema.json"):
        assert "$schema" in json.loads((home / "schemas" / name).read_text("utf-8"))
    (home / "tables").mkdir()
    (home / "tables" / "own.table.yaml").write_text("table: own_words\ncodes: {A: one}\n")
    code, out, err = run("schemas", "--home", home)
    assert code == 0
    assert re.fullmatch(rf"✓ \d+ schemas in {home}/schemas\n", out)
    assert "schemas/canonical, one for each type" in err
    schema = json.loads((home / "schemas" / "config" / "map.schema.json").read_text("utf-8"))
    offered = schema["$defs"]["FieldSpec"]["properties"]["table"]["anyOf"][0]["anyOf"][0]["enum"]
    assert {"own_words", "unit"} <= set(offered)
    assert run("schemas", "--home", tmp_path / "none")[0] == 2
