"""The packaged maps, compiled once for all tests of samples."""

from __future__ import annotations

from functools import cache

from gateway import resources
from gateway.canonical import json_schema
from gateway.config.schemas import packaged_schemas
from gateway.mapping.compiled import CompiledMap
from gateway.mapping.library import MapLibrary
from gateway.yaml_source import load

SCHEMAS = packaged_schemas()


@cache
def library() -> MapLibrary:
    """Read every packaged map."""
    folder = resources.directory("maps")
    return MapLibrary(
        load(file.read_text(encoding="utf-8"), file.relative_to(folder).as_posix())
        for file in sorted(folder.rglob("*.map.yaml"))
    )


@cache
def compiled_map(name: str, version: str = "004010") -> CompiledMap:
    """Compile a packaged map against a version of its set and its document."""
    spec = library().resolve(name).spec
    assert spec.transaction_set is not None
    assert spec.document is not None
    schema = SCHEMAS.get(version, spec.transaction_set)
    assert schema is not None
    return library().compile(name, schema.root, json_schema(spec.document))
