"""Kinds of value that are measures: durations, sizes, days, written as people write them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from gateway.partners.fields import quoted

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZE = re.compile(r"(\d+)\s*(B|KB|MB|GB)?")
_BYTES = {None: 1, "B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}


def _duration(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _DURATION.fullmatch(value.strip())
    if found is None:
        raise ValueError(
            f"{quoted(value)} does not fit; expected a duration such as 500ms, 2s, 15m, 24h or 400d"
        )
    seconds = float(found[1]) * _UNITS[found[2]]
    if not 0 < seconds <= 36_500 * _UNITS["d"]:
        raise ValueError(f"{quoted(value)} does not fit; expected between 1ms and 36500d")
    return timedelta(seconds=seconds)


def read_duration(text: str) -> timedelta:
    """Read a duration as people write it; raise ValueError where it is none."""
    read = _duration(text)
    assert isinstance(read, timedelta)  # noqa: S101 - of a text it is one, or raises
    return read


def _size(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _SIZE.fullmatch(value.strip())
    if found is None or int(found[1]) == 0:
        raise ValueError(
            f"{quoted(value)} does not fit; expected a size such as 500KB, 50MB or 1GB"
        )
    return int(found[1]) * _BYTES[found[2]]


def _date(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        raise ValueError(
            f"{quoted(value)} does not fit; expected a day such as 2026-12-31"
        ) from None


def written_duration(value: timedelta) -> str:
    """Write a duration as people would, in the largest unit that leaves no fraction."""
    milliseconds = round(value.total_seconds() * 1000)
    for unit in ("d", "h", "m", "s"):
        count, rest = divmod(milliseconds, round(_UNITS[unit] * 1000))
        if count and not rest:
            return f"{count}{unit}"
    return f"{milliseconds}ms"


def written_size(value: int) -> str:
    """Write a number of bytes as people would, in the largest unit that leaves no fraction."""
    for unit in ("GB", "MB", "KB"):
        count, rest = divmod(value, _BYTES[unit])
        if count and not rest:
            return f"{count}{unit}"
    return f"{value}B"


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?\s*(ms|s|m|h|d)$"}),
    PlainSerializer(written_duration, return_type=str),
]
"""A length of time as people write it: 500ms, 2s, 15m, 24h, 400d."""

Size = Annotated[
    int,
    BeforeValidator(_size),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": r"^\d+\s*(B|KB|MB|GB)?$"}, {"type": "integer"}]}
    ),
    PlainSerializer(written_size, return_type=str),
]
"""A number of bytes as people write it: 500KB, 50MB; K is 1024."""

Date = Annotated[
    date,
    BeforeValidator(_date),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}),
]
"""A day, which begins at midnight UTC: 2026-12-31."""
