"""The versions of maps that an instance has in force, and maps made again of what was kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway import resources
from gateway.canonical import DOCUMENTS, KEYS
from gateway.config.instance import Instance
from gateway.config.schemas import document_schema, packaged_schemas
from gateway.errors import GatewayError
from gateway.mapping.compiled import CompiledMap
from gateway.mapping.library import MapLibrary
from gateway.mapping.sandbox import LOOKUP
from gateway.partners import Agreement, Partner
from gateway.pipeline.versions import subject_of
from gateway.pipeline.versions_port import VersionRecord
from gateway.yaml_source import Source, Value, load


class VersionUnusable(GatewayError):
    """An old version cannot be used by this program any more."""


@dataclass(frozen=True, slots=True)
class Version:
    """A map with everything that decides what it makes of a set."""

    subject: str
    map: str
    contents: Mapping[str, bytes]
    """By names such as `map:acme-940`, `table:units`, `guide:acme/940`, `schema:004010/940`."""
    hash: str

    def record(self, since: datetime) -> VersionRecord:
        """Return it as the store keeps it."""
        files = {name: _hash(content) for name, content in self.contents.items()}
        return VersionRecord(
            self.subject, since, self.hash, self.map, json.dumps(files, sort_keys=True)
        )

    @property
    def by_hash(self) -> Mapping[str, bytes]:
        """Return its contents by their hashes."""
        return {_hash(content): content for content in self.contents.values()}


@dataclass(slots=True)
class InForce:
    """The versions that an instance has, each made when first asked for."""

    instance: Instance
    _made: dict[str, Version | None] = field(default_factory=dict)
    _maps: dict[str, bytes] = field(default_factory=dict)
    _named: dict[str, frozenset[str]] = field(default_factory=dict)
    _tables: dict[str, bytes] = field(default_factory=dict)

    def all(self) -> Iterator[Version]:
        """Yield the version of each agreement that has a map."""
        found: dict[str, Version] = {}
        for partner in self.instance.partners.values():
            for agreement in partner.agreements:
                version = self.of(partner, agreement)
                if version is not None:
                    found[version.subject] = version
        yield from found.values()

    def of(self, partner: Partner, agreement: Agreement) -> Version | None:
        """Return the version by which sets of an agreement are translated; None without a map."""
        if agreement.map is None or agreement.map not in self.instance.maps:
            return None
        subject = subject_of(partner, agreement)
        if subject not in self._made:
            self._made[subject] = self._make(subject, partner, agreement, agreement.map)
        return self._made[subject]

    def hash_of(self, partner: Partner, agreement: Agreement) -> str | None:
        """Return what documents remember of the version that made them."""
        version = self.of(partner, agreement)
        return version.hash if version is not None else None

    def _make(self, subject: str, partner: Partner, agreement: Agreement, name: str) -> Version:
        contents = {**dict(self._chain(name)), **dict(self._tables_of(name))}
        guide = partner.guide_of(agreement)
        if guide is not None and guide in self.instance.guides:
            contents[f"guide:{'/'.join(guide)}"] = repr(self.instance.guides[guide]).encode()
        place = f"{agreement.schema_version}/{agreement.set}"
        if (resources.directory("schemas") / "x12" / f"{place}.yaml").is_file():
            contents[f"schema:{place}"] = resources.schema_text(f"x12/{place}.yaml").encode()
        told = json.dumps(
            {key: _hash(content) for key, content in contents.items()}, sort_keys=True
        )
        return Version(subject, name, contents, _hash(told.encode())[:16])

    def _chain(self, name: str) -> Iterator[tuple[str, bytes]]:
        """Yield a map and all that it extends."""
        for one in self._names(name):
            if one not in self._maps:
                self._maps[one] = _written(self.instance.maps[one].source.value)
            yield f"map:{one}", self._maps[one]

    def _names(self, name: str) -> list[str]:
        """Return a map's name and those of all that it extends."""
        seen: dict[str, None] = {}
        while name in self.instance.maps and name not in seen:
            seen[name] = None
            value = self.instance.maps[name].source.value
            base = value.get("extends") if isinstance(value, dict) else None
            name = base if isinstance(base, str) else ""
        return list(seen)

    def _tables_of(self, name: str) -> Iterator[tuple[str, bytes]]:
        """Yield the shared tables that a map names, or what it extends does."""
        texts = frozenset[str]().union(*map(self._texts, self._names(name)))
        lookups = [text for text in texts if LOOKUP in text]
        for source in self.instance.library.table_sources:
            table = _name(source)
            if table in texts or any(table in text for text in lookups):
                if table not in self._tables:
                    self._tables[table] = _written(source.value)
                yield f"table:{table}", self._tables[table]

    def _texts(self, name: str) -> frozenset[str]:
        if name not in self._named:
            self._named[name] = frozenset(_naming(self.instance.maps[name].source.value))
        return self._named[name]


def _naming(value: Value) -> Iterator[str]:
    """Yield what a file says where tables are named: in fields, and in what they compute."""
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, str) and key in ("table", "expr", "otherwise"):
                yield item
            else:
                yield from _naming(item)
    elif isinstance(value, list):
        for item in value:
            yield from _naming(item)


def restored(record: VersionRecord, contents: Mapping[str, bytes]) -> CompiledMap:
    """Make a map again of what was kept; raise VersionUnusable or ConfigProblems otherwise."""
    kinds: dict[str, list[Source]] = {"map": [], "table": []}
    for name, hash_ in record.contents.items():
        kind = name.partition(":")[0]
        if hash_ not in contents:
            raise VersionUnusable(f"version {record.hash} is not kept whole: {name} is missing")
        if kind in kinds:
            kinds[kind].append(load(contents[hash_].decode(), f"{record.hash}:{name}"))
    library = MapLibrary(kinds["map"], kinds["table"], KEYS)
    spec = library.resolve(record.map).spec
    schema = packaged_schemas().get(record.x12, spec.transaction_set or "")
    if schema is None or spec.document not in DOCUMENTS:
        raise VersionUnusable(
            f"version {record.hash} of map '{record.map}' is for what this program does not have: "
            f"set {spec.transaction_set} in {record.x12}, document {spec.document}"
        )
    return library.compile(record.map, schema.root, document_schema(spec.document))


def _written(value: object) -> bytes:
    """Write a file's content as it was read: JSON is YAML too."""
    return json.dumps(value, ensure_ascii=False).encode()


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _name(source: Source) -> str:
    return str(source.value.get("table", "")) if isinstance(source.value, dict) else ""
