"""`server:` and `sftp_server:` in `gateway.yaml`: what partners and people connect to."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from gateway.partners.fields import HomePath, Settings, Texts, quoted
from gateway.partners.kinds import Duration


def _address(value: str) -> str:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        if value != "localhost":
            raise ValueError(
                f"{quoted(value)} does not fit; expected an address such as 127.0.0.1 or ::1"
            ) from None
    return value


Address = Annotated[str, AfterValidator(_address)]
"""An IP address, or `localhost`."""


class Server(Settings):
    """Where the gateway listens for HTTP, and what it believes of those who call."""

    host: Address = "127.0.0.1"
    """Address to listen on. Only this machine can call, unless another is written; then give a
    certificate too, or put a proxy with one in front."""
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    """Port to listen on."""
    certificate: HomePath | None = None
    """File with the certificate chain in PEM; with it, the server speaks TLS only."""
    key: HomePath | None = None
    """File with the certificate's private key in PEM."""
    connections: Annotated[int, Field(ge=1, le=10_000)] = 200
    """Calls at one moment; those beyond are answered with 503."""
    body_within: Duration = timedelta(seconds=60)
    """The body of a call must have come whole by then."""
    client_certificate_header: str | None = None
    """Header in which a proxy in front of us writes the SHA-256 fingerprint of the client
    certificate that it has verified, such as `X-SSL-Client-SHA256`. It must remove the header where
    a client sent it."""
    trusted_proxies: Texts = ("127.0.0.1", "::1")
    """Addresses of proxies whose client certificate header is believed."""

    @model_validator(mode="after")
    def _certificate_and_key(self) -> Server:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("'certificate' and 'key' belong together; expected both or neither")
        return self

    @property
    def exposed(self) -> bool:
        """Say whether other machines can call, and would do so in clear text."""
        loopback = self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        return not loopback and self.certificate is None


class SftpServer(Settings):
    """An SFTP server of our own: each partner with a `drop_box` has an account on it."""

    host: Address = "127.0.0.1"
    """Address to listen on. Only this machine can call, unless another is written."""
    port: Annotated[int, Field(ge=1, le=65535)] = 2222
    """Port to listen on."""
    host_key: HomePath = "state/sftp_host_key"
    """The server's own key, made on first start. Keep it: partners pin its fingerprint."""
    sessions: Annotated[int, Field(ge=1, le=10_000)] = 100
    """Connections at one moment, over all partners."""
    login_within: Duration = timedelta(seconds=30)
    """Who has not logged in by then is disconnected."""
