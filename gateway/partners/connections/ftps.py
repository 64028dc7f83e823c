"""An account of ours on a partner's FTP server, over TLS."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from gateway.partners.access import Fingerprint
from gateway.partners.connections.quiet import QuietWindow
from gateway.partners.connections.sftp import Host
from gateway.partners.fields import Settings
from gateway.partners.kinds import Duration
from gateway.secrets import Secret, Template


class FtpsConnection(Settings):
    """An account on the partner's FTP server; commands and files are always encrypted."""

    type: Literal["ftps"]
    """Kind of connection."""
    host: Host
    """Host name or address."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """TCP port; 21, and 990 with `tls: implicit`, if left out."""
    user: Template
    """User name."""
    password: Secret
    """Password, by reference."""
    tls: Literal["explicit", "implicit"] = "explicit"
    """Whether TLS is asked for in the conversation (`AUTH TLS`), or spoken from the first byte."""
    certificates: tuple[Fingerprint, ...] = ()
    """SHA-256 fingerprints of the certificates that the server may show; several while the partner
    changes from one to the next. If left out, the certificate must be for `host` and from an
    authority that this system trusts."""
    connect_timeout: Duration = timedelta(seconds=20)
    """For reaching the host."""
    timeout: Duration = timedelta(seconds=60)
    """For each answer, and for each piece of a file."""
    quiet: tuple[QuietWindow, ...] = ()
    """When the partner's system must be left alone."""

    @property
    def address(self) -> str:
        """Name the server for people."""
        return f"{self.host}:{self.listens_on}"

    @property
    def listens_on(self) -> int:
        """Return the port that is connected to."""
        return self.port or (990 if self.tls == "implicit" else 21)

    def templates(self) -> tuple[tuple[tuple[str | int, ...], Template], ...]:
        """Return every text that may refer to a secret, with its path in the file."""
        return ((("user",), self.user), (("password",), self.password))
