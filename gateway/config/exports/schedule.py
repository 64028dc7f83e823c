"""When an export runs, as its file says: a cron expression, an interval, or a business calendar."""

from __future__ import annotations

from datetime import UTC, date, time, timedelta, tzinfo
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from gateway.partners.connections.quiet import Day, TimeOfDay, TimeZone
from gateway.partners.fields import Settings, many, one_or_many, quoted
from gateway.partners.kinds import Date, Duration, written_duration
from gateway.pipeline.exports.calendar import LAST, BusinessCalendar
from gateway.pipeline.exports.cron import Cron
from gateway.pipeline.exports.definition import Schedule
from gateway.pipeline.exports.slots import Every, Slots, WallClock

_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHORTEST = timedelta(seconds=5)


def _cron(text: str) -> str:
    Cron.read(text)
    return text


def _month_day(text: str) -> str:
    if text != "last" and not (text.isdigit() and 1 <= int(text) <= 31):
        raise ValueError(f"{quoted(text)} is no day of a month; expected 1 to 31, or last")
    return text


CronText = Annotated[str, AfterValidator(_cron)]
MonthDay = Annotated[str, AfterValidator(_month_day)]
Days = Annotated[tuple[Day, ...], BeforeValidator(many), one_or_many(enum=list(_DAYS))]
MonthDays = Annotated[tuple[MonthDay, ...], BeforeValidator(many), one_or_many()]
Times = Annotated[tuple[TimeOfDay, ...], BeforeValidator(many), one_or_many()]


class ScheduleSettings(Settings):
    """When it runs: `cron`, `every`, or `at` on days of a business calendar."""

    cron: CronText | None = None
    """Minute, hour, day of the month, month, weekday, such as `*/15 6-20 * * mon-fri`."""
    every: Duration | None = None
    """Again and again after the same time, such as 15m; counted in UTC."""
    at: Times = ()
    """Times of the day, such as `[06:30, 17:00]`, on `days`, `month_days`, or every day."""
    days: Days = ()
    """Days of the week for `at`."""
    month_days: MonthDays = ()
    """Days of the month for `at`: 1 to 31, or `last`."""
    holidays: tuple[Date, ...] = ()
    """Days on which `at` does not hold."""
    on_holiday: Literal["skip", "next", "before"] = "skip"
    """What becomes of a day that is a holiday: left out, moved to the next working day (Monday to
    Friday, no holiday), or to the one before."""
    timezone: TimeZone = "UTC"
    """Whose clocks `cron` and `at` mean, such as America/Chicago. A time that does not exist, when
    clocks are put forward, is the next moment that does; one that occurs twice is the first."""

    @model_validator(mode="after")
    def _one_of(self) -> ScheduleSettings:
        given = [name for name in ("cron", "every", "at") if getattr(self, name)]
        if len(given) != 1:
            said = " and ".join(f"'{name}'" for name in given) or "nothing"
            raise ValueError(f"expected one of 'cron', 'every' and 'at', found {said}")
        if given != ["at"] and (self.days or self.month_days or self.holidays):
            raise ValueError("'days', 'month_days' and 'holidays' belong to 'at'")
        if self.every is not None and self.every < _SHORTEST:
            raise ValueError(f"'every' is shorter than {written_duration(_SHORTEST)}")
        if self.every is not None and self.every % timedelta(seconds=1):
            raise ValueError("'every' is no whole number of seconds")
        return self

    @property
    def said(self) -> str:
        """Return the schedule in words."""
        if self.every is not None:
            return f"every {written_duration(self.every)}"
        if self.cron is not None:
            return f"cron {self.cron}, {self.timezone}"
        on = ", ".join([*self.days, *(f"day {day}" for day in self.month_days)])
        return f"{on + ' ' if on else ''}at {', '.join(self.at)}, {self.timezone}"

    def slots(self) -> Slots:
        """Return the moments at which it runs."""
        if self.every is not None:
            return Every(self.every)
        if self.cron is not None:
            cron = Cron.read(self.cron)
            return WallClock(self._zone(), cron.times, cron.falls_on)
        times = tuple(sorted(time.fromisoformat(text) for text in self.at))
        return WallClock(self._zone(), times, self._calendar().falls_on)

    def _calendar(self) -> BusinessCalendar:
        named = self.days or (() if self.month_days else _DAYS)
        holidays: frozenset[date] = frozenset(self.holidays)
        return BusinessCalendar(
            frozenset(_DAYS.index(day) for day in named),
            frozenset(LAST if day == "last" else int(day) for day in self.month_days),
            holidays,
            self.on_holiday,
        )

    def _zone(self) -> tzinfo:
        # UTC is known without a time zone database, which small systems do not have.
        return UTC if self.timezone == "UTC" else ZoneInfo(self.timezone)


class Missed(Settings):
    """What becomes of slots at which nothing ran, because no gateway did or it was paused."""

    rule: Literal["latest", "each", "skip"] = "latest"
    """The newest one runs at once, each of them runs in its order, or none does: then only a slot
    that is not older than five minutes runs."""
    at_most: Annotated[int, Field(ge=1, le=1000)] = 24
    """For `each`: no more than so many, the newest."""


def schedule_of(settings: ScheduleSettings, missed: Missed) -> Schedule:
    """Return when an export runs."""
    return Schedule(settings.slots(), settings.timezone, settings.said, missed.rule, missed.at_most)
