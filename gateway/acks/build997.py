"""Findings of a functional group to its 997, and what that makes of each transaction set.

The sets are tallied one after the other, and the group is concluded from the tallies: so a group of
any length is acknowledged without being in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.acks.codes import CodeList
from gateway.acks.model import GroupAcknowledgment, SetAcknowledgment, Status
from gateway.acks.names import sendable_group_id, sendable_group_number
from gateway.acks.results import GroupResult, SetResult, SeverityOf
from gateway.acks.sets997 import (
    LARGEST_POSITION,
    acknowledge_set,
    codes_of,
    reported,
    set_status,
)
from gateway.x12.model import Delimiters

_ACCEPTED = {Status.ACCEPTED}


@dataclass(frozen=True, slots=True)
class GroupVerdict:
    """A group's acknowledgment, and the status of every set of it, listed or not."""

    acknowledgment: GroupAcknowledgment
    set_statuses: tuple[Status, ...]
    """In the order received; empty where the group was concluded from tallies."""

    @property
    def status(self) -> Status:
        """Return AK901."""
        return self.acknowledgment.status


@dataclass(frozen=True, slots=True)
class Listing:
    """Which sets a 997 names, and the delimiters that it will be written in."""

    delimiters: Delimiters
    accepted: bool = True
    """Whether sets that were accepted without a finding are named too."""


@dataclass(slots=True)
class Tally:
    """What became of transaction sets of one group, taken together."""

    received: int = 0
    accepted: int = 0
    statuses: set[Status] = field(default_factory=set)
    listed: list[SetAcknowledgment] = field(default_factory=list)
    """Those that the 997 names."""

    def add(
        self, result: SetResult, severity: SeverityOf, listing: Listing, version: str
    ) -> Status:
        """Judge the next transaction set; `version` is that of the 997."""
        self.received += 1
        # A set without ST01 and ST02 cannot be named; it is counted.
        nameable = bool(result.set_id or result.control_number)
        if not result.findings and not (listing.accepted and nameable):
            status = Status.ACCEPTED
        else:
            one = acknowledge_set(result, severity, version=version, delimiters=listing.delimiters)
            status = one.status
            if nameable and (listing.accepted or status is not Status.ACCEPTED):
                self.listed.append(one)
        self.accepted += status.taken
        self.statuses.add(status)
        return status

    def join(self, following: Tally) -> None:
        """Take up the tally of the sets that follow these."""
        self.received += following.received
        self.accepted += following.accepted
        self.statuses |= following.statuses
        self.listed += following.listed


def build997(
    group: GroupResult,
    severity: SeverityOf,
    *,
    delimiters: Delimiters,
    list_accepted: bool = True,
) -> GroupVerdict:
    """Judge a group by the findings in it; `delimiters` are those that the 997 will be written in.

    Transaction sets that were accepted without a finding are listed only if asked for.
    """
    version = acknowledgment_version(group.header.version)
    listing = Listing(delimiters, list_accepted)
    tally = Tally()
    statuses = tuple([tally.add(one, severity, listing, version) for one in group.sets])
    return GroupVerdict(conclude(group, tally, severity, delimiters), statuses)


def conclude(
    group: GroupResult, tally: Tally, severity: SeverityOf, delimiters: Delimiters
) -> GroupAcknowledgment:
    """Judge a group by the faults of its envelope and the tally of its sets.

    The group itself need not hold them.
    """
    version = acknowledgment_version(group.header.version)
    found = reported(group.findings, severity) if group.findings else []
    status = Status.ACCEPTED
    if found or tally.statuses != _ACCEPTED:
        status = _group_status(tally.statuses, set_status(found, severity))
    declared = tally.received if group.declared_count is None else group.declared_count
    return GroupAcknowledgment(
        sendable_group_id(group.header.functional_id, delimiters),
        sendable_group_number(group.header.control_number),
        status,
        min(declared, LARGEST_POSITION),
        min(tally.received, LARGEST_POSITION),
        min(tally.accepted, LARGEST_POSITION) if status.taken else 0,
        codes_of(found, CodeList.GROUP, version) if found else (),
        tuple(tally.listed),
        version,
    )


def rejected_by_envelope(group: GroupResult, severity: SeverityOf) -> bool:
    """Say whether the faults of a group's own envelope refuse all that is in it."""
    return set_status(group.findings, severity) is Status.REJECTED


def acknowledgment_version(group_version: str) -> str:
    """Return the version of the 997 for a group: that of its GS08 without the industry's suffix."""
    version = group_version[:6]
    return version if len(version) == 6 and version.isascii() and version.isdigit() else "004010"


def _group_status(sets: Iterable[Status], own: Status) -> Status:
    """Return AK901, from the statuses of the sets and that of the group's own envelope."""
    statuses = set(sets)
    if own is Status.REJECTED or not any(one.taken for one in statuses):
        return Status.REJECTED
    if Status.REJECTED in statuses:
        return Status.PARTIALLY_ACCEPTED
    if Status.ACCEPTED_WITH_ERRORS in (*statuses, own):
        return Status.ACCEPTED_WITH_ERRORS
    return Status.ACCEPTED
