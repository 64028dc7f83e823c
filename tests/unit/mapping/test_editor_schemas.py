"""The published JSON Schemas are those of the models."""

import json
from pathlib import Path

import pytest

from gateway.mapping.editor_schemas import FILES, schema_text

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
