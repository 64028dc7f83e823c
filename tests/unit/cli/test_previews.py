"""`gateway destinations preview`: what a destination would be sent, and that nothing is sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.cli.init import write_instance
from tests.unit.cli.test_validate import run

SETTINGS = """
  shop:
    type: http
    url: "http://127.0.0.1:1/{{ facts.customer }}/orders"
    production: true
    auth: {type: query, name: key, value: "${env:CANARY}"}
    facts: {customer: {by: "fact('partner')", table: {tidewater-supply: "C-1"}}}
    body: {select: "{po: purchase_order_number, lines: lines[].{qty: number(ordered_quantity)}}"}
  ledger:
    type: json_rpc
    url: http://127.0.0.1:1/rpc
    production: true
    procedure: book
    secrets: {password: "${env:CANARY}"}
    body: {select: "[fact('password'), purchase_order_number]"}
  files:
    type: file
    folder: outbox
    production: true
    format: csv
    rows: lines
    csv: {columns: {po: document.purchase_order_number, item: sku}}
  bus: {type: events, broker: nats, url: "nats://127.0.0.1:1", stream: S, production: true}
  rows: {type: table, url: "sqlite:///x.db", production: true, table: t, key: a, columns: {a: sku}}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("previews") / "instance"
    write_instance(made)
    with (made / "gateway.yaml").open("a") as file:
        file.write(SETTINGS)
    return made


@pytest.fixture(autouse=True)
def canary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", "canary-of-previews")


def previewed(home: Path, name: str, *more: str) -> tuple[int, str, str]:
    sample = home / "samples" / "base" / "850-stand-alone-order.json"
    of = more or ("--partner", "tidewater-supply")
    code, out, err = run("destinations", "preview", name, sample, *of, "--home", home)
    assert "canary" not in out + err
    assert not (home / "outbox").exists(), "nothing is sent"
    return code, out, err


def test_a_call_over_http_is_shown_as_it_would_be_made(home: Path) -> None:
    code, out, _ = previewed(home, "shop")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "→ POST http://127.0.0.1:1/C-1/orders"
    assert "    X-Partner: tidewater-supply" in lines
    assert lines[-1] == '    {"po":"PO-88120","lines":[{"qty":24},{"qty":6.5}]}'


def test_secrets_in_a_body_are_masked(home: Path) -> None:
    code, out, _ = previewed(home, "ledger", "--partner", "tidewater-supply", "--json")
    [made] = json.loads(out)
    assert (code, made["request"]) == (0, "POST http://127.0.0.1:1/rpc")
    assert json.loads(made["content"])["params"] == ["***", "PO-88120"]


def test_a_file_and_an_event_are_shown(home: Path) -> None:
    code, out, _ = previewed(home, "files")
    assert (code, out) == (
        0,
        "→ write into outbox\n    po,item\n    PO-88120,LMP-100\n    PO-88120,SHD-220\n",
    )
    code, out, _ = previewed(home, "bus")
    assert (code, out.splitlines()[0]) == (0, "→ publish documents.order")


def test_what_does_not_go_through_exits_1_and_says_why(home: Path) -> None:
    assert previewed(home, "shop", "--partner", "northstar-3pl") == (
        1,
        "",
        "✗ shop would not be sent it: fact 'customer': 'northstar-3pl' is not in its table\n",
    )


def test_what_cannot_be_shown_is_said(home: Path) -> None:
    assert previewed(home, "rows") == (
        2,
        "",
        "error: what rows is sent cannot be shown before: it depends on what is there "
        "(steps on answers, a table on its rows)\n",
    )
    code, _, err = previewed(home, "shop", "--json")
    assert (code, err.split(" does not say ")[1]) == (2, "whose it is: expected --partner\n")
    code, _, err = run("destinations", "preview", "shop", "PO-1", "--home", home)
    assert (code, err) == (
        1,
        "error: no document's id begins with 'PO-1', or several do; "
        "by its number: gateway documents list --key PO-1\n",
    )
