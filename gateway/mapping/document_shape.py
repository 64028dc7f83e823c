"""What the document's model allows, seen through its JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.mapping.plan import Json

ANYTHING: Mapping[str, Json] = {}

REMARKS = frozenset({"title", "description", "default", "$id", "$schema", "$defs"})
"""Members of a JSON Schema that ask for nothing."""
_REFERRING = ("$ref", "anyOf", "allOf")


@dataclass(frozen=True, slots=True)
class DocumentShape:
    """One place of a model: which members it has and which kinds of value it takes."""

    schema: Mapping[str, Json]
    root: Mapping[str, Json]
    known: dict[tuple[int, str | None], DocumentShape | None] = field(
        default_factory=dict, compare=False, repr=False
    )
    """What was asked for, of all places of the document: members by name, entries by None.

    Places are known by their schema, which each keeps alive.
    """

    @classmethod
    def of(cls, schema: Mapping[str, Json]) -> DocumentShape:
        """Return the shape of a whole document."""
        return cls(_resolved(schema, schema), schema)

    @property
    def members(self) -> Mapping[str, Json]:
        """Return the schemas of an object's members."""
        found = self.schema.get("properties")
        return found if isinstance(found, Mapping) else ANYTHING

    @property
    def is_open(self) -> bool:
        """Say whether members that the model does not name are allowed, or nothing is known."""
        return "properties" not in self.schema and "object" in (*self.kinds, "object")

    @property
    def required(self) -> Sequence[str]:
        """Return the members that must be there."""
        found = self.schema.get("required")
        if not isinstance(found, Sequence) or isinstance(found, str):
            return ()
        return [str(name) for name in found]

    def member(self, name: str) -> DocumentShape | None:
        """Return a member's shape, or None where the model has no such member."""
        key = (id(self.schema), name)
        if key not in self.known:
            self.known[key] = self._member(name)
        return self.known[key]

    def _member(self, name: str) -> DocumentShape | None:
        found = self.members.get(name)
        if isinstance(found, Mapping):
            return DocumentShape(_resolved(found, self.root), self.root, self.known)
        return DocumentShape(ANYTHING, self.root, self.known) if self.is_open else None

    @property
    def entry(self) -> DocumentShape:
        """Return the shape of a list's entries."""
        key = (id(self.schema), None)
        made = self.known.get(key)
        if made is None:
            found = self.schema.get("items")
            inner = _resolved(found, self.root) if isinstance(found, Mapping) else ANYTHING
            made = self.known[key] = DocumentShape(inner, self.root, self.known)
        return made

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return the JSON types that are allowed here; empty where any is."""
        found = self.schema.get("type")
        if isinstance(found, str):
            return (found,)
        if isinstance(found, Sequence):
            return tuple(str(kind) for kind in found if kind != "null")
        alternatives = self.schema.get("anyOf") or self.schema.get("oneOf")
        if isinstance(alternatives, Sequence) and not isinstance(alternatives, str):
            inner = [_resolved(one, self.root) for one in alternatives if isinstance(one, Mapping)]
            return tuple(
                kind
                for one in inner
                for kind in DocumentShape(one, self.root).kinds
                if kind != "null"
            )
        values = self.choices
        return ("string",) if values else ()

    @property
    def choices(self) -> tuple[str, ...]:
        """Return the words that are allowed here; empty where any is."""
        found = self.schema.get("enum", [self.schema["const"]] if "const" in self.schema else ())
        if not isinstance(found, Sequence) or isinstance(found, str):
            return ()
        return tuple(word for word in found if isinstance(word, str))

    @property
    def constant(self) -> str:
        """Return the text that a member always has, such as the model's version."""
        found = self.schema.get("const", self.schema.get("default"))
        return found if isinstance(found, str) else (*self.choices, "")[0]


NOTHING_KNOWN = DocumentShape(ANYTHING, ANYTHING)
"""A model that allows anything."""


def _resolved(schema: Mapping[str, Json], root: Mapping[str, Json]) -> Mapping[str, Json]:
    """Follow references and drop the null alternative of optional members."""
    beside: list[Json] = []
    for _ in range(20):
        inner = _referred(schema, root)
        if inner is None:
            break
        beside += [{key: schema[key]} for key in schema if key not in {*REMARKS, *_REFERRING}]
        schema = inner
    # What is asked beside a reference is asked too, though nobody here knows how to hold it.
    return {**schema, "beside": beside} if beside else schema


def _referred(schema: Mapping[str, Json], root: Mapping[str, Json]) -> Mapping[str, Json] | None:
    """Return the schema that another one is no more than a reference to."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _at(reference, root)
    alternatives = schema.get("anyOf", schema.get("allOf"))
    if not isinstance(alternatives, Sequence) or isinstance(alternatives, str):
        return None
    real = [one for one in alternatives if isinstance(one, Mapping) and one.get("type") != "null"]
    return real[0] if len(real) == 1 else None


def _at(reference: str, root: Mapping[str, Json]) -> Mapping[str, Json]:
    found: Json = root
    for part in reference.removeprefix("#/").split("/"):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else ANYTHING
