"""A map that is gone when a set asks for it: the set was valid, so only a person is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.app import open_instance
from gateway.pipeline.views import DocumentFilter, DocumentSummary
from tests.hostile.instance import HostileInstance, hostile_instance
from tests.hostile.payloads import encoded, good, interchange

INVOICE = [
    "ST*810*0001",
    "BIG*20260302*INV-2",
    "IT1**1*EA*2.5**VN*LMP-100",
    "TDS*250",
    "SE*5*0001",
]


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostileInstance]:
    """An instance that lost the map of orders while it ran, and got an order and an invoice."""
    with hostile_instance(tmp_path_factory.mktemp("map") / "instance") as made:
        (made.inbox / "order.edi").write_bytes(good(1))
        invoice = encoded(interchange(2, [INVOICE], functional_id="IN"))
        (made.inbox / "invoice.edi").write_bytes(invoice)
        with open_instance(made.home) as app:
            rules = app.rulebook
            known = rules.map_named
            app.rulebook = replace(
                rules,
                map_named=lambda name, version: (
                    None if name == "base-940" else known(name, version)
                ),
            )
            with app.running():
                app.drain(threading.Event())
        yield made


def listed(home: Path) -> dict[str, DocumentSummary]:
    with open_instance(home, maps_too=False) as app:
        return {one.payload_name: one for one in app.desk.documents(DocumentFilter())}


def test_the_set_waits_with_the_reason_and_is_acknowledged(instance: HostileInstance) -> None:
    waiting = listed(instance.home)["order.edi"].document
    assert (waiting.validation, waiting.delivery) == ("accepted", "quarantined")
    assert (waiting.reason, waiting.owner) == ("no_map", "edi@harbor.example")
    assert waiting.because == (
        "the agreement 'in 940 004010' names the map 'base-940': there is none"
    )
    assert instance.answers(1) == [
        "TA1*000000001*260302*0915*A*000 AK1*OW*1 AK2*940*0001 AK5*A AK9*A*1*1*1"
    ]


def test_the_others_are_delivered(instance: HostileInstance) -> None:
    assert listed(instance.home)["invoice.edi"].document.delivery == "delivered"
    assert len(instance.erp.documents) == 1


def test_once_the_map_is_there_again_the_set_is_delivered(instance: HostileInstance) -> None:
    with open_instance(instance.home) as app:
        app.operations.retranslate(None)
    instance.run_once()
    assert instance.exit_code == 0
    assert listed(instance.home)["order.edi"].document.delivery == "delivered"
    assert len(instance.erp.documents) == 2
