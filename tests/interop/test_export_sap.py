"""Records out of an SAP system that others wrote: OData V2 and V4, pages, its clock, its faults."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.clock import utc_now
from gateway.pipeline.exports.cursor import Cursor
from gateway.pipeline.exports.definition import Document, Export, Incremental
from gateway.shaping import Selection, Shape
from gateway.transports.sources.memory import MemorySource
from gateway.transports.sources.odata import ODataQuestion, ODataSource
from gateway.transports.sources.web import Address, Web
from tests.databases import sqlite_url
from tests.integration.exporting import export, export_world
from tests.interop.mock_sap import PASSWORD, USER, MockSap, mock_sap

pytestmark = pytest.mark.slow

V2 = "/sap/opu/odata/sap/API_SALES_ORDER_SRV/A_SalesOrder"
V4 = "/sap/opu/odata4/sap/api_salesorder/srvd_a2x/sap/api_salesorder/0001/SalesOrder"
ORDERS = 25
"""That the system begins with."""

DOCUMENT = """{
    status: 'new', depositor_order_number: SalesOrder,
    purchase_order_number: PurchaseOrderByCustomer,
    requested_ship_date: date(RequestedDeliveryDate, '%Y-%m-%d'),
    carrier: {scac: 'UPSN', mode: 'parcel', freight_payment: 'prepaid'},
    parties: [{role: 'ship_to', name: SoldToParty,
        ids: [{scheme: 'assigned_by_depositor', value: SoldToParty}],
        address: {lines: ['1180 Quarry Road'], city: 'Duluth', state: 'MN',
                  postal_code: '55802', country: 'US'}}],
    lines: [{line_number: `1`, item_ids: [{scheme: 'vendor_item', value: 'LMP-100'}],
             sku: 'LMP-100', ordered_quantity: '1', unit: 'case'}],
    total_quantity: '1'
}"""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockSap]:
    # The folder above is that of all workers of this session.
    with mock_sap(tmp_path_factory.getbasetemp().parent / "environments") as sap:
        yield sap


@pytest.fixture
def sap(system: MockSap) -> MockSap:
    system.reset()
    return system


def exporting(sap: MockSap, path: str, question: ODataQuestion) -> Export:
    """Return an export of sales orders, which stand for shipments here."""
    credentials = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    address = Address(
        sap.url + path, "SAP", {"Authorization": f"Basic {credentials}"}, timedelta(seconds=20)
    )

    def opened() -> ODataSource:
        return ODataSource(Web(address, clock=utc_now), address, question)

    return replace(
        export(MemorySource([])),
        open_source=opened,
        document=Document("shipment_order", Shape(Selection.compile(DOCUMENT))),
        key=Selection.compile("SalesOrder"),
        compare=Selection.compile("[SalesOrder, RequestedDeliveryDate, SoldToParty]"),
        incremental=None,
    )


@pytest.mark.parametrize(
    ("path", "question"),
    [
        (V2, ODataQuestion("v2", orderby="SalesOrder", top=10)),
        (V4, ODataQuestion("v4", orderby="SalesOrder", top=10)),
        (V2, ODataQuestion("v2")),
    ],
)
def test_every_order_is_sent_once_though_the_system_is_busy_between_pages(
    sap: MockSap, tmp_path: Path, path: str, question: ODataQuestion
) -> None:
    busy = {"match": "SalesOrder", "method": "GET", "status": 503, "message": "no work process"}
    orders = exporting(sap, path, question)
    with export_world(sqlite_url(tmp_path), [orders]) as world:
        sap.fail(**busy, count=2)
        run = world.runs.run_now(orders)
        assert (run.state, run.sent, run.because) == ("done", ORDERS, None)
        assert len(set(world.orders())) == len(world.orders()) == ORDERS
        again = world.runs.run_now(orders)
        assert (again.sent, again.unchanged) == (0, ORDERS)


def test_a_filter_takes_only_what_it_says(sap: MockSap, tmp_path: Path) -> None:
    question = ODataQuestion("v2", filter="SalesOrder eq '0000004712'")
    orders = exporting(sap, V2, question)
    with export_world(sqlite_url(tmp_path), [orders]) as world:
        assert world.runs.run_now(orders).sent == 1
        assert world.orders() == ["0000004712"]


def test_the_cursor_asks_only_for_what_changed_since(sap: MockSap, tmp_path: Path) -> None:
    question = ODataQuestion("v2", since="SalesOrderDate ge datetime'{since}'")
    cursor = Cursor("time", None, "%Y-%m-%dT%H:%M:%S")
    field = Selection.compile("SalesOrderDate")
    orders = replace(exporting(sap, V2, question), incremental=Incremental(field, cursor))
    with export_world(sqlite_url(tmp_path), [orders]) as world:
        first = world.runs.run_now(orders)
        second = world.runs.run_now(orders)
        assert first.sent == ORDERS
        assert 0 < second.read < ORDERS, "those of the newest day"
        assert (second.sent, second.cursor_before) == (0, first.cursor_after)
