"""The scalars of canonical documents: how text, numbers, dates and codes are written in JSON.

Decimals are strings, because a JSON number is a binary fraction in most programs that read it and a
price must not change on its way. Absent means that the key is absent; null is never written.
"""

from __future__ import annotations

from datetime import date, time
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, Strict, StringConstraints


def _calendar_date(text: str) -> str:
    """Refuse what looks like a date and is none, such as 30 February."""
    date.fromisoformat(text)
    return text


def _clock_time(text: str) -> str:
    """Refuse what looks like a time and is none, such as 25:00."""
    time.fromisoformat(text)
    return text


Text = Annotated[str, StringConstraints(min_length=1)]
"""Any text that says something; an empty text is an absent key."""

Code = Annotated[str, StringConstraints(min_length=1)]
"""A word of our vocabulary, or the partner's X12 code where the map's table has no word for it."""

Number = Annotated[
    str,
    StringConstraints(pattern=r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"),
    Field(json_schema_extra={"format": "decimal"}),
]
"""An exact decimal in plain notation: no exponent, no thousands separator, no leading plus."""

Count = Annotated[int, Strict(), Field(ge=0, le=10**18 - 1)]
"""A whole number of things, of eighteen digits at most: what programs hold in 64 bits."""

Flag = Annotated[bool, Strict()]
"""Yes or no; absent means that nobody said."""

Date = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    AfterValidator(_calendar_date),
    Field(json_schema_extra={"format": "date"}),
]
"""A calendar date, year-month-day."""

Time = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?$"),
    AfterValidator(_clock_time),
    Field(json_schema_extra={"format": "time-of-day"}),
]
"""A time of day, hours and minutes and where known seconds; without a zone it is local time."""

CLOSED = ConfigDict(extra="forbid", use_attribute_docstrings=True)
"""How every shape of a document is read: nothing unnamed gets in, docstrings are descriptions."""
