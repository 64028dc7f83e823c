"""JSON whose numbers stay what was written: a price must not change on its way.

Programs read a JSON number as a binary fraction unless told otherwise; here it is an exact decimal,
and it is written digit by digit as it was read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

import orjson

Json: TypeAlias = "bool | int | Decimal | str | Sequence[Json] | Mapping[str, Json] | None"
"""A value as JSON has it; there are no floats among them."""

MAX_DEPTH = 64
"""No document that programs exchange is nested deeper."""

MAX_VALUES = 1_000_000
"""Members and items of one value, all levels together."""

_MOST_DIGITS = 40
"""Before the point, and after it: a number beyond that is a mistake or an attack."""

_OUT_OF_BOUNDS = "the number is too large or too small"

_SHOWN = 60
"""Characters of a name that is told."""

_FEW_DIGITS = 18
"""Digits that every program holds in 64 bits."""


class JsonFault(ValueError):
    """A text is no JSON, or a value cannot be written as JSON."""


def loads(content: bytes | str) -> Json:
    """Read JSON with exact numbers; raise JsonFault with the line where it is none."""
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
        value: Json = json.loads(
            text, parse_float=_number, parse_int=_whole, parse_constant=_constant
        )
    except json.JSONDecodeError as fault:
        raise JsonFault(f"line {fault.lineno}: {fault.msg}") from fault
    except UnicodeDecodeError as fault:
        raise JsonFault("it is not UTF-8 text") from fault
    except RecursionError as fault:
        raise JsonFault(f"it is nested more than {MAX_DEPTH} deep") from fault
    check_bounds(value)
    return value


def require_single(content: bytes) -> None:
    """Raise JsonFault where an object names a member twice: the first would be lost.

    It takes JSON that is known to be some.
    """

    def once(members: list[tuple[str, object]]) -> None:
        seen: set[str] = set()
        for name, _ in members:
            if name in seen:
                raise JsonFault(f"names {name[:_SHOWN]!a} twice in one object")
            seen.add(name)

    try:
        # Numbers stay text: nothing is computed of them, however long they are.
        json.loads(content.decode(), object_pairs_hook=once, parse_int=str, parse_float=str)
    except RecursionError as fault:
        raise JsonFault("is nested too deeply") from fault


def dumps(value: Json) -> bytes:
    """Write a value as JSON, keys in their order; raise JsonFault where it cannot be written."""
    check_bounds(value)
    try:
        return orjson.dumps(value, default=_written)
    except TypeError as fault:
        raise JsonFault(str(fault)) from fault


def check_bounds(value: Json) -> None:
    """Raise JsonFault where a value is nested too deeply or holds too much."""
    count, depth, level = 0, 0, [value]
    while level:
        depth += 1
        count += len(level)
        if depth > MAX_DEPTH:
            raise JsonFault(f"it is nested more than {MAX_DEPTH} deep")
        if count > MAX_VALUES:
            raise JsonFault(f"it holds more than {MAX_VALUES} values")
        level = [inner for one in level for inner in _inner(one)]


def plain(number: Decimal) -> str:
    """Write an exact number in plain notation, all its digits; raise JsonFault beyond bounds."""
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        raise JsonFault(_OUT_OF_BOUNDS)
    return f"{number:f}"


def _inner(value: Json) -> Iterator[Json]:
    if isinstance(value, Mapping):
        return iter(value.values())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return iter(value)
    return iter(())


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:  # An exponent that no decimal number has.
        raise JsonFault(_OUT_OF_BOUNDS) from None
    plain(number)
    return number


def _whole(text: str) -> int | Decimal:
    # A number of more digits would not be written again: what writes JSON holds 64 bits.
    return int(text) if len(text) <= _FEW_DIGITS else _number(text)


def _constant(text: str) -> Json:
    raise JsonFault(f"{text} is no number")


def _written(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(plain(value))
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"a {type(value).__name__} is no JSON value")
