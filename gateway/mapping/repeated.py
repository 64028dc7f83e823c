"""A set written as it came: what `as_received` of a document says, put back.

Where the map writes the very same as when the document was read, all of it is put back, and the set
is the one that came. Of a document that was changed since, only that is put back which cannot say
anything stale: the order, and another spelling of a text that is still the one of then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gateway.mapping.as_received import Part, Segments, fingerprint, text_of
from gateway.mapping.out_tree import OutNode, put
from gateway.mapping.plan import Json
from gateway.mapping.ports import LoopShape
from gateway.mapping.write_order import as_tree, in_order

_STEP = re.compile(r"(?P<tag>[A-Z][A-Z0-9]{1,2})\[(?P<number>[1-9][0-9]{0,5})\]")
_ELEMENT = re.compile(r"[0-9]{2}")

Level = tuple[OutNode, LoopShape]


def is_unchanged(written: Segments, kept: Json) -> bool:
    """Say whether a map writes the very same as when the document was read."""
    return isinstance(kept, Mapping) and kept.get("written") == fingerprint(written)


def repeated(written: Segments, kept: Json, shape: LoopShape) -> Segments:
    """Return segments as they came, as far as the document is still the one that was read."""
    if not isinstance(kept, Mapping):
        return written
    entries = kept.get("differences")
    if isinstance(entries, str) or not isinstance(entries, Sequence):
        return written
    same = is_unchanged(written, kept)
    root = as_tree([list(segment) for segment in written], shape)
    for entry in entries:
        if isinstance(entry, Mapping):
            _put_back(entry, (root, shape), same=same)
    return in_order(root, shape)


def _put_back(entry: Mapping[str, Json], root: Level, *, same: bool) -> None:
    path, tag, order = entry.get("loop"), entry.get("segment"), entry.get("order")
    level = _level(root, path) if isinstance(path, str) else None
    if level is None or not isinstance(tag, str):
        return
    node, shape = level
    if isinstance(order, Sequence):
        if tag in node.loops:
            node.loops[tag] = _reordered(node.loops[tag], order)
        elif tag in node.segments:
            node.segments[tag] = _reordered(node.segments[tag], order)
        return
    place = entry.get("place")
    if not isinstance(place, int) or place < 1 or tag not in {*shape.segments, *shape.loops}:
        return
    elements, instead = _texts(entry.get("elements")), _texts(entry.get("instead"))
    if elements is not None and instead is not None:
        rows = node.segments.get(tag, ())
        if place <= len(rows):
            _respell(rows[place - 1], elements, instead, same=same)
    elif same and elements is not None:
        _add(level, (tag, place), elements)
    elif same:
        _remove(node, (tag, place))


def _level(root: Level, path: str) -> Level | None:
    """Return the loop that a path of numbers means."""
    node, shape = root
    for step in path.split("/") if path else ():
        found = _STEP.fullmatch(step)
        inner = shape.loops.get(found["tag"]) if found else None
        if found is None or inner is None:
            return None
        nodes = node.loops.get(found["tag"], ())
        if int(found["number"]) > len(nodes):
            return None
        node, shape = nodes[int(found["number"]) - 1], inner
    return node, shape


def _reordered(parts: list[Part], order: Sequence[Json]) -> list[Part]:
    """Return parts in the order that is kept; as they are where there are others than then."""
    numbers = [one for one in order if isinstance(one, int) and not isinstance(one, bool)]
    if sorted(numbers) != list(range(1, len(parts) + 1)):
        return parts
    return [parts[number - 1] for number in numbers]


def _texts(value: Json) -> dict[int, str] | None:
    """Return elements by their number."""
    if not isinstance(value, Mapping):
        return None
    return {
        int(key): text
        for key, text in value.items()
        if isinstance(text, str) and _ELEMENT.fullmatch(key) and int(key)
    }


def _respell(
    row: list[str], elements: Mapping[int, str], instead: Mapping[int, str], *, same: bool
) -> None:
    for number, text in elements.items():
        written = instead.get(number, "")
        if text_of(row, number) == written and (same or (text and written)):
            put(row, number, text)
    while len(row) > 1 and not row[-1]:
        row.pop()


def _add(level: Level, where: tuple[str, int], elements: Mapping[int, str]) -> None:
    """Add a segment, or a loop with its first segment."""
    (node, shape), (tag, place) = level, where
    row = [tag]
    for number, text in elements.items():
        put(row, number, text)
    if tag in shape.loops:
        made = OutNode()
        made.segments[tag] = [row]
        node.loops.setdefault(tag, []).insert(place - 1, made)
    else:
        node.segments.setdefault(tag, []).insert(place - 1, row)


def _remove(node: OutNode, where: tuple[str, int]) -> None:
    """Take away a segment, or a loop, that only the map writes."""
    tag, place = where
    if tag in node.loops:
        del node.loops[tag][place - 1 : place]
    elif tag in node.segments:
        del node.segments[tag][place - 1 : place]
