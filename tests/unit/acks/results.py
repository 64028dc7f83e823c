"""Small results of fictional interchanges, for building acknowledgments from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from gateway.acks.build import GroupVerdict, build_group
from gateway.acks.forms import Form, acknowledgment_version
from gateway.acks.model import SetAcknowledgment
from gateway.acks.results import (
    GroupResult,
    InterchangeResult,
    SetResult,
    SeverityOf,
    result_of,
    strictly,
)
from gateway.acks.segments import write_group
from gateway.acks.sets import Listing
from gateway.acks.told import ReplyEnvelope
from gateway.findings import Finding, FindingCode, Location, Severity
from gateway.x12.model import ControlNumber, Delimiters, GroupHeader
from tests.unit.x12.interchanges import read_one

DELIMITERS = Delimiters()
MOMENT = datetime(2026, 11, 21, 8, 55, tzinfo=UTC)


def noting(*codes: FindingCode) -> SeverityOf:
    """Note these findings, reject the others."""
    return lambda finding: Severity.NOTE if finding.code in codes else Severity.REJECT


def ignoring(*codes: FindingCode) -> SeverityOf:
    return lambda finding: Severity.IGNORE if finding.code in codes else Severity.REJECT


def at(
    segment_id: str, position: int, element: int | None = None, component: int | None = None
) -> Location:
    return Location(
        segment_position=position, segment_id=segment_id, element=element, component=component
    )


def group_header(
    *, functional_id: str = "OW", number: str = "11", version: str = "004010"
) -> GroupHeader:
    elements = (
        "GS",
        functional_id,
        "NORTHSTAR",
        "BRAMBLE",
        "20261121",
        "0855",
        number,
        "X",
        version,
    )
    return GroupHeader(elements)


def group(
    *sets: Sequence[Finding],
    findings: Iterable[Finding] = (),
    declared: int | None = None,
    version: str = "004010",
) -> GroupResult:
    return GroupResult(
        group_header(version=version),
        tuple(
            SetResult("940", ControlNumber(f"{index:04d}"), tuple(found))
            for index, found in enumerate(sets, start=1)
        ),
        len(sets) if declared is None else declared,
        tuple(findings),
    )


def lines(
    result: GroupResult, severity: SeverityOf = strictly, *, list_accepted: bool = True
) -> list[str]:
    """Build a 997 and write its segments as text."""
    built = verdict(result, severity, list_accepted=list_accepted)
    return ["*".join(one).rstrip("*") for one in write_group(built.acknowledgment, DELIMITERS)]


def verdict(
    result: GroupResult,
    severity: SeverityOf = strictly,
    *,
    delimiters: Delimiters = DELIMITERS,
    list_accepted: bool = True,
) -> GroupVerdict:
    """Build a 997 in the version of the group."""
    form = Form("997", acknowledgment_version(result.header.version))
    return build_group(result, severity, Listing(delimiters, list_accepted, form))


def only_set(result: GroupResult, severity: SeverityOf = strictly) -> SetAcknowledgment:
    (one,) = verdict(result, severity).acknowledgment.sets
    return one


def received(data: bytes, found: Sequence[Finding] = ()) -> InterchangeResult:
    """Read a payload and pretend that validation found the same in each of its sets."""
    return result_of(read_one(data), lambda _set: found)


def envelope(delimiters: Delimiters = DELIMITERS) -> ReplyEnvelope:
    numbers = iter(range(501, 600))
    return ReplyEnvelope(
        ControlNumber("000000900"),
        lambda: ControlNumber(str(next(numbers))),
        MOMENT,
        delimiters,
    )
