"""What an ordering key is, where a delivery stands, and whose turn it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.pipeline.ordering import key_of, place_of, turns
from gateway.pipeline.records import DeliveryRecord, DocumentRecord
from gateway.pipeline.stages.route import Owed, owe

NOW = datetime(2026, 3, 15, 9, 12, tzinfo=UTC)
CONTENT = {
    "document": "shipment_order",
    "depositor_order_number": "SO-1",
    "carrier": {"scac": "UPSN"},
    "purchase_order_number": "PO-1",
    "lines": [{"sku": "A"}, {"sku": "B"}],
}


@pytest.mark.parametrize(
    ("names", "key"),
    [
        (["purchase_order_number"], "PO-1"),
        (["carrier.scac"], "UPSN"),
        (["lines.sku"], "A"),
        (["partner", "depositor_order_number"], "quayside | SO-1"),
        (["partner", "carrier.name"], None),
    ],
    ids=["business key", "field", "first of a list", "several", "one is missing"],
)
def test_a_key_is_made_of_business_keys_fields_and_the_partner(
    names: list[str], key: str | None
) -> None:
    assert key_of(names, CONTENT, "quayside") == key


def test_a_key_of_any_length_is_kept_short_enough_for_an_index() -> None:
    assert key_of(["x"], {"x": "A" * 5_000}, "quayside") == "A" * 200


def delivery(number: int, key: str | None = None, **changes: object) -> DeliveryRecord:
    owed = Owed(f"document-{number}", "payload-1", "", NOW, f"{number:04d}")
    found = owe(owed, "erp", route="orders", allowance=3, ordering_key=key)
    return replace(found, **changes)  # type: ignore[arg-type]  # tests name fields by their names


def places(chains: object) -> list[list[str]]:
    assert isinstance(chains, list)
    return [[one.place for one in chain] for chain in chains]


def test_those_of_one_key_are_a_chain_and_those_without_wait_for_nobody() -> None:
    due = [delivery(3, "A"), delivery(1), delivery(2, "A"), delivery(4, "B"), delivery(5)]
    found = turns(due, set())
    assert places(found.chains) == [["0002", "0003"], ["0001"], ["0004"], ["0005"]]
    assert found.behind == []


def test_whoever_stands_behind_somebody_is_held_with_all_behind_it() -> None:
    due = [delivery(1, "A"), delivery(2, "A"), delivery(3, "A"), delivery(4, "B")]
    found = turns(due, {due[1].id})
    assert places(found.chains) == [["0001"], ["0004"]]
    assert [one.place for one in found.behind] == ["0002", "0003"]


def test_what_was_left_behind_is_tried_by_itself_the_least_tried_first() -> None:
    due = [
        delivery(1, state="claimed", attempt=2),
        delivery(2, "A", state="claimed", attempt=1),
        delivery(3, "A", state="claimed", attempt=1),
        delivery(4, "B"),
    ]
    assert places(turns(due, set()).chains) == [["0002"]]


def test_what_was_left_behind_waits_for_those_before_it() -> None:
    due = [delivery(1, "A"), delivery(2, "A", state="claimed", attempt=1)]
    assert places(turns(due, set()).chains) == [["0001"]]


def test_places_follow_arrival_and_then_the_place_in_what_arrived() -> None:
    base = DocumentRecord(
        id="", payload_id="", interchange_id="", direction="in", partner="quayside", set_id="940",
        version="004010", usage="P", group_control_number="1", control_number="0001", start=900,
        end=1000, part=0, document_type=None, received_at=NOW, validation="accepted",
        delivery="pending", acknowledgment="pending",
    )  # fmt: skip
    in_order = [
        base,
        replace(base, part=1),
        replace(base, part=10),
        replace(base, start=10_000),
        replace(base, received_at=NOW + timedelta(microseconds=1), start=5),
        replace(base, received_at=NOW + timedelta(days=9_000)),
    ]
    found = [place_of(one) for one in in_order]
    assert found == sorted(found)
    assert len({len(one) for one in found}) == 1
