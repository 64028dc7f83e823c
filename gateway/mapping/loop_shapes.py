"""The shapes that the occurrences of a loop have had, each with a function that reads a run of it.

A generated reader asks for one before it reads an occurrence. What occurs often in the same
shape gets a function of its own (`gateway.mapping.unroll`), made then; how many there are is
bounded, and none of them keeps anything of a partner's data but its shape.
"""

from __future__ import annotations

import ast
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Protocol, cast

from gateway.mapping.shapes_kept import KEPT, Missed
from gateway.mapping.unroll import Unrolling
from gateway.mapping.unroll_source import unrolled
from gateway.mapping.unroll_values import NOT_FOLLOWED, CannotUnrollError

_MOST_SEGMENTS = 40
"""Of one occurrence."""
_MOST_AT_ONCE = 24
"""Occurrences of a run. If the first has another shape after all, it was not long in vain."""

_EndOfRun = Callable[[bytes, int], re.Match[bytes] | None]
Rows = Sequence[Sequence[str]]


class ReadRun(Protocol):
    """Reads a run of occurrences, and appends their entries until one has another shape."""

    def __call__(self, rows: Rows, *given: object) -> None:
        """Take the segments, the sink and the variables from outside."""


class Generated:
    """The reader that loops belong to."""

    def __init__(self, source: str, space: dict[str, object]) -> None:
        self._source = zlib.compress(source.encode())
        self.space = space

    @property
    def source(self) -> str:
        """Return the source; it is kept compressed, for it is looked at for new shapes only."""
        return zlib.decompress(self._source).decode()


@dataclass(frozen=True, slots=True)
class Shape:
    """How occurrences of one shape are read."""

    end_of_run: _EndOfRun
    read: ReadRun
    segments: int
    """Of one occurrence."""
    peeks: bool
    """Whether the segment after an occurrence is looked at."""
    entries: int
    """That one occurrence appends to the first list."""
    into: int
    """Which variable from outside that list is."""

    def taken(self, segments: Rows, numbers: bytes, at: int, given: Sequence[object]) -> int:
        """Read a run of occurrences; return how many segments that were."""
        run = self.end_of_run(numbers, at)
        if run is None:
            return 0
        into = cast(list[object], given[self.into])
        before = len(into)
        try:  # noqa: SIM105 - entering and leaving `suppress` takes longer than reading a segment
            self.read(segments[at : run.end() + self.peeks], *given)
        except (ValueError, IndexError):
            # The elements are more or less, or one cannot be converted: what is complete stays,
            # and the reader of any shape decides about the occurrence that is not.
            pass
        return (len(into) - before) // self.entries * self.segments


class LoopShapes:
    """The shapes of one loop of a map."""

    def __init__(self, name: str, span: tuple[int, int], outside: tuple[str, ...]) -> None:
        self.name = name
        self.outside = outside
        self._first, self._last = span
        self._occurrence = re.compile(_pattern(*span), re.DOTALL).match
        self._generated = Generated("", {})
        self._shapes: dict[bytes, tuple[Shape, ...]] = {}
        self._latest: Shape | None = None
        self._missed = Missed[bytes]()

    def belong(self, generated: Generated) -> None:
        """Note which reader the loop is part of."""
        self._generated = generated

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Return the shapes that are known."""
        return tuple(shape for shapes in self._shapes.values() for shape in shapes)

    def taken(self, segments: Rows, numbers: bytes, at: int, *given: object) -> int:
        """Read what has a known shape; return where the reader then stands."""
        # The sets of a map are mostly alike: what came last is likely to come again.
        latest = self._latest
        if latest is not None and (count := latest.taken(segments, numbers, at, given)):
            return at + count
        found = self._occurrence(numbers, at)
        if found is None:
            return at
        kind = found.group()
        for shape in self._shapes.get(kind, ()):
            count = shape.taken(segments, numbers, at, given)
            if count:
                self._latest = shape
                return at + count
        self._miss(kind, segments[at : at + _MOST_SEGMENTS], numbers[at : at + _MOST_SEGMENTS])
        return at

    def _miss(self, kind: bytes, rows: Rows, numbers: bytes) -> None:
        """Count an occurrence that has no known shape; make a function of what comes again."""
        if len(kind) >= _MOST_SEGMENTS:
            return  # nor is it counted: it may have as many segments as a set
        if self._missed.pays(kind, self._shapes):
            made = self._made(len(kind), rows, numbers)
            if made is not None:
                self._shapes[kind] = (*self._shapes.get(kind, ()), made)

    def _made(self, length: int, rows: Rows, numbers: bytes) -> Shape | None:
        """Return how occurrences like this are read; None where the general reader does better."""
        generated = self._generated
        one = Unrolling(rows, numbers, length, self._last, self.outside, generated.space)
        try:
            loop, later = loop_of(generated.source, f"{self.name}.taken(")
            code = compiled_shape(unrolled(one, loop, later))
        except NOT_FOLLOWED:
            return None
        space: dict[str, object] = {}
        exec(code, generated.space, space)  # noqa: S102 - the source follows from that of the reader, made of names made there
        KEPT.keep(cast(FunctionType, space["read"]))
        first = one.appended[0][0]
        return Shape(
            end_of_run=_run(numbers[: one.length], self._first, self._last),
            read=cast(ReadRun, space["read"]),
            segments=one.length,
            peeks=one.peeks,
            entries=sum(name == first for name, _ in one.appended),
            into=1 + self.outside.index(first),
        )


def _pattern(first: int, last: int) -> bytes:
    """Return the pattern of the numbers of one occurrence."""
    return re.escape(bytes([first])) + _inside(first, last) + b"*"


def _inside(first: int, last: int) -> bytes:
    """Return the pattern of one number inside of a loop, behind its first segment."""
    if first == last:
        return b"(?!)"
    return b"[" + re.escape(bytes([first + 1])) + b"-" + re.escape(bytes([last])) + b"]"


def _run(kind: bytes, first: int, last: int) -> _EndOfRun:
    """Return what finds the end of a run: of whole occurrences only."""
    whole = b"(?:" + re.escape(kind) + b"(?!" + _inside(first, last) + b")){1,%d}" % _MOST_AT_ONCE
    return re.compile(whole, re.DOTALL).match


def loop_of(source: str, asked: str) -> tuple[ast.While, frozenset[str]]:
    """Return the loop that asks for shapes by a call, and the names used outside of it."""
    lines = source.splitlines()
    first = next(at for at, line in enumerate(lines) if asked in line) - 1
    depth = _depth(lines[first])
    end = first + 1
    while _depth(lines[end]) > depth:
        end += 1
    body = ast.parse("\n".join(line[depth:] for line in lines[first:end])).body[0]
    if not isinstance(body, ast.While):
        raise CannotUnrollError
    around = "\n".join((*lines[:first], *lines[end:]))
    return body, frozenset(re.findall(r"\w+", around))


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


@lru_cache(maxsize=256)
def compiled_shape(source: str) -> CodeType:
    """Compile once what maps that differ in their tables share."""
    return compile(source, "<shape of a loop>", "exec")


def outside_of(lines: Sequence[str], said: Sequence[str]) -> tuple[str, ...]:
    """Return the lists that the lines of a loop add to, and what else they ask of outside.

    `said` is what tables have a say in: other maps that share the reader bind other tables to it.
    No list: the loop makes no entries, and its shapes are of no use.
    """
    text = "\n".join(lines)
    emptied: set[str] = set()
    for line in lines:
        if line.endswith(" = ()") and ":" not in line:
            emptied.update(line.strip().split(" = "))
    # Loops in loops are looked through again and again: expressions are for the lines in question.
    added = "\n".join(line for line in lines if ".append(" in line)
    lists = sorted({*re.findall(r"\b(l\d+)\.append\(", added)} - emptied)
    if not lists:
        return ()
    of_levels = "\n".join(line for line in lines if "w_" in line)
    levels = {*re.findall(r"\bw_\d+\b", of_levels)} - {*re.findall(r"\b(w_\d+) = ", of_levels)}
    given = [name for name in ("levels", *said) if _names(text, name)]
    return (*lists, *sorted(levels), *given)


def _names(text: str, name: str) -> bool:
    """Say whether a name stands in source, and not as a part of another."""
    at = text.find(name)
    while at >= 0:
        around = text[at - 1 : at] + text[at + len(name) : at + len(name) + 1]
        if not any(mark.isalnum() or mark == "_" for mark in around):
            return True
        at = text.find(name, at + 1)
    return False
