"""HL levels: from a row of levels with pointers to a tree, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from gateway.findings import Finding, FindingCode, Location
from gateway.mapping.out_tree import OutNode, put
from gateway.mapping.places import HIERARCHY_LOOP
from gateway.mapping.plan import HierarchyPlan
from gateway.mapping.ports import Node
from gateway.mapping.positions import element_text

Levels = Mapping[int, Sequence[Node]]
"""The HL levels below a node, by the node's identity; those of the set itself are outermost."""

NO_LEVELS: Levels = {}

DEEPEST = 64
"""Levels that may stand in each other: business data has some six. One that is deeper is put beside
the last that is not, with a finding."""

Level = TypeVar("Level")

Above = tuple[tuple[Level, str], ...]
"""A level and the levels it is in, outermost first, each with its code."""


def levels(root: Node, plan: HierarchyPlan, findings: list[Finding]) -> Levels:
    """Return the tree of a set's HL levels; what is wrong with the pointers becomes findings."""
    below: dict[int, list[Node]] = {}
    by_id: dict[str, Above[Node]] = {}
    before: Above[Node] = ()
    pointers, too_deep = plan.pointers, False
    for node in root.loops.get(HIERARCHY_LOOP, ()):
        rows = node.segments.get(HIERARCHY_LOOP)
        segment = rows[0] if rows else ()
        if len(segment) > 3:
            own, pointer, code = segment[1], segment[2], segment[3]
        else:
            own, pointer, code = [*segment[1:], "", "", ""][:3]
        above = by_id.get(pointer) if pointers and pointer else None
        if above is None:
            if pointers and pointer:
                # Parents stand before their children: a pointer forwards or to itself is broken.
                findings.append(_broken(2, pointer, "no level before this one has the number"))
            above = _by_order(code, before, plan)
        if len(above) >= DEEPEST:
            if not too_deep:  # the others say nothing new
                too_deep = True
                expected = f"expected at most {DEEPEST} levels in each other"
                findings.append(_broken(2, pointer, expected))
            above = above[: DEEPEST - 1]
        key = id(above[-1][0] if above else root)
        if key in below:
            below[key].append(node)
        else:
            below[key] = [node]
        if own and own in by_id:
            findings.append(_broken(1, own, "two levels have the same number"))
        before = by_id[own] = (*above, (node, code))
    return below


def _by_order(code: str, before: Above[Level], plan: HierarchyPlan) -> Above[Level]:
    """Return the levels that a level without a usable pointer is in.

    Beside an open level of its own code, or else below the nearest one that may hold it: after an
    item, a carton is the next carton, even where items may hold cartons.
    """
    for index, (_, open_code) in enumerate(before):
        if open_code == code:
            return before[:index]
    for index in range(len(before), 0, -1):
        if (before[index - 1][1], code) in plan.allowed:
            return before[:index]
    return ()


def flatten(root: OutNode, plan: HierarchyPlan) -> Sequence[tuple[OutNode, OutNode | None]]:
    """Put nested levels in a row, depth first, with dense numbers, parents and child codes.

    Return those whose parent a reader of this map would not find, each with what it would find.
    """
    row: list[tuple[OutNode, OutNode | None]] = []
    waiting: list[tuple[OutNode, OutNode | None]]
    waiting = [(node, None) for node in reversed(root.loops.get(HIERARCHY_LOOP, []))]
    while waiting:
        node, parent = waiting.pop()
        row.append((node, parent))
        children = node.loops.pop(HIERARCHY_LOOP, [])
        segment = node.segments[HIERARCHY_LOOP][0]
        put(segment, 1, str(len(row)))
        if parent is not None:
            put(segment, 2, parent.first[1])
        if plan.child_code:
            put(segment, 4, "1" if children else "0")
        waiting += [(child, node) for child in reversed(children)]
    if row:
        root.loops[HIERARCHY_LOOP] = [node for node, _ in row]
    return list(misread(((*one, element_text(one[0].first, 3, None, "")) for one in row), plan))


def misread(
    row: Iterable[tuple[Level, Level | None, str]], plan: HierarchyPlan
) -> Iterator[tuple[Level, Level | None]]:
    """Yield the levels, given with parent and code, that order alone would put elsewhere: where."""
    known: dict[int, Above[Level]] = {id(None): ()}
    before: Above[Level] = ()
    for level, parent, code in () if plan.pointers else row:
        above = known[id(parent)]
        found = _by_order(code, before, plan)
        if found != above:
            yield level, found[-1][0] if found else None
        before = known[id(level)] = (*above, (level, code))


def _broken(element: int, value: str, detail: str) -> Finding:
    location = Location(segment_id=HIERARCHY_LOOP, element=element)
    return Finding(FindingCode.HIERARCHY_BROKEN, location, value, detail)
