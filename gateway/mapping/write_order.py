"""From a tree of loops to segments in the order of the set, and back to a tree."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.mapping.out_tree import OutNode
from gateway.mapping.ports import LoopShape


def in_order(node: OutNode, shape: LoopShape) -> list[list[str]]:
    """Return the segments of a tree, of which each has a place in the shape, in its order."""
    segments: list[list[str]] = []
    for tag in sorted((*node.segments, *node.loops), key=shape.places.__getitem__):
        segments += node.segments.get(tag, ())
        for inner in node.loops.get(tag, ()):
            segments += in_order(inner, shape.loops[tag])
    return segments


def as_tree(segments: Sequence[list[str]], shape: LoopShape) -> OutNode:
    """Return segments in the order of a set as a tree.

    Each goes to the innermost open loop that has a place for it, as whoever receives them sees it.
    """
    root = OutNode()
    around = [(root, shape)]
    for segment in segments:
        tag = segment[0]
        while len(around) > 1 and not _has_place(tag, around[-1][1]):
            around.pop()
        node, level = around[-1]
        if tag in level.loops:
            inner = OutNode()
            node.loops.setdefault(tag, []).append(inner)
            around.append((inner, level.loops[tag]))
            node = inner
        node.segments.setdefault(tag, []).append(segment)
    return root


def _has_place(tag: str, shape: LoopShape) -> bool:
    return tag in shape.loops or (tag in shape.segments and tag != shape.trigger)
