"""When exports run: cron, intervals, business days, and clocks that are put forward and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.pipeline.exports.calendar import LAST, BusinessCalendar
from gateway.pipeline.exports.cron import Cron
from gateway.pipeline.exports.slots import Every, Slots, WallClock, moment_of

CHICAGO = ZoneInfo("America/Chicago")
"""Put forward on 8 March 2026 at 02:00 to 03:00, back on 1 November 2026 at 02:00 to 01:00."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def cron(text: str, zone: ZoneInfo = CHICAGO) -> WallClock:
    read = Cron.read(text)
    return WallClock(zone, read.times, read.falls_on)


def between(slots: Slots, after: str, until: str) -> list[str]:
    found = slots.latest(at(after), at(until), 1000)
    # The two ways of asking agree.
    one_by_one, moment = [], at(after)
    while (following := slots.next(moment)) is not None and following <= at(until):
        one_by_one.append(following)
        moment = following
    assert found == one_by_one
    return [f"{one:%m-%d %H:%M}" for one in found]


def test_an_interval_is_counted_from_a_moment_that_never_changes() -> None:
    slots = Every(timedelta(minutes=15))
    assert between(slots, "2026-03-08T07:50", "2026-03-08T08:30") == [
        "03-08 08:00",
        "03-08 08:15",
        "03-08 08:30",
    ]
    assert slots.latest(at("2020-01-01"), at("2026-03-08T08:30"), 1) == [at("2026-03-08T08:30")]


def test_a_slot_that_does_not_exist_runs_at_the_next_moment_and_once() -> None:
    # 02:00 to 02:45 are left out: all of them are 03:00, which is 08:00 UTC.
    assert between(cron("*/15 1-3 8 3 *"), "2026-03-08T07:40", "2026-03-08T08:20") == [
        "03-08 07:45",
        "03-08 08:00",
        "03-08 08:15",
    ]
    assert moment_of(datetime.fromisoformat("2026-03-08T02:30"), CHICAGO) == at("2026-03-08T08:00")


def test_a_slot_that_occurs_twice_runs_once_at_the_first() -> None:
    # 01:30 is 06:30 UTC and, an hour later, 07:30 UTC.
    assert between(cron("30 1 * * *"), "2026-10-31T00:00", "2026-11-02T12:00") == [
        "10-31 06:30",
        "11-01 06:30",
        "11-02 07:30",
    ]


def test_a_daily_slot_comes_each_day_of_a_year_in_its_zone() -> None:
    slots = cron("15 2 * * *")
    found = slots.latest(at("2025-12-31T12:00"), at("2026-12-31T12:00"), 1000)
    assert len(found) == 365
    there = [one.astimezone(CHICAGO) for one in found]
    assert len({one.date() for one in there}) == 365
    odd = [one for one in there if (one.hour, one.minute) != (2, 15)]
    assert [f"{one:%m-%d %H:%M}" for one in odd] == ["03-08 03:00"]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("0 6 * * mon-fri", ["03-02", "03-03", "03-04", "03-05", "03-06", "03-09"]),
        ("0 6 * * 0", ["03-01", "03-08"]),
        ("0 6 * * 7", ["03-01", "03-08"]),
        ("0 6 5 * *", ["03-05"]),
        # Both are restricted: either is enough.
        ("0 6 5 * sun", ["03-01", "03-05", "03-08"]),
        ("0 6 */4 * *", ["03-01", "03-05", "03-09"]),
        ("0 6 * apr *", []),
        ("@daily", [f"03-{day:02}" for day in range(1, 10)]),
    ],
)
def test_cron_reads_days_as_crontab_does(text: str, days: list[str]) -> None:
    slots = cron(text, ZoneInfo("UTC"))
    assert [one[:5] for one in between(slots, "2026-02-28T12:00", "2026-03-09T12:00")] == days


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "0 6 * *",
            "'0 6 * *' has 4 fields; expected minute, hour, day of the month, month and weekday, "
            "such as '30 6 * * mon-fri'",
        ),
        ("60 * * * *", "'60' is no minute; expected 0 to 59"),
        ("* * * * fry", "'fry' is no weekday; expected 0 to 7 or sun to sat"),
        ("5-1 * * * *", "'5-1' of the minute ends before it begins"),
        ("*/0 * * * *", "'*/0' of the minute never moves on"),
        ("a? * * * *", "'a?' is no minute; expected such as *, 5, 1-5, */10 or 1,3"),
    ],
)
def test_what_is_no_cron_expression_is_said(text: str, said: str) -> None:
    with pytest.raises(ValueError) as why:  # noqa: PT011 - the text is asserted
        Cron.read(text)
    assert str(why.value) == said


WEEKDAYS = frozenset(range(5))
HOLIDAY = frozenset({date(2026, 7, 3)})
"""A Friday."""


@pytest.mark.parametrize(
    ("calendar", "days"),
    [
        (
            BusinessCalendar(WEEKDAYS, frozenset(), HOLIDAY),
            ["06-30", "07-01", "07-02", "07-06"],
        ),
        (
            BusinessCalendar(frozenset({4}), frozenset(), HOLIDAY, "next"),
            ["07-06"],
        ),
        (
            BusinessCalendar(frozenset({4}), frozenset(), HOLIDAY, "before"),
            ["07-02"],
        ),
        (BusinessCalendar(frozenset(), frozenset({LAST, 1}), HOLIDAY), ["06-30", "07-01"]),
    ],
)
def test_business_days_leave_holidays_out_or_move_them(
    calendar: BusinessCalendar, days: list[str]
) -> None:
    slots = WallClock(UTC, (time(6),), calendar.falls_on)
    assert [one[:5] for one in between(slots, "2026-06-30T00:00", "2026-07-06T12:00")] == days


def test_a_slot_that_comes_in_years_is_found_and_one_that_never_comes_is_not() -> None:
    assert cron("0 6 29 2 *").next(at("2026-03-01")) == at("2028-02-29T12:00")
    assert cron("0 6 31 2 *").next(at("2026-03-01")) is None
