"""Each base map is used with both versions of its set: documents come back in each."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from gateway import resources
from gateway.canonical import json_schema
from gateway.x12.model import Delimiters
from tests.samples.maps import SCHEMAS, compiled_map, library
from tests.samples.test_round_trips import mapped

VERSIONS = tuple(resources.schema_versions())
BASES = [name for name in library().names if library().resolve(name).spec.transaction_set]
FOLDER = resources.directory("samples") / "base"


@pytest.mark.parametrize("version", VERSIONS)
def test_every_packaged_map_fits_the_schema(version: str) -> None:
    for name in BASES:
        spec = library().resolve(name).spec
        schema = SCHEMAS.get(version, spec.transaction_set or "")
        assert schema is not None
        assert schema.version == version
        assert library().check(name, schema.root, json_schema(spec.document or "")) == []


@pytest.mark.parametrize("sample", sorted(FOLDER.glob("*.json")), ids=lambda file: file.stem)
def test_a_document_is_the_same_after_another_version(sample: Path) -> None:
    if sample.stem.endswith(".findings"):
        return
    compiled = compiled_map(f"base-{sample.stem[:3]}", "005010")
    for document in orjson.loads(sample.read_bytes()):
        writing = compiled.write(mapped(document), Delimiters())
        assert list(writing.findings) == []
        (again,) = compiled.read(writing.tree, Delimiters()).documents
        if sample.stem.startswith("944"):  # 005010 numbers the pallets.
            for line in again["lines"]:
                assert line.pop("pallet") == "1"
        assert again == mapped(document)
