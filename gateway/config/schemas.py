"""The schemas and document models that come with the product, read once for all instances."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import cast

import orjson

from gateway import resources
from gateway.canonical import schema_file_name
from gateway.mapping.plan import Json
from gateway.x12.library import SchemaLibrary


@cache
def packaged_schemas() -> SchemaLibrary:
    """Return the transaction sets' schemas: they do not change while the program runs."""
    return SchemaLibrary(resources.schema_text, resources.schema_versions())


@cache
def document_schema(document_type: str) -> Mapping[str, Json]:
    """Return the JSON Schema of a document type, as it is published.

    Making it anew from the model takes a tenth of a second for each type.
    """
    text = resources.schema_text(f"canonical/{schema_file_name(document_type)}")
    return cast("Mapping[str, Json]", orjson.loads(text))
