"""A set read from its row is read as from its tree, and its row makes the tree it stands for."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from gateway.mapping.compiled import CompiledMap
from gateway.x12.interpret import interpret
from gateway.x12.model import Delimiters, Segment, TransactionSet
from gateway.x12.row import SetTree
from tests.benchmarks.documents import BODIES, transaction_set
from tests.properties.test_broken_sets_are_read import MAPS
from tests.properties.test_proven_documents import write_an_odd_value
from tests.properties.test_validation import (
    MUTATIONS,
    add_elements,
    change_an_element,
    drop_elements,
    spoil_an_element,
)
from tests.samples.maps import compiled_map, library
from tests.samples.test_round_trips import taken_sets
from tests.samples.test_samples import SAMPLES
from tests.x12_sets import of_segments, random_set, schema_of, validator_of

SETS = 30
"""Of each map, and of each set of a sample, most of them broken in a few places."""
QUIET = (add_elements, change_an_element, drop_elements, spoil_an_element, write_an_odd_value)
"""What leaves the structure as it is, so that there is a row at all."""


def broken(chance: random.Random, segments: list[Segment]) -> TransactionSet:
    """Return a set like another, broken in a few places or in none."""
    segments = [list(segment) for segment in segments]
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        chance.choice((*QUIET, *QUIET, *MUTATIONS))(chance, segments)
    return of_segments(segments)


def read_by_row(made: CompiledMap, one: TransactionSet, set_id: str) -> bool:
    """Hold both ways against each other; say whether the row was enough."""
    tree = validator_of(set_id).parse(one).tree
    quick, careful = made.read(tree, Delimiters()), made.read_tree(tree, Delimiters())
    assert quick == careful
    assert list(map(list, quick.documents)) == list(map(list, careful.documents))
    return made.read_row(tree, Delimiters()) is not None


@pytest.mark.parametrize("name", MAPS)
def test_a_map_reads_the_row_of_any_set_as_it_reads_the_tree(name: str) -> None:
    made, chance = compiled_map(name), random.Random(f"rows {name}")
    set_id = library().resolve(name).spec.transaction_set
    assert set_id is not None
    for _ in range(SETS):
        read_by_row(made, broken(chance, random_set(chance, set_id).segments), set_id)
        if set_id in BODIES:
            read_by_row(made, broken(chance, transaction_set(chance, set_id)), set_id)


def test_maps_read_the_rows_of_samples_as_they_read_the_trees() -> None:
    chance, by_row, trees = random.Random("rows of samples"), Counter[str](), 0
    for name, parsed in (found for sample in SAMPLES for found in taken_sets(sample)):
        made, one = compiled_map(name), parsed.transaction_set
        for _ in range(SETS):
            by_row[name] += read_by_row(made, broken(chance, one.segments), one.set_id)
            trees += 1
    assert len(by_row) > 10
    assert trees // 3 < by_row.total() < trees, "both ways were gone"


def test_a_row_whose_places_were_numbered_by_another_schema_is_not_read() -> None:
    one = of_segments(transaction_set(random.Random(940), "940"))
    tree, made = validator_of("940").parse(one).tree, compiled_map("base-940")
    assert isinstance(tree, SetTree)
    assert made.read_row(tree, Delimiters()) == made.read_tree(tree, Delimiters())
    segments, route, outline = tree.row
    tree.row = segments, route, outline.replace("0W05", "0BEG")
    assert made.read_row(tree, Delimiters()) is None
    assert made.read(tree, Delimiters()) == made.read_tree(tree, Delimiters())


def test_a_tree_is_built_from_its_row_when_somebody_looks_at_it() -> None:
    one = of_segments(transaction_set(random.Random(940), "940"))
    tree, expected = validator_of("940").parse(one).tree, interpret(schema_of("940"), one)[0]
    assert not hasattr(tree, "anything")
    assert tree.loops == expected.loops
    assert tree == expected
