"""The plan of a whole map: its fields, counters, hierarchy, split and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.mapping import places, proof
from gateway.mapping.checker import Checker, rule_of
from gateway.mapping.document_shape import DocumentShape
from gateway.mapping.field_keys import as_spec
from gateway.mapping.grammar import ComputedSpec, FieldSpec, MapFile
from gateway.mapping.parts import Part
from gateway.mapping.places import HIERARCHY_LOOP, Level
from gateway.mapping.plan import (
    ENVELOPE_FIELDS,
    ComputedPlan,
    FieldPlan,
    HierarchyPlan,
    MapPlan,
    ObjectPlan,
    Place,
    SplitPlan,
    TableForm,
)
from gateway.mapping.planner import Planner, required_members
from gateway.mapping.positions import Position, PositionError, Step, parse
from gateway.mapping.rework_plan import Reworks
from gateway.mapping.sandbox import Rows
from gateway.mapping.shared_plans import SharedPlans, Spot
from gateway.mapping.specs import Uses
from gateway.yaml_source import suggestion


@dataclass(frozen=True, slots=True)
class Around:
    """What a map is checked with besides its set and its document."""

    tables: Mapping[str, TableForm]
    rows: Rows
    """Of the tables that expressions look things up in."""
    keys: Mapping[str, Sequence[str]]
    """The business keys of every type of document."""
    uses: Callable[[Mapping[str, FieldSpec | str]], Uses]
    """Tells what fields make use of."""


def plan_map(spec: MapFile, part: Part, around: Around, shared: SharedPlans) -> MapPlan:
    """Check a resolved map against a set and a document; raise ConfigProblems with all problems.

    What `shared` has of other maps is not planned again. The plan has no name: it is that of every
    map which differs in nothing but its name and what its tables say.
    """
    document, shape = shared.document, shared.shape
    fields = {name: as_spec(entry) for name, entry in spec.fields.items()}
    nested = spec.hierarchy is not None or around.uses(spec.fields).levels
    checker = Checker(
        part, around.tables, fields, model=document, keys=around.keys, rows=around.rows
    )
    planner = Planner(checker, shared)
    level = shared.level(nested=nested)
    spot = Spot(("fields",), "", level, document)
    top = Spot((), "", level, document)
    planned = planner.fields(spec.fields, spot)
    for name in required_members(document, planned):
        if name not in (*ENVELOPE_FIELDS, *fields):
            planner.check.report(
                top, f"the document's model requires '{name}', which the map never fills"
            )
    root = ObjectPlan(
        "", "", planned,
        constants=planner.constants(spec.constants, top), ignored=planner.ignored(spec.ignore, top),
        needs=planner.check.members_of(document),
    )  # fmt: skip
    computed = tuple(_computed(spec, planner, top))
    split = _split(spec, planner, top)
    reworks = Reworks.of(spec.fields, planner.check, spot, around.uses)
    _check_keys(spec, planner, top)
    planner.check.finish()
    version_shape = document.member("version")
    hierarchy = _hierarchy(spec, root, shared) if nested else None
    return MapPlan(
        "", spec.document or "", version_shape.constant if version_shape else "", shape, root,
        computed, spec.unmapped, tuple(spec.keys), hierarchy,
        split, "", tuple(reworks.steps), tuple(reworks.recalls),
        planner.check.provable and (
            spec.unmapped == "drop" or proof.keeps_leftovers(document)
        ),
    )  # fmt: skip


def _hierarchy(spec: MapFile, root: ObjectPlan, shared: SharedPlans) -> HierarchyPlan:
    pointers = spec.hierarchy is None or spec.hierarchy.parents == "pointer"
    child_code = spec.hierarchy is None or spec.hierarchy.child_code
    pairs: set[tuple[str, str]] = set()
    for plan in root.fields:
        if id(plan) not in shared.levels_of:
            shared.levels_of[id(plan)] = plan, frozenset(_level_pairs((plan,), ""))
        pairs |= shared.levels_of[id(plan)][1]
    return HierarchyPlan(pointers, child_code, frozenset(pairs))


def _level_pairs(plans: tuple[FieldPlan, ...], above: str) -> Iterator[tuple[str, str]]:
    """Yield which level may stand in which, from every path through HL loops."""
    for plan in plans:
        paths = [plan.loops] if isinstance(plan, ObjectPlan) else []
        paths += [place.loops for place in getattr(plan, "sources", ())]
        for path in paths:
            outer = above
            for step in path:
                if step.tag == HIERARCHY_LOOP:
                    for code in _codes(step):
                        yield outer, code
                    outer = (*_codes(step), "")[0]
            if isinstance(plan, ObjectPlan):
                yield from _level_pairs(plan.fields, outer)


def _codes(step: Step) -> tuple[str, ...]:
    return tuple(value for test in step.tests if test.element == 3 for value in test.values)


def _computed(spec: MapFile, planner: Planner, top: Spot) -> Iterator[ComputedPlan]:
    for text, entry in spec.computed.items():
        try:
            place = places.place(parse(text), top.level)
            made = ComputedPlan(place, "counter") if isinstance(entry, str) else None
            if made is None and isinstance(entry, ComputedSpec):
                made = _total(entry, place, text, planner, top)
            if made is None:
                continue
            if made.kind == "counter" and not place.loops:
                planner.check.report(
                    top, f"'{text}': a counter counts loops, such as LX/LX01", "computed", text
                )
                continue
            yield made
        except PositionError as fault:
            planner.check.report(top, str(fault), "computed", text)


def _total(
    spec: ComputedSpec, place: Place, text: str, planner: Planner, top: Spot
) -> ComputedPlan | None:
    if (spec.count is None) == (spec.sum is None):
        planner.check.report(top, f"'{text}': either `count:` or `sum:`", "computed", text)
        return None
    when = (
        planner.check.condition("/" + spec.when.lstrip("/"), top, "computed") if spec.when else None
    )
    if spec.count is not None:
        loops, factors = _counted(parse(spec.count), top.level)
        return ComputedPlan(place, "count", loops, factors, when=when)
    factors = tuple(
        places.place(parse(part.strip()), top.level) for part in (spec.sum or "").split("*")
    )
    if len({factor.loops for factor in factors}) > 1:
        planner.check.report(
            top, f"'{text}': the factors of a product are in one loop", "computed", text
        )
        return None
    steps = planner.check.conversions([spec.as_] if spec.as_ else [], top, listed=False)
    rule = rule_of(steps or ())
    return ComputedPlan(place, "sum", factors[0].loops, factors, rule, when)


def _counted(position: Position, level: Level) -> tuple[tuple[Step, ...], tuple[Place, ...]]:
    try:
        return places.loop_steps(position, level), ()
    except PositionError:
        found, _ = places.segment_place(position, level)
        return found.loops, (found,)


def _split(spec: MapFile, planner: Planner, top: Spot) -> SplitPlan | None:
    if spec.split is None:
        return None
    parts = spec.split.by.replace("[]", "").split(".")
    if len(parts) != 3 or spec.split.by.count("[]") != 2:
        hint = "such as lines[].allocations[].location"
        message = f"'{spec.split.by}' is no member of a list in a list, {hint}"
        planner.check.report(top, message, "split", "by")
        return None
    lines, allocations, by = parts
    return SplitPlan(lines, allocations, by, spec.split.to, tuple(spec.split.set.items()))


def _check_keys(spec: MapFile, planner: Planner, top: Spot) -> None:
    for index, path in enumerate(spec.keys):
        shape: DocumentShape | None = top.shape
        for part in path.split("."):
            name, listed = part.removesuffix("[]"), part.endswith("[]")
            inner = shape.member(name) if shape else None
            if inner is None:
                hint = suggestion(name, shape.members if shape else ())
                message = f"'{path}': the document's model has no field '{name}'{hint}"
                planner.check.report(top, message, "keys", index)
                break
            shape = inner.entry if listed else inner
