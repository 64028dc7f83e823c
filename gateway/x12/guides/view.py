"""A transaction set as rules about the whole of it look at it: its tree, and how to find things."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from gateway.x12.model import Delimiters, Loop, Segment
from gateway.x12.schema import SegmentUse, SetSchema


@dataclass(frozen=True, slots=True)
class SetView:
    """A set that was read, and what is known of it."""

    schema: SetSchema
    tree: Loop
    delimiters: Delimiters

    def top(self, tag: str) -> Segment | None:
        """Return the first segment of an id at the top of the set, or that starts a loop there."""
        for one in self.tree.loops.get(tag, ()):
            return next(iter(one.segments.get(tag, ())), None)
        return next(iter(self.tree.segments.get(tag, ())), None)

    def all(self, tag: str) -> Iterator[Segment]:
        """Yield every segment of an id, wherever it stands."""
        return _all(self.tree, tag)

    def uses(self) -> Iterator[tuple[SegmentUse, Segment]]:
        """Yield every segment with its place in the schema."""
        return _uses(self.tree, self.schema)


def _all(loop: Loop, tag: str) -> Iterator[Segment]:
    yield from loop.segments.get(tag, ())
    for inner in loop.loops.values():
        for one in inner:
            yield from _all(one, tag)


def _uses(loop: Loop, schema: SetSchema) -> Iterator[tuple[SegmentUse, Segment]]:
    open_ = [(loop, schema.root)]
    while open_:
        here, use = open_.pop()
        for tag, segments in here.segments.items():
            if tag in use.segments:
                yield from ((use.segments[tag], segment) for segment in segments)
        for tag, inner in here.loops.items():
            if tag in use.loops:
                open_ += [(one, use.loops[tag]) for one in inner]


def text(segment: Segment, element: int) -> str:
    """Return an element of a segment; nothing where it has none."""
    return segment[element] if element < len(segment) else ""


def number(segment: Segment, element: int) -> Decimal | None:
    """Return an element as a number; None where it holds none."""
    value = text(segment, element)
    # What Decimal would take besides (1e3, Infinity, other scripts' digits) is no X12 number.
    if not value or not value.isascii() or not set(value) <= set("0123456789.-"):
        return None
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


def cents(segment: Segment, element: int) -> Decimal | None:
    """Return an amount with two implied decimals; a written point counts as one."""
    value = number(segment, element)
    if value is None or "." in text(segment, element):
        return value
    return value / 100


def shown(value: Decimal) -> str:
    """Write a number as people do: no exponent, no zeros at its end."""
    written = f"{value:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written
