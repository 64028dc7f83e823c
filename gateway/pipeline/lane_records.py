"""What the store keeps of lanes; the names of fields are those of columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LaneRecord:
    """A lane: its circuit breaker, when it goes on, and whether a person paused it."""

    lane: str
    freed: int = 0
    """How often something was given up, since it last looked, that others may be held behind."""
    failures: int = 0
    """In a row, over everything that this lane sends."""
    openings: int = 0
    """How often in a row the circuit breaker opened without anything succeeding between."""
    open_until: datetime | None = None
    """When the open circuit breaker lets one be tried."""
    rests_until: datetime | None = None
    """When it goes on after its working hours or its rate let nothing more be sent."""
    calls: str = ""
    """The calls that its rate counts, as `gateway.pipeline.rate` writes them."""
    paused_at: datetime | None = None
    paused_by: str | None = None
    paused_because: str | None = None
    answered_at: datetime | None = None
    """When the last attempt ended, how, and what was said."""
    outcome: str | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """What is due in a lane, but not before a moment to come."""

    count: int
    next: datetime
    """When the first of it is."""


@dataclass(frozen=True, slots=True)
class LaneView:
    """A lane as people look at it."""

    record: LaneRecord
    waiting: Mapping[str, int] = field(default_factory=dict)
    """How many wait in it, by their states."""
    oldest: datetime | None = None
    """When the oldest of them came."""
