"""The overlays that are packaged: what they can say comes back, and what they cannot is told."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from gateway import config
from gateway.canonical import check
from gateway.mapping.compiled import CompiledMap
from gateway.mapping.plan import ObjectPlan
from gateway.x12.model import Delimiters
from tests.properties.any_documents import Drawing
from tests.properties.any_reworked import says
from tests.properties.test_base_maps import BASES, SEEDS, body, repeating, totals
from tests.samples.maps import compiled_map, library
from tests.x12_sets import random_set, validator_of

SETS = 2
"""Sets drawn of each overlay."""
EXAMPLES = Path(__file__).parents[2] / "examples"
ANSWERS = config.load(EXAMPLES)
OVERLAYS = sorted(
    {one.map for partner in ANSWERS.partners.values() for one in partner.agreements}
    | {
        name
        for name in library().names
        if not name.startswith("base-") and library().resolve(name).spec.document
    }
)


@cache
def made_of(name: str) -> CompiledMap:
    """Return an overlay of the examples, or a map of the packaged partners."""
    if name in library().names:
        return compiled_map(name)
    found = ANSWERS.compiled_map(name)
    assert found is not None
    return found


def test_every_partner_has_its_overlays_here() -> None:
    assert len(OVERLAYS) == 36
    assert {name.rpartition("-")[0] for name in OVERLAYS} >= set(ANSWERS.partners)


@pytest.mark.parametrize("name", OVERLAYS)
@given(seed=SEEDS)
@settings(max_examples=4, deadline=None, phases=[Phase.generate])
def test_a_document_that_an_overlay_can_say_is_written_and_read_as_it_is(
    name: str, seed: int
) -> None:
    made = made_of(name)
    drawn = Drawing(name, made).documents(seed)
    assert [check(one) for one in drawn] == [[]] * len(drawn)
    writing = made.write(made.merge(drawn), Delimiters())
    assert told(writing) == []
    reading = made.read(writing.tree, Delimiters())
    assert told(reading) == []
    assert in_order([known(one, made) for one in reading.documents], made) == in_order(drawn, made)


@pytest.mark.parametrize("name", [*BASES, *OVERLAYS])
@given(seed=SEEDS)
@settings(max_examples=4, deadline=None, phases=[Phase.generate])
def test_what_a_map_cannot_say_of_a_document_is_told_and_never_lost(name: str, seed: int) -> None:
    made = made_of(name)
    document = Drawing(name, made, loose=True).document(seed)
    writing = made.write(document, Delimiters())
    if writing.findings:
        return
    reading = made.read(writing.tree, Delimiters())
    whole = made.merge(reading.documents)
    if made.plan.split is not None:  # What is for no store comes last.
        lines = made.plan.split.lines
        wanted = document.pop(lines, ())
        assert told(reading) or all(any(says(one, line) for one in whole[lines]) for line in wanted)
    assert told(reading) or says(whole, document)


def told(done: Any) -> list[tuple[str, str | None]]:
    """Return what a map has to say of its work."""
    return [(one.code, one.field) for one in done.findings]


def in_order(documents: list[dict[str, Any]], made: CompiledMap) -> list[dict[str, Any]]:
    """Return the documents of one set by what tells them apart."""
    split = made.plan.split
    told_by = split.to if split else None
    return sorted(documents, key=lambda one: one.get(told_by or "", ""))


def known(document: Any, made: CompiledMap) -> Any:
    """Leave out what a document has only when it is read: totals, and fields that are read only."""
    return without(document, {*totals(made), *read_only(made.plan.root)}, "")


def without(value: Any, paths: set[str], here: str) -> Any:
    """Leave out the members at some paths."""
    if isinstance(value, list):
        return [without(one, paths, here) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: without(one, paths, f"{here}{name}.")
        for name, one in value.items()
        if f"{here}{name}" not in paths
    }


def read_only(plan: ObjectPlan) -> Iterator[str]:
    """Yield the paths of fields that are never written."""
    for member in plan.fields:
        if member.reads and not member.writes:
            yield member.path.replace("[]", "")
        elif isinstance(member, ObjectPlan):
            yield from read_only(member)


@pytest.mark.parametrize("name", OVERLAYS)
def test_a_valid_set_is_written_back_byte_for_byte(name: str) -> None:
    chance, made = random.Random(f"back {name}"), repeating(made_of(name))
    set_id, version = name.rpartition("-")[2], made.plan.shape.version
    for _ in range(SETS):
        drawn = random_set(chance, set_id, version)
        parsed = validator_of(set_id, version).parse(drawn)
        assert parsed.findings == []
        documents = made.read(parsed.tree, Delimiters()).documents
        assert made.write(made.merge(documents), Delimiters()).segments == body(drawn.segments)
