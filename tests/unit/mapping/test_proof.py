"""What a model asks beyond what conversions promise: a document is not certain to fit it."""

from __future__ import annotations

import pytest

from tests.unit.mapping.little_sets import DELIMITERS, compiled, tree

TEXT = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}


def closed(required: tuple[str, ...] = (), **members: object) -> dict[str, object]:
    return {
        "type": "object",
        "properties": members,
        "required": list(required),
        "additionalProperties": False,
    }


def certain(body: str, schema: dict[str, object], text: str) -> bool:
    """Say whether a map is sure of what it reads; the model takes what is left over."""
    reading = compiled(f"unmapped: drop\nfields: {body}", schema).read(tree(text), DELIMITERS)
    assert not reading.findings
    return reading.fits


def test_a_map_is_sure_of_what_the_model_asks_and_conversions_give() -> None:
    assert certain("{a: W0501}", closed(a=TEXT), "W05*N")
    assert certain("{a: {at: W0501, as: integer}}", closed(a=COUNT), "W05*12")


@pytest.mark.parametrize("text", ["W05*-1", f"W05*{10**18}", f"W05*{'9' * 30}"])
def test_a_number_that_may_be_out_of_bounds_is_looked_at(text: str) -> None:
    assert not certain("{a: {at: W0501, as: integer}}", closed(a=COUNT), text)


@pytest.mark.parametrize("name", ["version", "document", "b"])
def test_a_member_that_an_inner_object_requires_is_looked_for(name: str) -> None:
    schema = closed(o=closed((name,), **{"a": TEXT, name: TEXT}))
    body = f"{{o: {{fields: {{a: W0501, {name}: W0502}}}}}}"
    assert certain(body, schema, "W05*N*1")
    assert not certain(body, schema, "W05*N")


@pytest.mark.parametrize(
    "asked",
    [
        {"$ref": "#/$defs/text", "maxLength": 2},
        {"anyOf": [TEXT, {"type": "null"}], "maxLength": 2},
        {"allOf": [TEXT], "maxLength": 2},
        {"anyOf": [{"$ref": "#/$defs/text", "maxLength": 2}, {"type": "null"}]},
    ],
)
def test_what_is_asked_beside_a_reference_counts(asked: dict[str, object]) -> None:
    schema = closed(a=asked) | {"$defs": {"text": TEXT}}
    assert not certain("{a: W0501}", schema, "W05*LONG")


@pytest.mark.parametrize(
    "remark", [{"description": "any text"}, {"default": None, "title": "Text"}]
)
def test_remarks_beside_a_reference_ask_for_nothing(remark: dict[str, object]) -> None:
    schema = closed(a={"anyOf": [{"$ref": "#/$defs/text"}, {"type": "null"}]} | remark)
    assert certain("{a: W0501}", schema | {"$defs": {"text": TEXT}}, "W05*LONG")


def test_what_is_left_over_needs_a_place_in_the_model() -> None:
    made = compiled("fields: {a: W0501}", closed(a=TEXT))
    assert made.read(tree("W05*N"), DELIMITERS).fits is False
    open_ = compiled("fields: {a: W0501}", closed(a=TEXT, unmapped={"type": "array"}))
    assert open_.read(tree("W05*N"), DELIMITERS).fits
