"""`gateway connectors`, as a person uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway import config
from gateway.cli.init import write_instance
from tests.unit.cli.test_validate import run

GIVEN = {"PLAIN_REST_URL": "http://127.0.0.1:9/documents", "PLAIN_REST_TOKEN": "t0ken"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write_instance(tmp_path)
    return tmp_path


def test_a_connector_is_listed_shown_and_added(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in GIVEN:
        monkeypatch.delenv(name, raising=False)
    _, before, _ = run("connectors", "list", "--home", home, "--json")
    plain = {one["connector"]: one for one in json.loads(before)}["plain-rest"]
    assert (plain["added"], sorted(plain["needs"])) == (False, sorted(GIVEN))
    _, shown, _ = run("connectors", "show", "plain-rest", "--home", home)
    assert "destination plain-rest (http)" in shown
    assert "PLAIN_REST_TOKEN  bearer token of the calls (not set here)" in shown
    code, added, _ = run("connectors", "add", "plain-rest", "--home", home)
    assert code == 0
    assert "connectors/plain-rest is part of the instance" in added
    _, after, _ = run("connectors", "list", "--home", home, "--json")
    assert {one["connector"]: one["added"] for one in json.loads(after)}["plain-rest"]
    instance = config.load(home, GIVEN, maps_too=False)
    assert "plain-rest" in instance.settings.destinations
    assert instance.warnings[0].message == (
        "'everything else is a test' takes every document; no rule after it is ever asked"
    )


def test_what_is_only_warned_of_is_marked_so_and_counted(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    run("connectors", "add", "plain-rest", "--home", home)
    code, said, _ = run("check", "--home", home)
    warned, fine = said.splitlines()
    assert code == 0
    assert warned == (
        "routes.yaml:8:5: warning: rules[1]: 'everything else is a test' takes every document; "
        "no rule after it is ever asked"
    )
    assert fine.startswith("✓ no errors, 1 warning: 3 partners, ")


def test_exports_next_documents_and_the_page_of_a_connector_are_told(home: Path) -> None:
    _, shown, _ = run("connectors", "show", "sap-odata", "--home", home)
    assert "next document sap-acknowledge, once sap-orders has it" in shown
    assert "export invoices, to be extended: connectors/sap-odata/exports/invoices.yaml\n" in shown
    _, added, _ = run("connectors", "add", "sap-odata", "--home", home)
    assert "Its exports (deliveries.yaml, invoices.yaml) run once a file in exports/" in added
    assert "connectors/sap-odata/README.md says what must be set on both sides.\n" in added


def test_a_connector_is_added_once(home: Path) -> None:
    run("connectors", "add", "plain-rest", "--home", home)
    assert run("connectors", "add", "plain-rest", "--home", home) == (
        2,
        "",
        "error: connectors/plain-rest is there already; remove the folder to begin again\n",
    )


def test_one_that_is_not_there_is_told_with_the_nearest(home: Path) -> None:
    code, _, told = run("connectors", "show", "plain-rst", "--home", home)
    assert code == 2
    assert told.startswith(
        "error: there is no connector 'plain-rst' (did you mean 'plain-rest'?); there is "
    )


def test_nothing_is_added_to_a_folder_that_is_no_instance(tmp_path: Path) -> None:
    code, _, told = run("connectors", "add", "plain-rest", "--home", tmp_path)
    assert code == 2
    assert "`gateway init` makes an instance" in told


def test_every_connector_of_the_product_is_sound(home: Path) -> None:
    listed = json.loads(run("connectors", "list", "--home", home, "--json")[1])
    needs: dict[str, str] = {}
    for one in listed:
        assert run("connectors", "add", one["connector"], "--home", home)[0] == 0
        needs |= dict.fromkeys(one["needs"], "http://127.0.0.1:9/x")
    assert listed
    instance = config.load(home, needs, maps_too=False)
    assert instance.missing_secrets == ()
