"""How what we send under an agreement is gathered, and which acknowledgment we wait for."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from gateway.partners.fields import SetId, Settings, many, one_or_many, quoted
from gateway.partners.kinds import Duration, Size

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


def _time_of_day(value: str) -> str:
    if _TIME.fullmatch(value) is None:
        raise ValueError(f"{quoted(value)} does not fit; expected a time of day such as 16:00")
    return value


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise ValueError(
            f"{quoted(name)} is no time zone of this machine; expected one such as Europe/Berlin"
        ) from fault
    return name


TimeZone = Annotated[str, AfterValidator(_zone)]
"""A name of the IANA's list."""

TimesOfDay = Annotated[
    tuple[Annotated[str, AfterValidator(_time_of_day)], ...],
    BeforeValidator(many),
    one_or_many(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$"),
]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Weekdays = Annotated[
    tuple[Weekday, ...],
    BeforeValidator(many),
    one_or_many(enum=["mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
]
_WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Batch(Settings):
    """Gathers documents and sends them together; left out, each goes out at once by itself."""

    count: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """So many documents go out without waiting any longer, and never more in one interchange."""
    size: Size | None = None
    """With so many bytes of transaction sets, what waits goes out without waiting any longer."""
    every: Duration | None = None
    """No document waits longer than this; with it go all that wait."""
    at: TimesOfDay = ()
    """Cut-off times, such as `["10:00", "16:00"]`: what was submitted before goes out then."""
    time_zone: TimeZone = "UTC"
    """The time zone of `at`, such as Europe/Berlin."""
    weekdays: Weekdays = _WEEK
    """The days on which `at` holds."""

    @model_validator(mode="after")
    def _ends(self) -> Batch:
        if self.every is None and not self.at:
            raise ValueError(
                "nothing says how long a document may wait; "
                "expected `every` or `at`, beside `count` and `size` or by itself"
            )
        if self.at and not self.weekdays:
            raise ValueError("`at` holds on no day; expected at least one of `weekdays`")
        return self

    def due_at(self, submitted: datetime) -> datetime:
        """Return when a document that is submitted now goes out at the latest."""
        ends = [] if self.every is None else [submitted + self.every]
        if self.at:
            ends.append(self._next_cut_off(submitted))
        return min(ends)

    def _next_cut_off(self, submitted: datetime) -> datetime:
        zone = ZoneInfo(self.time_zone)
        here = submitted.astimezone(zone)
        for days in range(8):
            day = here.date() + timedelta(days=days)
            if _WEEK[day.weekday()] not in self.weekdays:
                continue
            # An hour that the clocks leave out is read as the one after it.
            moments = sorted(
                datetime.combine(day, time.fromisoformat(text), zone).astimezone(UTC)
                for text in self.at
            )
            coming = next((moment for moment in moments if moment >= submitted), None)
            if coming is not None:
                return coming
        raise AssertionError("a week has every weekday")


class ExpectedAcknowledgment(Settings):
    """Which acknowledgment the partner owes for what we send, and how soon."""

    acknowledgment: Literal["997", "999", "TA1", "none"] = "997"
    """`none` where the partner sends none; `TA1` asks for one in ISA14."""
    within: Duration = timedelta(hours=24)
    """Counted from when it was sent."""
    resend: Annotated[int, Field(ge=0, le=10)] = 0
    """How often the same bytes are sent again, each time that this long nothing came."""

    answer: SetId | None = None
    """The set that the partner answers each document with, such as 945 for a 940. It names the same
    order; that none came raises an alert."""
    answer_within: Duration = timedelta(days=3)
    """Counted from when the document was submitted."""

    @property
    def kind(self) -> str | None:
        """Return what is expected, or None."""
        return None if self.acknowledgment == "none" else self.acknowledgment

    @property
    def seconds(self) -> int | None:
        """Return within how many seconds; None where nothing is expected."""
        return None if self.kind is None else max(1, round(self.within.total_seconds()))


class ExpectedTraffic(Settings):
    """How often a partner sends something; silence raises an alert."""

    every: Duration
    """After so long without any, counted on these days only."""
    days: Weekdays = _WEEK
    """The days on which the partner sends."""
    time_zone: TimeZone = "UTC"
    """The time zone of the days, such as Europe/Berlin."""

    @model_validator(mode="after")
    def _sends(self) -> ExpectedTraffic:
        if not self.days:
            raise ValueError("it sends on no day; expected at least one of `days`")
        return self

    def is_overdue(self, last: datetime, now: datetime) -> bool:
        """Say whether too much time on these days has passed since the last came."""
        zone, left = ZoneInfo(self.time_zone), self.every
        at = last
        while at < now and left > timedelta(0):
            tomorrow = at.astimezone(zone).date() + timedelta(days=1)
            midnight = datetime.combine(tomorrow, time(), zone).astimezone(UTC)
            if _WEEK[at.astimezone(zone).weekday()] in self.days:
                left -= min(midnight, now) - at
            at = midnight
        return left <= timedelta(0)
