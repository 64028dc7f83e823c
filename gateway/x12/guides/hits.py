"""What a rule found before it is a finding: the segment itself, its position is looked up last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gateway.findings import Finding, FindingCode, GuideRule, Location
from gateway.x12.model import Loop, Segment, TransactionSet
from gateway.x12.schema import LoopUse


@dataclass(frozen=True, slots=True)
class Hit:
    """One fault that a rule found."""

    code: FindingCode
    segment: Segment
    """Where it is; for what is missing, the segment that it should follow."""
    expected: str
    element: int | None = None
    component: int | None = None
    value: str | None = None
    data_element: str | None = None
    missing: str = ""
    """Id of the segment that is missing after that one; empty where nothing is."""
    loop: str = ""


def findings_of(
    hits: Iterable[tuple[Hit, GuideRule]], transaction_set: TransactionSet
) -> list[Finding]:
    """Return what was found as findings, each at its place."""
    positions = {id(segment): at for at, segment in enumerate(transaction_set.segments, 1)}
    return [
        said_by(_finding(hit, positions[id(hit.segment)], transaction_set), rule)
        for hit, rule in hits
    ]


def said_by(finding: Finding, rule: GuideRule) -> Finding:
    """Return a finding that names the rule it breaks, and whose it is."""
    detail = f"{finding.detail} ({rule})" if finding.detail else str(rule)
    return replace(finding, detail=detail, rule=rule)


def _finding(hit: Hit, position: int, one: TransactionSet) -> Finding:
    offset: int | None = one.offsets[position - 1]
    if hit.missing:
        position += 1
        offset = one.offsets[position - 1] if position <= len(one.segments) else None
    elif hit.element is not None and offset is not None:
        before = hit.segment[: hit.element]
        past_the_end = hit.element >= len(hit.segment)
        offset += sum(map(len, before)) + len(before) - past_the_end
    place = Location(
        one.interchange_control_number,
        one.group_control_number,
        one.control_number,
        position,
        hit.missing or hit.segment[0],
        hit.loop or None,
        hit.element,
        component=hit.component,
        offset=offset,
    )
    return Finding(hit.code, place, hit.value, hit.expected, hit.data_element)


def last_before(loop: Loop, use: LoopUse, tag: str) -> Segment | None:
    """Return the last segment in a loop that the schema has before a place in it."""
    wanted = use.places[tag]
    here = [name for name in (*loop.segments, *loop.loops) if name in use.places]
    before = [name for name in here if use.places[name] <= wanted]
    if not before:
        return None
    name = max(before, key=use.places.__getitem__)
    return last_segment(loop, use, name)


def last_segment(loop: Loop, use: LoopUse, tag: str) -> Segment | None:
    """Return the last of the segments that stand at a place of a loop, inner ones included."""
    if tag in loop.segments and tag not in loop.loops:
        return loop.segments[tag][-1]
    inner, inside = loop.loops[tag][-1], use.loops[tag]
    names = [name for name in (*inner.segments, *inner.loops) if name in inside.places]
    if not names:
        return None
    return last_segment(inner, inside, max(names, key=inside.places.__getitem__))
