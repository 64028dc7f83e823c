"""A map loses nothing of a valid set: each value is in a document, in `unmapped` or in a finding.

Asked the other way round, so that no conversion has to be undone: a value that may be another one
without any difference to what is read is one that was lost.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from gateway.mapping.compiled import CompiledMap
from gateway.mapping.ports import Node
from gateway.x12.model import Delimiters, Segment
from gateway.x12.schema import ElementUse, LoopUse
from tests.properties.test_broken_sets_are_read import MAPS
from tests.properties.test_map_readers import LENDING
from tests.samples.maps import compiled_map, library
from tests.unit.mapping import little_sets
from tests.unit.mapping.little_sets import ORDER
from tests.x12_sets import random_set, random_value, schema_of, validator_of

SETS = 16
"""Of each map."""
TRIES = 5
"""Other values for each value: some mean the same, as 1 and 1.0 do."""
NEVER_READ = {
    ("ST", 1),  # the envelope's
    ("ST", 2),
    ("SE", 1),
    ("SE", 2),
    ("HL", 1),  # the tree of levels says the same
    ("HL", 2),
    ("HL", 4),
}


@pytest.mark.parametrize("name", MAPS)
def test_no_value_of_a_valid_set_is_without_consequence(name: str) -> None:
    chance, made = random.Random(f"lost {name}"), compiled_map(name)
    set_id = library().resolve(name).spec.transaction_set
    assert set_id is not None
    uses = dict(elements(schema_of(set_id).root))
    lost = set()
    for _ in range(SETS):
        drawn = random_set(chance, set_id)
        parsed = validator_of(set_id).parse(drawn)
        assert parsed.findings == []
        whole = told(made, parsed.tree)
        for segment, position in values(drawn.segments):
            use = uses[segment[0], position]
            others = {random_value(chance, use) for _ in range(TRIES)} - {segment[position]}
            read = (with_another(made, parsed.tree, (segment, position, one)) for one in others)
            if others and all(one == whole for one in read):
                lost.add(f"{segment[0]}{position:02d}")
    assert lost == set()


LITTLE_SETS = 400


def test_no_value_is_without_consequence_where_entries_take_from_all_around() -> None:
    chance = random.Random("lending")
    for _ in range(LITTLE_SETS):
        tree = little_tree(chance, ORDER)
        whole = told(LENDING, tree)
        for line in rows_of(tree):
            for position in range(1, len(line)):
                if line[position].startswith("v"):  # The others select.
                    change = line, position, "another"
                    assert with_another(LENDING, tree, change) != whole, (line[0], position)


def little_tree(chance: random.Random, shape: little_sets.Loop) -> little_sets.Node:
    """Draw a tree of a shape in which nothing occurs more often than it may."""
    node = little_sets.Node()
    for part in shape.content:
        if isinstance(part, little_sets.Loop):
            if chance.random() < 0.6:
                count = chance.choice((1, 1, 2))
                node.loops[part.trigger] = [little_tree(chance, part) for _ in range(count)]
        elif part.tag == shape.trigger or (part.tag not in ("ST", "SE") and chance.random() < 0.5):
            count = 1 if part.maximum == 1 else chance.choice((1, 1, 2, 3))
            node.segments[part.tag] = [little_row(chance, part) for _ in range(count)]
    return node


def little_row(chance: random.Random, segment: little_sets.Segment) -> Segment:
    """Draw a segment of codes that maps look for, and of values."""
    count = chance.randrange(len(segment.elements) + 1)
    codes = ("", "", "ST", "BM", "CN", "VN", "UP")
    drawn = [chance.choice((*codes, *[f"v{chance.randrange(1000)}"] * 8)) for _ in range(count)]
    return [segment.tag, *drawn]


def rows_of(node: little_sets.Node) -> Iterator[Segment]:
    """Yield the segments of a tree."""
    for rows in node.segments.values():
        yield from rows
    for inner in (inner for inners in node.loops.values() for inner in inners):
        yield from rows_of(inner)


def values(segments: list[Segment]) -> Iterator[tuple[Segment, int]]:
    """Yield where each value stands that a map has to do with."""
    for segment in segments:
        for position, text in enumerate(segment):
            if position and text and (segment[0], position) not in NEVER_READ:
                yield segment, position


def elements(loop: LoopUse) -> Iterator[tuple[tuple[str, int], ElementUse]]:
    """Yield the elements of a set, by segment and position."""
    for use in loop.content:
        if isinstance(use, LoopUse):
            yield from elements(use)
        else:
            yield from (((use.tag, one.position), one) for one in use.elements)


def with_another(made: CompiledMap, tree: Node, change: tuple[Segment, int, str]) -> object:
    """Return what a map says of a set with another value in one place."""
    segment, position, other = change
    before, segment[position] = segment[position], other
    found = told(made, tree)
    segment[position] = before
    return found


def told(made: CompiledMap, tree: Node) -> object:
    """Return all that a map says of a set."""
    reading = made.read(tree, Delimiters())
    return reading.documents, list(reading.findings)
