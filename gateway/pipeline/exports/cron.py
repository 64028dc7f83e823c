"""Cron expressions of five fields, as crontab(5) reads them: minute, hour, day, month, weekday.

Where both the day of the month and the weekday are restricted, either is enough, as it always was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_PART = re.compile(r"(?:(\*)|([0-9a-z]+)(?:-([0-9a-z]+))?)(?:/([0-9]{1,2}))?", re.ASCII)

MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
}


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    lowest: int
    highest: int
    words: tuple[str, ...] = ()

    def read(self, text: str) -> frozenset[int]:
        """Return the numbers that a field stands for; raise ValueError with a sentence."""
        return frozenset(number for part in text.split(",") for number in self._part(part))

    def _part(self, text: str) -> range:
        found = _PART.fullmatch(text.lower())
        if found is None:
            raise ValueError(f"'{text}' is no {self.name}; expected such as *, 5, 1-5, */10 or 1,3")
        star, first, last, step = found.groups()
        low = self.lowest if star else self._number(first)
        high = self.highest if star or (step and not last) else self._number(last or first)
        if high < low:
            raise ValueError(f"'{text}' of the {self.name} ends before it begins")
        if step == "0":
            raise ValueError(f"'{text}' of the {self.name} never moves on")
        return range(low, high + 1, int(step or 1))

    def _number(self, text: str) -> int:
        if text in self.words:
            return self.words.index(text) + (1 if self.name == "month" else 0)
        number = int(text) if text.isdigit() else -1
        if not self.lowest <= number <= self.highest:
            raise ValueError(
                f"'{text}' is no {self.name}; expected {self.lowest} to {self.highest}"
                + (f" or {self.words[0]} to {self.words[-1]}" if self.words else "")
            )
        return number


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    # Seven is Sunday too.
    _Field("weekday", 0, 7, _WEEKDAYS),
)


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression, read."""

    times: tuple[time, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """Sunday is 0."""
    either: bool
    """Day of the month and weekday are both restricted: one of them is enough."""

    @classmethod
    def read(cls, text: str) -> Cron:
        """Read an expression; raise ValueError with a sentence where it is none."""
        parts = MACROS.get(text.strip().lower(), text).split()
        if len(parts) != len(_FIELDS):
            raise ValueError(
                f"'{text}' has {len(parts)} fields; expected minute, hour, day of the month, "
                "month and weekday, such as '30 6 * * mon-fri'"
            )
        minutes, hours, days, months, weekdays = (
            kind.read(part) for kind, part in zip(_FIELDS, parts, strict=True)
        )
        return cls(
            tuple(time(hour, minute) for hour in sorted(hours) for minute in sorted(minutes)),
            days,
            months,
            frozenset(number % 7 for number in weekdays),
            either=not parts[2].startswith("*") and not parts[4].startswith("*"),
        )

    def falls_on(self, day: date) -> bool:
        """Say whether it runs on a day."""
        if day.month not in self.months:
            return False
        by_day, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_day or by_weekday if self.either else by_day and by_weekday
