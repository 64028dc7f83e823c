"""Routes of an instance: listed, explained, led on to partners, and gone by anew once mended."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from gateway.cli.receiver import Receiver
from tests.erp import instance_of
from tests.unit.cli.test_instance import run_once
from tests.unit.cli.test_validate import run

WAREHOUSE = """\
partner: pier-3pl
name: Pier Warehousing
owner: pier-desk@harbor.example
identities: [{qualifier: ZZ, id: PIER}]
agreements:
  - {set: "940", direction: out, map: base-940}
  - {set: "855", direction: out, map: base-855}
"""

ROUTES = """\
rules:
  - name: orders for the pier
    when: {partner: tidewater-supply, document: shipment_order}
    to: [erp, "partner:pier-3pl"]
  - name: orders for the north
    when: {partner: bluebird-retail, set: "940"}
    to: "partner:northstar-3pl/940"
  - name: big invoices
    when: {document: invoice, fields: {total_amount: {above: 10}}}
    to: erp-test
  - name: orders
    when: {document: order}
    to: [erp, "partner:quay-3pl/940 as pick"]
shapes:
  pick:
    select: >-
      {document: 'shipment_order', version: '1.0', status: 'new',
       depositor_order_number: purchase_order_number,
       parties: [{role: 'ship_to', name: parties[0].name}],
       lines: [{line_number: `1`, item_ids: lines[0].item_ids, unit: 'each',
         ordered_quantity: lines[0].ordered_quantity}]}
next:
  - name: acknowledge
    when: {document: order}
    after: erp
    body: {template: shapes/order-855.json.j2}
    to: pier-3pl
"""

SHAPE = """\
{"document": "order_acknowledgment", "version": "1.0", "purpose": "original", "answer": "accepted",
 "purchase_order_number": {{ document.purchase_order_number }},
 "purchase_order_date": {{ document.purchase_order_date }},
 "seller_order_number": {{ document.delivered.known_as.purchase_order_number }},
 "acknowledgment_date": {{ document.delivered.date }}}
"""

ORDER = "base/940-new-order.edi"
DROPPED = [
    ("tidewater-supply", ORDER),
    ("tidewater-supply", "base/850-drop-ship-order.edi"),
    ("bluebird-retail", "bluebird-retail/940-store-behind-the-distribution-center.edi"),
    ("northstar-3pl", "northstar-3pl/945-parcels-by-third-party.edi"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, erp: Receiver) -> Path:
    """An instance after one order went on, one could not, and one document had no route."""
    made = instance_of(erp, tmp_path_factory.mktemp("routes") / "instance")
    (made / "partners" / "pier-3pl.yaml").write_text(WAREHOUSE)
    quay = WAREHOUSE.replace("pier", "quay").replace("PIER", "QUAY")
    (made / "partners" / "quay-3pl.yaml").write_text(quay)
    (made / "routes.yaml").write_text(ROUTES)
    (made / "shapes").mkdir()
    (made / "shapes" / "order-855.json.j2").write_text(SHAPE)
    for partner, sample in DROPPED:
        shutil.copy(made / "samples" / sample, made / "sftp_inbox" / partner / "in")
    code, err = run_once(made)
    assert code == 0, err
    return made


def documents(home: Path, *options: str) -> list[dict[str, str]]:
    code, out, _ = run("documents", "list", "--json", "--home", home, *options)
    assert code == 0
    found: list[dict[str, str]] = json.loads(out)
    return found


def the(home: Path, *options: str) -> dict[str, str]:
    [one] = documents(home, *options)
    return one


def explained(home: Path, *words: object) -> tuple[int, str]:
    code, out, err = run("routes", "explain", *words, "--home", home)
    assert not err
    return code, out


def test_rules_are_listed_in_their_order_with_what_they_ask_for(home: Path) -> None:
    code, out, _ = run("routes", "list", "--home", home)
    assert code == 0
    assert out == (
        "first_match: the first rule that takes a document decides\n"
        "1. orders for the pier\n"
        "   when partner is tidewater-supply, document is shipment_order\n"
        "   to   erp, partner:pier-3pl\n"
        "2. orders for the north\n"
        "   when partner is bluebird-retail, set is 940\n"
        "   to   partner:northstar-3pl/940\n"
        "3. big invoices\n"
        "   when document is invoice, total_amount is greater than 10\n"
        "   to   erp-test\n"
        "4. orders\n"
        "   when document is order\n"
        "   to   erp, partner:quay-3pl/940 as pick\n"
        "next acknowledge\n"
        "   of   document is order\n"
        "   once erp has it\n"
        "   to   pier-3pl\n"
        "What no rule takes waits in quarantine for its partner's owner.\n"
    )


def test_an_order_goes_to_the_erp_and_on_to_a_partner(home: Path, erp: Receiver) -> None:
    came = the(home, "--partner", "tidewater-supply", "--set", "940")
    sent = the(home, "--partner", "pier-3pl", "--set", "940")
    assert (came["delivery"], sent["delivery"], sent["set_id"]) == ("delivered", "delivered", "940")
    assert sent["caused_by"] == came["id"]
    assert came["id"] in {document.document_id for document in erp.documents}
    [file] = (home / "sftp_inbox" / "pier-3pl" / "out").glob("940*.edi")
    order = (home / "samples" / ORDER).read_text("latin-1")
    w05 = next(segment for segment in order.split("~") if segment.strip().startswith("W05"))
    assert w05.strip() in file.read_text("latin-1")


def test_an_order_goes_on_in_the_shape_that_its_rule_names(home: Path) -> None:
    came = the(home, "--set", "850")
    sent = the(home, "--partner", "quay-3pl")
    assert (sent["set_id"], sent["document_type"]) == ("940", "shipment_order")
    assert (sent["delivery"], sent["caused_by"]) == ("delivered", came["id"]), sent["because"]


def test_an_order_that_the_erp_took_is_acknowledged(home: Path) -> None:
    came = the(home, "--set", "850")
    sent = the(home, "--set", "855")
    assert (came["delivery"], sent["delivery"]) == ("delivered", "delivered")
    assert (sent["partner"], sent["caused_by"]) == ("pier-3pl", came["id"])
    [file] = (home / "sftp_inbox" / "pier-3pl" / "out").glob("855*.edi")
    assert "BAK*00*AD*PO-" in file.read_text("latin-1")
    code, out = explained(home, came["id"])
    assert code == 0
    assert out.splitlines()[-4:] == [
        "  ✓ next acknowledge: once erp has it → a next document",
        "  erp: delivered by rule 'orders'",
        "  next:acknowledge: delivered since erp answered",
        "  partner:quay-3pl/940 as pick: delivered by rule 'orders'",
    ]
    code, out, _ = run("documents", "show", came["id"], "--home", home)
    assert "since erp answered, idempotency key" in out
    table = out.split("Documents of the same order")[1].split("Timeline")[0]
    order, answer = (
        next(line.split() for line in table.splitlines() if f" {which} " in line)
        for which in ("850 in", "855 out")
    )
    assert (order[0], order[3:5], order[-1]) == ("→", ["850", "in"], came["id"][:8])
    assert (answer[2:4], " ".join(answer[-4:])) == (
        ["855", "out"],
        f"{sent['id'][:8]}, made of {came['id'][:8]}",
    )


def test_what_is_not_fit_for_the_partner_waits_with_its_findings(home: Path) -> None:
    came = the(home, "--partner", "bluebird-retail")
    sent = the(home, "--partner", "northstar-3pl", "--direction", "out")
    assert came["delivery"] == "delivered", "what it was owed for is a document of ours"
    assert (sent["delivery"], sent["reason"]) == ("quarantined", "not_fit_to_send")
    code, out, _ = run("documents", "show", came["id"], "--home", home)
    assert code == 0
    assert f"submitted as {sent['id']}, which waits in quarantine: /gift" in out


def test_a_stored_document_says_which_rule_took_it_and_why_the_others_did_not(home: Path) -> None:
    came = the(home, "--partner", "tidewater-supply", "--set", "940")
    code, out = explained(home, came["id"][:8])
    assert code == 0
    title, *lines = out.splitlines()
    assert title.startswith("940 ")
    assert title.endswith(f"  {came['id'][:8]}  shipment order from tidewater-supply, usage P")
    assert lines == [
        "  goes to erp, partner:pier-3pl by rule 'orders for the pier'",
        "  ✓ 1. orders for the pier: everything it asks for holds → erp, partner:pier-3pl",
        "  – 2. orders for the north: not asked: 'orders for the pier' decided",
        "  – 3. big invoices: not asked: 'orders for the pier' decided",
        "  – 4. orders: not asked: 'orders for the pier' decided",
        "  – next acknowledge: document is 'shipment_order', must be 'order'",
        "  erp: delivered by rule 'orders for the pier'",
        "  partner:pier-3pl: delivered by rule 'orders for the pier'",
    ]


def test_a_document_of_ours_needs_no_rule(home: Path) -> None:
    sent = the(home, "--partner", "pier-3pl", "--set", "940")
    code, out = explained(home, sent["id"])
    assert code == 0
    assert ("ours: it goes to pier-3pl, for whom it was submitted; no rule is asked") in out


def test_a_file_is_explained_as_if_it_came_now(home: Path) -> None:
    invoice = home / "samples" / "base" / "810-charges-and-terms.edi"
    code, out = explained(home, invoice)
    assert code == 0
    assert "goes to erp-test by rule 'big invoices'" in out
    refused = home / "samples" / "base" / "810-invalid-total-missing.edi"
    code, out = explained(home, refused)
    assert code == 1
    assert out.splitlines()[1].startswith("  is rejected: ")


def test_a_canonical_file_must_say_whose_it_is(home: Path, tmp_path: Path) -> None:
    sample = home / "samples" / "outbound" / "northstar-3pl" / "940-two-lamps.json"
    code, _, err = run("routes", "explain", sample, "--home", home)
    assert code == 2
    assert err == f"error: {sample} does not say whose it is: expected --partner and --set\n"
    words = (sample, "--partner", "bluebird-retail", "--set", "940", "--usage", "T")
    code, out = explained(home, *words)
    assert code == 1
    assert (
        "but usage indicator T never reaches a production destination: "
        "partner:northstar-3pl/940 refused"
    ) in out
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    code, _, err = run("routes", "explain", broken, "--home", home)
    assert (code, err.startswith(f"error: {broken} is not well-formed JSON: ")) == (2, True)


def test_what_nothing_is_known_by_is_said_in_a_sentence(home: Path) -> None:
    code, _, err = run("routes", "explain", "HG-2004", "--home", home)
    assert code == 1
    assert err == (
        "error: 'HG-2004' is no file, and no document has it as its id, the beginning of it, or a "
        "business key; keys that begin so: HG-200417\n"
    )


def test_what_no_rule_takes_waits_and_goes_its_way_once_there_is_one(
    home: Path, erp: Receiver
) -> None:
    came = the(home, "--partner", "northstar-3pl", "--direction", "in")
    short = came["id"][:8]
    assert (came["delivery"], came["reason"], came["owner"]) == (
        "quarantined",
        "no_route",
        "warehouse-desk@harbor.example",
    )
    code, out = explained(home, "HG-200417")
    assert code == 1
    assert "waits: no rule takes this document (warehouse-desk@harbor.example acts)" in out
    assert run("documents", "reroute", "--unrouted", "--home", home)[:2] == (
        1,
        f"– {short} goes nowhere: no rule takes this document\n",
    )

    rest = "  - {name: the rest, to: erp}\nshapes:\n"
    (home / "routes.yaml").write_text(ROUTES.replace("shapes:\n", rest))
    code, out = explained(home, short)
    assert code == 0
    assert f"next: gateway documents reroute {short}, to send it to erp by today's rules" in out
    assert run("documents", "reroute", "--unrouted", "--dry-run", "--home", home)[1] == (
        f"✓ {short} would go to erp\n"
    )
    assert run("documents", "reroute", short, "--home", home)[:2] == (
        0,
        f"✓ {short} goes to erp\n",
    )
    code, err = run_once(home)
    assert code == 0, err
    assert the(home, "--partner", "northstar-3pl", "--direction", "in")["delivery"] == "delivered"
    assert [one.document_id for one in erp.documents].count(came["id"]) == 1
    assert run("documents", "reroute", short, "--home", home)[:2] == (
        0,
        f"– {short} goes where it went: erp\n",
    )
    assert run("documents", "reroute", "--home", home)[0] == 2


def test_a_route_to_a_partner_without_an_agreement_is_a_problem(home: Path, tmp_path: Path) -> None:
    made = tmp_path / "instance"
    shutil.copytree(home, made, ignore=shutil.ignore_patterns("state"))
    (made / "routes.yaml").write_text(
        "rules:\n"
        "  - {name: one, to: [erp, 'partner:pier-3lp']}\n"
        "  - {name: two, to: ['partner:pier-3pl/850', 'partner:tidewater-supply']}\n"
        "  - {name: three, to: [{partner: Pier}]}\n"
        "  - {name: four, to: 'partner:pier-3pl as A Pick'}\n"
    )
    code, out, err = run("check", "--home", made)
    assert code == 1
    assert "rules[2].to[0].partner: 'Pier' does not fit" in out + err
    assert "rules[3].to: 'A Pick' does not fit" in out + err
    (made / "routes.yaml").write_text(
        "rules:\n"
        "  - {name: one, to: [erp, 'partner:pier-3lp']}\n"
        "  - {name: two, to: ['partner:pier-3pl/850', 'partner:tidewater-supply']}\n"
        "  - {name: three, to: 'partner:pier-3pl/940 as pikc'}\n"
        "shapes: {pick: {select: '@'}}\n"
    )
    code, out, err = run("check", "--home", made)
    assert code == 1
    assert "rules[2].to: there is no shape 'pikc' (did you mean 'pick'?)\n" in out + err
    assert (
        "routes.yaml:2:27: rules[0].to[1]: there is no partner 'pier-3lp' "
        "(did you mean 'pier-3pl'?)\n"
    ) in out + err
    assert (
        "rules[1].to[0]: no agreement to send 850 to partner 'pier-3pl'; agreed is 940, 855\n"
    ) in out + err
    assert (
        "rules[1].to[1]: nothing is agreed to be sent to partner 'tidewater-supply'\n"
    ) in out + err
