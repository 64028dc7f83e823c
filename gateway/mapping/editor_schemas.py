"""JSON Schemas of map, table and test files, for editors that complete and check while typing."""

from __future__ import annotations

import json

from pydantic import BaseModel

from gateway.mapping.grammar import MapFile, TableFile, TestFile

FILES: dict[str, type[BaseModel]] = {
    "map.schema.json": MapFile,
    "map-test.schema.json": TestFile,
    "table.schema.json": TableFile,
}
"""Published files by name."""


def schema_text(name: str) -> str:
    """Return the text of a published schema."""
    schema = FILES[name].model_json_schema(by_alias=True)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
