"""The connector for SAP over OData, against mock-sap: documents in, deliveries and bills out."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway import config, resources
from gateway.app.destinations import destination_outbound
from gateway.cli.init import write_instance
from gateway.clock import utc_now
from gateway.config import Instance
from gateway.errors import Permanent, Refused, Transient
from gateway.mapping.plan import Json
from gateway.pipeline.ports import Consignment, Outbound, Receipt
from gateway.shaping import NotShaped
from tests.durability.instance import DYING
from tests.interop.mock_sap import PASSWORD, USER, MockSap, mock_sap
from tests.unit.cli.test_instance import run_once
from tests.unit.cli.test_validate import run

pytestmark = pytest.mark.slow

ODATA = "/sap/opu/odata/sap"
SALES, DELIVERY = f"{ODATA}/API_SALES_ORDER_SRV", f"{ODATA}/API_OUTBOUND_DELIVERY_SRV"
BILLING = f"{ODATA}/API_BILLING_DOCUMENT_SRV"
PARTNERS = f"{ODATA}/API_BUSINESS_PARTNER_SRV"
CUSTOMER, DOCK = "1000001", "1000002"

TABLES = f"""
  sap-orders:
    backoff: {{first: 10ms, longest: 50ms}}
    facts:
      sold_to: {{table: {{bluebird-retail: "{CUSTOMER}"}}}}
      ship_to: {{table: {{D003: "{DOCK}"}}}}
"""
EXPORTS = {
    "warehouse-orders": "extends: connectors/sap-odata/exports/deliveries.yaml\n"
    "select: ShippingPoint == '1710'\npartner: northstar-3pl\n",
    "invoices": "extends: connectors/sap-odata/exports/invoices.yaml\n"
    f'partner: {{table: {{"{CUSTOMER}": bluebird-retail}}}}\n'
    f"select: SoldToParty == '{CUSTOMER}'\n",
}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockSap]:
    # The folder above is that of all workers of this session.
    with mock_sap(tmp_path_factory.getbasetemp().parent / "environments") as sap:
        yield sap


@pytest.fixture
def sap(system: MockSap, monkeypatch: pytest.MonkeyPatch) -> MockSap:
    system.reset()
    monkeypatch.setenv("SAP_URL", f"{system.url}{ODATA}")
    monkeypatch.setenv("SAP_USER", USER)
    monkeypatch.setenv("SAP_PASSWORD", PASSWORD)
    return system


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write an instance with the connector, and what a company says beside it."""
    home = tmp_path_factory.mktemp("sap") / "edi"
    write_instance(home, stable_for="50ms")
    shutil.copytree(resources.directory("connectors") / "sap-odata", home / "connectors/sap-odata")
    settings = (home / "gateway.yaml").read_text("utf-8")
    assert settings.count("\ndestinations:\n") == 1
    own = settings.replace("\ndestinations:\n", f"\ndestinations:{TABLES}")
    (home / "gateway.yaml").write_text(own, "utf-8")
    (home / "routes.yaml").write_text("rules: []\n")
    (home / "exports").mkdir()
    for name, text in EXPORTS.items():
        (home / "exports" / f"{name}.yaml").write_text(
            f"export: {name}\nlimits: {{pause: 10ms}}\n{text}"
        )
    return home


@pytest.fixture
def home(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(written, tmp_path / "edi"))


@dataclass
class Delivering:
    """A destination of the connector, connected."""

    outbound: Outbound

    def __call__(self, document: Mapping[str, Json], *, attempt: int = 1) -> Receipt:
        """Hand over one document as the lane would."""
        facts = {"partner": "bluebird-retail", "idempotency_key": "k1"}
        content = orjson.dumps(document)
        return self.outbound.deliver(
            Consignment(content, "x.json", "k1", "correlation", facts=facts, attempt=attempt)
        )


@pytest.fixture
def instance(sap: MockSap, written: Path) -> Instance:
    environment = {"SAP_URL": sap.url + ODATA, "SAP_USER": USER, "SAP_PASSWORD": PASSWORD}
    return config.load(written, environment, maps_too=False)


def connected(instance: Instance, name: str) -> Iterator[Delivering]:
    outbound = destination_outbound(instance, name, clock=utc_now)
    outbound.connect()
    yield Delivering(outbound)
    outbound.close()


@pytest.fixture
def orders(instance: Instance) -> Iterator[Delivering]:
    yield from connected(instance, "sap-orders")


@pytest.fixture
def advices(instance: Instance) -> Iterator[Delivering]:
    yield from connected(instance, "sap-deliveries")


def order(number: str, **more: Json) -> dict[str, Json]:
    """Return an order of the retailer."""
    lines: list[Json] = [
        {"sku": "TG11", "ordered_quantity": "24", "unit": "each", "unit_price": "12.4"},
        {"sku": "TG12", "ordered_quantity": "2.5", "unit": "each"},
    ]
    return {
        "document": "order",
        "purchase_order_number": number,
        "purchase_order_date": "2026-03-02",
        "requested_ship_date": "2026-03-09",
        "parties": [{"role": "ship_to", "ids": [{"scheme": "92", "value": "D003"}]}],
        "lines": lines,
        **more,
    }


def sales(sap: MockSap, reference: str) -> list[dict[str, Any]]:
    escaped = reference.replace("'", "''")
    return sap.entities(f"{SALES}/A_SalesOrder", f"PurchaseOrderByCustomer eq '{escaped}'")


def items(sap: MockSap, number: str) -> list[dict[str, Any]]:
    return sap.entities(f"{SALES}/A_SalesOrderItem", f"SalesOrder eq '{number}'")


def test_an_order_becomes_a_sales_order_with_items_partners_and_prices(
    sap: MockSap, orders: Delivering
) -> None:
    receipt = orders(order("PO-100"))
    [found] = sales(sap, "PO-100")
    number = found["SalesOrder"]
    assert receipt.keys == (("sales_order", number),)
    assert (found["SoldToParty"], found["SalesOrganization"]) == (CUSTOMER, "1710")
    # 2026-03-09, 00:00 UTC, as V2 writes it.
    assert found["RequestedDeliveryDate"] == "/Date(1773014400000)/"
    assert [
        (one["Material"], one["RequestedQuantity"], one["RequestedQuantityUnit"])
        for one in items(sap, number)
    ] == [("TG11", "24.000", "PC"), ("TG12", "2.500", "PC")]
    condition = f"SalesOrder eq '{number}'"
    [partner] = sap.entities(f"{SALES}/A_SalesOrderHeaderPartner", condition)
    assert (partner["PartnerFunction"], partner["Customer"]) == ("SH", DOCK)
    [price] = sap.entities(f"{SALES}/A_SalesOrderItemPrElement", condition)
    assert (price["ConditionType"], price["ConditionRateValue"]) == ("PMP0", "12.400")


def test_an_order_becomes_one_sales_order_whatever_is_lost(
    sap: MockSap, orders: Delivering
) -> None:
    sap.fail(match="A_SalesOrder$", method="POST", scenario="busy", count=1)
    with pytest.raises(Transient, match=r"^HTTP 503: No dialog work process available$") as busy:
        orders(order("PO-101"))
    assert busy.value.retry_after == 30
    sap.lose("POST", "A_SalesOrder$")
    with pytest.raises(Transient):
        orders(order("PO-101"), attempt=2)
    # It arrived; now the question whether it did fails.
    sap.fail(match="A_SalesOrder$", method="GET", status=503, message="shutdown", count=1)
    with pytest.raises(
        Transient, match=r"^whether it is there already could not be asked: HTTP 503$"
    ):
        orders(order("PO-101"), attempt=3)
    receipt = orders(order("PO-101"), attempt=4)
    [found] = sales(sap, "PO-101")
    assert (receipt.repeated, receipt.keys) == (True, (("sales_order", found["SalesOrder"]),))


def test_a_token_that_expired_is_renewed_within_the_attempt(
    sap: MockSap, orders: Delivering
) -> None:
    orders(order("PO-102"))
    sap.fail(match="A_SalesOrder$", method="POST", scenario="csrf", count=1)
    orders(order("PO-103"))
    assert len(sales(sap, "PO-102")) == len(sales(sap, "PO-103")) == 1


def test_one_number_of_two_stores_or_with_an_apostrophe_is_found_again(
    sap: MockSap, orders: Delivering
) -> None:
    for number in ("PO-104", "PO'104"):
        for store in ("0112", "0118"):
            document = order(number, store_number=store)
            first, again = orders(document), orders(document, attempt=2)
            assert first.keys == again.keys
            [found] = sales(sap, f"{number}/{store}")
            [item, *_] = items(sap, found["SalesOrder"])
            assert item["PurchaseOrderByCustomer"] == number


def test_an_order_that_somebody_entered_by_hand_is_not_created_again(
    sap: MockSap, orders: Delivering
) -> None:
    entity = {"SoldToParty": CUSTOMER, "PurchaseOrderByCustomer": "PO-106"}
    entered = sap.create(f"{SALES}/A_SalesOrder", entity)["SalesOrder"]
    receipt = orders(order("PO-106"))
    assert (receipt.repeated, receipt.keys) == (True, (("sales_order", entered),))
    assert len(sales(sap, "PO-106")) == 1


def test_what_sap_refuses_is_told_in_its_own_words_and_nothing_is_there(
    sap: MockSap, orders: Delivering
) -> None:
    with pytest.raises(Refused) as refused:
        orders(order("P" * 36))
    assert str(refused.value) == (
        "HTTP 400: Value of property 'PurchaseOrderByCustomer' exceeds maximum length 35"
    )
    with pytest.raises(NotShaped) as unknown:
        orders(order("PO-105", parties=[{"role": "ship_to", "ids": [{"value": "D9"}]}]))
    assert str(unknown.value) == "fact 'ship_to': 'D9' is not in its table"
    assert sales(sap, "PO-105") == []


def delivery(sap: MockSap, receipt: Receipt) -> str:
    """Create the outbound delivery of a sales order in SAP; return its number."""
    [(_, number)] = receipt.keys
    lines = [
        {
            "Material": one["Material"],
            "DeliveryDocumentItemText": "Table lamp",
            "ActualDeliveryQuantity": one["RequestedQuantity"],
            "DeliveryQuantityUnit": one["RequestedQuantityUnit"],
            "ReferenceSDDocument": number,
            "ReferenceSDDocumentItem": one["SalesOrderItem"],
        }
        for one in items(sap, number)
    ]
    header = {
        "ShippingPoint": "1710",
        "SoldToParty": CUSTOMER,
        "ShipToParty": DOCK,
        "DeliveryDate": "/Date(1773014400000)/",
        "to_DeliveryDocumentItem": lines,
    }
    return str(sap.create(f"{DELIVERY}/A_OutbDeliveryHeader", header)["DeliveryDocument"])


def headers(sap: MockSap, number: str) -> dict[str, Any]:
    [found] = sap.entities(f"{DELIVERY}/A_OutbDeliveryHeader", f"DeliveryDocument eq '{number}'")
    return found


def advice(number: str) -> dict[str, Json]:
    """Return what the warehouse says it shipped: four of the first less than ordered."""
    shipped: list[Json] = [
        {"sku": "TG11", "shipped_quantity": "12"},
        {"sku": "TG12", "shipped_quantity": "2.5"},
        {"sku": "TG11", "shipped_quantity": "8"},
    ]
    document = {"document": "shipping_advice", "depositor_order_number": number}
    return {**document, "lines": [{"line_number": 1, "items": shipped}]}


@pytest.mark.parametrize("lost", ["A_OutbDeliveryItem", "PickAllItems", "PostGoodsIssue"])
def test_what_the_warehouse_shipped_is_issued_once_whatever_is_lost(
    sap: MockSap, orders: Delivering, advices: Delivering, lost: str
) -> None:
    number = delivery(sap, orders(order("PO-110")))
    sap.fail(match=lost, status=423, message="Delivery is locked by MILLER", count=1)
    with pytest.raises(Transient, match=r"^step '\w+': HTTP 423: Delivery is locked by MILLER$"):
        advices(advice(number))
    sap.lose("PATCH" if lost.startswith("A_") else "POST", lost)
    with pytest.raises(Transient, match=r"^step '(quantity|pick|issue)': "):
        advices(advice(number), attempt=2)
    receipt = advices(advice(number), attempt=3)
    assert receipt.keys == (("delivery_number", number),)
    found = headers(sap, number)
    assert (found["OverallPickingStatus"], found["OverallGoodsMovementStatus"]) == ("C", "C")
    rows = sap.entities(f"{DELIVERY}/A_OutbDeliveryItem", f"DeliveryDocument eq '{number}'")
    assert [one["ActualDeliveryQuantity"] for one in rows] == ["20.000", "2.500"]


def test_an_advice_that_does_not_fit_its_delivery_waits_for_a_person_and_changes_nothing(
    sap: MockSap, orders: Delivering, advices: Delivering
) -> None:
    lamp: Json = {"sku": "TG11", "ordered_quantity": "1", "unit": "each"}
    twice = delivery(sap, orders(order("PO-111", lines=[lamp, lamp])))
    other = delivery(sap, orders(order("PO-112", lines=[lamp])))
    for number, words in (
        (twice, "material TG11 stands in several items of the delivery; "
                "enter by hand what was shipped of each"),
        (other, "TG12 was shipped, and the delivery has no such material"),
    ):  # fmt: skip
        with pytest.raises(NotShaped) as unfit:
            advices(advice(number))
        assert str(unfit.value).endswith(words)
        assert headers(sap, number)["OverallPickingStatus"] == "A"
        condition = f"DeliveryDocument eq '{number}'"
        rows = sap.entities(f"{DELIVERY}/A_OutbDeliveryItem", condition)
        assert {one["ActualDeliveryQuantity"] for one in rows} == {"1.000"}


def test_an_advice_for_a_delivery_that_nobody_knows_waits_for_a_person(
    advices: Delivering,
) -> None:
    with pytest.raises(Permanent) as unknown:
        advices(advice("0089999999"))
    assert str(unknown.value) == (
        "step 'look': nothing found; expected an outbound delivery with the number 0089999999"
    )


def place(sap: MockSap) -> None:
    """Give the dock an American name and address."""
    sap.change(
        f"{PARTNERS}/A_BusinessPartner('{DOCK}')",
        {"BusinessPartnerFullName": "Bluebird Distribution Center 3"},
    )
    [address] = sap.entities(f"{PARTNERS}/A_BusinessPartnerAddress", f"BusinessPartner eq '{DOCK}'")
    sap.change(
        f"{PARTNERS}/A_BusinessPartnerAddress(BusinessPartner='{DOCK}',"
        f"AddressID='{address['AddressID']}')",
        {"HouseNumber": "900", "StreetName": "Commerce Loop", "CityName": "Fernley",
         "PostalCode": "89408", "Region": "NV", "Country": "US"},
    )  # fmt: skip


def test_a_delivery_goes_to_the_warehouse_once_as_its_940(
    sap: MockSap, home: Path, orders: Delivering
) -> None:
    place(sap)
    number = delivery(sap, orders(order("PO-120", store_number="0112")))
    code, tried, err = run("exports", "run", "warehouse-orders", "--dry-run", "--home", home)
    assert code == 0, err
    assert err.splitlines()[-1] == (
        "Nothing was kept: 1 read, 1 selected, 0 unchanged, 1 would be sent, 0 refused."
    )
    for segment in (
        f"W05*N*{number}*PO-120~",
        f"N1*CN*Bluebird Distribution Center 3*93*{DOCK}~",
        "N3*900 Commerce Loop~",
        "N4*Fernley*NV*89408*US~",
        "G62*10*20260309~",
        "W01*24*EA**VN*TG11~",
        "W01*2.5*EA**VN*TG12~",
        "W76*26.5~",
    ):
        assert segment in tried.replace("\n", ""), segment
    for asked in ("A_OutbDeliveryHeader", "A_SalesOrder", "A_BusinessPartner"):
        sap.fail(match=asked, method="GET", status=503, message="no work process", count=1)
    done = run("exports", "run", "warehouse-orders", "--home", home)
    assert done[:2] == (0, "done: 1 read, 1 selected, 0 unchanged, 1 sent, 0 refused\n"), done
    # Each of the three questions was asked again.
    assert done[2].count("export_waits") == 3
    sap.change(f"{DELIVERY}/A_OutbDeliveryHeader('{number}')", {"TotalWeight": "7"})
    again = run("exports", "run", "warehouse-orders", "--home", home)
    assert again[1] == "done: 1 read, 1 selected, 1 unchanged, 0 sent, 0 refused\n"
    assert run_once(home)[0] == 0
    [sent] = (home / "sftp_inbox" / "northstar-3pl" / "out").glob("940_*.edi")
    assert f"W05*N*{number}*PO-120~".encode() in sent.read_bytes()


def billed(sap: MockSap, receipt: Receipt, status: str) -> str:
    """Create the billing document of a sales order in SAP."""
    [(_, number)] = receipt.keys
    amounts = {"TG11": "297.600", "TG12": "33.330"}
    lines = [
        {
            "Material": one["Material"],
            "BillingDocumentItemText": "Table lamp",
            "BillingQuantity": one["RequestedQuantity"],
            "BillingQuantityUnit": one["RequestedQuantityUnit"],
            "NetAmount": amounts[one["Material"]],
            "SalesDocument": number,
            "SalesDocumentItem": one["SalesOrderItem"],
        }
        for one in items(sap, number)
    ]
    header = {
        "BillingDocumentType": "F2",
        "SoldToParty": CUSTOMER,
        "BillingDocumentDate": "/Date(1773187200000)/",
        "TotalGrossAmount": "330.930",
        "AccountingPostingStatus": status,
        "to_Item": lines,
    }
    return str(sap.create(f"{BILLING}/A_BillingDocument", header)["BillingDocument"])


def test_what_was_posted_is_invoiced_once_with_exact_amounts(
    sap: MockSap, home: Path, orders: Delivering
) -> None:
    place(sap)
    number = billed(sap, orders(order("PO-130")), "C")
    billed(sap, orders(order("PO-131")), "A")
    for entity in sap.entities(f"{BILLING}/A_BillingDocument", "AccountingPostingStatus eq 'C'"):
        if entity["SoldToParty"] == CUSTOMER and entity["BillingDocument"] != number:
            # One of the data of the beginning, whose units no invoice of ours has.
            changed = {"AccountingPostingStatus": "A"}
            key = entity["BillingDocument"]
            sap.change(f"{BILLING}/A_BillingDocument('{key}')", changed)
    code, tried, err = run("exports", "run", "invoices", "--dry-run", "--home", home)
    assert code == 0, tried + err
    for segment in (
        f"BIG*20260311*{number}*20260302*PO-130***DI~",
        "N1*ST*Bluebird Distribution Center 3~",
        "IT1*1*24*EA*12.4**VN*TG11~",
        "IT1*2*2.5*EA*13.332**VN*TG12~",
        "TDS*33093~",
        "CTT*2~",
    ):
        assert segment in tried.replace("\n", ""), tried
    first = run("exports", "run", "invoices", "--home", home)
    again = run("exports", "run", "invoices", "--home", home)
    assert re.search(r" 1 sent, 0 refused$", first[1].strip()), first
    assert re.search(r" 0 sent, 0 refused$", again[1].strip()), again


ORDER = """\
ISA*00*          *00*          *08*BLUEBIRD       *12*5550100200     *260302*0915*U*00401*000000901*0*P*>~
GS*PO*BLUEBIRD*HARBORRTL*20260302*0915*901*X*004010~
ST*850*0001~
BEG*00*SA*PO-140**20260302~
DTM*010*20260309~
N1*BY*Bluebird Retail*92*0041~
N1*ST*Bluebird Distribution Center 3*92*D003~
N3*900 Commerce Loop~
N4*Fernley*NV*89408*US~
PO1*1*24*EA*12.4**SK*0045512*VN*TG11~
PID*F****Table lamp, brass~
CTT*1~
SE*11*0001~
GE*1*901~
IEA*1*000000901~
"""  # noqa: E501


def test_an_order_that_is_translated_anew_after_a_lost_answer_is_one_sales_order(
    sap: MockSap, home: Path
) -> None:
    settings = (home / "gateway.yaml").read_text("utf-8")
    once = settings.replace("  sap-orders:\n", "  sap-orders:\n    attempts: 1\n")
    (home / "gateway.yaml").write_text(once, "utf-8")
    sap.lose("POST", "A_SalesOrder$")
    arrived = ORDER.replace("PO-140", "PO-141")
    (home / "sftp_inbox" / "bluebird-retail" / "in" / "850.edi").write_text(arrived)
    run_once(home)
    [dead] = orjson.loads(run("documents", "list", "--json", "--home", home)[1])
    assert dead["delivery"] == "dead"
    # It arrived, and nobody here knows; somebody changes the map, and translates it anew.
    kept = home / "maps" / "bluebird-retail" / "850.map.yaml"
    changed = kept.read_text("utf-8").replace("qualifier: VN|SK", "qualifier: SK|VN")
    kept.write_text(changed, "utf-8")
    done = run("documents", "retranslate", dead["id"], "--home", home)
    assert "with other content" in done[1], done
    assert run_once(home)[0] == 0
    assert len(sales(sap, "PO-141")) == 1


def test_an_order_is_one_sales_order_though_the_gateway_is_killed_and_sap_is_unwell(
    sap: MockSap, home: Path
) -> None:
    order_call = {"match": "A_SalesOrder$", "status": 503, "message": "shutdown", "count": 1}

    def accepts_and_says_nothing() -> None:
        sap.lose("POST", "A_SalesOrder$")

    arrived = ORDER.replace("PO-140", "PO-142")
    (home / "sftp_inbox" / "bluebird-retail" / "in" / "850.edi").write_text(arrived)
    troubles: list[Callable[[], None]] = [
        lambda: sap.fail(method="POST", **order_call),
        accepts_and_says_nothing,
        lambda: sap.fail(method="GET", **order_call),
    ]
    for trouble in troubles:
        trouble()
        life = [sys.executable, str(DYING), str(home), "delivery.hand_over"]
        died = subprocess.run(life, stdout=subprocess.DEVNULL, check=False, timeout=60)
        assert died.returncode == -signal.SIGKILL
    assert run_once(home)[0] == 0
    [found] = sales(sap, "PO-142")
    [acknowledged] = (home / "sftp_inbox" / "bluebird-retail" / "out").glob("855_*.edi")
    assert found["SalesOrder"] in acknowledged.read_text()
    came = run("documents", "list", "--direction", "in", "--json", "--home", home)
    [document] = orjson.loads(came[1])
    assert document["delivery"] == "delivered"


def test_an_850_becomes_one_sales_order_and_an_855_with_its_number(
    sap: MockSap, home: Path
) -> None:
    sap.lose("POST", "A_SalesOrder$")
    (home / "sftp_inbox" / "bluebird-retail" / "in" / "850.edi").write_text(ORDER)
    assert run_once(home)[0] == 0
    [found] = sales(sap, "PO-140")
    [acknowledged] = (home / "sftp_inbox" / "bluebird-retail" / "out").glob("855_*.edi")
    said = acknowledged.read_text()
    assert "BAK*00*AD*PO-140*20260302" in said
    assert found["SalesOrder"] in said, said
    known = run("documents", "list", "--key", found["SalesOrder"], "--json", "--home", home)
    assert len(orjson.loads(known[1])) >= 1
    assert PASSWORD not in known[1]
