"""HTTP calls that end in time: one deadline from connecting to the last byte of the answer.

httpx waits anew for each read and each write, so that another side which trickles single bytes
could hold a call open for days. Here the moment at which the whole call ends is handed to the
network parts (`gateway.transports.http.network`) where others hand on how long to wait.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from time import monotonic

import httpcore
import httpx

from gateway.transports.http.network import Network, Stream

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
        self._network = Network(pins)
        self._pool = _Pool(
            ssl_context=tls_context(identity or Identity(), pinned=bool(pins)),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=_IDLE,
            network_backend=self._network,
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

    def break_off(self) -> None:
        """Let every call that is under way end now; nothing can be called from then on."""
        self._network.break_off()

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


class _Pool(httpcore.ConnectionPool):
    """Connections that are used again only where nothing was left on them."""

    def create_connection(self, origin: httpcore.Origin) -> httpcore.ConnectionInterface:
        """Return a connection to a machine."""
        return _Connection(
            origin,
            ssl_context=self._ssl_context,
            keepalive_expiry=self._keepalive_expiry,
            network_backend=self._network_backend,
        )


class _Connection(httpcore.HTTPConnection):
    """A connection that is not used again once more came with an answer than the answer."""

    def has_expired(self) -> bool:
        """Say whether nothing may be asked over it any more.

        What came unasked would be read as the answer to the next request: another document would be
        taken for delivered that nobody has seen.
        """
        inner = self._connection
        unasked = isinstance(inner, httpcore.HTTP11Connection) and (
            inner.is_idle() and inner._h11_state.trailing_data[0]
        )
        return bool(unasked) or super().has_expired()


class _Body(httpx.SyncByteStream):
    """The body of an answer, in pieces as they come."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._answer.iter_stream()
        sent_over = self._answer.extensions["network_stream"]
        if isinstance(sent_over, Stream) and sent_over.cut_off:
            # A server may refuse what it has not read. That it took it, it can only say afterwards.
            raise httpx.WriteError("the connection ended before all was sent")

    def close(self) -> None:
        """Give the connection back, or close it where the body was not read to its end."""
        with _as_httpx():
            self._answer.close()


def tls_context(identity: Identity, *, pinned: bool = False) -> ssl.SSLContext:
    """Return how calls shake hands: what is shown of us, and who vouches for the other side."""
    if identity == Identity() and not pinned:
        return _usual(_authorities())
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


@lru_cache(maxsize=4)
def _usual(_authorities: tuple[object, ...]) -> ssl.SSLContext:
    """Trust the usual authorities, for every destination that names none.

    Reading them takes a fortieth of a second, and an instance may have a hundred destinations.
    """
    return httpx.create_ssl_context()


def _authorities() -> tuple[object, ...]:
    """Return whom the environment names, and how old that file is: it may be renewed."""
    file, folder = (os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))
    seen = os.stat(file) if file and os.path.exists(file) else None
    return file, folder, seen and (seen.st_mtime_ns, seen.st_size)


@contextmanager
def _as_httpx() -> Iterator[None]:
    try:
        yield
    except tuple(_FAULTS) as fault:
        raise _FAULTS[type(fault)](str(fault)) from fault
