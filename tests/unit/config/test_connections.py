"""Connections, what is picked up and what is sent: what `gateway check` says of a partner file."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway import config
from gateway.errors import ConfigProblems
from tests.unit.config.instances import write
from tests.unit.config.test_broken import SOUND, P

KEY = "SHA256:" + "A" * 43
LINES = SOUND[P].count("\n")
CONNECTIONS = f"""\
connections:
  main:
    type: sftp
    host: sftp.northstar.example
    user: harbor
    key: ${{file:secrets/northstar-key}}
    host_keys: ["{KEY}"]
  old:
    type: sftp
    host: 192.0.2.7
    user: ${{env:OLD_USER}}
    password: ${{env:OLD_PASSWORD}}
    host_keys: ["{KEY}", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ"]
    via: main
    quiet:
      - {{from: "22:30", until: "04:00", days: [sat, sun], timezone: America/Chicago}}
pick_up:
  - connection: main
    folder: /outbound
    every: 5m
    after: rename
  - connection: old
send: {{connection: main, folder: /inbound}}
"""


def _load(home: Path, old: str = "", new: str = "") -> config.Instance:
    assert old in CONNECTIONS
    write(home, SOUND | {P: SOUND[P] + CONNECTIONS.replace(old, new, 1)})
    (home / "secrets").mkdir()
    (home / "secrets" / "northstar-key").write_text("k")
    return config.load(home, {"OLD_USER": "u", "OLD_PASSWORD": "p"}, maps_too=False)


def test_connections_are_read_with_what_is_picked_up_and_sent(tmp_path: Path) -> None:
    partner = _load(tmp_path).partners["northstar"]
    assert partner.connections["main"].address == "sftp.northstar.example:22"
    assert [one.folder for one in partner.pick_up] == ["/outbound", "."]
    assert partner.pick_up[0].every.total_seconds() == 300
    assert partner.send is not None
    assert partner.send.folder == "/inbound"


BROKEN = [
    (
        "an unknown connection",
        "  - connection: old",
        "  - connection: mian",
        "22:5: pick_up[1].connection: there is no connection 'mian' (did you mean 'main'?)",
    ),
    (
        "a host name with an empty part",
        "host: sftp.northstar.example",
        "host: sftp..northstar.example",
        "4:5: connections.main.host: 'sftp..northstar.example' does not fit; expected a host name "
        "or an IP address",
    ),
    (
        "a host name with a part that is too long",
        "host: sftp.northstar.example",
        f"host: {'s' * 64}.example",
        f"4:5: connections.main.host: '{'s' * 40}...' does not fit; expected a host name or an IP "
        "address",
    ),
    (
        "an unknown connection to send through",
        "send: {connection: main",
        "send: {connection: olde",
        "23:8: send.connection: there is no connection 'olde' (did you mean 'old'?)",
    ),
    (
        "an unknown jump host",
        "via: main",
        "via: edge",
        "14:5: connections.old.via: there is no connection 'edge'",
    ),
    (
        "a jump host behind itself",
        "via: main",
        "via: old",
        "14:5: connections.old.via: the way over 'old' leads back here",
    ),
    (
        "a secret written out",
        "password: ${env:OLD_PASSWORD}",
        "password: hunter2",
        "12:5: connections.old.password: a secret is written here by its reference only; "
        "expected ${env:NAME} or ${file:PATH}",
    ),
    (
        "nothing to log in with",
        "    key: ${file:secrets/northstar-key}\n",
        "",
        "2:3: connections.main: expected 'key' or 'password': nobody can log in without one",
    ),
    (
        "a host key that is none",
        f'["{KEY}"]',
        "[MD5:00]",
        "7:17: connections.main.host_keys[0]: 'MD5:00' does not fit; expected a fingerprint "
        "(SHA256:...) or a public key (ssh-ed25519 AAAA...)",
    ),
    (
        "an algorithm that nobody knows",
        "via: main",
        "legacy_algorithms: [hmac-sha]",
        "14:25: connections.old.legacy_algorithms[0]: 'hmac-sha' does not fit; expected "
        "'3des-cbc', 'aes128-cbc', 'aes192-cbc', 'aes256-cbc', 'hmac-md5', 'hmac-md5-96', "
        "'hmac-sha1' or 'hmac-sha1-96' (did you mean 'hmac-sha1'?)",
    ),
    (
        "our own files would come back",
        "folder: /inbound",
        "folder: /outbound/",
        "23:26: send.folder: '/outbound/' is looked through by pick_up[0]: "
        "our own files would come back",
    ),
    (
        "one folder twice",
        "  - connection: old",
        "  - {connection: main, folder: /outbound}",
        "22:24: pick_up[1].folder: '/outbound' is looked through by pick_up[0] already",
    ),
    (
        "two files of one name",
        "after: rename",
        'rename: "{stem}.done"',
        "21:5: pick_up[0].rename: '{stem}.done' gives two files one name; expected {name} in it",
    ),
    (
        "an archive that is looked through",
        "after: rename",
        "archive: /outbound/",
        "18:5: pick_up[0]: 'archive' is the folder itself; expected another one",
    ),
    (
        "a time zone that is none",
        "America/Chicago",
        "America/Chicag",
        "16:59: connections.old.quiet[0].timezone: 'America/Chicag' is no time zone; "
        "expected America/Chicago",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "line"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN]
)
def test_what_does_not_fit_is_placed_and_said(
    tmp_path: Path, old: str, new: str, line: str
) -> None:
    with pytest.raises(ConfigProblems) as refused:
        _load(tmp_path, old, new)
    row, rest = line.split(":", 1)
    assert str(refused.value) == f"{P}:{int(row) + LINES}:{rest}"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            "access_key: a",
            "nothing says who we are; expected `access_key` and `secret_key`, "
            "or `credentials: ambient` where the machine has a role",
        ),
        (
            "credentials: ambient, access_key: a, secret_key: '${env:OLD_PASSWORD}'",
            "`credentials: ambient` takes those of the machine; expected neither `access_key` nor "
            "`secret_key` beside it",
        ),
    ],
)
def test_a_bucket_has_keys_or_those_of_the_machine_and_not_both(
    tmp_path: Path, keys: str, message: str
) -> None:
    with pytest.raises(ConfigProblems) as refused:
        _load(tmp_path, "  old:", f"  lake: {{type: s3, bucket: lake-of-edi, {keys}}}\n  old:")
    assert str(refused.value) == f"{P}:{LINES + 8}:3: connections.lake: {message}"


def test_missing_secrets_are_warnings_until_the_gateway_runs(tmp_path: Path) -> None:
    instance = _load(tmp_path, "${env:OLD_USER}", "${env:NOBODY}")
    (missing,) = instance.missing_secrets
    assert str(missing) == (
        f"{P}:{LINES + 11}:5: connections.old.user: environment variable NOBODY is not set"
    )


def test_a_connection_without_a_pinned_host_key_is_warned_of(tmp_path: Path) -> None:
    instance = _load(tmp_path, f'    host_keys: ["{KEY}"]\n', "")
    (warning,) = (one for one in instance.warnings if "host_keys" in one.path)
    assert warning.message == (
        "no host key is pinned, so nothing is connected to; "
        "`gateway partners trust-host northstar main` prints the line to write"
    )
