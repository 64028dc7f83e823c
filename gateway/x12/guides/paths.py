"""The places that a guide names: `W0502`, `N1*ST/N104`, `LX/W12/N9*LT`, `HL***S/TD5`.

Steps lead from the top of the set inwards and name segments, or loops by the segment that starts
them. A step may ask for values, written where they stand in the segment: `N1*ST` is an N1 whose
N101 is ST, `HL***O|T` an HL whose HL03 is O or T. The last step may name an element or a component.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.x12.model import Loop, Segment
from gateway.x12.schema import ElementUse, LoopUse, SegmentUse
from gateway.yaml_source import suggestion

_STEP = re.compile(r"([A-Z][A-Z0-9]{1,2})((?:\*[^*/]*)*)")
_ELEMENT = re.compile(r"([A-Z][A-Z0-9]{1,2})(\d\d)(?:-(\d{1,2}))?")
# Ids have two or three characters: what is longer and ends in two digits names an element.
_SHORTEST_ELEMENT = 4


class PathFault(ValueError):
    """A place cannot be read, or the set has none like it."""


@dataclass(frozen=True, slots=True)
class Step:
    """A segment, or a loop by its first segment, and what has to stand in it."""

    tag: str
    wanted: tuple[tuple[int, frozenset[str]], ...] = ()
    """Element and the values of which it has one."""

    def takes(self, segment: Segment) -> bool:
        """Say whether a segment has what is wanted."""
        return all(
            position < len(segment) and segment[position] in values
            for position, values in self.wanted
        )


@dataclass(frozen=True, slots=True)
class GuidePath:
    """A place as it is written, and its parts."""

    text: str
    steps: tuple[Step, ...]
    element: int | None = None
    component: int | None = None

    @property
    def tag(self) -> str:
        """Return the id of the segment that it is about."""
        return self.steps[-1].tag

    @property
    def qualified(self) -> bool:
        """Say whether it depends on what stands in a segment, so that no schema can say it."""
        return any(step.wanted for step in self.steps)

    @property
    def reference(self) -> str:
        """Return it as people write positions: `N104`."""
        if self.element is None:
            return self.tag
        component = f"-{self.component}" if self.component is not None else ""
        return f"{self.tag}{self.element:02d}{component}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path leads in a schema."""

    chain: tuple[LoopUse, ...]
    """From the set inwards: the loops that what the last step names stands in."""
    use: SegmentUse | LoopUse
    """What the last step names."""
    element: ElementUse | None = None
    component: ElementUse | None = None

    @property
    def level(self) -> LoopUse:
        """Return the loop that the segment or loop stands in."""
        return self.chain[-1]

    @property
    def segment(self) -> SegmentUse:
        """Return the segment; of a loop its first."""
        return first_segment(self.use)

    @property
    def loop(self) -> LoopUse:
        """Return the loop that the segment is part of, itself where it starts one."""
        return self.use if isinstance(self.use, LoopUse) else self.level


def first_segment(use: SegmentUse | LoopUse) -> SegmentUse:
    """Return a segment itself, and of a loop the segment that starts it."""
    return use.segments[use.trigger] if isinstance(use, LoopUse) else use


def read_path(text: str) -> GuidePath:
    """Read a path; raise PathFault where it is none."""
    *outer, last = text.split("/")
    steps = [_step(step, text) for step in outer]
    found = _ELEMENT.fullmatch(last)
    if found is None or len(last) < _SHORTEST_ELEMENT:
        return GuidePath(text, (*steps, _step(last, text)))
    tag, position, component = found.groups()
    if position == "00" or component in ("0", "00"):
        raise PathFault(f"'{text}': positions count from 01")
    # `N9*LT/N902` is about the N9 before it: the element belongs to that step.
    if not steps or steps[-1].tag != tag:
        steps.append(Step(tag))
    return GuidePath(text, tuple(steps), int(position), int(component) if component else None)


def _step(text: str, whole: str) -> Step:
    found = _STEP.fullmatch(text)
    if found is None:
        example = "such as W0502, N1*ST/N104 or LX/W12/N9*LT"
        raise PathFault(f"'{whole}': '{text}' is no segment or element; expected a place {example}")
    tag, qualifiers = found.groups()
    wanted = tuple(
        (position, frozenset(values.split("|")))
        for position, values in enumerate(qualifiers.split("*")[1:], 1)
        if values
    )
    return Step(tag, wanted)


def resolve(path: GuidePath, root: LoopUse, set_id: str) -> Place:
    """Return where a path leads; raise PathFault where the set has no such place."""
    chain = [root]
    *outer, last = path.steps
    for step in outer:
        inner = chain[-1].loops.get(step.tag)
        if inner is None:
            raise PathFault(_nowhere(step.tag, chain, set_id))
        _require_values(step, inner)
        chain.append(inner)
    level = chain[-1]
    use: SegmentUse | LoopUse | None = level.segments.get(last.tag) or level.loops.get(last.tag)
    if len(chain) > 1 and last.tag == level.trigger and path.element is None:
        raise PathFault(f"{last.tag} starts the loop; leave out the last '/{last.tag}'")
    if use is None:
        raise PathFault(_nowhere(last.tag, chain, set_id))
    _require_values(last, use)
    if path.element is None:
        return Place(tuple(chain), use)
    element = _element(first_segment(use), path.element)
    return Place(tuple(chain), use, element, _component(element, path))


def _element(use: SegmentUse, position: int) -> ElementUse:
    element = use.element(position)
    if element is None:
        count = len(use.elements)
        raise PathFault(f"{use.tag} has {count} elements, there is no {position:02d}")
    return element


def _component(element: ElementUse, path: GuidePath) -> ElementUse | None:
    if path.component is None:
        return None
    if not element.components:
        raise PathFault(f"{path.tag}{element.position:02d} is no composite, it has no components")
    if not 0 < path.component <= len(element.components):
        count = len(element.components)
        raise PathFault(f"{element.number} has {count} components, there is no {path.component}")
    return element.components[path.component - 1]


def _require_values(step: Step, use: SegmentUse | LoopUse) -> None:
    """Refuse values that can stand nowhere: the rule would be silently without effect."""
    for position, values in step.wanted:
        element = _element(first_segment(use), position)
        unknown = [] if element.codes is None else sorted(values - element.codes.keys())
        if unknown:
            near = suggestion(unknown[0], element.codes or ())
            raise PathFault(f"{step.tag}{position:02d} has no code '{unknown[0]}'{near}")


def _nowhere(tag: str, chain: Sequence[LoopUse], set_id: str) -> str:
    """Say that a segment does not stand at a level, and where it would be found."""
    level, root = chain[-1], chain[0]
    where = f"loop {level.trigger} of {set_id}" if level.trigger else f"the top of {set_id}"
    if tag in level.segments:
        return f"{tag} is a segment of {where}, not a loop: nothing stands in it"
    elsewhere = [path for path in _paths(root) if path.rsplit("/", 1)[-1] == tag]
    if elsewhere:
        return f"{where} has no {tag}; expected {' or '.join(elsewhere[:3])}"
    return f"{set_id} has no segment {tag}{suggestion(tag, level.places)}"


def _paths(loop: LoopUse, before: str = "") -> Iterator[str]:
    for use in loop.content:
        if isinstance(use, LoopUse):
            yield before + use.trigger
            yield from _paths(use, f"{before}{use.trigger}/")
        elif use.tag != loop.trigger:
            yield before + use.tag


@dataclass(frozen=True, slots=True)
class Match:
    """One occurrence of what a path stands in, and the segments in it that the path names."""

    parents: tuple[Loop, ...]
    """From the set inwards; the last is the occurrence."""
    segments: tuple[Segment, ...]
    """Of loops their first ones."""


def matches(path: GuidePath, place: Place, tree: Loop) -> Iterator[Match]:
    """Yield what a path names in a set, one match for each occurrence of the loop around it."""
    *outer, last = path.steps
    opens = isinstance(place.use, LoopUse)
    for parents in _within(outer, (tree,)):
        here = parents[-1]
        segments = _openers(here, last.tag) if opens else here.segments.get(last.tag, ())
        found = filter(last.takes, segments) if last.wanted else segments
        yield Match(parents, tuple(found))


def _within(steps: Sequence[Step], parents: tuple[Loop, ...]) -> Iterator[tuple[Loop, ...]]:
    if not steps:
        yield parents
        return
    step = steps[0]
    for inner in parents[-1].loops.get(step.tag, ()):
        if not step.wanted:
            yield from _within(steps[1:], (*parents, inner))
            continue
        # A loop whose first segment is missing has no values that could be asked for.
        opener = inner.segments.get(step.tag, [[step.tag]])[0]
        if step.takes(opener):
            yield from _within(steps[1:], (*parents, inner))


def _openers(loop: Loop, tag: str) -> list[Segment]:
    return [one.segments[tag][0] for one in loop.loops.get(tag, ()) if tag in one.segments]
