"""The fast way and the readable way of validating agree, on valid sets and on broken ones."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from gateway.findings import FindingCode
from gateway.x12.envelope import FUNCTIONAL_IDS
from gateway.x12.model import ControlNumber, Delimiters, Segment
from gateway.x12.order import segments_in_order
from gateway.x12.reader import read_interchanges
from gateway.x12.writer import OutboundGroup, OutboundSet, gs, isa, write_interchange
from tests.x12_sets import (
    EVERY_SET,
    briefly,
    findings_of,
    of_segments,
    random_set,
    schema_of,
    validator_of,
)

VALID_SETS = {"004010": 40, "005010": 15}
DRAWN_SETS = {"004010": 10, "005010": 7}
MUTATED_SETS = 40
"""Of each set that is drawn, for each set of a version: more than 10,000 altogether."""

MOMENT = datetime(2026, 1, 5, 12, tzinfo=UTC)
HEADER = isa(
    ("ZZ", "A"),
    ("ZZ", "B"),
    control_number=ControlNumber("1"),
    moment=MOMENT,
    usage="P",
    version="00501",
)

Mutation = Callable[[random.Random, list[Segment]], None]


@pytest.mark.parametrize(("version", "set_id"), EVERY_SET)
def test_a_set_drawn_from_its_schema_has_no_findings_and_is_written_as_it_was_read(
    version: str, set_id: str
) -> None:
    chance = random.Random(f"valid {set_id}")
    for _ in range(VALID_SETS[version]):
        transaction_set = random_set(chance, set_id, version)
        assert briefly(findings_of(transaction_set, version)) == []
        tree = validator_of(set_id, version).parse(transaction_set).tree
        assert segments_in_order(schema_of(set_id, version), tree) == transaction_set.segments


@pytest.mark.parametrize(
    ("set_id", "parts"),
    [
        ("810", {"composite", "repetition"}),
        ("824", {"composite", "repetition"}),
        ("999", {"composite", "repetition"}),
        ("940", {"LS"}),
    ],
)
def test_composites_repetitions_and_bounded_loops_are_read_and_written_with_any_separators(
    set_id: str, parts: set[str]
) -> None:
    chance = random.Random(f"separators {set_id}")
    group = gs(
        FUNCTIONAL_IDS[set_id],
        sender="AA",
        receiver="BB",
        control_number=ControlNumber("1"),
        moment=MOMENT,
        version="005010",
    )
    met: set[str] = set()
    for number in range(40):
        component, repetition = chance.sample(":^!|;\\`\x1f", 2)
        change = str.maketrans({">": component, "^": repetition})
        segments = [
            [value.translate(change) for value in segment]
            for segment in random_set(chance, set_id, "005010").segments
        ]
        one = OutboundSet(set_id, ControlNumber(f"{number:04d}"), segments[1:-1])
        delimiters = Delimiters(component=component, repetition=repetition)
        [read] = read_interchanges(
            write_interchange(HEADER, [OutboundGroup(group, [one])], delimiters)
        )
        [received] = read.groups[0].transaction_sets
        assert received.segments[1:-1] == segments[1:-1]
        assert briefly(findings_of(received, "005010")) == []
        text = "\n".join("*".join(segment) for segment in segments)
        marks = {"composite": component, "repetition": repetition, "LS": "\nLS*"}
        met.update(name for name, mark in marks.items() if mark in text)
    assert parts <= met


@pytest.mark.parametrize(("version", "set_id"), EVERY_SET)
def test_generated_checks_and_tables_agree_with_the_interpreter_on_mutated_sets(
    version: str, set_id: str
) -> None:
    chance = random.Random(f"mutated {set_id}")
    found: Counter[FindingCode] = Counter()
    drawn_sets = [small_set(chance, set_id, version) for _ in range(DRAWN_SETS[version])]
    for drawn in drawn_sets * MUTATED_SETS:
        segments = [list(segment) for segment in drawn]
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            chance.choice(MUTATIONS)(chance, segments)
        delimiters = Delimiters(repetition=chance.choice((None, None, "^")))
        one = of_segments(segments, delimiters)
        found.update(finding.code for finding in findings_of(one, version))
    # Proof that the mutations reach the rules at all.
    assert {
        FindingCode.MANDATORY_SEGMENT_MISSING,
        FindingCode.SEGMENT_OUT_OF_SEQUENCE,
        FindingCode.SEGMENT_UNKNOWN,
        FindingCode.MANDATORY_ELEMENT_MISSING,
        FindingCode.TOO_MANY_ELEMENTS,
        FindingCode.INVALID_CHARACTER,
        FindingCode.ELEMENT_TOO_LONG,
    } <= set(found)


def small_set(chance: random.Random, set_id: str, version: str) -> list[Segment]:
    """Draw a set that is quickly explained."""
    return min((random_set(chance, set_id, version).segments for _ in range(6)), key=len)


def _somewhere(chance: random.Random, segments: list[Segment]) -> int:
    """Choose a segment that is neither ST nor, where there is one, SE."""
    return chance.randrange(1, max(2, len(segments) - 1))


def lose_a_segment(chance: random.Random, segments: list[Segment]) -> None:
    if len(segments) > 2:
        del segments[_somewhere(chance, segments)]


def repeat_a_segment(chance: random.Random, segments: list[Segment]) -> None:
    at = _somewhere(chance, segments)
    copies = chance.choice((1, 1, 2, 12))
    segments[at:at] = [list(segments[at]) for _ in range(copies)]


def move_a_segment(chance: random.Random, segments: list[Segment]) -> None:
    segment = segments.pop(_somewhere(chance, segments))
    segments.insert(_somewhere(chance, segments), segment)


def rename_a_segment(chance: random.Random, segments: list[Segment]) -> None:
    other = segments[_somewhere(chance, segments)][0]
    segments[_somewhere(chance, segments)][0] = chance.choice(("ZZZ", "", "N1", "LX", other))


def cut_the_set(chance: random.Random, segments: list[Segment]) -> None:
    if len(segments) > 3:
        del segments[chance.randrange(2, len(segments)) :]


def change_an_element(chance: random.Random, segments: list[Segment]) -> None:
    segment = segments[_somewhere(chance, segments)]
    if len(segment) > 1:
        segment[chance.randrange(1, len(segment))] = chance.choice(VALUES)


def spoil_an_element(chance: random.Random, segments: list[Segment]) -> None:
    segment = segments[_somewhere(chance, segments)]
    if len(segment) > 1:
        at = chance.randrange(1, len(segment))
        cut = chance.randint(0, len(segment[at]))
        segment[at] = segment[at][:cut] + chance.choice(SPOILERS) + segment[at][cut:]


def add_elements(chance: random.Random, segments: list[Segment]) -> None:
    segment = segments[_somewhere(chance, segments)]
    segment += [chance.choice(("", "", "1", "A"))] * chance.choice((1, 1, 3, 40))


def drop_elements(chance: random.Random, segments: list[Segment]) -> None:
    segment = segments[_somewhere(chance, segments)]
    del segment[chance.randint(1, len(segment)) :]


VALUES = ("", "", "", " ", "0", "A", "12", "-1", "1.5", ".", "-", "1E2", "NaN", "²", "٣", "ABCDEF")
VALUES += ("20240229", "20230229", "00000101", "2400", "1260", "240115", "A>B", ">", "A>", "X^Y")
VALUES += ("9" * 90,)
SPOILERS = (" ", "  ", ">", "^", "\n", "\x00", "\x7f", "é", "²", "-", "+", ".", "X" * 30, "9" * 30)
MUTATIONS: tuple[Mutation, ...] = (
    lose_a_segment,
    repeat_a_segment,
    move_a_segment,
    rename_a_segment,
    cut_the_set,
    change_an_element,
    spoil_an_element,
    add_elements,
    drop_elements,
)
