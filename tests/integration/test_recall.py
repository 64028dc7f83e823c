"""What maps recall of earlier documents: found in the store, the same whenever it is asked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.mapping.recall import Asked
from gateway.pipeline.memory import InHand
from gateway.pipeline.records import BusinessKeyRecord, DocumentRecord
from gateway.store import SqlStore, open_database
from tests.integration.lanes_world import _DOCUMENT as DOCUMENT
from tests.integration.lanes_world import NOW
from tests.unit.cli.test_instance import run_once
from tests.unit.cli.test_validate import run

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
ASKED = Asked("order", "purchase_order_number", "42")


def kept(name: str, minutes: int, **values: object) -> Sequence[DocumentRecord | BusinessKeyRecord]:
    """Return an order that came so many minutes ago, with its number."""
    document = replace(
        DOCUMENT,
        id=name,
        document_type="order",
        received_at=NOW - timedelta(minutes=minutes),
        canonical=json.dumps({"document": "order", "department": name}).encode(),
    )
    document = replace(document, **values)  # type: ignore[arg-type] # whatever the test says
    return [document, BusinessKeyRecord(name, "purchase_order_number", "42")]


def test_the_last_document_before_the_one_in_hand_is_recalled(database_url: str) -> None:
    in_hand = InHand("quayside", "P", NOW)
    with closing(SqlStore(open_database(database_url))) as store:
        assert store.desk.earlier(ASKED, in_hand) is None
        with store.transaction() as transaction:
            transaction.ledger.add(
                [
                    *kept("first", 30),
                    *kept("last", 20),
                    *kept("twin", 20),
                    *kept("test", 10, usage="T"),
                    *kept("untranslated", 9, canonical=None),
                    *kept("advice", 8, document_type="shipping_advice"),
                    *kept("other", 7, partner="bluebird"),
                    *kept("now", 0),
                ]
            )

        def department(asked: Asked = ASKED, **hand: object) -> object:
            where = replace(in_hand, **hand)  # type: ignore[arg-type] # whatever the test says
            found = store.desk.earlier(asked, where)
            return None if found is None else found["department"]

        assert department() == "twin", "of one moment always the same"
        assert department(before=NOW - timedelta(minutes=20)) == "first"
        assert department(before=NOW - timedelta(minutes=30)) is None
        assert department(usage="T") == "test"
        assert department(replace(ASKED, same_partner=False)) == "other"
        assert department(replace(ASKED, value="43")) is None
        assert department(replace(ASKED, key="release_number")) is None


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the home of the example overlays, in which everything is kept and nothing delivered."""
    home = tmp_path_factory.mktemp("recall") / "home"
    shutil.copytree(EXAMPLES, home)
    rules = "mode: first_match\nrules:\n  - {name: kept, keep: true}\n"
    (home / "routes.yaml").write_text(rules, encoding="utf-8")
    settings = home / "gateway.yaml"
    settings.write_text(f"{settings.read_text()}pickup: {{stable_for: 50ms}}\n", encoding="utf-8")
    return home


def arrive(home: Path, partner: str, sample: str, functional_id: str) -> None:
    """Let a set of a partner come in, in an interchange of its own."""
    set_id = sample[:3]
    body = (EXAMPLES / "maps" / partner / sample).read_text().replace("\n", "")
    number = f"{sum(sample.encode()):09d}"
    sender, receiver = {
        "voltbay-electronics": ("ZZ*VOLTBAY        ", "ZZ*HARBORGOODS    "),
        "titan-mart": ("08*TITANMART      ", "12*5550100200     "),
    }[partner]
    content = (
        f"ISA*00*          *00*          *{sender}*{receiver}*260313*0915*U*00401*{number}*0*P*>~"
        f"GS*{functional_id}*THEM*US*20260313*0915*1*X*004010~ST*{set_id}*0001~{body}"
        f"SE*{body.count('~') + 2}*0001~GE*1*1~IEA*1*{number}~"
    )
    inbox = home / "sftp_inbox" / partner / "in"
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / sample).write_text(content, encoding="ascii")
    code, err = run_once(home)
    assert code == 0, err


def test_what_comes_in_has_what_came_before_it_also_when_it_is_translated_anew(
    home: Path,
) -> None:
    arrive(home, "voltbay-electronics", "856-rolls.edi", "SH")
    arrive(home, "voltbay-electronics", "945-serials.edi", "SW")
    code, out, _ = run("documents", "list", "--json", "--set", "945", "--home", home)
    [advice] = json.loads(out)
    code, out, _ = run("documents", "show", advice["id"], "--canonical", "--home", home)
    assert (code, json.loads(out)["bill_of_lading"]) == (0, "VBBL-1")
    code, out, err = run("documents", "retranslate", advice["id"], "--home", home)
    assert "translates to the same content" in out + err


def test_what_we_send_has_what_the_order_said(home: Path) -> None:
    arrive(home, "titan-mart", "850-two-items.edi", "PO")
    invoice = EXAMPLES / "maps" / "titan-mart" / "810-recalled.json"
    assert "department" not in json.loads(invoice.read_text())
    send = ("send", invoice, "--partner", "titan-mart", "--dry-run", "--home", home)
    code, out, said = run(*send)
    assert (code, said) == (0, "")
    assert {"REF*DP*071", "REF*IA*88120"} <= set(out.split("~"))
    unknown = home / "unknown.json"
    document = json.loads(invoice.read_text()) | {"purchase_order_number": "4500099999"}
    unknown.write_text(json.dumps(document), encoding="utf-8")
    code, out, said = run("send", unknown, *send[2:])
    assert code == 1
    assert (
        "/department: nothing recalled: no earlier order with purchase_order_number "
        "'4500099999' is known" in " ".join((out + said).split())
    )
