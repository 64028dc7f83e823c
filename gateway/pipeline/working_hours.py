"""Working hours: when something may be sent, by the clock on the wall of some place.

A window that begins in the hour which daylight saving leaves out begins when that hour would have;
one that begins or ends in the hour which comes twice begins with the first and ends with the
second. A window whose end is not after its beginning ends on the next day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)

_LOOK_AHEAD = 1200
"""Days in which a next opening is looked for: more than three years of holidays."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of some days of the week."""

    days: frozenset[int]
    """On which it begins: Monday is 0."""
    begins: time
    ends: time
    """Midnight is the end of the day."""


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Windows of the week in a time zone, but for holidays."""

    zone: ZoneInfo
    windows: tuple[Window, ...]
    holidays: frozenset[date] = frozenset()
    """On which no window begins."""

    def opens(self, now: datetime) -> datetime | None:
        """Return `now` within the hours, else when they begin next; None where they never do."""
        today = now.astimezone(self.zone).date()
        # One that began yesterday may last until today.
        for begins, ends in self._spans(today - _DAY):
            if begins <= now < ends:
                return now
            if begins > now:
                return begins
        return None

    def closes(self, now: datetime) -> datetime:
        """Return when the hours end that last now, or a later day; windows that meet are one."""
        at = now
        for begins, ends in self._spans(now.astimezone(self.zone).date() - _DAY):
            if begins > at or at - now > _DAY:
                break
            at = max(at, ends)
        return at

    def _spans(self, first: date) -> Iterator[tuple[datetime, datetime]]:
        """Return windows from a day on, as moments, by their beginning."""
        for number in range(_LOOK_AHEAD):
            day = first + timedelta(days=number)
            if day in self.holidays:
                continue
            yield from sorted(
                self._span(day, window) for window in self.windows if day.weekday() in window.days
            )

    def _span(self, day: date, window: Window) -> tuple[datetime, datetime]:
        last = day if window.ends > window.begins else day + _DAY
        begins = datetime.combine(day, window.begins, self.zone)
        ends = datetime.combine(last, window.ends, self.zone)
        # What comes twice, or never, is two moments: the hours end with the later one.
        both = ends.astimezone(UTC), ends.replace(fold=1).astimezone(UTC)
        return begins.astimezone(UTC), max(both)
