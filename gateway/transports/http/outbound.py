"""Delivers canonical documents to a destination, each attempt under the same key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

import httpx

from gateway.clock import Clock, utc_now
from gateway.errors import Permanent, Transient, spoken
from gateway.pipeline.ports import Consignment, Receipt
from gateway.transports.http.answers import cut_short, judge, legible
from gateway.transports.http.deadline import DeadlineTransport

_ANSWER_BYTES = 64 * 1024
"""No more of an answer is read: its beginning says what is wrong, if anything is."""

_LATE: Mapping[type[httpx.TimeoutException], str] = {
    httpx.ConnectTimeout: "no connection",
    httpx.PoolTimeout: "no connection was free",
    httpx.WriteTimeout: "the document was not taken",
}


@dataclass(frozen=True, slots=True)
class HttpDestination:
    """Where documents are posted to, and how."""

    url: str = field(repr=False)
    """With secrets in it where its path or query has any, so never shown: see `shown`."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent with each request, such as Authorization: secrets, already resolved, so never shown."""
    timeout: timedelta = timedelta(seconds=30)
    """For a whole call, from connecting to the last byte of the answer."""
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
        timeout, limit = self._destination.timeout, self._destination.connections
        self._client = httpx.Client(
            headers=dict(self._destination.headers),
            follow_redirects=False,
            # Credentials come from the configuration, never from a .netrc that lies about.
            trust_env=False,
            transport=self._transport or DeadlineTransport(timeout, connections=limit),
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
                body, broken = _beginning(answer)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as fault:
            # Its own words may quote the address, and so a secret in it.
            raise Permanent(f"{self._destination.shown} is not an HTTP address") from fault
        except httpx.RequestError as fault:
            raise Transient(f"{self._destination.shown}: {self._named(fault)}") from fault
        if broken is not None and cut_short(answer.status_code):
            said = f"HTTP {answer.status_code}, but the answer broke off"
            raise Transient(f"{self._destination.shown}: {said}: {self._named(broken)}")
        retry_after = answer.headers.get("Retry-After")
        return judge(answer.status_code, retry_after, body, now=self._clock())

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _named(self, fault: httpx.RequestError) -> str:
        """Say what went wrong even where the network library left the message empty."""
        if isinstance(fault, httpx.TimeoutException):
            seconds = self._destination.timeout.total_seconds()
            return f"{_LATE.get(type(fault), 'no whole answer')} within {seconds:g} s"
        return legible(spoken(fault))


def _beginning(answer: httpx.Response) -> tuple[bytes, httpx.RequestError | None]:
    """Read an answer as far as it is of use, and say what broke it off, if anything did.

    Leaving the rest unread closes the connection.
    """
    body = b""
    try:
        for chunk in answer.iter_raw():
            body += chunk
            if len(body) >= _ANSWER_BYTES:
                break
    except httpx.RequestError as fault:
        return body, fault
    return body[:_ANSWER_BYTES], None
