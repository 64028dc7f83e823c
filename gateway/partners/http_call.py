"""A call over HTTP that configuration describes: its address, its headers, how it authenticates."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator

from gateway.partners.fields import Settings, quoted
from gateway.partners.kinds import Duration
from gateway.secrets import (
    ONLY_BY_REFERENCE,
    SENSITIVE,
    Secret,
    Template,
    Vault,
    literal_in_query,
)

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = (
    "idempotency-key", "x-correlation-id", "x-document-id", "x-document-type", "x-partner",
    "content-type", "content-length", "accept-encoding", "host",
)  # fmt: skip


def _http_url(template: Template) -> Template:
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
    return template


def _header_name(name: str) -> str:
    if not _HEADER_NAME.fullmatch(name):
        raise ValueError("expected the name of an HTTP header")
    if name.lower() in _OURS:
        raise ValueError("the gateway sets this header itself")
    return name


HeaderName = Annotated[str, AfterValidator(_header_name)]


class BearerAuth(Settings):
    """`Authorization: Bearer …`."""

    type: Literal["bearer"]
    """Kind of authentication."""
    token: Secret
    """The token, by reference."""

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

    def headers(self, vault: Vault) -> dict[str, str]:
        """Return the header that authenticates a call."""
        pair = f"{vault.reveal(self.username)}:{vault.reveal(self.password)}"
        return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode("ascii")}


class HeaderAuth(Settings):
    """A header of the destination's own, such as `X-Api-Key`."""

    type: Literal["header"]
    """Kind of authentication."""
    name: HeaderName
    """Name of the header."""
    value: Secret
    """Its value, by reference."""

    def headers(self, vault: Vault) -> dict[str, str]:
        """Return the header that authenticates a call."""
        return {self.name: vault.reveal(self.value)}


Auth = Annotated[BearerAuth | BasicAuth | HeaderAuth, Field(discriminator="type")]


class HttpCall(Settings):
    """Where something is handed over, and how the call authenticates."""

    url: Annotated[Template, AfterValidator(_http_url)]
    """Where it is posted."""
    method: Literal["POST", "PUT"] = "POST"
    """HTTP method."""
    headers: dict[HeaderName, Template] = Field(default_factory=dict)
    """Sent with each call; credentials only by reference."""
    auth: Auth | None = None
    """How the call authenticates."""
    timeout: Duration = timedelta(seconds=30)
    """For each call, from connecting to the last byte of the answer."""

    @field_validator("headers")
    @classmethod
    def _sensitive_by_reference(cls, headers: dict[str, Template]) -> dict[str, Template]:
        for name, value in headers.items():
            if SENSITIVE.search(name) and not value.references:
                raise ValueError(f"header '{name}' carries a secret, {ONLY_BY_REFERENCE}")
        return headers

    def templates(self) -> tuple[tuple[tuple[str, ...], Template], ...]:
        """Return every text that may refer to a secret, with its path in the file."""
        texts: list[tuple[tuple[str, ...], Template]] = [(("url",), self.url)]
        texts += [(("headers", name), value) for name, value in self.headers.items()]
        match self.auth:
            case BearerAuth(token=token):
                texts.append((("auth", "token"), token))
            case BasicAuth(username=username, password=password):
                texts += [(("auth", "username"), username), (("auth", "password"), password)]
            case HeaderAuth(value=value):
                texts.append((("auth", "value"), value))
            case None:
                pass
        return tuple(texts)

    def revealed_headers(self, vault: Vault) -> dict[str, str]:
        """Return all headers of a call with secrets in them: for the transport, never for a log."""
        headers = {name: vault.reveal(value) for name, value in self.headers.items()}
        return headers | (self.auth.headers(vault) if self.auth else {})
