"""The circuit breaker of a destination: after failures in a row everything to it is parked.

A failure is a fault of the destination as a whole (no connection, 503), not a document it refuses.
After the pause one delivery is tried; only when it succeeds does the rest follow.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gateway.pipeline.outcome import Outcome, Retry
from gateway.pipeline.ports import DeliveryPolicy
from gateway.pipeline.records import LaneRecord


def is_open(lane: LaneRecord, now: datetime) -> bool:
    """Say whether nothing is to be tried now."""
    return lane.open_until is not None and lane.open_until > now


def batch_limit(lane: LaneRecord, policy: DeliveryPolicy, largest: int) -> int:
    """Return how many deliveries to claim: one to probe, few while there are failures."""
    if lane.open_until is not None:
        return 1
    return policy.concurrency if lane.failures else largest


def after(
    lane: LaneRecord, outcome: Outcome, policy: DeliveryPolicy, *, now: datetime, jitter: float
) -> LaneRecord:
    """Return the breaker as it is after an attempt."""
    if not isinstance(outcome, Retry):
        return replace(lane, failures=0, open_until=None)
    failures = lane.failures + 1
    if failures < policy.breaker_failures:
        return replace(lane, failures=failures)
    return replace(
        lane, failures=failures, open_until=now + policy.breaker_pause * (0.75 + jitter / 2)
    )
