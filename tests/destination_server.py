"""An ERP's HTTP server on this machine: it answers as a test tells it, and keeps what it was sent.

Real sockets, so that what breaks in a network can break here: answers cut off, connections reset,
bytes that trickle.
"""

from __future__ import annotations

import ssl
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SO_LINGER, SOL_SOCKET
from threading import Lock, Thread


@dataclass(frozen=True)
class Asked:
    """A request as the server got it."""

    method: str
    path: str
    headers: Mapping[str, str]
    """By names in small letters."""
    body: bytes


@dataclass(frozen=True)
class Told:
    """An answer; `reset` breaks the connection in place of one, `cut` after so many bytes."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    reset: bool = False
    cut: int | None = None


Answering = Callable[[Asked], Told]


@dataclass
class ErpServer:
    """What the server was asked, and how it answers."""

    answer: Answering = lambda asked: Told()
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    lock: Lock = field(default_factory=Lock)

    def answers(self, *told: Told) -> None:
        """Answer so, one after another; the last one from then on."""
        waiting = list(told)
        self.answer = lambda asked: waiting.pop(0) if len(waiting) > 1 else waiting[0]


@contextmanager
def erp_server(tls: ssl.SSLContext | None = None) -> Iterator[ErpServer]:
    """Run a server until the block ends."""
    erp = ErpServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, body)
            with erp.lock:
                erp.asked.append(asked)
                told = erp.answer(asked)
            if told.reset:
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(SOL_SOCKET, SO_LINGER, linger)
                self.connection.close()
                self.close_connection = True
                return
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body if told.cut is None else told.body[: told.cut])
            self.close_connection = told.cut is not None

        do_GET = do_POST = do_PUT = do_PATCH = do_OPTIONS = _serve

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # A client that went away, or a reset of ours.

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    erp.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    try:
        yield erp
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
