"""E-mail over a real SMTP conversation."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from gateway.errors import GatewayError, Permanent, Transient
from gateway.pipeline.ports import Consignment
from gateway.transports.mail.outbound import MailServer, Outbound
from tests.smtp_server import mail_server

TOLD = Consignment(
    orjson.dumps({"subject": "[edi] späte Quittung", "text": "Look:\n  here — now\n"}),
    "alert-1.json",
    "11111111-2222-5333-8444-555555555555",
    "c",
)


def outbound(port: int, **changes: object) -> Outbound:
    server = MailServer(
        "127.0.0.1",
        port,
        "none",
        "gateway@harbor.example",
        ("edi@harbor.example", "boss@harbor.example"),
        timeout=timedelta(seconds=5),
        **changes,  # type: ignore[arg-type]  # whatever a test changes
    )
    return Outbound(server, clock=lambda: datetime(2026, 3, 4, 5, 6, tzinfo=UTC))


def test_everybody_gets_one_message_that_says_what_was_told() -> None:
    with mail_server() as box:
        receipt = outbound(box.port).deliver(TOLD)
    [message] = box.messages
    assert box.recipients == [["edi@harbor.example", "boss@harbor.example"]]
    assert receipt.reference == (
        f"127.0.0.1:{box.port} took it for edi@harbor.example, boss@harbor.example"
    )
    assert message["Subject"] == "[edi] späte Quittung"
    assert message["From"] == "gateway@harbor.example"
    assert message["Message-ID"] == "<11111111-2222-5333-8444-555555555555@harbor.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().splitlines() == ["Look:", "  here — now"]


@pytest.mark.parametrize(
    ("command", "answer", "kind", "said"),
    [
        ("DATA", "451 try later", Transient, "451 try later"),
        ("DATA", "554 no", Permanent, "554 no"),
        ("MAIL", "550 who are you", Permanent, "550 who are you"),
        (
            "RCPT",
            "450 greylisted",
            Transient,
            "refuses boss@harbor.example: 450 greylisted; edi@harbor.example: 450 greylisted",
        ),
        (
            "RCPT",
            "550 unknown",
            Permanent,
            "refuses boss@harbor.example: 550 unknown; edi@harbor.example: 550 unknown",
        ),
    ],
)
def test_an_answer_of_the_server_says_whether_to_try_again(
    command: str, answer: str, kind: type[GatewayError], said: str
) -> None:
    with mail_server(**{command: answer}) as box, pytest.raises(kind) as fault:
        outbound(box.port).deliver(TOLD)
    assert str(fault.value).endswith(said)
    assert box.messages == []


def test_a_server_that_is_not_there_is_tried_again() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Transient, match=rf"^127\.0\.0\.1:{port}: .*[Cc]onnection refused$"):
        outbound(port).deliver(TOLD)


def test_a_password_goes_to_no_server_that_asks_for_none() -> None:
    with mail_server() as box, pytest.raises(Permanent) as fault:
        outbound(box.port, username="gateway", password="secret").deliver(TOLD)
    assert "secret" not in str(fault.value)
    assert str(fault.value) == (
        f"127.0.0.1:{box.port}: SMTP AUTH extension not supported by server."
    )
