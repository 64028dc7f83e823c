"""`gateway destinations`: what is said of each, holding one, and trying one out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway import app as composition
from gateway.app.windows import gathering
from gateway.cli.init import write_instance
from gateway.cli.lanes import state_of
from gateway.cli.receiver import Receiver
from gateway.clock import utc_now
from gateway.pipeline.lane_records import LaneRecord
from gateway.pipeline.ports import DeliveryPolicy
from gateway.pipeline.rate import Rate
from tests.destination_server import Told, erp_server
from tests.destination_world import consignment
from tests.erp import instance_of
from tests.unit.cli.test_validate import run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, erp: Receiver) -> Path:
    return instance_of(erp, tmp_path_factory.mktemp("gateway") / "instance")


def told(home: Path, *words: str) -> object:
    return json.loads(run("destinations", *words, "--json", "--home", home)[1])


def test_each_destination_is_listed_with_its_state_and_owner(home: Path) -> None:
    listed = told(home, "list")
    assert isinstance(listed, list)
    assert [(one["destination"], one["state"], one["waiting"]) for one in listed] == [
        ("erp", "ready", {}),
        ("erp-test", "ready", {}),
    ]
    code, out, _ = run("destinations", "list", "--home", home)
    assert code == 0
    assert "erp-desk@harbor.example" in out


def test_a_pause_says_who_and_why_until_it_is_resumed(home: Path) -> None:
    words = ("--by", "dana", "--home", home)
    code, out, _ = run("destinations", "pause", "erp", "--because", "moves", *words)
    assert (code, " ".join(out.split())) == (
        0,
        "erp is paused, and no attempt is used up: `gateway destinations resume erp` lets it go on",
    )
    _, out, _ = run("destinations", "pause", "erp", "--because", "again", *words)
    assert out == "erp is paused already, by dana\n"
    shown = told(home, "show", "erp")
    assert isinstance(shown, dict)
    assert (shown["state"], shown["paused_by"], shown["paused_because"]) == (
        "paused", "dana", "moves",
    )  # fmt: skip
    _, page, _ = run("status", "--home", home)
    assert "    1  destinations paused by a person  gateway destinations list" in page
    _, out, _ = run("destinations", "resume", "erp", "--because", "moved", *words)
    assert out == "erp goes on: what waited for it is sent now\n"
    _, out, _ = run("destinations", "resume", "erp", *words)
    assert out == "erp is neither paused nor left alone: nothing to do\n"
    shown = told(home, "show", "erp")
    assert isinstance(shown, dict)
    assert [(one["verb"], one["detail"]) for one in shown["timeline"]] == [
        ("pause", "by dana: moves"), ("resume", "by dana: moved"),
    ]  # fmt: skip


def test_a_destination_that_is_not_there_is_named_with_those_that_are(home: Path) -> None:
    for words in (["show"], ["pause", "--because", "x"], ["resume"], ["test"]):
        code, _, err = run("destinations", *words, "nobody", "--home", home)
        assert (code, err) == (
            2,
            "error: there is no destination 'nobody'; there are erp, erp-test\n",
        )


def test_a_trial_says_each_step_and_delivers_nothing(home: Path, erp: Receiver) -> None:
    steps = told(home, "test", "erp")
    assert isinstance(steps, list)
    assert [(one["name"], one["fault"]) for one in steps] == [
        ("name", ""), ("port", ""), ("answer", ""),
    ]  # fmt: skip
    assert steps[2]["tried"].startswith(f"http://127.0.0.1:{erp.port} answers to OPTIONS")
    assert not erp.documents


@pytest.mark.parametrize(
    ("path", "auth", "last"),
    [
        ("/orders", "{type: oauth2, token_url: TOKENS, client_id: us, client_secret: '${env:S}'}",
         ("token", "the token server: HTTP 401: no such client",
          "are `token_url`, `client_id`, `client_secret` and `scope` those that the other side "
          "gave us?")),
        ("/nowhere", "{type: bearer, token: '${env:S}'}",
         ("answer", "", "")),
    ],
)  # fmt: skip
def test_a_trial_tells_a_token_that_is_not_given_and_a_path_that_is_not_there(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    auth: str,
    last: tuple[str, str, str],
) -> None:
    monkeypatch.setenv("S", "canary-of-ours")
    with erp_server() as system:
        system.answers(Told(401 if path == "/orders" else 404, b"no such client"))
        write_instance(tmp_path / "new")
        file = tmp_path / "new" / "gateway.yaml"
        text = file.read_text().replace("http://127.0.0.1:8090/documents", system.url + path)
        own = auth.replace("TOKENS", f"{system.url}/token")
        bearer = 'auth: {type: bearer, token: "${file:secrets/erp-token}"}'
        file.write_text(text.replace(bearer, f"auth: {own}", 1))
        steps = told(tmp_path / "new", "test", "erp")
    assert isinstance(steps, list)
    assert (steps[-1]["name"], steps[-1]["fault"], steps[-1]["advice"]) == last
    assert steps[-1]["tried"].endswith(
        "asking for a token"
        if last[1]
        else "answers to OPTIONS with HTTP 404: is the path of `url` right? "
        "Some systems say so to every OPTIONS"
    )


def test_a_destination_shows_its_kind_and_how_long_a_call_may_take(home: Path) -> None:
    shown = run("destinations", "show", "erp", "--home", home)[1]
    assert "  kind           http; a call ends after 30s\n" in shown


def test_a_trial_stops_at_the_first_step_that_goes_wrong_and_says_what_to_do(
    tmp_path: Path,
) -> None:
    write_instance(tmp_path / "new", port=1)
    code, out, _ = run("destinations", "test", "erp", "--home", tmp_path / "new")
    assert code == 1
    assert "✓ erp: name 127.0.0.1 is 127.0.0.1\n✗ erp: port connecting to 127.0.0.1 port 1" in out
    assert out.endswith("does the other side let our address in?\n")


def test_a_partner_that_is_left_alone_is_told_of_and_tried_again(home: Path) -> None:
    now = utc_now()
    with composition.open_instance(home, maps_too=False) as app:
        until = now + timedelta(hours=1)
        opened = LaneRecord("send:northstar-3pl", failures=5, openings=1, open_until=until)
        with app.store.transaction() as transaction:
            transaction.lanes.wake([opened.lane])
            transaction.lanes.keep(opened)
    listed = json.loads(run("partners", "list", "--json", "--home", home)[1])
    alone = {one["partner"]: one["left_alone"] for one in listed}
    assert alone["northstar-3pl"].startswith("the circuit breaker is open until ")
    assert alone["tidewater-supply"] == ""
    _, page, _ = run("status", "--home", home)
    assert "    1  destinations or partners left alone after failures" in page
    why = ("--because", "their server is back", "--by", "kim")
    code, out, _ = run("partners", "resume", "northstar-3pl", *why, "--home", home)
    assert (code, out) == (0, "northstar-3pl is tried now: its circuit breaker is closed\n")
    with composition.open_instance(home, maps_too=False) as app:
        [entry] = app.desk.timeline("send:northstar-3pl", 10)
    assert (entry.verb, entry.detail) == ("resume", "by kim: their server is back")
    assert run("partners", "resume", "nobody", "--home", home)[0] == 2


def test_a_state_is_said_with_the_moment_at_which_it_ends() -> None:
    now = utc_now().replace(hour=12, minute=0, second=0, microsecond=0)
    soon = now + timedelta(minutes=5)
    lane, policy = LaneRecord("deliver:erp"), DeliveryPolicy()
    rate = DeliveryPolicy(rate=Rate(1, timedelta(minutes=5)))
    used = LaneRecord("deliver:erp", calls=Rate(1, timedelta(minutes=5)).after("", 1, now))
    assert state_of(lane, policy, now) == ("ready", "")
    assert state_of(LaneRecord("x", open_until=soon), policy, now) == (
        "unwell", "the circuit breaker is open until 12:05:00 UTC",
    )  # fmt: skip
    assert state_of(LaneRecord("x", open_until=now), policy, now)[0] == "probing"
    assert state_of(used, rate, now) == ("resting", "its rate is used up until 12:05:00 UTC")


APPENDING = """
  analysis:
    type: file
    folder: outbox/analysis
    production: true
    name: "orders-{{ facts.window }}"
    format: json_lines
    append: {window: month}
"""


def test_open_windows_are_shown_and_a_person_closes_them(tmp_path: Path) -> None:
    home = tmp_path / "instance"
    write_instance(home)
    settings = home / "gateway.yaml"
    settings.write_text(settings.read_text() + APPENDING)
    with composition.open_instance(home, maps_too=False) as app:
        outbound = gathering(app.instance, "analysis")
        assert outbound is not None
        outbound.connect()
        for number in range(2):
            outbound.deliver(consignment(b'{"n":%d}' % number, key=str(number)))
    now = utc_now()
    window = f"orders-{now:%Y-%m}"
    shown = told(home, "show", "analysis")
    assert isinstance(shown, dict)
    [one] = shown["windows"]
    path = home / "outbox" / "analysis" / f"{window}.jsonl"
    assert (one["window"], one["documents"], one["path"]) == (window, 2, str(path))
    assert window in run("destinations", "show", "analysis", "--home", home)[1]
    page = run("status", "--home", home)[1]
    assert "  2 documents gathered for 1 file of analysis, the next at 20" in page
    words = ("analysis", "--by", "dana", "--home", home)
    part = path.parent / ".windows" / f"{window}.part"
    part.mkdir()  # stands for a disk on which nothing can be written
    assert run("destinations", "close", *words) == (
        1, "", f"error: {path.parent}: Is a directory\n",
    )  # fmt: skip
    part.rmdir()
    code, _, err = run("destinations", "close", "analysis", "orders", "--home", home)
    near = f" (did you mean '{window}'?)" if "did you mean" in err else ""
    assert (code, err) == (
        2, f"error: analysis has no open window 'orders'{near}; open: {window}\n",
    )  # fmt: skip
    assert run("destinations", "close", *words, "--because", "month end") == (
        0, f"✓ {window}.jsonl is handed over\n", "",
    )  # fmt: skip
    assert path.read_text() == '{"n":0}\n{"n":1}\n'
    assert run("destinations", "close", *words) == (
        0, "", "analysis has gathered nothing since its last file\n",
    )  # fmt: skip
    shown = told(home, "show", "analysis")
    assert isinstance(shown, dict)
    [entry] = shown["timeline"]
    assert (entry["verb"], entry["detail"]) == (
        "hand on", f"by dana: month end ({window}.jsonl)",
    )  # fmt: skip
    code, _, err = run("destinations", "close", "erp", "--home", home)
    assert (code, err) == (2, "error: erp gathers nothing: it has no `append`\n")


def test_a_window_that_should_have_been_handed_over_waits_for_a_person(tmp_path: Path) -> None:
    home = tmp_path / "instance"
    write_instance(home)
    settings = home / "gateway.yaml"
    settings.write_text(settings.read_text() + APPENDING)
    with composition.open_instance(home, maps_too=False) as app:
        outbound = gathering(app.instance, "analysis")
        assert outbound is not None
        outbound.connect()
        long_ago = replace(consignment(b"{}", key="one"), begun=datetime(2026, 1, 31, tzinfo=UTC))
        outbound.deliver(long_ago)
    code, page, _ = run("status", "--home", home)
    assert code == 1
    command = "gateway destinations show analysis"
    assert f"    1  files that should have been handed over  {command}" in page
    page = run("destinations", "show", "analysis", "--home", home)[1]
    assert "ended 2026-02-01 00:00 UTC, not handed over" in " ".join(page.split())
