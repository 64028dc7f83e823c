"""Compiles a set's structure to transition tables: what may follow what, and where it then stands.

A state is the last segment's place in the schema; its table maps each segment id that may come next
without a fault to a step. A mandatory segment or loop cannot be stepped over, so that "mandatory
present" costs nothing at run time; only maximum uses above one are counted there.
"""

from __future__ import annotations

from gateway.x12.compile import CheckCache, Checks
from gateway.x12.schema import LoopUse, SegmentUse, SetSchema

Table = dict[str, "Step"]

Step = tuple[Table, Checks, int, bool, int, str]
"""What one segment id leads to from one state; a plain tuple, which is unpacked in half the time.

1. the state's table once the segment is taken;
2. the checks of the segment;
3. depth of the loop that holds it, or whose occurrence starts with it; the set's is 0;
4. whether it starts an occurrence of a loop, one deeper than that;
5. maximum of the segment in its loop, or of the loop that it starts;
6. identifier of the loop that the segment is part of.
"""

Chain = tuple[tuple[LoopUse, int], ...]
"""From the set inwards: each open loop, and the index of the place in it that is current."""


def compile_tables(schema: SetSchema, checks: CheckCache) -> Table:
    """Return the table before the first segment; all others hang on it."""
    return _Compiler(checks).start(schema.root)


class _Compiler:
    def __init__(self, checks: CheckCache) -> None:
        self._checks = checks
        self._tables: dict[tuple[int, ...], Table] = {}
        self._unfilled: list[tuple[Table, Chain]] = []

    def start(self, root: LoopUse) -> Table:
        start = self._table(((root, -1),))
        while self._unfilled:
            self._fill(*self._unfilled.pop())
        return start

    def _table(self, chain: Chain) -> Table:
        key = tuple(index for _, index in chain)
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
                    table[tag] = self._step(chain[:depth], loop, index)
                if index > current and use.requirement == "M":
                    return  # nothing behind it, in this loop or around it, can come before it

    def _step(self, outer: Chain, loop: LoopUse, index: int) -> Step:
        use = loop.content[index]
        here: Chain = (*outer, (loop, index))
        if isinstance(use, SegmentUse):
            after, segment = self._table(here), use
        else:
            after, segment = self._table((*here, (use, 0))), use.segments[use.trigger]
        opens = isinstance(use, LoopUse)
        identifier = use.id if isinstance(use, LoopUse) else loop.id
        return after, self._checks.of(segment), len(outer), opens, use.maximum, identifier
