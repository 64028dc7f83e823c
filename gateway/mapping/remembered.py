"""Compiled maps by what they are made of, so that only what changed is compiled again.

A key says everything that a compiled map depends on. An instance whose files are read anew so gets
the maps that it had, but for those whose own file, or one that they extend, or a shared table is
another one now.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.mapping.compiled import CompiledMap
from gateway.mapping.plan import Json
from gateway.mapping.ports import LoopShape

_MOST = 5_000
"""More maps than an instance has; the oldest make room."""

_Around = tuple[LoopShape, Mapping[str, Json]]


class Remembered:
    """Compiled maps; one for all libraries of a process."""

    def __init__(self) -> None:
        self._maps: dict[tuple[str, int, int], tuple[_Around, CompiledMap]] = {}
        self.compilations = 0
        """How many maps were compiled, and not remembered."""

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


def _key(fingerprint: str, around: _Around) -> tuple[str, int, int]:
    return fingerprint, id(around[0]), id(around[1])
