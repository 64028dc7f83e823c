"""The scalars of canonical documents: how text, numbers, dates and codes are written in JSON.

Decimals are strings, because a JSON number is a binary fraction in most programs that read it and a
price must not change on its way. Absent means that the key is absent; null is never written.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, Strict, StringConstraints

NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?$"

EXPECTED: Mapping[str, str] = {
    NUMBER: "expected a number as text, such as 12 or 12.50",
    DATE: "expected a day such as 2026-03-04",
    TIME: "expected a time such as 09:30 or 09:30:15",
}
"""What a form asks for, in words."""


def _calendar_date(text: str) -> str:
    """Refuse what looks like a date and is none, such as 30 February."""
    try:
        date.fromisoformat(text)
    except ValueError:
        raise ValueError("expected a day that the calendar has") from None
    return text


Text = Annotated[str, StringConstraints(min_length=1)]
"""Any text that says something; an empty text is an absent key."""

Code = Annotated[str, StringConstraints(min_length=1)]
"""A word of our vocabulary, or the partner's X12 code where the map's table has no word for it."""

Number = Annotated[
    str,
    StringConstraints(pattern=NUMBER),
    Field(json_schema_extra={"format": "decimal"}),
]
"""An exact decimal in plain notation: no exponent, no thousands separator, no leading plus."""

Count = Annotated[int, Strict(), Field(ge=0, le=10**18 - 1)]
"""A whole number of things, of eighteen digits at most: what programs hold in 64 bits."""

Flag = Annotated[bool, Strict()]
"""Yes or no; absent means that nobody said."""

Date = Annotated[
    str,
    StringConstraints(pattern=DATE),
    AfterValidator(_calendar_date),
    Field(json_schema_extra={"format": "date"}),
]
"""A calendar date, year-month-day."""

Time = Annotated[
    str,
    StringConstraints(pattern=TIME),
    Field(json_schema_extra={"format": "time-of-day"}),
]
"""A time of day, hours and minutes and where known seconds; without a zone it is local time."""

CLOSED = ConfigDict(extra="forbid", use_attribute_docstrings=True)
"""How every shape of a document is read: nothing unnamed gets in, docstrings are descriptions."""
