"""Sends what people are told as e-mail: one message for each consignment, over SMTP."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from typing import Literal

import orjson

from gateway.clock import Clock, utc_now
from gateway.errors import Permanent, Transient, first_line
from gateway.pipeline.ports import Consignment, Receipt

_PERMANENT = 500
"""SMTP's replies from here on are no for good."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes our messages, and who they are from and to."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    sender: str
    recipients: Sequence[str]
    username: str | None = None
    password: str = field(default="", repr=False)
    timeout: timedelta = timedelta(seconds=30)


class Outbound:
    """An SMTP server; each consignment goes over a connection of its own, for they are few."""

    def __init__(
        self, server: MailServer, *, clock: Clock = utc_now, trust: ssl.SSLContext | None = None
    ) -> None:
        self._server = server
        self._clock = clock
        self._trust = trust

    def connect(self) -> None:
        """Do nothing: the server is reached by the first message."""

    def close(self) -> None:
        """Do nothing: no connection stays open."""

    def deliver(self, consignment: Consignment) -> Receipt:
        """Send one message to everybody; raise Transient or Permanent by what the server says."""
        server, message = self._server, self._message(consignment)
        where = f"{server.host}:{server.port}"
        try:
            with self._opened() as connection:
                if server.username is not None:
                    connection.login(server.username, server.password)
                refused = connection.send_message(message, server.sender, [*server.recipients])
        except smtplib.SMTPRecipientsRefused as fault:
            raise _refused(where, fault.recipients) from fault
        except smtplib.SMTPAuthenticationError as fault:
            raise Permanent(f"{where} takes neither user name nor password") from fault
        except smtplib.SMTPResponseException as fault:
            said = f"{where}: {fault.smtp_code} {_shown(fault.smtp_error)}"
            raise (Permanent if fault.smtp_code >= _PERMANENT else Transient)(said) from fault
        except smtplib.SMTPNotSupportedError as fault:
            raise Permanent(f"{where}: {first_line(fault)}") from fault
        except ssl.SSLCertVerificationError as fault:
            raise Permanent(f"{where}: its certificate: {fault.verify_message}") from fault
        except (smtplib.SMTPException, OSError) as fault:
            raise Transient(f"{where}: {first_line(fault)}") from fault
        if refused:
            raise _refused(where, refused)
        return Receipt(f"{where} took it for {', '.join(server.recipients)}")

    def _opened(self) -> smtplib.SMTP:
        server, seconds = self._server, self._server.timeout.total_seconds()
        if server.security == "none":
            return smtplib.SMTP(server.host, server.port, timeout=seconds)
        trust = self._trust or ssl.create_default_context()
        if server.security == "tls":
            return smtplib.SMTP_SSL(server.host, server.port, timeout=seconds, context=trust)
        connection = smtplib.SMTP(server.host, server.port, timeout=seconds)
        try:
            connection.starttls(context=trust)
        except BaseException:
            connection.close()
            raise
        return connection

    def _message(self, consignment: Consignment) -> EmailMessage:
        """Return the message, the same at each attempt but for its date."""
        told = orjson.loads(consignment.content)
        message = EmailMessage()
        message["Subject"] = told["subject"]
        message["From"] = self._server.sender
        message["To"] = ", ".join(self._server.recipients)
        message["Date"] = self._clock()
        # What comes twice after a crash, a mail server or a person knows by this.
        domain = self._server.sender.rpartition("@")[2]
        message["Message-ID"] = f"<{consignment.idempotency_key}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(told["text"])
        return message


def _refused(where: str, recipients: dict[str, tuple[int, bytes]]) -> Permanent | Transient:
    """Say who does not get it; who does would get it again with another attempt."""
    said = "; ".join(
        f"{name}: {code} {_shown(text)}" for name, (code, text) in sorted(recipients.items())
    )
    passing = all(code < _PERMANENT for code, _ in recipients.values())
    return (Transient if passing else Permanent)(f"{where} refuses {said}")


def _shown(text: bytes | str) -> str:
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(plain.split())
