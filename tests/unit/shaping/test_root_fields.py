"""Which fields of the document itself an expression asks for."""

from __future__ import annotations

import pytest

from gateway.shaping import Selection


@pytest.mark.parametrize(
    ("expression", "fields"),
    [
        ("a", ("a",)),
        ("a.b.c", ("a",)),
        ("@.a", ("a",)),
        ("@", ()),
        ("{x: a, y: b.c, z: {w: d}}", ("a", "b", "d")),
        ("[a, b[0], c[1:2], d.*, e[]]", ("a", "b", "c", "d", "e")),
        ("lines[?q > `1`].z | [0].y", ("lines",)),
        ("lines[*].{sku: sku, n: number(quantity)}", ("lines",)),
        ("sum(lines[].product(q, p))", ("lines",)),
        ("sort_by(lines, &k)[0].f", ("lines",)),
        ("a || b && !c", ("a", "b", "c")),
        ("a == `1` || fact('partner') == 'x'", ("a",)),
        ("'a'", ()),
        ("a.{x: b}", ("a",)),
    ],
)
def test_the_fields_of_an_expression(expression: str, fields: tuple[str, ...]) -> None:
    assert Selection.compile(expression).root_fields == fields
