"""One call over HTTP: authenticated, in bounded time, its answer read as far as it is of use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import urlsplit

import httpx

from gateway.errors import GatewayError, Permanent, Transient, spoken
from gateway.pipeline.answers import Answer
from gateway.pipeline.ports import Exchange
from gateway.transports.http.answers import legible
from gateway.transports.http.authentication import Authenticator, NoAuthenticator, asked_twice
from gateway.transports.http.client import HttpClient
from gateway.transports.http.deadline import DeadlineTransport, Identity
from gateway.transports.http.reading import Body, read
from gateway.transports.http.request import Request, laid_on

_ANSWER_BYTES = 128 * 1024
"""No more of an answer is read: what is looked up in one stands at its beginning."""

_LATE: Mapping[type[httpx.TimeoutException], str] = {
    httpx.ConnectTimeout: "no connection",
    httpx.PoolTimeout: "no connection was free",
}


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and whether it came whole."""

    answer: Answer
    broken: str = ""
    """What broke it off; empty where nothing did."""


@dataclass(frozen=True, slots=True)
class Line:
    """How calls are made: over which connections, and who we are there."""

    timeout: timedelta = timedelta(seconds=30)
    """For a whole call, from connecting to the last byte of the answer."""
    connections: int = 8
    """Kept open and used again."""
    identity: Identity = field(default_factory=Identity, repr=False)
    """Our certificate, and whom to trust."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent with each request, such as Authorization: secrets, already resolved, so never shown."""


class Calls:
    """Makes calls over a pool of connections. Several threads may call at once."""

    def __init__(
        self,
        line: Line,
        authenticator: Authenticator | None = None,
        *,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._line = line
        self._authenticator = authenticator or NoAuthenticator()
        self._transport = transport
        self._carrier: httpx.BaseTransport | None = None
        self._client: HttpClient | None = None

    def connect(self) -> None:
        """Open the pool of connections; the other side is reached by the first call."""
        line = self._line
        self._carrier = self._transport or carrier(
            line.timeout, line.identity, connections=line.connections
        )
        self._client = HttpClient(self._carrier)
        self._authenticator.connect(self._client)

    def break_off(self) -> None:
        """Let every call that is under way end now."""
        if isinstance(self._carrier, DeadlineTransport):
            self._carrier.break_off()

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def call(self, request: Request, tell: Callable[[Exchange], None]) -> Answered:
        """Make a call; raise Transient or Permanent where there is no answer to judge.

        An answer of 401 to credentials that can be renewed is asked for once more.
        """
        return asked_twice(
            self._authenticator, lambda: self._once(request, tell), lambda one: one.answer.status
        )

    def _once(self, request: Request, tell: Callable[[Exchange], None]) -> Answered:
        signed = self._authenticator.signed(request)
        told = Exchange(f"{signed.method} {signed.url}", signed.content, signed.headers)
        try:
            answered = self._sent(signed)
        except GatewayError as fault:
            tell(replace(told, answer=str(fault)))
            raise
        answer = answered.answer
        tell(
            replace(
                told,
                answer=f"HTTP {answer.status}{f', then {answered.broken}' * bool(answered.broken)}",
                answer_headers=answer.headers,
                answer_content=answer.body,
            )
        )
        return answered

    def _sent(self, request: Request) -> Answered:
        shown = shown_address(request.url)
        if self._client is None:
            raise Permanent(f"{shown}: not connected")
        with sent(
            self._client, request, self._line.headers, shown=shown, word_for=self._named
        ) as answer:
            body = read(answer, _ANSWER_BYTES)
        return Answered(
            Answer(answer.status_code, _headers(answer, body), body.content, body.larger),
            self._named(body.broken) if body.broken is not None else "",
        )

    def _named(self, fault: httpx.RequestError) -> str:
        return named(fault, self._line.timeout, "document")


@contextmanager
def sent(
    client: HttpClient,
    request: Request,
    usual: Mapping[str, str],
    *,
    shown: str,
    word_for: Callable[[httpx.RequestError], str],
) -> Iterator[httpx.Response]:
    """Send a request, the usual headers below its own; its answer is read within the block.

    Raise Permanent where that is no address, and Transient, in the words of `word_for`, for what
    goes wrong on the way there and back.
    """
    # Laid on here and not on the client, which fetches tokens of other servers too.
    headers = laid_on(usual, request)
    try:
        with client.stream(
            request.method, request.url, content=request.content, headers=headers
        ) as answer:
            yield answer
    except (httpx.UnsupportedProtocol, httpx.InvalidURL):
        # Its own words may quote the address, and so a secret in it.
        raise Permanent(f"{shown} is not an HTTP address") from None
    except httpx.RequestError as fault:
        raise Transient(f"{shown}: {word_for(fault)}") from fault


def carrier(timeout: timedelta, identity: Identity, *, connections: int) -> DeadlineTransport:
    """Return what carries calls, each bounded in time; raise Permanent for a bad certificate."""
    try:
        return DeadlineTransport(timeout, connections=connections, identity=identity)
    except OSError as fault:  # What TLS says of a certificate among them.
        raise Permanent(f"a certificate cannot be used: {spoken(fault)}") from fault


def named(fault: httpx.RequestError, timeout: timedelta, sent: str) -> str:
    """Say what went wrong with what was sent, even where the network library says nothing."""
    if not isinstance(fault, httpx.TimeoutException):
        return legible(spoken(fault))
    late = {**_LATE, httpx.WriteTimeout: f"the {sent} was not taken"}
    return f"{late.get(type(fault), 'no whole answer')} within {timeout.total_seconds():g} s"


def shown_address(url: str) -> str:
    """Name an address for people: scheme, host and port, and nothing that may be a secret."""
    try:
        parts = urlsplit(url)
        name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        host = f"{name}:{parts.port}" if parts.port else name
    except ValueError:
        return "the destination's address"
    return f"{parts.scheme}://{host}" if parts.scheme and host else "the destination's address"


def _headers(answer: httpx.Response, body: Body) -> dict[str, str]:
    """Return what an answer is kept with: that it was packed is said where it still is."""
    lowered = {name.lower(): value for name, value in answer.headers.items()}
    if not body.coding:
        lowered.pop("content-encoding", None)
    return lowered
