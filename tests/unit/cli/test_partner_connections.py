"""`gateway partners trust-host` and `looks`, and `run --once` over folders at partners."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.erp import instance_of, receiving
from tests.sftp_server import (
    OTHER_HOST_KEY,
    PASSWORD,
    USER,
    SftpServer,
    fingerprint,
    public_key,
    sftp_server,
)
from tests.unit.cli.test_instance import listed, run_once
from tests.unit.cli.test_validate import run

PARTNER = "northstar-3pl"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    with sftp_server(tmp_path / "partner") as running:
        (running.root / "outbound").mkdir()
        (running.root / "inbound").mkdir()
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    with receiving() as erp:
        made = instance_of(erp, tmp_path / "edi")
        (made / "secrets" / "sftp").write_text(PASSWORD)
        yield made


def connect(home: Path, server: SftpServer, pins: str, more: str = "") -> None:
    """Let the partner's payloads be picked up and put on its server."""
    file = home / "partners" / f"{PARTNER}.yaml"
    original = home / "original.yaml"
    if not original.exists():
        shutil.copy(file, original)
    connections = f"""
connections:
  main:
    type: sftp
    host: 127.0.0.1
    port: {server.port}
    user: {USER}
    password: "${{file:secrets/sftp}}"
    host_keys: {pins}
pick_up:
  - {{connection: main, folder: /outbound}}
send: {{connection: main, folder: /inbound}}
{more}"""
    file.write_text(original.read_text() + connections)


def drop(home: Path, server: SftpServer) -> None:
    sample = home / "samples" / PARTNER / "945-parcels-by-third-party.edi"
    shutil.copy(sample, server.root / "outbound")


def test_a_new_partner_is_trusted_and_its_payloads_come_and_go(
    home: Path, server: SftpServer
) -> None:
    connect(home, server, "[]")
    code, out, said = run("partners", "trust-host", PARTNER, "--home", home)
    assert code == 0
    assert out == f'host_keys: ["{public_key()}"]\n'
    assert f"127.0.0.1:{server.port} shows {fingerprint()}" in " ".join(said.split())
    assert server.faults.logins == 0
    connect(home, server, out.strip().removeprefix("host_keys: "))
    assert run("check", "--home", home)[0] == 0
    drop(home, server)
    code, err = run_once(home)
    assert code == 0, err
    assert [(one["partner"], one["delivery"]) for one in listed(home)] == [(PARTNER, "delivered")]
    assert [one.name[:3] for one in (server.root / "inbound").iterdir()] == ["997"]
    assert [one.name for one in (server.root / "outbound").glob("*.edi*")] == []
    assert len(list((server.root / "outbound" / "archive").iterdir())) == 1
    code, out, _ = run("partners", "looks", "--json", "--home", home)
    (look,) = json.loads(out)
    assert (code, look["folder"], look["fault"]) == (0, f"{PARTNER}/main:/outbound", "")


def test_a_pinned_key_is_said_to_be_pinned(home: Path, server: SftpServer) -> None:
    connect(home, server, f'["{fingerprint()}"]')
    code, out, said = run("partners", "trust-host", PARTNER, "main", "--home", home)
    assert (code, out) == (0, "")
    assert "pinned already" in said


def test_a_new_key_is_printed_beside_the_old_one(home: Path, server: SftpServer) -> None:
    connect(home, server, f'["{fingerprint(OTHER_HOST_KEY)}"]')
    code, out, said = run("partners", "trust-host", PARTNER, "--home", home)
    assert (code, out) == (
        0,
        f'host_keys: ["{fingerprint(OTHER_HOST_KEY)}", "{public_key()}"]\n',
    )
    assert "Another key is pinned. Remove the old one when it is used no more." in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nobody"], "error: there is no partner 'nobody'\n"),
        (
            [PARTNER, "old"],
            "error: expected one of the SFTP connections of 'northstar-3pl': main\n",
        ),
        (
            ["bluebird-retail"],
            "error: expected one of the SFTP connections of 'bluebird-retail': none\n",
        ),
    ],
)
def test_a_connection_that_is_not_there_is_said(
    home: Path, server: SftpServer, words: list[str], said: str
) -> None:
    connect(home, server, "[]")
    code, _, err = run("partners", "trust-host", *words, "--home", home)
    assert (code, err) == (2, said)


def test_one_partner_that_cannot_be_reached_stops_no_other_and_is_named(
    home: Path, server: SftpServer
) -> None:
    connect(home, server, f'["{fingerprint(OTHER_HOST_KEY)}"]')
    sample = home / "samples" / PARTNER / "945-parcels-by-third-party.edi"
    shutil.copy(sample, home / "sftp_inbox" / PARTNER / "in")
    code, err = run_once(home)
    assert code == 0
    assert "left for later: northstar-3pl/main:/outbound: 127.0.0.1" in " ".join(err.split())
    assert "and another one is pinned: nothing was sent" in " ".join(err.split())
    assert [one["delivery"] for one in listed(home)] == ["delivered"]
    _, out, _ = run("partners", "looks", "--home", home)
    assert "another one is pinned" in " ".join(out.split())
