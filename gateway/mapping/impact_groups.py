"""Differences of many documents, grouped by field and kind, with counts and examples.

Groups of parts are joined to those of the whole, so that several processes may count at once. What
is kept does not grow with the number of documents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from dataclasses import field as made_by
from enum import Enum

from gateway.mapping.impact import Difference, Kind

MOST_VALUES = 200
"""Different pairs of values that are told apart in a group; others are counted only."""
EXAMPLES = 3
"""Documents that are named for each pair of values."""


class Turn(Enum):
    """What became of a document that only one of two maps makes."""

    REFUSED = "would be translated no more"
    TRANSLATED = "would be translated that could not be"


@dataclass(slots=True)
class Values:
    """One value before and after, and where."""

    before: str
    after: str
    count: int = 0
    examples: list[str] = made_by(default_factory=list)

    def add(self, count: int, examples: Iterable[str]) -> None:
        """Count it again."""
        self.count += count
        for one in examples:
            if len(self.examples) < EXAMPLES and one not in self.examples:
                self.examples.append(one)


@dataclass(slots=True)
class Group:
    """All differences of one field and kind."""

    field: str
    kind: Kind
    count: int = 0
    documents: int = 0
    values: dict[tuple[str, str], Values] = made_by(default_factory=dict)
    others: int = 0
    """Differences whose values are not told apart any more."""

    def add(self, before: str, after: str, *, count: int, examples: Iterable[str]) -> None:
        """Count a pair of values."""
        self.count += count
        one = self.values.get((before, after))
        if one is None:
            if len(self.values) >= MOST_VALUES:
                self.others += count
                return
            one = self.values[before, after] = Values(before, after)
        one.add(count, examples)

    @property
    def most(self) -> list[Values]:
        """Return the pairs of values, the most frequent first."""
        return sorted(self.values.values(), key=lambda one: (-one.count, one.before, one.after))


@dataclass(slots=True)
class Impact:
    """What a change of maps means for many documents."""

    documents: int = 0
    changed: int = 0
    refused_now: int = 0
    """Documents that there were and would be no more."""
    translated_now: int = 0
    groups: dict[tuple[str, Kind], Group] = made_by(default_factory=dict)
    passed_over: Counter[str] = made_by(default_factory=Counter)
    """Why sets were not compared, and how many."""
    maps: Counter[tuple[str, str]] = made_by(default_factory=Counter)
    """The maps by which documents were translated, before and after."""

    def add(
        self, document: str, differences: Iterable[Difference], *, turn: Turn | None = None
    ) -> None:
        """Take the differences of one document, and whether there is one on one side only."""
        self.documents += 1
        self.refused_now += turn is Turn.REFUSED
        self.translated_now += turn is Turn.TRANSLATED
        met: set[tuple[str, Kind]] = set()
        for one in differences:
            key = one.field, one.kind
            group = self.groups.setdefault(key, Group(*key))
            group.add(one.before, one.after, count=1, examples=[document])
            group.documents += key not in met
            met.add(key)
        self.changed += bool(met) or turn is not None

    def pass_over(self, because: str) -> None:
        """Count a set that cannot be compared."""
        self.passed_over[because] += 1

    def join(self, other: Impact) -> None:
        """Take what was counted elsewhere."""
        self.documents += other.documents
        self.changed += other.changed
        self.refused_now += other.refused_now
        self.translated_now += other.translated_now
        self.passed_over += other.passed_over
        self.maps += other.maps
        for key, theirs in other.groups.items():
            group = self.groups.setdefault(key, Group(*key))
            group.documents += theirs.documents
            group.count += theirs.others
            group.others += theirs.others
            for one in theirs.values.values():
                group.add(one.before, one.after, count=one.count, examples=one.examples)

    def ordered(self) -> Iterator[Group]:
        """Yield the groups: outcomes and errors first, then what changes most."""
        yield from sorted(
            self.groups.values(),
            key=lambda one: (bool(one.field), _ORDER[one.kind], -one.documents, one.field),
        )


_ORDER = {
    Kind.ERROR_NOW: 0,
    Kind.CHANGED: 1,
    Kind.DISAPPEARED: 2,
    Kind.APPEARED: 3,
    Kind.NOTED_NOW: 4,
    Kind.NOTED_BEFORE: 5,
    Kind.ERROR_BEFORE: 6,
}
