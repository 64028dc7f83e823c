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
from gateway.mapping.plan import Json, MapPlan, TableForm
from gateway.mapping.plan_map import Around, plan_map
from gateway.mapping.ports import LoopShape
from gateway.mapping.remembered import Remembered
from gateway.mapping.resolve import Resolver
from gateway.mapping.sandbox import LOOKUP, Rows
from gateway.mapping.shared_plans import SharedPlans
from gateway.mapping.specs import Specs, Uses, looks_up
from gateway.mapping.tables import Table, build, full, table_problems
from gateway.yaml_source import Source, Value, suggestion

Model = TypeVar("Model", bound=BaseModel)
Item = TypeVar("Item")
_Against = tuple[LoopShape, Mapping[str, Json]]
"""A set's shape and the JSON Schema of a document."""


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

    @cached_property
    def uses(self) -> Uses:
        """Return what its fields make use of."""
        return self.specs.uses(self.spec.fields)

    @property
    def rows(self) -> Rows:
        """Return the tables that its expressions may look things up in."""
        if not self.uses.lookups:
            return {}
        return {name: table.rows for name, table in self.tables.items()}

    def _used(self) -> Mapping[str, TableSpec]:
        uses, tables = self.uses, self.tables
        looked = [name for name in tables if uses.looks_up(name)]
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
        self._fingerprints: dict[str, str] = {}
        self._named: dict[str, Sequence[str]] = {}
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
        self._keys_told = repr(sorted(self._keys.items()))
        self._table_digests = {
            table: _digest_of(source) for table, source in zip(self._tables, tables, strict=True)
        }

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

    def _made(self, name: str, shape: LoopShape, schema: Mapping[str, Json]) -> CompiledMap:
        """Check a map against a set and a document; raise ConfigProblems with all problems."""
        resolved = self.resolve(name, shape.version)
        known = resolved.tables
        tables = {one: self._table(one, known[one]) for one in resolved.uses.tables if one in known}
        forms = {one: table.form() for one, table in tables.items()}
        structure = self._remembered.structure(
            self._outline(resolved, forms), (shape, schema),
            lambda: self._plan(resolved, forms, (shape, schema)),
        )  # fmt: skip
        for use in structure.uses:
            if use.misfit is not None and any(map(use.misfit, tables[use.form.name].given)):
                self._tell_all(resolved, (shape, schema))
        return CompiledMap(structure, tables, name=resolved.spec.map, version=resolved.version)

    def _outline(self, resolved: ResolvedMap, forms: Mapping[str, TableForm]) -> str:
        """Return what is the same for two maps only where their plans are."""
        looked = [name for name in resolved.rows if resolved.uses.looks_up(name)]
        rows = [f"{name} {sorted(resolved.rows[name].items())}" for name in sorted(looked)]
        told = [forms[name].told for name in sorted(forms)]
        return _digest([self._specs.outline(resolved.part), self._keys_told, *told, *rows])

    def _plan(
        self, resolved: ResolvedMap, forms: Mapping[str, TableForm], against: _Against
    ) -> MapPlan:
        """Plan a map without a look at what its tables say."""
        key = (id(against[0]), id(against[1]))
        if key not in self._shared:
            self._shared[key] = SharedPlans.of(*against)
        around = Around(forms, resolved.rows, self._keys, self._specs.uses)
        try:
            return plan_map(resolved.spec, resolved.part, around, self._shared[key])
        except ConfigProblems:
            self._tell_all(resolved, against)
            raise

    def _tell_all(self, resolved: ResolvedMap, against: _Against) -> None:
        """Raise ConfigProblems with all that is wrong with a map, words of its tables too."""
        forms = {
            name: self._table(name, table).form(with_words=True)
            for name, table in resolved.tables.items()
        }
        around = Around(forms, resolved.rows, self._keys, self._specs.uses)
        plan_map(resolved.spec, resolved.part, around, SharedPlans.of(*against))

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
                made = self._made(name, shape, document_schema)
                self._remembered.put(fingerprint, around, made)
            self._compiled[key] = (shape, made)
        return self._compiled[key][1]

    def fingerprint(self, name: str) -> str:
        """Return what changes with the text of a map, of all it extends, or of a table they name.

        Empty where it extends what is not there, or itself.
        """
        if name not in self._fingerprints:
            self._fingerprints[name] = self._fingerprint(name)
        return self._fingerprints[name]

    def _fingerprint(self, name: str) -> str:
        digests: list[str] = []
        named: dict[str, None] = {}
        seen: set[str] = set()
        while name not in seen and name in self._sources:
            seen.add(name)
            source = self._sources[name]
            digests.append(_digest_of(source))
            named |= dict.fromkeys(self._named_by(name))
            value = source.value
            parent = value.get("extends") if isinstance(value, dict) else None
            if parent is None:
                tables = [f"{table} {self._table_digests[table]}" for table in sorted(named)]
                return _digest([self._keys_told, *tables, *digests])
            name = str(parent)
        return ""

    def _named_by(self, name: str) -> Sequence[str]:
        """Return the shared tables that a file names, or may name."""
        if name not in self._named:
            words = set(_texts(self._sources[name].value)) if self._tables else set()
            looks = [word for word in words if LOOKUP in word]
            self._named[name] = [
                table
                for table in self._tables
                if table in words or any(looks_up(text, table) for text in looks)
            ]
        return self._named[name]

    def check(
        self, name: str, shape: LoopShape, document_schema: Mapping[str, Json]
    ) -> list[Problem]:
        """Return all that is wrong with a map; empty where nothing is."""
        try:
            self.compile(name, shape, document_schema)
        except ConfigProblems as fault:
            return list(fault.problems)
        return []


def _texts(value: Value) -> Iterator[str]:
    """Yield every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


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
