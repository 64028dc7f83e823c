"""What is known of the values of a writer while an entry of a list is followed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.mapping.unroll_values import CannotUnrollError, Known


@dataclass(frozen=True, slots=True)
class Live:
    """What is there at run time only: a variable or a constant, and what it was at first."""

    source: str
    sample: object = field(compare=False)


@dataclass(slots=True, eq=False)
class Built:
    """A list in the making: a segment, or segments."""

    entries: list[Written] = field(default_factory=list)
    name: str = ""
    """The variable that it needs, because it is spoken of twice."""


@dataclass(slots=True)
class Made:
    """Several values that stay together."""

    entries: list[Written]


Written = Known | Live | Built | Made


def source_of(value: Written) -> str:
    """Return the source that makes a value."""
    match value:
        case Known(known) if known is None or isinstance(known, str | int):
            return repr(known)
        case Live(source):
            return source
        case Built(_, name) if name:
            return name
        case Built(entries):
            return "[" + ", ".join(map(source_of, entries)) + "]"
        case Made(entries):
            return "(" + "".join(f"{source_of(one)}, " for one in entries) + ")"
        case _:
            raise CannotUnrollError


def truth_of(value: Written) -> bool:
    """Say whether a value that is known is true."""
    match value:
        case Known(known):
            return bool(known)
        case Built(entries) | Made(entries):
            return bool(entries)
        case _:
            raise CannotUnrollError


def lists_in(value: Written) -> Iterator[Built]:
    """Yield the lists in the making in a value, inner ones first."""
    if isinstance(value, Built | Made):
        for one in value.entries:
            yield from lists_in(one)
    if isinstance(value, Built):
        yield value
