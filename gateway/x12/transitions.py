"""Compiles a set's structure to transition tables: what may follow what, and where it then stands.

A state is the last segment's place in the schema; its table maps each segment id that may come next
without a fault to a step. A mandatory segment or loop cannot be stepped over, so that "mandatory
present" costs nothing at run time; only maximum uses above one are counted there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from gateway.x12.compile import Check, CheckCache
from gateway.x12.schema import UNBOUNDED, LoopUse, SegmentUse, SetSchema

Table = dict[str, "Step"]

Step = tuple[Table, list[Check], int, int]
"""What one segment id leads to from one state; a plain tuple, which is unpacked in half the time.

1. the state's table once the segment is taken;
2. the checks of the segment, by its length;
3. number of the segment's place;
4. where the place, or the loop that starts there, was filled just before: its maximum; without
   end where it was not, or has none.
"""

Chain = tuple[tuple[LoopUse, int], ...]
"""From the set inwards: each open loop, and the index of the place in it that is current."""


class SegmentPlace(NamedTuple):
    """One place of the schema that a segment may stand in."""

    use: SegmentUse
    depth: int
    """Of the loop that holds it, or whose occurrence starts with it; the set's is 0."""
    opens: bool
    """Whether it starts an occurrence of a loop, one deeper than that."""
    maximum: int
    """Of the segment in its loop, or of the loop that it starts."""
    loop: str
    """Identifier of the loop that the segment is part of."""


class Tables(NamedTuple):
    """A compiled set."""

    start: Table
    """Before the first segment; all others hang on it."""
    places: Sequence[SegmentPlace]
    """By their numbers, which follow the standard's order, outer loops before what is in them."""
    outline: str
    """Depth and segment id of each place: who has the same outline has numbered the same way."""


def compile_tables(schema: SetSchema, checks: CheckCache) -> Tables:
    """Return the transitions of a set."""
    found = list(_places(schema.root, 0, ()))
    numbers = {key: number for number, (key, _) in enumerate(found)}
    start = _Compiler(checks, numbers).start(schema.root)
    outline = " ".join(f"{place.depth}{place.use.tag}" for _, place in found)
    return Tables(start, [place for _, place in found], outline)


def _places(
    loop: LoopUse, depth: int, key: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], SegmentPlace]]:
    """Yield each place of a loop with the indexes that lead to it."""
    for index, use in enumerate(loop.content):
        own = (*key, index)
        if isinstance(use, LoopUse):
            first, *others = _places(use, depth + 1, own)
            trigger = first[1]._replace(depth=depth, opens=True, maximum=use.maximum)
            yield first[0], trigger
            yield from others
        else:
            yield own, SegmentPlace(use, depth, False, use.maximum, loop.id)


class _Compiler:
    def __init__(self, checks: CheckCache, numbers: Mapping[tuple[int, ...], int]) -> None:
        self._checks = checks
        self._numbers = numbers
        self._tables: dict[tuple[int, ...], Table] = {}
        self._unfilled: list[tuple[Table, Chain]] = []

    def start(self, root: LoopUse) -> Table:
        start = self._table(((root, -1),))
        while self._unfilled:
            self._fill(*self._unfilled.pop())
        return start

    def _table(self, chain: Chain) -> Table:
        key = _key(chain)
        if key not in self._tables:
            table: Table = {}
            self._tables[key] = table
            self._unfilled.append((table, chain))
        return self._tables[key]

    def _fill(self, table: Table, chain: Chain) -> None:
        """Look from the innermost loop outwards: the nearest place takes a segment."""
        for depth in range(len(chain) - 1, -1, -1):
            loop, current = chain[depth]
            for index in range(max(current, 0), len(loop.content)):
                use = loop.content[index]
                if index == current and use.maximum == 1:
                    continue
                tag = use.tag if isinstance(use, SegmentUse) else use.trigger
                if tag not in table:
                    table[tag] = self._step((*chain[:depth], (loop, index)), index == current)
                if index > current and use.requirement == "M":
                    return  # nothing behind it, in this loop or around it, can come before it

    def _step(self, here: Chain, again: bool) -> Step:  # noqa: FBT001 - one of two facts of a step
        loop, index = here[-1]
        use = loop.content[index]
        if isinstance(use, LoopUse):
            here, segment = (*here, (use, 0)), use.segments[use.trigger]
        else:
            segment = use
        limit = use.maximum if again else UNBOUNDED
        checks = self._checks.of(segment).by_length
        return self._table(here), checks, self._numbers[_key(here)], limit


def _key(chain: Chain) -> tuple[int, ...]:
    return tuple(index for _, index in chain)
