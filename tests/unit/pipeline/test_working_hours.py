"""Working hours by the clock on the wall, over nights, holidays and daylight saving."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pipeline.working_hours import Window, WorkingHours

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = frozenset(range(5))
EVERY_DAY = frozenset(range(7))


def hours(begins: str, ends: str, days: frozenset[int] = EVERY_DAY, **more: object) -> WorkingHours:
    window = Window(days, time.fromisoformat(begins), time.fromisoformat(ends))
    return WorkingHours(BERLIN, (window,), **more)  # type: ignore[arg-type]  # holidays alone


def wall(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold)


def same(one: datetime | None, other: datetime) -> bool:
    return one is not None and one.astimezone(UTC) == other.astimezone(UTC)


def test_within_the_hours_now_is_when_they_open() -> None:
    now = wall("2026-11-20T12:00")
    assert hours("08:00", "18:00").opens(now) == now


def test_the_first_moment_is_within_and_the_last_is_not() -> None:
    office = hours("08:00", "18:00")
    assert same(office.opens(wall("2026-11-20T08:00")), wall("2026-11-20T08:00"))
    assert same(office.opens(wall("2026-11-20T18:00")), wall("2026-11-21T08:00"))


def test_after_friday_comes_monday_unless_it_is_a_holiday() -> None:
    friday = wall("2026-11-20T19:00")
    assert same(hours("08:00", "18:00", WEEK).opens(friday), wall("2026-11-23T08:00"))
    closed = hours("08:00", "18:00", WEEK, holidays=frozenset({date(2026, 11, 23)}))
    assert same(closed.opens(friday), wall("2026-11-24T08:00"))


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    night = hours("22:00", "04:00", WEEK)
    saturday = wall("2026-11-21T03:59")
    assert night.opens(saturday) == saturday
    assert same(night.closes(saturday), wall("2026-11-21T04:00"))
    assert same(night.opens(wall("2026-11-21T04:00")), wall("2026-11-23T22:00"))


def test_from_midnight_to_midnight_is_the_whole_day() -> None:
    sunday = wall("2026-11-22T23:59")
    assert same(hours("00:00", "00:00", WEEK).opens(sunday), wall("2026-11-23T00:00"))
    # Windows that meet are one.
    assert hours("00:00", "00:00").closes(sunday) > sunday + timedelta(days=1)


@pytest.mark.parametrize(
    ("begins", "now", "opens"),
    [
        # The clocks went forward on 29 March 2026 at 02:00 and back on 25 October at 03:00.
        ("08:00", wall("2026-03-28T20:00"), datetime(2026, 3, 29, 6, tzinfo=UTC)),
        ("08:00", wall("2026-10-24T20:00"), datetime(2026, 10, 25, 7, tzinfo=UTC)),
        ("02:30", wall("2026-03-28T20:00"), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("02:30", wall("2026-10-24T20:00"), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
    ids=["forward", "back", "in the hour left out", "in the hour that comes twice"],
)
def test_they_open_by_the_clock_on_the_wall_over_daylight_saving(
    begins: str, now: datetime, opens: datetime
) -> None:
    assert hours(begins, "10:00").opens(now) == opens


def test_they_end_with_the_second_of_an_hour_that_comes_twice() -> None:
    early = hours("01:00", "02:30")
    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)  # after the first 02:30
    assert early.opens(between) == between
    assert early.closes(between) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_they_end_once_where_their_end_is_left_out() -> None:
    before = wall("2026-03-29T01:30")
    closes = hours("01:00", "02:30").closes(before)
    assert closes == datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "03:30 on the wall"


def test_hours_that_never_begin_are_never_opened() -> None:
    days = frozenset(date(2026, 11, 20) + timedelta(days=number) for number in range(1_300))
    assert hours("08:00", "18:00", holidays=days).opens(wall("2026-11-21T12:00")) is None


@given(
    st.integers(0, 2 * 365 * 24 * 60),
    st.times(),
    st.times(),
    st.frozensets(st.integers(0, 6), min_size=1),
)
def test_when_they_open_they_are_open_and_close_later(
    minutes: int, begins: time, ends: time, days: frozenset[int]
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    found = WorkingHours(BERLIN, (Window(days, begins, ends),))
    opens = found.opens(now)
    assert opens is not None
    assert opens >= now
    assert found.opens(opens) == opens
    assert found.closes(opens) > opens
