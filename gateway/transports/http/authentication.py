"""What makes a request an authenticated one, where a fixed header is not enough.

Each takes a request and returns it signed. What can be renewed is, once, when the other side says
401 to it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, TypeVar
from urllib.parse import quote, urlsplit

from gateway.clock import Clock
from gateway.transports.http.client import HttpClient
from gateway.transports.http.request import Request

Said = TypeVar("Said")
"""An answer, in whatever form."""

_UNAUTHORIZED = 401

_HASHES: dict[str, Callable[..., hashlib._Hash]] = {
    "sha256": hashlib.sha256,
    "sha512": hashlib.sha512,
}


class Authenticator(Protocol):
    """Signs requests. Several threads may ask at once."""

    def connect(self, client: HttpClient) -> None:
        """Take what calls are made with, where credentials themselves are fetched."""

    def signed(self, request: Request) -> Request:
        """Return the request with what authenticates it; raise Transient where there is nothing."""

    def renew(self) -> bool:
        """Say whether the credentials that were refused can be, and are, replaced."""


def asked_twice(
    authenticator: Authenticator, ask: Callable[[], Said], status_of: Callable[[Said], int]
) -> Said:
    """Return an answer; where it is 401 to credentials that can be renewed, ask once more."""
    said = ask()
    return ask() if status_of(said) == _UNAUTHORIZED and authenticator.renew() else said


class NoAuthenticator:
    """Signs nothing: there is nothing to sign, or a fixed header says it."""

    def connect(self, client: HttpClient) -> None:
        """Take nothing."""

    def signed(self, request: Request) -> Request:
        """Return the request as it is."""
        return request

    def renew(self) -> bool:
        """Say that nothing can be renewed."""
        return False


class QueryKey(NoAuthenticator):
    """Adds a parameter to the address."""

    def __init__(self, name: str, value: str) -> None:
        self._parameter = f"{quote(name, safe='')}={quote(value, safe='')}"

    def signed(self, request: Request) -> Request:
        """Return the request with the parameter in its address."""
        between = "&" if "?" in request.url else "?"
        return replace(request, url=f"{request.url}{between}{self._parameter}")


@dataclass(frozen=True, slots=True)
class Signing:
    """How a signature over time and body is made and written."""

    secret: str = field(repr=False)
    header: str = "X-Signature"
    timestamp_header: str = "X-Timestamp"
    algorithm: Literal["sha256", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    signs: str = "{timestamp}.{body}"


class Hmac(NoAuthenticator):
    """Signs time and body."""

    def __init__(self, signing: Signing, *, clock: Clock) -> None:
        self._signing = signing
        self._clock = clock

    def signed(self, request: Request) -> Request:
        """Return the request with the moment and the signature in its headers."""
        how = self._signing
        timestamp = str(int(self._clock().timestamp()))
        digest = hmac.new(
            how.secret.encode(), self._text(request, timestamp), _HASHES[how.algorithm]
        ).digest()
        written = digest.hex() if how.encoding == "hex" else base64.b64encode(digest).decode()
        signature = {how.timestamp_header: timestamp, how.header: how.prefix + written}
        return replace(request, headers={**request.headers, **signature})

    def _text(self, request: Request, timestamp: str) -> bytes:
        parts = urlsplit(request.url)
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        named = {"timestamp": timestamp, "method": request.method, "path": path}
        # The body is put in as bytes: what it holds is no template.
        before, body, after = self._signing.signs.partition("{body}")
        content = request.content if body else b""
        return _filled(before, named) + content + _filled(after, named)


def _filled(text: str, named: dict[str, str]) -> bytes:
    for name, value in named.items():
        text = text.replace(f"{{{name}}}", value)
    return text.encode()


class StandardWebhooks(NoAuthenticator):
    """Signs as Standard Webhooks has it: id, moment and body, once with each secret.

    While a secret is being exchanged there are two: the receiver takes a signature by either.
    """

    def __init__(self, secrets: tuple[bytes, ...], *, clock: Clock) -> None:
        self._secrets = secrets
        self._clock = clock

    def signed(self, request: Request) -> Request:
        """Return the request with `webhook-timestamp` and `webhook-signature`."""
        timestamp = str(int(self._clock().timestamp()))
        text = f"{request.headers['webhook-id']}.{timestamp}.".encode() + request.content
        signatures = " ".join(
            "v1," + base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest()).decode()
            for secret in self._secrets
        )
        signed = {"webhook-timestamp": timestamp, "webhook-signature": signatures}
        return replace(request, headers={**request.headers, **signed})
