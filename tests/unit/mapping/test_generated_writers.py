"""Generated writers write what the careful writer writes, on samples and on changed ones."""

from __future__ import annotations

import copy
import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.mapping.fast_writer import written
from gateway.x12.model import ControlNumber, TransactionSet
from gateway.x12.plain import is_plain_set
from gateway.x12.writer import OutboundGroup, OutboundSet, gs, isa, write_interchange
from tests.properties.test_map_writers import values_of
from tests.samples.maps import compiled_map
from tests.samples.test_round_trips import taken_sets
from tests.samples.test_samples import NAMES, SAMPLES
from tests.unit.mapping.little_sets import DELIMITERS, compiled, deep_levels, model, told

CHANGES = 25
"""Changed documents made of each transaction set of each sample."""
ODD = [
    None,
    "",
    "0",
    0,
    7,
    True,
    2.5,
    [],
    {},
    "A>B",
    "A*B",
    "~",
    "BM",
    "ST",
    "12.50",
    "99991231",
    "x ",
]


def sample_documents(sample):
    """Yield the documents of a sample, those of one set as one, with map and separators."""
    for name, parsed in taken_sets(sample):
        made, delimiters = compiled_map(name), parsed.transaction_set.delimiters
        reading = made.read(parsed.tree, delimiters)
        yield made, made.merge(reading.documents), delimiters


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_the_documents_of_samples_need_no_care(sample) -> None:
    for made, document, delimiters in sample_documents(sample):
        careful = made.write_carefully(document, delimiters)
        assert made.write_fast(document, delimiters) == careful.segments
        assert careful.findings == []


@pytest.mark.parametrize("sample", SAMPLES, ids=NAMES)
def test_a_changed_document_is_written_as_carefully_or_needs_care(sample) -> None:
    chance = random.Random(sample.name)
    for made, document, delimiters in sample_documents(sample):
        for _ in range(CHANGES):
            changed = copy.deepcopy(document)
            for _ in range(chance.randrange(1, 4)):
                change(changed, chance)
            written = made.write_fast(changed, delimiters)
            if written is not None:
                careful = made.write_carefully(changed, delimiters)
                assert (told(careful.findings), careful.segments) == ([], written)
                check_text(made.write(changed, delimiters), delimiters)


def check_text(writing, delimiters) -> None:
    """Make sure that text which can leave as it is, is what the writer of X12 would have made."""
    number = ControlNumber("0001")
    one = TransactionSet(writing.segments, [], delimiters, number, number)
    if writing.text:
        assert is_plain_set(one)
        assert bytes_of(writing.segments, delimiters, writing.text) == bytes_of(
            writing.segments, delimiters
        )


def bytes_of(segments, delimiters, text="") -> bytes:
    number, now = ControlNumber("0001"), datetime(2026, 11, 21, tzinfo=UTC)
    header = isa(("ZZ", "US"), ("ZZ", "THEM"), control_number=number, moment=now, usage="T")
    group = gs("OW", sender="US", receiver="THEM", control_number=number, moment=now)
    sets = [OutboundSet("940", number, segments, text=text)]
    return write_interchange(header, [OutboundGroup(group, sets)], delimiters)


def test_plain_segments_come_with_their_text() -> None:
    made = compiled("fields: {a: W0502, code: N902}", model("a code"))
    writing = made.write({"a": "an order", "code": "1"}, DELIMITERS)
    assert writing.text == "W05**an order~N9**1"
    for suffix in ("", "\r\n"):
        delimiters = replace(DELIMITERS, suffix=suffix)
        assert bytes_of(writing.segments, delimiters, writing.text) == bytes_of(
            writing.segments, delimiters
        )


@pytest.mark.parametrize("value", ["é", "x ", "x\ty", "x\n"])
@pytest.mark.parametrize("field", ["a", "code"])
def test_what_a_validator_or_a_writer_has_to_look_at_comes_without_text(field, value) -> None:
    made = compiled("fields: {a: W0502, code: N902}", model("a code"))
    document = {"a": "1", "code": "2", field: value}
    assert made.write_fast(document, DELIMITERS) == made.write(document, DELIMITERS).segments
    assert made.write(document, DELIMITERS).text == ""


@pytest.mark.parametrize(
    "segments",
    [
        [],
        [["W05"]],
        [["W05", "N", ""]],
        [["W05", "", ""], ["LX", "1"]],
        [["BIN", "1", "x"]],
        [["LX", "1"], ["BDS", "ASC", "1", "x"]],
    ],
)
def test_segments_that_a_writer_would_change_or_refuse_come_without_text(segments) -> None:
    assert written(lambda *_: (segments, {}), {}, DELIMITERS) == (segments, "")


def test_composites_come_without_text() -> None:
    made = compiled("fields: {a: W0502, code: SV101-2}", model("a code"))
    assert made.write({"a": "x", "code": "y"}, DELIMITERS).text == ""


def change(document, chance) -> None:
    """Change a document in one place: a value, a member, an entry, or their order."""
    places = list(values_of(document))
    if not places:
        return
    holder, key = chance.choice(places)
    other, name = chance.choice(places)
    kind = chance.randrange(6)
    if kind == 0:
        holder[key] = chance.choice(ODD)
    elif kind == 1:
        del holder[key]
    elif kind == 2:
        other[name] = copy.deepcopy(holder[key])
    elif kind == 3 and isinstance(holder, list):
        holder.insert(chance.randrange(len(holder) + 1), copy.deepcopy(holder[key]))
    elif kind == 4 and isinstance(holder, dict):
        holder[name] = copy.deepcopy(other[name])
    elif kind == 5 and isinstance(holder, list):
        chance.shuffle(holder)


def test_an_element_that_two_fields_want_needs_care() -> None:
    made = compiled("fields: {a: W0502, b: W0502}", model("a b"))
    assert made.write_fast({"a": "1", "b": "1"}, DELIMITERS) == [["W05", "", "1"]]
    assert made.write_fast({"a": "1", "b": "2"}, DELIMITERS) is None


@pytest.mark.parametrize(
    "fields",
    [
        "a: {at: W0504, with: {03: Z}}, b: W0503",
        'a: "W05[03=Z].04", b: W0503',
        "a: {first: [W0503, W0504]}, b: W0503",
        "a: {pairs: W0503/04, qualifier: Z}, b: W0503",
    ],
)
def test_fields_that_look_at_the_elements_of_others_keep_their_order(fields) -> None:
    made = compiled(f"fields: {{{fields}}}", model("a b"))
    for document in ({"a": "1", "b": "Z"}, {"a": "1", "b": "2"}, {"b": "2", "a": "1"}):
        careful = made.write_carefully(document, DELIMITERS)
        plain = None if careful.findings else careful.segments
        assert made.write_fast(document, DELIMITERS) == plain


def test_a_map_of_more_levels_than_python_nests_is_written_all_the_same() -> None:
    made, document = deep_levels(22)
    assert made.write_fast(document, DELIMITERS) is None
    written = made.write(document, DELIMITERS).segments
    assert written[-2:] == [["HL", "23", "22", "I", "0"], ["LIN", "", "", "0"]]


@pytest.mark.parametrize("mark", "*~>")
def test_a_value_with_a_separator_in_it_needs_care(mark) -> None:
    made = compiled("fields: {a: W0502, code: SV101-2}", model("a code"))
    assert made.write_fast({"a": "x", "code": "y"}, DELIMITERS) == [
        ["W05", "", "x"],
        ["SV1", ">y"],
    ]
    assert made.write_fast({"a": f"x{mark}", "code": "y"}, DELIMITERS) is None
    assert made.write_fast({"a": "x", "code": f"{mark}y"}, DELIMITERS) is None


@pytest.mark.parametrize(
    "body",
    [
        "fields: {a: W0502}\ncomputed: {LX/LX01: counter}",
        'fields: {a: W0502}\ncomputed: {"W05[03=Z].01": {count: N1}}',
    ],
)
def test_a_map_with_rare_things_has_no_generated_writer_and_is_written(body) -> None:
    made = compiled(body, model("a"))
    assert made.write_fast({"a": "1"}, DELIMITERS) is None
    assert made.write({"a": "1"}, DELIMITERS).segments[0][2] == "1"
