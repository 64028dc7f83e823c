"""What a partner says of what we sent, as people see it on the command line."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gateway import app as composition
from gateway import resources
from gateway.app import App
from gateway.cli import app
from gateway.cli.init import write_instance
from gateway.clock import utc_now
from gateway.pipeline.observing import Announcer
from gateway.pipeline.ports import unobserved
from gateway.pipeline.reconciliation.overdue import Overdue
from tests.unit.cli.test_validate import run

SAMPLE = resources.directory("samples") / "outbound" / "northstar-3pl" / "940-two-lamps.json"
_ISA = "ISA*00*          *00*          *{}*{}*260316*0815*U*00401*{:09d}*0*P*>~"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an instance that has sent one order, as the current folder."""
    write_instance(tmp_path / "edi")
    monkeypatch.chdir(tmp_path / "edi")
    assert run("send", str(SAMPLE), "--partner", "northstar-3pl")[0] == 0
    work(tmp_path / "edi")
    return tmp_path / "edi"


def listed(*words: str) -> Any:
    code, out, said = run(*words, "--json")
    assert code == 0, said
    return json.loads(out)


def answer(home: Path, number: int, *, status: str, group: str | None = None) -> None:
    """Drop a 997 of the partner about the order, and read it."""
    [one] = listed("outbound", "list")["interchanges"][:1]
    shown = listed("outbound", "show", one["id"])
    [sent] = shown["sets"]
    content = shown["content"]
    gs = content.split("~")[1].split("*")
    isa = content.split("~")[0].split("*")
    note = "AK3*W05*2**8~AK4*2*22*5*HG-9~" if status == "R" else ""
    body = (
        f"AK1*OW*{group or gs[6]}~AK2*940*{sent['control_number']}~{note}AK5*{status}~"
        f"AK9*{status}*1*1*{int(status == 'A')}~"
    )
    text = (
        _ISA.format("*".join(isa[7:9]), "*".join(isa[5:7]), number)
        + f"GS*FA*{gs[3]}*{gs[2]}*20260316*0815*{number}*X*004010~"
        + f"ST*997*0001~{body}SE*{body.count('~') + 2}*0001~GE*1*{number}~IEA*1*{number:09d}~"
    )
    inbox = home / "sftp_inbox" / "northstar-3pl" / "in"
    (inbox / f"997-{number}.edi").write_text(text, "latin-1")
    work(home)


def work(home: Path) -> None:
    """Run the instance over what is there."""
    with composition.open_instance(home) as app, app.running():
        app.drain(threading.Event())


def test_an_accepted_order_shows_who_accepted_it_and_when(home: Path) -> None:
    answer(home, 1, status="A")
    [document] = listed("documents", "list", "--acknowledgment", "accepted", "--direction", "out")
    code, out, _ = run("documents", "show", document["id"])
    assert code == 0
    assert "What the partner said" in out
    assert "997 set 0001 accepted in interchange" in out
    [one] = listed("outbound", "list")["interchanges"][:1]
    assert one["acknowledgment"] == "accepted"
    _, out, _ = run("outbound", "show", one["id"])
    assert "set 0001: document" in out
    assert "997 group" in out
    assert listed("documents", "list", "--acknowledgment", "rejected") == []


def test_a_rejected_order_waits_in_quarantine_with_our_own_names(home: Path) -> None:
    answer(home, 1, status="R")
    [waiting] = listed("quarantine", "list")
    assert (waiting["kind"], waiting["code"]) == ("document of ours", "rejected_by_partner")
    assert waiting["reason"].startswith("/depositor_order_number (W0502): '")
    assert waiting["reason"].endswith("the partner says: element too long")
    code, out, _ = run("quarantine", "show", waiting["id"])
    assert code == 0
    assert f"gateway outbound rewrite {waiting['id'][:8]}" in out
    code, said, _ = run("quarantine", "release", waiting["id"])
    assert code == 1
    assert "is a document of ours: mend its map or the agreement" in said
    assert run("quarantine", "refuse", waiting["id"], "--because", "they closed")[0] == 0
    assert listed("quarantine", "list") == []


def test_an_answer_to_what_was_never_sent_is_listed(home: Path) -> None:
    answer(home, 1, status="A", group="4711")
    [one] = listed("outbound", "acknowledgments", "--standing", "unmatched")
    assert one["detail"] == "we sent no group OW 4711 to northstar-3pl"
    code, out, _ = run("outbound", "acknowledgments")
    assert code == 0
    assert "none of ours" in out


@pytest.mark.usefixtures("home")
def test_a_list_of_what_went_out_fits_a_narrow_terminal() -> None:
    [one] = listed("outbound", "list")["interchanges"][:1]
    narrow = CliRunner(env={"COLUMNS": "80"})
    lines = narrow.invoke(app, ["outbound", "list"]).stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1].split("  ")[0].strip() == "id, sent (UTC)"
    first = next(line for line in lines if one["id"][:8] in line)
    assert first.split()[1:5] == ["northstar-3pl", "documents", "sent", "997"]
    assert "sent, 1 attempt\n" in run("outbound", "show", one["id"])[1]


def test_what_is_overdue_is_listed_until_it_comes(home: Path) -> None:
    assert listed("outbound", "list", "--overdue") == []
    with composition.open_instance(home) as app:
        assert miss(app) == 1
    [one] = listed("outbound", "list", "--overdue", "--partner", "northstar-3pl")
    assert one["acknowledgment"] == "overdue"
    _, out, _ = run("outbound", "list", "--overdue")
    assert "was due" in out
    [document] = listed("documents", "list", "--status", "overdue")
    assert ": overdue" in run("documents", "show", document["id"])[1]
    answer(home, 1, status="A")
    assert listed("outbound", "list", "--overdue") == []
    assert {one["standing"] for one in listed("outbound", "acknowledgments")} == {"late"}


def miss(app: App) -> int:
    """Look for overdue acknowledgments as of the day after tomorrow."""

    def later() -> Any:
        return utc_now() + timedelta(days=2)

    announcer = Announcer(unobserved, later)
    return Overdue(
        app.store, app.jobs, owner_of=lambda _: "order-desk", clock=later, announcer=announcer
    ).look()
