"""Results that are made once: each with what it was made of, and holding wherever that is the same.

A part of a map means what it says and what is found under the names that it uses: its blocks, its
tables, the fields that its conditions ask. Most parts of an overlay are those of the map that it
extends, and find the same under the same names: what was made of them there serves here.

Things are told apart by identity, and kept alive by the result that was made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)
Result = TypeVar("Result")

_MOST = 16
"""So many results of one key are kept, the latest used: overlays have tables of their own."""


class Kept(Generic[Name, Result]):
    """Results by a key, and by what was found under each name that was asked for."""

    def __init__(self) -> None:
        self._made: dict[
            Hashable, dict[tuple[Name, ...], dict[tuple[int, ...], tuple[object, Result]]]
        ] = {}

    def find(self, key: Hashable, found: Callable[[Name], object]) -> Result | None:
        """Return the result that was made where the same was found; None where none was."""
        for names, made in self._made.get(key, {}).items():
            identities = tuple([id(found(name)) for name in names])
            known = made.get(identities)
            if known is not None:
                if len(made) > 1:
                    made[identities] = made.pop(identities)
                return known[1]
        return None

    def put(self, key: Hashable, asked: Mapping[Name, object], made: Result, of: object) -> None:
        """Keep a result with what was found; `of` is whatever the key has the identity of."""
        names, values = tuple(asked), tuple(asked.values())
        by_found = self._made.setdefault(key, {}).setdefault(names, {})
        by_found[tuple(map(id, values))] = ((of, values), made)
        if len(by_found) > _MOST:
            del by_found[next(iter(by_found))]
