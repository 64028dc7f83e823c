"""A real FTP server with TLS for tests, which can be told to do what bad servers do.

Its certificate and accounts are the tests' own. Faults have the names of `tests.sftp_server`, so
that the same test asks for the same fault of each protocol.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

from tests.certificates import Certificate
from tests.sftp_server import Faults

with warnings.catch_warnings():
    # It is built on a module that Python 3.12 no longer has; there it brings a copy.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.filesystems import AbstractedFS
    from pyftpdlib.handlers import TLS_DTPHandler, TLS_FTPHandler
    from pyftpdlib.ioloop import AsyncChat, IOLoop
    from pyftpdlib.servers import FTPServer

USER, PASSWORD = "harbor", "anchor"

OPERATIONS = {
    "MLSD": "list",
    "NLST": "list",
    "RETR": "open",
    "STOR": "create",
    "MLST": "look",
    "SIZE": "look",
    "RNFR": "rename_from",
    "RNTO": "rename",
    "DELE": "remove",
    "MKD": "mkdir",
}
"""What a command is called in `Faults`; "read" and "write" are pieces of a file under way."""


@dataclass
class RunningServer:
    """Where it listens, and the class whose attributes say how it behaves."""

    port: int
    root: Path
    handler: Any
    fingerprint: str
    faults: Faults = field(default_factory=Faults)


class _Cut(Exception):
    """The connection ends here."""


class _Disk:
    """A file on a disk that fills up."""

    def __init__(self, file: Any, faults: Faults) -> None:
        self._file = file
        self._faults = faults

    def write(self, piece: bytes) -> int:
        if self._faults.disk_full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self._faults.disk is not None:
            self._file.write(piece[: max(0, self._faults.disk - self._file.tell())])
            return len(piece)
        return int(self._file.write(piece))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _faulty(  # noqa: C901 - one short method for each operation of the protocol
    faults: Faults,
) -> tuple[type[Any], type[Any], type[Any]]:
    """Make the parts of a server that ask what to do wrong."""

    class Disk(AbstractedFS):  # type: ignore[misc]  # the library has no types
        def open(self, filename: str, mode: str) -> Any:
            file = super().open(filename, mode)
            return _Disk(file, faults) if mode[0] in "wa" else file

        def rename(self, src: str, dst: str) -> None:
            super().rename(src, dst)
            if faults.touches:
                os.utime(dst, (1_700_000_000, 1_700_000_000))

    class Transfer(TLS_DTPHandler):  # type: ignore[misc]  # as above
        def send(self, data: bytes) -> int:
            if self._is_a_file():
                self._meet("read")
            sent = int(super().send(data))
            if self._is_a_file():
                self._done("read")
            return sent

        def recv(self, buffer_size: int) -> bytes:
            if faults.before is not None:
                faults.before("write", b"")
            self._meet("write")
            piece = bytes(super().recv(buffer_size))
            self._done("write")
            return piece

        def _is_a_file(self) -> bool:
            return self.cmd == "RETR" or self.file_obj is not None

        def _meet(self, operation: str) -> None:
            faults.counted[operation] += 1
            if faults.cut == operation:
                faults.cut = ""
                self._end()

        def _done(self, operation: str) -> None:
            if faults.cut_after == operation:
                faults.cut_after = ""
                self._end()

        def _end(self) -> None:
            control = self.cmd_channel
            self.socket.close()
            control.close()
            raise _Cut

        def handle_error(self) -> None:
            reason = sys.exc_info()[1]
            if isinstance(reason, _Cut):
                return
            cause = reason.__cause__ if reason is not None else None
            if isinstance(cause, OSError):  # the library cannot say which
                self._resp = (f"426 {cause.strerror}; transfer aborted.", logging.debug)
                self.close()
            else:
                super().handle_error()

    class Handler(TLS_FTPHandler):  # type: ignore[misc]  # as above
        def process_command(self, cmd: str, *args: Any, **kwargs: Any) -> None:
            operation = OPERATIONS.get(cmd, cmd)
            faults.counted[operation] += 1
            path = os.fsencode(args[0]) if args else b""
            if faults.before is not None:
                faults.before(operation, os.fsencode(self._rnfr) if cmd == "RNTO" else path)
            if operation in faults.stalled:
                return
            if faults.cut == operation:
                faults.cut = ""
                self.close()
                return
            if operation in faults.denied | faults.failing:
                self._rnfr = None
                denied = operation in faults.denied
                said = "550 the administrator does not allow it" if denied else "450 Failure"
                self.respond(said)
                return
            super().process_command(cmd, *args, **kwargs)
            if faults.cut_after == operation and cmd not in ("RETR", "STOR"):
                faults.cut_after = ""
                self.close()

        def push(self, data: str) -> None:
            # The library would end where a name is not of its encoding.
            AsyncChat.push(self, data.encode("utf-8", "surrogateescape"))

        def on_connect(self) -> None:
            faults.connections += 1

    return Disk, Transfer, Handler


@contextmanager
def ftp_server(
    root: Path, certificate: Certificate, *, permissions: str = "elradfmwMT", old: bool = False
) -> Iterator[RunningServer]:
    """Serve a folder; `old` leaves out what came after RFC 959."""
    logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL + 1)
    authorizer = DummyAuthorizer()
    authorizer.add_user(USER, PASSWORD, str(root), perm=permissions)
    faults = Faults()
    disk, transfer, handler = _faulty(faults)
    handler.authorizer = authorizer
    handler.abstracted_fs = disk
    handler.dtp_handler = transfer
    handler.certfile = str(certificate.pem)
    handler.keyfile = str(certificate.key)
    handler.tls_control_required = True
    handler.tls_data_required = True
    handler.encoding = "utf-8"
    handler.unicode_errors = "surrogateescape"
    if old:
        known = dict(handler.proto_cmds)
        for command in ("MLSD", "MLST"):
            del known[command]
        handler.proto_cmds = known
    loop = IOLoop()
    server = FTPServer(("127.0.0.1", 0), handler, ioloop=loop)
    running = True

    def serve() -> None:
        while running:
            loop.loop(timeout=0.05, blocking=False)

    thread = Thread(target=serve, name="ftp")
    thread.start()
    try:
        yield RunningServer(server.address[1], root, handler, certificate.fingerprint, faults)
    finally:
        running = False
        thread.join()
        server.close_all()
