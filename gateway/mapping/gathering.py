"""The loops that only a map knows, `N9+`: made in a set before it is read, undone once written.

A segment that fits a beginning opens one; behind it, those that its fields name belong to it, up to
the next beginning. All others stay where they are, for the fields of the level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.mapping.followed import MARK, bare, is_followed
from gateway.mapping.layout import Layout
from gateway.mapping.out_tree import OutNode
from gateway.mapping.places import HIERARCHY_LOOP
from gateway.mapping.plan import ObjectPlan, Place
from gateway.mapping.ports import Node
from gateway.mapping.positions import Step, Test
from gateway.mapping.scopes import Scope

Tests = tuple[Test, ...]


@dataclass(slots=True)
class GatheredNode:
    """One occurrence of a loop in which some segments have been gathered."""

    segments: Mapping[str, Sequence[Sequence[str]]]
    loops: Mapping[str, Sequence[Node]]


@dataclass(frozen=True, slots=True)
class Beginning:
    """What opens a loop, and what may follow in it; each as the tests of a selection."""

    tests: Tests
    behind: tuple[Tests, ...]


@dataclass(frozen=True, slots=True)
class Gathering:
    """What is gathered in one occurrence of a loop, and in the loops within."""

    beginnings: Mapping[str, tuple[Beginning, ...]]
    """By the id of the segment."""
    within: Mapping[str, tuple[tuple[Tests, Gathering], ...]]
    """By the loop's first segment: which occurrences, and what is gathered in them."""

    def of(self, node: Node, separator: str) -> Node:
        """Return a node with its loops made."""
        segments, loops = dict(node.segments), dict(node.loops)
        for tag, beginnings in self.beginnings.items():
            self._gather(tag, beginnings, (segments, loops), separator)
        for tag, inner in self.within.items():
            if tag in loops:
                loops[tag] = [_within(one, (tag, inner), separator) for one in loops[tag]]
        return GatheredNode(segments, loops)

    def _gather(
        self,
        tag: str,
        beginnings: Sequence[Beginning],
        level: tuple[dict[str, Sequence[Sequence[str]]], dict[str, Sequence[Node]]],
        separator: str,
    ) -> None:
        segments, loops = level
        others: list[Sequence[str]] = []
        made: list[Node] = []
        opened: Beginning | None = None
        behind: list[Sequence[str]] = []
        for row in segments.get(tag, ()):
            begun = next((one for one in beginnings if _fits(row, one.tests, separator)), None)
            if begun is not None:
                opened, behind = begun, []
                made.append(GatheredNode({tag + MARK: [row], MARK + tag: behind}, {}))
            elif opened and any(_fits(row, tests, separator) for tests in opened.behind):
                behind.append(row)
            else:
                others.append(row)
        if made:
            loops[tag + MARK] = made
            segments[tag] = others
            if not others:
                del segments[tag]


def _within(
    node: Node, inner: tuple[str, Sequence[tuple[Tests, Gathering]]], separator: str
) -> Node:
    first = next(iter(node.segments.get(inner[0], ())), ())
    for tests, one in inner[1]:
        if _fits(first, tests, separator):
            return one.of(node, separator)
    return node


def _fits(row: Sequence[str], tests: Tests, separator: str) -> bool:
    return all(test.holds(tuple(row), separator) for test in tests)


def gathers(plan: ObjectPlan) -> bool:
    """Say whether a map names any segment with those behind it."""
    for member in plan.fields:
        if any(is_followed(step.tag) for step in _steps(member)):
            return True
        if isinstance(member, ObjectPlan) and gathers(member):
            return True
    return False


def _steps(member: object) -> Iterator[Step]:
    if isinstance(member, ObjectPlan):
        yield from member.loops
    places = [*getattr(member, "sources", ()), getattr(member, "target", None)]
    places.append(getattr(member, "segment", None))
    for place in places:
        if isinstance(place, Place):
            yield from place.loops


def gathering(layout: Layout) -> Gathering:
    """Return what a map gathers in a set."""
    return _of(layout.root)


def _of(scope: Scope) -> Gathering:
    beginnings: dict[str, tuple[Beginning, ...]] = {}
    within: dict[str, tuple[tuple[Tests, Gathering], ...]] = {}
    for tag, scopes in scope.scopes.items():
        chosen = sorted(scopes, key=lambda one: one.rank)
        if is_followed(tag):
            beginnings[bare(tag)] = tuple(map(_beginning, chosen))
            continue
        if tag == HIERARCHY_LOOP and scope.level.nested:
            chosen = list(_levels(scope))  # Levels in levels stand in one row.
        found: dict[Tests, Gathering] = {}
        for one in chosen:
            found[_tests(one)] = _joined(found.get(_tests(one)), _of(one))
        if any(one.beginnings or one.within for one in found.values()):
            within[tag] = tuple(found.items())
    return Gathering(beginnings, within)


def _joined(one: Gathering | None, other: Gathering) -> Gathering:
    """Return what is gathered in a level that two fields name: items of an order, of a carton."""
    if one is None:
        return other
    beginnings, within = dict(one.beginnings), dict(one.within)
    for tag, found in other.beginnings.items():
        beginnings[tag] = tuple(dict.fromkeys((*beginnings.get(tag, ()), *found)))
    for tag, inner in other.within.items():
        within[tag] = (*within.get(tag, ()), *inner)
    return Gathering(beginnings, within)


def _beginning(scope: Scope) -> Beginning:
    blocks = scope.blocks.get(MARK + bare(scope.step.tag if scope.step else ""), ())
    return Beginning(_tests(scope), tuple(block.step.tests for block in blocks))


def _tests(scope: Scope) -> Tests:
    return scope.step.tests if scope.step else ()


def _levels(scope: Scope) -> Iterator[Scope]:
    for one in sorted(scope.scopes.get(HIERARCHY_LOOP, ()), key=lambda one: one.rank):
        yield one
        yield from _levels(one)


def scatter(node: OutNode) -> None:
    """Put the segments of such loops among those of their level, each behind its beginning."""
    for tag in [tag for tag in node.loops if is_followed(tag)]:
        rows = node.segments.setdefault(bare(tag), [])
        for inner in node.loops.pop(tag):
            for part in inner.segments.values():
                rows += part
    for inner in (inner for nodes in node.loops.values() for inner in nodes):
        scatter(inner)
