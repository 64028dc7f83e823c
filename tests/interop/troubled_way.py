"""The way between the gateway and an ERP, with everything that goes wrong on it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

import httpx

PASSED, UNWELL, BUSY, LOST, LATE = "passed", "503", "429", "reset after accepting", "time-out"


@dataclass
class TroubledWay:
    """Passes calls on, or does not, by a seeded chance."""

    target: str
    random: Random
    troubled: bool = True
    """Whether anything goes wrong at all."""
    url: str = ""
    happened: Counter[str] = field(default_factory=Counter)
    ended: threading.Event = field(default_factory=threading.Event)
    _dealing: threading.Lock = field(default_factory=threading.Lock)
    _to_come: list[str] = field(default_factory=list)

    def fate(self) -> str:
        """Say what becomes of the next call: of forty, each thing goes wrong with one."""
        if not self.troubled:
            return PASSED
        with self._dealing:
            if not self._to_come:
                self._to_come = [PASSED] * 36 + [UNWELL, BUSY, LOST, LATE]
                self.random.shuffle(self._to_come)
            return self._to_come.pop()


@contextmanager
def troubled_way(target: str, *, seed: int, patience: float) -> Iterator[TroubledWay]:
    """Run such a way; what it holds back is held longer than the caller's patience, in seconds."""
    way = TroubledWay(target, Random(seed))
    client = httpx.Client(base_url=target, timeout=120, trust_env=False)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fate = way.fate()
            way.happened[fate] += 1
            if fate in (UNWELL, BUSY):
                self._answer(int(fate), b"not now", {"Retry-After": "1"} if fate == BUSY else {})
                return
            passed = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in ("host", "connection", "content-length")
            }
            answer = client.request(self.command, self.path, content=body, headers=passed)
            if fate == LATE:
                way.ended.wait(patience)
            if fate in (LOST, LATE):
                self.close_connection = True
                return
            kind = {"Content-Type": answer.headers.get("Content-Type", "")}
            self._answer(answer.status_code, answer.content, kind)

        def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = _pass  # names of the standard library

        def handle(self) -> None:
            with suppress(OSError):  # The caller was killed, or lost its patience.
                super().handle()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    way.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield way
    finally:
        way.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
        client.close()
