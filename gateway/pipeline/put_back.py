"""A clock that was put back: nothing waits for a moment that was meant by the wrong time.

A lane knows when it was answered last. Where that is still to come, the clock has been put back
since, and what waits for its next attempt, its breaker too, waits from now, and no longer than its
own policy ever has it wait.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from gateway.pipeline.lane_records import LaneRecord
from gateway.pipeline.ports import DeliveryPolicy
from gateway.pipeline.store_port import Transaction

TOLERATED = timedelta(seconds=30)
"""By so much the clocks of two machines may differ."""

_MOST_JITTER = 1.25


def is_seen(lane: LaneRecord, now: datetime) -> bool:
    """Say whether a lane was answered at a time that is still to come."""
    return lane.answered_at is not None and lane.answered_at - now > TOLERATED


def bounded(
    transaction: Transaction, lane: LaneRecord, policy: DeliveryPolicy, now: datetime
) -> LaneRecord:
    """Let nothing in a lane wait longer than it ever should; return the lane as it is then."""
    longest = max(policy.longest_pause, policy.first_pause) * _MOST_JITTER
    parked = max(policy.breaker_longest, policy.breaker_pause) * _MOST_JITTER
    transaction.lanes.bound_waits(lane.lane, now + longest)
    opens = lane.open_until
    after = replace(
        lane,
        answered_at=now,
        open_until=min(opens, now + parked) if opens is not None else None,
        rests_until=None,
    )
    transaction.lanes.keep(after)
    return after
