"""Where segments stand in a payload: byte offsets, counted when one is first asked for.

A set without a fault needs none of them. So only the text that the segments were cut from is kept,
which takes less memory than its pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from gateway.x12.characters import BLANKS


class Places:
    """Byte offsets of a window's segments, computed when one is first asked for."""

    __slots__ = ("_offsets", "_start", "_step", "_text")

    def __init__(self, text: str, step: str | None, start: int) -> None:
        """Take text and the offset that it starts at, and what stands between its segments.

        It may start with that, too. Without a step all of the text is one segment.
        """
        self._text = text
        self._step = step
        self._start = start
        self._offsets: list[int] | None = None

    def offsets(self) -> list[int]:
        """Return the offset of each segment's first character."""
        if self._offsets is None:
            self._offsets = []
            offset, gap = self._start, len(self._step or "")
            for piece in self._text.split(self._step) if self._step else [self._text]:
                text = piece.lstrip(BLANKS)
                if text:
                    self._offsets.append(offset + len(piece) - len(text))
                offset += len(piece) + gap
        return self._offsets

    def offset(self, index: int) -> int:
        """Return the offset of one segment; that of the first is known without counting."""
        text, step = self._text, self._step
        if index == 0 and step:
            past = len(step) if text.startswith(step) else 0
            if text[past : past + 1] > " " and not text.startswith(step, past):
                return self._start + past
        return self.offsets()[index]


class Offsets(Sequence[int]):
    """Byte offsets of one transaction set's segments, from the windows that it spans."""

    __slots__ = ("_parts", "_values")

    def __init__(self, *parts: tuple[Places, int, int]) -> None:
        """Take stretches of windows: from a segment up to, and without, another."""
        self._parts = list(parts)
        self._values: list[int] | None = None

    def extend(self, places: Places, first: int, past: int) -> None:
        """Add the segments from `first` up to, and without, `past` of a window."""
        if self._parts and self._parts[-1][0] is places and self._parts[-1][2] == first:
            first = self._parts.pop()[1]
        self._parts.append((places, first, past))
        self._values = None

    def keep_first(self) -> None:
        """Forget all but the first segment, and the windows that the others are in."""
        self._values = self._all()[:1]
        self._parts = [(places, first, first + 1) for places, first, _ in self._parts[:1]]

    def _all(self) -> list[int]:
        if self._values is None:
            self._values = []
            for places, first, past in self._parts:
                self._values += places.offsets()[first:past]
        return self._values

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice[int | None, int | None, int | None]) -> list[int]: ...
    def __getitem__(
        self, index: int | slice[int | None, int | None, int | None]
    ) -> int | list[int]:
        return self._all()[index]

    def __len__(self) -> int:
        return sum(past - first for _, first, past in self._parts)

    def __repr__(self) -> str:
        return f"Offsets({self._all()!r})"
