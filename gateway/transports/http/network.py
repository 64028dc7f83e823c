"""The network parts of calls over HTTP: every wait ends at the call's deadline, or when broken off.

`timeout` is always the moment at which the call ends: what hands it on does so untouched.
"""

from __future__ import annotations

import hashlib
import select
import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from weakref import WeakSet

import httpcore

from gateway.transports.reaching import LATE, reached

_MOST_SECONDS = 3600.0

_CONFIRM_AT_ONCE = getattr(socket, "TCP_QUICKACK", None)
"""Only Linux knows it, and forgets it again: it is said before each read."""


class Network(httpcore.NetworkBackend):
    """Opens connections, and can break all of them off.

    With `pins`, a server must show a certificate with one of these SHA-256 fingerprints.
    """

    def __init__(self, pins: frozenset[str]) -> None:
        self._pins = pins
        self._ended = threading.Event()
        self._open: WeakSet[Stream] = WeakSet()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Look the host up and connect to the first address that answers, before the deadline."""
        with _named(httpcore.ConnectTimeout, httpcore.ConnectError):
            seconds = left_until(timeout)
            connection = reached(host, port, seconds=seconds, ended=self._ended)
        return self._known(Stream(self, connection))

    def break_off(self) -> None:
        """Let every call that is under way end now."""
        self._ended.set()
        for stream in list(self._open):
            stream.break_off()

    def secured(self, connection: ssl.SSLSocket) -> Stream:
        """Return a connection over TLS whose certificate is right."""
        if self._pins:
            _require_pinned(connection, self._pins)
        return self._known(Stream(self, connection))

    def _known(self, stream: Stream) -> Stream:
        self._open.add(stream)
        if self._ended.is_set():
            stream.break_off()
        return stream


class Stream(httpcore.NetworkStream):
    """One connection."""

    def __init__(self, network: Network, connection: socket.socket) -> None:
        self._network = network
        self._socket = connection
        self.cut_off = False
        """Whether something could not be sent whole."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Wait for bytes until the deadline."""
        with _named(httpcore.ReadTimeout, httpcore.ReadError):
            self._socket.settimeout(left_until(timeout))
            if _CONFIRM_AT_ONCE is not None:
                # A server that writes head and body of its answer apart may keep the body back
                # until the head is confirmed: 40 ms for each call, were it put off.
                self._socket.setsockopt(socket.IPPROTO_TCP, _CONFIRM_AT_ONCE, 1)
            return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send everything before the deadline, however little the other side takes at a time."""
        rest = memoryview(buffer)
        with _named(httpcore.WriteTimeout, httpcore.WriteError):
            self.cut_off = True
            while rest:
                self._socket.settimeout(left_until(timeout))
                rest = rest[self._socket.send(rest) :]
            self.cut_off = False

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def break_off(self) -> None:
        """Let whoever waits for this connection see its end; the descriptor stays theirs."""
        with suppress(OSError):
            # Not the method of TLS: that says goodbye first, and takes the connection apart.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Shake hands before the deadline."""
        with _named(httpcore.ConnectTimeout, httpcore.ConnectError):
            self._socket.settimeout(left_until(timeout))
            try:
                secured = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
            except OSError:
                self.close()
                raise
        return self._network.secured(secured)

    def get_extra_info(self, info: str) -> object:
        """Say what the connection knows of itself."""
        match info:
            case "socket":
                return self._socket
            case "ssl_object":
                return self._socket if isinstance(self._socket, ssl.SSLSocket) else None
            case "is_readable":
                return _is_readable(self._socket)
            case _:
                return None


def left_until(ends: float | None) -> float:
    """Return the seconds until a deadline; raise TimeoutError once it is over."""
    left = _MOST_SECONDS if ends is None else ends - monotonic()
    if left <= 0:
        raise TimeoutError(LATE)
    return left


def _is_readable(connection: socket.socket) -> bool:
    """Say whether an idle connection has something to say: that it ends, most likely."""
    if connection.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


def _require_pinned(connection: ssl.SSLSocket, pins: frozenset[str]) -> None:
    shown = hashlib.sha256(connection.getpeercert(binary_form=True) or b"").hexdigest()
    if shown not in pins:
        connection.close()
        raise httpcore.ConnectError(f"the certificate shown is not pinned: SHA-256 {shown}")


@contextmanager
def _named(late: type[Exception], broken: type[Exception]) -> Iterator[None]:
    try:
        yield
    except UnicodeError as fault:  # A name that cannot be asked for.
        raise httpcore.UnsupportedProtocol(str(fault)) from fault
    except TimeoutError as fault:
        raise late(str(fault)) from fault
    except OSError as fault:
        raise broken(str(fault)) from fault
