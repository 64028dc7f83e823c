"""`gateway as2`: certificates, a test message, a file sent by hand, to a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from structlog.testing import capture_logs
from typer.testing import CliRunner

from gateway.as2 import Profile
from gateway.cli import app
from gateway.cli.init import write_instance
from gateway.clock import utc_now
from tests.as2_desk import As2Desk, as2_desk, party
from tests.as2_instance import with_as2
from tests.as2_peers import OURS, THEIRS, our_keys, signing_key
from tests.integration.test_http_in import free_port
from tests.unit.cli.test_validate import run

PARTNER = "northstar-3pl"
PEER = Profile(OURS, THEIRS)


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    exit_code: int
    stdout: str
    stderr: str


def _run(*words: str) -> Said:
    return Said(*run(*words))


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[As2Desk]:
    """The partner's side, which is ACME here."""
    folder = tmp_path / "peer"
    folder.mkdir()
    # It runs in this process, and what it logs is not the command's.
    with capture_logs(), as2_desk(folder, [party(PEER, our_keys())], utc_now()) as desk:
        yield desk


@pytest.fixture
def home(tmp_path: Path, peer: As2Desk) -> Path:
    home = tmp_path / "instance"
    write_instance(home, port=1)
    with_as2(home, PARTNER, port=free_port(), url=peer.url)
    return home


def _pem(home: Path, name: str, *others: str, days: int) -> None:
    ends = (utc_now() + timedelta(days=days)).replace(microsecond=0)
    keys = [signing_key(name, end=ends), *(signing_key(other) for other in others)]
    pem = b"".join(key.certificate.x509.public_bytes(Encoding.PEM) for key in keys)
    (home / "certificates" / f"{name}.pem").write_bytes(pem)


def test_certificates_are_listed_with_what_they_are_used_for(home: Path) -> None:
    result = _run("as2", "certs", "--home", str(home), "--json")
    assert result.exit_code == 0, result
    ours, theirs = json.loads(result.stdout)
    assert (ours["whose"], ours["used_for"]) == ("ours", "signs, decrypts")
    assert (theirs["whose"], theirs["used_for"]) == (f"{PARTNER}/as2", "encrypts, verifies")
    assert theirs["fingerprint"] == signing_key("acme").certificate.fingerprint
    shown = _run("as2", "certs", "--home", str(home))
    assert theirs["fingerprint"][:40] in shown.stdout.replace("\n", "")


def test_a_fingerprint_is_whole_on_its_line_or_broken_between_two_bytes(
    home: Path,
) -> None:
    fingerprint = signing_key("acme").certificate.fingerprint
    lines = [line.strip() for line in _run("as2", "certs", "--home", str(home)).stdout.splitlines()]
    assert fingerprint in lines
    narrow = CliRunner(env={"COLUMNS": "80"})
    shown = narrow.invoke(app, ["as2", "certs", "--home", str(home)]).stdout
    lines = [line.strip() for line in shown.splitlines()]
    at = lines.index(f"{PARTNER}/as2, CN=acme") + 1
    assert lines[at : at + 2] == [fingerprint[:48], fingerprint[48:]]
    assert max(map(len, lines)) <= 80


def test_a_certificate_that_ends_with_nothing_to_take_over_is_announced(home: Path) -> None:
    _pem(home, "acme", days=20)
    result = _run("as2", "certs", "--home", str(home))
    assert result.exit_code == 1
    assert f"{PARTNER}/as2: CN=acme ends on " in result.stderr


def test_a_certificate_that_another_takes_over_from_is_nothing_urgent(home: Path) -> None:
    _pem(home, "acme", "acme-next", days=20)
    result = _run("as2", "certs", "--home", str(home), "--json")
    assert result.exit_code == 0
    _, old, new = json.loads(result.stdout)
    # Both begin on the same day: the one that ends later is the newer one.
    assert (old["used_for"], new["used_for"]) == ("verifies", "encrypts, verifies")


def test_a_ping_says_what_came_back_at_each_step(home: Path, peer: As2Desk) -> None:
    result = _run("as2", "ping", PARTNER, "--home", str(home))
    assert result.exit_code == 0, result
    lines = result.stdout.splitlines()
    assert [line.split()[2] for line in lines] == ["name", "port", "keys", "post", "receipt", "MIC"]
    assert "signed with sha-256 by CN=retail" in lines[2]
    assert "encrypted with aes-256-cbc for CN=acme" in lines[2]
    assert f"processed, signed by {signing_key('acme').certificate.fingerprint}" in lines[4]
    [kept] = peer.kept
    assert kept.startswith(b"This is a test of the AS2 connection")


def test_a_ping_that_is_refused_says_what_to_do(home: Path, peer: As2Desk) -> None:
    _pem(home, "acme", days=400)
    (home / "certificates" / "acme.pem").write_bytes(
        signing_key("acme-next").certificate.x509.public_bytes(Encoding.PEM)
    )
    result = _run("as2", "ping", PARTNER, "--home", str(home))
    assert result.exit_code == 1
    # The partner cannot read it, and its own signature is of a key that is not pinned here.
    assert "does not verify with any of the partner's 1 valid certificates" in result.stdout
    assert peer.kept == []


def test_a_file_is_sent_once_unless_it_is_to_go_anew(
    home: Path, peer: As2Desk, tmp_path: Path
) -> None:
    file = tmp_path / "order.edi"
    file.write_bytes(b"ISA*any bytes\r\n")
    for options in ([], [], ["--anew"]):
        result = _run("as2", "send", PARTNER, str(file), "--home", str(home), *options)
        assert (result.exit_code, result.stdout) == (0, "MDN: processed\n"), result
    assert peer.kept == [b"ISA*any bytes\r\n"] * 2


def test_a_partner_that_says_no_is_told_with_an_exit_code(
    tmp_path: Path, home: Path, peer: As2Desk
) -> None:
    file = tmp_path / "empty.edi"
    file.write_bytes(b"")
    result = _run("as2", "send", PARTNER, str(file), "--home", str(home))
    assert result.exit_code == 1
    assert "its MDN says: processed/error: unexpected-processing-error" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ping", "nobody"], "there is no partner 'nobody'"),
        (
            ["ping", "tidewater-supply"],
            "'tidewater-supply' has these AS2 connections: none; name one with --connection",
        ),
    ],
)
def test_who_has_no_as2_is_said(home: Path, words: list[str], said: str) -> None:
    result = _run("as2", *words, "--home", str(home))
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_trial_of_the_partner_includes_the_test_message(home: Path, peer: As2Desk) -> None:
    result = _run("partners", "test", PARTNER, "--home", str(home), "--json")
    steps = [one for one in json.loads(result.stdout) if one["connection"] == "as2"]
    assert [one["step"] for one in steps] == ["name", "port", "keys", "post", "receipt", "MIC"]
    assert len(peer.kept) == 1
    _run("partners", "test", PARTNER, "--home", str(home), "--read-only")
    assert len(peer.kept) == 1
