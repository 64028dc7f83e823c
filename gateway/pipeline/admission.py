"""May a lane send now, how much of it, and if not, when: its breaker, hours, rate and pause."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from gateway.pipeline import breaker
from gateway.pipeline.lane_records import LaneRecord
from gateway.pipeline.ports import DeliveryPolicy

NEVER_OPENS = "its working hours never begin"


@dataclass(frozen=True, slots=True)
class Admitted:
    """So many may be tried now."""

    limit: int


@dataclass(frozen=True, slots=True)
class Resting:
    """Nothing may be tried now."""

    because: str
    until: datetime | None
    """None: until a person says so."""


def admit(
    lane: LaneRecord, policy: DeliveryPolicy, now: datetime, largest: int
) -> Admitted | Resting:
    """Say how much of a lane may be tried now, or why nothing."""
    if lane.paused_at is not None:
        return Resting("paused", None)
    if breaker.is_open(lane, now):
        return Resting("the circuit breaker is open", lane.open_until)
    if policy.hours is not None:
        opens = policy.hours.opens(now)
        if opens is None:
            return Resting(NEVER_OPENS, None)
        if opens > now:
            return Resting("outside its working hours", opens)
    limit = breaker.batch_limit(lane, policy, largest)
    if policy.rate is not None:
        left = policy.rate.left(lane.calls, now)
        if not left:
            return Resting("its rate is used up", policy.rate.opens(lane.calls, now))
        limit = min(limit, left)
    return Admitted(limit)


def rested(lane: LaneRecord, resting: Resting) -> LaneRecord:
    """Return a lane that says until when it rests; an open breaker says so by itself."""
    until = resting.until if resting.until != lane.open_until else None
    return replace(lane, rests_until=until)
