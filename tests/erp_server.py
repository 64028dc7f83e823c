"""A small ERP over HTTP that answers as it is told: pages of records, 503s, halves, new orders."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Answer:
    """What is answered once."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    """Bytes of the body after which the connection breaks."""


@dataclass(frozen=True)
class Asked:
    """What somebody asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


Answering = Callable[[Asked], Answer]


class Erp:
    """The server; `answer` decides, `faults` go before it."""

    def __init__(self, answer: Answering) -> None:
        self.answer = answer
        self.faults: list[Answer] = []
        self.asked: list[Asked] = []
        erp = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def _answer(self) -> None:
                parts = urlsplit(self.path)
                query = {
                    name: values[0]
                    for name, values in parse_qs(parts.query, keep_blank_values=True).items()
                }
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked = Asked(self.command, parts.path, query, dict(self.headers.items()), body)
                erp.asked.append(asked)
                given = erp.faults.pop(0) if erp.faults else erp.answer(asked)
                self.send_response(given.status)
                for name, value in given.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(given.body)))
                self.end_headers()
                self.wfile.write(given.body[: given.cut])
                if given.cut is not None:
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Begin to answer."""
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def erp(answer: Answering) -> Iterator[Erp]:
    """Run an ERP."""
    server = Erp(answer)
    server.start()
    try:
        yield server
    finally:
        server.close()


def as_json(value: Any, **headers: str) -> Answer:
    """Answer with JSON."""
    return Answer(200, json.dumps(value).encode(), {"Content-Type": "application/json", **headers})
