"""Every base map in both versions: documents come back, and what it has written once comes back."""

from __future__ import annotations

import copy
import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gateway import resources
from gateway.canonical import check
from gateway.mapping.compiled import CompiledMap
from gateway.x12.model import Delimiters
from tests.properties.any_documents import Drawing
from tests.samples.maps import compiled_map, library
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
        received = made.merge(made.read(parsed.tree, Delimiters()).documents)
        assert made.write(received, Delimiters()).segments == body(parsed.transaction_set.segments)
        # Of a document that was changed since, leftovers come back all the same.
        first = without(received, frozenset({"as_received"}))
        writing = made.write(first, Delimiters())
        again = made.merge(made.read(writing.tree, Delimiters()).documents)
        named = totals(made) | {"unmapped", "as_received"}
        assert without(again, named) == without(first, named)
        # Leftovers of a segment that the map takes nothing of have no place, which is told.
        homeless = [one for one in writing.findings if one.detail == HOMELESS]
        assert leftovers(again) <= leftovers(first)
        assert (leftovers(first) - leftovers(again)).total() == len(homeless)
        # Numbers in plain notation, totals that are right: now it comes back byte for byte.
        assert made.write(again, Delimiters()).segments == writing.segments


HOMELESS = "there is no place to write this back to"


def body(segments: Sequence[list[str]]) -> list[list[str]]:
    """Return the segments of a set between ST and SE."""
    return [list(row) for row in segments if row[0] not in ("ST", "SE")]


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
    return repeating(compiled_map(name, version))


def repeating(made: CompiledMap) -> CompiledMap:
    """Return a map that writes a set back as it came."""
    return CompiledMap.of(replace(made.plan, unmapped="write_back"))


@cache
def totals(made: CompiledMap) -> frozenset[str]:
    """Return the fields of a document that the map computes."""
    drawing = Drawing("", made)
    return frozenset(one.name for one in made.plan.root.fields if drawing.computes(one))


def without(document: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """Leave out some fields of a document."""
    return {name: value for name, value in document.items() if name not in names}
