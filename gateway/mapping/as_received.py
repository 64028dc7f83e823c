"""How a set came where its map would write the same in another way: kept in the document.

What a map takes it says in its own words: references in the order of its fields, numbers without
superfluous zeros, the ids of levels anew. Where a partner wants the very set back (`unmapped:
write_back`), the difference goes into the document's `as_received`. It is found by writing the
document that was read, so nothing is left out, and there is none where nothing differs.

Positions count what stands in the set: `LX[2]/W01[1]` is the first W01 of the second LX.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from gateway.mapping.out_tree import OutNode
from gateway.mapping.places import HIERARCHY_LOOP
from gateway.mapping.plan import JsonValue
from gateway.mapping.ports import LoopShape
from gateway.mapping.write_order import as_tree

Segments = list[list[str]]
Part = TypeVar("Part")
Place = tuple[str, str, int]
"""The loop, the id of the segment or inner loop, and which of those it is, from 1."""


def differences(came: Segments, written: Segments, shape: LoopShape) -> dict[str, JsonValue] | None:
    """Return what makes the segments that were written those that came; None where they are."""
    if came == written:
        return None
    found = _Differences()
    found.compare(as_tree(came, shape), as_tree(written, shape), "")
    return {"written": fingerprint(written), "differences": found.entries}


def fingerprint(segments: Segments) -> str:
    """Return what tells whether a map writes the very same as before."""
    text = "\x1e".join(map("\x1f".join, segments))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(slots=True)
class _Differences:
    """Collects the differences of two trees."""

    entries: list[JsonValue] = field(default_factory=list)

    def compare(self, came: OutNode, written: OutNode, path: str) -> None:
        """Note what differs in a level, and in those within."""
        for tag in dict.fromkeys((*came.segments, *written.segments)):
            rows, others = came.segments.get(tag, []), written.segments.get(tag, [])
            if rows != others:
                order = _matched(rows, others, (tuple, _qualifier))
                self._moved(order, others, (path, tag))
                for number, (row, index) in enumerate(zip(rows, order, strict=True), 1):
                    self._told(row, others[index] if index >= 0 else None, (path, tag, number))
        for tag in dict.fromkeys((*came.loops, *written.loops)):
            nodes, opposite = came.loops.get(tag, []), written.loops.get(tag, [])
            order = _matched(nodes, opposite, (_content, _code))
            self._moved(order, [node.first for node in opposite], (path, tag))
            for number, (node, index) in enumerate(zip(nodes, order, strict=True), 1):
                if index >= 0:
                    other = opposite[index]
                else:
                    self._told(node.first, None, (path, tag, number))
                    other = OutNode()
                    other.segments[tag] = [node.first]
                self.compare(node, other, f"{path}/{tag}[{number}]".lstrip("/"))

    def _moved(self, order: Sequence[int], rows: Segments, where: tuple[str, str]) -> None:
        """Note the order of what has a counterpart, behind it what has none, which goes away."""
        path, tag = where
        own = [index for index in order if index >= 0]
        spare = sorted(set(range(len(rows))).difference(own))
        if own + spare != sorted(own + spare):
            numbers: list[JsonValue] = [index + 1 for index in own + spare]
            self.entries.append({"loop": path, "segment": tag, "order": numbers})
        for place in range(len(rows), len(own), -1):
            self._told(None, rows[spare[place - len(own) - 1]], (path, tag, place))

    def _told(self, row: Sequence[str] | None, other: Sequence[str] | None, place: Place) -> None:
        """Note the elements that came, and what would be written instead; of all, where one is."""
        one, two = row or (), other or ()
        differ = [
            index
            for index in range(1, max(len(one), len(two)))
            if text_of(one, index) != text_of(two, index)
        ]
        if row and other and not differ:
            return
        entry: dict[str, JsonValue] = {"loop": place[0], "segment": place[1], "place": place[2]}
        if row:
            entry["elements"] = {f"{index:02d}": text_of(one, index) for index in differ}
        if other:
            entry["instead"] = {f"{index:02d}": text_of(two, index) for index in differ}
        self.entries.append(entry)


def text_of(row: Sequence[str], index: int) -> str:
    """Return an element of a segment; empty text where it is not there."""
    return row[index] if len(row) > index else ""


def _matched(
    came: Sequence[Part], written: Sequence[Part], keys: Sequence[Callable[[Part], object]]
) -> list[int]:
    """Return which of those written each is, -1 for none: alike in all, in part, or by order."""
    order: dict[int, int] = {}
    free = list(range(len(written)))
    for key in (*keys, _anything):
        alike: dict[object, deque[int]] = {}
        for index in free:
            alike.setdefault(key(written[index]), deque()).append(index)
        for index, part in enumerate(came):
            same = alike.get(key(part)) if index not in order else None
            if same:
                order[index] = same.popleft()
        taken = set(order.values())
        free = [index for index in free if index not in taken]
    return [order.get(index, -1) for index in range(len(came))]


def _anything(_part: object) -> object:
    return None


def _qualifier(row: list[str]) -> object:
    return text_of(row, 1)


def _code(node: OutNode) -> object:
    return text_of(node.first, 3 if node.first[0] == HIERARCHY_LOOP else 1)


def _content(node: OutNode) -> object:
    """Return all that a loop says, but for the numbers of an HL level."""
    own = node.first[3:4] if node.first[0] == HIERARCHY_LOOP else node.first
    rows = {tag: rows for tag, rows in node.segments.items() if tag != node.first[0]}
    inner = {tag: [_content(one) for one in nodes] for tag, nodes in node.loops.items()}
    return repr((own, sorted(rows.items()), sorted(inner.items(), key=_tag)))


def _tag(item: tuple[str, object]) -> str:
    return item[0]
