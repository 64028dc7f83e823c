"""Everything that is said about one received interchange, as the bytes of one interchange back.

Whether a TA1, 997s and 999s are sent is the agreement's policy. What was received as an
acknowledgment is never acknowledged: not a TA1, not a group FA, not an interchange that holds
nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from gateway.acks.accepted import accepted_wholly
from gateway.acks.build import GroupVerdict, build_group
from gateway.acks.forms import form_for
from gateway.acks.model import GroupAcknowledgment, InterchangeAcknowledgment, Status
from gateway.acks.plain997 import (
    Letterhead,
    form_of,
    is_plain,
    is_plain_version,
    write_plain,
)
from gateway.acks.results import GroupResult, InterchangeResult, SeverityOf
from gateway.acks.segments import write_group
from gateway.acks.sets import Listing
from gateway.acks.ta1 import build_ta1, write_ta1
from gateway.acks.told import (
    Address,
    Heading,
    ReplyEnvelope,
    Told,
    ToldGroup,
    convention_of,
    write_told,
)
from gateway.partners.acknowledging import (
    AcknowledgmentEnvelope,
    AcknowledgmentPolicy,
    PartyOverride,
)
from gateway.x12.model import Delimiters

_FAULTY = (Status.REJECTED, Status.PARTIALLY_ACCEPTED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an interchange, of its groups and of their sets."""

    interchange: InterchangeAcknowledgment
    groups: tuple[GroupVerdict, ...]
    """One for each group received, in order; acknowledgment groups too, though none is sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be said about an interchange, before it has control numbers."""

    result: InterchangeResult
    ta1: InterchangeAcknowledgment | None
    groups: tuple[tuple[GroupResult, GroupVerdict], ...]
    """Those that get a 997 or 999, in the order received."""
    policy: AcknowledgmentPolicy
    """Whose envelope it goes out in, and whether it waits for others."""

    @property
    def due(self) -> bool:
        """Say whether anything is to be said at all."""
        return self.ta1 is not None or bool(self.groups)

    @property
    def heading(self) -> Heading:
        """Return what its ISA says: what came in the other way round, but for what was agreed."""
        header, agreed = self.result.header, self.policy.envelope
        usage = agreed.usage or header.usage
        return Heading(
            _fitting(_named(header.receiver, agreed.sender)),
            _fitting(_named(header.sender, agreed.receiver)),
            usage if usage in ("P", "T", "I") else "P",
            agreed.version or "",
        )

    @property
    def addresses(self) -> list[Address]:
        """Return the groups FA that it goes out in, in their order: each takes a GS06."""
        heading = self.heading
        return sorted({self._address(group, judged, heading) for group, judged in self.groups})

    def told(self, delimiters: Delimiters) -> Told:
        """Return all of it as segments."""
        heading = self.heading
        return Told(
            None if self.ta1 is None else write_ta1(self.ta1),
            tuple(
                [
                    self._told_group(group, judged, heading, delimiters)
                    for group, judged in self.groups
                ]
            ),
        )

    def _told_group(
        self, group: GroupResult, judged: GroupVerdict, heading: Heading, delimiters: Delimiters
    ) -> ToldGroup:
        one = judged.acknowledgment
        return ToldGroup(
            self._address(group, judged, heading),
            convention_of(one.version, one.set_id),
            write_group(one, delimiters),
        )

    def _address(self, group: GroupResult, judged: GroupVerdict, heading: Heading) -> Address:
        """Return where the acknowledgment of a group belongs.

        A group that did not name its parties, or in a way that no GS can hold, is answered between
        those of the interchange.
        """
        agreed, one = self.policy.envelope, judged.acknowledgment
        sender = agreed.sender.gs or _party(group.header.receiver)
        receiver = agreed.receiver.gs or _party(group.header.sender)
        return Address(
            one.version, one.set_id, sender or heading.sender[1], receiver or heading.receiver[1]
        )


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A verdict, and the interchange that says it."""

    verdict: Verdict
    payload: bytes | None
    """None where nothing is to be said."""
    ta1: InterchangeAcknowledgment | None = None
    """The TA1 in the payload."""
    groups: tuple[GroupAcknowledgment, ...] = ()
    """The 997s and 999s in the payload."""


def judge(
    result: InterchangeResult,
    severity: SeverityOf,
    *,
    delimiters: Delimiters | None = None,
    policy: AcknowledgmentPolicy | None = None,
) -> Verdict:
    """Say what became of an interchange, of its groups and sets, without writing it."""
    agreed = policy or AcknowledgmentPolicy()
    accepted = accepted_wholly(result) if _is_usual(agreed) else None
    if accepted is not None:
        return Verdict(accepted[0], (accepted[1],))
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
    accepted = accepted_wholly(result)
    if accepted is None or result.groups[0].is_acknowledgment:
        return None
    verdict = Verdict(accepted[0], (accepted[1],))
    told = accepted[1].acknowledgment
    if _ta1_wanted(result, verdict, policy) or not is_plain_version(told.version):
        return None
    payload = _filled(result, (result.groups[0], told), policy.envelope, envelope)
    return None if payload is None else Acknowledged(verdict, payload, None, (told,))


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
    return _filled(answer.result, (group, told), answer.policy.envelope, envelope)


def _filled(
    result: InterchangeResult,
    told: tuple[GroupResult, GroupAcknowledgment],
    agreed: AcknowledgmentEnvelope,
    envelope: ReplyEnvelope,
) -> bytes | None:
    """Fill in the form between two parties with a plain acknowledgment; None where none fits."""
    isa, gs = result.header.elements, told[0].header.elements
    ours = _named((isa[7], isa[8]), agreed.sender)
    theirs = _named((isa[5], isa[6]), agreed.receiver)
    of_group = agreed.sender.gs or gs[3], agreed.receiver.gs or gs[2]
    form = _form_between(ours, theirs, of_group, agreed.usage or isa[15], envelope.delimiters)
    if form is None or len(envelope.control_number) > 9:
        return None
    numbers = envelope.control_number, envelope.next_group_number()
    return write_plain(told[1], form, envelope.delimiters, numbers=numbers, moment=envelope.moment)


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


def _named(followed: tuple[str, str], agreed: PartyOverride) -> tuple[str, str]:
    """Return a party as it was named to us, but for what was agreed."""
    return agreed.qualifier or followed[0], agreed.id or followed[1]


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


def _party(name: str) -> str:
    """Return GS02 or GS03 as a GS of ours can name it, or nothing."""
    return name if 2 <= len(name.strip()) <= 15 else ""
