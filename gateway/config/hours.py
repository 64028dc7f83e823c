"""Working hours as people write them: days, from, to, time zone, holidays."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from gateway.partners.fields import Settings, quoted
from gateway.partners.kinds import Date
from gateway.pipeline.working_hours import Window, WorkingHours

_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _time(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text == "24:00":
        return time()  # as an end, midnight is that of the next day
    if not _TIME.fullmatch(text):
        raise ValueError(f"{quoted(value)} does not fit; expected a time of day such as 07:30")
    return time.fromisoformat(text)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{quoted(name)} is no time zone; expected a name such as Europe/Berlin or UTC"
        ) from None
    return name


TimeOfDay = Annotated[
    time,
    BeforeValidator(_time),
    WithJsonSchema({"type": "string", "pattern": r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"}),
    PlainSerializer(lambda at: f"{at:%H:%M}", return_type=str),
]
"""A time of day as people write it: 07:30."""

Zone = Annotated[str, AfterValidator(_zone)]
"""A time zone by its name: Europe/Berlin."""


class Hours(Settings):
    """Working hours: outside them nothing is sent, and no attempt is used up."""

    days: Annotated[tuple[Day, ...], Field(min_length=1)] = ("mon", "tue", "wed", "thu", "fri")
    """Days of the week on which they begin."""
    begin: Annotated[TimeOfDay, Field(alias="from")] = time()
    """When they begin."""
    end: Annotated[TimeOfDay, Field(alias="to")] = time()
    """When they end; a time that is not after `from` is on the next day, and so is 24:00."""
    zone: Zone
    """By the clock of which time zone; daylight saving is that of the zone."""
    holidays: tuple[Date, ...] = ()
    """Days on which they do not begin."""

    def compiled(self) -> WorkingHours:
        """Return the hours, ready to be asked."""
        days = frozenset(_DAYS.index(day) for day in self.days)
        window = Window(days, self.begin, self.end)
        return WorkingHours(ZoneInfo(self.zone), (window,), frozenset(self.holidays))
