"""A partner that takes what we send over HTTP: its acknowledgment is posted, once in effect."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from gateway import config
from gateway.errors import ConfigProblems
from tests.erp import instance_of, receiving
from tests.integration.test_reload import started
from tests.integration.world import wait_for
from tests.unit.cli.test_validate import run

PARTNER = "northstar-3pl"


@dataclass
class TheirService:
    """What a partner's service was given, and how it answers next."""

    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    url: str = ""


@contextmanager
def their_service() -> Iterator[TheirService]:
    service = TheirService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            service.calls.append((dict(self.headers), content))
            self.send_response(service.answers.pop(0) if service.answers else 202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}/edi"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    with receiving() as erp:
        home = instance_of(erp, tmp_path / "instance")
        (home / "secrets" / "their-token").write_text("t0ken")
        yield home


def connect(home: Path, url: str, more: str = "send: {connection: edi}") -> None:
    auth = "{type: bearer, token: '${file:secrets/their-token}'}"
    partner = home / "partners" / f"{PARTNER}.yaml"
    partner.write_text(
        partner.read_text()
        + f"\nconnections: {{edi: {{type: http, url: '{url}', auth: {auth}}}}}\n{more}\n"
    )


def test_an_acknowledgment_is_posted_with_its_key_until_the_partner_takes_it(home: Path) -> None:
    with their_service() as service:
        connect(home, service.url)
        service.answers = [503]
        sample = home / "samples" / PARTNER / "945-parcels-by-third-party.edi"
        shutil.copy(sample, home / "sftp_inbox" / PARTNER / "in")
        with started(home) as running:
            wait_for(lambda: len(service.calls) == 2, seconds=30)
            running.wait_for("outgoing.send")
            assert running.stop() == 0
        (first, content), (second, again) = service.calls
        assert content == again
        assert b"~AK9*A*1*1*1~" in content
        assert first["Content-Type"] == "application/edi-x12"
        assert first["Authorization"] == "Bearer t0ken"
        assert first["Idempotency-Key"] == second["Idempotency-Key"]
    assert list((home / "sftp_inbox" / PARTNER / "out").iterdir()) == []


def test_nothing_can_be_picked_up_over_http_and_it_has_no_folders(home: Path) -> None:
    more = "send: {connection: edi, folder: /in}\npick_up: [{connection: edi}]"
    connect(home, "https://edi.northstar.example/in", more)
    with pytest.raises(ConfigProblems) as refused:
        config.load(home, maps_too=False)
    assert [problem.message for problem in refused.value.problems] == [
        "'edi' is HTTP, which has no folders",
        "'edi' is HTTP: the partner posts to us, nothing is fetched",
    ]


def test_the_trial_of_an_http_connection_reaches_its_port(home: Path) -> None:
    with their_service() as service:
        connect(home, service.url)
        code, out, _ = run("partners", "test", PARTNER, "--home", home)
        assert code == 0
        assert out.splitlines()[-1].startswith("✓ edi: port 127.0.0.1 answers on port ")
        assert service.calls == []
