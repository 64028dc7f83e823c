"""The conversions of `as:`: pairs of inverse functions between X12 text and document values.

Each is registered with a sentence, a signature and examples; the examples are its tests and its
lines in docs/maps.md. A conversion raises ValueError with a sentence where a value does not fit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce

from gateway.mapping import values
from gateway.mapping.kinds import Gives

Scalar = str | int | bool
Read = Callable[[str], Scalar]
Write = Callable[[Scalar], str]

_CALL = re.compile(r"\s*(?P<name>[a-z][a-z0-9_]*)\s*(?:\((?P<arguments>[^()]*)\))?\s*")


@dataclass(frozen=True, slots=True)
class Conversion:
    """A pair of inverse functions, ready to be called."""

    text: str
    read: Read
    write: Write
    gives: Gives = Gives.TEXT


@dataclass(frozen=True, slots=True)
class Example:
    """X12 text and the document's value for one way of calling a conversion."""

    call: str
    x12: str
    document: Scalar
    one_way: bool = False
    """The value writes back as other X12 text: read tolerates what write normalises."""


@dataclass(frozen=True, slots=True)
class Function:
    """One conversion as it is registered and documented."""

    name: str
    sentence: str
    signature: str
    make: Callable[[Sequence[str]], tuple[Read, Write]]
    examples: tuple[Example, ...]
    gives: Gives = Gives.TEXT
    """What it gives for text that is not empty."""


class ConversionError(ValueError):
    """The text after `as:` names no conversion, or its arguments do not fit."""


def split_call(text: str) -> tuple[str, tuple[str, ...]]:
    """Split `implied(2, point)` into its name and arguments."""
    found = _CALL.fullmatch(text)
    if not found:
        raise ConversionError(f"'{text}' is no conversion, such as date or implied(2)")
    arguments = found["arguments"]
    return found["name"], tuple(item.strip() for item in arguments.split(",")) if arguments else ()


@lru_cache(maxsize=1024)
def conversion(text: str) -> Conversion:
    """Return the conversion that `name(argument, …)` calls; raise ConversionError otherwise."""
    name, arguments = split_call(text)
    if name not in FUNCTIONS:
        raise ConversionError(name)
    function = FUNCTIONS[name]
    try:
        read, write = function.make(arguments)
    except (ValueError, TypeError, IndexError, KeyError) as fault:
        message = f"'{text}' does not fit the signature {function.signature}"
        raise ConversionError(message) from fault
    return Conversion(text, read, write, function.gives)


def chain(conversions: Sequence[Conversion]) -> Conversion:
    """Return one conversion that applies several, left to right on read, right to left on write."""
    if len(conversions) == 1:
        return conversions[0]
    steps = tuple(conversions)

    def read(text: str) -> Scalar:
        value: Scalar = text
        for step in steps:
            value = step.read(value if isinstance(value, str) else str(value))
        return value

    def write(value: Scalar) -> str:
        for step in reversed(steps):
            value = step.write(value)
        return str(value)

    gives = reduce(lambda earlier, step: step.gives.after(earlier), steps, Gives.TEXT)
    return Conversion(", ".join(step.text for step in steps), read, write, gives)


def _none(
    read: Callable[[str], Scalar], write: Callable[[Scalar], str]
) -> Callable[[Sequence[str]], tuple[Read, Write]]:
    """Wrap a pair that takes no arguments."""

    def make(arguments: Sequence[str]) -> tuple[Read, Write]:
        if arguments:
            raise ValueError(arguments)
        return read, write

    return make


def _implied(arguments: Sequence[str]) -> tuple[Read, Write]:
    places, *options = arguments
    if options not in ([], ["point"]) or not 0 <= int(places) <= 9:
        raise ValueError(arguments)
    return values.implied(int(places), point=bool(options))


def _fixed(arguments: Sequence[str]) -> tuple[Read, Write]:
    (places,) = arguments
    if not 0 <= int(places) <= 9:
        raise ValueError(arguments)
    return values.fixed(int(places))


def _dates(arguments: Sequence[str]) -> tuple[Read, Write]:
    formats = (arguments[0] if arguments else "CCYYMMDD").split("|")
    if len(arguments) > 1 or not set(formats) <= {"CCYYMMDD", "YYMMDD"}:
        raise ValueError(arguments)
    return values.dates(tuple(formats))


def _pad(arguments: Sequence[str]) -> tuple[Read, Write]:
    width, side, filler = (*arguments, *("right", " ")[len(arguments) - 1 :])
    if side not in ("left", "right") or len(filler) != 1 or not 1 <= int(width) <= 999:
        raise ValueError(arguments)
    return values.padded(int(width), side, filler)


def _affix(where: str, *, on_read: bool) -> Callable[[Sequence[str]], tuple[Read, Write]]:
    def make(arguments: Sequence[str]) -> tuple[Read, Write]:
        (text,) = arguments
        strip, add = values.affix(text, where)
        return (
            (add, lambda value: str(strip(str(value))))
            if on_read
            else (strip, lambda value: str(add(str(value))))
        )

    return make


def _gtin(arguments: Sequence[str]) -> tuple[Read, Write]:
    (width,) = arguments or ("14",)
    if width not in ("8", "12", "13", "14"):
        raise ValueError(arguments)
    return values.gtin14(int(width))


def _sscc(arguments: Sequence[str]) -> tuple[Read, Write]:
    if tuple(arguments) not in ((), ("00",)):
        raise ValueError(arguments)
    return values.sscc(prefix="".join(arguments))


def _boolean(arguments: Sequence[str]) -> tuple[Read, Write]:
    yes, no = arguments or ("Y", "N")
    return values.boolean(yes, no)


_ALL = (
    Function(
        "text",
        "The value as it stands.",
        "text",
        _none(values.text, values.write_text),
        (Example("text", "AB 1", "AB 1"),),
    ),
    Function(
        "integer",
        "A whole number; leading zeros are dropped.",
        "integer",
        _none(values.read_integer, values.write_integer),
        (
            Example("integer", "12", 12),
            Example("integer", "-3", -3),
            Example("integer", "0012", 12, one_way=True),
        ),
        Gives.INTEGER,
    ),
    Function(
        "decimal",
        "An exact number with a written point; superfluous zeros are dropped.",
        "decimal",
        _none(values.read_decimal, values.write_decimal),
        (
            Example("decimal", "12.5", "12.5"),
            Example("decimal", "-.5", "-0.5"),
            Example("decimal", "012.50", "12.5", one_way=True),
        ),
        Gives.DECIMAL,
    ),
    Function(
        "implied",
        "An exact number whose point is not written, as in N2; `point` also takes a written one.",
        "implied(places[, point])",
        _implied,
        (
            Example("implied(2)", "1250", "12.5"),
            Example("implied(0)", "7", "7"),
            Example("implied(2, point)", "12.50", "12.5", one_way=True),
        ),
        Gives.DECIMAL,
    ),
    Function(
        "fixed",
        "An exact number, written with a point and always as many decimals.",
        "fixed(places)",
        _fixed,
        (
            Example("fixed(4)", "75.0000", "75"),
            Example("fixed(2)", "-0.50", "-0.5"),
            Example("fixed(2)", "12", "12", one_way=True),
        ),
        Gives.DECIMAL,
    ),
    Function(
        "date",
        "A calendar day; two-digit years below 70 are 20xx.",
        "date[(CCYYMMDD|YYMMDD)]",
        _dates,
        (
            Example("date", "20260131", "2026-01-31"),
            Example("date(YYMMDD)", "260131", "2026-01-31"),
            Example("date(CCYYMMDD|YYMMDD)", "260131", "2026-01-31", one_way=True),
        ),
        Gives.DATE,
    ),
    Function(
        "time",
        "A time of day: HHMM, HHMMSS or with decimal seconds.",
        "time",
        _none(values.read_time, values.write_time),
        (
            Example("time", "1345", "13:45"),
            Example("time", "134530", "13:45:30"),
            Example("time", "13453025", "13:45:30.25"),
        ),
        Gives.TIME,
    ),
    Function(
        "datetime",
        "A day and a time in one element.",
        "datetime",
        _none(values.read_datetime, values.write_datetime),
        (Example("datetime", "202601311345", "2026-01-31T13:45"),),
    ),
    Function(
        "boolean",
        "One code for true, one for false.",
        "boolean[(Y, N)]",
        _boolean,
        (Example("boolean", "Y", True), Example("boolean(1, 0)", "0", False)),
        Gives.BOOLEAN,
    ),
    Function(
        "trim",
        "Drop blanks around the value.",
        "trim",
        _none(values.trim, values.write_trimmed),
        (Example("trim", " AB ", "AB", one_way=True), Example("trim", "AB", "AB")),
        Gives.ANY_TEXT,
    ),
    Function(
        "upper",
        "Upper case, in both directions.",
        "upper",
        _none(str.upper, values.write_upper),
        (Example("upper", "AB", "AB"), Example("upper", "ab", "AB", one_way=True)),
    ),
    Function(
        "lower",
        "Lower case in the document, upper case in X12.",
        "lower",
        _none(str.lower, values.write_upper),
        (Example("lower", "AB", "ab"),),
    ),
    Function(
        "pad",
        "Fixed width in X12, no filling in the document.",
        "pad(width[, left|right[, filler]])",
        _pad,
        (Example("pad(5)", "AB   ", "AB"), Example("pad(5, left, 0)", "00042", "42")),
    ),
    Function(
        "strip_prefix",
        "Take a prefix off on read, put it on on write.",
        "strip_prefix(text)",
        _affix("prefix", on_read=False),
        (Example("strip_prefix(PO-)", "PO-42", "42"),),
    ),
    Function(
        "add_prefix",
        "Put a prefix on on read, take it off on write.",
        "add_prefix(text)",
        _affix("prefix", on_read=True),
        (Example("add_prefix(PO-)", "42", "PO-42"),),
    ),
    Function(
        "strip_suffix",
        "Take a suffix off on read, put it on on write.",
        "strip_suffix(text)",
        _affix("suffix", on_read=False),
        (Example("strip_suffix(-)", "42-", "42"),),
    ),
    Function(
        "add_suffix",
        "Put a suffix on on read, take it off on write.",
        "add_suffix(text)",
        _affix("suffix", on_read=True),
        (Example("add_suffix(-X)", "42", "42-X"),),
    ),
    Function(
        "gtin14",
        "An item number as 14 digits; the argument is the written width.",
        "gtin14[(8|12|13|14)]",
        _gtin,
        (
            Example("gtin14", "10614141000415", "10614141000415"),
            Example("gtin14(12)", "614141000415", "00614141000415"),
            Example("gtin14", "614141000415", "00614141000415", one_way=True),
        ),
    ),
    Function(
        "sscc",
        "A container code as 18 digits; with `00` it is written with that prefix.",
        "sscc[(00)]",
        _sscc,
        (
            Example("sscc", "106141411234567897", "106141411234567897"),
            Example("sscc(00)", "00106141411234567897", "106141411234567897"),
        ),
    ),
    Function(
        "negate",
        "An exact number with the sign turned.",
        "negate",
        _none(values.negate, values.write_negated),
        (Example("negate", "5", "-5"), Example("negate", "-1.5", "1.5")),
        Gives.DECIMAL,
    ),
)

FUNCTIONS = {function.name: function for function in _ALL}
"""Every conversion by name."""


def reference() -> str:
    """Return the conversions as the table that docs/maps.md prints."""
    lines = ["| conversion | what it does | X12 → document |", "|---|---|---|"]
    for function in _ALL:
        signature = function.signature.replace("|", "\\|")
        shown = "; ".join(
            f"`{example.call}`: `{example.x12}` → {_shown(example.document)}".replace("|", "\\|")
            for example in function.examples
        )
        lines.append(f"| `{signature}` | {function.sentence} | {shown} |")
    return "\n".join(lines)


def _shown(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)
