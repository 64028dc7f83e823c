"""The connector for Tryton, against a running Tryton: what documents become there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from gateway import config, resources
from gateway.app.destinations import destination_outbound
from gateway.clock import utc_now
from gateway.config import Instance
from gateway.errors import Permanent
from gateway.mapping.plan import Json
from gateway.pipeline.ports import Consignment, Receipt
from tests.interop.tryton import Tryton, tryton

pytestmark = pytest.mark.slow

PARTNER = "bluebird-retail"


@pytest.fixture(scope="module")
def erp(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Tryton]:
    with tryton(pytestconfig.cache.mkdir("tryton"), tmp_path_factory.mktemp("erp")) as running:
        yield running


@pytest.fixture
def instance(erp: Tryton, tmp_path: Path) -> Instance:
    """Return an instance that has nothing but the connector."""
    shutil.copytree(resources.directory("connectors") / "tryton", tmp_path / "connectors/tryton")
    (tmp_path / "gateway.yaml").write_text("identities: [{qualifier: ZZ, id: HARBOR}]\n")
    (tmp_path / "routes.yaml").write_text("rules: []\n")
    given = {"TRYTON_URL": f"{erp.url}/harbor", "TRYTON_KEY": erp.rest_key}
    return config.load(tmp_path, given, maps_too=False)


def deliver(instance: Instance, destination: str, document: Json, *, key: str) -> Receipt:
    """Hand over one document as the lane would."""
    outbound = destination_outbound(instance, destination, clock=utc_now)
    facts = {"partner": PARTNER, "idempotency_key": key}
    outbound.connect()
    try:
        return outbound.deliver(
            Consignment(orjson.dumps(document), "x.json", key, "correlation", facts=facts)
        )
    finally:
        outbound.close()


def order(number: str, **lines: str) -> dict[str, Json]:
    """Return an order of the retailer: quantities by item."""
    return {
        "document": "order",
        "version": "1.0",
        "purchase_order_number": number,
        "purchase_order_date": "2026-03-02",
        "requested_ship_date": "2026-03-09",
        "parties": [{"role": "ship_to", "address": {"postal_code": "89408"}}],
        "lines": [
            {"sku": sku.replace("_", "-"), "ordered_quantity": quantity, "unit_price": "12.4"}
            for sku, quantity in lines.items()
        ],
    }


def advice(shipment: str, **items: str) -> dict[str, Json]:
    """Return what the warehouse says it shipped."""
    shipped: list[Json] = [
        {"sku": sku.replace("_", "-"), "shipped_quantity": quantity}
        for sku, quantity in items.items()
    ]
    return {
        "document": "shipping_advice",
        "version": "1.0",
        "depositor_order_number": shipment,
        "lines": [{"line_number": 1, "items": shipped}],
    }


def sales(erp: Tryton, reference: str) -> list[dict[str, Json]]:
    fields = ("state", "number", "shipments", "description", "shipment_address.rec_name")
    return erp.found("sale.sale", [["reference", "=", reference]], *fields)


def test_an_order_becomes_one_sale_however_often_it_is_delivered(
    erp: Tryton, instance: Instance
) -> None:
    document = order("PO-100", LMP_100="24", LMP_200="2")
    first = deliver(instance, "tryton-sales", document, key="k1")
    again = deliver(instance, "tryton-sales", document, key="k1")
    [sale] = sales(erp, "PO-100")
    assert sale["state"] == "processing"
    assert "Bluebird Distribution Center 3" in str(sale["shipment_address."])
    assert first.keys == again.keys == (("sale_number", sale["number"]),)
    lines = erp.found("sale.line", [["sale", "=", sale["id"]]], "quantity", "product.code")
    assert [(one["product."]["code"], one["quantity"]) for one in lines] == [
        ("LMP-100", 24.0),
        ("LMP-200", 2.0),
    ]


def test_what_tryton_does_not_know_is_told_by_its_name_and_nothing_is_created(
    erp: Tryton, instance: Instance
) -> None:
    with pytest.raises(Permanent) as unknown:
        deliver(instance, "tryton-sales", order("PO-101", NO_SUCH="1"), key="k2")
    assert str(unknown.value) == (
        "step 'product': nothing found; expected a salable product with the code NO-SUCH"
    )
    elsewhere = order("PO-101", LMP_100="1")
    elsewhere["parties"] = [{"role": "ship_to", "address": {"postal_code": "00000"}}]
    with pytest.raises(Permanent, match=r"with the postal code 00000$"):
        deliver(instance, "tryton-sales", elsewhere, key="k3")
    assert sales(erp, "PO-101") == []


def test_two_stores_of_one_order_number_are_two_sales(erp: Tryton, instance: Instance) -> None:
    for store in ("0112", "0118"):
        document = {**order("PO-102", LMP_100="1"), "store_number": store}
        deliver(instance, "tryton-sales", document, key=f"k4-{store}")
        deliver(instance, "tryton-sales", document, key=f"k4-{store}")
    assert sorted(one["description"] for one in sales(erp, "PO-102")) == ["0112", "0118"]


def test_what_the_warehouse_shipped_finishes_the_shipment(erp: Tryton, instance: Instance) -> None:
    deliver(instance, "tryton-sales", order("PO-103", LMP_100="24", LMP_200="2"), key="k5")
    [sale] = sales(erp, "PO-103")
    [number] = shipments(erp, sale, "waiting")
    said = advice(number, LMP_100="20", LMP_200="2")
    told = deliver(instance, "tryton-shipments", said, key="k6")
    deliver(instance, "tryton-shipments", said, key="k6")
    assert told.keys == (("shipment_number", number),)
    assert shipments(erp, sale, "done") == [number]
    moves = erp.found(
        "stock.move",
        [["shipment.number", "=", number, "stock.shipment.out"], ["state", "=", "done"]],
        "quantity", "product.code",
    )  # fmt: skip
    assert sorted({(one["product."]["code"], one["quantity"]) for one in moves}) == [
        ("LMP-100", 20.0),
        ("LMP-200", 2.0),
    ]
    # What was not shipped is owed still: Tryton makes another shipment of it.
    assert len(shipments(erp, sale, "waiting")) == 1


def test_an_advice_for_a_shipment_that_nobody_knows_waits_for_a_person(
    instance: Instance,
) -> None:
    with pytest.raises(Permanent) as unknown:
        deliver(instance, "tryton-shipments", advice("9999", LMP_100="1"), key="k7")
    assert str(unknown.value) == (
        "step 'look': nothing found; expected a customer shipment with the number 9999"
    )


def shipments(erp: Tryton, sale: dict[str, Json], state: str) -> list[str]:
    """Return the numbers of a sale's shipments in a state."""
    found = erp.found("sale.sale", [["id", "=", sale["id"]]], "shipments")
    domain = [["id", "in", found[0]["shipments"]], ["state", "=", state]]
    return [str(one["number"]) for one in erp.found("stock.shipment.out", domain, "number")]
