"""Ways of posting to a gateway that can break off anywhere: over a socket, and without a network.

A call is broken off at a `Cut`; what is sent until then has arrived when `call` returns, except
where only the answer is not waited for.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import h11
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from gateway.transports.server import Listening, Server


class Cut(StrEnum):
    """Where a call breaks off."""

    CONNECTED = "nothing is sent"
    HEAD = "within the head"
    NO_BODY = "before the body"
    HALF = "within the body"
    LAST_BYTE = "before the last byte"
    ANSWER = "before the answer"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call was answered."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """What is posted."""

    path: str
    headers: Sequence[tuple[str, str]]
    body: bytes = field(repr=False)
    chunked: bool = False
    """Whether its length is not told ahead."""

    @property
    def fields(self) -> list[tuple[bytes, bytes]]:
        """Return the headers as they are sent."""
        length = (
            ("Transfer-Encoding", "chunked")
            if self.chunked
            else ("Content-Length", str(len(self.body)))
        )
        return [
            (name.lower().encode(), value.replace("\r\n", "").encode("latin-1"))
            for name, value in [("Host", "gateway"), *self.headers, length]
        ]

    def sent_before(self, cut: Cut) -> bytes:
        """Return as much of the body as is sent before the call breaks off."""
        size = len(self.body)
        sizes = {Cut.HALF: size // 2, Cut.LAST_BYTE: size - 1, Cut.ANSWER: size}
        return self.body[: sizes.get(cut, 0)]


class Wire(Protocol):
    """A way to one gateway."""

    def call(self, call: Call) -> Answer:
        """Post, and return the answer."""

    def broken(self, call: Call, cut: Cut) -> None:
        """Begin to post, and break off."""

    def held(self, call: Call) -> AbstractContextManager[None]:
        """Post all but the last byte; break off when the block ends."""

    def close(self) -> None:
        """Let go of the gateway."""


class SocketWire:
    """The real server, and a socket to it for each call."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._server = Server(Listening(port=0), routes)
        self._server.connect()

    def call(self, call: Call) -> Answer:
        with self._connected() as connection:
            connection.sendall(b"".join(_pieces(call)))
            return _answer(connection)

    def broken(self, call: Call, cut: Cut) -> None:
        head, body, end = _pieces(call, call.sent_before(cut))
        with self._connected() as connection:
            if cut is Cut.ANSWER:
                connection.sendall(head + body + end)
                return  # closed at once: nobody hears what is said
            sent = {Cut.CONNECTED: b"", Cut.HEAD: head[: len(head) // 2]}.get(cut, head + body)
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass

    @contextmanager
    def held(self, call: Call) -> Iterator[None]:
        head, body, _ = _pieces(call, call.sent_before(Cut.LAST_BYTE))
        with self._connected() as connection:
            connection.sendall(head + body)
            yield

    def close(self) -> None:
        self._server.close()

    def _connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._server.port), timeout=30)


def _pieces(call: Call, body: bytes | None = None) -> tuple[bytes, bytes, bytes]:
    lines = [b"%b: %b\r\n" % one for one in [*call.fields, (b"connection", b"close")]]
    head = b"POST %b HTTP/1.1\r\n%b\r\n" % (call.path.encode(), b"".join(lines))
    sent = call.body if body is None else body
    if not call.chunked:
        return head, sent, b""
    return head, (b"%x\r\n%b" % (len(call.body), sent)), b"\r\n0\r\n\r\n"


def _answer(connection: socket.socket) -> Answer:
    reader, status, headers, body = h11.Connection(h11.CLIENT), 0, {}, b""
    reader.send(h11.Request(method="POST", target="/", headers=[("Host", "gateway")]))
    reader.send(h11.EndOfMessage())
    while True:
        event = reader.next_event()
        if event is h11.NEED_DATA:
            reader.receive_data(connection.recv(65536))
        elif isinstance(event, h11.Response):
            status = event.status_code
            headers = {name.decode(): value.decode("latin-1") for name, value in event.headers}
        elif isinstance(event, h11.Data):
            body += event.data
        else:
            return Answer(status, headers, body)


class MemoryWire:
    """The routes themselves, called in this process: the twin of the server without a network."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._app = Starlette(routes=list(routes))

    def call(self, call: Call) -> Answer:
        return asyncio.run(self._called(call, call.body, whole=True))

    def broken(self, call: Call, cut: Cut) -> None:
        if cut in (Cut.CONNECTED, Cut.HEAD):
            return  # a server calls no route before the head is there
        asyncio.run(self._called(call, call.sent_before(cut), whole=cut is Cut.ANSWER))

    @contextmanager
    def held(self, call: Call) -> Iterator[None]:
        gone = threading.Event()
        work = self._called(call, call.sent_before(Cut.LAST_BYTE), whole=False, gone=gone)
        thread = threading.Thread(target=lambda: asyncio.run(work))
        thread.start()
        try:
            yield
        finally:
            gone.set()
            thread.join()

    def close(self) -> None:
        """Nothing is open."""

    async def _called(
        self, call: Call, body: bytes, *, whole: bool, gone: threading.Event | None = None
    ) -> Answer:
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
            "path": call.path, "raw_path": call.path.encode(), "root_path": "", "scheme": "http",
            "query_string": b"", "headers": call.fields, "client": ("127.0.0.1", 50_000),
            "server": ("gateway", 80),
        }  # fmt: skip
        coming = [{"type": "http.request", "body": body, "more_body": not whole}]
        said: list[Any] = []

        async def receive() -> Any:
            if coming:
                return coming.pop(0)
            if gone is not None:
                await asyncio.to_thread(gone.wait)
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            said.append(message)

        await self._app(scope, receive, send)
        headers = {name.decode(): value.decode("latin-1") for name, value in said[0]["headers"]}
        content = b"".join(one.get("body", b"") for one in said[1:])
        return Answer(said[0]["status"], headers, content)
