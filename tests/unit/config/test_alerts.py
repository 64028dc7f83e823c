"""Who is told of alerts: what may be written, and what is refused with a reason."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gateway.config.alerts import Alerts, Mail

MAIL = {
    "server": "smtp.harbor.example",
    "sender": "gateway@harbor.example",
    "recipients": ["edi-desk@harbor.example"],
}


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_port_follows_from_how_the_connection_is_encrypted(security: str, port: int) -> None:
    assert Mail.model_validate({**MAIL, "security": security}).used_port == port


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sender": "the desk"},
         "'the desk' does not fit; expected an address such as a@b.example"),
        ({"recipients": ["a@b.example\r\nBcc: c@d.example"]},
         "'a@b.example??Bcc: c@d.example' does not fit; expected an address such as a@b.example"),
        ({"username": "gateway"},
         "'username' and 'password' belong together; expected both or neither"),
        ({"username": "gateway", "password": "${env:PASSWORD}", "security": "none"},
         "a password does not go over a connection in clear text"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_mail_is_said(changes: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as fault:
        Mail.model_validate({**MAIL, **changes})
    assert fault.value.errors()[0]["msg"] == f"Value error, {said}"


def test_a_template_is_compiled_when_it_is_checked() -> None:
    with pytest.raises(ValidationError) as fault:
        Alerts.model_validate({"text": "fine\n{{ document.what | shout }}"})
    [one] = fault.value.errors()
    assert one["msg"] == "Value error, line 2 of the template: No filter named 'shout'."


def test_every_secret_is_found_with_its_place() -> None:
    settings = Alerts.model_validate(
        {
            "webhook": {"url": "${env:HOOK}"},
            "mail": {**MAIL, "username": "gateway", "password": "${env:PASSWORD}"},
        }
    )
    assert [(".".join(path), text.text) for path, text in settings.templates()] == [
        ("webhook.url", "${env:HOOK}"),
        ("mail.username", "gateway"),
        ("mail.password", "${env:PASSWORD}"),
    ]
