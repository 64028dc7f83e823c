"""Verdicts: what an acknowledgment makes of a group, of each of its sets, and of the whole.

A set that is named has the verdict of its AK5; one that is not named shares that of its group. A
group that is rejected takes all of its sets along, whatever is said of one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gateway.acks.codes import CodeList
from gateway.acks.model import GroupAcknowledgment, SetAcknowledgment, Status
from gateway.acks.words import meaning
from gateway.pipeline.states import AwaitedStatus

STATUS_OF: Mapping[Status, AwaitedStatus] = {
    Status.ACCEPTED: AwaitedStatus.ACCEPTED,
    Status.ACCEPTED_WITH_ERRORS: AwaitedStatus.ACCEPTED_WITH_ERRORS,
    Status.PARTIALLY_ACCEPTED: AwaitedStatus.PARTLY_ACCEPTED,
    Status.REJECTED: AwaitedStatus.REJECTED,
}

VERB_TO: Mapping[AwaitedStatus, str] = {
    AwaitedStatus.ACCEPTED: "accept",
    AwaitedStatus.ACCEPTED_WITH_ERRORS: "accept_with_errors",
    AwaitedStatus.PARTLY_ACCEPTED: "accept_partly",
    AwaitedStatus.REJECTED: "reject",
}


@dataclass(frozen=True, slots=True)
class SetVerdict:
    """What is to be believed of one set of ours."""

    status: AwaitedStatus
    because: str = ""
    """In words; empty where it is accepted."""


def verdict_on_named(group: GroupAcknowledgment, said: SetAcknowledgment) -> SetVerdict:
    """Return the verdict on a set that the acknowledgment names."""
    if not group.status.taken:
        because = because_of_group(group) if said.status.taken else because_of_set(said)
        return SetVerdict(AwaitedStatus.REJECTED, because)
    # AK501 P is not of the standard; a set is taken whole or not at all.
    status = (
        AwaitedStatus.ACCEPTED_WITH_ERRORS
        if said.status is Status.PARTIALLY_ACCEPTED
        else STATUS_OF[said.status]
    )
    return SetVerdict(status, because_of_set(said) if status is not AwaitedStatus.ACCEPTED else "")


def verdict_on_others(group: GroupAcknowledgment, unnamed: int) -> SetVerdict | None:
    """Return the verdict on the sets that the acknowledgment does not name; `unnamed` counts them.

    None where it cannot be told: some of them were refused, and which is not said.
    """
    if group.status is Status.PARTIALLY_ACCEPTED:
        # Some products name no set, or not each that they refuse: AK903 and AK904 tell how many.
        named = sum(not one.status.taken for one in group.sets)
        refused = group.received - group.accepted - named
        if 0 < refused < unnamed:
            return None
        if refused > 0:
            because = "the partner says that it took none of the sets that it does not name"
            return SetVerdict(AwaitedStatus.REJECTED, because)
    if group.status.taken:
        return SetVerdict(AwaitedStatus.ACCEPTED)
    return SetVerdict(AwaitedStatus.REJECTED, because_of_group(group))


def verdict_on_all(sets: Collection[str | None], said: AwaitedStatus) -> AwaitedStatus:
    """Return the verdict on an interchange, from those on its sets and what was said of the group.

    Where the partner contradicts itself, what it says of sets counts.
    """
    rejected = [one for one in sets if one == AwaitedStatus.REJECTED]
    if rejected:
        whole = len(rejected) == len(sets)
        return AwaitedStatus.REJECTED if whole else AwaitedStatus.PARTLY_ACCEPTED
    if said in (AwaitedStatus.REJECTED, AwaitedStatus.PARTLY_ACCEPTED):
        return said
    if AwaitedStatus.ACCEPTED_WITH_ERRORS in sets:
        return AwaitedStatus.ACCEPTED_WITH_ERRORS
    return said


def because_of_group(group: GroupAcknowledgment) -> str:
    """Say what is wrong with a group by the codes of its AK9 alone."""
    said = ", ".join(meaning(CodeList.GROUP, code) for code in group.codes)
    done = "says of" if group.status.taken else "rejected"
    return f"the partner {done} the whole group: {said or 'no reason given'}"


def because_of_set(said: SetAcknowledgment) -> str:
    """Say what is wrong with a set by the codes of its AK5 alone."""
    codes = ", ".join(meaning(CodeList.TRANSACTION_SET, code) for code in said.codes)
    return f"the partner says: {codes or 'no reason given'}"
