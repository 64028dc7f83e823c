"""Finds where in a transaction set the findings of its map stand.

A map knows segment and element, not which of several segments of an id: reading positions along
would cost every sound set. So it is looked up afterwards, for the few that have findings.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from gateway.findings import Finding
from gateway.x12.model import TransactionSet

_INDEX = re.compile(r"/[0-9]+(?=/|$)")

_Kind = tuple[str, int | None, int | None, str, str]
"""Segment, element, component, value, and the field without the indexes of its lists."""


def located(findings: Sequence[Finding], one: TransactionSet) -> list[Finding]:
    """Return findings with the position and the byte of their segments, where those are certain.

    They are where one segment has the value, or as many as there are findings about it.
    """
    alike: defaultdict[_Kind, list[int]] = defaultdict(list)
    for index, finding in enumerate(findings):
        if kind := _kind(finding):
            alike[kind].append(index)
    made = list(findings)
    for kind, indexes in alike.items():
        places = _places(kind, one)
        if len(places) == 1:
            places *= len(indexes)
        if len(places) == len(indexes):
            for index, place in zip(indexes, places, strict=True):
                made[index] = _at(findings[index], place, one)
    return made


def _kind(finding: Finding) -> _Kind | None:
    location = finding.location
    if location.segment_id is None or location.segment_position is not None:
        return None
    if location.element is None or finding.value is None:
        return None
    field = _INDEX.sub("/*", finding.field or "")
    return location.segment_id, location.element, location.component, finding.value, field


def _places(kind: _Kind, one: TransactionSet) -> list[int]:
    """Return the indexes of the segments that have the value at the element."""
    tag, element, component, value, _ = kind
    separator = one.delimiters.component
    return [
        index
        for index, segment in enumerate(one.segments)
        if segment[0] == tag
        and element is not None
        and len(segment) > element
        and _has(segment[element], value, component, separator)
    ]


def _has(text: str, value: str, component: int | None, separator: str) -> bool:
    if component is None:
        return text == value
    return text.split(separator)[component - 1 : component] == [value]


def _at(finding: Finding, index: int, one: TransactionSet) -> Finding:
    location = replace(
        finding.location,
        interchange=one.interchange_control_number,
        group=one.group_control_number,
        transaction_set=one.control_number,
        segment_position=index + 1,
        offset=one.offsets[index],
    )
    return replace(finding, location=location)
