"""What samples hold, place by place: how often, in how many sets, which values and lengths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.x12.model import Loop
from gateway.x12.schema import ElementUse, LoopUse, SegmentUse, SetSchema

_QUALIFIED = frozenset({"N1", "N9", "REF", "G62", "DTM", "MAN", "NTE"})
"""Segments of which a guide speaks by their first element: `N9*BM`."""
_MOST_VALUES = 50
_PRODUCT_QUALIFIER = "235"


@dataclass(slots=True)
class Seen:
    """What stood at one place."""

    use: ElementUse | None
    """None for a segment or a loop."""
    count: int = 0
    sets: int = 0
    shortest: int = 0
    longest: int = 0
    values: Counter[str] = field(default_factory=Counter)

    def add(self, value: str) -> None:
        """Take one occurrence."""
        self.count += 1
        size = len(value)
        self.shortest = size if self.count == 1 else min(self.shortest, size)
        self.longest = max(self.longest, size)
        if value in self.values or len(self.values) < _MOST_VALUES:
            self.values[value] += 1

    @property
    def strange(self) -> list[str]:
        """Return the codes that the standard does not have here."""
        codes = self.use.codes if self.use is not None else None
        return [] if codes is None else sorted(one for one in self.values if one not in codes)

    @property
    def is_coded(self) -> bool:
        """Say whether the values are codes."""
        return self.use is not None and self.use.type == "ID"


@dataclass(slots=True)
class Facts:
    """All places of the sets of one kind."""

    schema: SetSchema
    sets: int = 0
    places: dict[str, Seen] = field(default_factory=dict)
    products: Counter[str] = field(default_factory=Counter)
    """Qualifiers of item numbers."""
    items: Counter[tuple[str, tuple[tuple[int, str], ...]]] = field(default_factory=Counter)
    """Segments with item numbers: the tag, and each qualifier with the number of its element."""

    def add(self, tree: Loop) -> None:
        """Take one set."""
        self.sets += 1
        met: set[str] = set()
        for place, use, value in self._walk(tree, self.schema.root, ""):
            seen = self.places.setdefault(place, Seen(use))
            seen.add(value)
            seen.sets += place not in met
            met.add(place)

    def _walk(
        self, node: Loop, shape: LoopUse, path: str
    ) -> Iterator[tuple[str, ElementUse | None, str]]:
        for tag, occurrences in node.segments.items():
            use = shape.segments.get(tag)
            if use is None or tag in ("ST", "SE"):
                continue
            own = tag == shape.trigger
            for segment in occurrences:
                by = _by(segment)
                here = path if own else _below(path, f"{tag}{by}")
                yield here, None, ""
                yield from self._elements(segment, use, here if own or by else path)
        for tag, loops in node.loops.items():
            inner = shape.loops.get(tag)
            if inner is None:
                continue
            for loop in loops:
                first = loop.segments.get(tag) or [[tag]]
                yield from self._walk(loop, inner, _below(path, f"{tag}{_by(first[0])}"))

    def _elements(
        self, segment: list[str], use: SegmentUse, here: str
    ) -> Iterator[tuple[str, ElementUse | None, str]]:
        items: list[tuple[int, str]] = []
        for number, (value, element) in enumerate(zip(segment[1:], use.elements, strict=False), 1):
            if not value.strip():
                continue
            if element.number == _PRODUCT_QUALIFIER:
                self.products[value] += 1
                items.append((number, value))
            if not element.components:
                yield _below(here, f"{segment[0]}{number:02d}"), element, value
        if items:
            self.items[segment[0], tuple(items)] += 1


def _by(segment: list[str]) -> str:
    """Return what selects a segment by its first element: `*BM`."""
    qualified = segment[0] in _QUALIFIED and len(segment) > 1 and segment[1].isalnum()
    return f"*{segment[1]}" if qualified else ""


def _below(path: str, step: str) -> str:
    return f"{path}/{step}" if path else step
