"""How a call authenticates: credentials by reference, one kind for each way that systems ask for.

A kind names its secrets (`templates`) and nothing more; `gateway.app.http_calls` makes of it what
signs a request.
"""

from __future__ import annotations

import base64
import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from gateway.partners.fields import HomePath, Settings, quoted
from gateway.secrets import ONLY_BY_REFERENCE, Secret, Template, Vault, literal_in_query

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = (
    "idempotency-key", "x-correlation-id", "x-document-id", "x-document-type", "x-partner",
    "content-type", "content-length", "accept-encoding", "host", "transfer-encoding", "te",
    "trailer", "upgrade", "expect",
)  # fmt: skip

Placed = tuple[tuple[tuple[str, ...], Template], ...]
"""Texts that may refer to secrets, each with its path in the file."""


def http_url(template: Template) -> Template:
    """Return an address that a call can go to; say what was expected otherwise."""
    try:
        parts = urlsplit(template.text)
        _ = parts.port
    except ValueError:
        raise ValueError("expected an address such as https://erp.example/documents") from None
    if name := literal_in_query(template):
        raise ValueError(f"{quoted(name)} in an address carries a secret, {ONLY_BY_REFERENCE}")
    if template.text.startswith("${"):
        return template
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("expected an address such as https://erp.example/documents")
    if parts.username is not None or parts.password is not None:
        raise ValueError("credentials do not belong in an address; write them under 'auth'")
    if "{{" in parts.netloc:
        raise ValueError("no part of a document decides which machine is called")
    return template


def _header_name(name: str) -> str:
    if not _HEADER_NAME.fullmatch(name):
        raise ValueError("expected the name of an HTTP header")
    if name.lower() in _OURS:
        raise ValueError("the gateway sets this header itself")
    return name


HeaderName = Annotated[str, AfterValidator(_header_name)]
HttpUrl = Annotated[Template, AfterValidator(http_url)]


class BearerAuth(Settings):
    """`Authorization: Bearer …`."""

    type: Literal["bearer"]
    """Kind of authentication."""
    token: Secret
    """The token, by reference."""

    def templates(self) -> Placed:
        """Return every text that may refer to a secret."""
        return ((("token",), self.token),)

    def headers(self, vault: Vault) -> dict[str, str]:
        """Return the header that authenticates a call."""
        return {"Authorization": f"Bearer {vault.reveal(self.token)}"}


class BasicAuth(Settings):
    """`Authorization: Basic …`."""

    type: Literal["basic"]
    """Kind of authentication."""
    username: Template
    """User name."""
    password: Secret
    """Password, by reference."""

    def templates(self) -> Placed:
        """Return every text that may refer to a secret."""
        return (("username",), self.username), (("password",), self.password)

    def headers(self, vault: Vault) -> dict[str, str]:
        """Return the header that authenticates a call."""
        pair = f"{vault.reveal(self.username)}:{vault.reveal(self.password)}"
        return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode("ascii")}


class HeaderAuth(Settings):
    """An API key in a header of the destination's own, such as `X-Api-Key`."""

    type: Literal["header"]
    """Kind of authentication."""
    name: HeaderName
    """Name of the header."""
    value: Secret
    """Its value, by reference."""

    def templates(self) -> Placed:
        """Return every text that may refer to a secret."""
        return ((("value",), self.value),)

    def headers(self, vault: Vault) -> dict[str, str]:
        """Return the header that authenticates a call."""
        return {self.name: vault.reveal(self.value)}


class QueryAuth(Settings):
    """An API key as a parameter of the address; a header is safer where there is a choice."""

    type: Literal["query"]
    """Kind of authentication."""
    name: str
    """Name of the parameter."""
    value: Secret
    """Its value, by reference."""

    def templates(self) -> Placed:
        """Return every text that may refer to a secret."""
        return ((("value",), self.value),)

    def headers(self, vault: Vault) -> dict[str, str]:
        """Return no header: what authenticates a call is made for each."""
        del vault
        return {}


class OAuth2Auth(Settings):
    """OAuth 2 client credentials: a token is fetched, kept, and renewed before it expires."""

    type: Literal["oauth2"]
    """Kind of authentication."""
    token_url: HttpUrl
    """Where tokens are fetched."""
    client_id: Template
    """Who we are there."""
    client_secret: Secret
    """What proves it, by reference."""
    scope: str | None = None
    """What the token is to be good for, where the server asks."""
    audience: str | None = None
    """Whom it is meant for, where the server asks."""
    credentials: Literal["header", "body"] = "header"
    """Where id and secret stand in the call for a token."""

    def templates(self) -> Placed:
        """Return every text that may refer to a secret."""
        return (
            (("token_url",), self.token_url),
            (("client_id",), self.client_id),
            (("client_secret",), self.client_secret),
        )

    def headers(self, vault: Vault) -> dict[str, str]:
        """Return no header: what authenticates a call is made for each."""
        del vault
        return {}


class HmacAuth(Settings):
    """A signature over time and body, by a secret that both sides know."""

    type: Literal["hmac"]
    """Kind of authentication."""
    secret: Secret
    """The secret, by reference."""
    header: HeaderName = "X-Signature"
    """Carries the signature."""
    timestamp_header: HeaderName = "X-Timestamp"
    """Carries the moment, in seconds since 1970."""
    algorithm: Literal["sha256", "sha512"] = "sha256"
    """Hash of the signature."""
    encoding: Literal["hex", "base64"] = "hex"
    """How the signature is written."""
    prefix: str = ""
    """Stands before the signature, such as `sha256=`."""
    signs: str = "{timestamp}.{body}"
    """What is signed: text with `{timestamp}`, `{method}`, `{path}` and `{body}` in it."""

    def templates(self) -> Placed:
        """Return every text that may refer to a secret."""
        return ((("secret",), self.secret),)

    def headers(self, vault: Vault) -> dict[str, str]:
        """Return no header: what authenticates a call is made for each."""
        del vault
        return {}


Auth = Annotated[
    BearerAuth | BasicAuth | HeaderAuth | QueryAuth | OAuth2Auth | HmacAuth,
    Field(discriminator="type"),
]
"""Every way to authenticate."""


class ClientTls(Settings):
    """Certificates of a call: ours where the other side asks for one, and whom we trust."""

    certificate: HomePath | None = None
    """Our certificate, with its chain: a PEM file below the home."""
    key: HomePath | None = None
    """Its private key: a PEM file below the home, such as `secrets/erp-client.key`."""
    authorities: HomePath | None = None
    """Certificate authorities to trust instead of the system's: a PEM file below the home."""
