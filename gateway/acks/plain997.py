"""The acknowledgment that most interchanges get: one group, accepted, without anything to remark.

Between two parties it is always the same text but for numbers, day and time, so the text is kept
with places for these. Whatever is not so plain is written segment by segment, to the same bytes.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from gateway.acks.model import GroupAcknowledgment, Status
from gateway.acks.segments997 import FIRST_VERSION_WITH_VERSIONS
from gateway.x12.model import ControlNumber, Delimiters
from gateway.x12.writer import check_delimiters

_FIRST_VERSION_WITH_CENTURY = "004010"


class Letterhead(NamedTuple):
    """What an acknowledgment says of those between whom it goes."""

    sender: tuple[str, str]
    """Qualifier and id in the ISA."""
    receiver: tuple[str, str]
    group_sender: str
    group_receiver: str
    usage: str


def is_plain(acknowledgment: GroupAcknowledgment) -> bool:
    """Say whether a group was accepted, as were all of its sets, under names of any writer."""
    one = acknowledgment
    version = _FIRST_VERSION_WITH_CENTURY <= one.version < FIRST_VERSION_WITH_VERSIONS
    if not version or one.status is not Status.ACCEPTED or one.codes:
        return False
    names = one.functional_id + one.control_number
    for listed in one.sets:
        if listed.status is not Status.ACCEPTED or listed.codes or listed.segments:
            return False
        names += listed.set_id + listed.control_number
    return names.isascii() and names.isalnum()


def write_plain(
    acknowledgment: GroupAcknowledgment,
    form: str,
    delimiters: Delimiters,
    *,
    numbers: tuple[ControlNumber, ControlNumber],
    moment: datetime,
) -> bytes:
    """Fill a form in; `numbers` are ISA13 and GS06."""
    one, mark, end = acknowledgment, delimiters.element, delimiters.terminator + delimiters.suffix
    listed = [
        f"AK2{mark}{each.set_id}{mark}{each.control_number}{end}AK5{mark}A{end}"
        for each in one.sets
    ]
    return form.format(
        day=f"{moment.year % 100:02d}{moment.month:02d}{moment.day:02d}",
        century=f"{moment.year // 100:02d}",
        time=f"{moment.hour:02d}{moment.minute:02d}",
        number=numbers[0].zfill(9),
        group=numbers[1],
        version=one.version,
        of=f"{one.functional_id}{mark}{one.control_number}",
        sets="".join(listed),
        counts=f"{one.declared}{mark}{one.received}{mark}{one.accepted}",
        segments=2 * len(listed) + 4,
    ).encode("ascii")


@lru_cache(maxsize=1024)
def form_of(head: Letterhead, delimiters: Delimiters) -> str | None:
    """Return the text with its places, or None where a name must not be written as it is."""
    check_delimiters(delimiters)
    names = "".join((*head.sender, *head.receiver, *head[2:]))
    marks = {delimiters.element, delimiters.component, delimiters.terminator}
    unusual = marks & {"{", "}"} or not "".join(marks).isascii()
    if unusual or not (names.isascii() and names.isprintable()):
        return None
    if any(mark in names for mark in (*marks, "{", "}")):
        return None
    parties = [
        text.ljust(width) for pair in head[:2] for text, width in zip(pair, (2, 15), strict=True)
    ]
    isa = ["ISA", "00", " " * 10, "00", " " * 10, *parties, "{day}", "{time}", "U", "00401"]
    gs = ["GS", "FA", head.group_sender, head.group_receiver, "{century}{day}", "{time}", "{group}"]
    segments = [
        [*isa, "{number}", "0", head.usage, delimiters.component],
        [*gs, "X", "{version}"],
        ["ST", "997", "0001"],
        ["AK1", "{of}"],
        ["{sets}AK9", "A", "{counts}"],
        ["SE", "{segments}", "0001"],
        ["GE", "1", "{group}"],
        ["IEA", "1", "{number}"],
    ]
    end = delimiters.terminator + delimiters.suffix
    return "".join(delimiters.element.join(segment) + end for segment in segments)
