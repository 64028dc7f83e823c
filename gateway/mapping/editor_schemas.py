"""JSON Schemas of map, table and test files, for editors that complete and check while typing."""

from __future__ import annotations

import json

from pydantic import BaseModel

from gateway.mapping.conversions import FUNCTIONS
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
    for part in schema.get("$defs", {}).values():
        if "as" in part.get("properties", {}):
            part["properties"]["as"] = _offering(part["properties"]["as"], offered())
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def offered() -> list[str]:
    """Return the conversions that an editor offers, each with arguments where it needs some."""
    return sorted(
        example.call for function in FUNCTIONS.values() for example in function.examples[:1]
    )


def _offering(schema: object, words: list[str]) -> object:
    """Put words that are offered beside each text that is taken; other texts stay taken."""
    if isinstance(schema, list):
        return [_offering(one, words) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "string":
        return {"anyOf": [{"enum": words}, schema]}
    return {key: _offering(value, words) for key, value in schema.items()}
