"""Names of the envelope and meanings of codes; a bad file is told with its place."""

from __future__ import annotations

import pytest

from gateway import resources
from gateway.errors import ConfigProblems
from gateway.x12.names import Names
from gateway.x12.reader import read_interchanges
from gateway.x12.standard import Standard, walk
from tests.unit.cli.edi import SOUND_940
from tests.x12_sets import LIBRARY

NAMES = Names(LIBRARY, resources.schema_text)


def test_the_envelope_has_names_in_every_version() -> None:
    for tag, count in {"ISA": 16, "TA1": 5, "GS": 8, "ST": 3, "SE": 2, "GE": 2, "IEA": 2}.items():
        use = NAMES.segment("", tag)
        assert use is not None
        assert len(use.elements) == count
    assert NAMES.segment("", "W05") is None
    assert NAMES.segment("005010", "IK3") is not None


def test_a_closed_list_comes_before_the_open_ones() -> None:
    use = NAMES.segment("004010", "SAC")
    assert use is not None
    assert NAMES.meaning(use.elements[0], "C") == "Charge"
    party = NAMES.segment("004010", "N1")
    assert party is not None
    assert NAMES.meaning(party.elements[0], "ST") == "ship to"
    assert NAMES.meaning(party.elements[0], "QQ") == ""
    assert set(NAMES.codes(party.elements[0])) > {"ST", "BT"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", "x12/names.yaml:1:1: expected keys and values"),
        ("envelope: {}\n", "x12/names.yaml:1:1: meanings: expected keys and values"),
        (
            "envelope: {ISA: {name: X}}\nmeanings: {}",
            "x12/names.yaml:1:12: envelope.ISA: expected name and elements",
        ),
        (
            "envelope:\n  ISA:\n    name: X\n    elements:\n      - I01 XY\nmeanings: {}",
            "x12/names.yaml:5:9: envelope.ISA.elements[0]: 'XY': expected a type, such as "
            "'ID 2/3 Country Code'",
        ),
    ],
)
def test_a_bad_file_is_told_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(ConfigProblems) as caught:
        Names(LIBRARY, lambda _: text)
    assert str(caught.value).splitlines() == [problem]


def test_a_set_that_no_schema_is_for_has_a_finding() -> None:
    unknown = SOUND_940.replace(b"ST*940", b"ST*499").replace(b"SE*7*", b"SE*8*")
    standard = Standard(LIBRARY)
    [(group, one)] = walk(unknown)
    found = standard.findings(group, one)
    assert [(finding.code, finding.location.reference) for finding in found] == [
        ("segment_count_wrong", "SE01"),
        ("transaction_set_not_supported", "ST"),
    ]
    assert found[1].detail == "there is no schema for set 499 in version 004010"
    [interchange] = read_interchanges(SOUND_940)
    [sound] = interchange.groups[0].transaction_sets
    assert standard.findings(group, sound) == []
