"""A real FTP server with TLS for tests, whose certificate and accounts the tests make."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from tests.certificates import Certificate

with warnings.catch_warnings():
    # It is built on a module that Python 3.12 no longer has; there it brings a copy.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import TLS_FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer

USER, PASSWORD = "harbor", "anchor"


@dataclass
class RunningServer:
    """Where it listens, and the class whose attributes say how it behaves."""

    port: int
    root: Path
    handler: Any
    fingerprint: str


@contextmanager
def ftp_server(
    root: Path, certificate: Certificate, *, permissions: str = "elradfmwMT", old: bool = False
) -> Iterator[RunningServer]:
    """Serve a folder; `old` leaves out what came after RFC 959."""
    logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)
    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, PASSWORD, str(root), perm=permissions)

    class Handler(TLS_FTPHandler):  # type: ignore[misc]  # the library has no types
        pass

    Handler.authorizer = authorizer
    Handler.certfile = str(certificate.pem)
    Handler.keyfile = str(certificate.key)
    Handler.tls_control_required = True
    Handler.tls_data_required = True
    Handler.encoding = "utf-8"
    Handler.unicode_errors = "surrogateescape"
    if old:
        known = dict(Handler.proto_cmds)
        for command in ("MLSD", "MLST"):
            del known[command]
        Handler.proto_cmds = known
    loop = IOLoop()
    server = FTPServer(("127.0.0.1", 0), Handler, ioloop=loop)
    running = True

    def serve() -> None:
        while running:
            loop.loop(timeout=0.05, blocking=False)

    thread = Thread(target=serve, name="ftp")
    thread.start()
    try:
        yield RunningServer(server.address[1], root, Handler, certificate.fingerprint)
    finally:
        running = False
        thread.join()
        server.close_all()
