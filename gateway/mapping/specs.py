"""The models of resolved maps: each part is validated once, whichever maps have it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from gateway.mapping.grammar import DROP, FieldSpec, MapFile, TableSpec
from gateway.mapping.parts import Part, plain
from gateway.mapping.sandbox import LOOKUP
from gateway.mapping.tables import full

_SHARED = ("fields", "tables")
"""Members of a map that have many parts, of which overlays change few."""

_NAMES = ("map", "extends", "note", "tables")
"""Members that say nothing of how a map reads and writes, or no more than that of its tables."""


@dataclass(frozen=True, slots=True)
class Uses:
    """What a field, and all inside it, makes use of."""

    tables: frozenset[str] = frozenset()
    lookups: tuple[str, ...] = ()
    """Expressions that look things up in tables."""
    levels: bool = False
    """It stands at levels of a hierarchy."""
    reworks: bool = False
    """It is changed in the whole document, or recalled from an earlier one."""

    def looks_up(self, table: str) -> bool:
        """Say whether an expression looks things up in a table."""
        return any(looks_up(text, table) for text in self.lookups)

    def together(self, other: Uses) -> Uses:
        """Return what two fields make use of."""
        if other is NOTHING:
            return self
        if self is NOTHING:
            return other
        return Uses(
            self.tables | other.tables,
            self.lookups + other.lookups,
            self.levels or other.levels,
            self.reworks or other.reworks,
        )


NOTHING = Uses()


def looks_up(expression: str, table: str) -> bool:
    """Say whether an expression may look things up in a table, which it names as it is written."""
    return LOOKUP in expression and (table in expression or "\\" in expression)


class Specs:
    """The models of parts, and what is known of each."""

    def __init__(self) -> None:
        self._fields: dict[int, tuple[Part, FieldSpec]] = {}
        self._tables: dict[int, tuple[Part, TableSpec]] = {}
        self._equal: dict[Hashable, TableSpec] = {}
        self._told: dict[tuple[str, str, int], tuple[Part | TableSpec, str]] = {}
        self._outlined: dict[tuple[str, int], tuple[Part, str]] = {}
        self._uses: dict[int, tuple[FieldSpec, Uses]] = {}

    def map_file(self, part: Part) -> MapFile:
        """Return a resolved map as its model; raise ValidationError where it is none."""
        members = part.members or {}
        value: dict[str, object] = {
            key: plain(item)
            for key, item in members.items()
            if key not in _SHARED and item.text != DROP
        }
        for key in _SHARED:
            if key in members:
                value[key] = self._shared(key, members[key])
        return MapFile.model_validate(value)

    def _shared(self, key: str, part: Part) -> object:
        if part.members is None:
            return plain(part)
        made = self._field if key == "fields" else self._table
        return {name: made(item) for name, item in part.members.items() if item.text != DROP}

    def _field(self, part: Part) -> object:
        if part.members is None:
            return plain(part)
        if id(part) not in self._fields:
            value: dict[str, object] = {
                key: self._shared(key, item) if key == "fields" else plain(item)
                for key, item in part.members.items()
                if item.text != DROP
            }
            self._fields[id(part)] = part, FieldSpec.model_validate(value)
        return self._fields[id(part)][1]

    def _table(self, part: Part) -> object:
        if part.members is None:
            return plain(part)
        if id(part) not in self._tables:
            value = cast("dict[str, object]", plain(part))
            short = not value.keys() & TableSpec.model_fields.keys()
            made = full(TableSpec.model_validate({"codes": value} if short else value))
            # Partners have the same words for the same codes: one table serves all that say so.
            self._tables[id(part)] = part, self._equal.setdefault(_content(made), made)
        return self._tables[id(part)][1]

    def uses(self, fields: Mapping[str, FieldSpec | str]) -> Uses:
        """Return what fields make use of, with all inside them."""
        found = NOTHING
        for spec in fields.values():
            if not isinstance(spec, str):
                found = self._uses_of(spec).together(found)
        return found

    def _uses_of(self, spec: FieldSpec) -> Uses:
        if id(spec) not in self._uses:
            found = self.uses(spec.fields) if spec.fields else NOTHING
            self._uses[id(spec)] = spec, _own_uses(spec).together(found)
        return self._uses[id(spec)][1]

    def outline(self, part: Part) -> str:
        """Return a hash of a resolved map without its name and its tables.

        Maps in which it is the same, and the form of the tables, have one plan. The order of
        members counts: it is that of the document.
        """
        lines: list[str] = []
        for key, item in (part.members or {}).items():
            if key == "fields" and item.members is not None:
                lines += [self._ordered(name, one) for name, one in item.members.items()]
            elif key not in _NAMES:
                lines.append(self._ordered(key, item))
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def _ordered(self, name: str, part: Part) -> str:
        key = (name, id(part))
        if key not in self._outlined:
            text = json.dumps([name, plain(part)])
            self._outlined[key] = part, hashlib.sha256(text.encode()).hexdigest()
        return self._outlined[key][1]

    def version(self, part: Part, tables: Mapping[str, TableSpec]) -> str:
        """Return a hash of a resolved map and the tables that it uses.

        It changes whenever the meaning of the map may change.
        """
        text = "".join(sorted(self._lines(part, tables)))
        return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]

    def _lines(self, part: Part, tables: Mapping[str, TableSpec]) -> Iterator[str]:
        for key, item in (part.members or {}).items():
            if key == "fields" and item.members is not None:
                for name, one in item.members.items():
                    yield self._line("field", name, one)
            elif key != "tables":
                yield self._line("", key, item)
        for name, table in tables.items():
            yield self._line("table", name, table)

    def _line(self, kind: str, name: str, of: Part | TableSpec) -> str:
        key = (kind, name, id(of))
        if key not in self._told:
            content = plain(of) if isinstance(of, Part) else of.model_dump()
            text = json.dumps([kind, name, content], sort_keys=True)
            digest = hashlib.sha256(text.encode()).hexdigest()
            self._told[key] = of, digest
        return self._told[key][1]


def _content(table: TableSpec) -> Hashable:
    """Return what two tables have in common only where they say the same."""
    rows = tuple((code, tuple(row.items())) for code, row in table.rows.items())
    words = (table.unknown, table.default, table.write_default, table.word, table.note)
    return (tuple(table.codes.items()), tuple(table.write.items()), rows, words)


def _own_uses(spec: FieldSpec) -> Uses:
    texts = [text for text in (spec.expr, spec.otherwise) if text and LOOKUP in text]
    changes = (spec.tail, spec.wrap, spec.scale, spec.minus, spec.otherwise, spec.recall)
    tables = frozenset([spec.table] if spec.table is not None else ())
    reworks = any(change is not None for change in changes)
    if not (tables or texts or spec.level is not None or reworks):
        return NOTHING
    return Uses(tables, tuple(texts), spec.level is not None, reworks)
