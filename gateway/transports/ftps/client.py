"""FTP over TLS as servers really speak it: sessions taken up again, certificates pinned."""

from __future__ import annotations

import ftplib
import hashlib
import socket
import ssl
from contextlib import suppress

from gateway.errors import Permanent


class _Transfer(ssl.SSLSocket):
    """A connection of TLS that may end while the other side still sends tickets."""

    def unwrap(self) -> socket.socket:
        """End TLS; the answer on the other connection says whether the file came whole."""
        try:
            return super().unwrap()
        except ssl.SSLError as fault:
            # A server that has nothing to send may be gone before its tickets were read.
            if fault.reason != "SHUTDOWN_WHILE_IN_INIT":
                raise
            return self


def tls_context(*, pinned: bool) -> ssl.SSLContext:
    """Return the rules for TLS; a pinned certificate is compared instead of being vouched for."""
    context = ssl.create_default_context()
    context.sslsocket_class = _Transfer
    if pinned:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class Client(ftplib.FTP_TLS):
    """One conversation with a server. Names travel as Latin-1: one character for each byte."""

    def __init__(
        self, context: ssl.SSLContext, fingerprints: frozenset[str], *, timeout: float
    ) -> None:
        super().__init__(context=context, timeout=timeout, encoding="latin-1")
        self._fingerprints = fingerprints
        self._transfer: socket.socket | None = None
        self.knows_mlst = True
        """Until the server has said otherwise."""

    def connect_implicitly(self, host: str, port: int) -> None:
        """Connect to a server that speaks TLS from the first byte."""
        self.host, self.port = host, port
        plain = socket.create_connection((host, port), self.timeout)
        self.af = plain.family
        self.sock = self.context.wrap_socket(plain, server_hostname=host)
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()

    def require_pinned(self) -> None:
        """Raise Permanent unless the server shows one of the certificates that are expected."""
        self._require_pinned(self.sock)

    def ntransfercmd(
        self, cmd: str, rest: int | str | None = None
    ) -> tuple[socket.socket, int | None]:
        """Open the connection for a file: in the TLS session of the conversation.

        Many servers refuse a file's connection that is not, since anybody could have made it.
        """
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321 - TLS comes next
        try:
            secured = self.context.wrap_socket(
                connection, server_hostname=self.host, session=_session(self.sock)
            )
            self._require_pinned(secured)
        except BaseException:
            connection.close()
            raise
        self._transfer = secured
        return secured, size

    def hang_up(self) -> None:
        """End the connections; whoever waits for an answer in another thread stops waiting."""
        for connection in (self._transfer, self.sock):
            if connection is not None:
                with suppress(OSError):
                    # That of TLS would take away what the other thread is reading with.
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def _require_pinned(self, connection: object) -> None:
        if not self._fingerprints or not isinstance(connection, ssl.SSLSocket):
            return
        shown = hashlib.sha256(connection.getpeercert(binary_form=True) or b"").hexdigest()
        if shown not in self._fingerprints:
            raise Permanent(
                f"{self.host} shows a certificate that is not pinned: SHA-256 {shown}; ask the "
                "partner, then write it under 'certificates'"
            )


def _session(control: object) -> ssl.SSLSession | None:
    return control.session if isinstance(control, ssl.SSLSocket) else None
