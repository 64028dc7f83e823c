"""The maps that a command may use: an instance's, or those that come with the product."""

from __future__ import annotations

from gateway import resources
from gateway.canonical import DOCUMENTS, KEYS
from gateway.config import Instance
from gateway.config.check_maps import REMEMBERED
from gateway.config.maps import DEFAULT_VERSION, MapFiles, find_maps, inherited
from gateway.config.schemas import document_schema, packaged_schemas
from gateway.errors import ConfigProblems, GatewayError
from gateway.mapping.compiled import CompiledMap
from gateway.mapping.library import MapLibrary, ResolvedMap
from gateway.x12.schema import SetSchema
from gateway.yaml_source import suggestion


def packaged_maps() -> MapFiles:
    """Return the maps that come with the product, and no others."""
    # They are found for any home; this one has none of its own.
    return find_maps(resources.directory("schemas"))


class MapUnusable(GatewayError):
    """The map cannot be used for translating."""


class MapsInUse:
    """Maps by name, with the schema and the document that each is for."""

    def __init__(self, instance: Instance | None = None, found: MapFiles | None = None) -> None:
        """Take an instance, or map files; the packaged maps where neither is given."""
        if instance is not None:
            self.files, self._library = instance.maps, instance.library
            return
        found = found or packaged_maps()
        if found.problems:
            raise ConfigProblems(found.problems)
        self.files = found.files
        self._library = MapLibrary(
            [file.source for file in found.files.values()], found.tables, KEYS, REMEMBERED
        )

    def set_id(self, name: str) -> str:
        """Return the set that a map is for; empty for one that others only extend."""
        return inherited(name, "transaction_set", self.files) or ""

    def document(self, name: str) -> str:
        """Return the document type that a map is for; empty for one that others only extend."""
        return inherited(name, "document", self.files) or ""

    def version(self, name: str) -> str:
        """Return the version of the set that a map is for."""
        return inherited(name, "version", self.files) or DEFAULT_VERSION

    def schema(self, name: str) -> SetSchema:
        """Return the schema of the set that a map is for."""
        self.resolved(name)  # What it extends in vain is the first thing to be told.
        schema = packaged_schemas().get(self.version(name), self.set_id(name))
        if schema is None:
            raise MapUnusable(
                f"map '{name}' is for set '{self.set_id(name)}' in version "
                f"{self.version(name)}: there is no schema for it"
            )
        return schema

    def compiled(self, name: str) -> CompiledMap:
        """Return a map ready for use; raise ConfigProblems with all that is wrong with it."""
        return self.compiled_for(name, self.schema(name))

    def compiled_for(self, name: str, schema: SetSchema) -> CompiledMap:
        """Return a map against a schema of its set, of whatever version."""
        document = self.document(name)
        if document not in DOCUMENTS:
            raise MapUnusable(f"map '{name}' names no document type: others extend it")
        return self._library.compile(name, schema.root, document_schema(document))

    def fingerprint(self, name: str) -> str:
        """Return what changes with a map, all that it extends, and the shared tables."""
        return self._library.fingerprint(name)

    def resolved(self, name: str) -> ResolvedMap:
        """Return a map with all that it extends."""
        self.require(name)
        schema = packaged_schemas().get(self.version(name), self.set_id(name))
        return self._library.resolve(name, schema.version if schema else "")

    def require(self, name: str) -> None:
        """Raise MapUnusable, with the nearest name, where there is no such map."""
        if name not in self.files:
            raise MapUnusable(f"there is no map '{name}'{suggestion(name, self.files)}")
