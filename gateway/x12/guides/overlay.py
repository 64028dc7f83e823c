"""Schema × Guide → Schema: what a place may hold becomes part of the schema, compiled with it.

Which segments and elements are required, how often, how long, and with which codes can be said by a
schema. What depends on a value in a segment, forbids, or asks for a pattern cannot: that remains a
rule, which is asked after the walk. Nothing here judges a transaction set.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from gateway.findings import FindingCode
from gateway.x12.guides.limits import TEXT_TYPES, faults_of
from gateway.x12.guides.model import Entry, Guide
from gateway.x12.guides.paths import PathFault, Place, resolve
from gateway.x12.schema import ElementUse, LoopUse, Requirement, SegmentUse, SetSchema

Spot = tuple[str, str, int | None, int | None, FindingCode]
"""Loop, segment, element, component and fault: where a change of the schema shows."""

_Chain = tuple[str, ...]
"""Segment ids from the top of the set to a segment or loop."""


@dataclass(frozen=True, slots=True)
class PlacedEntry:
    """An entry of a guide, and where it leads in the schema as it was before."""

    entry: Entry
    place: Place


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why an entry does not fit the schema, and the part of it that is at fault."""

    entry: Entry
    key: str
    message: str


@dataclass(frozen=True, slots=True)
class Overlaid:
    """A schema with a guide laid over it, and what is left to be asked after the walk."""

    schema: SetSchema
    placed: tuple[PlacedEntry, ...]
    """The entries that fit."""
    rules: tuple[PlacedEntry, ...]
    tightened: Mapping[Spot, PlacedEntry]
    """What a fault comes from that the schema alone would not have found."""
    misfits: tuple[Misfit, ...]


def overlay(schema: SetSchema, guide: Guide) -> Overlaid:
    """Lay a guide over the schema of its set; what does not fit is left out and told."""
    placed: list[PlacedEntry] = []
    misfits: list[Misfit] = []
    for entry in guide.entries:
        try:
            place = resolve(entry.path, schema.root, schema.set_id)
        except PathFault as fault:
            misfits.append(Misfit(entry, "", str(fault)))
            continue
        faults = faults_of(entry, place)
        misfits += [Misfit(entry, key, message) for key, message in faults]
        if not faults:
            placed.append(PlacedEntry(entry, place))
    edits: defaultdict[_Chain, list[PlacedEntry]] = defaultdict(list)
    spots: dict[Spot, PlacedEntry] = {}
    for one in placed:
        if not one.entry.path.qualified:
            edits[chain_of(one.place)].append(one)
            spots.update((spot, one) for spot in _spots(one))
    root = _loop(schema.root, (), edits) if edits else schema.root
    rules = tuple(one for one in placed if _is_rule(one))
    return Overlaid(replace(schema, root=root), tuple(placed), rules, spots, tuple(misfits))


def _is_rule(one: PlacedEntry) -> bool:
    """Say whether something of an entry has to be asked after the walk."""
    entry, element = one.entry, one.place.component or one.place.element
    return (
        entry.path.qualified
        or entry.use == "not_used"
        or entry.pattern is not None
        or (entry.minimum or 0) > 1
        # A schema knows code lists of text only.
        or (entry.codes is not None and element is not None and element.type not in TEXT_TYPES)
    )


def chain_of(place: Place) -> _Chain:
    """Return the segment ids from the top of the set to the segment or loop of a place."""
    return (*(loop.trigger for loop in place.chain[1:]), place.segment.tag)


def _loop(loop: LoopUse, chain: _Chain, edits: Mapping[_Chain, list[PlacedEntry]]) -> LoopUse:
    """Return a loop with everything that is edited in it."""
    content: list[SegmentUse | LoopUse] = []
    for use in loop.content:
        if isinstance(use, LoopUse):
            inner = (*chain, use.trigger)
            touched = any(key[: len(inner)] == inner for key in edits)
            content.append(_inner_loop(use, inner, edits) if touched else use)
        elif use.tag == loop.trigger:  # Its elements are edited under the path of the loop.
            content.append(_with_elements(use, edits.get(chain, ())))
        else:
            own = edits.get((*chain, use.tag), ())
            content.append(_segment(_with_elements(use, own), own))
    return replace(loop, content=tuple(content))


def _inner_loop(use: LoopUse, chain: _Chain, edits: Mapping[_Chain, list[PlacedEntry]]) -> LoopUse:
    made = _loop(use, chain, edits)
    for one in edits.get(chain, ()):
        if one.place.element is None:
            requirement, maximum = _uses(one.entry, made.requirement, made.maximum)
            made = replace(made, requirement=requirement, maximum=maximum)
    return made


def _segment(use: SegmentUse, edits: Iterable[PlacedEntry]) -> SegmentUse:
    for one in edits:
        if one.place.element is None:
            requirement, maximum = _uses(one.entry, use.requirement, use.maximum)
            use = replace(use, requirement=requirement, maximum=maximum)
    return use


def _uses(entry: Entry, requirement: Requirement, maximum: int) -> tuple[Requirement, int]:
    """Return requirement and maximum use as the guide has them."""
    if entry.maximum is not None:
        maximum = entry.maximum
    return _requirement(entry, requirement), maximum


def _requirement(entry: Entry, of_standard: Requirement) -> Requirement:
    if entry.use == "required" or entry.minimum:
        return "M"
    return "O" if entry.use is not None and of_standard == "M" else of_standard


def _with_elements(use: SegmentUse, edits: Iterable[PlacedEntry]) -> SegmentUse:
    elements = list(use.elements)
    for one in edits:
        element = one.place.element
        if element is not None:
            at = element.position - 1
            elements[at] = _with_component(elements[at], one)
    # The same tuple where nothing changed: its checks are then shared with other places.
    return use if elements == list(use.elements) else replace(use, elements=tuple(elements))


def _with_component(element: ElementUse, one: PlacedEntry) -> ElementUse:
    component = one.place.component
    if component is None:
        return _element(element, one.entry)
    components = list(element.components)
    at = component.position - 1
    components[at] = _element(components[at], one.entry)
    return replace(element, components=tuple(components))


def _element(element: ElementUse, entry: Entry) -> ElementUse:
    low, high = entry.length or (element.minimum, element.maximum)
    return replace(
        element,
        requirement=_requirement(entry, element.requirement),
        minimum=low,
        maximum=high,
        codes=codes_of(element, entry),
    )


def codes_of(element: ElementUse, entry: Entry) -> Mapping[str, str] | None:
    """Return the codes that an element may have, each with its meaning; None for any."""
    known = element.codes or {}
    if entry.codes is not None:
        chosen = {code: text or known.get(code, "") for code, text in entry.codes.items()}
        return {**chosen, **entry.more_codes}
    if entry.more_codes and element.codes is not None:
        return {**known, **entry.more_codes}
    return element.codes


def _spots(one: PlacedEntry) -> Iterator[Spot]:
    """Yield which faults at which places come from an entry."""
    entry, place = one.entry, one.place
    tag, element = place.segment.tag, place.element
    if element is None:
        if _requirement(entry, "O") == "M":
            yield place.level.id, tag, None, None, FindingCode.MANDATORY_SEGMENT_MISSING
        if entry.maximum is not None:
            loop = isinstance(place.use, LoopUse)
            code = FindingCode.LOOP_OVER_MAXIMUM if loop else FindingCode.SEGMENT_OVER_MAXIMUM
            yield place.level.id, tag, None, None, code
        return
    component = place.component.position if place.component is not None else None
    codes = []
    if entry.use == "required":
        codes.append(FindingCode.MANDATORY_ELEMENT_MISSING)
    if entry.length is not None:
        codes += [FindingCode.ELEMENT_TOO_SHORT, FindingCode.ELEMENT_TOO_LONG]
    if entry.codes is not None:
        codes.append(FindingCode.CODE_NOT_IN_LIST)
    for code in codes:
        yield place.loop.id, tag, element.position, component, code
