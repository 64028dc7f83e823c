"""Shapes of the connectors that come with the product, over documents larger than a test has."""

from __future__ import annotations

from typing import Any

import pytest

from gateway import resources
from gateway.shaping import Json, JsonTemplate, loads


def made(shape: str, document: Json) -> Any:
    """Return what a shape makes of a document."""
    file = resources.directory("connectors") / shape
    return loads(JsonTemplate(file.read_text("utf-8"), shape).render(document, {}))


def tryton_invoice(lines: int) -> Json:
    """Return an invoice as Tryton's records have it."""
    line: Json = {
        "product.": {"code": "LMP-100", "name": "Table lamp"},
        "quantity": 24,
        "unit.": {"symbol": "u"},
        "unit_price": "12.40",
    }
    day: Json = {"year": 2026, "month": 3, "day": 2}
    sale: Json = {
        "reference": "PO-1",
        "sale_date": day,
        "shipment_address.": {"party_name": "Bluebird"},
    }
    return {"number": "7", "sales.": [sale], "invoice_date": day, "lines.": [line] * lines,
            "total_amount": "1.00"}  # fmt: skip


def sap_invoice(lines: int) -> Json:
    """Return a billing document as SAP has it, with what the export asked further."""
    item: Json = {"Material": "TG11", "BillingDocumentItemText": "Lamp",
                  "BillingQuantity": "24.000", "BillingQuantityUnit": "PC",
                  "NetAmount": "297.60"}  # fmt: skip
    ordered: Json = {"PurchaseOrderByCustomer": "PO-1"}
    order: Json = {"SalesOrder": "1", "CustomerPurchaseOrderDate": "/Date(1772409600000)/",
                   "to_Item": {"results": [ordered]}}  # fmt: skip
    return {"BillingDocument": "9", "BillingDocumentDate": "/Date(1773187200000)/", "order": order,
            "ship_to": {"BusinessPartnerFullName": "Bluebird"},
            "to_Item": {"results": [item] * lines}, "TotalGrossAmount": "1.00"}  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "document"),
    [
        ("tryton/shapes/invoice.json.j2", tryton_invoice(120)),
        ("sap-odata/shapes/invoice.json.j2", sap_invoice(120)),
    ],
)
def test_an_invoice_may_have_more_lines_than_nine(shape: str, document: Json) -> None:
    invoice = made(shape, document)
    numbers = [line["line_number"] for line in invoice["lines"]]
    assert numbers == [str(number) for number in range(1, 121)]
    assert invoice["total_lines"] == 120


@pytest.mark.parametrize(
    ("given", "shipment"),
    [
        ({"depositor_order_number": "7"}, "07"),
        ({"depositor_order_number": "12345"}, "12345"),
        ({"depositor_order_number": "7", "agent_shipment_id": "AG-1"}, "AG-1"),
    ],
)
def test_a_ship_notice_is_named_by_its_shipment_however_long_its_number_is(
    given: dict[str, Json], shipment: str
) -> None:
    advice: Json = {
        **given,
        "purchase_order_number": "PO-1",
        "delivered": {"date": "2026-03-09", "at": "2026-03-09T10:00:00"},
        "parties": [],
        "lines": [],
    }
    assert made("tryton/shapes/advice-856.json.j2", advice)["shipment_id"] == shipment
