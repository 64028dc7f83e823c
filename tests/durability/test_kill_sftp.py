"""kill -9 between any two steps towards a partner's SFTP server loses nothing and doubles nothing.

The server runs in the test and kills the gateway at its n-th request: the request is answered, but
nobody is there to hear it. Each round has a new file to pick up, whose acknowledgment goes back.
"""

from __future__ import annotations

import os
import re
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway import resources
from gateway.cli.receiver import Receiver
from tests.durability.instance import KilledInstance
from tests.sftp_server import PASSWORD, USER, SftpServer, fingerprint, sftp_server

pytestmark = pytest.mark.slow

PARTNER = "northstar-3pl"
SAMPLE = "northstar-3pl/945-parcels-by-third-party.edi"

CLAIMED = [
    ("rename", b".edi"),  # the claim
    ("look", b".edi.claimed"),  # is it as it was?
]
SENT = [
    ("create", b".tmp"),
    ("write", b""),
    ("fsync", b""),
    ("rename", b".tmp"),
    ("look", b"/inbound/"),
]
REQUESTS = {
    "archive": [
        ("list", b"outbound"),
        ("open", b".edi"),
        ("read", b""),
        ("close", b""),
        *CLAIMED,
        ("mkdir", b""),
        ("look", b"archive/"),  # is the name free?
        ("rename", b".edi.claimed"),  # it is put away
        *SENT,
    ],
    "delete": [*CLAIMED, ("remove", b".edi.claimed")],
    "leave": [("open", b".edi"), ("close", b""), ("look", b".edi")],
}
"""Every request that a round makes, in and out, by operation and a part of its path."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    with sftp_server(tmp_path / "partner") as running:
        (running.root / "outbound").mkdir()
        (running.root / "inbound").mkdir()
        yield running


@pytest.fixture(params=REQUESTS)
def killed(
    request: pytest.FixtureRequest, tmp_path: Path, server: SftpServer
) -> Iterator[KilledInstance]:
    erp = Receiver()
    erp.start()
    with closing(erp):
        database = f"sqlite:///{tmp_path / 'gateway.db'}"
        made = KilledInstance.make(tmp_path / "home", database, erp)
        (made.home / "secrets" / "sftp").write_text(PASSWORD)
        file = made.home / "partners" / f"{PARTNER}.yaml"
        file.write_text(
            file.read_text()
            + f"""
connections:
  main:
    type: sftp
    host: 127.0.0.1
    port: {server.port}
    user: {USER}
    password: "${{file:secrets/sftp}}"
    host_keys: ["{fingerprint()}"]
pick_up:
  - {{connection: main, folder: /outbound, after: {request.param}}}
send: {{connection: main, folder: /inbound}}
"""
        )
        yield made


def drop(server: SftpServer, number: int) -> None:
    text = (resources.directory("samples") / SAMPLE).read_bytes()
    text = text.replace(text[90:99], b"%09d" % (700_000_000 + number))
    (server.root / "outbound" / f"{number}.edi").write_bytes(text)


def run_until(killed: KilledInstance, server: SftpServer, operation: str, part: bytes) -> bool:
    """Run the program until the server gets a request; say whether it got it, and killed it."""
    process = killed.start()

    def kill(asked: str, path: bytes) -> None:
        if asked == operation and part in path:
            server.faults.before = None
            os.kill(process.pid, signal.SIGKILL)

    server.faults.before = kill
    _, said = process.communicate(timeout=120)
    server.faults.before = None
    assert "Traceback" not in said, said
    return process.returncode == -signal.SIGKILL


def test_a_kill_at_every_request_loses_and_doubles_nothing(
    killed: KilledInstance, server: SftpServer, request: pytest.FixtureRequest
) -> None:
    after = request.node.callspec.params["killed"]
    for number, (operation, part) in enumerate(REQUESTS[after]):
        drop(server, number)
        assert run_until(killed, server, operation, part), f"never came to {operation} {part!r}"
        assert killed.run_once() == 0
    rounds = len(REQUESTS[after])

    documents = killed.erp.documents
    assert len(documents) == rounds, "each under a key of its own"
    assert len({one.document_id for one in documents}) == rounds
    sent = [one.read_bytes() for one in (server.root / "inbound").iterdir()]
    answered = Counter(found for one in sent for found in re.findall(rb"AK1\*[^~]+", one))
    assert len(sent) == rounds, "one acknowledgment for each"
    assert sum(answered.values()) == rounds
    assert len({one[90:99] for one in sent}) == rounds, "each under a number of its own"
    left = sorted(one.name for one in (server.root / "outbound").rglob("*") if one.is_file())
    assert left == ([] if after == "delete" else sorted(f"{n}.edi" for n in range(rounds)))
    assert {one["delivery"] for one in killed.documents("in")} == {"delivered"}
