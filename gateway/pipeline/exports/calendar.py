"""Working days: on which days of a business something runs, and what a holiday does to it."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

OnHoliday = Literal["skip", "next", "before"]
"""What becomes of a day that is a holiday: nothing, the next working day, the one before."""

LAST = 0
"""Among days of a month: its last day."""

_DAY = timedelta(days=1)
_WEEKEND = 5
_LONGEST_PAUSE = 31
"""Days that nobody works in a row: a calendar with more is wrong, and nothing is moved across."""


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Days of the week and of the month, without holidays."""

    weekdays: frozenset[int]
    """Monday is 0; empty where only days of the month count."""
    month_days: frozenset[int]
    holidays: frozenset[date]
    on_holiday: OnHoliday = "skip"

    def falls_on(self, day: date) -> bool:
        """Say whether it runs on a day."""
        if day in self.holidays:
            return False
        if self._is_regular(day):
            return True
        if self.on_holiday == "skip" or not self._is_worked(day):
            return False
        step = -_DAY if self.on_holiday == "next" else _DAY
        other = day + step
        for _ in range(_LONGEST_PAUSE):
            if self._is_worked(other):
                return False
            if other in self.holidays and self._is_regular(other):
                return True
            other += step
        return False

    def _is_regular(self, day: date) -> bool:
        if day.weekday() in self.weekdays or day.day in self.month_days:
            return True
        return LAST in self.month_days and day.day == calendar.monthrange(day.year, day.month)[1]

    def _is_worked(self, day: date) -> bool:
        return day.weekday() < _WEEKEND and day not in self.holidays
