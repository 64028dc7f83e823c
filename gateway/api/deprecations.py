"""What of the API goes away, since when that is known, and when it is gone: one table.

A row makes the answers of what it is about say so (`Deprecation`, RFC 9745; `Sunset`, RFC 8594; a
link to the page that says what to use instead) and marks it in OpenAPI. Nothing is taken away that
did not stand here for a year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime


@dataclass(frozen=True, slots=True)
class Deprecated:
    """One thing that goes away."""

    what: str
    """`v1`, an operation's id such as `listDocuments`, or a field such as `Summary.owner`."""
    since: date
    """From this day on, use something else."""
    sunset: date | None = None
    """From this day on, it may be gone; None where that is not decided."""
    link: str = ""
    """What to use instead."""


TABLE: tuple[Deprecated, ...] = ()
"""Nothing goes away yet."""


def headers(rows: Sequence[Deprecated]) -> Mapping[str, str]:
    """Return what answers say about rows: the earliest days count."""
    if not rows:
        return {}
    said = {"Deprecation": f"@{int(_midnight(min(row.since for row in rows)).timestamp())}"}
    ends = [row.sunset for row in rows if row.sunset is not None]
    if ends:
        said["Sunset"] = format_datetime(_midnight(min(ends)), usegmt=True)
    links = dict.fromkeys(row.link for row in rows if row.link)
    if links:
        said["Link"] = ", ".join(f'<{link}>; rel="deprecation"' for link in links)
    return said


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
