"""The API of instances of their own: there can be one engine in a process at a time."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx

from tests.integration.api_world import api_world, at_once, kind, post
from tests.integration.outbound_world import shipment


def test_the_same_key_at_the_same_moment_makes_one_document(
    tmp_path: Path, database_url: str
) -> None:
    with api_world(tmp_path / "instance", database_url=database_url) as here:
        answers: list[httpx.Response] = []
        with here.caller("erp") as client:
            at_once(*[lambda: answers.append(post(client, "raced"))] * 8)
            assert [one.status_code for one in answers] == [202] * 8
            assert len({one.json()["id"] for one in answers}) == 1
            fresh = [one for one in answers if "Idempotent-Replayed" not in one.headers]
            assert len(fresh) == 1
            assert len(client.get("/documents").json()["documents"]) == 1


def test_limits_of_calls_and_of_a_slow_body_hold(tmp_path: Path) -> None:
    settings = "api: {limits: {calls: 1, burst: 3, body: 1KB}}"
    with (
        api_world(tmp_path / "instance", settings=settings, body_within="200ms") as here,
        here.caller("erp") as client,
    ):
        assert kind(post(client, "large", shipment(notes=["x" * 2000]))) == (413, "body-too-large")
        token = client.headers["Authorization"]
        address = httpx.URL(here.url)
        head = (
            "POST /api/v1/documents/order?partner=quayside HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: {token}\r\nContent-Type: application/json\r\n"
            "Idempotency-Key: slow\r\nContent-Length: 100\r\n\r\n{"
        )
        with socket.create_connection((address.host, address.port or 0), timeout=60) as peer:
            peer.sendall(head.encode())
            assert peer.recv(4096).startswith(b"HTTP/1.1 408 ")
        # How many are let through depends on how long all this took.
        answers = (client.get("/documents") for _ in range(1000))
        refused = next(one for one in answers if one.status_code == 429)
        assert kind(refused) == (429, "too-many-calls")
        assert refused.headers["Retry-After"] == "1"
        assert refused.headers["RateLimit-Policy"] == '"token";q=3;w=3'
        assert refused.headers["RateLimit"].startswith('"token";r=0;t=')
        with here.caller("another") as other:
            assert other.get("/documents").status_code == 200
        assert httpx.get(f"{here.url}/health").status_code == 200
