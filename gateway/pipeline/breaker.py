"""The circuit breaker of a lane: after failures in a row everything in it is parked.

A failure is a fault of the other side as a whole (no connection, 503), not something that it
refuses for itself. After the pause one is tried, whatever process the lane runs in: only when that
succeeds does the rest follow, and when it fails the next pause is twice as long.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from gateway.pipeline.lane_records import LaneRecord
from gateway.pipeline.outcome import Advance, Outcome, Quarantine, Reason, Retry
from gateway.pipeline.ports import DeliveryPolicy


def is_open(lane: LaneRecord, now: datetime) -> bool:
    """Say whether nothing is to be tried now."""
    return lane.open_until is not None and lane.open_until > now


def batch_limit(lane: LaneRecord, policy: DeliveryPolicy, largest: int) -> int:
    """Return how many to try: one to probe, few while there are failures."""
    if lane.open_until is not None:
        return 1
    return policy.concurrency if lane.failures else largest


def after(
    lane: LaneRecord, outcome: Outcome, policy: DeliveryPolicy, *, now: datetime, jitter: float
) -> LaneRecord:
    """Return the breaker as it is after an attempt."""
    match outcome:
        case Retry():
            return _failed(lane, outcome, policy, now=now, jitter=jitter)
        case Advance() | Quarantine(reason=Reason.REFUSED_BY_DESTINATION | Reason.DOCUMENT_REFUSED):
            return closed(lane)
        case _:
            return lane  # a bug of ours says nothing about the other side


def closed(lane: LaneRecord) -> LaneRecord:
    """Return a lane whose breaker is closed."""
    return replace(lane, failures=0, openings=0, open_until=None)


def _failed(
    lane: LaneRecord, failure: Retry, policy: DeliveryPolicy, *, now: datetime, jitter: float
) -> LaneRecord:
    counted = replace(lane, failures=lane.failures + 1)
    if is_open(lane, now):
        return counted  # begun before it opened: one outage opens it once
    probe = lane.open_until is not None
    if not probe and not failure.asked and counted.failures < policy.breaker_failures:
        return counted
    pause = _pause(lane.openings, policy) * (0.75 + jitter / 2)
    if failure.asked:
        # What the other side asks for it asks of everybody, but no longer than a person would.
        pause = max(pause if probe else timedelta(0), min(failure.after, policy.breaker_longest))
    return replace(counted, openings=lane.openings + 1, open_until=now + pause)


def _pause(openings: int, policy: DeliveryPolicy) -> timedelta:
    doubled = policy.breaker_pause * float(2 ** min(openings, 20))
    return min(doubled, max(policy.breaker_longest, policy.breaker_pause))
