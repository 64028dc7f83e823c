"""Compiled maps by what they are made of, so that only what changed is compiled again.

Maps of one structure share it for as long as one of them is remembered or in use: neither another
partner's map nor one whose tables changed is planned again, and no code is made for it.

A key says everything that a compiled map depends on. An instance whose files are read anew so gets
the maps that it had, but for those whose own file, or one that they extend, or a shared table is
another one now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from weakref import WeakValueDictionary

from gateway.mapping.compiled import CompiledMap
from gateway.mapping.plan import Json, MapPlan
from gateway.mapping.ports import LoopShape
from gateway.mapping.structure import Structure

_MOST = 5_000
"""More maps than an instance has; the oldest make room."""

_Around = tuple[LoopShape, Mapping[str, Json]]


class Remembered:
    """Compiled maps; one for all libraries of a process."""

    def __init__(self) -> None:
        self._maps: dict[tuple[str, int, int], tuple[_Around, CompiledMap]] = {}
        self._structures: WeakValueDictionary[tuple[str, int, int], Structure] = (
            WeakValueDictionary()
        )
        self.compilations = 0
        """How many maps were compiled, and not remembered."""
        self.structures = 0
        """How many structures were planned for them."""

    def get(self, fingerprint: str, around: _Around) -> CompiledMap | None:
        """Return a map that was made of the same; None where there is none."""
        found = self._maps.get(_key(fingerprint, around)) if fingerprint else None
        return found[1] if found is not None else None

    def put(self, fingerprint: str, around: _Around, made: CompiledMap) -> None:
        """Keep a map; what has no fingerprint is only counted."""
        self.compilations += 1
        if not fingerprint:
            return
        # The schemas are kept with it: another one must not come to lie at the same address.
        self._maps[_key(fingerprint, around)] = around, made
        while len(self._maps) > _MOST:
            del self._maps[next(iter(self._maps))]

    def structure(self, outline: str, around: _Around, make: Callable[[], MapPlan]) -> Structure:
        """Return the structure of maps that say the same, planned for the first of them."""
        key = _key(outline, around)
        found = self._structures.get(key)
        if found is None:
            found = self._structures[key] = Structure(make(), around)
            self.structures += 1
        return found


def _key(fingerprint: str, around: _Around) -> tuple[str, int, int]:
    return fingerprint, id(around[0]), id(around[1])
