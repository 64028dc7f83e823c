"""Every base map in both versions: documents come back, and what it has written once comes back."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from functools import cache
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gateway import resources
from gateway.canonical import check, json_schema
from gateway.mapping.compiled import CompiledMap
from gateway.mapping.library import MapLibrary
from gateway.x12.model import Delimiters
from gateway.yaml_source import load
from tests.properties.any_documents import Drawing
from tests.samples.maps import SCHEMAS, compiled_map, library
from tests.x12_sets import random_set, validator_of

VERSIONS = tuple(resources.schema_versions())
BASES = [
    name
    for name in library().names
    if name.startswith("base-") and library().resolve(name).spec.document
]
SETS = 5
"""Sets drawn of each map."""
SEEDS = st.integers(0, 2**32)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", BASES)
@given(seed=SEEDS)
@settings(max_examples=6, deadline=None, phases=[Phase.generate])
def test_a_document_that_is_written_and_read_is_the_document(
    name: str, version: str, seed: int
) -> None:
    made = compiled_map(name, version)
    document = Drawing(name, made).document(seed)
    assert check(document) == []
    writing = made.write(document, Delimiters())
    assert [(finding.code, finding.field) for finding in writing.findings] == []
    reading = made.read(writing.tree, Delimiters())
    assert [(finding.code, finding.field) for finding in reading.findings] == []
    assert without(reading.document, totals(made)) == document


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", BASES)
def test_a_set_that_is_read_and_written_back_with_its_leftovers_says_the_same(
    name: str, version: str
) -> None:
    chance, made = random.Random(f"{name} {version}"), writing_back(name, version)
    set_id = name.removeprefix("base-")
    for _ in range(SETS):
        parsed = validator_of(set_id, version).parse(random_set(chance, set_id, version))
        assert parsed.findings == []
        first = made.merge(made.read(parsed.tree, Delimiters()).documents)
        writing = made.write(first, Delimiters())
        again = made.merge(made.read(writing.tree, Delimiters()).documents)
        named = totals(made) | {"unmapped"}
        assert without(again, named) == without(first, named)
        # Leftovers of a segment that the map takes nothing of have no place, which is told.
        homeless = [one for one in writing.findings if one.detail == HOMELESS]
        assert leftovers(again) <= leftovers(first)
        assert (leftovers(first) - leftovers(again)).total() == len(homeless)
        # Numbers in plain notation, totals that are right: now it comes back byte for byte.
        assert made.write(again, Delimiters()).segments == writing.segments


HOMELESS = "there is no place to write this back to"


def leftovers(document: dict[str, Any]) -> Counter[str]:
    """Return what a map did not take; the numbers of levels are given anew."""
    found = copy.deepcopy(document.get("unmapped", []))
    for one in found:
        for position in ("01", "02", "04") if one["segment"] == "HL" else ():
            one["elements"].pop(position, None)
    return Counter(json.dumps(one) for one in found)


@cache
def writing_back(name: str, version: str) -> CompiledMap:
    """Compile a base map that writes back what it does not take."""
    spec = library().resolve(name).spec
    folder = resources.directory("maps") / "base"
    texts = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.map.yaml"))]
    over = f"map: back\nextends: {name}\nunmapped: write_back\n"
    schema = SCHEMAS.get(version, spec.transaction_set or "")
    assert schema is not None
    made = MapLibrary(load(text, "a.map.yaml") for text in (*texts, over))
    return made.compile("back", schema.root, json_schema(spec.document or ""))


@cache
def totals(made: CompiledMap) -> frozenset[str]:
    """Return the fields of a document that the map computes."""
    drawing = Drawing("", made)
    return frozenset(one.name for one in made.plan.root.fields if drawing.computes(one))


def without(document: dict[str, object], names: frozenset[str]) -> dict[str, object]:
    """Leave out some fields of a document."""
    return {name: value for name, value in document.items() if name not in names}
