"""A service with the interface of S3 for tests, which can be told to do what bad ones do.

It speaks HTTP; senders put their objects into it without that. Faults have the names of
`tests.sftp_server`, so that the same test asks for the same fault of each protocol.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.s3.models import s3_backends
from werkzeug.serving import make_server

from tests.sftp_server import Faults

BUCKET = "harbor-quayside"

_REFUSAL = b'<?xml version="1.0"?><Error><Code>%s</Code><Message>%s</Message></Error>'
_Answer = Callable[..., Any]


@dataclass
class RunningService:
    """Where it listens, what is wrong with it, and its objects."""

    port: int
    bucket: str
    faults: Faults = field(default_factory=Faults)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def put(self, key: str, content: bytes, seconds: int) -> None:
        self._backend.put_object(self.bucket, key, content)
        self.date(key, seconds)

    def date(self, key: str, seconds: int) -> None:
        self._objects[key].last_modified = datetime.fromtimestamp(seconds, UTC)

    def content(self, key: str) -> bytes:
        return bytes(self._objects[key].value)

    def remove(self, key: str) -> None:
        self._backend.delete_object(self.bucket, key)

    def names(self) -> list[str]:
        return sorted(self._objects)

    @property
    def _backend(self) -> Any:
        return s3_backends[DEFAULT_ACCOUNT_ID]["aws"]

    @property
    def _objects(self) -> Any:
        return self._backend.buckets[self.bucket].keys


class _Faulty:
    """Stands before the service and asks what to do wrong."""

    def __init__(self, service: Any, faults: Faults) -> None:
        self._service = service
        self._faults = faults
        self.over = Event()

    def __call__(self, environ: dict[str, Any], answer: _Answer) -> Iterable[bytes]:
        faults, operation = self._faults, _operation(environ)
        faults.counted[operation] += 1
        path = environ["PATH_INFO"].encode("latin-1")
        if faults.before is not None:
            copied = environ.get("HTTP_X_AMZ_COPY_SOURCE", "").encode("latin-1")
            faults.before(operation, copied or path)
        if operation in faults.stalled:
            self.over.wait()
        if faults.cut == operation:
            faults.cut = ""
            return _cut(environ)
        if operation in faults.denied:
            return _refused(answer, "403 Forbidden", b"AccessDenied")
        if operation in faults.failing or (operation == "create" and faults.disk_full):
            return _refused(answer, "507 Insufficient Storage", b"StorageFull")
        body = b"".join(self._service(environ, answer))
        if faults.cut_after == operation:
            faults.cut_after = ""
            return _cut(environ)
        if operation == "open" and faults.cut == "read":
            faults.cut = ""
            return _half(environ, body)
        return [body]


def _operation(environ: dict[str, Any]) -> str:
    method = environ["REQUEST_METHOD"]
    if method == "GET":
        return "list" if "list-type=2" in environ["QUERY_STRING"] else "open"
    if method == "PUT":
        return "rename" if "HTTP_X_AMZ_COPY_SOURCE" in environ else "create"
    return {"HEAD": "look", "DELETE": "remove"}.get(method, method)


def _cut(environ: dict[str, Any]) -> Iterator[bytes]:
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError


def _half(environ: dict[str, Any], body: bytes) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)


def _refused(answer: _Answer, status: str, code: bytes) -> list[bytes]:
    answer(status, [("Content-Type", "application/xml")])
    return [_REFUSAL % (code, b"the administrator does not allow it")]


@contextmanager
def s3_server(bucket: str = BUCKET) -> Iterator[RunningService]:
    """Run a service with one bucket until the block ends."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL + 1)
    faults = Faults()
    app = _Faulty(DomainDispatcherApplication(create_backend_app), faults)
    server = make_server(
        "127.0.0.1",
        0,
        app,
        threaded=True,
        request_handler=MotoRequestHandler,
    )
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="s3")
    thread.start()
    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    backend.create_bucket(bucket, "us-east-1")
    try:
        yield RunningService(server.server_port, bucket, faults)
    finally:
        app.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
        backend.buckets.pop(bucket)
        s3_backends.bucket_accounts.pop(bucket, None)
