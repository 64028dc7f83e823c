"""What a value of each X12 data type may be, as one function a type.

Lengths count what the standard counts: not the sign and not the decimal point of a number. Trailing
blanks are sent only to reach a minimum length. One fault is reported a value, the most telling one:
a letter in a quantity is an invalid character, not also a wrong length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from gateway.findings import FindingCode
from gateway.x12.schema import ElementUse

Fault = tuple[FindingCode, str]
"""What is wrong with a value, and what was expected."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# \d and isdigit() take '²' and other scripts' digits; [0-9] does not.
_NUMBER = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_TIME = re.compile(r"(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9][0-9]{0,2})?")


DAYS = frozenset((date(2001, 1, 1) + timedelta(day)).strftime("%m%d") for day in range(365))
"""The days of every year, as MMDD; February 29 takes the slower way."""
TIMES = frozenset(f"{hour:02d}{minute:02d}" for hour in range(24) for minute in range(60))


def value_fault(element: ElementUse, value: str) -> Fault | None:
    """Return what is wrong with a value that is present, or None."""
    return DATA_TYPES[element.type[0]](element, value)


def text_fault(element: ElementUse, value: str) -> Fault | None:
    """AN and ID: printable characters, at least one of them no blank; ID may have a code list."""
    if _CONTROL.search(value):
        return FindingCode.INVALID_CHARACTER, "expected no control characters"
    if not value.strip():
        return FindingCode.INVALID_CHARACTER, "expected more than blanks"
    if value.endswith(" ") and len(value) > element.minimum:
        return FindingCode.INVALID_CHARACTER, "expected no blanks at the end"
    return length_fault(element, len(value)) or code_fault(element, value)


def number_fault(element: ElementUse, value: str) -> Fault | None:
    """N0 to N9: digits with an optional leading minus; the decimal point is implied."""
    if not _NUMBER.fullmatch(value):
        return FindingCode.INVALID_CHARACTER, "expected digits, with '-' before them if negative"
    return length_fault(element, len(value.lstrip("-")))


def decimal_fault(element: ElementUse, value: str) -> Fault | None:
    """R: digits with an optional leading minus and an optional decimal point; no exponent."""
    if not _DECIMAL.fullmatch(value):
        return FindingCode.INVALID_CHARACTER, "expected a decimal number, such as -12.5"
    return length_fault(element, len(value.lstrip("-").replace(".", "")))


def date_fault(element: ElementUse, value: str) -> Fault | None:
    """DT: YYMMDD or CCYYMMDD, as the element's length says, and a day of the calendar."""
    expected = "CCYYMMDD" if element.maximum == 8 else "YYMMDD"
    fault = length_fault(element, len(value))
    if fault is None and not is_date(value):
        return FindingCode.INVALID_DATE, f"expected a day of the calendar as {expected}"
    return fault


def time_fault(element: ElementUse, value: str) -> Fault | None:
    """TM: HHMM, HHMMSS, HHMMSSD or HHMMSSDD on the 24-hour clock."""
    fault = length_fault(element, len(value))
    if fault is None and not is_time(value):
        return FindingCode.INVALID_TIME, "expected a time as HHMM, HHMMSS, HHMMSSD or HHMMSSDD"
    return fault


PERIOD_FORMAT, PERIOD = "1250", "1251"
"""Data elements: what names the format of a day, time or period, and what is written in it."""


def period_fault(form: str, value: str) -> Fault | None:
    """Return what is wrong with a day, time or period, by the qualifier before it; None for others.

    The qualifiers are those of days and of times of the clock; of the rest any text is taken.
    """
    known = _PERIODS.get(form)
    if known is None or known[0](value):
        return None
    code = FindingCode.INVALID_TIME if form == "TM" else FindingCode.INVALID_DATE
    return code, f"expected {known[1]}, as {form} says"


def binary_fault(element: ElementUse, value: str) -> Fault | None:
    """B: any bytes; only their number counts."""
    return length_fault(element, len(value))


DATA_TYPES: Mapping[str, Callable[[ElementUse, str], Fault | None]] = {
    "A": text_fault,
    "I": text_fault,
    "N": number_fault,
    "R": decimal_fault,
    "D": date_fault,
    "T": time_fault,
    "B": binary_fault,
}
"""By the first letter of AN, ID, N0 to N9, R, DT, TM and B."""


def length_fault(element: ElementUse, length: int) -> Fault | None:
    """Compare a length with the element's minimum and maximum."""
    if length < element.minimum:
        return FindingCode.ELEMENT_TOO_SHORT, f"expected at least {element.minimum} characters"
    if length > element.maximum:
        return FindingCode.ELEMENT_TOO_LONG, f"expected at most {element.maximum} characters"
    return None


def code_fault(element: ElementUse, value: str) -> Fault | None:
    """Look a code up, where the element's list is closed."""
    if element.codes is None or value in element.codes:
        return None
    codes = list(element.codes)
    shown = ", ".join(codes[:8]) + (", …" if len(codes) > 8 else "")
    return FindingCode.CODE_NOT_IN_LIST, f"expected one of {shown}"


def is_digits(value: str) -> bool:
    """Say whether a value is one or more ASCII digits (`'²'.isdigit()` is true)."""
    return value.isascii() and value.isdigit()


def is_time(value: str) -> bool:
    """Say whether HHMM, HHMMSS, HHMMSSD or HHMMSSDD names a time of day."""
    return value in TIMES or _TIME.fullmatch(value) is not None


def _is_day(value: str) -> bool:
    return len(value) == 8 and is_date(value)


def _are_days(value: str) -> bool:
    return len(value) == 17 and value[8] == "-" and _is_day(value[:8]) and _is_day(value[9:])


def is_date(value: str) -> bool:
    """Say whether YYMMDD or CCYYMMDD names a day of the calendar."""
    if not is_digits(value) or len(value) not in (6, 8):
        return False
    if value[-4:] in DAYS:
        return len(value) == 6 or value[:4] != "0000"
    # Without a century any will do: 2000 was a leap year, and so is each year that 00 may mean.
    year = int(value[:4]) if len(value) == 8 else 2000 + int(value[:2])
    try:
        date(year, int(value[-4:-2]), int(value[-2:]))
    except ValueError:
        return False
    return True


_PERIODS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "D6": (lambda value: len(value) == 6 and is_date(value), "a day as YYMMDD"),
    "D8": (_is_day, "a day as CCYYMMDD"),
    "DT": (lambda value: _is_day(value[:8]) and value[8:] in TIMES, "CCYYMMDDHHMM"),
    "RD8": (_are_days, "two days as CCYYMMDD-CCYYMMDD"),
    "TM": (lambda value: value in TIMES, "a time as HHMM"),
}
