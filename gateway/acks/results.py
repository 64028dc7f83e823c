"""What became of an interchange, as the pipeline fills it in: envelope and content together.

Findings are kept where they belong: those of ISA and IEA with the interchange, those of GS and GE
with the group, everything from ST to SE (envelope, segments, elements) with the transaction set.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.findings import Finding, Severity
from gateway.x12.known_by import known_as
from gateway.x12.model import (
    ControlNumber,
    Group,
    GroupHeader,
    Interchange,
    InterchangeHeader,
    TransactionSet,
)

SeverityOf = Callable[[Finding], Severity]
"""What the agreement with the sender makes of a finding."""

FindingsOf = Callable[[TransactionSet], Sequence[Finding]]
"""What validation found in a transaction set, without the faults of its envelope."""

ACKNOWLEDGMENT_GROUP = "FA"
"""GS01 of groups that carry 997 or 999; they are never acknowledged."""


@dataclass(frozen=True, slots=True)
class SetResult:
    """A transaction set and what was found in it."""

    set_id: str
    control_number: ControlNumber
    findings: tuple[Finding, ...] = ()
    convention: str = ""
    """ST03."""
    reference: tuple[str, str] = ("", "")
    """Where the number stands that people know the set by, such as W0502, and that number."""

    @classmethod
    def of(cls, one: TransactionSet, findings: tuple[Finding, ...]) -> SetResult:
        """Return what was found in a set, with what names it."""
        first = one.segments[0]
        if not findings and len(first) == 3:  # nearly always
            return cls(first[1], ControlNumber(first[2]))
        convention = first[3].strip() if len(first) > 3 else ""
        reference = known_as(one) if findings else ("", "")
        return cls(one.set_id, one.control_number, findings, convention, reference)


@dataclass(frozen=True, slots=True)
class GroupResult:
    """A functional group, its transaction sets in the order received, and what was found in it."""

    header: GroupHeader
    sets: tuple[SetResult, ...]
    declared_count: int | None = None
    """GE01; None where it cannot be read."""
    findings: tuple[Finding, ...] = ()

    @property
    def is_acknowledgment(self) -> bool:
        """Say whether this group carries acknowledgments itself."""
        return self.header.functional_id == ACKNOWLEDGMENT_GROUP


@dataclass(frozen=True, slots=True)
class InterchangeResult:
    """An interchange, its groups, and what was found in its envelope."""

    header: InterchangeHeader
    groups: tuple[GroupResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    carries_ta1: bool = False

    @property
    def is_acknowledgment(self) -> bool:
        """Say whether this interchange carries acknowledgments and nothing else."""
        if not self.groups:
            return self.carries_ta1
        return all(group.is_acknowledgment for group in self.groups)


def strictly(_finding: Finding) -> Severity:
    """Reject whatever has a finding: what the standard says where no agreement does."""
    return Severity.REJECT


def result_of(interchange: Interchange, findings_of: FindingsOf) -> InterchangeResult:
    """Join what reading and what validation found."""
    return InterchangeResult(
        interchange.header,
        tuple([_group_result(group, findings_of) for group in interchange.groups]),
        tuple(interchange.findings),
        carries_ta1=bool(interchange.acknowledgments),
    )


def _group_result(group: Group, findings_of: FindingsOf) -> GroupResult:
    sets = tuple(
        [SetResult.of(one, (*one.findings, *findings_of(one))) for one in group.transaction_sets]
    )
    return GroupResult(group.header, sets, group.declared_count, tuple(group.findings))
