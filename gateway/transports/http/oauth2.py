"""OAuth 2 client credentials: one token for all threads, renewed before it expires."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Lock
from typing import TypeGuard
from urllib.parse import quote, urlencode

import httpx

from gateway.clock import Clock
from gateway.errors import Permanent, Transient, spoken
from gateway.pipeline.answers.answer import Answer
from gateway.shaping import Json
from gateway.transports.http.answers import judge, legible
from gateway.transports.http.client import HttpClient
from gateway.transports.http.reading import read_whole
from gateway.transports.http.request import Request

_EARLY = timedelta(seconds=60)
"""A token is renewed this long before it expires; one of short life when a quarter is left."""

_USUAL_LIFE = timedelta(minutes=5)
"""Of a token whose server says nothing of it."""

_LONGEST = 24 * 60 * 60
"""Seconds: a token that is said to live longer is renewed after a day."""

OF_TOKENS = "the token server"
"""How what is said of a token's server begins."""

_SUCCESS = range(200, 300)
_LARGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are to the server that gives tokens, and what they are to be good for."""

    token_url: str = field(repr=False)
    client_id: str
    secret: str = field(repr=False)
    scope: str | None = None
    audience: str | None = None
    in_body: bool = False
    """Whether id and secret stand in the body of the call, and not in its header."""


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    until: datetime


class OAuth2:
    """Adds a token to each request; fetches one when there is none that is good any more."""

    def __init__(
        self, client: Client, *, clock: Clock, learned: Callable[[str], None] = lambda token: None
    ) -> None:
        """Make it; `learned` is told each token, which must appear nowhere."""
        self._client = client
        self._clock = clock
        self._learned = learned
        self._calls: HttpClient | None = None
        self._token: _Token | None = None
        # Held while a token is fetched: who comes meanwhile waits for that one.
        self._lock = Lock()

    def connect(self, client: HttpClient) -> None:
        """Take what calls are made with."""
        self._calls = client

    def signed(self, request: Request) -> Request:
        """Return the request with a token that is good."""
        with self._lock:
            if self._token is None or self._clock() >= self._token.until:
                self._token = self._fetched()
            bearer = f"Bearer {self._token.value}"
        return replace(request, headers={**request.headers, "Authorization": bearer})

    def renew(self) -> bool:
        """Forget the token, so that the next request fetches another."""
        with self._lock:
            self._token = None
        return True

    def _fetched(self) -> _Token:
        if self._calls is None:
            raise Permanent("the token server: not connected")
        try:
            url, headers = self._client.token_url, self._headers().items()
            with self._calls.stream("POST", url, content=self._form(), headers=headers) as response:
                body = read_whole(response, _LARGEST, _too_large()).content
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as fault:
            raise Permanent("the token server's address is not an HTTP address") from fault
        except httpx.RequestError as fault:
            raise Transient(f"the token server: {legible(spoken(fault))}") from fault
        return self._token_of(Answer(response.status_code, dict(response.headers), body))

    def _token_of(self, answer: Answer) -> _Token:
        if answer.status not in _SUCCESS:
            raise self._refusal(answer)
        said = answer.json if isinstance(answer.json, dict) else {}
        value, life = said.get("access_token"), said.get("expires_in")
        if not isinstance(value, str) or not value:
            raise Permanent("the token server answered without an access_token")
        self._learned(value)
        if isinstance(life, str) and life.isascii() and life.isdigit():  # As some servers have it.
            life = Decimal(life)
        told = timedelta(seconds=int(min(life, _LONGEST))) if _is_life(life) else _USUAL_LIFE
        return _Token(value, self._clock() + told - min(_EARLY, told / 4))

    def _refusal(self, answer: Answer) -> Transient | Permanent:
        retry_after = answer.headers.get("retry-after")
        try:
            judge(answer.status, retry_after, answer.body, now=self._clock())
        except Transient as fault:
            return Transient(f"the token server: {fault}", retry_after=fault.retry_after)
        except Permanent as fault:
            return Permanent(f"the token server: {fault}")
        return Permanent(f"the token server: HTTP {answer.status}")

    def _form(self) -> bytes:
        client = self._client
        form = {"grant_type": "client_credentials"}
        if client.scope:
            form["scope"] = client.scope
        if client.audience:
            form["audience"] = client.audience
        if client.in_body:
            form |= {"client_id": client.client_id, "client_secret": client.secret}
        return urlencode(form).encode()

    def _headers(self) -> dict[str, str]:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        if not self._client.in_body:
            # Both parts are form-encoded first (RFC 6749, 2.3.1).
            pair = f"{quote(self._client.client_id, safe='')}:{quote(self._client.secret, safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        return headers


def _too_large() -> Permanent:
    return Permanent(f"the token server: its answer is larger than {_LARGEST} bytes")


def _is_life(told: Json) -> TypeGuard[int | Decimal]:
    return isinstance(told, int | Decimal) and not isinstance(told, bool) and told >= 0
