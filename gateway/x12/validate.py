"""Validates a transaction set: reads it into a tree of loops and returns what is wrong with it.

Fast accept, slow explain. The walk over the transition tables builds the tree and asks a generated
check whether each segment is sound; only a segment that is not is explained. Where the tables know
no step, the interpreter reads the whole set again: it names the fault and finds its feet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.findings import Finding, Location
from gateway.x12.compile import CheckCache
from gateway.x12.explain import LOOP_END, LOOP_START, explain_segment
from gateway.x12.interpret import interpret
from gateway.x12.model import Loop, Segment, TransactionSet
from gateway.x12.plain import is_plain_segment, is_plain_set
from gateway.x12.schema import LoopUse, SegmentUse, SetSchema
from gateway.x12.transitions import Step, compile_tables

Doubt = tuple[Segment, Step]
"""A segment that its check did not accept, and the step that led to it."""


@dataclass(frozen=True, slots=True)
class ParsedSet:
    """A transaction set as a tree, and the findings about it: structure and elements.

    The tree is there whatever the findings are; a segment without a place in the set is not in it.
    """

    transaction_set: TransactionSet
    tree: Loop
    findings: list[Finding] = field(default_factory=list)


class Validator:
    """Validates transaction sets by one schema; compiled once, used for every set."""

    def __init__(self, schema: SetSchema) -> None:
        self.schema = schema
        self._checks = CheckCache()
        self._start = compile_tables(schema, self._checks)
        self._levels = _levels(schema.root)

    def parse(self, transaction_set: TransactionSet) -> ParsedSet:
        """Return the tree and the findings of a transaction set.

        Findings about the elements of ST and SE are not among them: the reader has made those.
        """
        plain = is_plain_set(transaction_set)
        walked = self._walk(transaction_set, plain=plain)
        if walked is None:
            return self._interpret(transaction_set, plain=plain)
        tree, doubts = walked
        findings = _explain(transaction_set, doubts) if doubts else []
        return ParsedSet(transaction_set, tree, findings)

    def _walk(
        self, transaction_set: TransactionSet, *, plain: bool
    ) -> tuple[Loop, list[Doubt]] | None:
        """Build the tree, or return None where the tables know no step: structure is at fault."""
        root = Loop()
        stack = [root] * self._levels
        table = self._start
        doubts: list[Doubt] = []
        delimiters = transaction_set.delimiters
        tag = ""
        for segment in transaction_set.segments:
            tag = segment[0]
            step = table.get(tag)
            if step is None:
                return None
            table, checks, depth, opens, maximum, _ = step
            if opens:
                inner = stack[depth + 1] = Loop()
                inner.segments[tag] = [segment]
                loops = stack[depth].loops
                if tag in loops:
                    nodes = loops[tag]
                    nodes.append(inner)
                    if len(nodes) > maximum:
                        return None
                else:
                    loops[tag] = [inner]
            else:
                segments = stack[depth].segments
                if tag in segments:
                    rows = segments[tag]
                    rows.append(segment)
                    if len(rows) > maximum:
                        return None
                else:
                    segments[tag] = [segment]
            if not checks[len(segment)](segment) or not (
                plain or is_plain_segment(segment, delimiters)
            ):
                doubts.append((segment, step))
        return (root, doubts) if tag == "SE" else None

    def _interpret(self, transaction_set: TransactionSet, *, plain: bool) -> ParsedSet:
        def sound(use: SegmentUse, segment: Segment) -> bool:
            if not plain and not is_plain_segment(segment, transaction_set.delimiters):
                return False
            return self._checks.of(use)[len(segment)](segment)

        tree, findings = interpret(self.schema, transaction_set, sound=sound)
        return ParsedSet(transaction_set, tree, findings)


def _explain(transaction_set: TransactionSet, doubts: list[Doubt]) -> list[Finding]:
    """Explain the segments that were not accepted, each at its place."""
    findings: list[Finding] = []
    positions = {id(segment): at for at, segment in enumerate(transaction_set.segments, 1)}
    for segment, (_, checks, *_, loop) in doubts:
        position = positions[id(segment)]
        place = Location(
            transaction_set.interchange_control_number,
            transaction_set.group_control_number,
            transaction_set.control_number,
            position,
            segment[0],
            loop or None,
            offset=transaction_set.offsets[position - 1],
        )
        opened_by = _opening(transaction_set.segments, position) if segment[0] == LOOP_END else None
        findings += explain_segment(
            checks.use, segment, place, transaction_set.delimiters, opened_by=opened_by
        )
    return findings


def _opening(segments: Sequence[Segment], position: int) -> Segment | None:
    """Return the LS that the LE at a position belongs to; loops may stand in each other."""
    ends = 0
    for index in range(position - 1, -1, -1):
        tag = segments[index][0]
        ends += (tag == LOOP_END) - (tag == LOOP_START)
        if tag == LOOP_START and not ends:
            return segments[index]
    return None


def _levels(loop: LoopUse) -> int:
    """Count the levels of a loop, itself included."""
    return 1 + max(map(_levels, loop.loops.values()), default=0)
