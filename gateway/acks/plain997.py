"""The acknowledgment that most interchanges get: one group, accepted, without anything to remark.

Between two parties it is always the same text but for numbers, day and time, so the text is kept
with places for these. Whatever is not so plain is written segment by segment, to the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, Protocol

from gateway.acks.forms import FIRST_VERSION_WITH_999
from gateway.acks.model import GroupAcknowledgment, Status
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


def is_plain_version(version: str) -> bool:
    """Say whether 997s of a version look as the form does."""
    return _FIRST_VERSION_WITH_CENTURY <= version < FIRST_VERSION_WITH_999


def is_plain(acknowledgment: GroupAcknowledgment) -> bool:
    """Say whether a group was accepted, as were all of its sets, under names of any writer."""
    one = acknowledgment
    if not is_plain_version(one.version) or one.status is not Status.ACCEPTED or one.codes:
        return False
    names = one.functional_id + one.control_number
    for listed in one.sets:
        if listed.status is not Status.ACCEPTED or listed.codes or listed.segments:
            return False
        names += listed.set_id + listed.control_number
    return names.isascii() and names.isalnum()


class Form(NamedTuple):
    """The text of an acknowledgment between two parties, with a place for what differs."""

    text: str
    listed: str
    """What it says of each set."""


class Listed(Protocol):
    """A set, as an acknowledgment names it."""

    @property
    def set_id(self) -> str:
        """Return ST01."""

    @property
    def control_number(self) -> ControlNumber:
        """Return ST02."""


class Accepted(NamedTuple):
    """A group that was accepted with all its sets."""

    functional_id: str
    control_number: str
    version: str
    """Of the acknowledgment."""
    counts: tuple[int, int, int]
    """Declared, received, accepted."""
    sets: Sequence[Listed]
    """Those that are named."""


def write_plain(
    form: Form, group: Accepted, numbers: tuple[ControlNumber, ControlNumber], moment: datetime
) -> bytes:
    """Fill a form in; `numbers` are ISA13 and GS06."""
    functional_id, control_number, version, counts, sets = group
    each = form.listed
    listed = "".join([each % (one.set_id, one.control_number) for one in sets])
    century, day, time = _stamp(moment.year, moment.month, moment.day, moment.hour, moment.minute)
    number, own = numbers[0].zfill(9), numbers[1]
    isa, gs = (day, time, number), (century, day, time, own, version)
    end = (2 * len(sets) + 4, own, number)
    return (form.text % (*isa, *gs, functional_id, control_number, listed, *counts, *end)).encode()


@lru_cache(maxsize=1024)
def _stamp(year: int, month: int, day: int, hour: int, minute: int) -> tuple[str, str, str]:
    """Return century, day and time: many acknowledgments are written in one minute."""
    return (
        f"{year // 100:02d}",
        f"{year % 100:02d}{month:02d}{day:02d}",
        f"{hour:02d}{minute:02d}",
    )


def form_of(head: Letterhead, delimiters: Delimiters) -> Form | None:
    """Return the text with its places, or None where a name must not be written as it is."""
    check_delimiters(delimiters)
    names = "".join((*head.sender, *head.receiver, *head[2:]))
    marks = {delimiters.element, delimiters.component, delimiters.terminator}
    if "%" in marks or not "".join(marks).isascii():
        return None
    if not (names.isascii() and names.isprintable()):
        return None
    if any(mark in names for mark in (*marks, "%")):
        return None
    parties = [
        text.ljust(width) for pair in head[:2] for text, width in zip(pair, (2, 15), strict=True)
    ]
    isa = ["ISA", "00", " " * 10, "00", " " * 10, *parties, "%s", "%s", "U", "00401"]
    gs = ["GS", "FA", head.group_sender, head.group_receiver, "%s%s", "%s", "%s"]
    segments = [
        [*isa, "%s", "0", head.usage, delimiters.component],
        [*gs, "X", "%s"],
        ["ST", "997", "0001"],
        ["AK1", "%s", "%s"],
        ["%sAK9", "A", "%s", "%s", "%s"],
        ["SE", "%s", "0001"],
        ["GE", "1", "%s"],
        ["IEA", "1", "%s"],
    ]
    end = delimiters.terminator + delimiters.suffix
    listed = [["AK2", "%s", "%s"], ["AK5", "A"]]
    text, each = (
        "".join(delimiters.element.join(segment) + end for segment in part)
        for part in (segments, listed)
    )
    return Form(text, each)
