"""A partner posts a payload to a running gateway, and asks what became of it."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest

from tests.erp import instance_of, receiving
from tests.integration.world import wait_for
from tests.running_gateway import started

PARTNER = "northstar-3pl"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_posted_payload_reaches_the_erp_and_its_sender_sees_it_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NORTHSTAR_KEY", "k3y")
    port = free_port()
    with receiving() as receiver:
        home = instance_of(receiver, tmp_path / "instance")
        settings = home / "gateway.yaml"
        settings.write_text(settings.read_text() + f"\nserver: {{port: {port}}}\n")
        partner = home / "partners" / f"{PARTNER}.yaml"
        partner.write_text(partner.read_text() + "\nhttp: {api_keys: ['${env:NORTHSTAR_KEY}']}\n")
        sample = home / "samples" / PARTNER / "945-parcels-by-third-party.edi"
        with started(home) as running:
            running.wait_for("http_server_listens")
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                client.headers["X-Api-Key"] = "k3y"
                place = f"/partners/{PARTNER}/payloads"
                key = {"Idempotency-Key": "940-1"}
                answer = client.post(place, content=sample.read_bytes(), headers=key)
                assert answer.status_code == 202, answer.text
                standing = _read(client, answer.headers["Location"])
                again = client.post(place, content=sample.read_bytes(), headers=key)
                assert again.headers["Location"] == answer.headers["Location"]
            # Read is not delivered yet, and who is told to stop begins no other call.
            wait_for(lambda: receiver.documents, seconds=60)
            assert running.stop() == 0
        assert standing["state"] == "read"
        interchanges = standing["interchanges"]
        assert isinstance(interchanges, list)
        assert [one["state"] for one in interchanges] == ["routed"]
        assert len(receiver.documents) == 1


def _read(client: httpx.Client, place: str) -> dict[str, object]:
    standing: dict[str, object] = {}

    def read() -> bool:
        standing.update(client.get(place).json())
        return standing["state"] != "received"

    wait_for(read, seconds=60)
    return standing
