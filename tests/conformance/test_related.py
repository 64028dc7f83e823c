"""The documents of one order are found from any of them, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.pipeline.records import BusinessKeyRecord, DocumentRecord, Record
from gateway.store import SqlStore, open_database
from gateway.store.related import MOST_RELATED
from tests.conformance.test_store import DOCUMENT, NOW, PAYLOAD


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    opened = SqlStore(open_database(database_url))
    with opened.transaction() as transaction:
        transaction.ledger.add([PAYLOAD])
    yield opened
    opened.close()


class Order:
    """Documents as they come and go, one a minute."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.minutes = 0

    def add(
        self, id_: str, partner: str, direction: str, caused_by: str | None = None, **keys: str
    ) -> None:
        """Keep a document; its id begins with its set."""
        self.minutes += 1
        moment = NOW + timedelta(minutes=self.minutes)
        document: DocumentRecord = replace(
            DOCUMENT,
            id=id_,
            partner=partner,
            direction=direction,
            set_id=id_[:3],
            caused_by=caused_by,
            received_at=moment,
            start=self.minutes,
        )
        records: list[Record] = [document]
        records += [BusinessKeyRecord(id_, name, value) for name, value in keys.items()]
        with self.store.transaction() as transaction:
            transaction.ledger.add(records)

    def of(self, id_: str) -> list[str]:
        """Return the ids of what belongs with a document."""
        view = self.store.desk.document(id_)
        assert view is not None
        return [one.document.id for one in view.related]


@pytest.fixture
def order(store: SqlStore) -> Order:
    """An order of a shop that a warehouse ships, from 850 to 810, beside an order of another."""
    made = Order(store)
    made.add("850-a", "shop", "in", purchase_order_number="PO-1")
    made.add("850-other", "kiosk", "in", purchase_order_number="PO-1")
    made.add("855-a", "shop", "out", "850-a", purchase_order_number="PO-1")
    numbers = {"purchase_order_number": "PO-1", "depositor_order_number": "HG-7"}
    made.add("940-a", "warehouse", "out", **numbers)
    made.add("945-a", "warehouse", "in", depositor_order_number="HG-7", shipment_id="S-9")
    made.add("856-a", "shop", "out", "945-a", purchase_order_number="PO-1", shipment_id="S-9")
    made.add("810-a", "shop", "out", purchase_order_number="PO-1", invoice_number="INV-3")
    made.add("945-later", "warehouse", "in", depositor_order_number="HG-8", shipment_id="S-9")
    return made


def test_an_order_shows_its_whole_life_in_order(order: Order) -> None:
    assert order.of("850-a") == ["855-a", "940-a", "945-a", "856-a", "810-a"]


@pytest.mark.parametrize("one", ["855-a", "856-a", "810-a"])
def test_so_does_what_goes_to_the_buyer(order: Order, one: str) -> None:
    whole = ["850-a", "855-a", "940-a", "945-a", "856-a", "810-a"]
    assert order.of(one) == [other for other in whole if other != one]


def test_what_a_warehouse_reports_is_found_by_the_number_that_it_knows(order: Order) -> None:
    found = order.of("945-a")
    assert found == ["850-a", "855-a", "940-a", "856-a", "810-a"]
    assert "945-later" not in found, "one shipment holds several orders"


def test_the_same_number_of_another_buyer_is_another_order(order: Order) -> None:
    assert "850-other" not in order.of("850-a")
    assert "850-other" not in order.of("855-a")


def test_a_number_of_another_kind_is_another_number(store: SqlStore) -> None:
    made = Order(store)
    made.add("850-a", "shop", "in", purchase_order_number="4711")
    made.add("945-a", "shop", "in", depositor_order_number="4711")
    assert made.of("850-a") == []


def test_what_caused_a_document_is_found_without_any_number(store: SqlStore) -> None:
    made = Order(store)
    made.add("850-a", "shop", "in")
    made.add("824-a", "shop", "out", "850-a")
    assert made.of("850-a") == ["824-a"]
    assert made.of("824-a") == ["850-a"]


def test_an_order_with_very_many_documents_shows_so_many_only(store: SqlStore) -> None:
    made = Order(store)
    made.add("850-a", "shop", "in", purchase_order_number="PO-1")
    for number in range(MOST_RELATED + 10):
        made.add(f"810-{number:03d}", "shop", "out", purchase_order_number="PO-1")
    assert len(made.of("850-a")) == MOST_RELATED
