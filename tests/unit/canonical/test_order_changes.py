"""An order and its change say the same by the same names: models, maps, and their order."""

from __future__ import annotations

from typing import Any

from gateway import resources
from gateway.canonical import json_schema
from gateway.yaml_source import load

OWN_WORDS = {
    "document", "purpose", "purchase_order_number", "contacts", "total_lines",
    "line_number", "ordered_quantity", "unit",
}  # fmt: skip
"""Fields of both that a change describes in other words."""

SEGMENTS = {"BEG": "BCH", "PO1": "POC"}
"""The segments that only one of the two has: header and line."""


def _model(document: str, line: str) -> tuple[dict[str, Any], dict[str, Any]]:
    schema = json_schema(document)
    header = {name: one for name, one in schema["properties"].items() if name != "lines"}
    return header, schema["$defs"][line]["properties"]


def _map(set_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    path = resources.directory("maps") / "base" / f"{set_id}.map.yaml"
    fields = dict(load(path.read_text("utf-8"), path.name).value["fields"])
    lines = fields.pop("lines")
    return fields, lines["fields"]


def _shared(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [name for name in one if name in other]


def test_the_models_of_an_order_and_of_its_change_agree_on_what_both_have() -> None:
    different = set()
    order, change = _model("order", "OrderLine"), _model("order_change", "OrderChangeLine")
    for ours, theirs in zip(order, change, strict=True):
        assert _shared(ours, theirs) == _shared(theirs, ours)
        for name in _shared(ours, theirs):
            kinds = [
                {key: said for key, said in one.items() if key not in ("description", "const")}
                for one in (ours[name], theirs[name])
            ]
            assert kinds[0] == kinds[1], name
            if ours[name] != theirs[name]:
                different.add(name)
    assert different == OWN_WORDS


def test_the_maps_of_an_order_and_of_its_change_agree_below_their_own_segments() -> None:
    found = 0
    for ours, theirs in zip(_map("850"), _map("860"), strict=True):
        assert _shared(ours, theirs) == _shared(theirs, ours)
        for name in _shared(ours, theirs):
            if any(own in str(ours[name]) for own in SEGMENTS):
                assert any(own in str(theirs[name]) for own in SEGMENTS.values()), name
            else:
                assert ours[name] == theirs[name], name
                found += 1
    assert found >= 40
