"""The shapes that the entries of a list have had, each with a function that writes a run of them.

What `gateway.mapping.loop_shapes` is to readers, this is to writers: a generated writer asks here
before it writes an entry of a list that makes loops.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from types import FunctionType
from typing import Protocol, cast

from gateway.mapping.loop_shapes import Generated, compiled_shape, loop_of
from gateway.mapping.shapes_kept import KEPT, Missed
from gateway.mapping.unroll_entry import ENTRY, unrolled_entry
from gateway.mapping.unroll_values import NOT_FOLLOWED
from gateway.mapping.unroll_writing import Following
from gateway.mapping.unroll_written import Live

_MOST_AT_ONCE = 24
"""Entries of a run. If the first has another shape after all, it was not long in vain."""

PLACE = "# shapes"
"""Where a generated writer asks for shapes, until it is known what it has to tell them."""
_TEXT = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_WORD = re.compile(r"\w+")
_ASSIGNED = re.compile(r"\b(\w+) (?:=|\+=|:=) ")
_SCRATCH = frozenset("fiknpqtuv")
"""What is set anew wherever it is looked at."""


class WriteRun(Protocol):
    """Writes a run of entries, until one has another shape."""

    def __call__(self, entries: Sequence[object], at: int, *outer: object) -> tuple[object, ...]:
        """Return where it stopped, and the variables that an entry leaves to the next one."""


@dataclass(frozen=True, slots=True)
class Around:
    """The variables around a loop."""

    carried: tuple[str, ...]
    """What one entry leaves to the next one, and to what comes after the loop."""
    outer: tuple[str, ...]
    """All that are from outside, first those that are carried."""


class EntryShapes:
    """The shapes of the entries of one list."""

    def __init__(self, name: str, around: Around) -> None:
        self.name = name
        self._around = around
        self._generated = Generated("", {})
        self._shapes: dict[tuple[str, ...], tuple[WriteRun, ...]] = {}
        self._missed = Missed[tuple[str, ...]]()

    def belong(self, generated: Generated) -> None:
        """Note which writer the list is part of."""
        self._generated = generated

    @property
    def shapes(self) -> tuple[WriteRun, ...]:
        """Return the shapes that are known."""
        return tuple(shape for shapes in self._shapes.values() for shape in shapes)

    def written(
        self, entries: Sequence[object], at: int, *outer: object
    ) -> tuple[object, ...] | None:
        """Write entries of known shapes; return where that ends, and what is carried on."""
        entry = entries[at]
        if type(entry) is not dict:
            return None
        kind = tuple(entry)
        for shape in self._shapes.get(kind, ()):
            found = shape(entries[at : at + _MOST_AT_ONCE], at, *outer)
            if found[0] != at:
                return found
        self._miss(kind, entry, outer)
        return None

    def _miss(
        self, kind: tuple[str, ...], entry: Mapping[str, object], outer: Sequence[object]
    ) -> None:
        """Count an entry that has no known shape; make a function of what comes again."""
        if self._missed.pays(kind, self._shapes):
            made = self._made(entry, outer)
            if made is not None:
                self._shapes[kind] = (*self._shapes.get(kind, ()), made)

    def _made(self, entry: Mapping[str, object], outer: Sequence[object]) -> WriteRun | None:
        """Return how entries like this are written; None where the writer's loop does better."""
        generated, around = self._generated, self._around
        given = {name: Live(name, value) for name, value in zip(around.outer, outer, strict=True)}
        try:
            loop, _ = loop_of(generated.source, f"{self.name}.written(")
            variable = getattr(loop.body[1], "targets")[0].id  # noqa: B009 - of an assignment
            one = Following(generated.space, {**given, variable: Live(ENTRY, entry)})
            one.samples[ENTRY] = entry
            one.block(loop.body[3:])
            code = compiled_shape(unrolled_entry(one, around.carried, around.outer))
        except NOT_FOLLOWED:
            return None
        space: dict[str, object] = {}
        exec(code, generated.space, space)  # noqa: S102 - the source follows from that of the writer, made of names made there
        KEPT.keep(cast(FunctionType, space["write"]))
        return cast(WriteRun, space["write"])


@dataclass(frozen=True, slots=True)
class _Names:
    """The names in a line."""

    words: frozenset[str]
    assigned: frozenset[str]

    @classmethod
    def of(cls, line: str) -> _Names:
        """Return the names of a line, those in texts aside."""
        bare = _TEXT.sub("", line)
        return cls(frozenset(_WORD.findall(bare)), frozenset(_ASSIGNED.findall(bare)))


class WriterNames:
    """The names in a writer's source. Each line is looked through once, however deep it stands."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = [_Names.of(line) for line in lines]
        self._words = Counter[str](chain.from_iterable(one.words for one in self._lines))
        self._assigned = Counter[str](chain.from_iterable(one.assigned for one in self._lines))

    def replace(self, number: int, line: str) -> None:
        """Note that a line is another one now."""
        before, after = self._lines[number], _Names.of(line)
        self._words.subtract(before.words)
        self._words.update(after.words)
        self._assigned.subtract(before.assigned)
        self._assigned.update(after.assigned)
        self._lines[number] = after

    def around(self, place: int, end: int, own: Set[str], said: Sequence[str]) -> Around:
        """Return the variables around a loop, from where it asks for shapes to its end.

        `own` are those of the loop itself. `said` is what tables have a say in: maps that share
        the writer bind their own to it.
        """
        inside = self._lines[place - 1 : end]
        words = Counter[str](chain.from_iterable(one.words for one in inside))
        assigned = Counter[str](chain.from_iterable(one.assigned for one in inside))
        left_out = _SCRATCH | own
        carried = sorted(
            name for name in assigned if self._words[name] > words[name] and name not in left_out
        )
        given = sorted(
            name
            for name in words
            if name not in assigned
            and name not in left_out
            and self._assigned[name] > assigned[name]
        )
        tables = [name for name in said if name in words]
        return Around(tuple(carried), (*carried, *given, *tables))
