"""When a lane's circuit breaker opens, what it tries then, and when it closes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.pipeline import breaker
from gateway.pipeline.lane_records import LaneRecord
from gateway.pipeline.outcome import Advance, Outcome, Quarantine, Reason, Retry
from gateway.pipeline.ports import DeliveryPolicy

NOW = datetime(2026, 3, 15, 9, 12, tzinfo=UTC)
POLICY = DeliveryPolicy(
    breaker_failures=2,
    breaker_pause=timedelta(seconds=30),
    breaker_longest=timedelta(seconds=100),
)
UNWELL = Retry(timedelta(0), "503")


def after(lane: LaneRecord, outcome: Outcome, now: datetime = NOW) -> LaneRecord:
    return breaker.after(lane, outcome, POLICY, now=now, jitter=0.5)


def failing(times: int) -> LaneRecord:
    lane = LaneRecord("deliver:erp")
    for _ in range(times):
        lane = after(lane, UNWELL)
    return lane


def test_the_breaker_opens_after_failures_in_a_row() -> None:
    assert not breaker.is_open(failing(1), NOW)
    assert breaker.is_open(failing(2), NOW)
    assert failing(2).open_until == NOW + timedelta(seconds=30)


def test_the_breaker_closes_by_itself_and_then_probes_with_one() -> None:
    lane = failing(2)
    later = NOW + timedelta(seconds=31)
    assert not breaker.is_open(lane, later)
    assert breaker.batch_limit(lane, POLICY, 100) == 1


def test_a_success_closes_the_breaker_for_good() -> None:
    lane = after(failing(2), Advance("deliver"))
    assert lane == LaneRecord("deliver:erp")
    assert breaker.batch_limit(lane, POLICY, 100) == 100


@pytest.mark.parametrize("reason", [Reason.REFUSED_BY_DESTINATION, Reason.DOCUMENT_REFUSED])
def test_a_document_that_is_refused_says_nothing_against_the_destination(reason: Reason) -> None:
    assert after(failing(2), Quarantine(reason, "422")) == LaneRecord("deliver:erp")


def test_each_probe_that_fails_doubles_the_pause_up_to_the_longest() -> None:
    lane, now = failing(2), NOW
    pauses = []
    for _ in range(4):
        assert lane.open_until is not None
        pauses.append((lane.open_until - now).total_seconds())
        now = lane.open_until
        lane = after(lane, UNWELL, now)
    assert pauses == [30, 60, 100, 100]


def test_calls_that_were_begun_before_it_opened_open_it_no_further() -> None:
    opened = failing(2)
    assert after(opened, UNWELL, NOW + timedelta(seconds=1)) == replace(opened, failures=3)


def test_a_bug_of_ours_neither_opens_nor_closes_it() -> None:
    for reason in (Reason.BUG, Reason.STOPPED_THE_PROCESS):
        assert after(failing(1), Quarantine(reason, "…")) == failing(1)


@pytest.mark.parametrize(("asked", "waits"), [(7, 7), (3600, 100)])
def test_a_pause_that_the_other_side_asks_for_holds_everybody_for_no_longer_than_the_longest(
    asked: int, waits: int
) -> None:
    lane = after(LaneRecord("deliver:erp"), Retry(timedelta(seconds=asked), "429", asked=True))
    assert lane.open_until == NOW + timedelta(seconds=waits)
