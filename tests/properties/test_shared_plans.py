"""What maps of one library share is what each would have had alone: plans, readers, problems."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from types import FunctionType, MethodType

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import yaml_source
from gateway.canonical import KEYS
from gateway.config.maps import DEFAULT_VERSION, MapFile, find_maps, inherited
from gateway.config.schemas import document_schema, packaged_schemas
from gateway.errors import ConfigProblems
from gateway.mapping.grammar import TableSpec
from gateway.mapping.library import MapLibrary
from gateway.mapping.plan import ConstantPlan, HierarchyPlan, Ignored, Place, Recall
from gateway.mapping.resolve import Resolver
from gateway.x12.schema import LoopUse
from gateway.yaml_source import Source

ROOT = Path(__file__).parents[2]
CHANGED = ("base-945", "base-856", "northstar-945")
"""Maps that random overlays are of: lists in loops, a hierarchy, an overlay of an overlay."""
WORDS: tuple[object, ...] = (
    "~drop", "W0602", "../LX01", {"at": "W0602"}, {"at": "W0699"}, {"as": "decimal"},
    {"table": "unit"},
    {"table": "order_status"}, {"table": "none"}, {"required": "true"}, {"default": "x"},
    {"at": "W0602", "when": "shipment_id=X"}, {"at": "W0602", "when": "/depositor_order_number=X"},
    {"replace": "true", "at": "W0606"}, {"use": "party", "in": "N1"}, {"fields": {"name": "~drop"}},
    {"fields": {"scac": {"table": "unit"}}}, {"read_only": "true"},
    {"value": "x"}, {"level": "S", "fields": {}}, {"in": "LX", "fields": {}},
)  # fmt: skip
TABLES: tuple[object, ...] = (
    {"CS": "case"}, {"codes": {"CS": "case", "CT": "case"}}, {"unknown": "fail"}, "~drop",
    {"codes": {"EA": "each"}, "unknown": "default", "default": "other"}, {"codes": {"A": ""}},
)  # fmt: skip

BLOCKS: tuple[object, ...] = (
    {"fields": {"name": "~drop"}}, {"fields": {"city": {"as": "upper"}}},
    {"fields": {"no": "N101"}},
)  # fmt: skip
LINES: tuple[dict[str, object], ...] = (
    {}, {"lines": {"fields": {"line_number": "LX01"}}}, {"lines": {"fields": {"sscc": "~drop"}}},
    {"lines": {"fields": {"items": {"fields": {"unit": {"table": "party_role"}}}}}},
    {"lines": {"in": "LX", "replace": "true", "fields": {"line_number": "LX01"}}},
)  # fmt: skip

PLAIN = (str, int, frozenset, Enum, TableSpec, ConstantPlan, HierarchyPlan, Ignored, Place, Recall)
"""What is equal where it says the same: the rest of a plan has functions in it."""


def everything(value: object) -> object:
    """Return a plan as plain values: functions by their names and by what they are about."""
    if value is None or isinstance(value, PLAIN):
        return value
    if isinstance(value, LoopUse):
        return id(value)
    if is_dataclass(value):
        inner = (everything(getattr(value, one.name)) for one in fields(value))
        return (type(value).__name__, *inner)
    if isinstance(value, MethodType):
        return (value.__func__.__qualname__, everything(value.__self__))
    if isinstance(value, FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        return (value.__qualname__, *map(everything, cells))
    if isinstance(value, Mapping):
        return [(everything(key), everything(item)) for key, item in value.items()]
    if isinstance(value, tuple | list):
        return [everything(item) for item in value]
    return type(value).__name__


def outcome(library: MapLibrary, files: Mapping[str, MapFile], name: str) -> object:
    """Return all that a map is, or all that is wrong with it."""
    set_id, document = inherited(name, "transaction_set", files), inherited(name, "document", files)
    schema = packaged_schemas().get(
        inherited(name, "version", files) or DEFAULT_VERSION, set_id or ""
    )
    assert schema is not None
    try:
        plan = library.compile(name, schema.root, document_schema(document or "")).plan
    except ConfigProblems as fault:
        return fault.problems
    return everything(plan)


def alone(files: Mapping[str, MapFile], name: str) -> object:
    """Return what a map is in a library of only what it extends."""
    sources, one = list[Source](), name
    while one in files:
        sources.append(files[one].source)
        value = files[one].source.value
        one = str(value.get("extends")) if isinstance(value, dict) else ""
    return outcome(MapLibrary(sources, keys=KEYS), files, name)


def differing(files: Mapping[str, MapFile], names: Sequence[str]) -> list[str]:
    """Return the maps that libraries of all of them make other ones of, in whatever order."""
    expected = {name: alone(files, name) for name in names}
    found = []
    for order in (names, names[::-1]):
        together = MapLibrary([found.source for found in files.values()], keys=KEYS)
        found += [name for name in order if outcome(together, files, name) != expected[name]]
    return found


@cache
def packaged() -> Mapping[str, MapFile]:
    """Return the maps of the product, and those of the examples."""
    return find_maps(ROOT / "examples").files


def test_the_maps_of_the_product_are_the_same_together_and_alone() -> None:
    files = packaged()
    names = [name for name in files if inherited(name, "document", files)]
    assert len(names) > 30
    assert differing(files, names) == []


def test_maps_share_the_plans_of_what_they_do_not_change() -> None:
    files = packaged()
    library = MapLibrary([found.source for found in files.values()], keys=KEYS)
    schema = packaged_schemas().get(DEFAULT_VERSION, "945")
    assert schema is not None
    base, over = (
        library.compile(name, schema.root, document_schema("shipping_advice"))
        for name in ("base-945", "northstar-945")
    )
    of_base, of_over = (
        {plan.name: plan for plan in made.structure.plan.root.fields} for made in (base, over)
    )
    assert of_over["load_number"] is of_base["load_number"]
    assert of_over["equipment"] is of_base["equipment"]
    assert of_over["bill_of_lading"] is not of_base["bill_of_lading"]
    # It asks a table of the overlay's own, which is no more than bound to the plan.
    assert of_over["parties"] is of_base["parties"]
    roles = [next(one for one in made.plan.root.fields if one.name == "parties")
             for made in (base, over)]  # fmt: skip
    assert roles[0] is not roles[1]


@st.composite
def overlays(draw: st.DrawFn) -> dict[str, MapFile]:
    """Return a few maps that extend one of ours, or each other."""
    below = draw(st.sampled_from(CHANGED))
    known = Resolver({name: one.source for name, one in packaged().items()}).resolve(below)
    of_map = {key: sorted((known.members or {})[key].members or {}) for key in ("fields", "tables")}
    names, made = [below], dict[str, MapFile]()
    for number in range(draw(st.integers(2, 4))):
        changed = {
            "map": f"over-{number}",
            "extends": draw(st.sampled_from(names)),
            "fields": draw(some(of_map["fields"], WORDS)) | draw(st.sampled_from(LINES)),
            "tables": draw(some(of_map["tables"], TABLES)),
            "blocks": draw(some(["party", "address", "contact"], BLOCKS)),
        }
        source = yaml_source.load(json.dumps(changed, indent=1), f"over-{number}.map.yaml")
        made[f"over-{number}"] = MapFile(f"over-{number}", ROOT, source, packaged=False)
        names.append(f"over-{number}")
    return made


def some(names: Sequence[str], words: Sequence[object]) -> st.SearchStrategy[dict[str, object]]:
    """Return strategies for what an overlay says of two things at most."""
    return st.dictionaries(st.sampled_from(names), st.sampled_from(words), max_size=2)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(overlays())
def test_overlays_are_the_same_together_and_alone(made: dict[str, MapFile]) -> None:
    bases = {name: packaged()[name] for name in ("base-common", "base-945", *CHANGED)}
    assert differing({**bases, **made}, list(made)) == []
