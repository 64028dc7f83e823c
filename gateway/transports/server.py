"""The one HTTP server of an instance: everything that partners and people call is a route on it.

It listens in a thread of its own, on the loopback interface unless configured otherwise, and lets
what it is answering come to its end when it is closed.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Thread
from typing import cast

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from gateway.errors import Permanent
from gateway.transports.http.callers import HEAD_WITHIN, BoundedProtocol

_LOOK_SECONDS = 0.01
_CLOSING_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the server listens and how much it takes at once."""

    host: str = "127.0.0.1"
    port: int = 8080
    """Zero takes any free port: see `Server.port`."""
    certificate: Path | None = None
    """Certificate chain in PEM: with it, the server speaks TLS only."""
    key: Path | None = None
    """The certificate's key in PEM, without a passphrase."""
    connections: int = 200
    """Calls beyond so many at once are answered with 503."""
    head_within: timedelta = HEAD_WITHIN
    """The head of a request must have come by then."""


class Server:
    """Answers HTTP calls by a table of routes, from `connect` to `close`."""

    def __init__(self, listening: Listening, routes: Sequence[BaseRoute]) -> None:
        self._listening = listening
        config = uvicorn.Config(
            Starlette(routes=list(routes)),
            http=cast(
                "type[BoundedProtocol]",
                partial(BoundedProtocol, head_within=listening.head_within),
            ),
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            limit_concurrency=listening.connections,
            timeout_graceful_shutdown=_CLOSING_SECONDS,
            # A header from a client names no proxy: who may is settled where it is read.
            proxy_headers=False,
            ssl_certfile=listening.certificate,
            ssl_keyfile=listening.key,
        )
        self._server = uvicorn.Server(config)
        self._socket: socket.socket | None = None
        self._thread: Thread | None = None

    @property
    def port(self) -> int:
        """Return the port it listens on; raise Permanent before `connect`."""
        if self._socket is None:
            raise Permanent("the HTTP server does not listen yet")
        return int(self._socket.getsockname()[1])

    def connect(self) -> None:
        """Begin to listen; raise Permanent where the address or the certificate cannot be used."""
        where = f"{self._listening.host}:{self._listening.port}"
        try:
            # TLS files are read here, so that a wrong one is said before anything is claimed.
            self._read_tls_files()
            self._socket = _bound(self._listening.host, self._listening.port)
        except OSError as fault:
            reason = fault.strerror or str(fault)
            named = f"{fault.filename}: {reason}" if fault.filename else reason
            raise Permanent(f"the HTTP server cannot listen on {where}: {named}") from fault
        self._thread = Thread(
            target=self._server.run, args=([self._socket],), name="http-server", daemon=True
        )
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(_LOOK_SECONDS)
        if not self._server.started:
            raise Permanent(f"the HTTP server cannot listen on {where}")

    def _read_tls_files(self) -> None:
        certificate, key = self._listening.certificate, self._listening.key
        for path in (certificate, key):
            if path is not None:
                path.open("rb").close()  # TLS itself does not say which file is not there
        try:
            self._server.config.load()
        except ssl.SSLError as fault:
            raise OSError(f"{certificate} is no certificate in PEM with its key {key}") from fault

    def close(self) -> None:
        """Stop listening once the calls under way are answered."""
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(timeout=_CLOSING_SECONDS + 1)
        if self._socket is not None:
            self._socket.close()


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError:
        listening.close()
        raise
    return listening
