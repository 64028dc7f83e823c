"""JSON Schemas of map, table and test files, for editors that complete and check while typing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from gateway.mapping.conversions import FUNCTIONS
from gateway.mapping.grammar import MapFile, TableFile, TestFile

MAP_SCHEMA = "map.schema.json"

FILES: dict[str, type[BaseModel]] = {
    MAP_SCHEMA: MapFile,
    "map-test.schema.json": TestFile,
    "table.schema.json": TableFile,
}
"""Published files by name."""


def schema_text(name: str, names: Mapping[str, Sequence[str]] | None = None) -> str:
    """Return the text of a published schema; `names` are those an instance has, by key."""
    schema = FILES[name].model_json_schema(by_alias=True)
    offers = {"as": offered(), **{key: list(known) for key, known in (names or {}).items()}}
    for part in (schema, *schema.get("$defs", {}).values()):
        properties = part.get("properties", {})
        for key, words in offers.items():
            if key in properties and words:
                properties[key] = _offering(properties[key], words)
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
        about = {key: schema[key] for key in ("description",) if key in schema}
        return {"anyOf": [{"enum": words}, schema], **about}
    return {key: _offering(value, words) for key, value in schema.items()}
