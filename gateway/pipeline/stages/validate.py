"""Validate: the agreement's verdict on what was found, for the interchange and for each set.

The same verdict decides what is delivered and what the acknowledgment says: they cannot differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from gateway.acks.model import Status
from gateway.acks.reply import Acknowledged, ReplyEnvelope, acknowledge
from gateway.acks.results import InterchangeResult, SeverityOf, result_of
from gateway.findings import Finding, Severity
from gateway.partners import AcknowledgmentPolicy, Partner
from gateway.pipeline.flow import ValidationStatus
from gateway.pipeline.stages.parse import SetReading, findings_of
from gateway.x12.model import ControlNumber, Interchange

_STATUS = {
    Status.ACCEPTED: ValidationStatus.ACCEPTED,
    Status.ACCEPTED_WITH_ERRORS: ValidationStatus.ACCEPTED_WITH_FINDINGS,
    Status.PARTIALLY_ACCEPTED: ValidationStatus.ACCEPTED_WITH_FINDINGS,
    Status.REJECTED: ValidationStatus.REJECTED,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """What the agreement makes of an interchange."""

    result: InterchangeResult
    severity: SeverityOf
    policy: AcknowledgmentPolicy
    draft: Acknowledged
    """The acknowledgment with made-up control numbers: the verdict, and whether one is due."""
    group_numbers: int
    """How many GS06 the acknowledgment takes."""
    statuses: tuple[tuple[ValidationStatus, ...], ...]
    """For each group, of each set."""

    @property
    def anything_accepted(self) -> bool:
        """Say whether there is anything to go on with."""
        taken = any(
            status is not ValidationStatus.REJECTED for group in self.statuses for status in group
        )
        # An interchange of acknowledgments, or an empty one, is accepted by its envelope.
        return taken or (not any(self.statuses) and self.draft.verdict.interchange.status.taken)


def validate(
    interchange: Interchange,
    groups: Sequence[Sequence[SetReading]],
    partner: Partner,
    now: datetime,
) -> Judged:
    """Judge an interchange and its sets by the agreements with the partner."""
    result = result_of(interchange, findings_of(groups))
    severity = _severity_of(groups, partner)
    policy = policy_of(groups, partner)
    numbers = count(1)
    draft = acknowledge(
        result,
        severity,
        policy=policy,
        envelope=ReplyEnvelope(
            ControlNumber("000000001"),
            lambda: ControlNumber(str(next(numbers))),
            now,
            partner.delimiters.delimiters(),
        ),
    )
    whole = draft.verdict.interchange.status
    statuses = tuple(
        tuple(
            _STATUS[status] if whole.taken and verdict.status.taken else ValidationStatus.REJECTED
            for status in verdict.set_statuses
        )
        for verdict in draft.verdict.groups
    )
    return Judged(result, severity, policy, draft, next(numbers) - 1, statuses)


def policy_of(groups: Sequence[Sequence[SetReading]], partner: Partner) -> AcknowledgmentPolicy:
    """Return the policy of the first agreement found, since one interchange gets one answer."""
    for group in groups:
        for reading in group:
            if reading.agreement is not None:
                return reading.agreement.acknowledgment
    return partner.acknowledgment


def _severity_of(groups: Sequence[Sequence[SetReading]], partner: Partner) -> SeverityOf:
    """Return what judges each finding by the agreement on its own transaction set."""
    agreed: dict[int, Severity] = {}
    for group in groups:
        for reading in group:
            if reading.agreement is not None:
                for finding in (*reading.transaction_set.findings, *reading.findings):
                    agreed[id(finding)] = reading.agreement.severity(finding)

    def severity(finding: Finding) -> Severity:
        known = agreed.get(id(finding))
        return known if known is not None else partner.severity(finding)

    return severity
