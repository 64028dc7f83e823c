"""How values are written for other systems: money, quantities, days, fixed widths.

Expressions call these as functions, templates as filters. Each takes what JSON has and raises
ValueError with a sentence where the value does not fit. Results are text, except for `number`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from gateway.shaping.exact_json import Json, dumps, plain

MAX_TEXT = 1_000_000
"""Characters of one text on the way; no element of a document comes near it."""

_CONTEXT = Context(prec=60, rounding=ROUND_HALF_UP)
_NUMBER = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})")
_MOST_PLACES = 20
_EPOCH_DATE = re.compile(r"/Date\((-?[0-9]{1,14})(?:[+-][0-9]{1,4})?\)/")
"""How OData V2 writes a day or a moment in JSON: milliseconds since 1970, in UTC."""
_DIRECTIVES = re.compile(r"%(.?)")
_KNOWN_DIRECTIVES = frozenset("YmdHMSyjuVG%")
"""What means the same in every language and zone."""


class Refused(ValueError):
    """What `refuse` says, in the words that whoever wrote it chose."""


def number(value: Json) -> Decimal:
    """Return a number, or text that is one, as an exact decimal: JSON writes it without quotes."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return Decimal(value.strip())
    raise ValueError(f"{shown(value)} is no number")


def money(value: Json, places: Json = 2) -> str:
    """Write an amount with a fixed number of places; halves are rounded away from zero."""
    return plain(_rounded(number(value), _count(places, "places", _MOST_PLACES)))


def quantity(value: Json, places: Json = None) -> str:
    """Write a quantity without superfluous zeros; with `places`, refuse what has more of them."""
    exact = number(value)
    text = plain(exact)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if places is not None:
        limit = _count(places, "places", _MOST_PLACES)
        if len(text.partition(".")[2]) > limit:
            raise ValueError(f"{shown(value)} has more than {limit} decimal places")
    return "0" if text == "-0" else text


def day(value: Json, pattern: Json = "%Y-%m-%d") -> str:
    """Write a day, or a moment, by a pattern of strftime: `%Y%m%d`, `%d.%m.%Y`, `%H:%M`."""
    if not isinstance(pattern, str) or not set(_DIRECTIVES.findall(pattern)) <= _KNOWN_DIRECTIVES:
        known = " ".join(f"%{letter}" for letter in sorted(_KNOWN_DIRECTIVES))
        raise ValueError(f"{shown(pattern)} is no pattern of {known}")
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is no date")  # noqa: TRY004 - a value of a document
    return _moment(value).strftime(pattern)


def pad_left(value: Json, width: Json, filler: Json = "0") -> str:
    """Fill a text up on its left to a width, with zeros unless told otherwise."""
    return _padded(value, width, filler).rjust(_count(width, "width", 999), str(filler))


def pad_right(value: Json, width: Json, filler: Json = " ") -> str:
    """Fill a text up on its right to a width, with blanks unless told otherwise."""
    return _padded(value, width, filler).ljust(_count(width, "width", 999), str(filler))


def upper(value: Json) -> str:
    """Write a text in upper case."""
    return text(value).upper()


def lower(value: Json) -> str:
    """Write a text in lower case."""
    return text(value).lower()


def trim(value: Json) -> str:
    """Drop blanks around a text."""
    return text(value).strip()


def cut(value: Json, length: Json) -> str:
    """Keep at most that many characters of a text."""
    return text(value)[: _count(length, "length", MAX_TEXT)]


def replace(value: Json, old: Json, new: Json) -> str:
    """Put another text in place of each occurrence of one."""
    whole, before, after = text(value), text(old), text(new)
    if not before:
        raise ValueError("what is to be replaced is empty")
    if len(whole) + whole.count(before) * (len(after) - len(before)) > MAX_TEXT:
        raise ValueError(f"the text is longer than {MAX_TEXT} characters")
    return whole.replace(before, after)


def lookup(value: Json, table: Json, default: Json = None) -> Json:
    """Return what a table says for a text; without a default, refuse what is not in the table."""
    if not isinstance(table, Mapping):
        raise ValueError("the table is no object")  # noqa: TRY004 - a value of a document
    key = text(value)
    if key in table:
        return table[key]
    if default is None:
        raise ValueError(f"{shown(value)} is not in the table")
    return default


def product(left: Json, right: Json) -> Decimal:
    """Multiply two numbers exactly."""
    return _CONTEXT.multiply(number(left), number(right))


def json_text(value: Json) -> str:
    """Write a value as JSON."""
    return dumps(value).decode()


def base64url(value: Json) -> str:
    """Write a text in Base64 for addresses (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(text(value).encode()).decode("ascii")


def refuse(value: Json) -> str:
    """Keep a document from being sent, with these words for the person who finds it waiting."""
    raise Refused(text(value))


FORMATS: Mapping[str, Callable[..., Json]] = {
    "number": number,
    "money": money,
    "qty": quantity,
    "date": day,
    "pad_left": pad_left,
    "pad_right": pad_right,
    "upper": upper,
    "lower": lower,
    "trim": trim,
    "cut": cut,
    "replace": replace,
    "lookup": lookup,
    "product": product,
    "json": json_text,
    "base64url": base64url,
    "refuse": refuse,
}
"""By the name that expressions and templates call them by."""


def text(value: Json) -> str:
    """Return a scalar as text; an object or a list is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, str | int):
        written = str(value)
        if len(written) > MAX_TEXT:
            raise ValueError(f"the text is longer than {MAX_TEXT} characters")
        return written
    raise ValueError(f"{shown(value)} is no text")


def shown(value: object) -> str:
    """Return a value as messages repeat it."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f"'{value[:40]}'"
    if isinstance(value, int | Decimal):
        return str(value)[:40]
    return "a list" if isinstance(value, list | tuple) else "an object"


def _rounded(exact: Decimal, places: int) -> Decimal:
    try:
        return exact.quantize(Decimal(1).scaleb(-places), context=_CONTEXT)
    except InvalidOperation as fault:
        raise ValueError("the number is too large") from fault


def _count(value: Json, what: str, most: int) -> int:
    count = int(value) if isinstance(value, int | Decimal) and value == int(value) else -1
    if isinstance(value, bool) or not 0 <= count <= most:
        raise ValueError(f"{what} is a whole number from 0 to {most}, not {shown(value)}")
    return count


def _padded(value: Json, width: Json, filler: Json) -> str:
    whole = text(value)
    if not isinstance(filler, str) or len(filler) != 1:
        raise ValueError(f"a text is filled up with one character, not with {shown(filler)}")
    if len(whole) > _count(width, "width", 999):
        raise ValueError(f"{shown(value)} has more than {width} characters")
    return whole


def _moment(value: str) -> datetime:
    for read in (datetime.fromisoformat, _of_day, _of_time, _of_epoch):
        try:
            return read(value)
        except (ValueError, OverflowError):
            continue
    raise ValueError(f"{shown(value)} is no date")


def _of_day(value: str) -> datetime:
    return datetime.combine(date.fromisoformat(value), time())


def _of_time(value: str) -> datetime:
    return datetime.combine(date(1900, 1, 1), time.fromisoformat(value))


def _of_epoch(value: str) -> datetime:
    found = _EPOCH_DATE.fullmatch(value)
    if found is None:
        raise ValueError(value)
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(found[1]))
