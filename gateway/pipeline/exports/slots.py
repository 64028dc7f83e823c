"""When an export runs: slots of time, from intervals and from clocks on walls.

A time on a wall clock that does not exist, since clocks were put forward, is the next moment that
does. One that occurs twice, since they were put back, is the first of the two, and so runs once.
Intervals are counted in UTC, where every hour is an hour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Protocol

_DAY = timedelta(days=1)
_FARTHEST = 9 * 366
"""Days ahead: every 29th of February comes within them."""


class Slots(Protocol):
    """The moments at which something is to run."""

    def next(self, after: datetime) -> datetime | None:
        """Return the first slot after a moment, in UTC; None where there is none for years."""

    def latest(self, after: datetime, until: datetime, most: int) -> list[datetime]:
        """Return the last slots after one moment and up to another, oldest first, in UTC."""


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again after the same time, counted from a moment that never changes."""

    pause: timedelta
    anchor: datetime = datetime(2000, 1, 1, tzinfo=UTC)

    def next(self, after: datetime) -> datetime | None:
        """Return the first slot after a moment."""
        return self.anchor + ((after - self.anchor) // self.pause + 1) * self.pause

    def latest(self, after: datetime, until: datetime, most: int) -> list[datetime]:
        """Return the last slots after one moment and up to another, oldest first."""
        last = (until - self.anchor) // self.pause
        first = max((after - self.anchor) // self.pause + 1, last - most + 1)
        return [self.anchor + number * self.pause for number in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class WallClock:
    """Times of the day, on some days, by the clocks of a time zone."""

    zone: tzinfo
    times: tuple[time, ...]
    falls_on: Callable[[date], bool]
    """Says whether it runs on a day."""

    def next(self, after: datetime) -> datetime | None:
        """Return the first slot after a moment."""
        day = after.astimezone(self.zone).date()
        for _ in range(_FARTHEST):
            if found := [one for one in self._slots_on(day) if one > after]:
                return found[0]
            day += _DAY
        return None

    def latest(self, after: datetime, until: datetime, most: int) -> list[datetime]:
        """Return the last slots after one moment and up to another, oldest first."""
        found: list[datetime] = []
        first = after.astimezone(self.zone).date()
        for day in _backwards(until.astimezone(self.zone).date(), first):
            found = [one for one in self._slots_on(day) if after < one <= until] + found
            if len(found) >= most:
                return found[-most:]
        return found

    def _slots_on(self, day: date) -> list[datetime]:
        """Return the slots of one day, in their order; two that fall together are one."""
        if not self.falls_on(day):
            return []
        return sorted({moment_of(datetime.combine(day, at), self.zone) for at in self.times})


def _backwards(last: date, first: date) -> Iterator[date]:
    while last >= first:
        yield last
        last -= _DAY


def moment_of(wall: datetime, zone: tzinfo) -> datetime:
    """Return the moment in UTC at which clocks show a time: the first, or the next that exists."""
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    # In a gap: reckoned with the offset of after it, the moment lies before the clocks changed.
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), moment
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
