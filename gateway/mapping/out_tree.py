"""The tree that a writer fills: found again by the selections that made its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from gateway.mapping.followed import bare
from gateway.mapping.plan import Place
from gateway.mapping.positions import Step, Test


class OutNode:
    """One loop occurrence being written; it satisfies the Node protocol."""

    __slots__ = ("listed", "listed_segments", "loops", "named", "named_segments", "segments")

    def __init__(self) -> None:
        self.segments: dict[str, list[list[str]]] = {}
        self.loops: dict[str, list[OutNode]] = {}
        self.named: dict[str, OutNode] = {}
        """Loops that a selection means, by the selection's text."""
        self.named_segments: dict[str, list[str]] = {}
        self.listed: dict[str, list[OutNode]] = {}
        """Loops that list entries made, by the selection's text."""
        self.listed_segments: dict[str, list[list[str]]] = {}

    @property
    def first(self) -> list[str]:
        """Return the segment that the loop starts with."""
        return next(iter(self.segments.values()))[0]

    def add_segment(self, step: Step) -> list[str]:
        """Add a segment that the selection's predicates hold for."""
        segment = [bare(step.tag)]
        for test in step.tests:
            impose(segment, test)
        self.segments.setdefault(step.tag, []).append(segment)
        return segment

    def add_loop(self, step: Step) -> OutNode:
        """Add a loop with its first segment."""
        node = OutNode()
        node.add_segment(step)
        self.loops.setdefault(step.tag, []).append(node)
        return node

    def enter(self, step: Step, key: str) -> OutNode:
        """Return the loop that a selection means, made when first asked for."""
        node = self.named.get(key)
        if node is None:
            node = self.named[key] = self.add_loop(step)
        return node


def imposed(test: Test) -> bool:
    """Say whether writing can make a predicate hold."""
    return bool(test.values) and not test.negated and test.component is None


def impose(segment: list[str], test: Test) -> None:
    """Make a predicate hold, as far as it says what to write."""
    if imposed(test):
        put(segment, test.element, test.values[0])


def put(segment: list[str], element: int, text: str) -> None:
    """Set an element."""
    missing = element + 1 - len(segment)
    if missing > 0:
        segment.extend([""] * missing)
    segment[element] = text


Chain = tuple[OutNode, ...]
Locate = Callable[[Chain, list[str] | None], list[str]]
Find = Callable[[Chain, list[str] | None], Sequence[str]]


def locator(place: Place) -> Locate:
    """Return the function that finds or makes the segment of a place; the same for the same."""
    if place.segment is None:
        return _in_hand
    return _locator(place.segment, place.loops, place.up, single=place.single)


@lru_cache(maxsize=4096)
def _locator(segment: Step, loops: tuple[Step, ...], up: int, *, single: bool) -> Locate:
    steps = tuple((step, str(step)) for step in loops)
    tag, key = segment.tag, str(segment)
    bare = Step(tag)
    if single and not steps:

        def locate_single(chain: Chain, in_hand: list[str] | None) -> list[str]:
            rows = chain[-1 - up].segments
            if tag in rows:
                return rows[tag][0]
            made = [tag]
            rows[tag] = [made]
            return made

        return locate_single

    def locate(chain: Chain, in_hand: list[str] | None) -> list[str]:
        node = chain[-1 - up]
        for step, text in steps:
            node = node.enter(step, text)
        if single:
            rows = node.segments.get(tag)
            return rows[0] if rows else node.add_segment(bare)
        found = node.named_segments.get(key)
        if found is None:
            found = node.named_segments[key] = node.add_segment(segment)
        return found

    return locate


def _in_hand(chain: Chain, in_hand: list[str] | None) -> list[str]:
    if in_hand is None:
        raise LookupError(chain)
    return in_hand


def finder(place: Place) -> Find:
    """Return the function that finds the segment of a place, or an empty one, and makes nothing."""
    steps = tuple(str(step) for step in place.loops)
    segment, up = place.segment, place.up

    def find(chain: Chain, in_hand: list[str] | None) -> Sequence[str]:
        if segment is None:
            return in_hand or ()
        node: OutNode | None = chain[-1 - up]
        for text in steps:
            node = node.named.get(text) if node else None
        return first_row(node.segments.get(segment.tag, ()), segment.tests) if node else ()

    return find


def first_row(rows: Iterable[list[str]], tests: Sequence[Test]) -> Sequence[str]:
    """Return the first segment that predicates hold for, or an empty one."""
    for row in rows:
        if all(test.holds(row, "\0") for test in tests):
            return row
    return ()
