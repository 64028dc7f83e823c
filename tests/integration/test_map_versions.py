"""Versions of maps: what documents remember, and translating again by one that is past."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway import resources
from gateway.app.opening import open_instance
from gateway.cli.init import write_instance
from gateway.config.versions import InForce
from gateway.pipeline.versions_port import VersionRecord, WantedVersion
from gateway.store import SqlStore, open_database
from tests.databases import sqlite_url
from tests.postgres import Postgres
from tests.unit.cli.test_instance import listed, run_once
from tests.unit.cli.test_validate import run

MAP = """map: tidewater-940
extends: base-940
fields: {{department: {{at: W0503}}, purchase_order_number: ~drop}}
tables: {{order_status: {{N: {word}}}}}
"""
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Make an instance whose ERP is a folder, and whose orders go by a map of its own."""
    home = tmp_path / "instance"
    write_instance(home, stable_for="50ms")
    settings = (home / "gateway.yaml").read_text()
    head = settings[: settings.index("destinations:")]
    folder = "{type: file, folder: out, production: true}"
    (home / "gateway.yaml").write_text(f"{head}destinations:\n  erp: {folder}\n")
    (home / "routes.yaml").write_text("mode: first_match\nrules:\n  - {name: all, to: erp}\n")
    partner = home / "partners" / "tidewater-supply.yaml"
    partner.write_text(partner.read_text().replace("base-940", "tidewater-940"))
    (home / "maps" / "tidewater").mkdir()
    change(home, "new")
    return home


def change(home: Path, word: str) -> None:
    (home / "maps" / "tidewater" / "940.map.yaml").write_text(MAP.format(word=word))


def versions(home: Path) -> list[dict[str, object]]:
    code, out, err = run("maps", "versions", "tidewater-940", "--json", "--home", home)
    assert code == 0, err
    found: list[dict[str, object]] = json.loads(out)
    return found


def retranslated(home: Path, id_: str, *options: str) -> tuple[int, str]:
    code, out, err = run("documents", "retranslate", id_, "--home", home, *options)
    return code, out + err


def status(home: Path, id_: str) -> str:
    code, out, _ = run("documents", "show", id_, "--canonical", "--home", home)
    assert code == 0
    return str(json.loads(out)["status"])


def received(home: Path) -> dict[str, str]:
    """Receive two orders, and return the first."""
    sample = resources.directory("samples") / "base" / "940-two-orders-and-a-cancellation.edi"
    inbox = next(home.rglob("tidewater-supply/in"))
    (inbox / "order.edi").write_bytes(sample.read_bytes())
    code, err = run_once(home)
    assert code == 0, err
    return next(one for one in listed(home) if one["control_number"] == "0001")


def test_a_document_is_translated_again_by_the_version_that_made_it(home: Path) -> None:
    first = received(home)
    [version] = versions(home)
    assert (first["map_hash"], version["documents"]) == (version["version"], 2)
    assert status(home, first["id"]) == "new"

    code, out, err = run("documents", "show", first["id"], "--trace", "--home", home)
    assert (code, err) == (0, "")
    assert re.search(r"/status +new +W0501 N +2 +180\+1 +base/940", out)

    change(home, "replace")
    code, out, err = run("documents", "show", first["id"], "--trace", "--home", home)
    assert (code, err) == (0, "the map has changed since: this is by the map of now\n")
    code, told = retranslated(home, first["id"])
    assert "goes to erp with other content" in told
    assert status(home, first["id"]) == "replace"
    newer, older = versions(home)
    assert (newer["documents"], older["documents"]) == (1, 1)
    _, out, _ = run("documents", "show", first["id"], "--home", home)
    assert f"tidewater-940 version {newer['version']}" in out
    assert run_once(home)[0] == 0

    old = str(older["version"])
    code, told = retranslated(home, first["id"], "--map-version", old[:8])
    assert "goes to erp with other content" in told
    assert status(home, first["id"]) == "new"
    assert next(one for one in listed(home) if one["id"] == first["id"])["map_hash"] == old
    # Asked again, it is the same content: the ERP gets nothing.
    code, told = retranslated(home, first["id"], "--map-version", old)
    assert (code, "translates to the same content" in told) == (0, True)

    code, told = retranslated(home, first["id"], "--map-version", "0000")
    assert code == 1
    assert "no version of map 'tidewater-940' begins with 0000: there is" in told
    assert old in told
    code, told = retranslated(home, first["id"], "--as-of", "2020-01-01")
    assert code == 1
    assert "no version of map 'tidewater-940' is kept from so early: there is" in told
    when = str(older["since"])
    _, told = retranslated(home, first["id"], "--as-of", when, "--dry-run")
    assert "translates to the same content" in told


def test_both_ways_to_name_a_version_at_once_are_refused(home: Path) -> None:
    code, told = retranslated(home, "x", "--as-of", "1d", "--map-version", "ab")
    assert code == 2
    assert "--as-of and --map-version name the same thing: expected one of them" in told


def test_what_does_not_change_a_map_makes_no_version(home: Path) -> None:
    with open_instance(home) as app:
        in_force = InForce(app.instance)
        before = {one.subject: one.hash for one in in_force.all()}
    text = (home / "maps" / "tidewater" / "940.map.yaml").read_text()
    (home / "maps" / "tidewater" / "940.map.yaml").write_text(f"# a remark\n{text}")
    (home / "tables").mkdir(exist_ok=True)
    with open_instance(home) as app:
        assert {one.subject: one.hash for one in InForce(app.instance).all()} == before
    # A table that no map names is no part of any.
    (home / "tables" / "words.table.yaml").write_text("table: words\ncodes: {A: b}\n")
    with open_instance(home) as app:
        assert {one.subject: one.hash for one in InForce(app.instance).all()} == before


@pytest.mark.parametrize(
    "naming",
    ["{at: W0503, table: words}", "{expr: \"status | lookup('words', 'to')\", read_only: true}"],
)
def test_a_shared_table_makes_versions_of_the_maps_that_name_it_and_of_no_others(
    home: Path, naming: str
) -> None:
    base = "map: tidewater\nextends: base-940\nfields: {department: " + naming + "}\n"
    (home / "maps" / "tidewater" / "base.map.yaml").write_text(base)
    over = "map: tidewater-940\nextends: tidewater\n"
    (home / "maps" / "tidewater" / "940.map.yaml").write_text(over)
    found = []
    for word in ("b", "c"):
        rows = f"rows: {{A: {{to: {word}}}}}\nword: to\nunknown: keep\n"
        (home / "tables").mkdir(exist_ok=True)
        (home / "tables" / "words.table.yaml").write_text(f"table: words\n{rows}")
        with open_instance(home) as app:
            found.append({one.subject: one for one in InForce(app.instance).all()})
    changed = {one for one, it in found[0].items() if it.hash != found[1][one].hash}
    assert changed == {one for one, it in found[0].items() if it.map == "tidewater-940"}
    assert len(found[0]) > len(changed) > 0


def test_only_what_translates_keeps_versions(home: Path) -> None:
    with open_instance(home) as app:
        assert app.operations.redeliver(["nothing"])
        assert app.operations.release(["nothing"])
        with app.store.transaction() as transaction:
            assert transaction.versions.listed() == []
        app.operations.retranslate(["nothing"])
        with app.store.transaction() as transaction:
            kept = transaction.versions.listed()
        assert {one.subject for one in kept} == {one.subject for one in InForce(app.instance).all()}


def version(subject: str, day: int, hash_: str) -> VersionRecord:
    since = START + timedelta(days=day)
    return VersionRecord(subject, since, hash_, "m", json.dumps({"map:m": f"content-{hash_}"}))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_versions_live_as_long_as_documents_need_them(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if kind == "sqlite":
        url = sqlite_url(tmp_path)
    else:
        server: Postgres = request.getfixturevalue("postgres_server")
        url = server.empty_database()
    store = SqlStore(open_database(url))
    contents = {f"content-{hash_}": hash_.encode() for hash_ in ("aa", "bb", "cc")}
    with store.transaction() as transaction:
        assert transaction.versions.keep([version("m 004010 -", 0, "aa")], contents) == 1
        assert transaction.versions.keep([version("m 004010 -", 1, "aa")], contents) == 0
        assert transaction.versions.keep([version("m 004010 -", 2, "bb")], contents) == 1
        assert transaction.versions.keep([version("m 004010 -", 3, "cc")], contents) == 1
        assert transaction.versions.keep([version("m 004010 -", 4, "aa")], contents) == 1
    with store.transaction() as transaction:
        found = transaction.versions.listed("m")
        assert [(one.hash, one.since.day) for one in found] == [
            ("aa", 1), ("bb", 3), ("cc", 4), ("aa", 5),
        ]  # fmt: skip
        assert transaction.versions.contents(["content-bb"]) == {"content-bb": b"bb"}
        chosen = WantedVersion(as_of=START + timedelta(days=2, hours=1)).choose(found, "m 004010 -")
        assert isinstance(chosen, VersionRecord)
        assert chosen.hash == "bb"
    with store.transaction() as transaction:
        # What is in force stays, however old, and with it what it was made of.
        assert transaction.versions.forget(START + timedelta(days=400)) == 3
        assert [one.hash for one in transaction.versions.listed()] == ["aa"]
        assert set(transaction.versions.contents(contents)) == {"content-aa"}
    store.close()
