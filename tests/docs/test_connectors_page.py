"""The worked example of docs/connectors.md runs: the connector, its commands, an order."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.cli.init import write_instance
from tests.erp_server import Answer, Asked, Erp, as_json, erp
from tests.unit.cli.test_instance import run_once
from tests.unit.cli.test_validate import run

PAGE = (Path(__file__).parents[2] / "docs" / "connectors.md").read_text(encoding="utf-8")
SHIPMENT = {
    "number": "A-77",
    "customer_order": "PO-91177",
    "ship_on": "2026-03-04",
    "to": {"code": "LL-0042", "name": "Lantern and Loom", "street": "1180 Quarry Road",
           "city": "Duluth", "state": "MN", "zip": "55802"},
    "lines": [{"line": 1, "item": "LMP-100", "quantity": 24}],
}  # fmt: skip


def block(language: str, containing: str) -> str:
    """Return the block of the page in a language that contains a text."""
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    [one] = [text for text in found if containing in text]
    return str(one)


@pytest.fixture
def server() -> Iterator[Erp]:
    def answer(asked: Asked) -> Answer:
        if asked.path == "/orders":
            return as_json({"number": f"ACME-{json.loads(asked.body)['reference']}"})
        return as_json({"items": [SHIPMENT]})

    with erp(answer) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, server: Erp, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the instance as the page says."""
    made = tmp_path / "edi"
    write_instance(made, stable_for="50ms")
    monkeypatch.chdir(made)
    monkeypatch.setenv("ACME_URL", server.url)
    monkeypatch.setenv("ACME_TOKEN", "s3cret")
    added, moved = (shlex.split(line) for line in block("sh", "mv connectors").splitlines())
    assert run(*added[1:])[0] == 0
    assert moved[0] == "mv"
    shutil.move(*moved[1:])
    connector = made / "connectors" / "acme-erp"
    (connector / "connector.yaml").write_text(block("yaml", "connector: acme-erp"), "utf-8")
    (connector / "exports").mkdir()
    (connector / "exports" / "shipments.yaml").write_text(block("yaml", "export: acme-"), "utf-8")
    (made / "exports").mkdir()
    own = block("yaml", "export: warehouse-orders")
    (made / "exports" / "warehouse-orders.yaml").write_text(own, "utf-8")
    more = block("yaml", "facts: {customer").removeprefix("destinations:\n")
    settings = (made / "gateway.yaml").read_text("utf-8")
    assert settings.count("\ndestinations:\n") == 1
    (made / "gateway.yaml").write_text(
        settings.replace("\ndestinations:\n", f"\ndestinations:\n{more}"), "utf-8"
    )
    (made / "routes.yaml").write_text(block("yaml", "rules: []"), "utf-8")
    return made


def test_the_commands_of_the_page_run(home: Path) -> None:
    lines = [shlex.split(one, comments=True)[1:] for one in block("sh", "explain").splitlines()]
    checked, shown, tried, previewed, explained, exported = [run(*line) for line in lines]
    assert (checked[0], checked[1].splitlines()[-1][:1]) == (0, "✓"), checked
    assert "acme-erp" not in checked[1] + checked[2]
    assert "destination acme-orders (http)" in shown[1]
    assert tried[0] == 0, tried
    assert (previewed[0], previewed[1].count('"customer":"C-1001"')) == (0, 2), previewed
    assert "goes to acme-orders by rule 'Orders to Acme's ERP'" in explained[1]
    assert (exported[0], "W05*N*A-77*PO-91177" in exported[1]) == (0, True), exported


def test_an_order_goes_through_the_connector_and_is_known_by_acme_s_number(
    home: Path, server: Erp
) -> None:
    sample = home / "samples" / "bluebird-retail" / "850-quantities-by-store.edi"
    shutil.copy(sample, home / "sftp_inbox" / "bluebird-retail" / "in")
    assert run_once(home)[0] == 0
    orders = [json.loads(one.body) for one in server.asked if one.path == "/orders"]
    # One order with quantities by store is one for each.
    assert [one["customer"] for one in orders] == ["C-1001"] * 2
    assert {"item": "LMP-100", "quantity": 10} in orders[0]["lines"] + orders[1]["lines"]
    found = run("documents", "list", "--key", "ACME-0093388120-0041", "--json")
    assert len(json.loads(found[1])) == 2, found
