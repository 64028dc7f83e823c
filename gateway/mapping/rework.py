"""What is changed in a document after it was read, and undone before it is written.

Reading and writing go position by position; what concerns several fields at once (a number that is
two, a text over several segments, packs that are units) is done here, to the whole document. Each
step is undone by its other half, so that maps stay two-way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gateway.findings import Finding, FindingCode
from gateway.mapping.expressions import ExpressionError
from gateway.mapping.plan import At, Document, Expression, Json, JsonValue, Rework
from gateway.mapping.values import canonical_decimal, plain
from gateway.mapping.write_run import json_value

ANOTHER = FindingCode.READ_AS_ANOTHER_FIELD

MOST_DECIMALS = 6
"""A price for one unit that needs more is none: the line is left as it came."""


@dataclass(frozen=True, slots=True)
class Tail:
    """Two fields in one element: what stands after the last separator is another field."""

    name: str
    other: str
    separator: str

    def read(self, own: Document, at: At) -> None:
        """Part the two."""
        value = own.get(self.name)
        if isinstance(value, str) and self.other not in own:
            head, _, rest = value.rpartition(self.separator)
            if head and rest:
                own[self.name], own[self.other] = head, rest

    def write(self, own: Document, at: At) -> None:
        """Join them."""
        rest, value = own.get(self.other), own.get(self.name)
        if not isinstance(value, str):
            return
        if not isinstance(rest, str) or not rest:
            head, _, tail = value.rpartition(self.separator)
            if head and tail:
                at.note(self.name, value, f"'{tail}' would be read as {self.other}", ANOTHER)
            return
        if self.separator in rest:
            at.note(self.other, rest, f"'{self.separator}' separates it from {self.name}")
            return
        own[self.name] = f"{value}{self.separator}{rest}"
        own.pop(self.other)


@dataclass(frozen=True, slots=True)
class WrapInto:
    """A long text whose end stands in the first texts of a list beside it."""

    name: str
    width: int
    into: str

    def read(self, own: Document, at: At) -> None:
        """Put the text together: what fills its place goes on in the next."""
        value, more = own.get(self.name), own.get(self.into)
        if not isinstance(value, str) or not isinstance(more, list):
            return
        taken, piece = 0, value
        while len(piece) == self.width and taken < len(more):
            piece = str(more[taken])
            value += piece
            taken += 1
        own[self.name], own[self.into] = value, more[taken:]
        if taken == len(more):
            own.pop(self.into)

    def write(self, own: Document, at: At) -> None:
        """Cut it."""
        value, more = own.get(self.name), own.get(self.into)
        if not isinstance(value, str) or not value:
            return
        first, *rest = _pieces(value, self.width)
        others = more if isinstance(more, list) else []
        if others and len((first, *rest)[-1]) == self.width:
            said = f"fills its place: '{others[0]}' would be read as its end"
            at.note(self.name, value, said, ANOTHER)
        if rest:
            own[self.name], own[self.into] = first, [*rest, *others]


@dataclass(frozen=True, slots=True)
class WrapEntries:
    """A long text that takes several entries of its list, alike but for the text."""

    name: str
    """The list."""
    field: str
    width: int

    def read(self, own: Document, at: At) -> None:
        """Make one entry of those that go on from one another."""
        entries, open_ = own.get(self.name), False
        if not isinstance(entries, list):
            return
        joined: list[JsonValue] = []
        for entry in entries:
            last = joined[-1] if joined else None
            text = entry.get(self.field) if isinstance(entry, dict) else None
            if open_ and isinstance(last, dict) and isinstance(text, str) and self._on(last, entry):
                last[self.field] = f"{last[self.field]}{text}"
            else:
                joined.append(entry)
            open_ = isinstance(text, str) and len(text) == self.width
        own[self.name] = joined

    def _on(self, last: Document, entry: JsonValue) -> bool:
        """Say whether an entry says the same as the one before it, but for the text."""
        return isinstance(entry, dict) and {**last, self.field: ""} == {**entry, self.field: ""}

    def write(self, own: Document, at: At) -> None:
        """Make several entries of one."""
        entries = own.get(self.name)
        if not isinstance(entries, list):
            return
        cut: list[JsonValue] = []
        for index, entry in enumerate(entries):
            text = entry.get(self.field) if isinstance(entry, dict) else None
            if not isinstance(entry, dict) or not isinstance(text, str) or not text:
                cut.append(entry)
                continue
            pieces = _pieces(text, self.width)
            cut += [{**entry, self.field: piece} for piece in pieces]
            following = entries[index + 1] if index + 1 < len(entries) else None
            if len(pieces[-1]) == self.width and self._on(entry, following):
                said = "fills its place: the entry behind it would be read as its end"
                at.note(f"{self.name}/{index}/{self.field}", text, said, ANOTHER)
        own[self.name] = cut


@dataclass(frozen=True, slots=True)
class Scale:
    """Packs in X12 that are units in the document, and prices for one of them."""

    name: str
    by: tuple[str, ...]
    unit: str
    packs: str
    units: str
    prices: tuple[str, ...] = ()

    def read(self, own: Document, at: At) -> None:
        """Count units."""
        factor, quantity = self._numbers(own, self.packs)
        if factor is None or quantity is None:
            return
        scaled: Document = {self.name: plain(quantity * factor), self.unit: self.units}
        for name in self.prices:
            price = _number(own.get(name))
            if price is None:
                continue
            one = _divided(price, factor)
            if one is None:
                said = f"no exact price for one {self.units}: {plain(factor)} are in one"
                at.note(name, plain(price), f"{said} {self.packs}")
                return
            scaled[name] = plain(one)
        own.update(scaled)

    def write(self, own: Document, at: At) -> None:
        """Count packs, where units make whole ones."""
        factor, quantity = self._numbers(own, self.units)
        if factor is None or quantity is None or quantity % factor:
            return
        own.update({self.name: plain(quantity / factor), self.unit: self.packs})
        for name in self.prices:
            price = _number(own.get(name))
            if price is not None:
                own[name] = plain(price * factor)

    def _numbers(self, own: Document, unit: str) -> tuple[Decimal | None, Decimal | None]:
        factor = _number(found(own, self.by))
        usable = factor is not None and factor > 0 and own.get(self.unit) == unit
        return (factor, _number(own.get(self.name))) if usable else (None, None)


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A value that follows from others where the set says nothing, and is then not written."""

    name: str
    expression: Expression

    def read(self, own: Document, at: At) -> None:
        """Compute it where there is none."""
        if self.name not in own:
            value = self._value(own, at.document)
            if value is not None:
                own[self.name] = value

    def write(self, own: Document, at: At) -> None:
        """Leave it out where it would be computed alike."""
        if self.name in own:
            rest = {key: item for key, item in own.items() if key != self.name}
            if self._value(rest, at.document) == own[self.name]:
                own.pop(self.name)

    def _value(self, own: Document, document: Document) -> JsonValue:
        try:
            return self.expression(own, document)
        except ExpressionError:
            return None  # What it is computed from is not there, or is no number.


def _pieces(text: str, width: int) -> list[str]:
    return [text[start : start + width] for start in range(0, len(text), width)]


def _number(value: Json) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    try:
        return Decimal(canonical_decimal(str(value)))
    except ValueError:
        return None


def _divided(number: Decimal, by: Decimal) -> Decimal | None:
    """Return an exact quotient of a few decimals, or None."""
    quotient = round(number / by, MOST_DECIMALS)
    return quotient if quotient * by == number else None


def found(own: Json, path: Sequence[str]) -> Json:
    """Return what stands at a path of members and places in lists; of a list its first entry."""
    for part in path:
        if isinstance(own, Sequence) and not isinstance(own, str):
            index = int(part) if part.isdigit() else 0
            own = own[index] if index < len(own) else None
            if part.isdigit():
                continue
        own = own.get(part) if isinstance(own, Mapping) else None
    return own


def reworked(document: Document, reworks: Sequence[Rework], findings: list[Finding]) -> Document:
    """Take every step in a document that was read; return it."""
    for one in reworks:
        for own, pointer in objects_at(document, one.path, ""):
            one.step.read(own, At(document, pointer, findings))
    return document


def undone(
    document: Mapping[str, Json], reworks: Sequence[Rework], findings: list[Finding]
) -> Document:
    """Return a copy of a document in which every step is undone, last step first."""
    changed = copied(document)
    for one in reversed(reworks):
        for own, pointer in objects_at(changed, one.path, ""):
            one.step.write(own, At(changed, pointer, findings))
    return changed


def copied(document: Mapping[str, Json]) -> Document:
    """Return a copy that can be changed without changing the document."""
    return {key: json_value(item) for key, item in document.items()}


def objects_at(
    value: JsonValue, path: Sequence[str], pointer: str
) -> Iterator[tuple[Document, str]]:
    """Yield the objects at a path of members, with their JSON Pointers; of lists each entry."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from objects_at(item, path, f"{pointer}/{index}")
    elif isinstance(value, dict):
        if not path:
            yield value, pointer
        elif path[0] in value:
            yield from objects_at(value[path[0]], path[1:], f"{pointer}/{path[0]}")
