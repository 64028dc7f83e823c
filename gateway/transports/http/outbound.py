"""Delivers canonical documents to a destination, each attempt under the same key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

import httpx

from gateway.clock import Clock, utc_now
from gateway.errors import Permanent, Transient
from gateway.pipeline.ports import Consignment, Receipt
from gateway.transports.http.answers import judge

_ANSWER_BYTES = 64 * 1024
"""No more of an answer is read: its beginning says what is wrong, if anything is."""


@dataclass(frozen=True, slots=True)
class HttpDestination:
    """Where documents are posted to, and how."""

    url: str = field(repr=False)
    """With secrets in it where its path or query has any, so never shown: see `shown`."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent with each request, such as Authorization: secrets, already resolved, so never shown."""
    timeout: timedelta = timedelta(seconds=30)
    """For each of connecting, sending, and waiting for the next byte of the answer."""
    connections: int = 8
    """Kept open and used again."""
    method: Literal["POST", "PUT"] = "POST"

    @property
    def shown(self) -> str:
        """Name it for people: scheme, host and port, and nothing that may be a secret."""
        try:
            parts = urlsplit(self.url)
            host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
        except ValueError:
            return "the destination's address"
        return f"{parts.scheme}://{host}" if parts.scheme and host else "the destination's address"


class Outbound:
    """An HTTP destination."""

    def __init__(
        self,
        destination: HttpDestination,
        *,
        clock: Clock = utc_now,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._destination = destination
        self._clock = clock
        self._transport = transport
        self._client: httpx.Client | None = None

    def connect(self) -> None:
        """Open the pool of connections; the destination itself is reached by the first delivery."""
        limit = self._destination.connections
        self._client = httpx.Client(
            headers=dict(self._destination.headers),
            timeout=self._destination.timeout.total_seconds(),
            limits=httpx.Limits(max_connections=limit, max_keepalive_connections=limit),
            follow_redirects=False,
            transport=self._transport,
        )

    def deliver(self, consignment: Consignment) -> Receipt:
        """Hand over one document; raise Transient or Permanent by what the destination answers."""
        if self._client is None:
            raise Permanent(f"{self._destination.shown}: not connected")
        headers = {
            **consignment.headers,
            # The answer is read as it comes, so a small one cannot unpack into a large one.
            "Accept-Encoding": "identity",
            "Content-Type": consignment.content_type,
            "Idempotency-Key": consignment.idempotency_key,
            "X-Correlation-Id": consignment.correlation_id,
        }
        try:
            with self._client.stream(
                self._destination.method,
                self._destination.url,
                content=consignment.content,
                headers=headers,
            ) as answer:
                body = _beginning(answer)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as fault:
            # Its own words may quote the address, and so a secret in it.
            raise Permanent(f"{self._destination.shown} is not an HTTP address") from fault
        except httpx.RequestError as fault:
            raise Transient(f"{self._destination.shown}: {_named(fault)}") from fault
        retry_after = answer.headers.get("Retry-After")
        return judge(answer.status_code, retry_after, body, now=self._clock())

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()
            self._client = None


def _beginning(answer: httpx.Response) -> bytes:
    """Read an answer as far as it is of use; leaving the rest unread closes the connection."""
    body = b""
    try:
        for chunk in answer.iter_raw(_ANSWER_BYTES):
            body += chunk
            if len(body) >= _ANSWER_BYTES:
                break
    except httpx.RequestError:
        # The status has been received, and only the status decides.
        return body
    return body[:_ANSWER_BYTES]


def _named(fault: httpx.RequestError) -> str:
    """Say what went wrong even where the network library left the message empty."""
    return str(fault) or type(fault).__name__
