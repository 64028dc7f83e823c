"""Writing the `unmapped` list back, where a map says so."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gateway.findings import FindingCode
from gateway.mapping.out_tree import OutNode, put
from gateway.mapping.plan import Json
from gateway.mapping.positions import Step
from gateway.mapping.write_run import Run

_NUMBER = re.compile(r"(?P<key>.*)\[(?P<kind>[#+])(?P<number>[1-9][0-9]*)\]")
_ELEMENT = re.compile(r"(?P<element>[0-9]{2})(?:-(?P<component>[1-9][0-9]?))?")
_TAG = re.compile(r"[A-Z][A-Z0-9]{1,2}")


def write_back(root: OutNode, entries: Json, run: Run) -> None:
    """Put unmapped segments and elements where they came from; what finds no place is a finding."""
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        return
    added: dict[str, OutNode] = {"": root}
    for index, entry in enumerate(entries):
        if not (isinstance(entry, Mapping) and _write_one(entry, added, run)):
            detail = "there is no place to write this back to"
            run.note(FindingCode.VALUE_NOT_CONVERTIBLE, f"/unmapped/{index}", detail)


def _write_one(entry: Mapping[str, Json], added: dict[str, OutNode], run: Run) -> bool:
    loop, tag, of = (entry.get(key, "") for key in ("loop", "segment", "of"))
    elements = entry.get("elements")
    if not (isinstance(loop, str) and isinstance(tag, str) and _TAG.fullmatch(tag)):
        return False
    if not isinstance(elements, Mapping) or not isinstance(of, str):
        return False
    node = _node(loop, added)
    if node is None:
        return False
    segment = _segment(node, tag, of, loop)
    return segment is not None and _fill(segment, elements, run)


def _node(path: str, added: dict[str, OutNode]) -> OutNode | None:
    """Return the loop that a path means; `[+n]` is added, all others must be there."""
    if path in added:
        return added[path]
    outer, last = _parted(path)
    parent = _node(outer, added)
    if parent is None:
        return None
    found = _NUMBER.fullmatch(last)
    if found and found["kind"] == "+" and _TAG.fullmatch(found["key"]):
        node = OutNode()
        parent.loops.setdefault(found["key"], []).append(node)
    elif found:
        number, listed = int(found["number"]), parent.listed.get(found["key"], [])
        node = listed[number - 1] if number <= len(listed) else parent.named.get(last)  # type: ignore[assignment]  # None is asked for below
    else:
        node = parent.named.get(last)  # type: ignore[assignment]  # as above
    if node is not None:
        added[path] = node
    return node


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


def _fill(segment: list[str], elements: Mapping[str, Json], run: Run) -> bool:
    for key, text in elements.items():
        found = _ELEMENT.fullmatch(key)
        if not found or not isinstance(text, str) or found["element"] == "00":
            return False
        element = int(found["element"])
        # Repetitions and components are kept as received; they hold separators by right.
        if found["component"]:
            text = _component(segment, element, int(found["component"]), text, run.separator)
        put(segment, element, text)
    return True


def _component(
    segment: Sequence[str], element: int, component: int, text: str, separator: str
) -> str:
    whole = segment[element] if len(segment) > element else ""
    parts = whole.split(separator) if whole else []
    parts += [""] * (component - len(parts))
    parts[component - 1] = text
    return separator.join(parts)
