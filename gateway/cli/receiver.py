"""A small ERP for demonstrations: takes documents over HTTP and keeps each idempotency key once.

It shows how little a real one must do for exactly-once: remember the key in the same transaction as
the document. It can be told to be unwell first, so that retries can be seen.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

import orjson

_LARGEST_DOCUMENT = 64 * 1024 * 1024


@dataclass(slots=True)
class KeptDocument:
    """A document that arrived, under its key."""

    key: str
    correlation_id: str
    content: bytes
    document_id: str = ""
    """X-Document-Id: what the gateway calls it, to look it up there."""
    calls: int = 1
    """How often this key was sent; more than one was a repeat that changed nothing."""


class Receiver:
    """An HTTP server on the loopback interface that keeps documents in memory."""

    def __init__(
        self,
        *,
        port: int = 0,
        fail_first: int = 0,
        token: str = "",
        on_call: Callable[[int, KeptDocument], None] | None = None,
    ) -> None:
        self.failures = fail_first
        """So many calls from now on are answered with 503."""
        self.token = token
        """What callers must show as a bearer token; anybody may call where it is empty."""
        self.on_call = on_call
        """Told of each call that was answered, before the answer leaves."""
        self._lock = Lock()
        self._kept: dict[str, KeptDocument] = {}
        self.refused = 0
        """Calls answered with 503, because it was told to be unwell."""
        self._server = _Server(("127.0.0.1", port), _handler_of(self))
        # How long closing it takes at most: who stops the demonstration waits for that.
        often = {"poll_interval": 0.02}
        self._thread = Thread(
            target=self._server.serve_forever, kwargs=often, name="erp", daemon=True
        )

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return self._server.server_port

    @property
    def url(self) -> str:
        """Return the address to post documents to."""
        return f"http://127.0.0.1:{self._server.server_port}/documents"

    @property
    def documents(self) -> list[KeptDocument]:
        """Return what arrived, in the order of first arrival."""
        with self._lock:
            return list(self._kept.values())

    @property
    def shown(self) -> list[dict[str, object]]:
        """Return what is told of the documents that arrived."""
        return [
            {
                "key": one.key,
                "correlation_id": one.correlation_id,
                "document_id": one.document_id,
                "calls": one.calls,
            }
            for one in self.documents
        ]

    @property
    def repeats(self) -> int:
        """Return how many calls brought a key that was there already."""
        return sum(document.calls - 1 for document in self.documents)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(self, document: KeptDocument) -> tuple[int, str]:
        """Keep a document; return the HTTP status and what to say."""
        status, said = self._keep(document)
        if self.on_call is not None:
            self.on_call(status, document)
        return status, said

    def _keep(self, document: KeptDocument) -> tuple[int, str]:
        with self._lock:
            if self.failures > 0:
                self.failures -= 1
                self.refused += 1
                return 503, "closed for stocktaking"
            known = self._kept.get(document.key)
            if known is None:
                self._kept[document.key] = document
                return 201, "kept"
            known.calls += 1
            if known.content != document.content:
                return 422, "this idempotency key came with other content before"
            return 200, "already here"

    def accepts(self, authorization: str | None) -> bool:
        """Say whether a call shows the right token."""
        return not self.token or authorization == f"Bearer {self.token}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a caller that went away in the middle of a call: it will call again."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # as given


def _handler_of(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # In one piece: a second one waits until the first is confirmed, up to 40 ms.
        wbufsize = -1

        # http.server finds the method by this name.
        def do_POST(self) -> None:
            length = self.headers.get("Content-Length") or ""
            if not length.isdigit() or int(length) > _LARGEST_DOCUMENT:
                self.close_connection = True
                self._answer(411, "expected a Content-Length of at most 64 MB")
            else:
                self._answer(*_taken(receiver, self.headers, self.rfile.read(int(length))))

        def do_GET(self) -> None:
            self._answer(200, orjson.dumps(receiver.shown).decode())

        def log_message(self, *_args: object) -> None:
            """Say nothing: the demonstration shows what matters."""

        def _answer(self, status: int, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            if status == 503:
                self.send_header("Retry-After", "1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _taken(receiver: Receiver, headers: Message, content: bytes) -> tuple[int, str]:
    """Have a call's document kept, and return what is answered."""
    key = headers.get("Idempotency-Key")
    if not receiver.accepts(headers.get("Authorization")):
        return 401, "expected another token"
    if not key:
        return 400, "expected an Idempotency-Key"
    if not _is_json(content):
        return 422, "expected a JSON document"
    correlation_id = headers.get("X-Correlation-Id") or ""
    document_id = headers.get("X-Document-Id") or ""
    return receiver.take(KeptDocument(key, correlation_id, content, document_id))


def _is_json(content: bytes) -> bool:
    try:
        orjson.loads(content)
    except orjson.JSONDecodeError:
        return False
    return True
