"""kill -9 while an ERP submits: what was durable and not answered is answered when asked again."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from gateway import app as composition
from gateway import resources
from gateway.api.tokens import Scope
from gateway.cli.receiver import Receiver
from tests import programs
from tests.durability.dying_gateway import SERVING
from tests.durability.instance import DYING, KilledInstance
from tests.integration.test_http_in import free_port
from tests.integration.world import wait_for
from tests.programs import Program

pytestmark = pytest.mark.slow

PARTNER = "northstar-3pl"
SAMPLE = resources.directory("samples") / "outbound" / PARTNER / "940-two-lamps.json"


@contextmanager
def serving(home: Path, moment: str) -> Iterator[Program]:
    """Start a gateway that kills itself at a moment, or at none."""
    environment = {**os.environ, SERVING: "1"}
    with programs.start(
        str(DYING), str(home), moment, folder=home, environment=environment
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_document_that_was_durable_but_not_answered_is_the_same_when_asked_again(
    tmp_path: Path, erp: Receiver, database_url: str
) -> None:
    home, port = tmp_path / "home", free_port()
    KilledInstance.make(home, database_url, erp)
    settings = home / "gateway.yaml"
    settings.write_text(f"{settings.read_text()}\nserver: {{port: {port}}}\napi: {{}}\n")
    with composition.open_instance(home, maps_too=False) as app:
        token = app.tokens.create("erp", tuple(Scope))
    with httpx.Client(
        base_url=f"http://127.0.0.1:{port}/api/v1",
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    ) as client:

        def submit() -> httpx.Response:
            return client.post(
                f"/documents/shipment_order?partner={PARTNER}",
                content=SAMPLE.read_bytes(),
                headers={"Content-Type": "application/json", "Idempotency-Key": "HG-200431"},
            )

        def ready() -> bool:
            try:
                return client.get("/health").is_success
            except httpx.TransportError:
                return False

        with serving(home, "document.submit") as dying:
            wait_for(ready, seconds=60)
            with pytest.raises(httpx.TransportError):
                submit()
            assert dying.wait(timeout=60) == -signal.SIGKILL
        with serving(home, "none"):
            wait_for(ready, seconds=60)
            [kept] = client.get("/documents").json()["documents"]
            again = submit()
            assert (again.status_code, again.json()["id"]) == (202, kept["id"])
            assert again.headers["Idempotent-Replayed"] == "true"
            out = home / "sftp_inbox" / PARTNER / "out"
            where = f"/documents/{kept['id']}"
            wait_for(
                lambda: client.get(where).json()["status"]["delivery"] == "delivered", seconds=60
            )
            assert len(client.get("/documents").json()["documents"]) == 1
            assert len(list(out.glob("*.edi"))) == 1


def test_no_token_is_in_what_a_gateway_says_keeps_or_answers(tmp_path: Path, erp: Receiver) -> None:
    home, port = tmp_path / "home", free_port()
    KilledInstance.make(home, f"sqlite:///{home}/state/gateway.db", erp)
    settings = home / "gateway.yaml"
    settings.write_text(
        f"{settings.read_text()}\nserver: {{port: {port}}}\napi: {{}}\nlogging: {{level: debug}}\n"
    )
    with composition.open_instance(home, maps_too=False) as app:
        good = app.tokens.create("erp", tuple(Scope))
        revoked = app.tokens.create("gone", tuple(Scope))
        app.tokens.revoke("gone")
    log = tmp_path / "log"
    answers: list[str] = []
    with log.open("wb") as said, programs.start(
        "gateway", "run", "--home", str(home), stdout=said, stderr=said
    ) as running:  # fmt: skip
        url = f"http://127.0.0.1:{port}/api/v1"

        def ready() -> bool:
            try:
                return httpx.get(f"{url}/health", timeout=5).is_success
            except httpx.TransportError:
                return False

        wait_for(ready, seconds=60)
        for token in (good, revoked, good[:-1], good.upper()):
            bearer = {"Authorization": f"Bearer {token}"}
            odd = {"Idempotency-Key": token, "Content-Type": "application/json"}
            for answer in (
                httpx.get(f"{url}/documents", headers=bearer),
                httpx.get(f"{url}/documents?cursor={token}&token={token}", headers=bearer),
                httpx.get(f"{url}/documents/{token}", headers=bearer),
                httpx.get(f"{url}/documents", headers={"Authorization": f"Basic {token}"}),
                httpx.post(f"{url}/documents/order?partner=x", headers=bearer | odd, content=b"{"),
                httpx.get(f"{url}/documents", headers=bearer | {"X": "\x7f"}),
            ):
                answers.append(f"{answer.headers}{answer.text}")
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=60) == 0
    kept = b"".join(file.read_bytes() for file in (home / "state").rglob("*") if file.is_file())
    told = log.read_text() + "".join(answers)
    assert "api_call" in told
    assert "api_caller_refused" in told
    assert b"api_tokens" in kept
    for token in (good, revoked):
        secret = token.removeprefix("edigw_")[:64]
        assert secret not in told
        assert secret.upper() not in told
        assert secret.encode() not in kept
