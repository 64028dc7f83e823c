"""The published JSON Schemas are those of the models."""

import json
from pathlib import Path

import pytest

from gateway.mapping.conversions import FUNCTIONS, conversion, split_call
from gateway.mapping.editor_schemas import FILES, offered, schema_text

FOLDER = Path(__file__).parents[3] / "schemas" / "config"


@pytest.mark.parametrize("name", FILES)
def test_a_published_schema_is_current(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == schema_text(name)


@pytest.mark.parametrize("name", FILES)
def test_every_key_is_described(name: str) -> None:
    schema = json.loads(schema_text(name))
    for one in (schema, *schema.get("$defs", {}).values()):
        bare = [
            key for key, value in one.get("properties", {}).items() if "description" not in value
        ]
        assert bare == []


def test_an_editor_offers_every_conversion_as_it_may_be_written() -> None:
    assert {split_call(one)[0] for one in offered()} == set(FUNCTIONS)
    for one in offered():
        conversion(one)
    schema = json.loads(schema_text("map.schema.json"))
    said = schema["$defs"]["FieldSpec"]["properties"]["as"]["anyOf"]
    assert said[0] == {"anyOf": [{"enum": offered()}, {"minLength": 1, "type": "string"}]}
    assert said[1]["items"] == said[0]


def test_an_editor_offers_the_names_that_an_instance_has_and_takes_others() -> None:
    names = {"table": ["pallets", "unit"], "extends": ["base-945"], "use": []}
    schema = json.loads(schema_text("map.schema.json", names))
    field = schema["$defs"]["FieldSpec"]["properties"]
    assert field["table"]["anyOf"][0]["anyOf"][0] == {"enum": ["pallets", "unit"]}
    assert schema["properties"]["extends"]["anyOf"][0]["anyOf"][0] == {"enum": ["base-945"]}
    plain = json.loads(schema_text("map.schema.json"))["$defs"]["FieldSpec"]["properties"]
    assert field["use"] == plain["use"]
    assert field["table"]["anyOf"][0]["anyOf"][1] == plain["table"]["anyOf"][0]
