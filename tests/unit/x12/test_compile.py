"""Generated checks: made when needed, bounded in number, right when they say yes."""

from __future__ import annotations

from gateway.x12.compile import CheckCache, Checks
from gateway.x12.schema import ElementUse, SegmentUse
from tests.x12_sets import schema_of


def w05() -> SegmentUse:
    return schema_of("940").root.segments["W05"]


def test_a_check_is_generated_when_a_segment_of_its_length_is_first_met() -> None:
    checks = Checks(w05())
    unmade = checks.by_length[3]
    assert checks(["W05", "N", "ORDER1"])
    made = checks.by_length[3]
    assert made is not unmade
    assert checks(["W05", "N", "ORDER2"])
    assert checks.by_length[3] is made
    assert all(one == unmade for length, one in enumerate(checks.by_length) if length != 3)


def test_segments_that_are_too_long_leave_nothing_behind() -> None:
    checks = Checks(w05())
    lengths = len(checks.by_length)
    for length in range(9, 2000):
        assert not checks(["W05"] * length)
    assert len(checks.by_length) == lengths < 12


def test_a_segment_too_short_for_its_mandatory_elements_is_not_accepted() -> None:
    checks = Checks(w05())
    assert not checks(["W05"])
    assert not checks(["W05", "N"])


def test_a_leap_day_is_accepted_in_leap_years_only() -> None:
    use = schema_of("940").root.segments["G62"]
    checks = Checks(use)
    assert checks(["G62", "10", "20240229"])
    assert checks(["G62", "10", "20230228"])
    assert not checks(["G62", "10", "20230229"])
    assert not checks(["G62", "10", "00000101"])


def test_the_same_definition_shares_its_checks_across_places_and_sets() -> None:
    cache = CheckCache()
    root, line = schema_of("940").root, schema_of("940").root.loops["LX"]
    assert cache.of(root.segments["G62"]) is cache.of(line.segments["G62"])
    assert cache.of(root.segments["G62"]) is cache.of(schema_of("945").root.segments["G62"])
    assert cache.of(root.segments["G62"]) is not cache.of(root.segments["N9"])


def test_a_date_without_century_is_left_to_the_readable_rule() -> None:
    date = ElementUse(1, "29", "Date", "DT", 6, 6, "M")
    checks = Checks(SegmentUse("XX", "", "O", 1, (date,)))
    assert checks(["XX", "240229"])
    assert not checks(["XX", "230230"])
