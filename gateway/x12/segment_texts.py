"""The segments of a version as text, each read as YAML when a set first uses it: a set has few."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.errors import ConfigProblems
from gateway.yaml_source import Path, Source, Value, load

_TOP = re.compile(r"^[^\s#].*$", re.MULTILINE)
_KEY = re.compile(r"([A-Z][A-Z0-9]{1,2}): *")


class SegmentTexts:
    """A file whose members are segments; reading all of it takes longer than all else of a set."""

    def __init__(self, text: str, file: str) -> None:
        """Take the text of a file; raise ConfigProblems where it is not a mapping."""
        self._file = file
        self._texts: dict[str, str] = {}
        self._whole: Source | None = None
        found = list(_parts(text))
        self._texts = {key: part for key, part in found if key}
        if not found or len(self._texts) < len(found):  # written otherwise, or twice
            self._whole = load(text, file)
            self._texts = dict.fromkeys(members_of(self._whole, ()), "")

    @property
    def names(self) -> frozenset[str]:
        """Return the ids of all segments."""
        return frozenset(self._texts)

    def source(self, tag: str) -> Source | None:
        """Return a mapping that holds one segment, at its lines of the file; None without it."""
        if tag not in self._texts:
            return None
        return self._whole or load(self._texts[tag], self._file)


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield each member with its text, after as many empty lines as stand before it."""
    starts = [(found.start(), found[0]) for found in _TOP.finditer(text)]
    ends = [start for start, _ in starts] + [len(text)]
    for (start, line), end in zip(starts, ends[1:], strict=True):
        key = _KEY.fullmatch(line)
        yield key[1] if key else "", "\n" * text.count("\n", 0, start) + text[start:end]


def members_of(source: Source, path: Path) -> dict[str, Value]:
    """Return the mapping at a path of a file; raise ConfigProblems where there is none."""
    value: Value = source.value
    for part in path:
        value = value.get(str(part)) if isinstance(value, dict) else None
    if not isinstance(value, dict):
        raise ConfigProblems([source.problem(path, "expected keys and values")])
    return value
