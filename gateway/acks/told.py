"""What is said of received interchanges, ready for an envelope: one of them, or several together.

Between being said and being sent it may wait for others: so it is plain values, that can be kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from gateway.acks.forms import FIRST_VERSION_WITH_999, Form
from gateway.acks.names import REPLACEMENT
from gateway.acks.results import ACKNOWLEDGMENT_GROUP
from gateway.x12.model import ControlNumber, Delimiters, Segment
from gateway.x12.writer import OutboundGroup, OutboundSet, Writing, gs, isa, write_interchange

_WRITING = Writing(replacement=REPLACEMENT)

Party = tuple[str, str]
"""Qualifier and id in an ISA."""


@dataclass(frozen=True, slots=True)
class ReplyEnvelope:
    """What an acknowledgment interchange needs from outside: numbers, time, separators."""

    control_number: ControlNumber
    """ISA13."""
    next_group_number: Callable[[], ControlNumber]
    """Gives a GS06; asked once for each functional group of the reply."""
    moment: datetime
    delimiters: Delimiters


class Heading(NamedTuple):
    """What the ISA of acknowledgments says, but for its numbers and its time."""

    sender: Party
    receiver: Party
    usage: str
    version: str
    """ISA12; empty where it follows what stands in it."""


class Address(NamedTuple):
    """What acknowledgments in one group FA have in common."""

    version: str
    """GS08."""
    set_id: str
    sender: str
    """GS02."""
    receiver: str


class ToldGroup(NamedTuple):
    """The acknowledgment of one group: what stands between ST and SE."""

    address: Address
    convention: str
    """ST03."""
    segments: list[Segment]


@dataclass(frozen=True, slots=True)
class Told:
    """All that is said of one received interchange."""

    ta1: Segment | None
    groups: tuple[ToldGroup, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Name what is in it: TA1, 997, 999."""
        sets = sorted({one.address.set_id for one in self.groups})
        return (*(("TA1",) if self.ta1 is not None else ()), *sets)


def kinds_of(told: Iterable[Told]) -> tuple[str, ...]:
    """Name what is in several: a TA1 first."""
    found = {kind for one in told for kind in one.kinds}
    return tuple(sorted(found, key=lambda kind: (kind != "TA1", kind)))


def addresses(told: Iterable[Told]) -> list[Address]:
    """Return the groups FA that it goes out in, in their order: each takes a GS06."""
    return sorted({group.address for one in told for group in one.groups})


def write_told(told: Sequence[Told], heading: Heading, envelope: ReplyEnvelope) -> bytes:
    """Write what is said of one or several interchanges as one interchange."""
    groups = sorted(
        (group for one in told for group in one.groups), key=lambda group: group.address
    )
    header = isa(
        heading.sender,
        heading.receiver,
        control_number=envelope.control_number,
        moment=envelope.moment,
        usage=heading.usage,
        version=heading.version or _version(groups),
    )
    return write_interchange(
        header,
        [
            _group(address, list(members), envelope)
            for address, members in groupby(groups, key=lambda group: group.address)
        ],
        envelope.delimiters,
        acknowledgments=[one.ta1 for one in told if one.ta1 is not None],
        writing=_WRITING,
    )


def convention_of(version: str, set_id: str) -> str:
    """Return ST03 of an acknowledgment."""
    return Form("999", version).convention if set_id == "999" else ""


def _version(groups: Sequence[ToldGroup]) -> str:
    """Return ISA12: acknowledgments alone, and those before 005010, go as 00401."""
    latest = max((one.address.version for one in groups), default="")
    return "00501" if latest >= FIRST_VERSION_WITH_999 else "00401"


def _group(
    address: Address, members: Sequence[ToldGroup], envelope: ReplyEnvelope
) -> OutboundGroup:
    header = gs(
        ACKNOWLEDGMENT_GROUP,
        sender=address.sender,
        receiver=address.receiver,
        control_number=envelope.next_group_number(),
        moment=envelope.moment,
        version=address.version,
    )
    return OutboundGroup(
        header,
        [
            OutboundSet(
                address.set_id, ControlNumber(f"{number:04d}"), one.segments, one.convention
            )
            for number, one in enumerate(members, start=1)
        ],
    )
