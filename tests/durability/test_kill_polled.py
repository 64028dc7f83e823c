"""kill -9 between any two steps towards a partner's server loses nothing and doubles nothing.

The server runs in the test and kills the gateway at its n-th request: the request is answered, but
nobody is there to hear it. Each round has a new file to pick up, whose acknowledgment goes back.
"""

from __future__ import annotations

import os
import re
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from gateway import resources
from gateway.cli.receiver import Receiver
from tests import ftp_server, sftp_server
from tests.conformance.far_boxes import FarBox, far_box
from tests.databases import sqlite_url
from tests.durability.instance import KilledInstance

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
    ("sftp", "archive"): [
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
    ("sftp", "delete"): [*CLAIMED, ("remove", b".edi.claimed")],
    ("sftp", "leave"): [("open", b".edi"), ("close", b""), ("look", b".edi")],
    ("ftps", "archive"): [
        ("list", b"outbound"),
        ("open", b".edi"),
        ("rename", b".edi"),  # the claim
        ("mkdir", b""),
        ("rename", b".edi.claimed"),  # it is put away
        ("create", b".tmp"),
        ("write", b""),
        ("rename", b".tmp"),
    ],
    ("ftps", "delete"): [("remove", b".edi.claimed")],
    ("s3", "archive"): [
        ("open", b".edi"),
        ("rename", b".edi"),  # it is copied into the archive
        ("remove", b".edi"),
        ("create", b"inbound/"),
    ],
    ("s3", "delete"): [("remove", b".edi")],
}
"""Every request that a round makes over SFTP, in and out, by operation and a part of its path; over
others those that change something."""

READING = {"list", "look", "open", "read", "close", "rename_from"}
"""Requests that change nothing: over SFTP they are killed at all the same. Those that FTP makes of
its session have names in capitals."""

PASSWORDS = {"sftp": sftp_server.PASSWORD, "ftps": ftp_server.PASSWORD, "s3": ftp_server.PASSWORD}


@dataclass(frozen=True)
class Killed:
    """An instance, the partner's server, and what is asked of it."""

    instance: KilledInstance
    there: FarBox
    after: str


@pytest.fixture(params=REQUESTS, ids="-".join)
def killed(request: pytest.FixtureRequest, tmp_path: Path, erp: Receiver) -> Iterator[Killed]:
    kind, after = request.param
    with far_box(kind, tmp_path) as there:
        database = sqlite_url(tmp_path)
        made = KilledInstance.make(tmp_path / "home", database, erp)
        (made.home / "secrets" / "far").write_text(PASSWORDS[kind])
        secret = "secret_key" if kind == "s3" else "password"
        settings = {
            "connections": {"main": there.written | {secret: "${file:secrets/far}"}},
            "pick_up": [{"connection": "main", "folder": "/outbound", "after": after}],
            "send": {"connection": "main", "folder": "/inbound"},
        }
        file = made.home / "partners" / f"{PARTNER}.yaml"
        file.write_text(file.read_text() + yaml.safe_dump(settings))
        yield Killed(made, there, after)


def drop(there: FarBox, number: int) -> None:
    text = (resources.directory("samples") / SAMPLE).read_bytes()
    there.put(f"{number}.edi", text.replace(text[90:99], b"%09d" % (700_000_000 + number)))


def run_until(killed: Killed, operation: str, part: bytes) -> bool:
    """Run the program until the server gets a request; say whether it got it, and killed it."""
    process, faults = killed.instance.start(), killed.there.faults

    def kill(asked: str, path: bytes) -> None:
        if asked == operation and part in path:
            faults.before = None
            os.kill(process.pid, signal.SIGKILL)

    faults.before = kill
    _, said = process.communicate(timeout=120)
    faults.before = None
    assert "Traceback" not in said, said
    return process.returncode == -signal.SIGKILL


def test_a_kill_at_every_request_loses_and_doubles_nothing(killed: Killed) -> None:
    instance, there = killed.instance, killed.there
    requests = REQUESTS[there.transport, killed.after]
    for number, (operation, part) in enumerate(requests):
        drop(there, number)
        assert run_until(killed, operation, part), f"never came to {operation} {part!r}"
        assert instance.run_once() == 0
    rounds = len(requests)

    documents = instance.erp.documents
    assert len(documents) == rounds, "each under a key of its own"
    assert len({one.document_id for one in documents}) == rounds
    sent = list(there.everything("inbound").values())
    answered = Counter(found for one in sent for found in re.findall(rb"AK1\*[^~]+", one))
    assert len(sent) == rounds, "one acknowledgment for each"
    assert sum(answered.values()) == rounds
    assert len({one[90:99] for one in sent}) == rounds, "each under a number of its own"
    left = {name.rpartition("/")[2] for name in there.everything()}
    if there.claims:
        assert len(there.everything()) == len(left)
    else:  # what was copied and not yet removed is copied once more
        left = {name.replace(".2.edi", ".edi") for name in left}
    assert left == (set() if killed.after == "delete" else {f"{n}.edi" for n in range(rounds)})
    assert {one["delivery"] for one in instance.documents("in")} == {"delivered"}
    assert asked_in_vain(there) == set(), "a request that no round of any test kills at"


def asked_in_vain(there: FarBox) -> set[str]:
    """Return the operations that were asked for and are in no list of requests."""
    lists = [requests for (kind, _), requests in REQUESTS.items() if kind == there.transport]
    killed = {operation for requests in lists for operation, _ in requests}
    harmless = set() if there.transport == "sftp" else READING
    return {one for one in there.faults.counted if one.islower()} - killed - harmless
