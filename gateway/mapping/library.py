"""All maps of an instance: found by name, resolved, checked and compiled when first asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar, cast

from pydantic import BaseModel, ValidationError

from gateway.errors import ConfigProblems, Problem
from gateway.mapping.compiled import CompiledMap
from gateway.mapping.grammar import MapFile, TableFile, TableSpec, problems_of, without_drops
from gateway.mapping.parts import Part, source_of
from gateway.mapping.plan import Json, MapPlan
from gateway.mapping.plan_map import Around, plan_map
from gateway.mapping.ports import LoopShape
from gateway.mapping.remembered import Remembered
from gateway.mapping.resolve import Resolver
from gateway.mapping.shared_plans import SharedPlans
from gateway.mapping.specs import Specs
from gateway.mapping.tables import Table, build, full, table_problems
from gateway.yaml_source import Source, suggestion

Model = TypeVar("Model", bound=BaseModel)
Item = TypeVar("Item")


@dataclass(frozen=True)
class ResolvedMap:
    """A map with all it extends and uses, before it is held against a schema."""

    name: str
    part: Part
    """The merged map; its marks say which file each part comes from."""
    spec: MapFile
    tables: Mapping[str, TableSpec]
    specs: Specs
    """The models of all parts of a library."""

    @cached_property
    def source(self) -> Source:
        """Return the merged map as if one file had it."""
        return source_of(self.part)

    @cached_property
    def version(self) -> str:
        """Return the hash of the map and of the tables that it uses."""
        return self.specs.version(self.part, self._used())

    def _used(self) -> Mapping[str, TableSpec]:
        uses, tables = self.specs.uses(self.spec.fields), self.tables
        looked = [name for name in tables if any(name in text for text in uses.lookups)]
        return {name: tables[name] for name in {*uses.tables, *looked} if name in tables}


class MapLibrary:
    """The maps and shared tables of an instance, from texts that somebody else has read."""

    def __init__(
        self,
        maps: Iterable[Source],
        tables: Iterable[Source] = (),
        keys: Mapping[str, Sequence[str]] | None = None,
        remembered: Remembered | None = None,
    ) -> None:
        self._keys = keys or {}
        self._remembered = Remembered() if remembered is None else remembered
        tables = self.table_sources = tuple(tables)
        problems: list[Problem] = []
        self._sources: dict[str, Source] = {}
        self._tables: dict[str, TableSpec] = {}
        self._specs = Specs()
        self._resolver = Resolver(self._sources)
        self._built: dict[tuple[str, int], tuple[TableSpec, Table]] = {}
        self._sound: dict[int, TableSpec] = {}
        self._shared: dict[tuple[int, int], SharedPlans] = {}
        self._resolved: dict[tuple[str, str], ResolvedMap] = {}
        self._compiled: dict[tuple[str, int], tuple[LoopShape, CompiledMap]] = {}
        for source in maps:
            spec = _checked(source, MapFile, problems)
            if spec is not None:
                _add(self._sources, spec.map, source, source, problems)
        for source in tables:
            table = _checked_table(source, problems)
            if table is not None:
                _add(self._tables, table.table, table, source, problems)
        if problems:
            raise ConfigProblems(problems)
        self._around = _digest([repr(sorted(self._keys.items())), *sorted(map(_digest_of, tables))])

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all maps."""
        return tuple(self._sources)

    def resolve(self, name: str, version: str = "") -> ResolvedMap:
        """Return a map with all it extends; raise ConfigProblems where that cannot be done.

        With a version of the standard, such as 005010, it has what its files say of that version.
        """
        key = (name, version)
        if key not in self._resolved:
            self._resolved[key] = self._resolve(name, version)
        return self._resolved[key]

    def _resolve(self, name: str, version: str) -> ResolvedMap:
        if name not in self._sources:
            message = f"there is no map '{name}'{suggestion(name, self._sources)}"
            raise ConfigProblems([Problem("maps", 1, 1, "", message)])
        part = self._resolver.resolve(name, version)
        spec = self._spec(part)
        own = {key: full(entry) for key, entry in spec.tables.items()}
        problems: list[Problem] = []
        for key, table in own.items():
            if id(table) not in self._sound:
                found = list(_faults(part, key, table))
                problems += found
                if not found:
                    self._sound[id(table)] = table
        if problems:
            raise ConfigProblems(problems)
        return ResolvedMap(name, part, spec, {**self._tables, **own}, self._specs)

    def _spec(self, part: Part) -> MapFile:
        try:
            return self._specs.map_file(part)
        except ValidationError:
            # Told of the whole map, which names the places of what is wrong.
            problems: list[Problem] = []
            spec = _checked(source_of(part), MapFile, problems)
            if spec is None:
                raise ConfigProblems(problems) from None
            return spec

    def _plan(
        self, resolved: ResolvedMap, shape: LoopShape, document_schema: Mapping[str, Json]
    ) -> MapPlan:
        """Check a map against a set and a document; raise ConfigProblems with all problems."""
        tables = {name: self._table(name, table) for name, table in resolved.tables.items()}
        around = Around(tables, self._keys, self._specs.uses, resolved.version)
        key = (id(shape), id(document_schema))
        if key not in self._shared:
            self._shared[key] = SharedPlans.of(shape, document_schema)
        return plan_map(resolved.spec, resolved.part, around, self._shared[key])

    def _table(self, name: str, table: TableSpec) -> Table:
        """Return a table ready for use: the very same one for all maps that have it."""
        key = (name, id(table))
        if key not in self._built:
            self._built[key] = table, build(name, table)
        return self._built[key][1]

    def compile(
        self, name: str, shape: LoopShape, document_schema: Mapping[str, Json]
    ) -> CompiledMap:
        """Return a map compiled against a set's shape and its document's JSON Schema."""
        key = (name, id(shape))
        if key not in self._compiled:
            fingerprint, around = self.fingerprint(name), (shape, document_schema)
            made = self._remembered.get(fingerprint, around)
            if made is None:
                resolved = self.resolve(name, shape.version)
                made = CompiledMap(self._plan(resolved, shape, document_schema))
                self._remembered.put(fingerprint, around, made)
            self._compiled[key] = (shape, made)
        return self._compiled[key][1]

    def fingerprint(self, name: str) -> str:
        """Return what changes with the text of a map, of all it extends, or of a shared table.

        Empty where it extends what is not there, or itself.
        """
        digests: list[str] = []
        seen: set[str] = set()
        while name not in seen and name in self._sources:
            seen.add(name)
            source = self._sources[name]
            digests.append(_digest_of(source))
            value = source.value
            parent = value.get("extends") if isinstance(value, dict) else None
            if parent is None:
                return _digest([self._around, *digests])
            name = str(parent)
        return ""

    def check(
        self, name: str, shape: LoopShape, document_schema: Mapping[str, Json]
    ) -> list[Problem]:
        """Return all that is wrong with a map; empty where nothing is."""
        try:
            self.compile(name, shape, document_schema)
        except ConfigProblems as fault:
            return list(fault.problems)
        return []


def _digest_of(source: Source) -> str:
    """Return a hash of a file; of what was put together, of its value and places."""
    return source.digest or _digest([source.file, repr(source.value), repr(source.marks)])


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()


def _checked(source: Source, model: type[Model], problems: list[Problem]) -> Model | None:
    """Return a file as its model, or None and its problems."""
    try:
        return model.model_validate(without_drops(source.value))
    except ValidationError as fault:
        problems += problems_of(fault, source, model)
        return None


def _checked_table(source: Source, problems: list[Problem]) -> TableFile | None:
    table = _checked(source, TableFile, problems)
    if table is None:
        return None
    table = cast(TableFile, full(table))
    faults = [source.problem((member,), text) for member, text in table_problems(table)]
    problems += faults
    return None if faults else table


def _add(
    into: dict[str, Item], name: str, item: Item, source: Source, problems: list[Problem]
) -> None:
    if name in into:
        key = "table" if isinstance(item, TableFile) else "map"
        problems.append(source.problem((key,), f"there is another {key} named '{name}'"))
    else:
        into[name] = item


def _faults(part: Part, key: str, table: TableSpec) -> Iterator[Problem]:
    """Yield what is wrong with a table of a map."""
    for member, message in table_problems(table):
        mark = part.at(("tables", key, member))
        yield Problem(mark.file, mark.line, mark.column, f"tables.{key}.{member}", message)
