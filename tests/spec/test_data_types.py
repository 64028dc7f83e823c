"""What values of each data type may be: characters, lengths, calendar days, times."""

from __future__ import annotations

import pytest

from gateway.findings import FindingCode
from gateway.x12.data_types import value_fault
from gateway.x12.schema import ElementUse


def an_element(kind: str, minimum: int, maximum: int, **more: object) -> ElementUse:
    return ElementUse(1, "000", "Element", kind, minimum, maximum, **more)  # type: ignore[arg-type]  # tests name what they need


AN = an_element("AN", 2, 10)
ID = an_element("ID", 1, 2, codes={"A": "one", "BB": "two"})
N0 = an_element("N0", 2, 4)
N2 = an_element("N2", 1, 6)
R = an_element("R", 1, 4)
DT8 = an_element("DT", 8, 8)
DT6 = an_element("DT", 6, 6)
TM = an_element("TM", 4, 8)
B = an_element("B", 1, 5)


@pytest.mark.parametrize(
    ("element", "value"),
    [
        (AN, "AB"),
        (AN, " leading"),
        (AN, "A "),  # a blank that fills up to the minimum
        (AN, "Grüße €!"),
        (ID, "A"),
        (ID, "BB"),
        (N0, "0012"),
        (N0, "-1234"),  # the sign is not counted
        (N2, "12345"),
        (R, "1234"),
        (R, "-12.34"),  # neither sign nor point is counted
        (R, ".5"),
        (R, "5."),
        (R, "0"),
        (DT8, "20240229"),
        (DT6, "000229"),
        (TM, "0000"),
        (TM, "2359"),
        (TM, "235959"),
        (TM, "2359599"),
        (TM, "23595999"),
        (B, ">*~"),
    ],
)
def test_a_sound_value_has_no_fault(element: ElementUse, value: str) -> None:
    assert value_fault(element, value) is None


@pytest.mark.parametrize(
    ("element", "value", "code", "expected"),
    [
        (AN, "A", "element_too_short", "expected at least 2 characters"),
        (AN, "ABCDEFGHIJK", "element_too_long", "expected at most 10 characters"),
        (AN, "AB ", "invalid_character", "expected no blanks at the end"),
        (AN, "   ", "invalid_character", "expected more than blanks"),
        (AN, "A\nB", "invalid_character", "expected no control characters"),
        (AN, "A\x7fB", "invalid_character", "expected no control characters"),
        (ID, "b", "code_not_in_list", "expected one of A, BB"),
        (ID, "ABC", "element_too_long", "expected at most 2 characters"),
        (N0, "1", "element_too_short", "expected at least 2 characters"),
        (N0, "12345", "element_too_long", "expected at most 4 characters"),
        (N0, "-1", "element_too_short", "expected at least 2 characters"),
        (N0, "+12", "invalid_character", "expected digits, with '-' before them if negative"),
        (N0, "1.2", "invalid_character", "expected digits, with '-' before them if negative"),
        (N0, "1²", "invalid_character", "expected digits, with '-' before them if negative"),
        (N0, "١٢", "invalid_character", "expected digits, with '-' before them if negative"),
        (R, "1E2", "invalid_character", "expected a decimal number, such as -12.5"),
        (R, "1,234", "invalid_character", "expected a decimal number, such as -12.5"),
        (R, "NaN", "invalid_character", "expected a decimal number, such as -12.5"),
        (R, ".", "invalid_character", "expected a decimal number, such as -12.5"),
        (R, "1.2.3", "invalid_character", "expected a decimal number, such as -12.5"),
        (R, "123.45", "element_too_long", "expected at most 4 characters"),
        (DT8, "20230229", "invalid_date", "expected a day of the calendar as CCYYMMDD"),
        (DT8, "20261301", "invalid_date", "expected a day of the calendar as CCYYMMDD"),
        (DT8, "00000101", "invalid_date", "expected a day of the calendar as CCYYMMDD"),
        (DT8, "2026010²", "invalid_date", "expected a day of the calendar as CCYYMMDD"),
        (DT8, "260105", "element_too_short", "expected at least 8 characters"),
        (DT6, "260230", "invalid_date", "expected a day of the calendar as YYMMDD"),
        (TM, "2400", "invalid_time", "expected a time as HHMM, HHMMSS, HHMMSSD or HHMMSSDD"),
        (TM, "1260", "invalid_time", "expected a time as HHMM, HHMMSS, HHMMSSD or HHMMSSDD"),
        (TM, "12305", "invalid_time", "expected a time as HHMM, HHMMSS, HHMMSSD or HHMMSSDD"),
        (TM, "123060", "invalid_time", "expected a time as HHMM, HHMMSS, HHMMSSD or HHMMSSDD"),
        (TM, "123", "element_too_short", "expected at least 4 characters"),
        (B, "123456", "element_too_long", "expected at most 5 characters"),
    ],
)
def test_a_fault_is_named_with_what_was_expected(
    element: ElementUse, value: str, code: str, expected: str
) -> None:
    assert value_fault(element, value) == (FindingCode(code), expected)


def test_a_long_code_list_is_shown_in_part() -> None:
    element = an_element("ID", 1, 2, codes={str(code): "" for code in range(20)})
    fault = value_fault(element, "X")
    assert fault == (
        FindingCode.CODE_NOT_IN_LIST,
        "expected one of 0, 1, 2, 3, 4, 5, 6, 7, …",
    )
