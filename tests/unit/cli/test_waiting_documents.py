"""Documents that are not delivered: what each waits for, and giving it up."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path

import pytest

from gateway import app as composition
from gateway.cli.init import write_instance
from tests.unit.cli.test_validate import run

SETTINGS = """\
identities: [{name: main, qualifier: ZZ, id: HARBORGOODS}]
owner: edi@harbor.example
pickup: {stable_for: 1ms, incomplete_after: 15m}
destinations:
  planning:
    type: file
    folder: outbox
    production: true
    name: "{{ document.nothing }}"
    ordering_key: [partner]
    rate: {calls: 100, per: 1m}
    hours: {days: [mon, tue, wed, thu, fri, sat, sun], zone: UTC, holidays: [2020-12-25]}
    owner: planners@harbor.example
  night: {type: file, folder: outbox, production: true, name: advice}
"""
ROUTES = """\
rules:
  - {name: known orders, when: {fields: {depositor_order_number: {pattern: "^HG-2"}}},
     to: [planning, night]}
"""
ADVICES = ((4301, "HG-200001"), (4302, "HG-200002"), (4303, "HG-300001"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give an instance with a destination that refuses everything, and one that is paused."""
    home = tmp_path / "edi"
    write_instance(home)
    (home / "gateway.yaml").write_text(SETTINGS)
    (home / "routes.yaml").write_text(ROUTES)
    (home / "partners" / "bluebird-retail.yaml").unlink()
    why = ("--because", "inventory", "--by", "dana", "--home", home)
    assert run("destinations", "pause", "night", *why)[0] == 0
    return home


def receive(home: Path) -> None:
    """Receive two advices that wait one behind the other, and one that no rule takes."""
    sample = (home / "samples/northstar-3pl/945-parcels-by-third-party.edi").read_text("latin-1")
    texts = (
        sample.replace("HG-200417", order).replace("4211", str(number)) for number, order in ADVICES
    )
    inbox = home / "sftp_inbox" / "northstar-3pl" / "in"
    (inbox / "advices.edi").write_text("".join(texts), "latin-1")
    work(home)


def work(home: Path) -> None:
    """Run the instance over what is there."""
    with composition.open_instance(home) as app, app.running():
        app.drain(threading.Event())


def id_of(home: Path, key: str) -> str:
    [one] = json.loads(run("documents", "list", "--key", key, "--json", "--home", home)[1])
    return str(one["id"])[:8]


def shown(home: Path, key: str) -> list[str]:
    code, out, said = run("documents", "show", id_of(home, key), "--home", home)
    assert code == 0, said
    return [line.strip() for line in out.splitlines()]


def test_a_document_says_what_it_waits_for_and_is_given_up(home: Path) -> None:
    receive(home)
    first, _, third = (id_of(home, order) for _, order in ADVICES)
    lines = shown(home, "HG-200002")
    assert lines[lines.index("planning: held after 0 attempts") + 1] == (
        f"behind {first}, which has the same ordering key and is dead: "
        f"gateway documents show {first}"
    )
    paused = lines[lines.index("night: due after 0 attempts") + 1]
    assert re.fullmatch(r"paused by dana since .* UTC: inventory", paused)
    lines = shown(home, "HG-200001")
    at = lines.index(f"next: gateway documents redeliver {first}, once its destination takes it")
    assert lines[at + 1] == f"or gateway quarantine refuse {first}, where nobody wants it any more"
    lines = shown(home, "HG-300001")
    at = lines.index(f"next: gateway documents reroute {third}, once routes.yaml is mended")
    assert lines[at + 1] == f"or gateway quarantine refuse {third}, where nobody wants it any more"

    refuse = ("quarantine", "refuse", "--because", "cancelled", "--home", home)
    code, out, said = run(*refuse, first, third)
    assert (code, out, said) == (
        0,
        f"✓ {first} is given up: planning does not get it\n✓ {third} is given up\n",
        "",
    )
    work(home)
    # What stood behind it was tried, and is dead for itself.
    assert "planning: refused after 1 attempt" in "\n".join(shown(home, "HG-200001"))
    assert "planning: dead after 1 attempt" in "\n".join(shown(home, "HG-200002"))
    nothing = f"error: nothing that waits has an id that begins with '{third}', or several do\n"
    assert run(*refuse, third) == (1, "", nothing)


def test_a_destination_is_shown_with_all_of_its_policy(home: Path) -> None:
    code, out, _ = run("destinations", "show", "planning", "--home", home)
    assert code == 0
    said = [" ".join(line.split()) for line in out.splitlines()]
    for line in (
        "attempts 12, with pauses from 2s to 15m; 4 at the same time",
        "breaker opens after 5 failures in a row, for 30s at first and 15m at most",
        "order one after another where they agree in partner",
        "hours mon, tue, wed, thu, fri, sat, sun 00:00 to 24:00, UTC, but for 1 holiday",
        "owner planners@harbor.example",
    ):
        assert line in said
    assert any(line.startswith("rate 100 calls in 1m, ") for line in said)
    told = json.loads(run("destinations", "show", "planning", "--json", "--home", home)[1])
    assert told["policy"]["ordering_key"] == ["partner"]
    assert told["policy"]["rate"] == {"calls": 100, "per": "1m"}
