"""pyx12 as it is asked: by our schemas and guides, bounded, silent, and never with a traceback."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import pytest

from gateway.second_opinion import engine
from gateway.second_opinion.engine import Engine
from gateway.second_opinion.faults import Fault, Kind, Opinion
from gateway.x12.guides.validator import GuidedValidator
from gateway.x12.model import GroupHeader, TransactionSet
from gateway.x12.validate import Validator
from tests.unit.x12.guides.written import guide
from tests.x12_sets import a_set, of_segments, schema_of

ORDER = "W05*N*ORDER1~LX*1~W01*5*EA**VN*SKU1~W76*5~"


def opinion(one: TransactionSet, *places: str) -> Opinion:
    """Ask by the packaged schema of the set, and by the places of a guide."""
    asked = Engine()
    schema = schema_of(one.set_id)
    if not places:
        return asked.opinion(asked.map_of(schema), one)
    text = "places:\n" + "".join(f"  {place}\n" for place in places)
    validator = GuidedValidator(Validator(schema), guide(one.set_id, text))
    return asked.opinion(asked.map_of(validator.schema, validator.rules), one)


def briefly(faults: tuple[Fault, ...]) -> list[str]:
    return [f"{fault.kind} {fault.position} {fault.reference}" for fault in faults]


def test_a_sound_set_has_no_faults_and_it_is_said_by_what_it_was_judged() -> None:
    given = opinion(a_set("940", ORDER))
    assert given == Opinion("our schema of 940 004010")


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        ("W05: {max: 1}", None),
        ("N9: {use: required}", "segment missing 3 N9"),
        ("LX: {use: not_used}", "segment not used 3 LX"),
        ("W76: {use: not_used}", "segment not used 5 W76"),
        ("W0502: {length: 1/3}", "too long 2 W0502"),
        ("W0502: {length: 8/9}", "too short 2 W0502"),
        ("W0503: {use: required}", "element missing 2 W0503"),
        # What pyx12 would take for the name of a place: it would not find the segment.
        ("W0501: {codes: [F, R]}", "code invalid 2 W0501"),
        ("LX/W01/W0102: {codes: [CA, CS]}", "code invalid 4 W0102"),
        ("LX/W01/W0105: {use: not_used}", "element not used 4 W0105"),
    ],
)
def test_what_a_guide_asks_of_a_place_pyx12_asks_too(place: str, fault: str | None) -> None:
    given = opinion(a_set("940", ORDER), place)
    assert briefly(given.faults) == ([fault] if fault else [])


def test_a_narrowed_element_is_narrow_at_its_own_place_only() -> None:
    one = a_set("940", "W05*N*ORDER1*PURCHASE1~LX*1~W01*5*EA**VN*SKU1~W76*5~")
    assert briefly(opinion(one, "W0503: {length: 1/3}").faults) == ["too long 2 W0503"]


def test_what_depends_on_a_value_and_patterns_are_not_asked_of_it() -> None:
    places = ("N1*SF: {use: required}", 'W0502: {pattern: "X+"}')
    assert opinion(a_set("940", ORDER), *places).faults == ()


def test_a_segment_longer_than_pyx12_reads_at_once_is_read_whole() -> None:
    one = a_set("940", ORDER.replace("SKU1", "X" * 50_000) + "XYZ*1~")
    assert briefly(opinion(one).faults) == ["too long 4 W0105", "segment not here 6 XYZ"]


def test_a_segment_without_any_text_does_not_end_the_set() -> None:
    one = of_segments(
        [["ST", "940", "0001"], ["W05", "N", "A"], [""], ["XYZ"], ["SE", "5", "0001"]]
    )
    assert "segment not here 4 XYZ" in briefly(opinion(one).faults)


def test_it_is_a_fault_of_its_own_where_pyx12_fails_and_it_goes_on() -> None:
    one = a_set("940", "W05*N*A~N9*CO*1*****A>1>B>2>C>3>D>4~XYZ*1~LX*1~W01*5*EA~W76*5~")
    faults = opinion(one).faults
    assert [fault.kind for fault in faults] == [Kind.BROKEN, Kind.MISPLACED, Kind.CONDITION]
    assert faults[0].message == "pyx12 fails at this segment with IndexError"


def test_of_sets_that_are_too_large_it_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MOST_SEGMENTS", 5)
    assert opinion(a_set("940", ORDER)).unasked == (
        "the set has 6 segments of 64 characters, and pyx12 is asked of at most 5 of 4,000,000"
    )
    monkeypatch.setattr(engine, "MOST_SEGMENTS", 6)
    assert opinion(a_set("940", ORDER)).unasked == ""
    monkeypatch.setattr(engine, "MOST_CHARACTERS", 63)
    assert opinion(a_set("940", ORDER)).unasked != ""


def test_a_thousand_levels_are_judged() -> None:
    levels = "".join(f"HL*{at}*{at - 1 or ''}*S~" for at in range(1, 1_001))
    one = a_set("856", f"BSN*00*S1*20260105*1200~{levels}")
    assert opinion(one).faults == ()


def test_it_tells_no_log_prints_nothing_and_leaves_no_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    monkeypatch.chdir(tmp_path)
    with caplog.at_level(logging.INFO):
        assert opinion(a_set("940", "W05*N~XYZ*1~")).faults != ()
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_its_own_map_is_that_of_exactly_the_version_and_the_set() -> None:
    asked = Engine()
    payment = a_set("835", "BPR*I~")
    group = GroupHeader(["GS", "HP", "A", "B", "20260105", "1200", "1", "X", "005010X221A1"])
    other = GroupHeader(["GS", "HP", "A", "B", "20260105", "1200", "1", "X", "005010X221"])
    known = asked.own_map(group, payment)
    assert known is not None
    assert known.name == "pyx12's own map of 005010X221A1"
    assert asked.own_map(group, payment) is known
    assert asked.own_map(other, payment) is None
    assert asked.own_map(group, a_set("837", "BHT*0019~")) is None
