"""Exact values both ways: decimals, dates, times, padded text, item and container numbers.

Every function raises ValueError with a sentence where a value does not fit. Decimals are kept as
text and never become binary numbers; `Decimal` is used only to compute, and written plainly.
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache

Scalar = str | int | bool
Read = Callable[[str], Scalar]
Write = Callable[[Scalar], str]

_DECIMAL = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
INTEGER = re.compile(r"-?[0-9]{1,30}")
"""A whole number, and no longer than anybody needs: Python stops at thousands of digits."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,2}))?)?")
CENTURY_PIVOT = 70
"""Two-digit years below it are 20xx: no interchange is older than the standard."""


def plain(number: Decimal) -> str:
    """Write a Decimal in plain notation without superfluous zeros; `str` may give `1E+2`."""
    return canonical_decimal(format(number, "f"))


def canonical_decimal(text: str) -> str:
    """Return decimal text without superfluous zeros and without a negative zero."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError("not a decimal number")
    sign, digits = ("-", text[1:]) if text[0] == "-" else ("", text)
    whole, _, fraction = digits.partition(".")
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    number = f"{whole}.{fraction}" if fraction else whole
    return "0" if number == "0" else sign + number


def _as_text(value: Scalar) -> str:
    if isinstance(value, bool):
        raise ValueError("true or false where text was expected")  # noqa: TRY004 - one exception for all
    return str(value)


def text(value: str) -> Scalar:
    """Return text as it stands."""
    return value


write_text = _as_text
"""Write text or a whole number as it stands."""


def trim(value: str) -> Scalar:
    """Drop blanks around text."""
    return value.strip()


def write_trimmed(value: Scalar) -> str:
    """Write text without blanks around it."""
    return _as_text(value).strip()


def write_upper(value: Scalar) -> str:
    """Write text in upper case."""
    return _as_text(value).upper()


def read_integer(value: str) -> Scalar:
    """Read a whole number."""
    if value.isdigit() and value.isascii() and len(value) <= 30:
        return int(value)
    if not INTEGER.fullmatch(value):
        raise ValueError("not a whole number")
    return int(value)


def write_integer(value: Scalar) -> str:
    """Write a whole number."""
    written = _as_text(value)
    if not INTEGER.fullmatch(written):
        raise ValueError("not a whole number")
    return str(int(written))


def read_decimal(value: str) -> Scalar:
    """Read a number with a written point."""
    # Most quantities are plain digits, most prices have a point between digits, and neither has
    # anything superfluous: those need no work. isdigit alone also takes superscripts.
    whole, point, fraction = value.partition(".")
    exact = not point or (fraction.isdigit() and fraction[-1] != "0")
    if exact and whole.isdigit() and value.isascii() and (whole[0] != "0" or whole == "0"):
        return value
    return canonical_decimal(value)


def write_decimal(value: Scalar) -> str:
    """Write a number as R wants it: a point only before a fraction, no zero before the point."""
    if type(value) is str and value.isascii():
        # Quantities are mostly plain digits, prices digits on both sides of a point.
        whole, point, fraction = value.partition(".")
        exact = not point or (fraction.isdigit() and fraction[-1] != "0")
        if exact and whole.isdigit() and whole[0] != "0":
            return value
    number = canonical_decimal(_as_text(value))
    if number.startswith("0."):
        return number[1:]
    return "-" + number[2:] if number.startswith("-0.") else number


def negate(value: str) -> Scalar:
    """Read a number with its sign turned."""
    number = canonical_decimal(value)
    if number == "0":
        return number
    return number[1:] if number[0] == "-" else f"-{number}"


def write_negated(value: Scalar) -> str:
    """Write a number with its sign turned."""
    return write_decimal(negate(_as_text(value)))


def implied(places: int, *, point: bool) -> tuple[Read, Write]:
    """Return the pair for numbers whose last digits are decimals."""

    def read(value: str) -> Scalar:
        if point and "." in value:
            return canonical_decimal(value)
        if not INTEGER.fullmatch(value):
            raise ValueError(f"not a number with {places} implied decimals")
        sign, digits = ("-", value[1:]) if value[0] == "-" else ("", value)
        digits = digits.rjust(places + 1, "0")
        whole, fraction = digits[: len(digits) - places], digits[len(digits) - places :]
        return canonical_decimal(f"{sign}{whole}.{fraction}")

    def write(value: Scalar) -> str:
        number = canonical_decimal(_as_text(value))
        whole, _, fraction = number.partition(".")
        if len(fraction) > places:
            raise ValueError(f"more than {places} decimals")
        return canonical_decimal(whole + fraction.ljust(places, "0"))

    return read, write


def fixed(places: int) -> tuple[Read, Write]:
    """Return the pair for numbers that are written with a point and always as many decimals."""

    def write(value: Scalar) -> str:
        whole, _, fraction = canonical_decimal(_as_text(value)).partition(".")
        if len(fraction) > places:
            raise ValueError(f"more than {places} decimals")
        return f"{whole}.{fraction.ljust(places, '0')}" if places else whole

    return read_decimal, write


_EVERY_YEAR = frozenset(
    f"{date.fromordinal(day):%m%d}" for day in range(1, 366)
)  # The year 1 had no 29 February.


def _day(digits: str) -> str:
    year, day = digits[:4], digits[4:]
    # Most days are in every year; only the leap day asks the calendar.
    if year != "0000" and (day in _EVERY_YEAR or (day == "0229" and isleap(int(year)))):
        return f"{year}-{day[:2]}-{day[2:]}"
    raise ValueError("not a calendar day")


def _digits(value: str, lengths: tuple[int, ...], what: str) -> str:
    if len(value) not in lengths or not (value.isdigit() and value.isascii()):
        raise ValueError(what)
    return value


def dates(formats: tuple[str, ...]) -> tuple[Read, Write]:
    """Return the pair for days in one of the formats; the first is written."""
    lengths = tuple(len(name) for name in formats)
    expected = f"not a date {' or '.join(formats)}"

    # The same few days come again and again; a day by itself says nothing about a partner.
    @lru_cache(maxsize=1024)
    def read(value: str) -> Scalar:
        digits = _digits(value, lengths, expected)
        if len(digits) == 6:
            digits = ("20" if int(digits[:2]) < CENTURY_PIVOT else "19") + digits
        return _day(digits)

    @lru_cache(maxsize=1024)
    def write(value: Scalar) -> str:
        day = _as_text(value)
        if not _DAY.fullmatch(day):
            raise ValueError("not a date YYYY-MM-DD")
        digits = _day(day.replace("-", "")).replace("-", "")
        if lengths[0] == 8:
            return digits
        if read(digits[2:]) != day:
            raise ValueError("the year does not fit two digits")
        return digits[2:]

    return read, write


def read_time(value: str) -> Scalar:
    """Read HHMM, HHMMSS, HHMMSSD or HHMMSSDD."""
    digits = _digits(value, (4, 6, 7, 8), "not a time HHMM, HHMMSS, HHMMSSD or HHMMSSDD")
    if digits[:2] > "23" or digits[2:4] > "59" or digits[4:6] > "59":
        raise ValueError("not a time of day")
    shown = f"{digits[:2]}:{digits[2:4]}"
    if len(digits) > 4:
        shown += f":{digits[4:6]}"
    return f"{shown}.{digits[6:]}" if len(digits) > 6 else shown


def write_time(value: Scalar) -> str:
    """Write HH:MM, with seconds and decimals where the value has them."""
    found = _TIME.fullmatch(_as_text(value))
    if not found:
        raise ValueError("not a time HH:MM or HH:MM:SS")
    digits = "".join(part or "" for part in found.groups())
    read_time(digits)
    return digits


def read_datetime(value: str) -> Scalar:
    """Read a day and a time in one element."""
    if len(value) < 12:
        raise ValueError("not a date and time CCYYMMDDHHMM")
    day = _digits(value[:8], (8,), "not a date and time CCYYMMDDHHMM")
    return f"{_day(day)}T{read_time(value[8:])}"


def write_datetime(value: Scalar) -> str:
    """Write a day and a time into one element."""
    day, _, time = _as_text(value).partition("T")
    if not _DAY.fullmatch(day):
        raise ValueError("not a date and time YYYY-MM-DDTHH:MM")
    return _day(day.replace("-", "")).replace("-", "") + write_time(time)


def padded(width: int, side: str, filler: str) -> tuple[Read, Write]:
    """Return the pair for values of a fixed width."""

    def read(value: str) -> Scalar:
        bare = value.lstrip(filler) if side == "left" else value.rstrip(filler)
        return bare or value[:1]

    def write(value: Scalar) -> str:
        bare = _as_text(value)
        if len(bare) > width:
            raise ValueError(f"longer than {width} characters")
        return bare.rjust(width, filler) if side == "left" else bare.ljust(width, filler)

    return read, write


def affix(fixed: str, where: str) -> tuple[Callable[[str], Scalar], Callable[[str], Scalar]]:
    """Return what strips a prefix or suffix, and what adds it; stripping wants it to be there."""

    def strip(value: str) -> Scalar:
        there = value.startswith(fixed) if where == "prefix" else value.endswith(fixed)
        if not there or len(value) == len(fixed):
            raise ValueError(f"without the {where} '{fixed}'")
        return value[len(fixed) :] if where == "prefix" else value[: -len(fixed)]

    def add(value: str) -> Scalar:
        return fixed + value if where == "prefix" else value + fixed

    return strip, add


def gtin14(width: int) -> tuple[Read, Write]:
    """Return the pair for item numbers, written in a width where their zeros allow."""

    def read(value: str) -> Scalar:
        return _digits(value, (8, 12, 13, 14), "not 8, 12, 13 or 14 digits").rjust(14, "0")

    def write(value: Scalar) -> str:
        digits = str(read(_as_text(value)))
        return digits[14 - width :] if not digits[: 14 - width].strip("0") else digits

    return read, write


def sscc(*, prefix: str) -> tuple[Read, Write]:
    """Return the pair for container codes, written with a prefix or without."""

    def read(value: str) -> Scalar:
        # One stands in every line or carton: no call for it.
        size = len(value)
        if value.isdigit() and value.isascii():
            if size == 18:
                return value
            if size == 20 and value[:2] == "00":
                return value[2:]
        raise ValueError("not 18 digits, or 20 with 00")

    def write(value: Scalar) -> str:
        if type(value) is str and len(value) == 18 and value.isdigit() and value.isascii():
            return prefix + value
        return prefix + str(read(_as_text(value)))

    return read, write


def boolean(yes: str, no: str) -> tuple[Read, Write]:
    """Return the pair for one code that is true and one that is false."""
    words = {yes: True, no: False}

    def read(value: str) -> Scalar:
        if value not in words:
            raise ValueError(f"neither {yes} nor {no}")
        return words[value]

    def write(value: Scalar) -> str:
        if not isinstance(value, bool):
            raise ValueError("not true or false")  # noqa: TRY004 - one exception for all
        return yes if value else no

    return read, write
