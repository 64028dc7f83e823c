"""Validate: the agreement's verdict on what was found, for the interchange and for each set.

The same verdict decides what is delivered and what the acknowledgment says: they cannot differ.
What the envelope decides is known before the first set, so that the verdict on a set is final.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from gateway.acks.answer import Answer, Verdict
from gateway.acks.build import (
    GroupVerdict,
    Tally,
    conclude,
    rejected_by_envelope,
)
from gateway.acks.model import Status
from gateway.acks.reply import decide, leading, listing_for
from gateway.acks.results import GroupResult, InterchangeResult, SetResult, SeverityOf
from gateway.acks.ta1 import build_ta1
from gateway.errors import GatewayError
from gateway.findings import Finding, Severity
from gateway.partners import AcknowledgmentPolicy, NoAgreement, Partner
from gateway.pipeline.stages.envelope import Envelope, GroupEnvelope
from gateway.pipeline.stages.parse import SetReading
from gateway.pipeline.states import ValidationStatus
from gateway.x12.model import Delimiters

_STATUS = {
    Status.ACCEPTED: ValidationStatus.ACCEPTED,
    Status.ACCEPTED_WITH_ERRORS: ValidationStatus.ACCEPTED_WITH_FINDINGS,
    Status.PARTIALLY_ACCEPTED: ValidationStatus.ACCEPTED_WITH_FINDINGS,
    Status.REJECTED: ValidationStatus.REJECTED,
}


class AgreementChanged(GatewayError):
    """What was agreed with the partner changed while one of its interchanges was being read."""


@dataclass(slots=True)
class Judged:
    """Verdicts on sets of one group: as the 997 says them, and how many sets were gone on with."""

    tally: Tally = field(default_factory=Tally)
    taken: int = 0
    yet_taken: int = 0
    """Those of them that the 997 rejects."""

    def join(self, following: Judged) -> None:
        """Take up the verdicts on the sets that follow these."""
        self.tally.join(following.tally)
        self.taken += following.taken
        self.yet_taken += following.yet_taken


JUDGED: TypeAdapter[dict[int, Judged]] = TypeAdapter(dict[int, Judged])
"""Verdicts by the number of their group, as they are kept between two slices."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What the agreements make of an interchange, and what the partner is told."""

    verdict: Verdict
    answer: Answer
    taken: bool
    """Whether there is anything to go on with."""
    untold: tuple[int, ...]
    """The groups of which the partner is told nothing, by their place."""


class Judge:
    """Judges an interchange by the agreements with its partner: its envelope, then set by set."""

    def __init__(
        self,
        envelope: Envelope,
        partner: Partner,
        delimiters: Delimiters | None = None,
        *,
        policy: AcknowledgmentPolicy | None = None,
    ) -> None:
        """Judge the envelope; `delimiters` are those of the answer, if not the partner's.

        What `policy` says of acknowledgments goes before what was agreed.
        """
        self._partner = partner
        overriding = policy or AcknowledgmentPolicy()
        self._general = partner.acknowledgment.overridden_by(overriding)
        self._groups = [_result_of(group) for group in envelope.groups]
        self._result = InterchangeResult(
            envelope.header,
            tuple(self._groups),
            tuple(envelope.findings),
            carries_ta1=bool(envelope.acknowledgments),
        )
        self._whole = build_ta1(self._result, partner.severity)
        usage = envelope.header.usage
        self._policies = [
            policy_of(group, partner, usage).overridden_by(overriding) for group in envelope.groups
        ]
        agreed = leading(self._result, self._policies, self._general)
        wanted = delimiters or delimiters_of(agreed, partner)
        self._listings = [
            listing_for(group, policy, wanted)
            for group, policy in zip(self._groups, self._policies, strict=True)
        ]

    def judge(self, reading: SetReading, group: int, into: Judged) -> ValidationStatus:
        """Judge the next set of a group, and add the verdict to those on the sets before it."""
        one = reading.transaction_set
        result = SetResult.of(one, reading.all_findings)
        judge = reading.agreement or self._partner
        status = into.tally.add(result, judge.severity, self._listings[group])
        if not self._lets_pass(group):
            return ValidationStatus.REJECTED
        if not status.taken:
            if not goes_on_all_the_same(result.findings, judge.severity):
                return ValidationStatus.REJECTED
            into.yet_taken += 1
            into.taken += 1
            return ValidationStatus.REJECTED_YET_TAKEN
        into.taken += 1
        return _STATUS[status]

    def conclude(self, judged: Mapping[int, Judged]) -> Conclusion:
        """Judge the interchange, once all its sets were judged; `judged` is by group."""
        groups = []
        for number, group in enumerate(self._groups):
            tally = judged[number].tally if number in judged else Tally()
            severity = self._partner.severity
            told = conclude(group, tally, severity, self._listings[number])
            groups.append(GroupVerdict(told, ()))
        verdict = Verdict(self._whole, tuple(groups))
        answer = decide(self._result, verdict, self._policies, general=self._general)
        # An interchange of acknowledgments, or an empty one, is accepted by its envelope.
        empty = not any(one.tally.received for one in judged.values())
        return Conclusion(
            verdict,
            answer,
            any(one.taken for one in judged.values()) or (empty and self._whole.status.taken),
            () if answer.ta1 is not None else self._unanswered(answer),
        )

    def require_unchanged(self, judged: Mapping[int, Judged]) -> None:
        """Raise AgreementChanged unless the envelope is judged now as it was for these sets.

        An acknowledgment says one thing of an envelope, and it must be true of all that is in it.
        """
        taken = sum(one.taken for one in judged.values())
        expected = [
            one.tally.accepted + one.yet_taken for at, one in judged.items() if self._lets_pass(at)
        ]
        if taken != sum(expected):
            raise AgreementChanged(
                f"what was agreed with partner '{self._partner.id}' changed while this was being "
                f"read, and {taken} of its transaction sets were taken as it was agreed before: no "
                "acknowledgment would be true; restore what was agreed and release this"
            )

    def _lets_pass(self, group: int) -> bool:
        """Say whether the envelopes around a set refuse nothing."""
        if not self._whole.status.taken:
            return False
        own = self._groups[group]
        return not own.findings or not rejected_by_envelope(own, self._partner.severity)

    def _unanswered(self, answer: Answer) -> tuple[int, ...]:
        answered = {id(group) for group, _ in answer.groups}
        return tuple(
            number for number, group in enumerate(self._groups) if id(group) not in answered
        )


def goes_on_all_the_same(findings: Sequence[Finding], severity: SeverityOf) -> bool:
    """Say whether guides have the document made of a set, whatever the partner is told of it.

    Each finding that refuses the set has to be of a rule that says so.
    """
    refusing = [one for one in findings if severity(one) is Severity.REJECT]
    return all(one.rule is not None and one.rule.forwarding is not None for one in refusing)


def delimiters_of(policy: AcknowledgmentPolicy, partner: Partner) -> Delimiters:
    """Return the separators that acknowledgments to a partner are written in."""
    return (policy.envelope.delimiters or partner.delimiters).delimiters()


def policy_of(group: GroupEnvelope, partner: Partner, usage: str) -> AcknowledgmentPolicy:
    """Return the policy of the first agreement that a group's sets fall under.

    Sets of one group are of one kind, by the standard: they fall under one agreement.
    """
    version = group.header.version
    for set_id in group.set_ids:
        agreement = partner.agreement("in", set_id, version=version, usage=usage)
        if not isinstance(agreement, NoAgreement):
            return agreement.acknowledgment
    return partner.acknowledgment


def _result_of(group: GroupEnvelope) -> GroupResult:
    return GroupResult(group.header, (), group.declared_count, group.findings)
