"""kill -9 while a partner posts or uploads: what was not answered comes again and counts once."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import asyncssh
import httpx
import paramiko
import pytest

from gateway import resources
from gateway.cli.receiver import Receiver
from tests.durability.dying_gateway import SERVING
from tests.durability.instance import DYING, KilledInstance
from tests.integration.test_http_in import free_port
from tests.integration.world import wait_for

pytestmark = pytest.mark.slow

PARTNER = "northstar-3pl"
SAMPLE = resources.directory("samples") / PARTNER / "945-parcels-by-third-party.edi"
MOMENTS = ["payload.receive", "payload.settle"]
"""Before and after the caller could have been answered; what comes later is the same for all."""

Call = Callable[[int], None]
"""Hand the sample over to a port as a partner does; raise where that was not answered."""


@pytest.fixture
def erp() -> Iterator[Receiver]:
    receiver = Receiver()
    receiver.start()
    with closing(receiver):
        yield receiver


@contextmanager
def serving(home: Path, moment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a gateway that kills itself at a moment, or at none."""
    with subprocess.Popen(
        [sys.executable, str(DYING), str(home), moment],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=home,
        env={**os.environ, SERVING: "1"},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def listens(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/", timeout=2)
    except httpx.RemoteProtocolError:
        return True  # an SFTP server, which greets otherwise
    except httpx.TransportError:
        return False
    return True


def handed_over_again_until_answered(home: Path, port: int, moment: str, call: Call) -> int:
    """Let the gateway die, start it again, and do what the partner does; return the calls made."""
    calls = 0
    with serving(home, moment) as dying:
        wait_for(lambda: listens(port), seconds=60)
        calls += 1
        try:
            call(port)
            answered = True
        except (httpx.TransportError, paramiko.SSHException, EOFError, OSError):
            answered = False
        assert dying.wait(timeout=60) == -signal.SIGKILL, f"never came to {moment}"
    with serving(home, "none"):
        wait_for(lambda: listens(port), seconds=60)
        if not answered:
            calls += 1
            call(port)
        acknowledgments = home / "sftp_inbox" / PARTNER / "out"
        wait_for(lambda: list(acknowledgments.glob("*.edi")) != [], seconds=60)
    return calls


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_posted_payload_counts_once_whenever_the_gateway_dies(
    tmp_path: Path, erp: Receiver, moment: str
) -> None:
    home, port = tmp_path / "home", free_port()
    killed = KilledInstance.make(home, f"sqlite:///{home}/state/gateway.db", erp)
    (home / "secrets" / "key").write_text("k3y")
    _add(home / "gateway.yaml", f"server: {{port: {port}}}")
    _add(home / "partners" / f"{PARTNER}.yaml", "http: {api_keys: ['${file:secrets/key}']}")

    def post(port: int) -> None:
        answer = httpx.post(
            f"http://127.0.0.1:{port}/partners/{PARTNER}/payloads",
            content=SAMPLE.read_bytes(),
            headers={"X-Api-Key": "k3y", "Idempotency-Key": "945-1"},
            timeout=60,
        )
        assert answer.status_code == 202

    handed_over_again_until_answered(home, port, moment, post)
    came_once(killed)


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_uploaded_payload_counts_once_whenever_the_gateway_dies(
    tmp_path: Path, erp: Receiver, moment: str
) -> None:
    home, port = tmp_path / "home", free_port()
    killed = KilledInstance.make(home, f"sqlite:///{home}/state/gateway.db", erp)
    key = asyncssh.generate_private_key("ssh-ed25519")
    public = key.export_public_key("openssh").decode().strip()
    _add(home / "gateway.yaml", f"sftp_server: {{port: {port}}}")
    _add(home / "partners" / f"{PARTNER}.yaml", f"drop_box: {{public_keys: ['{public}']}}")
    identity = paramiko.Ed25519Key.from_private_key(
        io.StringIO(key.export_private_key("openssh").decode())
    )

    def upload(port: int) -> None:
        transport = paramiko.Transport(("127.0.0.1", port))
        with closing(transport):
            transport.connect(username=PARTNER, pkey=identity)
            client = paramiko.SFTPClient.from_transport(transport)
            assert client is not None
            client.put(str(SAMPLE), "in/945.edi")

    handed_over_again_until_answered(home, port, moment, upload)
    came_once(killed)


def _add(file: Path, line: str) -> None:
    file.write_text(f"{file.read_text()}\n{line}\n")


def came_once(killed: KilledInstance) -> None:
    assert killed.run_once() == 0
    assert len(killed.erp.documents) == 1
    assert len(killed.acknowledgments()) == 1, "the interchange was seen once"
    assert killed.left_over() == []
    [document] = killed.documents("in")
    assert document["delivery"] == "delivered"
