"""Days, times and periods that are written in the format which the element before them names."""

from __future__ import annotations

import pytest

from gateway.second_opinion.compare import compare
from gateway.second_opinion.engine import Engine
from gateway.x12.explain import period_pairs
from gateway.x12.schema import LoopUse, SegmentUse
from tests.x12_sets import EVERY_SET, a_set, findings_of, schema_of


def said(segment: str) -> list[str]:
    body = f"BSN*00*SHIP1*20260105*1200~{segment}~HL*1**S~"
    return [
        f"{one.code} {one.location.reference} {one.detail}"
        for one in findings_of(a_set("856", body))
    ]


@pytest.mark.parametrize(
    "segment",
    [
        "DTM*011****D8*20240229",
        "DTM*011****D6*240229",
        "DTM*011****RD8*20260101-20261231",
        "DTM*011****TM*2359",
        "DTM*011****DT*202601052359",
        # Of other formats any text is taken.
        "DTM*011****CY*2026",
        "DTM*011****UN*SOON",
    ],
)
def test_what_is_in_the_format_that_is_named_is_sound(segment: str) -> None:
    assert said(segment) == []


@pytest.mark.parametrize(
    ("segment", "finding"),
    [
        ("DTM*011****D8*20230229", "invalid_date DTM06 expected a day as CCYYMMDD, as D8 says"),
        ("DTM*011****D8*260101", "invalid_date DTM06 expected a day as CCYYMMDD, as D8 says"),
        ("DTM*011****D6*20260101", "invalid_date DTM06 expected a day as YYMMDD, as D6 says"),
        ("DTM*011****RD8*20260101",
         "invalid_date DTM06 expected two days as CCYYMMDD-CCYYMMDD, as RD8 says"),
        ("DTM*011****RD8*20260101-20261301",
         "invalid_date DTM06 expected two days as CCYYMMDD-CCYYMMDD, as RD8 says"),
        ("DTM*011****TM*2400", "invalid_time DTM06 expected a time as HHMM, as TM says"),
        ("DTM*011****DT*20260105", "invalid_date DTM06 expected CCYYMMDDHHMM, as DT says"),
        ("DTM*011****DT*202601052460", "invalid_date DTM06 expected CCYYMMDDHHMM, as DT says"),
    ],
)  # fmt: skip
def test_what_is_not_is_told_with_the_format(segment: str, finding: str) -> None:
    assert said(segment) == [finding]


@pytest.mark.parametrize(
    "segment", ["DTP*092*D8*20261345", "DTP*092*RD8*20260101-20261301", "DTP*092*TM*2460"]
)
def test_pyx12_says_the_same_of_a_day_that_is_none(segment: str) -> None:
    """It was right about DTP03 before we were."""
    one = a_set("856", f"BSN*00*SHIP1*20260105*1200~HL*1**S~CLD*1*1~{segment}~")
    asked = Engine()
    pairs = compare(findings_of(one), asked.opinion(asked.map_of(schema_of("856")), one).faults)
    about = [pair for pair in pairs if pair.reference.startswith("DTP")]
    assert [(pair.reference, pair.agreed) for pair in about] == [("DTP03", True)]


def test_formats_are_named_in_these_segments() -> None:
    def segments(loop: LoopUse) -> list[SegmentUse]:
        own = [use for use in loop.content if isinstance(use, SegmentUse)]
        inner = [use for use in loop.content if isinstance(use, LoopUse)]
        return own + [one for each in inner for one in segments(each)]

    found = {
        use.tag
        for version, set_id in EVERY_SET
        for use in segments(schema_of(set_id, version).root)
        if any(period_pairs(use.elements))
    }
    assert found == {"DMG", "DTM", "DTP", "YNQ"}
