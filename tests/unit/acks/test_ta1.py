from __future__ import annotations

import pytest

from gateway.acks.model import InterchangeAcknowledgment, Status
from gateway.acks.results import InterchangeResult, strictly
from gateway.acks.ta1 import build_ta1, read_ta1, write_ta1
from gateway.findings import Finding, FindingCode
from gateway.x12.model import ControlNumber
from tests.unit.acks.results import group, ignoring, noting, received
from tests.unit.x12.interchanges import isa, payload, segments


def _result(*findings: Finding) -> InterchangeResult:
    clean = received(payload(segments()))
    return InterchangeResult(clean.header, clean.groups, findings)


def test_an_envelope_without_findings_is_accepted() -> None:
    built = build_ta1(_result(), strictly)
    assert write_ta1(built) == ["TA1", "000000001", "261121", "0855", "A", "000"]


def test_the_first_finding_that_rejects_takes_the_place() -> None:
    built = build_ta1(
        _result(
            Finding(FindingCode.USAGE_INDICATOR_INVALID),
            Finding(FindingCode.INTERCHANGE_DUPLICATE),
            Finding(FindingCode.GROUP_COUNT_WRONG),
        ),
        noting(FindingCode.USAGE_INDICATOR_INVALID),
    )
    assert (built.status, built.code) == (Status.REJECTED, "025")


def test_noted_findings_accept_with_errors() -> None:
    built = build_ta1(
        _result(Finding(FindingCode.GROUP_COUNT_WRONG)), noting(FindingCode.GROUP_COUNT_WRONG)
    )
    assert (built.status, built.code) == (Status.ACCEPTED_WITH_ERRORS, "021")


def test_ignored_findings_accept() -> None:
    built = build_ta1(
        _result(Finding(FindingCode.GROUP_COUNT_WRONG)), ignoring(FindingCode.GROUP_COUNT_WRONG)
    )
    assert (built.status, built.code) == (Status.ACCEPTED, "000")


def test_a_groups_header_is_reported_but_does_not_reject_the_interchange() -> None:
    clean = _result()
    faulty = group([], findings=[Finding(FindingCode.GROUP_HEADER_INVALID)])
    built = build_ta1(InterchangeResult(clean.header, (faulty,)), strictly)
    assert (built.status, built.code) == (Status.ACCEPTED_WITH_ERRORS, "024")


def test_faults_that_a_997_reports_are_none_of_the_ta1() -> None:
    clean = _result()
    faulty = group([], findings=[Finding(FindingCode.GROUP_TRAILER_MISSING)])
    built = build_ta1(InterchangeResult(clean.header, (faulty,)), strictly)
    assert (built.status, built.code) == (Status.ACCEPTED, "000")


def test_a_short_control_number_is_echoed_with_nine_digits() -> None:
    result = received(payload([isa(number="1"), *segments()[1:]]))
    assert build_ta1(result, strictly).control_number == "000000001"


def test_what_ta1_cannot_hold_of_an_isa_of_wrong_widths_is_left_out() -> None:
    line = isa(number="00-SO-7", day="2611211").replace("*0855*", "*8:55*")
    written = write_ta1(build_ta1(received(payload([line, *segments()[1:]])), strictly))
    assert written == ["TA1", "000000007", "000000", "0000", "R", "022"]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("A", Status.ACCEPTED),
        ("E", Status.ACCEPTED_WITH_ERRORS),
        ("R", Status.REJECTED),
        ("Q", Status.REJECTED),
    ],
)
def test_a_received_ta1_is_read_into_the_same_values(code: str, status: Status) -> None:
    segment = ["TA1", "000000007", "261120", "1200", code, "000"]
    assert read_ta1(segment) == InterchangeAcknowledgment(
        ControlNumber("000000007"), "261120", "1200", status, "000"
    )


def test_a_ta1_that_ends_early_rejects() -> None:
    assert read_ta1(["TA1", "000000007"]).status is Status.REJECTED
