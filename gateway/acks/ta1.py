"""TA1: what became of an interchange's envelope; it says nothing of the content."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.acks.codes import CodeList, projection
from gateway.acks.model import InterchangeAcknowledgment, Status
from gateway.acks.names import sendable_interchange_number, sendable_moment
from gateway.acks.results import InterchangeResult, SeverityOf
from gateway.findings import Finding, Severity
from gateway.x12.envelope import element_of
from gateway.x12.model import ControlNumber, Segment

NO_ERROR = "000"


def build_ta1(result: InterchangeResult, severity: SeverityOf) -> InterchangeAcknowledgment:
    """Judge an interchange by its envelope's findings.

    TA105 has one place: the first of the gravest findings takes it. A fault of a group's header is
    said here, where no other acknowledgment can, but does not reject the interchange around it.
    """
    of_groups = [finding for group in result.groups for finding in group.findings]
    status, code = Status.ACCEPTED, NO_ERROR
    if result.findings or of_groups:
        status, code = _judged(result.findings, of_groups, severity)
    header = result.header
    return InterchangeAcknowledgment(
        sendable_interchange_number(header.control_number),
        *sendable_moment(header.elements[9], header.elements[10]),
        status,
        code,
    )


def _judged(
    findings: Sequence[Finding], of_groups: Sequence[Finding], severity: SeverityOf
) -> tuple[Status, str]:
    """Return TA104 and TA105."""
    rejected = _first(findings, severity, Severity.REJECT)
    if rejected is not None:
        return Status.REJECTED, rejected
    noted = (
        _first(findings, severity, Severity.NOTE)
        or _first(of_groups, severity, Severity.REJECT)
        or _first(of_groups, severity, Severity.NOTE)
    )
    return (Status.ACCEPTED, NO_ERROR) if noted is None else (Status.ACCEPTED_WITH_ERRORS, noted)


def _first(findings: Iterable[Finding], severity: SeverityOf, wanted: Severity) -> str | None:
    for finding in findings:
        projected = projection(finding.code, CodeList.NOTE)
        if projected is not None and severity(finding) is wanted:
            return projected.code
    return None


def write_ta1(acknowledgment: InterchangeAcknowledgment) -> Segment:
    """Return the TA1 segment."""
    return [
        "TA1",
        acknowledgment.control_number,
        acknowledgment.date,
        acknowledgment.time,
        acknowledgment.status.value,
        acknowledgment.code,
    ]


def read_ta1(segment: Segment) -> InterchangeAcknowledgment:
    """Return what a received TA1 says; all but A and E rejects."""
    code = element_of(segment, 4)
    return InterchangeAcknowledgment(
        ControlNumber(element_of(segment, 1)),
        element_of(segment, 2),
        element_of(segment, 3),
        Status(code) if code in ("A", "E") else Status.REJECTED,
        element_of(segment, 5),
    )
