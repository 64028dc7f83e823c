"""Writing the `unmapped` list back, where a map says so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from gateway.findings import FindingCode
from gateway.mapping.followed import MARK, bare, followed, is_followed
from gateway.mapping.out_tree import OutNode, put
from gateway.mapping.places import HIERARCHY_LOOP
from gateway.mapping.plan import Json
from gateway.mapping.ports import LoopShape
from gateway.mapping.positions import Step
from gateway.mapping.write_run import Run

_NUMBER = re.compile(r"(?P<key>.*)\[(?P<kind>[#+])(?P<number>[1-9][0-9]*)\]")
_ELEMENT = re.compile(r"(?P<element>[0-9]{2})(?:-(?P<component>[1-9][0-9]?))?")
_TAG = re.compile(r"[A-Z][A-Z0-9]{1,2}")


Level = tuple[OutNode, LoopShape]
"""A loop that was written, and what may stand in it."""


def write_back(root: Level, entries: Json, run: Run) -> None:
    """Put unmapped segments and elements where they came from; what finds no place is a finding."""
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        return
    added: dict[str, Level] = {"": root}
    for index, entry in enumerate(entries):
        if not (isinstance(entry, Mapping) and _write_one(entry, added, run)):
            detail = "there is no place to write this back to"
            run.note(FindingCode.VALUE_NOT_CONVERTIBLE, f"/unmapped/{index}", detail)


def _write_one(entry: Mapping[str, Json], added: dict[str, Level], run: Run) -> bool:
    loop, tag, of = (entry.get(key, "") for key in ("loop", "segment", "of"))
    elements = entry.get("elements")
    if not (isinstance(loop, str) and isinstance(tag, str) and _TAG.fullmatch(tag)):
        return False
    if not isinstance(elements, Mapping) or not isinstance(of, str):
        return False
    texts = list(_texts(elements))
    if len(texts) < len(elements):
        return False
    level = _level(loop, tag, added)
    named = _named(tag, of, level[1]) if level else ""
    if level is None or named not in level[1].segments:
        return False
    segment = _segment(level[0], named, of, loop)
    if segment is None:
        return False
    _fill(segment, texts, run)
    return True


def _named(tag: str, of: str, shape: LoopShape) -> str:
    """Return the name that a segment has in its loop: behind another it is `+N9`."""
    if not is_followed(shape.trigger) or tag != bare(shape.trigger):
        return tag
    return shape.trigger if of == shape.trigger else MARK + tag


def _level(path: str, first: str, added: dict[str, Level]) -> Level | None:
    """Return the loop that a path means; `[+n]` is added, with its first segment only."""
    if path in added:
        return added[path]
    outer, last = _parted(path)
    around = _level(outer, "", added)
    shape = _inside(around[1], last.partition("[")[0]) if around else None
    if around is None or shape is None:
        return None
    own = first == bare(shape.trigger)
    node = _node(around[0], last, shape.trigger if own else "")
    if node is None:
        return None
    added[path] = node, shape
    return added[path]


def _inside(shape: LoopShape, tag: str) -> LoopShape | None:
    """Return the shape of a loop; HL levels are still in one another, and will stand in a row."""
    if tag == shape.trigger == HIERARCHY_LOOP:
        return shape
    return shape.loops.get(tag) or followed(shape, tag)


def _node(parent: OutNode, step: str, first: str) -> OutNode | None:
    found = _NUMBER.fullmatch(step)
    if found and found["kind"] == "+":
        if not first or found["key"] != first:
            return None
        node = OutNode()
        parent.loops.setdefault(first, []).append(node)
        return node
    if found:
        number, listed = int(found["number"]), parent.listed.get(found["key"], [])
        if number <= len(listed):
            return listed[number - 1]
    return parent.named.get(step)


def _parted(path: str) -> tuple[str, str]:
    """Split a path before its last step; predicates may hold slashes."""
    depth = 0
    for index in range(len(path) - 1, -1, -1):
        depth += {"]": 1, "[": -1}.get(path[index], 0)
        if path[index] == "/" and depth == 0:
            return path[:index], path[index + 1 :]
    return "", path


def _segment(node: OutNode, tag: str, of: str, loop: str) -> list[str] | None:
    if not of:
        # The first segment of a loop that was added is the loop's own; it stands there once.
        own = loop.rpartition("/")[2].startswith(f"{tag}[+") and tag in node.segments
        return node.segments[tag][0] if own else node.add_segment(Step(tag))
    found = _NUMBER.fullmatch(of)
    if found and found["key"] in node.listed_segments:
        number, listed = int(found["number"]), node.listed_segments[found["key"]]
        return listed[number - 1] if number <= len(listed) else None
    if of in node.named_segments:
        return node.named_segments[of]
    rows = node.segments.get(tag)
    if of == tag and rows:
        return rows[0]
    return node.add_segment(Step(tag)) if of == tag else None


def _texts(elements: Mapping[str, Json]) -> Iterator[tuple[int, int, str]]:
    """Yield element, component (0 for none) and text of all that can be written."""
    for key, text in elements.items():
        found = _ELEMENT.fullmatch(key)
        if found and isinstance(text, str) and found["element"] != "00":
            yield int(found["element"]), int(found["component"] or 0), text


def _fill(segment: list[str], texts: Sequence[tuple[int, int, str]], run: Run) -> None:
    for element, component, text in texts:
        # Repetitions and components are kept as received; they hold separators by right.
        whole = _component(segment, element, component, text, run.separator) if component else text
        put(segment, element, whole)


def _component(
    segment: Sequence[str], element: int, component: int, text: str, separator: str
) -> str:
    whole = segment[element] if len(segment) > element else ""
    parts = whole.split(separator) if whole else []
    parts += [""] * (component - len(parts))
    parts[component - 1] = text
    return separator.join(parts)
