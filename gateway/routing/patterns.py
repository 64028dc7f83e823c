"""Regular expressions that people write in `routes.yaml`, held against what partners send.

RE2 searches in linear time, whatever the expression: with one that goes back and tries again, such
as `re`, an innocent `^(a+)+$` and a partner's value of forty letters hold a thread for ever. It
refuses what cannot be searched so: back references, look-around, repetitions above a thousand.
"""

from __future__ import annotations

import re
from functools import lru_cache

import re2

LONGEST_PATTERN = 500
"""Characters of an expression."""

LONGEST_VALUE = 10_000
"""Characters of a value; a longer one is no code or name, and no expression is found in it."""

_MEMORY = 1024 * 1024
"""Bytes of an expression made ready; more would be slow even in linear time."""

# RE2 takes a repetition whose count has nine digits or more for text that stands in the value.
_ENDLESS = re.compile(r"\{[0-9]*,?[0-9]{9,}\}|\{[0-9]{9,},?[0-9]*\}")


class PatternError(ValueError):
    """This is no regular expression."""


def check(pattern: str) -> None:
    """Raise PatternError where this cannot be searched for."""
    if len(pattern) > LONGEST_PATTERN:
        raise PatternError(f"a regular expression has at most {LONGEST_PATTERN} characters")
    if endless := _ENDLESS.search(pattern):
        raise PatternError(f"not a regular expression (RE2): invalid repetition size: {endless[0]}")
    try:
        _ready(pattern)
    except re2.error as fault:
        said = fault.args[0] if fault.args else b""
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise PatternError(f"not a regular expression (RE2): {words}") from None


def found(pattern: str, value: str) -> bool:
    """Say whether a checked expression is found somewhere in a value."""
    return len(value) <= LONGEST_VALUE and _ready(pattern).search(value) is not None


@lru_cache(maxsize=256)
def _ready(pattern: str) -> re2._Regexp:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    return re2.compile(pattern, options)
