"""Windows of time by the clock on a wall: which one a moment falls into, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

Kind = Literal["hour", "day", "week", "month"]

_PATTERNS: dict[Kind, str] = {
    "hour": "%Y-%m-%dT%H",
    "day": "%Y-%m-%d",
    "week": "%G-W%V",
    "month": "%Y-%m",
}


@dataclass(frozen=True, slots=True)
class Window:
    """One window."""

    label: str
    """Such as `2026-11-21`; of a later window it is greater."""
    ends: datetime
    """When the next one begins, in UTC."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of one length, in a time zone."""

    kind: Kind
    zone: tzinfo

    def of(self, moment: datetime) -> Window:
        """Return the window that a moment falls into.

        The hour that comes twice in autumn is one window, and the one that spring leaves out is
        none: what does not exist on the wall is the moment at which the clock was put forward.
        """
        local = moment.astimezone(self.zone).replace(tzinfo=None)
        following = self._next(local).replace(tzinfo=self.zone, fold=0)
        return Window(local.strftime(_PATTERNS[self.kind]), following.astimezone(UTC))

    def _next(self, local: datetime) -> datetime:
        hour = local.replace(minute=0, second=0, microsecond=0)
        day = hour.replace(hour=0)
        match self.kind:
            case "hour":
                return hour + timedelta(hours=1)
            case "day":
                return day + timedelta(days=1)
            case "week":
                return day + timedelta(days=7 - day.weekday())
            case "month":
                return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
