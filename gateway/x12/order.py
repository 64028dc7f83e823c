"""Puts the segments of a tree, such as that of a set that was read, into the schema's order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from gateway.errors import LocalProtocolError
from gateway.x12.model import Segment
from gateway.x12.schema import LoopUse, SetSchema


class Tree(Protocol):
    """One occurrence of a loop, as a parsed `Loop` or as anything of its shape."""

    @property
    def segments(self) -> Mapping[str, Sequence[Sequence[str]]]:
        """Map segment id to its occurrences in order."""

    @property
    def loops(self) -> Mapping[str, Sequence[Tree]]:
        """Map trigger segment id to the occurrences of that loop in order."""


def segments_in_order(schema: SetSchema, tree: Tree) -> list[Segment]:
    """Return every segment of a tree in the schema's order; ST and SE only where the tree has them.

    A segment or loop that the schema does not know at its level raises LocalProtocolError: it would
    be lost in silence otherwise.
    """
    segments: list[Segment] = []
    _add_level(segments, tree, (schema.root, schema.set_id))
    return segments


def _add_level(segments: list[Segment], tree: Tree, level: tuple[LoopUse, str]) -> None:
    """Add the segments of one occurrence of a loop and of all loops in it."""
    use, name = level
    here, loops = tree.segments, tree.loops
    if not here.keys() <= use.segments.keys():
        tag = next(tag for tag in here if tag not in use.segments)
        raise LocalProtocolError(f"segment {tag} has no place in {name}")
    if not loops:
        tags = here if len(here) == 1 else sorted(here, key=use.places.__getitem__)
        for tag in tags:
            segments += map(list, here[tag])
        return
    if not loops.keys() <= use.loops.keys():
        tag = next(tag for tag in loops if tag not in use.loops)
        raise LocalProtocolError(f"a loop that starts with {tag} has no place in {name}")
    # Few of the places of a level are taken: sorting those is less than asking at each.
    for tag in sorted((*here, *loops), key=use.places.__getitem__):
        if tag in here:
            segments += map(list, here[tag])
            continue
        inner = use.loops[tag]
        below = (inner, f"loop {inner.id} of {name}")
        for one in loops[tag]:
            _add_level(segments, one, below)
