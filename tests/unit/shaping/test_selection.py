"""JMESPath over exact numbers, bounded."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.shaping import NotCompiled, NotShaped, Selection, dumps, loads

ORDER = loads(
    b'{"number":"PO-7","price":"12.50","weight":1.10,"date":"2026-01-31","note":null,'
    b'"lines":[{"sku":"A","q":"2","p":"1.25"},{"sku":"B","q":"3","p":"0.10"}]}'
)


def select(expression: str) -> bytes:
    return dumps(Selection.compile(expression).select(ORDER, {"partner": "harbor"}))


@pytest.mark.parametrize(
    ("expression", "made"),
    [
        ("number", b'"PO-7"'),
        ("{no: number, skus: lines[].sku}", b'{"no":"PO-7","skus":["A","B"]}'),
        ("to_number(price)", b"12.50"),
        ("weight", b"1.10"),
        ("sum(lines[].product(q, p))", b"2.80"),
        ("sum([`0.1`, `0.2`])", b"0.3"),
        ("avg(lines[].number(q))", b"2.5"),
        ("max(lines[].number(p))", b"1.25"),
        ("lines[?number(q) > `2.5`].sku | [0]", b'"B"'),
        ("sort_by(lines, &number(p))[0].sku", b'"B"'),
        ("money(price, `1`)", b'"12.5"'),
        ("qty(price)", b'"12.5"'),
        ("to_string(weight)", b'"1.10"'),
        ("to_string(lines[0].sku)", b'"A"'),
        ("type(weight)", b'"number"'),
        ("date(date, '%Y%m%d')", b'"20260131"'),
        ("date('/Date(1772409600000)/')", b'"2026-03-02"'),
        ("date('/Date(-86400000+0000)/', '%Y-%m-%dT%H:%M:%S')", b'"1969-12-31T00:00:00"'),
        ("pad_left(lines[0].q, `6`)", b'"000002"'),
        ("""lookup(lines[0].sku, `{"A": "each"}`)""", b'"each"'),
        ("fact('partner')", b'"harbor"'),
        ("to_number('x')", b"null"),
        ("lines[0:1].sku", b'["A"]'),
    ],
)
def test_expressions_with_exact_numbers(expression: str, made: bytes) -> None:
    assert select(expression) == made


def test_a_number_is_a_decimal_all_the_way() -> None:
    found = Selection.compile("[weight, `1.5`, to_number(price), avg(lines[].number(q))]")
    values = found.select(ORDER)
    assert isinstance(values, list)
    assert {type(value) for value in values} == {Decimal}


_NAME = "; a name with other signs than letters, digits and '_' stands in double quotes: "
_SELECTS = "; what selects items of a list begins with [?, and a field is named after a dot"
_ITEM = "; an item of a list is [0], and a name that begins with a digit stands in double quotes"


@pytest.mark.parametrize(
    ("expression", "line", "column", "message"),
    [
        ("", 1, 1, "no JMESPath: it is empty"),
        ("a b", 1, 3, "no JMESPath: 'b' is not expected here"),
        ("{\n  a: number,\n  b: :\n}", 3, 6, "no JMESPath: ':' is not expected here"),
        ("{a: `1`", 1, 8, "no JMESPath: it is not complete"),
        ("a.ship-to", 1, 7, f"no JMESPath: '-' is not expected here{_NAME}\"ship-to\""),
        ("@odata.etag", 1, 2, f"no JMESPath: 'odata' is not expected here{_NAME}\"@odata.etag\""),
        ("lines[qty==`1`]", 1, 7, f"no JMESPath: 'qty' is not expected here{_SELECTS}"),
        ("lines['qty']", 1, 7, f"no JMESPath: 'qty' is not expected here{_SELECTS}"),
        ("lines.0", 1, 7, f"no JMESPath: 0 is not expected here{_ITEM}"),
        ("lines.0.x", 1, 7, f"no JMESPath: 0 is not expected here{_ITEM}"),
        (
            "lines[?qty > 5]",
            1,
            14,
            "no JMESPath: 5 is not expected here; a number stands in backticks: `5`",
        ),
        (
            "lines[?a = b]",
            1,
            10,
            "no JMESPath: '=' is not expected here; what is equal is asked with ==",
        ),
        ("money()", 1, 1, "money() takes 1 to 2 arguments, and is given 0"),
        ("error.", 1, 7, "no JMESPath: it is not complete"),
        (
            "{\n  money: 'money(',\n  qty: lines[].monney (x)\n}",
            3,
            16,
            "there is no function monney() (did you mean 'money'?)",
        ),
        ("length(a, b)", 1, 1, "length() takes 1 arguments, and is given 2"),
        ("a" * 20_001, 1, 1, "an expression has at most 20000 characters"),
        ("[" * 100 + "a" + "]" * 100, 1, 1, "operations are nested more than 64 deep"),
    ],
)
def test_a_wrong_expression_is_found_at_its_place(
    expression: str, line: int, column: int, message: str
) -> None:
    with pytest.raises(NotCompiled) as fault:
        Selection.compile(expression)
    assert (str(fault.value), fault.value.line, fault.value.column) == (message, line, column)


def test_an_unknown_function_is_found_before_the_first_document() -> None:
    with pytest.raises(NotCompiled, match=r"^there is no function now\(\); there are: abs, avg, "):
        Selection.compile("lines[].now()")


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("sum(number)", "sum() takes array-number, not 'PO-7'"),
        ("money(number)", "'PO-7' is no number"),
        ("fact('zone')", "there is no fact 'zone'; known are: partner"),
        ("lookup(number, `{}`)", "'PO-7' is not in the table"),
        ("date(number)", "'PO-7' is no date"),
        ("number == 'PO-7' && refuse('no order of ours')", "no order of ours"),
        ("date('/Date(noon)/')", "'/Date(noon)/' is no date"),
        ("qty(price, `0`)", "'12.50' has more than 0 decimal places"),
        ("{a: price, lines: {qty: qty(number)}}", "lines.qty: 'PO-7' is no number"),
        ("{a: sum(number)}", "a: sum() takes array-number, not 'PO-7'"),
        ("{a: {b: price}, c: refuse('no order of ours')}", "no order of ours"),
        ("number / ", ""),
    ],
)
def test_what_does_not_go_through_says_why(expression: str, message: str) -> None:
    if not message:
        with pytest.raises(NotCompiled):
            Selection.compile(expression)
        return
    with pytest.raises(NotShaped) as fault:
        Selection.compile(expression).select(ORDER, {"partner": "harbor"})
    assert str(fault.value) == message


@pytest.mark.parametrize(
    "expression",
    [
        "@" + " | {a: @, b: @}" * 40,
        "lines" + " | [@, @][]" * 40,
        "'x'" + " | join('', [@, @])" * 40,
    ],
)
def test_an_expression_that_grows_without_end_is_stopped(expression: str) -> None:
    with pytest.raises(NotShaped, match=r"the expression makes a |it holds more than"):
        Selection.compile(expression).select(ORDER)
