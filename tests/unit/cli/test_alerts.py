"""Alerts as people see them on the command line."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from gateway import app as composition
from gateway.cli.init import write_instance
from tests.smtp_server import Mailbox, mail_server
from tests.unit.cli.test_validate import run

MAIL = """
alerts:
  mail:
    server: 127.0.0.1
    port: {port}
    security: none
    sender: gateway@harbor.example
    recipients: [edi-desk@harbor.example]
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_instance(tmp_path / "edi")
    monkeypatch.chdir(tmp_path / "edi")
    return tmp_path / "edi"


def listed(*words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run("alerts", "list", *words, "--json")[1])
    return found


def let_tell(home: Path, box: Mailbox) -> None:
    """Run the instance until a message came."""
    came = threading.Event()
    with composition.open_instance(home) as app, app.running():
        while not box.messages:
            came.wait(0.02)


def test_a_trial_reaches_whom_the_settings_name(home: Path) -> None:
    settings = home / "gateway.yaml"
    with mail_server() as box:
        settings.write_text(settings.read_text() + MAIL.format(port=box.port))
        code, _, said = run("alerts", "try")
        assert code == 0
        let_tell(home, box)
    [one] = listed()
    short = one["alert"]["id"][:8]
    assert said == f"alert {short} is raised: the running gateway tells mail now\n"
    [message] = box.messages
    assert message["Subject"] == "[edi] this is a trial: alerts of this gateway arrive here"
    assert f"gateway alerts acknowledge {short}" in message.get_content()
    code, out, _ = run("alerts", "show", short)
    assert code == 0
    assert f"told by mail   {one['notices'][0]['sent_at'][:10]}" in out


def test_a_trial_says_how_somebody_is_told(home: Path) -> None:
    _, _, said = run("alerts", "try")
    assert said.endswith(": nobody is told; `alerts:` in gateway.yaml says who is\n")


def test_an_alert_waits_for_a_person_until_it_is_acknowledged(home: Path) -> None:
    assert run("alerts", "list")[2] == "No alert is open.\n"
    run("alerts", "try")
    [one] = listed()
    code, out, _ = run("status")
    assert code == 1
    assert "1  alerts that nobody has acknowledged  gateway alerts list" in out
    short = one["alert"]["id"][:8]
    code, out, _ = run("alerts", "acknowledge", short, "--because", "Mia looks")
    assert (code, out) == (0, f"✓ {short} is acknowledged\n")
    assert run("status")[0] == 0
    assert "acknowledged" in run("alerts", "list")[1]
    assert run("alerts", "dismiss", short, "--because", "it arrived")[0] == 0
    assert listed() == []
    assert [view["alert"]["said"] for view in listed("--all")] == ["it arrived"]


def test_an_alert_that_is_not_there_is_said(home: Path) -> None:
    code, _, said = run("alerts", "show", "nothing")
    assert code == 1
    assert said == "error: no alert's id begins with 'nothing', or several do\n"
