"""A partner's account on our own SFTP server."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from gateway.partners.fields import Name, Settings, quoted
from gateway.partners.kinds import Size
from gateway.secrets import Secret, Template

_KEY = re.compile(
    r"(ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|ssh-rsa|sk-[a-z0-9-]+@openssh\.com)"
    r" [A-Za-z0-9+/]{40,}={0,2}( .*)?"
)


def _public_key(value: str) -> str:
    text = " ".join(value.split())
    if _KEY.fullmatch(text) is None:
        raise ValueError(
            f"{quoted(text)} does not fit; expected a public key as in authorized_keys, such as "
            "'ssh-ed25519 AAAA… name'"
        )
    return text


PublicKey = Annotated[str, AfterValidator(_public_key)]
"""A public key in one line, as OpenSSH writes it."""


class DropBox(Settings):
    """This partner's account on our SFTP server (`sftp_server:` in `gateway.yaml`): it sees its
    own `in`, `out` and `archive`, and nothing else."""

    user: Name | None = None
    """User name; the partner's own short name if left out."""
    public_keys: tuple[PublicKey, ...] = ()
    """Keys it may log in with. Several, so that a new one is added before an old one goes."""
    password_hash: Secret | None = None
    """A password's bcrypt hash, by reference, for partners that have no keys; `gateway partners
    hash-password` makes one."""
    quota: Annotated[Size, Field(json_schema_extra={"default": "1GB"})] = 1024**3
    """Bytes that may lie in `in` and were not taken yet."""
    files: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    """Files that may lie in `in` and were not taken yet."""

    @model_validator(mode="after")
    def _proves_something(self) -> DropBox:
        if not self.public_keys and self.password_hash is None:
            raise ValueError(
                "expected 'public_keys' or 'password_hash': nobody could log in without one"
            )
        return self

    def templates(self) -> tuple[tuple[tuple[str | int, ...], Template], ...]:
        """Return every text that may refer to a secret, with its path in the file."""
        return ((("password_hash",), self.password_hash),) if self.password_hash else ()
