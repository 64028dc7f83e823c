"""`gateway status`: what waits for a person, what is under way, what runs."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from gateway import app as composition
from gateway.app import App
from gateway.app.folders import lying_files
from gateway.cli.init import write_instance
from gateway.clock import utc_now
from gateway.pipeline.lane_records import LaneRecord
from gateway.pipeline.views import DocumentFilter
from tests.unit.cli.edi import SOUND_940
from tests.unit.cli.test_instance import run_once
from tests.unit.cli.test_validate import run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance that could not translate one file, and does not know the sender of another."""
    made = tmp_path_factory.mktemp("gateway") / "instance"
    write_instance(made, stable_for="50ms")
    inbox = made / "sftp_inbox" / "northstar-3pl" / "in"
    shutil.copy(made / "samples" / "northstar-3pl" / "945-invalid-licence-plate.edi", inbox)
    (inbox / "unknown.edi").write_bytes(SOUND_940.replace(b"ZZ*NORTHSTAR ", b"ZZ*NOBODY    "))
    code, err = run_once(made)
    assert code == 0, err
    return made


def test_a_new_instance_waits_for_nobody(tmp_path: Path) -> None:
    write_instance(tmp_path / "new")
    code, out, err = run("status", "--home", tmp_path / "new")
    assert (code, err) == (0, "")
    assert out.startswith("new  ")
    assert out.partition("\n")[2] == (
        "\n✓ nothing waits for a person\n\nUnder way\n  nothing\n\n"
        "Runs\n  nothing: `gateway run` starts it\n"
    )


def test_what_waits_for_a_person_is_counted_with_the_command_that_shows_it(home: Path) -> None:
    code, out, _ = run("status", "--json", "--home", home)
    page = json.loads(out)
    assert code == 1
    assert page["waits_for_a_person"] == [
        {
            "count": 1,
            "what": "documents not translated or routed",
            "command": "gateway documents list --status quarantined",
        },
        {
            "count": 1,
            "what": "held or quarantined, in or out",
            "command": "gateway quarantine list",
        },
    ]
    for one in page["waits_for_a_person"]:
        words = one["command"].split()[1:]
        found = json.loads(run(*words, "--json", "--home", home)[1])
        assert len(found) == one["count"]
    code, out, _ = run("status", "--home", home)
    assert code == 1
    assert "Waits for a person\n" in out
    assert "    1  documents not translated or routed  gateway documents list --status" in out


def test_a_partner_on_hold_is_worth_a_look_and_no_task(tmp_path: Path) -> None:
    home = tmp_path / "held"
    write_instance(home)
    held = run("outbound", "hold", "--partner", "northstar-3pl", "--because", "new", "--home", home)
    assert held[0] == 0
    code, out, _ = run("status", "--home", home)
    assert code == 0
    assert "    1  partners to whom nothing new goes out  gateway outbound list" in out


def test_a_process_that_runs_is_shown_until_it_has_long_been_silent(tmp_path: Path) -> None:
    home = tmp_path / "running"
    write_instance(home)
    now = utc_now()
    with composition.open_instance(home, maps_too=False) as app:
        with app.store.transaction() as transaction:
            transaction.executors.beat("one", "edi-1/boot/pid", now)
            transaction.executors.beat("other", "edi-2/boot/pid", now - timedelta(minutes=1))
        found = app.desk.overview(now)
    assert [one.place for one in found.processes] == ["edi-1/boot/pid"]
    assert (
        f"gateway run on edi-1, since {now:%Y-%m-%d %H:%M} UTC" in run("status", "--home", home)[1]
    )


def test_a_file_that_nobody_takes_is_named_after_a_minute(tmp_path: Path) -> None:
    home = tmp_path / "lying"
    write_instance(home)
    inbox = home / "sftp_inbox" / "northstar-3pl" / "in"
    (inbox / "half.edi").write_bytes(SOUND_940[:200])
    (inbox / "coming.edi.tmp").write_bytes(SOUND_940)
    now = utc_now()
    with composition.open_instance(home, maps_too=False) as app:
        assert lying_files(app.instance, now) == []
        (one,) = lying_files(app.instance, now + timedelta(minutes=2))
    assert (one.partner, one.name) == ("northstar-3pl", "half.edi")


def test_where_nothing_runs_what_lies_there_waits_for_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "lying"
    write_instance(home)
    for name in ("a", "b", "c", "d"):
        (home / "sftp_inbox" / "northstar-3pl" / "in" / f"{name}.edi").write_bytes(SOUND_940)
    later = utc_now() + timedelta(minutes=2)
    monkeypatch.setattr("gateway.cli.status.utc_now", lambda: later)
    code, out, _ = run("status", "--home", home)
    assert code == 1
    assert "    4  no gateway runs, and this waits for one  gateway run\n" in out
    assert "  4 files lie in inboxes, not taken for a minute or more\n" in out
    assert "    northstar-3pl/a.edi, since 20" in out
    assert "    and 1 more\n" in out
    assert "d.edi" not in out


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance whose ERP is away: one delivery failed, and an acknowledgment went out."""
    made = tmp_path_factory.mktemp("away") / "instance"
    write_instance(made, port=1, stable_for="50ms")  # where nobody listens
    inbox = made / "sftp_inbox" / "northstar-3pl" / "in"
    shutil.copy(made / "samples" / "northstar-3pl" / "945-parcels-by-third-party.edi", inbox)
    assert run_once(made)[0] == 0
    with composition.open_instance(made, maps_too=False) as app:
        ids = [one.document.id for one in app.desk.documents(DocumentFilter())]
        with app.store.transaction() as transaction:
            transaction.turns.postpone(transaction.lanes.deliveries_of(ids), LATER)
    return made


LATER = utc_now() + timedelta(days=2)
MOMENT = f"{LATER:%Y-%m-%d %H:%M} UTC"
OPEN = f"the circuit breaker is open until {MOMENT}"


def parked(home: Path) -> list[dict[str, object]]:
    return list(json.loads(run("status", "--json", "--home", home)[1])["parked"])


def break_circuit(app: App, lane: str) -> None:
    opened = LaneRecord(lane, failures=5, openings=1, open_until=LATER)
    with app.store.transaction() as transaction:
        transaction.lanes.wake([lane])
        transaction.lanes.keep(opened)


def test_what_failed_is_shown_with_the_next_attempt(away: Path) -> None:
    assert parked(away) == [
        {
            "count": 1,
            "where": "erp",
            "because": f"the next attempt is at {MOMENT}",
            "until": LATER.isoformat(),
            "command": "gateway destinations show erp",
        }
    ]


def test_what_a_breaker_or_a_person_parks_is_shown_with_the_reason_and_its_end(away: Path) -> None:
    with composition.open_instance(away, maps_too=False) as app:
        break_circuit(app, "deliver:erp")
    [one] = parked(away)
    assert (one["count"], one["because"], one["until"]) == (1, OPEN, LATER.isoformat())
    _, out, _ = run("status", "--home", away)
    assert f"\nParked\n    1  erp  {OPEN}  gateway" in out
    with composition.open_instance(away, maps_too=False) as app:
        app.lanes.pause("deliver:erp", by="dana", because="moves")
    [one] = parked(away)
    assert str(one["because"]).startswith("paused by dana since ")
    assert str(one["because"]).endswith(" UTC: moves")
    assert one["until"] is None


def test_what_is_parked_for_a_partner_is_shown_too(away: Path) -> None:
    with composition.open_instance(away, maps_too=False) as app:
        with app.store.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE outgoing_interchanges SET state = 'due'")
        before = [one["where"] for one in parked(away)]
        break_circuit(app, "send:northstar-3pl")
    assert before == ["erp"], "it is due now"
    assert parked(away)[1] == {
        "count": 1,
        "where": "partner northstar-3pl",
        "because": OPEN,
        "until": LATER.isoformat(),
        "command": "gateway outbound list --partner northstar-3pl",
    }
