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
from gateway.x12.data_types import is_digits

Accepted = tuple[InterchangeAcknowledgment, GroupVerdict]

_TAKEN = Status.ACCEPTED
"""Looked up once: a member of an enum costs more to find than all the rest of a set."""


def accepted_wholly(result: InterchangeResult) -> Accepted | None:
    """Return what became of an interchange of one group without a finding; None of any other."""
    if result.findings or len(result.groups) != 1:
        return None
    [group] = result.groups
    elements = result.header.elements
    number, date, time = result.header.control_number, elements[9], elements[10]
    if (len(number), len(date), len(time)) != (9, 6, 4) or not is_digits(number + date + time):
        return None
    told = _group(group)
    if told is None:
        return None
    whole = InterchangeAcknowledgment(number, date, time, _TAKEN, NO_ERROR)
    return whole, GroupVerdict(told, (_TAKEN,) * len(told.sets))


def _group(group: GroupResult) -> GroupAcknowledgment | None:
    header = group.header.elements
    names = header[1] + header[6]
    if group.findings or len(header[1]) != 2 or not 0 < len(header[6]) <= 9:
        return None
    for one in group.sets:
        names += one.set_id + one.control_number
        if one.findings or len(one.set_id) != 3 or not 4 <= len(one.control_number) <= 9:
            return None
    received, declared = len(group.sets), group.declared_count
    version = acknowledgment_version(header[8].strip())
    if version >= FIRST_VERSION_WITH_999:
        return None  # that says more of the group and its sets
    plain = names.isascii() and names.isalnum() and header[6].isdigit()
    if not plain or not 0 < received <= LARGEST_POSITION or declared not in (received, None):
        return None
    return GroupAcknowledgment(
        header[1],
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
