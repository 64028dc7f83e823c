"""Transaction sets for tests: written as people write them, or drawn at random from a schema."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache

from gateway.config.schemas import packaged_schemas
from gateway.findings import Finding
from gateway.x12.interpret import interpret
from gateway.x12.model import ControlNumber, Delimiters, Segment, TransactionSet
from gateway.x12.schema import (
    UNBOUNDED,
    ElementUse,
    LoopUse,
    SegmentUse,
    SetSchema,
    SyntaxNote,
)
from gateway.x12.syntax_notes import SYNTAX_NOTES
from gateway.x12.validate import Validator

SETS = {
    "004010": (
        "180", "810", "820", "824", "846", "850", "855", "856", "860", "864",
        "940", "943", "944", "945", "947", "997",
    ),
    "005010": (
        "180", "810", "820", "824", "846", "850", "855", "856", "860", "864",
        "940", "943", "944", "945", "947", "997", "999",
    ),
}  # fmt: skip
"""The packaged sets by version."""
SET_IDS = SETS["004010"]
EVERY_SET = [(version, set_id) for version, set_ids in SETS.items() for set_id in set_ids]
LIBRARY = packaged_schemas()


def schema_of(set_id: str, version: str = "004010") -> SetSchema:
    """Return the packaged schema of a set."""
    schema = LIBRARY.get(version, set_id)
    assert schema is not None
    return schema


@cache
def validator_of(set_id: str, version: str = "004010") -> Validator:
    """Return the validator of a packaged schema."""
    return Validator(schema_of(set_id, version))


def a_set(
    set_id: str, body: str, delimiters: Delimiters | None = None, *, whole: bool = True
) -> TransactionSet:
    """Read `W05*N*1~W76*10~` as the body of a set; ST and SE are put around it."""
    delimiters = delimiters or Delimiters()
    separator, end = delimiters.element, delimiters.terminator
    texts = [text.strip() for text in body.split(end) if text.strip()]
    texts.insert(0, separator.join(("ST", set_id, "0001")))
    if whole:
        texts.append(separator.join(("SE", str(len(texts) + 1), "0001")))
    return of_segments([text.split(separator) for text in texts], delimiters)


def of_segments(segments: list[Segment], delimiters: Delimiters | None = None) -> TransactionSet:
    """Return a set of segments, with the offsets they have when nothing stands between them."""
    offsets, offset = [], 0
    for segment in segments:
        offsets.append(offset)
        offset += sum(map(len, segment)) + len(segment)
    return TransactionSet(
        segments,
        offsets,
        delimiters or Delimiters(),
        ControlNumber("000000001"),
        ControlNumber("1"),
    )


def findings_of(transaction_set: TransactionSet, version: str = "004010") -> list[Finding]:
    """Validate a set, and hold the fast way against the readable one."""
    validator = validator_of(transaction_set.set_id, version)
    parsed = validator.parse(transaction_set)
    tree, findings = interpret(validator.schema, transaction_set)
    assert parsed.findings == findings
    assert parsed.tree == tree
    return findings


def briefly(findings: list[Finding]) -> list[str]:
    """Write findings as `code position reference`, to compare at a glance."""
    return [
        f"{finding.code} {finding.location.segment_position} {finding.location.reference}"
        for finding in findings
    ]


def random_set(chance: random.Random, set_id: str, version: str = "004010") -> TransactionSet:
    """Draw a set that keeps every rule of its schema."""
    segments = _loop(chance, schema_of(set_id, version).root)
    segments[0] = ["ST", set_id, "0001"]
    segments[-1] = ["SE", str(len(segments)), "0001"]
    _name_bounded_loops(segments)
    return of_segments(segments, Delimiters(repetition="^"))


def _name_bounded_loops(segments: list[Segment]) -> None:
    """Give each LE the identifier of its LS."""
    opened: list[str] = []
    for segment in segments:
        if segment[0] == "LS":
            opened.append(segment[1])
        elif segment[0] == "LE":
            segment[1] = opened.pop()


def _loop(chance: random.Random, loop: LoopUse) -> list[Segment]:
    segments: list[Segment] = []
    for use in loop.content:
        for _ in range(_times(chance, use)):
            if isinstance(use, LoopUse):
                segments += _loop(chance, use)
            else:
                segments.append(random_segment(chance, use))
    return segments


def _times(chance: random.Random, use: SegmentUse | LoopUse) -> int:
    if use.requirement == "M":
        return min(use.maximum, chance.choice((1, 1, 1, 2)))
    return min(use.maximum, chance.choice((0, 0, 0, 1, 1, 2)) if use.maximum < UNBOUNDED else 1)


def random_segment(chance: random.Random, use: SegmentUse) -> Segment:
    """Draw a segment that keeps the rules of its elements and notes."""
    return [use.tag, *_values(chance, use.elements, use.notes)]


def _values(
    chance: random.Random, elements: Sequence[ElementUse], notes: Sequence[SyntaxNote]
) -> list[str]:
    """Draw the elements of a segment, or the components of a composite, up to the last one."""
    drawn = {element.position: "" for element in elements}
    for element in elements:
        if element.requirement == "M" or chance.random() < 0.3:
            drawn[element.position] = _repeated(chance, element)
    _keep_notes(chance, elements, notes, drawn)
    while not any(drawn.values()):
        element = chance.choice(elements)
        drawn[element.position] = _repeated(chance, element)
        _keep_notes(chance, elements, notes, drawn)
    values = list(drawn.values())
    while not values[-1]:
        values.pop()
    return values


def _repeated(chance: random.Random, element: ElementUse) -> str:
    times = chance.randint(1, min(element.repeat, 3))
    return "^".join(random_value(chance, element) for _ in range(times))


def _keep_notes(
    chance: random.Random,
    elements: Sequence[ElementUse],
    notes: Sequence[SyntaxNote],
    values: dict[int, str],
) -> None:
    """Fill what a broken note asks for, or empty one of its optional elements, until all hold."""
    for _ in range(500):
        broken = [
            (note, position)
            for note in notes
            for position in SYNTAX_NOTES[note.kind](
                note.positions, lambda position: bool(values[position])
            )
        ]
        if not broken:
            return
        note, position = broken[0]
        optional = [at for at in note.positions if elements[at - 1].requirement != "M"]
        if note.kind != "E" and chance.random() < 0.5:
            values[position] = _repeated(chance, elements[position - 1])
        elif optional:
            values[chance.choice(optional)] = ""
    raise AssertionError(f"{', '.join(map(str, notes))}: these notes cannot be kept")


def random_value(chance: random.Random, element: ElementUse) -> str:
    """Draw a value that keeps the rules of its element."""
    if element.components:
        return ">".join(_values(chance, element.components, element.notes))
    if element.codes:
        return chance.choice(list(element.codes))
    length = chance.randint(element.minimum, min(element.maximum, element.minimum + 8))
    digits = "".join(chance.choice("123456789") for _ in range(length))
    match element.type[0]:
        case "N":
            return chance.choice(("", "", "-")) + digits
        case "R":
            return chance.choice((digits, "-" + digits, digits[:1] + "." + digits[1:]))
        case "D":
            return chance.choice(("20240229", "19991231", "20260105"))[8 - element.maximum :]
        case "T":
            return chance.choice(("0000", "2359", "123456", "12345678"))
    return "".join(chance.choice("ABCXYZ019 -.") for _ in range(length - 1)) + "Q"
