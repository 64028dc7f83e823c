"""Findings of a functional group to its 997 or 999, and what that makes of each transaction set.

The sets are tallied one after the other, and the group is concluded from the tallies: so a group of
any length is acknowledged without being in memory as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.acks.codes import CodeList
from gateway.acks.model import GroupAcknowledgment, SetAcknowledgment, Status
from gateway.acks.names import sendable_group_id, sendable_group_number, sendable_version
from gateway.acks.results import GroupResult, SetResult, SeverityOf
from gateway.acks.sets import (
    MOST_CODES,
    Listing,
    acknowledge_set,
    codes_of,
    reported,
    set_status,
)

LARGEST_COUNT = 999_999
"""The counts of AK9 have six digits."""

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


@dataclass(slots=True)
class Tally:
    """What became of transaction sets of one group, taken together."""

    received: int = 0
    accepted: int = 0
    statuses: set[Status] = field(default_factory=set)
    listed: list[SetAcknowledgment] = field(default_factory=list)
    """Those that the acknowledgment names."""

    def add(self, result: SetResult, severity: SeverityOf, listing: Listing) -> Status:
        """Judge the next transaction set."""
        self.received += 1
        # A set without ST01 and ST02 cannot be named; it is counted.
        nameable = bool(result.set_id or result.control_number)
        if not result.findings and not (listing.accepted and nameable):
            status = Status.ACCEPTED
        else:
            one = acknowledge_set(result, severity, listing)
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


def build_group(group: GroupResult, severity: SeverityOf, listing: Listing) -> GroupVerdict:
    """Judge a group by the findings in it."""
    tally = Tally()
    statuses = tuple([tally.add(one, severity, listing) for one in group.sets])
    return GroupVerdict(conclude(group, tally, severity, listing), statuses)


def conclude(
    group: GroupResult, tally: Tally, severity: SeverityOf, listing: Listing
) -> GroupAcknowledgment:
    """Judge a group by the faults of its envelope and the tally of its sets.

    The group itself need not hold them.
    """
    form, delimiters = listing.form, listing.delimiters
    found = reported(group.findings, severity) if group.findings else []
    status = Status.ACCEPTED
    if found or tally.statuses != _ACCEPTED:
        status = _group_status(tally.statuses, set_status(found, severity))
    declared = tally.received if group.declared_count is None else group.declared_count
    header = group.header
    return GroupAcknowledgment(
        sendable_group_id(header.functional_id, delimiters),
        sendable_group_number(header.control_number),
        status,
        min(declared, LARGEST_COUNT),
        min(tally.received, LARGEST_COUNT),
        min(tally.accepted, LARGEST_COUNT) if status.taken else 0,
        tuple(codes_of(found, CodeList.GROUP, form)[:MOST_CODES]) if found else (),
        tuple(tally.listed),
        form.version,
        form.set_id,
        sendable_version(header.version, delimiters) if form.is_later else "",
    )


def rejected_by_envelope(group: GroupResult, severity: SeverityOf) -> bool:
    """Say whether the faults of a group's own envelope refuse all that is in it."""
    return set_status(group.findings, severity) is Status.REJECTED


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
