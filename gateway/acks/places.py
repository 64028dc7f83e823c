"""A position in a segment (composite C030), and what text of ours an acknowledgment can carry."""

from __future__ import annotations

from gateway.x12.envelope import as_number
from gateway.x12.model import Delimiters

Place = tuple[int | None, int | None, int | None]
"""Positions of an element, a component and a repetition."""


def joined(
    element: int | None, component: int | None, repetition: int | None, delimiters: Delimiters
) -> str:
    """Write a position as C030."""
    parts = ["" if one is None else str(one) for one in (element, component, repetition)]
    return delimiters.component.join(parts).rstrip(delimiters.component)


def place_of(text: str, delimiters: Delimiters) -> Place:
    """Read a position from C030; what is no number is None."""
    parts = [as_number(part) for part in text.split(delimiters.component)[:3]]
    element, component, repetition = [*parts, None, None][:3]
    return element, component, repetition


def carried(text: str, longest: int, delimiters: Delimiters) -> str:
    """Return a text as an element can repeat it, or nothing where that cannot be.

    Blanks at its end, which may be what is wrong with it, would be as wrong there.
    """
    text = text.rstrip()
    separators = (
        delimiters.element,
        delimiters.component,
        delimiters.terminator,
        delimiters.repetition,
    )
    unusable = (
        len(text) > longest
        or not text.isascii()
        or not text.isprintable()
        or any(separator and separator in text for separator in separators)
    )
    return "" if unusable else text
