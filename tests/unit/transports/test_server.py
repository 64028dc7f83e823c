"""The HTTP server against callers that want to keep it busy, or say what is no HTTP."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.errors import Permanent
from gateway.transports.server import Listening, Server
from tests.certificates import self_signed
from tests.integration.world import wait_for


async def _length(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


@contextmanager
def serving(**listening: object) -> Iterator[Server]:
    server = Server(Listening(port=0, **listening), [Route("/", _length, methods=["POST"])])  # type: ignore[arg-type]  # named by the tests
    server.connect()
    with closing(server):
        yield server


def said_to(server: Server, *pieces: bytes) -> bytes:
    """Send pieces, then read until the server hangs up."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as peer:
        answer = b""
        with suppress(ConnectionError):
            for piece in pieces:
                peer.sendall(piece)
            while piece := peer.recv(65536):
                answer += piece
        return answer


def status(answer: bytes) -> list[int]:
    """Return the status of each answer."""
    parts = answer.split(b"HTTP/1.1 ")[1:]
    return [int(part[:3]) for part in parts]


def test_three_hundred_half_requests_do_not_keep_another_caller_out() -> None:
    with serving(connections=50) as server, ExitStack() as stack:
        for _ in range(300):
            peer = socket.create_connection(("127.0.0.1", server.port), timeout=60)
            stack.enter_context(peer)
            peer.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nX-Half: ")
        for _ in range(3):
            answer = httpx.post(f"http://127.0.0.1:{server.port}/", content=b"ISA", timeout=60)
            assert (answer.status_code, answer.text) == (200, "3")


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: x\r\n", id="half-a-head"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nISAPOST / HT",
            id="a-call-and-half-another",
        ),
    ],
)
def test_a_head_that_does_not_come_in_time_ends_the_connection(said: bytes) -> None:
    # Time enough for a slow machine to say what is said.
    with serving(head_within=timedelta(seconds=1)) as server:
        answer = said_to(server, said)
    assert status(answer) == ([200] if b"ISA" in said else [])


def test_a_call_that_is_under_way_is_never_ended_for_another() -> None:
    with serving(connections=3) as server, ExitStack() as stack:
        slow = stack.enter_context(
            closing(socket.create_connection(("127.0.0.1", server.port), timeout=60))
        )
        slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nI")
        wait_for(lambda: len(server._server.server_state.tasks) == 1)
        for _ in range(10):
            stack.enter_context(closing(socket.create_connection(("127.0.0.1", server.port))))
        assert httpx.post(f"http://127.0.0.1:{server.port}/", content=b"ISA").text == "3"
        slow.sendall(b"SA")
        assert status(slow.recv(4096)) == [200]


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        (HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nISA*", [400]),
        # RFC 9112, 6.1: chunked overrides, and what follows is no second request.
        (HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", [200]),
        (HEAD + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", [400]),
        (HEAD + b"Content-Length: -1\r\n\r\n", [400]),
        (HEAD + b"X-Long: " + b"x" * 1_000_000 + b"\r\n\r\n", [400]),
        (HEAD + b"X-Folded: a\r\n b\r\nContent-Length: 0\r\n\r\n", [200]),
        (HEAD + b"Content-Length : 3\r\n\r\nISA", [400]),
        (HEAD + b"X-Zero: a\0b\r\n\r\n", [400]),
        (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", [405]),
        (b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", [404]),
        (b"POST / HTTP/1.1\r\n\r\n", [400]),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", [400]),
        (b"SSH-2.0-client\r\n\r\n", [400]),
    ],
    ids=[
        "two-lengths", "length-and-chunked", "another-coding", "negative", "a-megabyte", "folded",
        "blank-before-colon", "zero-byte", "get", "options", "no-host", "tls", "ssh",
    ],
)  # fmt: skip
def test_what_is_odd_is_answered_once_and_disturbs_nobody(said: bytes, answered: list[int]) -> None:
    with serving(head_within=timedelta(seconds=30)) as server:
        assert status(said_to(server, said)) == answered
        assert httpx.post(f"http://127.0.0.1:{server.port}/", content=b"ISA").text == "3"


def test_a_certificate_that_cannot_be_used_is_said_before_anything_is_bound(
    tmp_path: Path,
) -> None:
    made = self_signed(tmp_path)
    other = self_signed(tmp_path, "other")
    (tmp_path / "rubbish.pem").write_text("rubbish")
    for certificate, key, reason in (
        (tmp_path / "nowhere.pem", made.key, f"{tmp_path / 'nowhere.pem'}: No such file"),
        (made.pem, tmp_path / "nowhere.key", f"{tmp_path / 'nowhere.key'}: No such file"),
        (tmp_path / "rubbish.pem", made.key, "is no certificate in PEM with its key"),
        (made.pem, tmp_path / "rubbish.pem", "is no certificate in PEM with its key"),
        (made.pem, other.key, "is no certificate in PEM with its key"),
    ):
        with pytest.raises(Permanent) as refused:
            Server(Listening(port=0, certificate=certificate, key=key), []).connect()
        assert str(refused.value).startswith("the HTTP server cannot listen on 127.0.0.1:0: ")
        assert reason in str(refused.value)


def test_a_port_can_be_used_again_at_once() -> None:
    with serving() as first:
        port = first.port
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            assert client.post("/", content=b"x").text == "1"
            first.close()
    again = Server(Listening(port=port), [Route("/", _length, methods=["POST"])])
    again.connect()
    with closing(again):
        assert httpx.post(f"http://127.0.0.1:{port}/", content=b"ISA").text == "3"
