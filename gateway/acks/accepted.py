"""An interchange without a fault: one group, of which all is accepted under names of any writer.

Nearly every interchange is so. What the acknowledgment's modules would find out about it in many
small steps is told here in a few, to the same values.
"""

from __future__ import annotations

from gateway.acks.build import GroupVerdict
from gateway.acks.forms import FIRST_VERSION_WITH_999, acknowledgment_version
from gateway.acks.model import (
    GroupAcknowledgment,
    InterchangeAcknowledgment,
    SetAcknowledgment,
    Status,
)
from gateway.acks.results import GroupResult, InterchangeResult
from gateway.acks.sets import LARGEST_POSITION
from gateway.acks.ta1 import NO_ERROR

_TAKEN = Status.ACCEPTED
"""Looked up once: a member of an enum costs more to find than all the rest of a set."""


def accepted_version(result: InterchangeResult) -> str | None:
    """Return the version in which an interchange of one faultless group is acknowledged.

    None where anything is to be remarked, or written otherwise than it was received.
    """
    if result.findings or len(result.groups) != 1:
        return None
    group = result.groups[0]
    isa, gs, sets = result.header.elements, group.header.elements, group.sets
    number, date, time = isa[13], isa[9], isa[10]
    if group.findings or (len(number), len(date), len(time)) != (9, 6, 4):
        return None
    names = gs[1] + gs[6]
    if len(gs[1]) != 2 or not 0 < len(gs[6]) <= 9:
        return None
    for one in sets:
        names += one.set_id + one.control_number
        if one.findings or len(one.set_id) != 3 or not 4 <= len(one.control_number) <= 9:
            return None
    digits = number + date + time + gs[6]
    plain = names.isascii() and names.isalnum() and digits.isascii() and digits.isdigit()
    received = len(sets)
    if not plain or not 0 < received <= LARGEST_POSITION:
        return None
    if group.declared_count not in (received, None):
        return None
    version = acknowledgment_version(gs[8].strip())
    return version if version < FIRST_VERSION_WITH_999 else None  # a 999 says more of all


def accepted_wholly(
    result: InterchangeResult, version: str
) -> tuple[InterchangeAcknowledgment, GroupVerdict]:
    """Return what became of such an interchange, which is acknowledged in that version."""
    isa, [group] = result.header.elements, result.groups
    number = result.header.control_number
    whole = InterchangeAcknowledgment(number, isa[9], isa[10], _TAKEN, NO_ERROR)
    told = _group(group, version)
    return whole, GroupVerdict(told, (_TAKEN,) * len(told.sets))


def _group(group: GroupResult, version: str) -> GroupAcknowledgment:
    received = len(group.sets)
    return GroupAcknowledgment(
        group.header.functional_id,
        group.header.control_number,
        _TAKEN,
        received,
        received,
        received,
        sets=tuple(
            [SetAcknowledgment(one.set_id, one.control_number, _TAKEN) for one in group.sets]
        ),
        version=version,
    )
