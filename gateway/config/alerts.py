"""`alerts:` in `gateway.yaml`: who is told of what a person must know."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from gateway.partners.fields import Settings, quoted
from gateway.partners.http_call import HttpCall
from gateway.partners.kinds import Duration
from gateway.secrets import Secret, Template

_ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+")
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


def _mail_address(value: str) -> str:
    if not _ADDRESS.fullmatch(value) or not value.isascii():
        raise ValueError(f"{quoted(value)} does not fit; expected an address such as a@b.example")
    return value


MailAddress = Annotated[str, AfterValidator(_mail_address)]
"""An e-mail address without a name."""


def _text(value: str) -> str:
    # Here, because few instances write one, and templates take long to import.
    from gateway.shaping.faults import NotCompiled
    from gateway.shaping.template import TextTemplate

    try:
        TextTemplate(value)
    except NotCompiled as fault:
        raise ValueError(f"line {fault.line} of the template: {fault}") from None
    return value


class Mail(Settings):
    """A mail server, and who gets the messages."""

    server: Annotated[str, Field(min_length=1)]
    """Name of the SMTP server."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Its port; 587, or 465 with `tls` and 25 with `none`, if left out."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is encrypted; `none` is for a relay on this machine."""
    username: Template | None = None
    """Whom we log in as; nobody if left out."""
    password: Secret | None = None
    """By reference."""
    sender: MailAddress
    """Who the messages are from."""
    recipients: Annotated[tuple[MailAddress, ...], Field(min_length=1, max_length=50)]
    """Who gets them."""
    timeout: Duration = timedelta(seconds=30)
    """For each answer of the server."""

    @model_validator(mode="after")
    def _whole_login(self) -> Mail:
        if (self.username is None) != (self.password is None):
            raise ValueError("'username' and 'password' belong together; expected both or neither")
        if self.password is not None and self.security == "none":
            raise ValueError("a password does not go over a connection in clear text")
        return self

    @property
    def used_port(self) -> int:
        """Return the port, written or usual."""
        return self.port or _PORTS[self.security]

    def templates(self) -> tuple[tuple[tuple[str, ...], Template], ...]:
        """Return every text that may refer to a secret, with its path in the file."""
        texts: list[tuple[tuple[str, ...], Template]] = []
        if self.username is not None and self.password is not None:
            texts = [(("username",), self.username), (("password",), self.password)]
        return tuple(texts)


class Alerts(Settings):
    """Who is told of alerts. They stand in `gateway alerts list` in any case."""

    webhook: HttpCall | None = None
    """Gets JSON with `subject`, `text` and `alert`; chat systems show the `text`."""
    mail: Mail | None = None
    """Gets the text by e-mail."""
    text: Annotated[str, AfterValidator(_text)] | None = None
    """Jinja2 template of the text; a usual one if left out. `document` has `what`, `kind`,
    `partner`, `owner`, `look`, `advice`, `raised_at`, `subject_id`, `id` and `short_id`."""
    attempts: Annotated[int, Field(ge=1, le=1000)] = 20
    """After so many it is given up; pauses double up to a quarter of an hour, so that 20 are about
    three hours."""

    def templates(self) -> tuple[tuple[tuple[str, ...], Template], ...]:
        """Return every text that may refer to a secret, with its path in the file."""
        found: list[tuple[tuple[str, ...], Template]] = []
        if self.webhook is not None:
            found += [(("webhook", *path), text) for path, text in self.webhook.templates()]
        if self.mail is not None:
            found += [(("mail", *path), text) for path, text in self.mail.templates()]
        return tuple(found)
