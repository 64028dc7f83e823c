"""Quiet windows: times of the day at which a partner's system must be left alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from gateway.partners.fields import Like, Settings, many, one_or_many, quoted

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

TimeOfDay = Annotated[
    str, Like(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", "a time of the day, such as 22:30")
]


def _zone(value: str) -> str:
    try:
        _zone_named(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{quoted(value)} is no time zone; expected America/Chicago") from None
    return value


TimeZone = Annotated[str, AfterValidator(_zone)]
"""A name such as UTC or America/Chicago."""


class QuietWindow(Settings):
    """A time of the day, on some days of the week, at which nothing is asked of the partner."""

    start: TimeOfDay = Field(alias="from")
    """When it begins, such as 22:30."""
    end: TimeOfDay = Field(alias="until")
    """When it ends; on the next day where that is not later than `from`."""
    days: Annotated[
        tuple[Day, ...],
        BeforeValidator(many),
        one_or_many(enum=list(_DAYS)),
        Field(min_length=1),
    ] = _DAYS
    """Days of the week on which it begins."""
    timezone: TimeZone = "UTC"
    """Where these times are meant."""

    @model_validator(mode="after")
    def _has_a_length(self) -> QuietWindow:
        if self.start == self.end:
            raise ValueError("'from' and 'until' are the same; expected a window that ends")
        return self

    def until(self, now: datetime) -> datetime | None:
        """Return when the window ends that a moment lies in; None where it lies in none."""
        zone = _zone_named(self.timezone)
        today = now.astimezone(zone).date()
        # One that began yesterday may reach into today.
        for day in (today - timedelta(days=1), today):
            if _DAYS[day.weekday()] not in self.days:
                continue
            begins = datetime.combine(day, time.fromisoformat(self.start), zone)
            last = day if self.end > self.start else day + timedelta(days=1)
            ends = datetime.combine(last, time.fromisoformat(self.end), zone)
            if begins <= now < ends:
                return ends.astimezone(UTC)
        return None


def quiet_until(windows: Iterable[QuietWindow], now: datetime) -> datetime | None:
    """Return when the last of the windows ends that a moment lies in; None outside of all."""
    return max((end for window in windows if (end := window.until(now))), default=None)


def _zone_named(name: str) -> tzinfo:
    # UTC is known without a time zone database, which small systems do not have.
    return UTC if name == "UTC" else ZoneInfo(name)
