"""Parts of texts, and days in the formats that partners write, for expressions.

Characters and parts count from 1, as elements do; a number below zero counts from the end.
"""

from __future__ import annotations

import re
from datetime import date

from gateway.mapping.values import CENTURY_PIVOT

_PATTERNS = {"CCYY": "([0-9]{4})", "YY": "([0-9]{2})", "MM": "([0-9]{2})", "DD": "([0-9]{2})"}
LONGEST_FORMAT = 20


def left(text: str, count: object) -> str:
    """Return the first characters of a text."""
    return text[: _count(count)]


def right(text: str, count: object) -> str:
    """Return the last characters of a text."""
    return text[max(0, len(text) - _count(count)) :]


def substring(text: str, start: object, count: object = None) -> str:
    """Return so many characters from one on; without a number of them, all that follow."""
    first = _place(start, len(text))
    return text[first:] if count is None else text[first : first + _count(count)]


def part(text: str, between: str, number: object) -> str | None:
    """Return one of the parts that a text has between separators; None where it has fewer."""
    if not between:
        raise ValueError("expected what stands between the parts")
    parts = text.split(between)
    index = _place(number, len(parts))
    return parts[index] if 0 <= index < len(parts) else None


def read_day(text: str, form: object) -> str:
    """Return a day written in a format as YYYY-MM-DD."""
    names = check_format(form)
    pattern = "".join(_PATTERNS.get(one, re.escape(one)) for one in names)
    found = re.fullmatch(pattern, text)
    if found is None:
        raise ValueError(f"not a day {form}")
    said = dict(zip((one for one in names if one in _PATTERNS), found.groups(), strict=True))
    short = said.get("YY", "00")
    year = said.get("CCYY") or ("20" if int(short) < CENTURY_PIVOT else "19") + short
    try:
        return date(int(year), int(said["MM"]), int(said["DD"])).isoformat()
    except ValueError as fault:
        raise ValueError("not a calendar day") from fault


def write_day(text: str, form: object) -> str:
    """Return a day YYYY-MM-DD in a format."""
    names = check_format(form)
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError("not a date YYYY-MM-DD")
    if "YY" in names and not 1900 + CENTURY_PIVOT <= day.year < 2000 + CENTURY_PIVOT:
        raise ValueError("the year does not fit two digits")
    said = {"CCYY": f"{day:%Y}", "YY": f"{day:%y}", "MM": f"{day:%m}", "DD": f"{day:%d}"}
    return "".join(said.get(one, one) for one in names)


def check_format(form: object) -> list[str]:
    """Return the parts of a format; raise ValueError where it does not say a whole day, once."""
    text = form if isinstance(form, str) else ""
    names = [one for one in re.split("(CCYY|YY|MM|DD)", text) if one]
    days = sorted(one for one in names if one in _PATTERNS)
    known = days in (["CCYY", "DD", "MM"], ["DD", "MM", "YY"])
    if not known or len(text) > LONGEST_FORMAT:
        raise ValueError("expected a format of CCYY or YY, MM and DD, such as 'MM/DD/CCYY'")
    return names


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("expected a number of characters, such as 3")
    return value


def _place(value: object, size: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value == 0:
        raise ValueError("expected a number from 1, or from the end with a minus")
    if value > 0:
        return value - 1
    return size + value if size + value >= 0 else size  # Before the first there is nothing.
