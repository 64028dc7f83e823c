"""Everything that is said about one received interchange, as the bytes of one interchange back.

Whether a TA1, 997s and 999s are sent is the agreement's policy. What was received as an
acknowledgment is never acknowledged: not a TA1, not a group FA, not an interchange that holds
nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial

from gateway.acks.accepted import accepted_version, accepted_wholly
from gateway.acks.answer import (
    Acknowledged,
    Answer,
    Verdict,
    fitting,
    named,
    party,
)
from gateway.acks.build import GroupVerdict, build_group
from gateway.acks.forms import form_for
from gateway.acks.model import Status
from gateway.acks.plain997 import (
    Accepted,
    Form,
    Letterhead,
    form_of,
    is_plain,
    is_plain_version,
    write_plain,
)
from gateway.acks.results import GroupResult, InterchangeResult, SeverityOf
from gateway.acks.sets import Listing
from gateway.acks.ta1 import build_ta1
from gateway.acks.told import (
    ReplyEnvelope,
    write_told,
)
from gateway.partners.acknowledging import (
    AcknowledgmentEnvelope,
    AcknowledgmentPolicy,
)
from gateway.x12.model import Delimiters

_FAULTY = (Status.REJECTED, Status.PARTIALLY_ACCEPTED)


def judge(
    result: InterchangeResult,
    severity: SeverityOf,
    *,
    delimiters: Delimiters | None = None,
    policy: AcknowledgmentPolicy | None = None,
) -> Verdict:
    """Say what became of an interchange, of its groups and sets, without writing it."""
    agreed = policy or AcknowledgmentPolicy()
    version = accepted_version(result) if _is_usual(agreed) else None
    if version is not None:
        return _accepted(result, version)
    return Verdict(
        build_ta1(result, severity),
        tuple(
            [
                build_group(group, severity, listing_for(group, agreed, delimiters))
                for group in result.groups
            ]
        ),
    )


def listing_for(
    group: GroupResult, policy: AcknowledgmentPolicy, delimiters: Delimiters | None = None
) -> Listing:
    """Return how a group is acknowledged under a policy."""
    form = form_for(group.header.version, policy)
    return Listing(delimiters or Delimiters(), policy.list_accepted_sets, form)


def acknowledge(
    result: InterchangeResult,
    severity: SeverityOf,
    *,
    policy: AcknowledgmentPolicy,
    envelope: ReplyEnvelope,
) -> Acknowledged:
    """Return the verdict on an interchange and the bytes that tell the partner."""
    return _wholly_accepted(result, policy, envelope) or _acknowledged(
        result, severity, policy=policy, envelope=envelope
    )


def _is_usual(policy: AcknowledgmentPolicy) -> bool:
    """Say whether acknowledgments are as the standard has them: 997s that name every set."""
    return policy.list_accepted_sets and policy.send_999 == "never" and not policy.versions


def _wholly_accepted(
    result: InterchangeResult, policy: AcknowledgmentPolicy, envelope: ReplyEnvelope
) -> Acknowledged | None:
    """Return what most interchanges get: a verdict without a fault, and one 997."""
    if policy.send_997 != "always" or policy.envelope.version or not _is_usual(policy):
        return None
    version = accepted_version(result)
    if version is None or not is_plain_version(version):
        return None
    wanted, [group] = policy.send_ta1, result.groups
    if wanted == "always" or (wanted == "requested" and result.header.acknowledgment_requested):
        return None
    if group.is_acknowledgment:
        return None
    counts = (len(group.sets),) * 3
    gs = group.header.elements
    told = Accepted(gs[1], gs[6], version, counts, group.sets)
    payload = _filled(result, (group, told), policy.envelope, envelope)
    return None if payload is None else Acknowledged(partial(_accepted, result, version), payload)


def _accepted(result: InterchangeResult, version: str) -> Verdict:
    whole, group = accepted_wholly(result, version)
    return Verdict(whole, (group,))


def _acknowledged(
    result: InterchangeResult,
    severity: SeverityOf,
    *,
    policy: AcknowledgmentPolicy,
    envelope: ReplyEnvelope,
) -> Acknowledged:
    verdict = judge(result, severity, delimiters=envelope.delimiters, policy=policy)
    answer = decide(result, verdict, [policy] * len(result.groups), general=policy)
    payload = write_answer(answer, envelope) if answer.due else None
    groups = tuple([verdict.acknowledgment for _, verdict in answer.groups])
    return Acknowledged(verdict, payload, answer.ta1, groups)


def decide(
    result: InterchangeResult,
    verdict: Verdict,
    policies: Sequence[AcknowledgmentPolicy],
    *,
    general: AcknowledgmentPolicy,
) -> Answer:
    """Say what is told of an interchange: `policies` are those of its groups, in their order.

    A TA1 is about all of them: it is sent where any policy asks for one, and where there is no
    group by the general one. All of it goes out in one envelope: that of the first group.
    """
    wanted = any(_ta1_wanted(result, verdict, policy) for policy in policies or [general])
    return Answer(
        result,
        verdict.interchange if wanted else None,
        tuple(_answered_groups(result, verdict, policies)),
        leading(result, policies, general),
    )


def leading(
    result: InterchangeResult,
    policies: Sequence[AcknowledgmentPolicy],
    general: AcknowledgmentPolicy,
) -> AcknowledgmentPolicy:
    """Return whose envelope everything goes out in: that of the first group that can be told."""
    told = zip(result.groups, policies, strict=True)
    return next((policy for group, policy in told if not group.is_acknowledgment), general)


def write_answer(answer: Answer, envelope: ReplyEnvelope) -> bytes:
    """Write what is to be said as one interchange."""
    plain = _plain_answer(answer, envelope)
    if plain is not None:
        return plain
    return write_told([answer.told(envelope.delimiters)], answer.heading, envelope)


def _plain_answer(answer: Answer, envelope: ReplyEnvelope) -> bytes | None:
    """Fill in the form between two parties; None where this is no acknowledgment for it."""
    if answer.ta1 is not None or len(answer.groups) != 1 or answer.policy.envelope.version:
        return None
    [(group, judged)] = answer.groups
    told = judged.acknowledgment
    if not is_plain(told):
        return None
    counts = told.declared, told.received, told.accepted
    accepted = Accepted(told.functional_id, told.control_number, told.version, counts, told.sets)
    return _filled(answer.result, (group, accepted), answer.policy.envelope, envelope)


def _filled(
    result: InterchangeResult,
    told: tuple[GroupResult, Accepted],
    agreed: AcknowledgmentEnvelope,
    envelope: ReplyEnvelope,
) -> bytes | None:
    """Fill in the form between two parties with a plain acknowledgment; None where none fits."""
    isa, gs = result.header.elements, told[0].header.elements
    ours = named((isa[7], isa[8]), agreed.sender)
    theirs = named((isa[5], isa[6]), agreed.receiver)
    of_group = agreed.sender.gs or gs[3], agreed.receiver.gs or gs[2]
    form = _form_between(ours, theirs, of_group, agreed.usage or isa[15], envelope.delimiters)
    if form is None or len(envelope.control_number) > 9:
        return None
    numbers = envelope.control_number, envelope.next_group_number()
    return write_plain(form, told[1], numbers, envelope.moment)


@lru_cache(maxsize=1024)
def _form_between(
    ours: tuple[str, str],
    theirs: tuple[str, str],
    of_group: tuple[str, str],
    usage: str,
    delimiters: Delimiters,
) -> Form | None:
    """Return the form of an acknowledgment, from the envelope's elements as they came."""
    sender, receiver = (
        fitting((qualifier.strip(), name.strip())) for qualifier, name in (ours, theirs)
    )
    group_sender, group_receiver = (party(name.strip()) for name in of_group)
    head = Letterhead(
        sender,
        receiver,
        group_sender or sender[1].strip(),
        group_receiver or receiver[1].strip(),
        usage if usage in ("P", "T", "I") else "P",
    )
    return form_of(head, delimiters)


def _ta1_wanted(result: InterchangeResult, verdict: Verdict, policy: AcknowledgmentPolicy) -> bool:
    if result.is_acknowledgment:
        return False
    match policy.send_ta1:
        case "always":
            return True
        case "requested":
            return result.header.acknowledgment_requested
        case "on_reject":
            return verdict.interchange.status is Status.REJECTED
        case "never":
            return False


def _answered_groups(
    result: InterchangeResult, verdict: Verdict, policies: Sequence[AcknowledgmentPolicy]
) -> list[tuple[GroupResult, GroupVerdict]]:
    """Return the groups that get an acknowledgment, each by its own policy.

    A rejected interchange has none that was looked at; without GS01 or GS06 a group has no name.
    """
    if not verdict.interchange.status.taken:
        return []
    return [
        (group, judged)
        for group, judged, policy in zip(result.groups, verdict.groups, policies, strict=True)
        if _answered(judged, policy) and _can_be_named(group)
    ]


def _answered(judged: GroupVerdict, policy: AcknowledgmentPolicy) -> bool:
    sent = policy.send_999 if judged.acknowledgment.set_id == "999" else policy.send_997
    return sent == "always" or (sent == "on_reject" and judged.status in _FAULTY)


def _can_be_named(group: GroupResult) -> bool:
    header = group.header
    return bool(
        header.functional_id and header.control_number.strip() and not group.is_acknowledgment
    )
