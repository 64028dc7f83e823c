"""A call over HTTP that configuration describes: its address, its headers, how it authenticates."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, field_validator, model_validator

from gateway.partners.authentication import Auth, ClientTls, HeaderName, HttpUrl, Placed
from gateway.partners.fields import Settings
from gateway.partners.kinds import Duration
from gateway.secrets import ONLY_BY_REFERENCE, SENSITIVE, Template, Vault


class HttpCall(Settings):
    """Where something is handed over, and how the call authenticates."""

    url: HttpUrl
    """Where it is sent."""
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    """HTTP method."""
    headers: dict[HeaderName, Template] = Field(default_factory=dict)
    """Sent with each call; credentials only by reference."""
    auth: Auth | None = None
    """How the call authenticates."""
    tls: ClientTls | None = None
    """Certificates of our own, and whom to trust."""
    timeout: Duration = timedelta(seconds=30)
    """For each call, from connecting to the last byte of the answer."""

    @field_validator("headers")
    @classmethod
    def _sensitive_by_reference(cls, headers: dict[str, Template]) -> dict[str, Template]:
        for name, value in headers.items():
            if SENSITIVE.search(name) and not value.references:
                raise ValueError(f"header '{name}' carries a secret, {ONLY_BY_REFERENCE}")
        return headers

    @model_validator(mode="after")
    def _certificate_with_its_key(self) -> HttpCall:
        if self.tls and (self.tls.certificate is None) != (self.tls.key is None):
            raise ValueError("'tls' has a certificate without its key, or a key without one")
        return self

    def templates(self) -> Placed:
        """Return every text that may refer to a secret, with its path in the file."""
        texts: list[tuple[tuple[str, ...], Template]] = [(("url",), self.url)]
        texts += [(("headers", name), value) for name, value in self.headers.items()]
        if self.auth is not None:
            texts += [(("auth", *path), template) for path, template in self.auth.templates()]
        return tuple(texts)

    def revealed_headers(self, vault: Vault) -> dict[str, str]:
        """Return all headers of a call with secrets in them: for the transport, never for a log."""
        headers = {name: vault.reveal(value) for name, value in self.headers.items()}
        return headers | (self.auth.headers(vault) if self.auth else {})
