"""The worked example of docs/exports.md runs: a real ERP over HTTP, the real commands, the 940."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from gateway import app as composition
from gateway import config
from gateway.cli.init import write_instance
from gateway.clock import utc_now
from gateway.pipeline.export_records import ExportRecord
from tests.erp_server import Answer, Asked, Erp, as_json, erp
from tests.unit.cli.test_instance import run_once
from tests.unit.cli.test_validate import run

PAGE = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")


def block(language: str, containing: str) -> str:
    """Return the block of the page in a language that contains a text."""
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    [one] = [text for text in found if containing in text]
    return str(one)


@dataclass
class Example:
    """The instance of the page, and its ERP."""

    home: Path
    erp: Erp
    items: list[dict[str, object]]
    told: list[Asked]


@pytest.fixture
def example(tmp_path: Path) -> Iterator[Example]:
    items = json.loads(block("json", "next_cursor"))["items"]
    told: list[Asked] = []

    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            told.append(asked)
            return Answer(201)
        return as_json({"items": items, "next_cursor": None})

    with erp(answer) as server:
        home = tmp_path / "edi"
        write_instance(home, stable_for="50ms")
        (home / "exports").mkdir()
        own = block("yaml", "export: shipments").replace("http://127.0.0.1:8091", server.url)
        (home / "exports" / "shipments.yaml").write_text(own, "utf-8")
        settings = (home / "gateway.yaml").read_text("utf-8")
        more = block("yaml", "erp-shipment-sent:\n").replace("http://127.0.0.1:8091", server.url)
        assert settings.count("\ndestinations:\n") == 1
        more = more.removeprefix("destinations:\n")
        (home / "gateway.yaml").write_text(
            settings.replace("\ndestinations:\n", f"\ndestinations:\n{more}"), "utf-8"
        )
        yield Example(home, server, items, told)


def test_the_commands_of_the_page_run_and_the_warehouse_gets_its_940(
    example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(example.home)
    lines = [shlex.split(line, comments=True)[1:] for line in block("sh", "check").splitlines()]
    checked, tried, done, listed, history = [run(*line) for line in lines]
    assert (checked[0], checked[1].splitlines()[-1][:1]) == (0, "✓"), checked
    code, out, err = tried
    segments = out.splitlines()
    assert (code, segments[0][:6], segments[-1][:4]) == (0, "ISA*00", "IEA*"), tried
    assert "W05*N*HG-300812*PO-91177~" in segments, "each in a line of its own"
    assert err.splitlines()[-1] == (
        "Nothing was kept: 1 read, 1 selected, 0 unchanged, 1 would be sent, 0 refused."
    )
    assert done == (0, "done: 1 read, 1 selected, 0 unchanged, 1 sent, 0 refused\n", "")
    assert "cron */15 6-20 * * mon-fri, America/Chicago" in listed[1]
    assert "by hand" in history[1]
    assert example.erp.asked[0].query == {"status": "ready"}
    assert run_once(example.home)[0] == 0
    [sent] = (example.home / "sftp_inbox" / "northstar-3pl" / "out").glob("940_*.edi")
    assert b"W05*N*HG-300812*PO-91177" in sent.read_bytes()


def test_a_destination_that_only_an_export_tells_is_no_reason_to_warn(example: Example) -> None:
    assert config.load(example.home, {}).warnings == ()


def test_a_gateway_that_was_away_for_a_week_catches_up_with_one_run(example: Example) -> None:
    week_ago = utc_now() - timedelta(days=7)
    with (
        composition.open_instance(example.home, maps_too=False) as app,
        app.store.transaction() as transaction,
    ):
        transaction.exports.add(ExportRecord("shipments", week_ago))
    assert run_once(example.home)[0] == 0
    found = json.loads(run("exports", "history", "shipments", "--json", "--home", example.home)[1])
    assert [(one["state"], one["asked"], one["sent"]) for one in found] == [("done", "schedule", 1)]
    assert found[0]["missed"] > 100
    assert len(list((example.home / "sftp_inbox" / "northstar-3pl" / "out").glob("940_*"))) == 1


def test_the_erp_is_told_once_that_a_shipment_has_left(example: Example) -> None:
    run("exports", "run", "shipments", "--home", example.home)
    # One life sends it, the next sees that it was sent.
    for _ in range(2):
        assert run_once(example.home)[0] == 0
        run("exports", "run", "shipments", "--home", example.home)
    assert run_once(example.home)[0] == 0
    [told] = example.told
    assert told.path == "/api/shipments/HG-300812/sent"
    assert "Idempotency-Key" in told.headers
    said = json.loads(told.body)
    described = json.loads(block("json", "told_when").replace("…", ""))
    assert said.keys() == described.keys()
    assert (said["key"], said["record"]) == ("HG-300812", example.items[0])


def test_a_shipment_that_changed_goes_again_as_a_change(example: Example) -> None:
    run("exports", "run", "shipments", "--home", example.home)
    example.items[0]["status"] = "sent"
    again = run("exports", "run", "shipments", "--home", example.home)
    assert again[1] == "done: 1 read, 1 selected, 1 unchanged, 0 sent, 0 refused\n"
    example.items[0]["ship_on"] = "2026-03-05"
    changed = run("exports", "run", "shipments", "--dry-run", "--home", example.home)
    assert re.search(r"W05\*[^N]\*HG-300812", changed[1]), changed
    # Only what changed since is asked for, with the overlap.
    assert example.erp.asked[-1].query["changed_since"] == "2026-03-02T13:36:07Z"


def test_a_shipment_for_nobody_waits_for_a_person_with_its_reason(example: Example) -> None:
    example.items.append({**example.items[0], "number": "HG-300813", "warehouse": "RNO"})
    code, out, _ = run("exports", "run", "shipments", "--home", example.home)
    assert (code, out) == (1, "done: 2 read, 2 selected, 0 unchanged, 1 sent, 1 refused\n")
    code, out, _ = run("quarantine", "list", "--json", "--home", example.home)
    assert "'RNO' is not in the table of partners" in out
    [waiting] = json.loads(out)
    assert (waiting["kind"], waiting["name"]) == ("export record", "shipments HG-300813")
    _, out, _ = run("quarantine", "list", "--home", example.home)
    assert "export record" in out
    _, out, _ = run("quarantine", "show", waiting["id"], "--home", example.home)
    assert out.startswith("export record quarantined  ")
    assert "  record         shipments HG-300813\n" in out
    assert "next: mend the record in its source" in out
    released = run("quarantine", "release", waiting["id"], "--home", example.home)
    assert "gateway exports run shipments" in released[1] + released[2]
    refused = ("quarantine", "refuse", waiting["id"], "--because", "no such place")
    assert run(*refused, "--home", example.home)[0] == 0
    _, _, err = run("quarantine", "show", waiting["id"], "--home", example.home)
    assert f"the export record {waiting['id'][:8]} waits no more, it was given up" in err


def test_an_erp_that_stays_away_fails_the_run_and_tells_a_person(example: Example) -> None:
    file = example.home / "exports" / "shipments.yaml"
    file.write_text(file.read_text("utf-8") + "limits: {attempts: 2, pause: 1ms}\n", "utf-8")
    example.erp.faults += [Answer(503, b"stocktaking")] * 2
    code, out, err = run("exports", "run", "shipments", "--home", example.home)
    assert code == 1
    assert out.startswith("failed: 0 read")
    assert "/api/shipments: HTTP 503: stocktaking" in err
    token = (example.home / "secrets" / "erp-token").read_text("ascii").strip()
    assert token not in out + err
    status = run("status", "--home", example.home)
    assert "1  exports failed in their last run" in status[1]
    alerts = run("alerts", "list", "--json", "--home", example.home)
    assert '"export_failed"' in alerts[1]
    assert run("exports", "run", "shipments", "--home", example.home)[0] == 0
    alerts = run("alerts", "list", "--json", "--home", example.home)
    assert "export_failed" not in alerts[1], "it is resolved"


def test_the_token_stands_in_nothing_that_is_kept_or_said(example: Example) -> None:
    token = (example.home / "secrets" / "erp-token").read_text("ascii").strip()
    file = example.home / "exports" / "shipments.yaml"
    file.write_text(file.read_text("utf-8") + "limits: {attempts: 1}\n", "utf-8")
    # An ERP that repeats what it was sent, in its refusal and in a record.
    example.erp.faults.append(Answer(403, f"no right for {token}".encode()))
    said = run("exports", "run", "shipments", "--home", example.home)
    assert "HTTP 403: no right for ***" in said[2]
    shown = run("exports", "history", "shipments", "--json", "--home", example.home)
    alerts = run("alerts", "list", "--json", "--home", example.home)
    assert token not in "".join([*said[1:], *shown[1:], *alerts[1:]])
    # The database with its journal, and whatever else lies there.
    kept = [path.read_bytes() for path in (example.home / "state").rglob("*") if path.is_file()]
    assert kept
    assert token.encode() not in b"".join(kept)


def test_a_paused_export_says_so_until_it_is_resumed(example: Example) -> None:
    name = ("shipments", "--home", example.home)
    why = ("--because", "moving house", "--by", "dana")
    assert run("exports", "pause", *name, *why) == (
        0,
        "✓ shipments is paused: `gateway exports resume shipments` lets it go on\n",
        "",
    )
    again = run("exports", "pause", *name, "--because", "again", "--json")
    assert json.loads(again[1]) == {"export": "shipments", "done": False}
    [told] = json.loads(run("exports", "list", "--json", "--home", example.home)[1])
    assert (told["paused_because"], told["next_slot"]) == ("moving house", None)
    assert "moving house" in run("exports", "show", *name)[1]
    assert run("exports", "resume", *name, "--because", "moved", "--by", "kim") == (
        0,
        "✓ shipments runs again; of the slots missed: latest\n",
        "",
    )
    shown = json.loads(run("exports", "show", *name, "--json")[1])
    people = [(one["verb"], one["detail"]) for one in shown["timeline"]]
    assert people == [("pause", "by dana: moving house"), ("resume", "by kim: moved")]
    _, out, _ = run("exports", "show", *name)
    assert "by kim: moved" in out
    assert "(" in out, "the next slot in both zones"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            ("DUL: northstar-3pl", "DUL: northstar"),
            "exports/shipments.yaml:47:11: partner.table.DUL: there is no partner 'northstar' "
            "(did you mean 'northstar-3pl'?)",
        ),
        (
            ("*/15 6-20 * * mon-fri", "*/15 6-25 * * mon-fri"),
            "exports/shipments.yaml:3:12: schedule.cron: '25' is no hour; expected 0 to 23",
        ),
        (
            ("type: shipment_order", "type: order"),
            "exports/shipments.yaml:47:11: partner.table.DUL: no agreement with partner "
            "'northstar-3pl' sends an order",
        ),
        (
            ("erp-shipment-sent", "erp-sent"),
            "exports/shipments.yaml:48:20: done.destination: there is no destination 'erp-sent' "
            "in gateway.yaml (did you mean 'erp-shipment-sent'?)",
        ),
        (
            ("qty(quantity)", "qyt(quantity)"),
            "exports/shipments.yaml:20:5: document.shape.select: there is no function qyt() "
            "(did you mean 'qty'?) (line 20, column 23 of it)",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    example: Example, change: tuple[str, str], problem: str
) -> None:
    file = example.home / "exports" / "shipments.yaml"
    text = file.read_text("utf-8")
    assert change[0] in text
    file.write_text(text.replace(*change), "utf-8")
    code, out, err = run("check", "--home", example.home)
    assert code == 1
    assert problem in out + err


def test_an_export_may_extend_a_file_of_a_connector(example: Example) -> None:
    own = example.home / "exports" / "shipments.yaml"
    base = example.home / "connectors" / "acme" / "exports" / "shipments.yaml"
    base.parent.mkdir(parents=True)
    own.rename(base)
    own.write_text(
        "export: warehouse-two\nextends: connectors/acme/exports/shipments.yaml\n"
        "schedule: {cron: '0 7 * * *', timezone: UTC}\n",
        "utf-8",
    )
    assert run("check", "--home", example.home)[0] == 0
    [told] = json.loads(run("exports", "list", "--json", "--home", example.home)[1])
    assert (told["export"], told["schedule"]) == ("warehouse-two", "cron 0 7 * * *, UTC")


def test_the_samples_are_the_files_of_the_page() -> None:
    samples = Path(__file__).parents[2] / "samples" / "exports"
    assert (samples / "shipments.yaml").read_text("utf-8") == block("yaml", "export: shipments")
    assert (samples / "shipments.json").read_text("utf-8") == block("json", "next_cursor")


def test_the_example_is_yaml_as_others_read_it_too() -> None:
    assert yaml.safe_load(block("yaml", "export: shipments"))["export"] == "shipments"
