"""What a reader says is certain to fit the canonical model fits it, whatever the set holds."""

from __future__ import annotations

import random

import pytest

from gateway import canonical
from gateway.mapping.compiled import Reading
from gateway.x12.model import Delimiters, Segment
from tests.benchmarks.documents import BODIES, transaction_set
from tests.properties.test_broken_sets_are_read import MAPS, lose_many_segments
from tests.properties.test_validation import MUTATIONS
from tests.samples.maps import compiled_map, library
from tests.x12_sets import of_segments, random_set, validator_of

SETS = 80
"""Of each map."""

ODD_VALUES = (
    "",
    " ",
    "0",
    "-3",
    "-.50",
    "00000229",
    "20260230",
    "20260229",
    "2460",
    "1.",
    "9" * 31,
)


def write_an_odd_value(chance: random.Random, segments: list[Segment]) -> None:
    segment = chance.choice(segments[1:])
    if len(segment) > 1:
        segment[chance.randrange(1, len(segment))] = chance.choice(ODD_VALUES)


def readings(name: str, *, spoiled: bool) -> list[Reading]:
    """Read random sets by a map, each of them broken in a few places if so wanted."""
    chance = random.Random(f"proven {name}")
    set_id = library().resolve(name).spec.transaction_set
    assert set_id is not None
    made = []
    for _ in range(SETS):
        segments = [list(segment) for segment in random_set(chance, set_id).segments]
        for _ in range(chance.choice((1, 2, 4, 8)) if spoiled else 0):
            chance.choice((*MUTATIONS, lose_many_segments, *[write_an_odd_value] * 8))(
                chance, segments
            )
        tree = validator_of(set_id).parse(of_segments(segments)).tree
        made.append(compiled_map(name).read(tree, Delimiters()))
    return made


@pytest.mark.parametrize("spoiled", [False, True], ids=["valid", "spoiled"])
@pytest.mark.parametrize("name", MAPS)
def test_a_document_that_is_certain_to_fit_passes_the_check(name: str, *, spoiled: bool) -> None:
    for reading in readings(name, spoiled=spoiled):
        if reading.fits:
            for document in reading.documents:
                assert canonical.check(document) == []


@pytest.mark.parametrize("set_id", BODIES)
def test_a_base_map_is_certain_of_documents_without_anything_unusual(set_id: str) -> None:
    sound = of_segments(transaction_set(random.Random(set_id), set_id))
    tree = validator_of(set_id).parse(sound).tree
    assert compiled_map(f"base-{set_id}").read(tree, Delimiters()).fits


@pytest.mark.parametrize("set_id", BODIES)
def test_a_document_with_findings_is_never_certain_to_fit(set_id: str) -> None:
    found = [one for one in readings(f"base-{set_id}", spoiled=True) if one.findings]
    assert found
    assert not any(reading.fits for reading in found)
