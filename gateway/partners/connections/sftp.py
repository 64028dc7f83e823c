"""An account of ours on a partner's SFTP server."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from gateway.partners.connections.quiet import QuietWindow
from gateway.partners.fields import Like, Name, Settings
from gateway.partners.kinds import Duration, Size
from gateway.secrets import Secret, Template

Host = Annotated[
    str,
    # A name whose parts are empty or too long cannot even be looked up.
    Like(
        r"(?!.*(?:\.\.|[^.]{64}))[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,253}[A-Za-z0-9])?",
        "a host name or an IP address",
    ),
]

HostKey = Annotated[
    str,
    Like(
        r"SHA256:[A-Za-z0-9+/]{43}=?|(?:ssh|ecdsa)-[a-z0-9-]+ [A-Za-z0-9+/]{20,}={0,2}(?: .*)?",
        "a fingerprint (SHA256:...) or a public key (ssh-ed25519 AAAA...)",
    ),
]
"""A key that a server may show: its fingerprint, or the key itself as in `known_hosts`."""

LegacyAlgorithm = Literal[
    "3des-cbc",
    "aes128-cbc",
    "aes192-cbc",
    "aes256-cbc",
    "hmac-md5",
    "hmac-md5-96",
    "hmac-sha1",
    "hmac-sha1-96",
]
"""Algorithms that are offered to nobody unless a connection names them."""


class SftpConnection(Settings):
    """An account on the partner's SFTP server."""

    type: Literal["sftp"]
    """Kind of connection."""
    host: Host
    """Host name or address."""
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    """TCP port."""
    user: Template
    """User name."""
    host_keys: tuple[HostKey, ...] = ()
    """Keys that the server may show; several while the partner changes from one to the next. A
    server that shows another one is not logged in to. `gateway partners trust-host` prints the line
    to write here."""
    password: Secret | None = None
    """Password, by reference."""
    key: Secret | None = None
    """Our private key in OpenSSH or PEM form, by reference, such as `${file:secrets/sftp-key}`."""
    passphrase: Secret | None = None
    """What the private key is encrypted with, by reference."""
    connect_timeout: Duration = timedelta(seconds=20)
    """For each of reaching the host, its greeting, the exchange of keys and the login."""
    timeout: Duration = timedelta(seconds=60)
    """For each answer after the login."""
    slowest: Size = Field(4 * 1024, json_schema_extra={"default": "4KB"})
    """So many bytes must come or go in a second on the whole: a file that takes longer, `timeout`
    added, is given up and tried again later."""
    keepalive: Duration = timedelta(seconds=30)
    """A sign of life is sent this often, so that firewalls do not forget an idle connection."""
    via: Name | None = None
    """Another `sftp` connection of this partner whose host is the only way to this one: a jump
    host."""
    proxy_command: Template | None = None
    """A command whose input and output are the connection, instead of a TCP connection of ours;
    `%h` and `%p` in it become host and port."""
    legacy_algorithms: tuple[LegacyAlgorithm, ...] = ()
    """Old ciphers and MACs that this server needs; without being named here none is offered."""
    quiet: tuple[QuietWindow, ...] = ()
    """When the partner's system must be left alone."""

    @model_validator(mode="after")
    def _can_log_in(self) -> SftpConnection:
        if self.password is None and self.key is None:
            raise ValueError("expected 'key' or 'password': nobody can log in without one")
        if self.passphrase is not None and self.key is None:
            raise ValueError("'passphrase' is for a 'key', and there is none")
        if self.via is not None and self.proxy_command is not None:
            raise ValueError("'via' and 'proxy_command' exclude each other")
        return self

    @property
    def address(self) -> str:
        """Name the server for people."""
        return f"{self.host}:{self.port}"

    def templates(self) -> tuple[tuple[tuple[str | int, ...], Template], ...]:
        """Return every text that may refer to a secret, with its path in the file."""
        named = {
            "user": self.user,
            "password": self.password,
            "key": self.key,
            "passphrase": self.passphrase,
            "proxy_command": self.proxy_command,
        }
        return tuple(((name,), text) for name, text in named.items() if text is not None)
