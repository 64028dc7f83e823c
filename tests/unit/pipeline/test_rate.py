"""So many calls in any stretch of time, whatever was kept of the calls before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.pipeline.rate import Rate

NOW = datetime(2026, 3, 15, 9, 12, tzinfo=UTC)
TEN = Rate(10, timedelta(minutes=1))


def test_before_the_first_call_all_are_left() -> None:
    assert (TEN.left("", NOW), TEN.opens("", NOW)) == (10, NOW)


def test_calls_count_until_the_stretch_of_time_is_over() -> None:
    kept = TEN.after("", 4, NOW)
    assert TEN.left(kept, NOW + timedelta(seconds=59)) == 6
    assert TEN.left(kept, NOW + timedelta(seconds=60)) == 10


def test_the_next_call_may_begin_when_the_oldest_is_over() -> None:
    kept = TEN.after(TEN.after("", 4, NOW), 6, NOW + timedelta(seconds=30))
    assert TEN.left(kept, NOW + timedelta(seconds=31)) == 0
    assert TEN.opens(kept, NOW + timedelta(seconds=31)) == NOW + timedelta(seconds=60)


def test_calls_that_did_not_begin_are_given_back_and_the_others_count_from_their_end() -> None:
    kept = TEN.ended(TEN.after("", 10, NOW), 3, NOW + timedelta(seconds=5))
    assert TEN.left(kept, NOW + timedelta(seconds=6)) == 3
    assert TEN.left(kept, NOW + timedelta(seconds=64)) == 3
    assert TEN.left(kept, NOW + timedelta(seconds=65)) == 10


def test_calls_that_took_longer_than_the_stretch_of_time_count_from_their_end() -> None:
    ended = NOW + timedelta(seconds=90)
    kept = TEN.ended(TEN.after("", 10, NOW), 0, ended)
    assert TEN.left(kept, ended + timedelta(seconds=1)) == 0
    assert TEN.left(kept, ended + timedelta(minutes=1)) == 10


def test_what_is_kept_stays_short() -> None:
    many, kept = Rate(1_000_000, timedelta(minutes=1)), ""
    for number in range(2_000):
        kept = many.after(kept, 1, NOW + timedelta(milliseconds=29 * number))
    assert len(kept) < 1_000


def test_a_clock_that_is_put_back_holds_nothing_until_it_is_as_late_again() -> None:
    kept = TEN.after("", TEN.calls, NOW)
    back = NOW - timedelta(hours=1)
    assert (TEN.left(kept, back), TEN.opens(kept, back)) == (TEN.calls, back)
    # Another process whose clock is a little behind counts them all the same.
    assert TEN.left(kept, NOW - TEN.per / 2) == 0


@given(st.lists(st.tuples(st.integers(1, 30_000), st.integers(1, 20)), max_size=60))
def test_no_stretch_of_time_ever_sees_more_calls_than_the_rate_allows(
    asked: list[tuple[int, int]],
) -> None:
    kept, now, made = "", NOW, list[datetime]()
    for pause, wanted in asked:
        now += timedelta(milliseconds=pause)
        count = min(wanted, TEN.left(kept, now))
        if count:
            kept = TEN.after(kept, count, now)
        made += [now] * count
    for begins in made:
        within = [one for one in made if begins <= one < begins + TEN.per]
        assert len(within) <= TEN.calls
