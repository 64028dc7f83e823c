"""What a canonical document must hold, and how a wrong one is told."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway import resources
from gateway.canonical import (
    DOCUMENTS,
    VERSION,
    business_keys,
    check,
    dumps,
    json_schema,
    schema_file,
    schema_file_name,
)
from gateway.yaml_source import load

SHIPMENT_ORDER: dict[str, Any] = {
    "document": "shipment_order",
    "version": "1.0",
    "status": "new",
    "depositor_order_number": "SO-77120",
    "purchase_order_number": "PO-4500018",
    "requested_ship_date": "2026-02-27",
    "parties": [{"role": "ship_to", "name": "Harbor Street Store"}],
    "lines": [
        {
            "line_number": 1,
            "item_ids": [{"scheme": "vendor_part", "value": "LMP-100"}],
            "ordered_quantity": "12.50",
            "unit": "case",
        }
    ],
    "unmapped": [{"segment": "N9", "loop": "LX[#1]", "elements": {"01": "ZZ"}}],
}


def with_change(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document = copy.deepcopy(SHIPMENT_ORDER)
    change(document)
    return document


def test_takes_a_document_that_holds_what_it_must() -> None:
    assert check(SHIPMENT_ORDER) == []


@pytest.mark.parametrize(("number", "taken"), [(10**18 - 1, True), (10**18, False)])
def test_a_count_is_no_larger_than_what_is_written_as_json(number: int, *, taken: bool) -> None:
    document = with_change(lambda d: d["lines"][0].update(line_number=number))
    assert (check(document) == []) is taken
    assert not taken or str(number).encode() in dumps(document)


@pytest.mark.parametrize("number", [-1, 10**18, 2**70, "1", True, 1.0])
def test_places_of_what_came_otherwise_are_counts(number: object) -> None:
    for key, value, place in (("place", number, "place"), ("order", [number], "order/0")):
        one = {"loop": "", "segment": "N9", key: value}
        changed = SHIPMENT_ORDER | {"as_received": {"written": "x", "differences": [one]}}
        pointers = [pointer for pointer, _ in check(changed)]
        assert pointers == [f"/as_received/differences/0/{place}"], key


def test_names_every_fault_of_a_document_at_once() -> None:
    document = with_change(lambda d: d.pop("status"))
    document["lines"][0]["qty"] = "1"
    document["lines"][0]["line_number"] = -1
    assert check(document) == [
        ("/status", "a required field is missing"),
        ("/lines/0/line_number", "expected greater than or equal to 0"),
        ("/lines/0/qty", "there is no such field here"),
    ]


@pytest.mark.parametrize(
    "quantity", ["1e3", "1,000", "+1", ".5", "1.", "01", "", " 1", "1 ", "NaN", "１", 12, 1.5, None]
)
def test_refuses_a_quantity_that_is_no_plain_decimal_text(quantity: object) -> None:
    document = with_change(lambda d: d["lines"][0].update(ordered_quantity=quantity))
    assert [pointer for pointer, _ in check(document)] == ["/lines/0/ordered_quantity"]


@pytest.mark.parametrize("quantity", ["0", "-3", "12.50", "123456789012345.000001"])
def test_takes_a_quantity_in_plain_notation(quantity: str) -> None:
    assert check(with_change(lambda d: d["lines"][0].update(ordered_quantity=quantity))) == []


@pytest.mark.parametrize("date", ["2026-02-30", "20260227", "2026-2-27", "2026-02-27T00:00", ""])
def test_refuses_a_date_that_is_not_in_the_calendar_or_not_iso(date: str) -> None:
    document = with_change(lambda d: d.update(requested_ship_date=date))
    assert [pointer for pointer, _ in check(document)] == ["/requested_ship_date"]


@pytest.mark.parametrize(("time", "taken"), [("23:59", True), ("08:00:30", True), ("24:01", False)])
def test_takes_a_time_of_day_only(time: str, *, taken: bool) -> None:
    event = {"type": "appointment", "date": "2026-02-27", "time": time}
    assert (check(with_change(lambda d: d.update(dates=[event]))) == []) is taken


def test_refuses_null_because_absent_means_that_the_key_is_absent() -> None:
    document = with_change(lambda d: d.update(purchase_order_number=None))
    assert check(document) == [("/purchase_order_number", "expected a text")]


def test_refuses_a_document_of_another_version() -> None:
    assert check(with_change(lambda d: d.update(version="2.0"))) == [("/version", "expected '1.0'")]


@pytest.mark.parametrize("name", ["purchase_order", None, ["order"], 940])
def test_refuses_a_document_of_an_unknown_type(name: object) -> None:
    assert check({"document": name, "version": "1.0"}) == [
        (
            "/document",
            "expected one of shipment_order, shipping_advice, ship_notice, invoice, order, "
            "order_acknowledgment, application_advice, stock_transfer, receipt, "
            "inventory_adjustment, inventory, order_change, return_authorization, "
            "payment_advice, text_message",
        )
    ]


def test_takes_a_ship_notice_of_any_nesting() -> None:
    item = {"line_number": "1", "shipped_quantity": "4", "unit": "each"}
    notice = {
        "document": "ship_notice",
        "version": "1.0",
        "purpose": "original",
        "shipment_id": "SH-1",
        "notice_date": "2026-03-02",
        "notice_time": "14:05",
        "orders": [
            {
                "purchase_order_number": "PO-1",
                "tares": [{"packs": [{"items": [item]}]}],
                "packs": [{"marks": [{"type": "sscc", "value": "1" * 18}], "items": [item]}],
                "items": [{**item, "packs": [{"items": []}]}],
            },
            {"purchase_order_number": "PO-2"},
        ],
    }
    assert check(notice) == []
    assert business_keys(notice) == [
        ("shipment_id", "SH-1"),
        ("purchase_order_number", "PO-1"),
        ("purchase_order_number", "PO-2"),
    ]


def test_finds_business_keys_that_are_there_and_no_others() -> None:
    assert business_keys(SHIPMENT_ORDER) == [
        ("depositor_order_number", "SO-77120"),
        ("purchase_order_number", "PO-4500018"),
    ]
    assert business_keys({"document": "unheard_of"}) == []


def test_writes_the_same_bytes_for_the_same_document() -> None:
    assert dumps(SHIPMENT_ORDER) == dumps(copy.deepcopy(SHIPMENT_ORDER))
    assert orjson.loads(dumps(SHIPMENT_ORDER)) == SHIPMENT_ORDER


@pytest.mark.parametrize("document_type", DOCUMENTS)
def test_every_field_of_a_json_schema_has_a_description(document_type: str) -> None:
    schema = json_schema(document_type)
    shapes = {document_type: schema, **schema["$defs"]}
    silent = [
        f"{name}.{field}"
        for name, shape in shapes.items()
        for field, content in shape["properties"].items()
        if not content.get("description")
    ]
    assert silent == []
    assert all(shape["additionalProperties"] is False for shape in shapes.values())


@pytest.mark.parametrize("document_type", DOCUMENTS)
def test_business_keys_are_fields_of_their_document(document_type: str) -> None:
    for key in DOCUMENTS[document_type].business_keys:
        if key == "keys.*":
            assert json_schema(document_type)["properties"]["keys"]["type"] == "object"
            continue
        shape = json_schema(document_type)
        for part in key.split("."):
            field = shape["properties"][part.removesuffix("[]")]
            if part.endswith("[]"):
                name = field["items"]["$ref"].rpartition("/")[2]
                shape = json_schema(document_type)["$defs"][name]
        assert field["type"] == "string"


@pytest.mark.parametrize("document_type", DOCUMENTS)
def test_the_exported_json_schema_is_current(
    document_type: str, golden: Callable[[Path, bytes], None]
) -> None:
    folder = resources.directory("schemas") / "canonical"
    golden(folder / schema_file_name(document_type), schema_file(document_type))


def test_the_words_that_the_documentation_names_are_in_the_base_tables() -> None:
    root = resources.directory("maps").parent
    common = load((root / "maps/base/common.map.yaml").read_text(encoding="utf-8"), "common").value
    tables: Any = common["tables"] if isinstance(common, dict) else {}
    page = (root / "docs" / "canonical.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .* \| `(\w+)` \| ((?:`\w+` ?)+)\|$", page, flags=re.MULTILINE)
    assert len(rows) == 17
    for table, words in rows:
        assert set(re.findall(r"\w+", words)) <= set(tables[table]["codes"].values()), table


def test_no_json_schema_is_left_over_from_a_document_that_is_gone() -> None:
    folder = resources.directory("schemas") / "canonical"
    exported = {file.name for file in folder.iterdir()}
    assert exported == {schema_file_name(document_type) for document_type in DOCUMENTS}
    assert VERSION == "1.0"


@pytest.mark.parametrize("document_type", DOCUMENTS)
def test_a_whole_number_that_its_schema_takes_can_be_kept(document_type: str) -> None:
    """What keeps documents knows numbers of 64 bits."""
    described = json.loads(schema_file(document_type))
    whole = [one for one in _parts(described) if one.get("type") == "integer"]
    assert whole
    assert [one for one in whole if not 0 < one.get("maximum", 2**64) < 2**63] == []


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from _parts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _parts(one)
