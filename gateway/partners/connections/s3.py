"""A bucket that a partner and we share, at Amazon or at any service with the same interface."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, model_validator

from gateway.partners.connections.quiet import QuietWindow
from gateway.partners.fields import Like, Settings, quoted
from gateway.partners.kinds import Duration
from gateway.secrets import Secret, Template


def _endpoint(value: str) -> str:
    try:
        parts = urlsplit(value)
        sound = parts.scheme in ("https", "http") and parts.hostname and parts.username is None
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    except ValueError:
        sound = local = False
    if not sound or (urlsplit(value).scheme == "http" and not local):
        raise ValueError(
            f"{quoted(value)} does not fit; expected an address such as https://s3.partner.example "
            "(http:// only for this machine)"
        )
    return value


class S3Connection(Settings):
    """A bucket; folders are the parts of keys before a `/`."""

    type: Literal["s3"]
    """Kind of connection."""
    bucket: Annotated[
        str, Like(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "the name of a bucket: 3 to 63 characters")
    ]
    """Name of the bucket."""
    region: Annotated[str, Like(r"[a-z0-9-]{1,40}", "a region, such as eu-central-1")] = "us-east-1"
    """Where it lies."""
    endpoint: Annotated[str, AfterValidator(_endpoint)] | None = None
    """Address of a service other than Amazon's."""
    credentials: Literal["keys", "ambient"] = "keys"
    """`keys` are the two below; `ambient` are those of the machine that we run on, as Amazon's
    tools look for them: environment, profile, role of the container or of the machine."""
    access_key: Template | None = None
    """Id of the access key."""
    secret_key: Secret | None = None
    """The secret access key, by reference."""
    timeout: Duration = timedelta(seconds=60)
    """For reaching the service, and for each piece of an answer."""
    quiet: tuple[QuietWindow, ...] = ()
    """When the bucket must be left alone."""

    @model_validator(mode="after")
    def _one_way_in(self) -> S3Connection:
        keys = (self.access_key, self.secret_key)
        if self.credentials == "keys" and None in keys:
            raise ValueError(
                "nothing says who we are; expected `access_key` and `secret_key`, "
                "or `credentials: ambient` where the machine has a role"
            )
        if self.credentials == "ambient" and keys != (None, None):
            raise ValueError(
                "`credentials: ambient` takes those of the machine; expected neither "
                "`access_key` nor `secret_key` beside it"
            )
        return self

    @property
    def address(self) -> str:
        """Name the bucket for people."""
        return f"{self.endpoint or 's3:/'}/{self.bucket}"

    def templates(self) -> tuple[tuple[tuple[str | int, ...], Template], ...]:
        """Return every text that may refer to a secret, with its path in the file."""
        keys = (("access_key", self.access_key), ("secret_key", self.secret_key))
        return tuple(((name,), template) for name, template in keys if template is not None)
