"""The options that lists of different things share: since when, and how many."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from gateway import clock

_AGO = re.compile(r"([0-9]{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def moment(text: str) -> datetime:
    """Read a moment: `2h` ago, a day, or a date with a time, in UTC unless it says otherwise."""
    try:
        if ago := _AGO.fullmatch(text):
            return clock.utc_now() - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        given = datetime.fromisoformat(text)
        return given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # The calendar begins with the year 1.
        raise typer.BadParameter(
            f"'{text}' is no moment: expected 30m, 2h, 7d, 2026-03-01 or 2026-03-01T12:30"
        ) from None


Since = Annotated[
    datetime | None,
    typer.Option(parser=moment, metavar="WHEN", help="Received since: 2h, 7d, 2026-03-01."),
]
Limit = Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")]
