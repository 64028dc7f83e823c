"""Each base map is used with both versions of its set: documents and sets come back in each."""

from __future__ import annotations

import random
from pathlib import Path

import orjson
import pytest

from gateway import resources
from gateway.canonical import json_schema
from gateway.mapping.compiled import CompiledMap
from gateway.mapping.ports import Node
from gateway.x12.model import Delimiters
from tests.samples.maps import SCHEMAS, compiled_map, library
from tests.samples.test_round_trips import mapped
from tests.x12_sets import random_set, validator_of

VERSIONS = tuple(resources.schema_versions())
BASES = [name for name in library().names if library().resolve(name).spec.transaction_set]
FOLDER = resources.directory("samples") / "base"
SETS = 10
"""Sets drawn of each map."""


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


TOTALS = {"total_quantity", "total_received", "total_lines"}
"""What the maps compute: a set that is drawn says something else."""


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", [name for name in BASES if name.startswith("base-")])
def test_a_set_read_and_written_reads_the_same_again(name: str, version: str) -> None:
    set_id = name.removeprefix("base-")
    chance, compiled = random.Random(f"{name} {version}"), compiled_map(name, version)
    for _ in range(SETS):
        parsed = validator_of(set_id, version).parse(random_set(chance, set_id, version))
        assert parsed.findings == []
        first = taken(compiled, parsed.tree)
        writing = compiled.write(first, Delimiters())
        again = taken(compiled, writing.tree)
        assert without_totals(again) == without_totals(first)
        # What a map itself wrote comes back segment for segment.
        assert compiled.write(again, Delimiters()).segments == writing.segments


def taken(compiled: CompiledMap, tree: Node) -> dict[str, object]:
    """Return what a map takes of a set, as one document."""
    return mapped(compiled.merge(compiled.read(tree, Delimiters()).documents))


def without_totals(document: dict[str, object]) -> dict[str, object]:
    """Leave out what is computed."""
    return {name: value for name, value in document.items() if name not in TOTALS}
