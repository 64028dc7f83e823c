"""Which shapes are worth a function of their own, and how many of those a process keeps."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from types import FunctionType
from typing import Generic, TypeVar
from weakref import WeakSet

Kind = TypeVar("Kind", bound=Hashable)

MOST_VARIANTS = 5
"""Shapes of the same segments, or of the same members, which differ in what these hold."""
_MOST_KINDS = 40
"""Rows of segments, or of members, that are told apart in one loop or list."""
_MOST = 2000
"""Functions in a process, each of some kilobytes; those of maps that are dropped do not count."""


class Kept:
    """The functions that there are, of all maps of a process."""

    def __init__(self) -> None:
        self.worth = 64
        """So often something has to occur first: a function costs as much as some hundreds of
        occurrences that are read or written without."""
        self._functions: WeakSet[FunctionType] = WeakSet()

    @property
    def enough(self) -> int:
        """Return after how many occurrences of one kind no more functions are made of it."""
        return self.worth * MOST_VARIANTS

    def pays(self, missed: int) -> bool:
        """Say whether it is time for a function, after so many occurrences without one."""
        due = missed % self.worth == 0 and missed <= self.enough
        return due and len(self._functions) < _MOST

    def keep(self, function: FunctionType) -> None:
        """Count a function for as long as it is there."""
        self._functions.add(function)


KEPT = Kept()
"""Of this process."""


class Missed(Generic[Kind]):
    """How often kinds of occurrences came in no known shape.

    Several threads may count at once: they lose a count, or make one function more.
    """

    def __init__(self) -> None:
        self._times: dict[Kind, int] = {}

    def pays(self, kind: Kind, known: Collection[Kind]) -> bool:
        """Count one more; say whether it is time for a function. `known` kinds have some."""
        if kind not in self._times and len(self._times) >= _MOST_KINDS:
            # What came once or twice makes room for what comes often.
            self._times = dict.fromkeys(known, KEPT.enough)
            if len(self._times) >= _MOST_KINDS:
                return False
        times = self._times[kind] = self._times.get(kind, 0) + 1
        return KEPT.pays(times)
