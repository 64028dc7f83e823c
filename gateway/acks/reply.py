"""Everything that is said about one received interchange, as the bytes of one interchange back.

Whether a TA1 and 997s are sent is the agreement's policy. What was received as an acknowledgment is
never acknowledged: not a TA1, not a group FA, not an interchange that holds nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby

from gateway.acks.accepted import accepted_wholly
from gateway.acks.build997 import GroupVerdict, build997
from gateway.acks.model import GroupAcknowledgment, InterchangeAcknowledgment, Status
from gateway.acks.names import REPLACEMENT
from gateway.acks.plain997 import (
    Letterhead,
    form_of,
    is_plain,
    is_plain_version,
    write_plain,
)
from gateway.acks.results import ACKNOWLEDGMENT_GROUP, GroupResult, InterchangeResult, SeverityOf
from gateway.acks.segments997 import FIRST_VERSION_WITH_VERSIONS, write997
from gateway.acks.ta1 import build_ta1, write_ta1
from gateway.partners.agreement import AcknowledgmentPolicy
from gateway.x12.model import ControlNumber, Delimiters, InterchangeHeader, Segment
from gateway.x12.writer import OutboundGroup, OutboundSet, Writing, gs, isa, write_interchange

_WRITING = Writing(replacement=REPLACEMENT)
_FAULTY = (Status.REJECTED, Status.PARTIALLY_ACCEPTED)


@dataclass(frozen=True, slots=True)
class ReplyEnvelope:
    """What an acknowledgment interchange needs from outside: numbers, time, separators, names."""

    control_number: ControlNumber
    """ISA13."""
    next_group_number: Callable[[], ControlNumber]
    """Gives a GS06; asked once for each functional group of the reply."""
    moment: datetime
    delimiters: Delimiters
    sender: tuple[str, str] | None = None
    """Our qualifier and id; those that the partner sent to, if left out."""
    receiver: tuple[str, str] | None = None
    """The partner's qualifier and id; those that it sent from, if left out."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an interchange, of its groups and of their sets."""

    interchange: InterchangeAcknowledgment
    groups: tuple[GroupVerdict, ...]
    """One for each group received, in order; acknowledgment groups too, though none is sent."""


_Answered = tuple[GroupResult, GroupVerdict]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be said about an interchange, before it has control numbers."""

    result: InterchangeResult
    ta1: InterchangeAcknowledgment | None
    groups: tuple[_Answered, ...]
    """Those that get a 997, in the order received."""

    @property
    def due(self) -> bool:
        """Say whether anything is to be said at all."""
        return self.ta1 is not None or bool(self.groups)

    @property
    def group_parties(self) -> list[tuple[str, str]]:
        """Return GS02 and GS03 of its groups, in their order: each takes a GS06."""
        return [
            _parties(one, self.result.header)
            for one in sorted({_address(one) for one in self.groups})
        ]


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A verdict, and the interchange that says it."""

    verdict: Verdict
    payload: bytes | None
    """None where nothing is to be said."""
    ta1: InterchangeAcknowledgment | None = None
    """The TA1 in the payload."""
    groups: tuple[GroupAcknowledgment, ...] = ()
    """The 997s in the payload."""


def judge(
    result: InterchangeResult,
    severity: SeverityOf,
    *,
    delimiters: Delimiters | None = None,
    list_accepted: bool = True,
) -> Verdict:
    """Say what became of an interchange, of its groups and sets, without writing it."""
    accepted = accepted_wholly(result) if list_accepted else None
    if accepted is not None:
        return Verdict(accepted[0], (accepted[1],))
    return Verdict(
        build_ta1(result, severity),
        tuple(
            [
                build997(
                    group,
                    severity,
                    delimiters=delimiters or Delimiters(),
                    list_accepted=list_accepted,
                )
                for group in result.groups
            ]
        ),
    )


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


def _wholly_accepted(
    result: InterchangeResult, policy: AcknowledgmentPolicy, envelope: ReplyEnvelope
) -> Acknowledged | None:
    """Return what most interchanges get: a verdict without a fault, and one 997."""
    accepted = accepted_wholly(result)
    if accepted is None or result.is_acknowledgment:
        return None
    usual = policy.send_997 == "always" and policy.list_accepted_sets
    verdict = Verdict(accepted[0], (accepted[1],))
    if not usual or _ta1_wanted(result, verdict, policy):
        return None
    told = accepted[1].acknowledgment
    if not is_plain_version(told.version):
        return None
    payload = _filled(result, result.groups[0], told, envelope)
    return None if payload is None else Acknowledged(verdict, payload, None, (told,))


def _acknowledged(
    result: InterchangeResult,
    severity: SeverityOf,
    *,
    policy: AcknowledgmentPolicy,
    envelope: ReplyEnvelope,
) -> Acknowledged:
    verdict = judge(
        result,
        severity,
        delimiters=envelope.delimiters,
        list_accepted=policy.list_accepted_sets,
    )
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
    group by the general one.
    """
    wanted = any(_ta1_wanted(result, verdict, policy) for policy in policies or [general])
    return Answer(
        result,
        verdict.interchange if wanted else None,
        tuple(_answered_groups(result, verdict, policies)),
    )


def write_answer(answer: Answer, envelope: ReplyEnvelope) -> bytes:
    """Write what is to be said as one interchange."""
    return _plain_answer(answer, envelope) or _any_answer(answer, envelope)


def _plain_answer(answer: Answer, envelope: ReplyEnvelope) -> bytes | None:
    """Write the acknowledgment that most interchanges get; None where this is another."""
    if answer.ta1 is not None or len(answer.groups) != 1:
        return None
    [(group, judged)] = answer.groups
    if not is_plain(judged.acknowledgment):
        return None
    return _filled(answer.result, group, judged.acknowledgment, envelope)


def _filled(
    result: InterchangeResult,
    group: GroupResult,
    acknowledgment: GroupAcknowledgment,
    envelope: ReplyEnvelope,
) -> bytes | None:
    """Fill in the form between two parties; None where there is none for them."""
    isa, gs = result.header.elements, group.header.elements
    ours = envelope.sender or (isa[7], isa[8])
    theirs = envelope.receiver or (isa[5], isa[6])
    form = _form_between(ours, theirs, (gs[3], gs[2]), isa[15], envelope.delimiters)
    if form is None or len(envelope.control_number) > 9:
        return None
    numbers = envelope.control_number, envelope.next_group_number()
    return write_plain(
        acknowledgment, form, envelope.delimiters, numbers=numbers, moment=envelope.moment
    )


@lru_cache(maxsize=1024)
def _form_between(
    ours: tuple[str, str],
    theirs: tuple[str, str],
    of_group: tuple[str, str],
    usage: str,
    delimiters: Delimiters,
) -> str | None:
    """Return the form of an acknowledgment, from the envelope's elements as they came."""
    sender, receiver = (
        _fitting((qualifier.strip(), name.strip())) for qualifier, name in (ours, theirs)
    )
    group_sender, group_receiver = (_party(name.strip()) for name in of_group)
    head = Letterhead(
        sender,
        receiver,
        group_sender or sender[1].strip(),
        group_receiver or receiver[1].strip(),
        usage if usage in ("P", "T", "I") else "P",
    )
    return form_of(head, delimiters)


def _any_answer(answer: Answer, envelope: ReplyEnvelope) -> bytes:
    received = answer.result.header
    header = isa(
        _fitting(envelope.sender or received.receiver),
        _fitting(envelope.receiver or received.sender),
        control_number=envelope.control_number,
        moment=envelope.moment,
        usage=received.usage if received.usage in ("P", "T", "I") else "P",
        version=_interchange_version(answer.groups),
    )
    return write_interchange(
        header,
        _outbound_groups(answer.groups, envelope, header),
        envelope.delimiters,
        acknowledgments=[] if answer.ta1 is None else [write_ta1(answer.ta1)],
        writing=_WRITING,
    )


def _fitting(identity: tuple[str, str]) -> tuple[str, str]:
    """Cut what an ISA of wrong widths named to the widths of ours: it has to get an answer too."""
    qualifier, name = identity
    return qualifier[:2], name[:15]


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
) -> list[_Answered]:
    """Return the groups that get a 997, each by its own policy.

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
    faulty = policy.send_997 == "on_reject" and judged.status in _FAULTY
    return faulty or policy.send_997 == "always"


def _can_be_named(group: GroupResult) -> bool:
    header = group.header
    return bool(
        header.functional_id and header.control_number.strip() and not group.is_acknowledgment
    )


def _interchange_version(answered: Sequence[_Answered]) -> str:
    """Return ISA12: acknowledgments alone, and those before 005010, go as 00401."""
    versions = [verdict.acknowledgment.version for _, verdict in answered]
    return "00501" if max(versions, default="") >= FIRST_VERSION_WITH_VERSIONS else "00401"


def _outbound_groups(
    answered: Sequence[_Answered], envelope: ReplyEnvelope, interchange: InterchangeHeader
) -> list[OutboundGroup]:
    """Put one 997 for each group received into groups FA, one for each version and address.

    A group that did not name its parties, or in a way that no GS can hold, is answered between
    those of the interchange.
    """
    groups = []
    if len(answered) > 1:
        answered = sorted(answered, key=_address)
    for (version, sender, receiver), members in groupby(answered, key=_address):
        header = gs(
            ACKNOWLEDGMENT_GROUP,
            sender=sender or interchange.sender[1],
            receiver=receiver or interchange.receiver[1],
            control_number=envelope.next_group_number(),
            moment=envelope.moment,
            version=version,
        )
        bodies = [write997(judged.acknowledgment, envelope.delimiters) for _, judged in members]
        groups.append(OutboundGroup(header, _numbered(bodies)))
    return groups


def _address(answered: _Answered) -> tuple[str, str, str]:
    """Return version, sender and receiver of the acknowledgment of a group."""
    group, verdict = answered
    header = group.header
    return verdict.acknowledgment.version, _party(header.receiver), _party(header.sender)


def _parties(address: tuple[str, str, str], received: InterchangeHeader) -> tuple[str, str]:
    """Return the sender and receiver of a group of ours, those of the interchange where it must."""
    _, sender, receiver = address
    return sender or received.receiver[1], receiver or received.sender[1]


def _party(name: str) -> str:
    """Return GS02 or GS03 as a GS of ours can name it, or nothing."""
    return name if 2 <= len(name.strip()) <= 15 else ""


def _numbered(bodies: Sequence[list[Segment]]) -> list[OutboundSet]:
    return [
        OutboundSet("997", ControlNumber(f"{number:04d}"), body)
        for number, body in enumerate(bodies, start=1)
    ]
