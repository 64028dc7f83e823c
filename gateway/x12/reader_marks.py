"""The delimiters of an interchange as what its text is searched for."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from gateway.x12.characters import LINE_ENDS
from gateway.x12.model import Delimiters

LONE_SET = ("GS", "ST", "SE", "GE", "IEA")
"""The control segments of an interchange with one transaction set, after its ISA."""


class Marks(NamedTuple):
    """The delimiters of an interchange as what is searched for."""

    separator: str
    step: str
    """The terminator and what regularly follows it."""
    terminator: bytes
    trailer: bytes
    """How IEA starts."""
    header: bytes
    """How an ISA with the same separator starts."""
    after_step: re.Pattern[str]
    """A step and a control id, or the start of what only a careful reading copes with."""
    blank_at_end: re.Pattern[str]
    """A blank at the end of an element that is not the last of a text."""
    lone: list[str]
    """What a search for control segments finds where there is one transaction set."""
    plain: bytes
    """Every byte that plain text may hold, delimiters of segments and elements included."""
    printable: bool
    """No line end is among the delimiters, so that plain text holds none."""

    def has_blank_at_end(self, text: str) -> bool:
        """Say whether any element of even text ends with a blank."""
        return text[-1:] == " " or self.blank_at_end.search(text) is not None


def marks_of(delimiters: Delimiters) -> Marks:
    """Return what is searched for in an interchange with these delimiters."""
    one = delimiters
    inner = one.component, one.repetition
    return _marks(one.element, inner, one.terminator, one.terminator + one.suffix)


@lru_cache(maxsize=64)
def _marks(separator: str, inner: tuple[str, str | None], terminator: str, step: str) -> Marks:
    end = rf"(?=[{re.escape(separator + terminator)}]|\Z)"
    # Each branch starts with a character of its own, or a search would try all of them everywhere.
    # Another interchange may have another separator, so ISA is not looked behind.
    tags = f"S[ET]{end}|G[ES]{end}|TA1{end}|I(?:SA|EA{end})|B(?:IN|DS){end}"
    allowed = {chr(code) for code in range(0x20, 0x7F)} | {separator, *step}
    return Marks(
        separator,
        step,
        terminator.encode("latin-1"),
        b"IEA" + separator.encode("latin-1"),
        b"ISA" + separator.encode("latin-1"),
        re.compile(rf"{re.escape(step)}(?:{tags}|[ \t{re.escape(terminator)}])"),
        re.compile(f" [{re.escape(separator + terminator)}]"),
        [step + tag for tag in LONE_SET],
        "".join(sorted(allowed - set(inner))).encode("latin-1"),
        allowed.isdisjoint(LINE_ENDS),
    )
