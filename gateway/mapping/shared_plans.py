"""What planning the maps of a library has in common: fields that are the same are planned once.

A field's plan follows from what the map says of it, from where it stands, and from what it asks
for: tables, and the fields that its conditions name. Where an overlay says nothing else of a field,
and it finds the same, it has the very plan that the map below has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from gateway.mapping.document_shape import DocumentShape
from gateway.mapping.grammar import FieldSpec
from gateway.mapping.kept import Kept
from gateway.mapping.places import Level
from gateway.mapping.plan import FieldPlan, Json
from gateway.mapping.ports import LoopShape
from gateway.yaml_source import Path

Asked = tuple[Literal["table", "rows", "field", "sibling"], str]
"""By name: a table of the map, its rows, a field of the whole document, one of the same object."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the planner is: in the file, in the document, in the set."""

    path: Path
    shown: str
    level: Level
    shape: DocumentShape
    siblings: Mapping[str, FieldSpec] = field(default_factory=dict)
    """The fields of the same object, which conditions may name."""

    def member(
        self, name: str, shape: DocumentShape, siblings: Mapping[str, FieldSpec] | None = None
    ) -> Spot:
        """Return the spot of a field of this object, beside fields of its own where it has them."""
        shown = f"{self.shown}.{name}" if self.shown else name
        beside = self.siblings if siblings is None else siblings
        return Spot((*self.path, name), shown, self.level, shape, beside)


@dataclass(frozen=True, slots=True)
class PlannedField:
    """The plan of a field without a problem, and what was found to make it."""

    name: str
    spec: FieldSpec
    plan: FieldPlan
    asked: Mapping[Asked, object]
    provable: bool
    """All that the model asks of objects and lists in it is known."""


@dataclass(frozen=True, slots=True)
class Site:
    """One object of the document at one place of the set, and the fields that were planned here."""

    spot: Spot
    known: Kept[Asked, PlannedField] = field(default_factory=Kept)
    """By name and identity of the field."""


@dataclass(frozen=True, slots=True)
class SharedPlans:
    """The plans of fields against one set and one document."""

    shape: LoopShape
    schema: Mapping[str, Json]
    document: DocumentShape
    levels: dict[bool, Level] = field(default_factory=dict)
    levels_of: dict[int, tuple[FieldPlan, frozenset[tuple[str, str]]]] = field(default_factory=dict)
    """Which level of a hierarchy stands in which, by the identity of the outermost field."""
    sites: dict[tuple[tuple[int, ...], Path, str], Site] = field(default_factory=dict)

    @classmethod
    def of(cls, shape: LoopShape, schema: Mapping[str, Json]) -> SharedPlans:
        """Return what has no plans yet."""
        return cls(shape, schema, DocumentShape.of(schema))

    def level(self, *, nested: bool) -> Level:
        """Return the level of the whole set, whose loops are the same in all maps."""
        if nested not in self.levels:
            self.levels[nested] = Level((self.shape,), nested)
        return self.levels[nested]

    def site(self, spot: Spot) -> Site:
        """Return the site of an object: the very same one wherever the same is planned."""
        # The model's shape follows from the path, and from whether entries of lists are meant.
        key = (spot.level.identity, spot.path, spot.shown)
        if key not in self.sites:
            self.sites[key] = Site(replace(spot, siblings={}))
        return self.sites[key]
