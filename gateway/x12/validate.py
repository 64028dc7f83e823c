"""Validates a transaction set: reads it into a tree of loops and returns what is wrong with it.

Fast accept, slow explain. The walk over the transition tables notes the place of each segment and
asks a generated check whether the segment is sound; only one that is not is explained. Where the
tables know no step, the interpreter reads the whole set again: it names the fault and finds its
feet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.findings import Finding, Location
from gateway.x12.compile import CheckCache
from gateway.x12.explain import LOOP_END, LOOP_START, MOST_FINDINGS, bounded, explain_segment
from gateway.x12.interpret import interpret
from gateway.x12.model import Loop, Segment, TransactionSet
from gateway.x12.plain import is_plain_segment, is_plain_set
from gateway.x12.row import SetTree, keeps_maxima
from gateway.x12.schema import SegmentUse, SetSchema
from gateway.x12.transitions import compile_tables


@dataclass(frozen=True, slots=True)
class ParsedSet:
    """A transaction set as a tree, and the findings about it: structure and elements.

    The tree is there whatever the findings are; a segment without a place in the set is not in it.
    """

    transaction_set: TransactionSet
    tree: Loop
    findings: list[Finding] = field(default_factory=list)


class SetValidator(Protocol):
    """What validates transaction sets: by a schema, or by a schema and a partner's guide."""

    @property
    def schema(self) -> SetSchema:
        """Return what a set may contain."""

    def parse(self, transaction_set: TransactionSet) -> ParsedSet:
        """Return the tree and the findings of a transaction set."""


class Validator:
    """Validates transaction sets by one schema; compiled once, used for every set."""

    def __init__(self, schema: SetSchema) -> None:
        self.schema = schema
        self._checks = CheckCache()
        self._start, self._places, self._outline = compile_tables(schema, self._checks)

    def parse(self, transaction_set: TransactionSet) -> ParsedSet:
        """Return the tree and the findings of a transaction set.

        Findings about the elements of ST and SE are not among them: the reader has made those.
        """
        plain = transaction_set.plain or is_plain_set(transaction_set)
        route: list[int] = []
        doubts: list[int] = []
        if not self._walk(transaction_set, route, doubts, plain=plain):
            return self._interpret(transaction_set, plain=plain)
        route.append(len(self._places))
        tree = SetTree((transaction_set.segments, route, self._outline), self._places)
        findings = self._explain(transaction_set, route, doubts) if doubts else []
        return ParsedSet(transaction_set, tree, findings)

    def _walk(
        self, one: TransactionSet, route: list[int], doubts: list[int], *, plain: bool
    ) -> bool:
        """Note the place of each segment, and the positions of those that are not sound.

        No where the tables know no step: structure is at fault.
        """
        table, segments = self._start, one.segments
        most = len(segments)
        counts: dict[int, int] = {}
        crowded = False
        for segment in segments:
            try:
                table, checks, number, limit = table[segment[0]]
            except KeyError:
                return False
            route.append(number)
            if limit <= most:
                # Over the whole set, and so more than in any one loop: a bound for a first look.
                counts[number] = count = counts.get(number, 0) + 1
                if count >= limit:
                    crowded = True
            try:
                sound = checks[len(segment)](segment)
            except IndexError:  # longer than its definition
                sound = False
            if not sound or not (plain or is_plain_segment(segment, one.delimiters)):
                doubts.append(len(route))
        ended = most > 0 and segments[-1][0] == "SE"
        return ended and not (crowded and not keeps_maxima(route, self._places))

    def _interpret(self, transaction_set: TransactionSet, *, plain: bool) -> ParsedSet:
        def sound(use: SegmentUse, segment: Segment) -> bool:
            if not plain and not is_plain_segment(segment, transaction_set.delimiters):
                return False
            return self._checks.of(use)(segment)

        tree, findings = interpret(self.schema, transaction_set, sound=sound)
        return ParsedSet(transaction_set, tree, findings)

    def _explain(self, one: TransactionSet, route: list[int], doubts: list[int]) -> list[Finding]:
        """Explain the segments that were not accepted, each at its position."""
        findings: list[Finding] = []
        for position in doubts:
            segment, known = one.segments[position - 1], self._places[route[position - 1]]
            place = Location(
                one.interchange_control_number,
                one.group_control_number,
                one.control_number,
                position,
                segment[0],
                known.loop or None,
                offset=one.offsets[position - 1],
            )
            opened_by = _opening(one.segments, position) if segment[0] == LOOP_END else None
            findings += explain_segment(
                known.use, segment, place, one.delimiters, opened_by=opened_by
            )
            if len(findings) > MOST_FINDINGS:
                break
        return bounded(findings, one)


def _opening(segments: Sequence[Segment], position: int) -> Segment | None:
    """Return the LS that the LE at a position belongs to; loops may stand in each other."""
    ends = 0
    for index in range(position - 1, -1, -1):
        tag = segments[index][0]
        ends += (tag == LOOP_END) - (tag == LOOP_START)
        if tag == LOOP_START and not ends:
            return segments[index]
    return None
