"""Maps read what is left of sets that validation refuses: never an exception, for their keys."""

from __future__ import annotations

import random

import pytest

from gateway import canonical
from gateway.x12.model import Delimiters, Segment
from tests.properties.test_validation import MUTATIONS
from tests.samples.maps import compiled_map, library
from tests.x12_sets import of_segments, random_set, validator_of

BROKEN_SETS = 60
"""Of each map: most of them several times broken."""

MAPS = [name for name in library().names if library().resolve(name).spec.transaction_set]


def lose_many_segments(chance: random.Random, segments: list[Segment]) -> None:
    """Lose half of a set: loops lack the segments that they begin with."""
    segments[1:-1] = [one for one in segments[1:-1] if chance.random() < 0.5]


def write_much_too_long_a_number(chance: random.Random, segments: list[Segment]) -> None:
    segment = chance.choice(segments[1:])
    if len(segment) > 1:
        segment[chance.randrange(1, len(segment))] = "9" * 5000


@pytest.mark.parametrize("name", MAPS)
def test_what_is_left_of_a_broken_set_is_read_for_its_keys(name: str) -> None:
    chance = random.Random(f"broken {name}")
    made = compiled_map(name)
    set_id = library().resolve(name).spec.transaction_set
    assert set_id is not None
    keys = 0
    for _ in range(BROKEN_SETS):
        segments = [list(segment) for segment in random_set(chance, set_id).segments]
        for _ in range(chance.choice((1, 2, 4, 8))):
            mutation = chance.choice((*MUTATIONS, lose_many_segments, write_much_too_long_a_number))
            mutation(chance, segments)
        tree = validator_of(set_id).parse(of_segments(segments)).tree
        for document in made.read(tree, Delimiters()).documents:
            keys += len(canonical.business_keys(document))
    assert keys > 0, "some of them could be found by a number"
