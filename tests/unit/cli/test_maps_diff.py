"""`gateway maps diff`: every kind of side, files and the store, one process and several."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gateway import resources
from gateway.cli import many_at_once
from gateway.cli.init import write_instance
from gateway.cli.receiver import Receiver
from tests.benchmarks.documents import interchanges
from tests.erp import instance_of
from tests.unit.cli.edi import ACK_ONLY, SOUND_940
from tests.unit.cli.test_instance import run_once
from tests.unit.cli.test_validate import run

DRAFT = "map: acme-940\nextends: base-940\n"
CASES = DRAFT + "tables: {unit: {codes: {EA: single}}}\n"
SAMPLE = resources.directory("samples") / "outbound" / "northstar-3pl" / "940-two-lamps.json"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without an instance, with one order."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "order.edi").write_bytes(SOUND_940)
    return tmp_path


def differences(*arguments: object, code: int = 1) -> Any:
    exited, out, err = run("maps", "diff", *arguments, "--json")
    assert (exited, err) == (code, "")
    return json.loads(out)


def fields(found: Any) -> list[tuple[str, str, int, str, str]]:
    return [
        (one["field"], one["kind"], one["documents"], value["before"], value["after"])
        for one in found["differences"]
        for value in one["values"]
    ]


UNIT = ("lines[].unit", "changed", 1, "'each'", "'single'")


def test_a_file_against_a_file(here: Path) -> None:
    (here / "old.map.yaml").write_text(DRAFT)
    (here / "new.map.yaml").write_text(CASES)
    assert run("maps", "diff", "old.map.yaml", "new.map.yaml", "order.edi") == (
        1,
        "lines[].unit  changed  in 1 document\n"
        "    'each' → 'single'  ×1  DO-1 (order.edi, set 0001)\n"
        "1 of 1 document changes  old.map.yaml → new.map.yaml\n",
        "",
    )
    assert run("maps", "diff", "old.map.yaml", "base-940", "order.edi") == (
        0,
        "✓ none of 1 document changes  old.map.yaml → base-940\n",
        "",
    )


def test_a_name_against_a_folder_of_maps_and_tables(here: Path) -> None:
    (here / "drafts").mkdir()
    (here / "drafts" / "940.map.yaml").write_text(CASES.replace("acme-940", "base-940-next"))
    assert fields(differences("base-940", "drafts:base-940-next", "order.edi")) == [UNIT]
    (here / "drafts" / "940.map.yaml").write_text("map: acme\nextends: base-940\n")
    assert differences("base-940", "drafts", "order.edi", code=0)["documents"] == 1


def test_an_instance_against_another_folder_by_the_agreements_of_each(here: Path) -> None:
    for name in ("one", "two"):
        write_instance(here / name)
    partner = here / "two" / "partners" / "northstar-3pl.yaml"
    partner.write_text(partner.read_text().replace("map: northstar-945", "map: base-945"))
    samples = here / "two" / "samples" / "northstar-3pl"
    found = differences("one", "two", samples, "--home", "one")
    assert {"old": "northstar-945", "new": "base-945", "documents": 5} in found["maps"]
    kinds = {(field, kind) for field, kind, *_ in fields(found)}
    assert ("depositor_order_number", "changed") in kinds
    assert ("charges[].amount", "error now") in kinds
    assert found["refused_now"] == found["translated_now"] == 1


def test_a_revision_of_the_instance_against_what_it_is_now(here: Path) -> None:
    home = here / "edi"
    write_instance(home)
    own = home / "maps" / "acme" / "940.map.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(DRAFT)
    git = ["git", "-C", str(here), "-c", "user.name=n", "-c", "user.email=e@example.com"]
    for command in (["init", "-q"], ["add", "edi"], ["commit", "-qm", "as it was"]):
        subprocess.run([*git, *command], check=True)
    own.write_text(CASES)
    for side in ("HEAD", "HEAD:acme-940"):
        found = differences(side, "acme-940", "order.edi", "--home", home)
        assert fields(found) == [UNIT]
    # Northstar sends no 940: no agreement names a map, and there are two of the instance's own.
    code, _, err = run("maps", "diff", "HEAD", home, "order.edi", "--home", home)
    assert code == 0
    assert err.startswith("not compared: 1 × set 940: no agreement says which of acme-940, ")
    assert run("maps", "diff", "HEAD~7", "acme-940", "order.edi", "--home", home) == (
        2,
        "",
        f"error: 'HEAD~7' is no map, no file, no folder, and no git revision of {home}\n",
    )


def test_a_document_is_written_by_both(here: Path) -> None:
    (here / "new.map.yaml").write_text(
        "map: acme-940\nextends: base-940\ntables: {unit: {codes: {CA: ~drop}, write: {}}}\n"
        "constants: {W0505: ZZ}\n"
    )
    code, out, _ = run("translate", "order.edi", "--map", "base-940")
    assert code == 0
    (here / "order.json").write_text(out)
    found = differences("base-940", "new.map.yaml", "order.json")
    assert fields(found) == [("W0505", "appeared", 1, "", "'ZZ'")]
    assert found["differences"][0]["values"][0]["examples"] == ["order.json"]


def test_what_cannot_be_compared_is_counted_and_acknowledgments_are_not(here: Path) -> None:
    (here / "ack.edi").write_bytes(ACK_ONLY)
    (here / "old.edi").write_bytes(SOUND_940.replace(b"*X*004010~", b"*X*9~"))
    (here / "text.edi").write_bytes(b"nothing of the kind")
    write_instance(here / "edi")
    code, out, err = run(
        "maps", "diff", "edi", "edi", "ack.edi", "old.edi", "text.edi", "order.edi"
    )
    assert code == 0
    assert out == ""
    assert err == (
        "not compared: 2 × set 940: no agreement says which of bluebird-940, northstar-940\n"
        "not compared: 1 × text.edi is no X12: No ISA segment was found in 19 bytes.\n"
        "Nothing was compared: no document is of a set that these maps are for.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["base-94", "base-940", "order.edi"], "'base-94' is no map (did you mean 'base-9"),
        (["base-940", "base-945"], "what is to be translated? Name files or folders, or an "),
        (["base-940", "base-945", "order.edi", "--since", "1d"], "--since chooses among what "),
        (["base-940", "base-945", "order.edi", "--partner", "me"], "there is no partner 'me'"),
        (["base-940", "wrong.map.yaml", "order.edi"], "wrong.map.yaml: wrong.map.yaml:2:1: "),
        (["base-940", "order.edi", "order.edi"], "order.edi is no map file: it has no `map:`"),
        (["base-940", "base-945", "absent.edi"], "absent.edi cannot be read: No such file"),
        ([".:base-49", "base-945", "order.edi"], "there is no map 'base-49' (did you mean "),
        (["--", "--upload-pack=x", "base-945", "order.edi"], "'--upload-pack=x' is no map, "),
    ],
)
def test_misuse_exits_2_with_a_sentence(here: Path, arguments: list[str], said: str) -> None:
    (here / "wrong.map.yaml").write_text("map: acme-940\nextends: base-904\n")
    code, out, err = run("maps", "diff", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {said}")


def test_several_processes_count_what_one_counts(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_at_once, "WORTH_IT", 50_000)
    payloads = list(interchanges(100))
    whole = b"".join(payloads[:80])
    assert len(whole) > many_at_once.WORTH_IT  # so that both share it
    (here / "whole.edi").write_bytes(whole)
    for index, payload in enumerate(payloads[80:]):
        (here / f"small-{index}.edi").write_bytes(payload)
    (here / "new.map.yaml").write_text(CASES)
    alone = differences("base-940", "new.map.yaml", here, "--jobs", "1")
    shared = differences("base-940", "new.map.yaml", here, "--jobs", "2")
    assert shared["documents"] == alone["documents"] == 26
    for found in (alone, shared):
        for value in found["differences"][0]["values"]:
            value["examples"] = len(value["examples"])  # which of many is named may differ
    assert shared == alone


def test_a_map_that_breaks_in_every_process_is_told_as_one_error(here: Path) -> None:
    for name, text in (("a", DRAFT), ("b", DRAFT + "fields: {nothing: W0501}\n")):
        (here / name / "maps").mkdir(parents=True)
        (here / name / "maps" / "940.map.yaml").write_text(text)
    for jobs in ("1", "2"):
        code, out, err = run("maps", "diff", "a", "b", "order.edi", "--jobs", jobs)
        assert (code, out) == (2, "")
        assert err == (
            "error: b: maps/940.map.yaml:3:10: nothing: the document's model has no field "
            "'nothing'\n"
        )


def test_what_the_instance_holds_is_read_and_written_again(erp: Receiver, here: Path) -> None:
    home = instance_of(erp, here / "edi")
    names = ("945-parcels-by-third-party", "945-invalid-item-missing", "945-invalid-licence-plate")
    for name in names:
        sample = home / "samples" / "northstar-3pl" / f"{name}.edi"
        shutil.copy(sample, home / "sftp_inbox" / "northstar-3pl" / "in")
    assert run("send", SAMPLE, "--partner", "northstar-3pl", "--home", home)[0] == 0
    assert run_once(home)[0] == 0
    shutil.copytree(home, here / "next")
    for path, what, instead in (
        ("945.map.yaml", "CS: case", "CS: box"),
        ("945.map.yaml", "write: {case: CS}", "write: {box: CS}"),
        ("940.map.yaml", "map: northstar-940", "map: northstar-940\nconstants: {W0505: ZZ}"),
    ):
        changed = here / "next" / "maps" / "northstar-3pl" / path
        changed.write_text(changed.read_text().replace(what, instead))
    found = differences(home, here / "next", "--home", home)
    # Of the four that came in, one was rejected; the one that went out is written again.
    assert (found["documents"], found["changed"]) == (4, 2)
    assert fields(found) == [
        ("lines[].items[].unit", "changed", 1, "'case'", "'box'"),
        ("W0505", "appeared", 1, "", "'ZZ'"),
    ]
    [example] = found["differences"][0]["values"][0]["examples"]
    assert example.startswith("HG-200417 (")
    for narrowed in (["--partner", "bluebird-retail"], ["--since", "2999-01-01"]):
        code, out, err = run("maps", "diff", home, here / "next", "--home", home, *narrowed)
        assert (code, out) == (0, "")
        assert err.startswith("Nothing was compared")
    _, out, _ = run("maps", "diff", home, here / "next", "--home", home, "--limit", "1", "--json")
    assert json.loads(out)["documents"] <= 1  # none where the newest was rejected
