"""Puts the segments of a tree into the order that a schema gives them, for writing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from gateway.errors import LocalProtocolError
from gateway.x12.model import Segment
from gateway.x12.schema import LoopUse, SegmentUse, SetSchema


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
    return list(_level(schema.root, tree, schema.set_id))


def _level(use: LoopUse, tree: Tree, name: str) -> Iterator[Segment]:
    for tag in tree.segments:
        if tag not in use.segments:
            raise LocalProtocolError(f"segment {tag} has no place in {name}")
    for trigger in tree.loops:
        if trigger not in use.loops:
            raise LocalProtocolError(f"a loop that starts with {trigger} has no place in {name}")
    for member in use.content:
        if isinstance(member, SegmentUse):
            for segment in tree.segments.get(member.tag, ()):
                yield list(segment)
        else:
            for inner in tree.loops.get(member.trigger, ()):
                yield from _level(member, inner, f"loop {member.id} of {name}")
