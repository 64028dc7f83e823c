"""Check digits of bar codes: serial shipping container codes (SSCC) and article numbers (GTIN)."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.findings import FindingCode
from gateway.x12.guides.hits import Hit
from gateway.x12.guides.model import Balance
from gateway.x12.guides.view import SetView, text
from gateway.x12.model import Segment

_CODE = FindingCode.CHECK_DIGIT_WRONG
_QUALIFIER, _ID = "235", "234"
"""Element numbers of a product's qualifier and of the id that follows it."""

_GTIN = {"UP": 12, "EN": 13, "UK": 14, "EO": 8}
"""Qualifiers of article numbers that end in a check digit, and how long those are."""

_SSCC = frozenset({"GM", "AA", "AI"})
"""Qualifiers of marks (MAN01, MAN04) that are an SSCC, with or without its identifier 00."""


def check_digit(digits: str) -> int:
    """Return the check digit of GS1 for the digits before it: weights 3 and 1 from the right."""
    weighted = (int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(digits[::-1]))
    return -sum(weighted) % 10


def sscc(view: SetView, _balance: Balance) -> Iterator[Hit]:
    """Each SSCC in MAN has 18 digits, or 20 with the identifier 00, and a right check digit."""
    for segment in view.all("MAN"):
        for qualifier, element in ((1, 2), (4, 5)):
            value = text(segment, element)
            if value and text(segment, qualifier) in _SSCC:
                yield from _sscc(segment, element, value)


def _sscc(segment: Segment, element: int, value: str) -> Iterator[Hit]:
    bare = value[2:] if len(value) == 20 and value.startswith("00") else value
    if len(bare) != 18 or not _digits(bare):
        expected = "expected 18 digits, or 20 with 00 before them"
    elif int(bare[-1]) != check_digit(bare[:-1]):
        expected = f"expected the check digit {check_digit(bare[:-1])}"
    else:
        return
    yield Hit(_CODE, segment, expected, element, value=value, data_element="87")


def sscc_once(view: SetView, _balance: Balance) -> Iterator[Hit]:
    """No SSCC stands for two cartons of one set."""
    seen: set[str] = set()
    for segment in view.all("MAN"):
        value = text(segment, 2)
        if text(segment, 1) in _SSCC and value:
            bare = value[-18:]
            if bare in seen:
                expected = "expected an SSCC that no other carton of this set has"
                yield Hit(_CODE, segment, expected, 2, value=value, data_element="87")
            seen.add(bare)


def gtin(view: SetView, _balance: Balance) -> Iterator[Hit]:
    """Each article number with the qualifier UP, EN, UK or EO has its digits and check digit."""
    for use, segment in view.uses():
        for element in use.elements[: len(segment) - 1]:
            if element.number != _QUALIFIER:
                continue
            length = _GTIN.get(text(segment, element.position))
            value = text(segment, element.position + 1)
            following = use.element(element.position + 1)
            if length and value and following is not None and following.number == _ID:
                yield from _gtin(segment, element.position + 1, value, length)


def _gtin(segment: Segment, element: int, value: str, length: int) -> Iterator[Hit]:
    if len(value) != length or not _digits(value):
        expected = f"expected {length} digits"
    elif int(value[-1]) != check_digit(value[:-1]):
        expected = f"expected the check digit {check_digit(value[:-1])}"
    else:
        return
    yield Hit(_CODE, segment, expected, element, value=value, data_element=_ID)


def _digits(value: str) -> bool:
    return value.isascii() and value.isdigit()
