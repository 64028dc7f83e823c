"""Text that remembers where it stood, or why it was written.

A map is read and written with such text by the very code that does without: what it does with a
text, it does with these, and at the end each says where it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import SupportsIndex

from gateway.mapping.conversions import Scalar
from gateway.mapping.trace.model import Reason


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a text stands in a set: `segment` is the index in its row, or -1 if not known."""

    row: Sequence[str]
    segment: int
    element: int
    component: int | None
    loop: str


class ReadText(str):
    """An element or component as received."""

    __slots__ = ("standing",)

    standing: Standing

    def __new__(cls, text: str, standing: Standing) -> ReadText:
        """Return a text that stands somewhere."""
        made = super().__new__(cls, text)
        made.standing = standing
        return made

    def split(self, sep: str | None = None, maxsplit: SupportsIndex = -1) -> list[str]:
        """Return the components; each knows its number."""
        own = self.standing
        parts = super().split(sep, maxsplit)
        return [
            ReadText(part, Standing(own.row, own.segment, own.element, number, own.loop))
            for number, part in enumerate(parts, 1)
        ]


class ConvertedText(str):
    """A text of the document with that of the set which it was made of."""

    __slots__ = ("made_of",)

    made_of: str


class ConvertedNumber(int):
    """A whole number of the document with the text of the set which it was made of."""

    made_of: str


class ConvertedTruth:
    """True or false, which cannot be extended, with the text of the set."""

    __slots__ = ("made_of", "value")

    def __init__(self, value: Scalar, made_of: str) -> None:
        self.value = value
        self.made_of = made_of

    def __eq__(self, other: object) -> bool:
        return bool(self.value == (other.value if isinstance(other, ConvertedTruth) else other))

    def __hash__(self) -> int:
        return hash(self.value)

    def __str__(self) -> str:
        return str(self.value)


Converted = ConvertedText | ConvertedNumber | ConvertedTruth


def converted(value: Scalar, made_of: str) -> Converted:
    """Return a value of a document that knows the text which it was made of."""
    if isinstance(value, bool):
        return ConvertedTruth(value, made_of)
    made = ConvertedNumber(value) if isinstance(value, int) else ConvertedText(value)
    made.made_of = made_of
    return made


@dataclass(frozen=True, slots=True)
class Why:
    """Why a text is written."""

    reason: Reason
    pointer: str | None = None
    path: tuple[str | int, ...] = ()
    """Of what says so in the map."""


class WrittenText(str):
    """A text that knows why it is written."""

    __slots__ = ("why",)

    why: Why

    def __new__(cls, text: str, why: Why) -> WrittenText:
        """Return a text with its reason."""
        made = super().__new__(cls, text)
        made.why = why
        return made

    def __str__(self) -> str:
        """Return itself: who makes text of a text keeps the reason."""
        return self


class Joined(str):
    """A composite that knows the reason of each of its components."""

    __slots__ = ("parts",)

    parts: list[str]

    def __new__(cls, text: str, parts: list[str]) -> Joined:
        """Return components as one text."""
        made = super().__new__(cls, text)
        made.parts = parts
        return made

    def split(self, sep: str | None = None, maxsplit: SupportsIndex = -1) -> list[str]:
        """Return the components, with their reasons."""
        return list(self.parts)


class Separator(str):
    """A component separator that keeps the reasons of what it joins."""

    __slots__ = ()

    def join(self, parts: Iterable[str], /) -> str:
        """Return components as one text."""
        listed = list(parts)
        return Joined(super().join(listed), listed)
