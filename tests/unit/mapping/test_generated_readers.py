"""Generated readers do what the readable interpreter does, on samples and on damaged ones."""

from __future__ import annotations

import random

import pytest

from gateway.mapping.testing import finding_line
from tests.samples.maps import compiled_map
from tests.samples.test_round_trips import taken_sets
from tests.samples.test_samples import NAMES, SAMPLES
from tests.unit.mapping.interpreter import Interpreter
from tests.unit.mapping.little_sets import DELIMITERS, Node, deep_levels, plain, told

DAMAGES = 12
"""Damaged trees made of each transaction set of each sample."""


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_a_generated_reader_reads_what_the_interpreter_reads(sample) -> None:
    chance = random.Random(sample.name)
    for name, parsed in taken_sets(sample):
        compiled, delimiters = compiled_map(name), parsed.transaction_set.delimiters
        interpreter = Interpreter(compiled.plan)
        for count in range(DAMAGES + 1):
            tree = copied(parsed.tree)
            for _ in range(count):
                damage(tree, chance)
            document, findings = generated(compiled, tree, delimiters)
            expected, sink = interpreter.read(tree, delimiters.component)
            unmapped = document.pop("unmapped", [])
            assert document == expected
            assert list(document) == list(expected)
            assert unmapped == sink.unmapped
            assert findings == told(sink.findings)


@pytest.mark.parametrize("count", [12, 22, 30])
def test_a_map_of_more_levels_than_python_nests_is_read_all_the_same(count) -> None:
    made, document = deep_levels(count)
    tree = made.write(document, DELIMITERS).tree
    assert plain(made.read(tree, DELIMITERS).document) == document
    chance = random.Random(count)
    for changes in range(DAMAGES):
        damaged = copied(tree)
        for _ in range(changes):
            damage(damaged, chance)
        expected, sink = Interpreter(made.plan).read(damaged, DELIMITERS.component)
        if sink.unmapped:
            expected["unmapped"] = sink.unmapped
        assert generated(made, damaged, DELIMITERS) == (expected, told(sink.findings))


def generated(compiled, tree, delimiters):
    """Read with the generated reader alone, without what is compared and computed after it."""
    from gateway.mapping.hierarchy import NO_LEVELS, levels
    from gateway.mapping.reading import Sink
    from gateway.mapping.skipped import retell

    plan, sink = compiled.plan, Sink(delimiters.component)
    below = levels(tree, plan.hierarchy, sink.findings) if plan.hierarchy else NO_LEVELS
    document = compiled._read(tree, sink, below)
    if sink.skipped and sink.unmapped:
        retell(sink)
    if sink.unmapped:
        document["unmapped"] = sink.unmapped
    return document, [finding_line(one) for one in sink.findings]


def copied(node) -> Node:
    """Return a copy of a tree that can be damaged."""
    return Node(
        {tag: [list(row) for row in rows] for tag, rows in node.segments.items()},
        {tag: [copied(inner) for inner in inners] for tag, inners in node.loops.items()},
    )


def nodes(node):
    yield node
    for inners in node.loops.values():
        for inner in inners:
            yield from nodes(inner)


def damage(tree, chance) -> None:
    """Change one thing somewhere: an element, a segment, a loop."""
    node = chance.choice(list(nodes(tree)))
    if not node.segments:
        return
    tag = chance.choice(sorted(node.segments))
    rows = node.segments[tag]
    row = chance.choice(rows)
    every = [text for rows in node.segments.values() for row in rows for text in row[1:]]
    kind = chance.randrange(8)
    if kind <= 2 and len(row) > 1:
        texts = ["", "?", "ZZ", "20261332", "12.5", "-0", "A>B>C", chance.choice(every)]
        row[chance.randrange(1, len(row))] = chance.choice(texts)
    elif kind == 3:
        row += ["", "more"][chance.randrange(2) :] * chance.randrange(1, 4)
    elif kind == 4:
        del row[chance.randrange(1, len(row) + 1) :]
    elif kind == 5:
        rows.insert(chance.randrange(len(rows) + 1), list(chance.choice(rows)))
    elif kind == 6:
        rows.remove(row)
        if not rows:
            del node.segments[tag]
    elif kind == 7 and node.loops:
        inners = node.loops[chance.choice(sorted(node.loops))]
        inners.insert(chance.randrange(len(inners) + 1), copied(chance.choice(inners)))
        chance.shuffle(inners)
