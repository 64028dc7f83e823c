"""Where texts stand: the tree of a set whose every element knows its place, and that in a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.mapping.hierarchy import Levels, levels
from gateway.mapping.places import HIERARCHY_LOOP
from gateway.mapping.plan import HierarchyPlan
from gateway.mapping.ports import Node, Separators
from gateway.mapping.trace.model import Received, SetPlace
from gateway.mapping.trace.texts import ReadText, Standing


class RememberingNode:
    """One occurrence of a loop, whose elements know where they stand."""

    __slots__ = ("loops", "segments")

    def __init__(
        self,
        segments: Mapping[str, Sequence[Sequence[str]]],
        loops: Mapping[str, Sequence[RememberingNode]],
    ) -> None:
        self.segments = segments
        self.loops = loops


def remembering(tree: Node, received: Received, hierarchy: HierarchyPlan | None) -> RememberingNode:
    """Return a copy of a set's tree whose elements know where they stand."""
    rows = {id(segment): index for index, segment in enumerate(received.segments)}
    names = level_names(tree, levels(tree, hierarchy, [])) if hierarchy else {}
    return _copy(tree, "", rows, names)


def _copy(
    node: Node, loop: str, rows: Mapping[int, int], names: Mapping[int, str]
) -> RememberingNode:
    segments = {
        tag: [_row(row, rows.get(id(row), -1), loop) for row in found]
        for tag, found in node.segments.items()
    }
    loops = {
        tag: [
            _copy(inner, names.get(id(inner)) or below(loop, tag, number), rows, names)
            for number, inner in enumerate(found, 1)
        ]
        for tag, found in node.loops.items()
    }
    return RememberingNode(segments, loops)


def below(loop: str, tag: str, number: int) -> str:
    """Name an occurrence of a loop inside another."""
    return f"{loop}/{tag}[{number}]".lstrip("/")


def _row(row: Sequence[str], index: int, loop: str) -> list[str]:
    return [
        ReadText(text, Standing(row, index, element, None, loop))
        for element, text in enumerate(row)
    ]


def level_names(tree: Node, found: Levels) -> Mapping[int, str]:
    """Return each HL level's name: the levels it is in, each by its turn in the set and its code.

    By the identity of the level's node.
    """
    turns = {id(node): turn for turn, node in enumerate(tree.loops.get(HIERARCHY_LOOP, ()), 1)}
    names: dict[int, str] = {}
    waiting = [(tree, "")]
    while waiting:
        node, path = waiting.pop()
        for inner in found.get(id(node), ()):
            rows = inner.segments.get(HIERARCHY_LOOP) or [[]]
            code = [*rows[0], "", "", "", ""][3]
            name = f"{path}/{HIERARCHY_LOOP}[{turns[id(inner)]}={code}]".lstrip("/")
            names[id(inner)] = name
            waiting.append((inner, name))
    return names


def placed(text: ReadText, received: Received, delimiters: Separators) -> SetPlace:
    """Return where a text stands in its set, and in the file."""
    own = text.standing
    return set_place(
        received, own.segment, (own.row, own.element, own.component), delimiters, own.loop
    )


def set_place(
    received: Received,
    index: int,
    where: tuple[Sequence[str], int, int | None],
    delimiters: Separators,
    loop: str,
) -> SetPlace:
    """Return the place of an element or component of a segment of a set."""
    row, element, component = where
    before, text = _before(row, element, component, delimiters.component)
    known = 0 <= index < len(received.offsets)
    return SetPlace(
        received.interchange_control_number.strip(),
        received.group_control_number.strip(),
        received.set_id,
        received.control_number,
        loop,
        index + 1,
        row[0],
        element,
        component,
        received.offsets[index] + before if known else None,
        len(text),
        text,
    )


def _before(
    row: Sequence[str], element: int, component: int | None, separator: str
) -> tuple[int, str]:
    """Return how much stands in a segment before a text, and the text."""
    before, text = sum(len(one) + 1 for one in row[:element]), row[element]
    if component is None:
        return before, text
    parts = text.split(separator)
    before += sum(len(one) + 1 for one in parts[: component - 1])
    return before, parts[component - 1] if component <= len(parts) else ""
