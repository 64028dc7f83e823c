"""What an expression may compute with: each step bounded before it is taken, not after.

Jinja2 parses an expression and runs it; every filter, operator and look-up in it is one of ours, so
that none can grow text or numbers beyond what is said here. No step takes longer than its operands
are long, and an expression has at most as many steps as characters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from jinja2 import Undefined
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from gateway.mapping import cutting, values

MAX_TEXT = 10_000
"""Characters of a text that goes into a step or comes out of it."""

CONCATENATE = "~"
"""The name of the filter that stands for the operator; no expression can write it."""

LOOKUP = "lookup"
"""The name of the filter that looks into a cross reference."""

DATE, WRITE_DATE = "date", "write_date"
"""The names of the filters that take the format of a day."""

Rows = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Cross references by name: code, then column and value."""

_LONGEST_NUMBER = 40

_OPERATIONS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
}


class ExpressionError(ValueError):
    """The expression cannot be used, or gave nothing usable."""


class BoundedContext(Context):
    """The names of an expression; a text that is too long is refused when it is asked for."""

    def resolve_or_missing(self, key: str) -> object:
        """Return a value by its name."""
        value: object = super().resolve_or_missing(key)
        return value if value is missing else _bounded(value)


class Sandbox(ImmutableSandboxedEnvironment):
    """Computes with exact decimals and bounded text."""

    intercepted_binops = frozenset(_OPERATIONS)
    context_class = BoundedContext

    def call_binop(self, context: object, operator: str, left: object, right: object) -> object:
        """Compute with exact decimals only: text times a number could fill the memory."""
        return _OPERATIONS[operator](number(left), number(right))

    def getattr(self, obj: object, attribute: str) -> object:
        """Return a member of an object: a document has no other attributes."""
        return self.getitem(obj, attribute)

    def getitem(self, obj: object, argument: object) -> object:
        """Return a member of an object or an item of a list; undefined where there is none."""
        if isinstance(obj, Mapping) and isinstance(argument, str) and argument in obj:
            return _bounded(obj[argument])
        listed = obj if isinstance(obj, Sequence) else ()
        if isinstance(argument, int) and -len(listed) <= argument < len(listed):
            return _bounded(listed[argument])
        return self.undefined(obj=obj, name=str(argument)[:_LONGEST_NUMBER])


def number(value: object) -> Decimal:
    """Return an operand as an exact decimal; raise ExpressionError where it is none."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, float):  # A number written in the expression itself, such as 0.5.
        return Decimal(repr(value))
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ExpressionError("computing needs numbers")
    if len(text := str(value)) > _LONGEST_NUMBER:
        raise ExpressionError("computing needs numbers")
    return Decimal(values.canonical_decimal(text))


def _bounded(value: object) -> object:
    if isinstance(value, str):
        _check_length(len(value))
    return value


def _check_length(length: int) -> None:
    if length > MAX_TEXT:
        raise ExpressionError(f"the text is longer than {MAX_TEXT} characters")


def _text(value: object) -> str:
    """Return an operand as text; an object or a list is none, however short its notation."""
    if value is None or isinstance(value, Undefined):
        return ""
    if not isinstance(value, str | int | float | Decimal):
        raise ExpressionError("an object or a list is no text")
    text = str(value)
    _check_length(len(text))
    return text


def _upper(value: object) -> str:
    return _text(value).upper()


def _lower(value: object) -> str:
    return _text(value).lower()


def _trim(value: object) -> str:
    return _text(value).strip()


def _replace(value: object, old: object, new: object) -> str:
    text, before, after = _text(value), _text(old), _text(new)
    _check_length(len(text) + text.count(before) * (len(after) - len(before)))
    return text.replace(before, after)


def _default(value: object, instead: object = "") -> object:
    return instead if value is None or isinstance(value, Undefined) else value


def _length(value: object) -> int:
    if isinstance(value, Sequence | Mapping):
        return len(value)
    return len(_text(value))


def _first(value: object) -> object:
    return _at(value, 0)


def _last(value: object) -> object:
    return _at(value, -1)


def _at(value: object, index: int) -> object:
    if not isinstance(value, Sequence):
        raise ExpressionError("expected text or a list")
    return _bounded(value[index]) if value else None


def _join(value: object, between: object = "") -> str:
    if not isinstance(value, Sequence):
        raise ExpressionError("expected a list")
    separator = _text(between)
    length, parts = 0, []
    for item in value:
        parts.append(_text(item))
        length += len(parts[-1]) + (len(separator) if len(parts) > 1 else 0)
        _check_length(length)
    return separator.join(parts)


def _looking(tables: Rows) -> Callable[[object, str, str], object]:
    def lookup(value: object, table: str, column: str) -> object:
        return tables[table].get(_text(value), {}).get(column)

    return lookup


def _left(value: object, count: object) -> str:
    return cutting.left(_text(value), count)


def _right(value: object, count: object) -> str:
    return cutting.right(_text(value), count)


def _substring(value: object, start: object, count: object = None) -> str:
    return cutting.substring(_text(value), start, count)


def _part(value: object, between: object, number: object) -> str | None:
    return cutting.part(_text(value), _text(between), number)


def _read_day(value: object, form: object) -> str | None:
    return cutting.read_day(text, form) if (text := _text(value)) else None


def _write_day(value: object, form: object) -> str | None:
    return cutting.write_day(text, form) if (text := _text(value)) else None


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter as it is registered and documented."""

    name: str
    sentence: str
    signature: str
    examples: tuple[tuple[str, str | int | None], ...]
    """Expressions over `name` (" Ann "), `store` ("0417") and `tags` (a, b), and their values."""


FILTERS = (
    Filter("upper", "The text in upper case.", "upper", (("name | upper", " ANN "),)),
    Filter("lower", "The text in lower case.", "lower", (("name | lower", " ann "),)),
    Filter("trim", "The text without blanks around it.", "trim", (("name | trim", "Ann"),)),
    Filter(
        "replace",
        "The text with one text in place of another, everywhere.",
        "replace(old, new)",
        (("store | replace('0', 'x')", "x417"),),
    ),
    Filter(
        "default",
        "The value, or another where there is none.",
        "default(instead)",
        (("store | default('none')", "0417"), ("nobody | default('none')", "none")),
    ),
    Filter(
        "length",
        "How many characters, or entries of a list.",
        "length",
        (("store | length", 4), ("tags | length", 2)),
    ),
    Filter(
        "first",
        "The first character, or the first entry of a list.",
        "first",
        (("store | first", "0"), ("tags | first", "a")),
    ),
    Filter(
        "last",
        "The last character, or the last entry of a list.",
        "last",
        (("store | last", "7"), ("tags | last", "b")),
    ),
    Filter(
        "join",
        "The entries of a list as one text, with something between them.",
        "join(between)",
        (("tags | join('-')", "a-b"),),
    ),
    Filter(
        "left",
        "The first characters.",
        "left(count)",
        (("store | left(2)", "04"), ("store | left(9)", "0417")),
    ),
    Filter("right", "The last characters.", "right(count)", (("store | right(2)", "17"),)),
    Filter(
        "substring",
        "Characters from one on, counted from 1; without a count all that follow.",
        "substring(start[, count])",
        (("store | substring(2, 2)", "41"), ("store | substring(3)", "17")),
    ),
    Filter(
        "part",
        "One part of a text with something between its parts; -1 is the last. Nothing where there "
        "are fewer.",
        "part(between, number)",
        (
            ("'A-12-B' | part('-', 2)", "12"),
            ("'A-12-B' | part('-', -1)", "B"),
            ("store | part('-', 2)", None),
        ),
    ),
    Filter(
        DATE,
        "A day in a format of CCYY or YY, MM and DD, as the document has days.",
        "date(format)",
        (
            ("'260531' | date('YYMMDD')", "2026-05-31"),
            ("'05/31/2026' | date('MM/DD/CCYY')", "2026-05-31"),
        ),
    ),
    Filter(
        WRITE_DATE,
        "A day of the document in such a format.",
        "write_date(format)",
        (("'2026-05-31' | write_date('DD.MM.YY')", "31.05.26"),),
    ),
    Filter(
        LOOKUP,
        "What a cross reference has in a column for this code; nothing where it has none.",
        "lookup(table, column)",
        (
            ("store | lookup('stores', 'dc')", "7001"),
            ("'9999' | lookup('stores', 'dc')", None),
        ),
    ),
)
"""Every filter that an expression may use."""


def sandbox(tables: Rows | None = None) -> Sandbox:
    """Return an environment with these operators, filters and tests, and nothing else."""
    made = Sandbox(autoescape=False)
    made.filters = {
        "upper": _upper,
        "lower": _lower,
        "trim": _trim,
        "replace": _replace,
        "default": _default,
        "length": _length,
        "first": _first,
        "last": _last,
        "join": _join,
        CONCATENATE: _join,
        "left": _left,
        "right": _right,
        "substring": _substring,
        "part": _part,
        DATE: _read_day,
        WRITE_DATE: _write_day,
        LOOKUP: _looking(tables or {}),
    }
    made.tests = {name: made.tests[name] for name in ("defined", "undefined", "in")}
    made.globals = {}
    return made
