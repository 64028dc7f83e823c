"""Findings of maps get the place of their segment where it is certain."""

from __future__ import annotations

from gateway.findings import Finding, FindingCode, Location
from gateway.pipeline.stages.locate import located
from gateway.x12.model import TransactionSet
from tests.x12_sets import a_set

SET = "W05*N*1~LX*1~W01*2*CA**VN*Q9~LX*2~W01*3*ZZ**VN*Q9~W01*4*A>B~"


def finding(
    segment: str | None, element: int | None, value: str | None, field: str, **more: int
) -> Finding:
    place = Location(segment_id=segment, element=element, component=more.get("component"))
    return Finding(FindingCode.CODE_NOT_IN_TABLE, place, value, "unknown", field=field)


def places(one: TransactionSet, *findings: Finding) -> list[tuple[int | None, int | None]]:
    found = located(findings, one)
    return [(made.location.segment_position, made.location.offset) for made in found]


def test_the_only_segment_that_has_the_value_is_it() -> None:
    one = a_set("940", SET)
    assert places(one, finding("W01", 2, "ZZ", "/lines/1/unit")) == [(6, one.offsets[5])]
    [made] = located([finding("W01", 2, "ZZ", "/lines/1/unit")], one)
    assert made.location.transaction_set == "0001"
    assert made.location.reference == "W0102"


def test_as_many_segments_as_findings_are_taken_in_their_order() -> None:
    one = a_set("940", SET)
    twice = [finding("W01", 5, "Q9", f"/lines/{line}/sku") for line in (0, 1)]
    assert places(one, *twice) == [(4, one.offsets[3]), (6, one.offsets[5])]


def test_two_fields_made_of_one_element_are_both_there() -> None:
    one = a_set("940", SET)
    both = [finding("W01", 2, "ZZ", field) for field in ("/lines/1/unit", "/unit")]
    assert places(one, *both) == [(6, one.offsets[5])] * 2


def test_a_component_is_found_in_its_element() -> None:
    one = a_set("940", SET)
    assert places(one, finding("W01", 2, "B", "/x", component=2)) == [(7, one.offsets[6])]
    assert places(one, finding("W01", 2, "A", "/x", component=2)) == [(None, None)]


def test_what_is_not_certain_stays_without_a_place() -> None:
    one = a_set("940", SET)
    doubtful = [
        finding("W01", 5, "Q9", "/lines/0/sku"),  # two segments have it
        finding("W01", 2, "XX", "/lines/0/unit"),  # none has
        finding(None, None, None, "/status"),
    ]
    assert places(one, *doubtful) == [(None, None)] * 3
    known = Finding(FindingCode.TOTAL_DIFFERS, Location(segment_id="W05", segment_position=9))
    assert located([known], one) == [known]
