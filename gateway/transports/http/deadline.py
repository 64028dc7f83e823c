"""HTTP calls that end in time: one deadline from connecting to the last byte of the answer.

httpx waits anew for each read and each write, so that another side which trickles single bytes
could hold a call open for days. The network parts here take the moment at which the whole call
ends where httpcore hands on how long to wait: it hands that on untouched.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import httpcore
import httpx

_IDLE = 5.0
"""How many seconds a connection that nobody uses is kept."""

_FAULTS: dict[type[Exception], type[httpx.RequestError]] = {
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.PoolTimeout: httpx.PoolTimeout,
    httpcore.ReadError: httpx.ReadError,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
    httpcore.UnsupportedProtocol: httpx.UnsupportedProtocol,
    httpcore.WriteError: httpx.WriteError,
    httpcore.WriteTimeout: httpx.WriteTimeout,
}


@dataclass(frozen=True, slots=True)
class Identity:
    """PEM files of a call over TLS: our certificate and its key, and whom to trust."""

    certificate: str | None = None
    key: str | None = None
    authorities: str | None = None
    """Trusted instead of the system's."""


class DeadlineTransport(httpx.BaseTransport):
    """Sends requests over a pool of connections; each call has so much time and no more.

    No proxy is taken from the environment: where documents and secrets go is configured. With
    `pins`, a server must show a certificate with one of these SHA-256 fingerprints, and no other
    word is asked for it. With `identity`, it sees our certificate.
    """

    def __init__(
        self,
        timeout: timedelta,
        *,
        connections: int,
        pins: frozenset[str] = frozenset(),
        identity: Identity | None = None,
    ) -> None:
        self._seconds = timeout.total_seconds()
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls_context(identity or Identity(), pinned=bool(pins)),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=_IDLE,
            network_backend=_Network(pins),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return its answer, the body still to be read before the deadline."""
        ends = monotonic() + self._seconds
        # Waiting for a free connection is not the network's: there seconds are seconds.
        timeouts = {"connect": ends, "write": ends, "read": ends, "pool": self._seconds}
        with _as_httpx():
            answer = self._pool.handle_request(
                httpcore.Request(
                    request.method,
                    httpcore.URL(
                        scheme=request.url.raw_scheme,
                        host=request.url.raw_host,
                        port=request.url.port,
                        target=request.url.raw_path,
                    ),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions={"timeout": timeouts},
                )
            )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    """The body of an answer, in pieces as they come."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        """Give the connection back, or close it where the body was not read to its end."""
        with _as_httpx():
            self._answer.close()


class _Network(httpcore.SyncBackend):
    """Opens connections whose every wait ends at the call's deadline."""

    def __init__(self, pins: frozenset[str]) -> None:
        super().__init__()
        self._pins = pins

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect before the deadline."""
        with _named(httpcore.ConnectTimeout, httpcore.ConnectError):
            left = _left(timeout)
        connection = super().connect_tcp(host, port, left, local_address, socket_options)
        return _Stream(connection, self._pins)


class _Stream(httpcore.NetworkStream):
    """A connection; `timeout` is always the moment at which the call ends."""

    def __init__(self, stream: httpcore.NetworkStream, pins: frozenset[str]) -> None:
        self._stream = stream
        self._pins = pins

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Wait for bytes until the deadline."""
        with _named(httpcore.ReadTimeout, httpcore.ReadError):
            left = _left(timeout)
        return self._stream.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send everything before the deadline, however little the other side takes at a time."""
        connection: socket.socket = self._stream.get_extra_info("socket")
        rest = memoryview(buffer)
        with _named(httpcore.WriteTimeout, httpcore.WriteError):
            while rest:
                connection.settimeout(_left(timeout))
                rest = rest[connection.send(rest) :]

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Shake hands before the deadline."""
        with _named(httpcore.ConnectTimeout, httpcore.ConnectError):
            left = _left(timeout)
        secured = self._stream.start_tls(ssl_context, server_hostname, left)
        if self._pins:
            _require_pinned(secured, self._pins)
        return _Stream(secured, self._pins)

    def get_extra_info(self, info: str) -> object:
        """Say what the connection knows of itself."""
        return self._stream.get_extra_info(info)


def tls_context(identity: Identity, *, pinned: bool = False) -> ssl.SSLContext:
    """Return how calls shake hands: what is shown of us, and who vouches for the other side."""
    if identity.authorities is not None:
        context = ssl.create_default_context(cafile=identity.authorities)
    else:
        context = httpx.create_ssl_context()
    if identity.certificate is not None:
        context.load_cert_chain(identity.certificate, identity.key)
    if pinned:
        # The certificate itself is compared: nobody has to vouch for it.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _require_pinned(secured: httpcore.NetworkStream, pins: frozenset[str]) -> None:
    connection: ssl.SSLSocket = secured.get_extra_info("socket")
    shown = hashlib.sha256(connection.getpeercert(binary_form=True) or b"").hexdigest()
    if shown not in pins:
        secured.close()
        raise httpcore.ConnectError(f"the certificate shown is not pinned: SHA-256 {shown}")


def _left(ends: float | None) -> float | None:
    """Return the seconds until a deadline; raise TimeoutError once it is over."""
    if ends is None:
        return None
    left = ends - monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


@contextmanager
def _named(late: type[Exception], broken: type[Exception]) -> Iterator[None]:
    try:
        yield
    except TimeoutError as fault:
        raise late(str(fault)) from fault
    except OSError as fault:
        raise broken(str(fault)) from fault


@contextmanager
def _as_httpx() -> Iterator[None]:
    try:
        yield
    except tuple(_FAULTS) as fault:
        raise _FAULTS[type(fault)](str(fault)) from fault
