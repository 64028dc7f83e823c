"""Conversions: their registered examples, and what they refuse."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.mapping import values
from gateway.mapping.conversions import FUNCTIONS, ConversionError, conversion, reference

EXAMPLES = [
    (function.name, example) for function in FUNCTIONS.values() for example in function.examples
]


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_a_registered_example_holds_in_both_directions(name, example) -> None:
    made = conversion(example.call)
    assert made.read(example.x12) == example.document
    if not example.one_way:
        assert made.write(example.document) == example.x12
    assert made.read(made.write(example.document)) == example.document


def test_every_conversion_has_an_example_that_goes_both_ways() -> None:
    both = {name for name, example in EXAMPLES if not example.one_way}
    assert both == set(FUNCTIONS)


def test_the_documentation_prints_the_registered_conversions() -> None:
    page = (Path(__file__).parents[3] / "docs" / "maps.md").read_text("utf-8")
    assert reference() in page


REFUSED = [
    ("integer", "1.5", "not a whole number"),
    ("integer", "²", "not a whole number"),
    ("decimal", "1,5", "not a decimal number"),
    ("decimal", "1E5", "not a decimal number"),
    ("decimal", "NaN", "not a decimal number"),
    ("decimal", "²", "not a decimal number"),
    ("decimal", ".", "not a decimal number"),
    ("implied(2)", "1.5", "not a number with 2 implied decimals"),
    ("date", "20260230", "not a calendar day"),
    ("date", "00000229", "not a calendar day"),
    ("date", "260131", "not a date CCYYMMDD"),
    ("date", "2024W011", "not a date CCYYMMDD"),
    ("date(CCYYMMDD|YYMMDD)", "1", "not a date CCYYMMDD or YYMMDD"),
    ("time", "2460", "not a time of day"),
    ("time", "13", "not a time HHMM, HHMMSS, HHMMSSD or HHMMSSDD"),
    ("datetime", "20260131", "not a date and time CCYYMMDDHHMM"),
    ("boolean", "X", "neither Y nor N"),
    ("strip_prefix(PO)", "42", "without the prefix 'PO'"),
    ("strip_suffix(-)", "-", "without the suffix '-'"),
    ("gtin14", "123", "not 8, 12, 13 or 14 digits"),
    ("sscc", "11106141411234567897", "not 18 digits, or 20 with 00"),
    ("negate", "x", "not a decimal number"),
]


@pytest.mark.parametrize(("call", "text", "reason"), REFUSED)
def test_a_value_that_does_not_fit_is_refused_with_a_reason(call, text, reason) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        conversion(call).read(text)


REFUSED_ON_WRITE = [
    ("implied(2)", "1.005", "more than 2 decimals"),
    ("date", "31.01.2026", "not a date YYYY-MM-DD"),
    ("date", "2026-02-30", "not a calendar day"),
    ("date(YYMMDD)", "1926-01-31", "the year does not fit two digits"),
    ("time", "1345", "not a time HH:MM or HH:MM:SS"),
    ("time", "25:00", "not a time of day"),
    ("datetime", "2026", "not a date and time YYYY-MM-DDTHH:MM"),
    ("boolean", "Y", "not true or false"),
    ("integer", "x", "not a whole number"),
    ("text", True, "true or false where text was expected"),
    ("pad(2)", "abc", "longer than 2 characters"),
]


@pytest.mark.parametrize(("call", "value", "reason"), REFUSED_ON_WRITE)
def test_a_value_that_cannot_be_written_is_refused_with_a_reason(call, value, reason) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        conversion(call).write(value)


@pytest.mark.parametrize(
    "call",
    ["implied", "implied(10)", "date(YYYY)", "pad", "pad(2, up)", "strip_prefix", "gtin14(10)",
     "sscc(01)", "integer(1)", "boolean(Y)", "implied(2, dot)"],
)  # fmt: skip
def test_arguments_that_do_not_fit_are_refused(call: str) -> None:
    with pytest.raises(ConversionError, match=r"does not fit the signature"):
        conversion(call)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("-0", "0"), ("-0.00", "0"), ("007", "7"), ("1.", "1"), (".50", "0.5"), ("-.5", "-0.5"),
     ("100", "100"), ("0.10", "0.1")],
)  # fmt: skip
def test_decimals_have_one_spelling(text: str, canonical: str) -> None:
    assert values.canonical_decimal(text) == canonical


def test_a_decimal_is_never_written_with_an_exponent() -> None:
    assert values.plain(Decimal("1E+2")) == "100"
    assert values.plain(Decimal("0.0000001")) == "0.0000001"


@pytest.mark.parametrize(("year", "full"), [("69", "2069"), ("70", "1970")])
def test_two_digit_years_turn_at_the_pivot(year: str, full: str) -> None:
    assert conversion("date(YYMMDD)").read(f"{year}0101") == f"{full}-01-01"
