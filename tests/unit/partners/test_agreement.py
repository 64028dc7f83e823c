"""What an agreement makes of findings, versions and usage indicators."""

from __future__ import annotations

import pytest

from gateway.findings import Finding, FindingCode, Level, Location, Severity
from gateway.partners import NOTHING_TO_ACCEPT, Strictness
from gateway.x12.model import Delimiters
from tests.unit.partners.agreements import agreement, partner

AT_W1201 = Location(segment_id="W12", element=1)
CODE = Finding(FindingCode.CODE_NOT_IN_LIST, AT_W1201)


@pytest.mark.parametrize(
    ("strictness", "severity"),
    [
        ("strict", Severity.REJECT),
        ("note_errors", Severity.NOTE),
        ("accept_all", Severity.IGNORE),
    ],
)
def test_strictness_decides_where_no_rule_does(strictness: str, severity: Severity) -> None:
    agreed = agreement(acknowledgment={"strictness": strictness})
    assert agreed.severity(CODE) is severity


def test_an_agreement_is_strict_unless_it_says_otherwise() -> None:
    assert agreement().acknowledgment.strictness is Strictness.STRICT


@pytest.mark.parametrize("code", sorted(NOTHING_TO_ACCEPT))
@pytest.mark.parametrize("strictness", list(Strictness))
def test_what_leaves_nothing_to_take_is_rejected_whatever_was_agreed(
    code: FindingCode, strictness: Strictness
) -> None:
    agreed = agreement(acknowledgment={"strictness": strictness.value})
    assert agreed.severity(Finding(code)) is Severity.REJECT


def test_lenient_acknowledgments_do_not_let_a_broken_document_through() -> None:
    agreed = agreement(acknowledgment={"strictness": "accept_all"})
    assert agreed.severity(Finding(FindingCode.REQUIRED_FIELD_MISSING)) is Severity.REJECT


def test_a_finding_about_the_document_can_be_taken_by_name() -> None:
    agreed = agreement(findings=[{"finding": "required_field_missing", "severity": "note"}])
    assert agreed.severity(Finding(FindingCode.REQUIRED_FIELD_MISSING)) is Severity.NOTE


def test_about_the_document_only_what_loses_nothing_is_noted() -> None:
    of_documents = [code for code in FindingCode if code.level is Level.DOCUMENT]
    severities = {code: agreement().severity(Finding(code)) for code in of_documents}
    assert {code for code in of_documents if severities[code] is Severity.NOTE} == {
        FindingCode.TOTAL_DIFFERS,
        FindingCode.CONSTANT_DIFFERS,
        FindingCode.WORD_KEPT,
        FindingCode.NOTHING_RECALLED,
    }
    assert set(severities.values()) == {Severity.NOTE, Severity.REJECT}


@pytest.mark.parametrize("code", ["total_differs", "constant_differs", "code_not_in_list"])
def test_a_partner_may_have_refused_what_would_be_taken(code: str) -> None:
    agreed = agreement(
        acknowledgment={"strictness": "accept_all"},
        findings=[{"finding": code, "severity": "reject"}],
    )
    assert agreed.severity(Finding(FindingCode(code))) is Severity.REJECT


@pytest.mark.parametrize(
    ("at", "severity"),
    [
        (None, Severity.IGNORE),
        ("W12", Severity.IGNORE),
        ("W1201", Severity.IGNORE),
        ("W1202", Severity.REJECT),
        ("W19", Severity.REJECT),
    ],
)
def test_a_rule_holds_at_its_place_only(at: str | None, severity: Severity) -> None:
    entry = {"finding": "code_not_in_list", "severity": "ignore"} | ({"at": at} if at else {})
    assert agreement(findings=[entry]).severity(CODE) is severity


def test_the_most_exact_rule_decides_in_whatever_order_they_stand() -> None:
    anywhere = {"finding": "code_not_in_list", "severity": "ignore"}
    segment = anywhere | {"at": "W12", "severity": "ignore"}
    element = anywhere | {"at": "W1201", "severity": "note"}
    for entries in ([anywhere, segment, element], [element, segment, anywhere]):
        assert agreement(findings=entries).severity(CODE) is Severity.NOTE


def test_a_component_is_named_as_findings_name_it() -> None:
    entry = {"finding": "element_too_long", "at": "SV101-2", "severity": "note"}
    place = Location(segment_id="SV1", element=1, component=2)
    agreed = agreement(findings=[entry])
    assert agreed.severity(Finding(FindingCode.ELEMENT_TOO_LONG, place)) is Severity.NOTE


@pytest.mark.parametrize(
    ("agreed", "received", "taken"),
    [
        ("004010", "004010", True),
        ("004010", "004010UCS", True),
        ("004010", "004010VICS", True),
        ("004010", "005010", False),
        ("004010", "4010", False),
        ("004010", "00401", False),
        ("004010", "004010 X", False),
        ("004010", "", False),
        ("004010UCS", "004010UCS", True),
        ("004010UCS", "004010", False),
        ("004010UCS", "004010VICS", False),
    ],
)
def test_a_version_takes_its_suffixes_and_a_suffix_only_itself(
    agreed: str, received: str, *, taken: bool
) -> None:
    assert agreement(version=agreed).takes_version(received) is taken


def test_another_spelling_of_the_version_is_taken_where_it_is_listed() -> None:
    assert agreement(version_aliases="4010").takes_version("4010")


def test_a_suffix_does_not_change_which_schema_applies() -> None:
    assert agreement(version="004010UCS").schema_version == "004010"


@pytest.mark.parametrize(
    ("settings", "received", "believed", "sent"),
    [
        ({}, "P", "P", "P"),
        ({"usage": ["P", "T"]}, "T", "T", "P"),
        ({"stage": "test"}, "P", "T", "T"),
        ({"usage": "T"}, "T", "T", "T"),
    ],
)
def test_a_test_agreement_makes_everything_a_test(
    settings: dict[str, object], received: str, believed: str, sent: str
) -> None:
    agreed = agreement(**settings)
    assert agreed.effective_usage(received) == believed
    assert agreed.outgoing_usage == sent


def test_outgoing_delimiters_become_those_of_the_writer() -> None:
    agreed = agreement(delimiters={"component": ":", "line_end": "crlf"})
    assert agreed.delimiters is not None
    assert agreed.delimiters.delimiters() == Delimiters("*", ":", None, "~", "\r\n")


def test_what_the_partner_says_holds_for_agreements_that_say_nothing() -> None:
    agreed = partner(
        acknowledgment={"997": "on_reject", "strictness": "note_errors"},
        delimiters={"element": "|"},
        findings=[{"finding": "invalid_date", "severity": "ignore"}],
    ).agreements[0]
    assert agreed.acknowledgment.send_997 == "on_reject"
    assert agreed.acknowledgment.strictness is Strictness.NOTE_ERRORS
    assert agreed.delimiters is not None
    assert agreed.delimiters.element == "|"
    assert agreed.severity(Finding(FindingCode.INVALID_DATE)) is Severity.IGNORE


def test_an_agreement_changes_only_what_it_writes() -> None:
    entry = {
        "set": "945",
        "direction": "in",
        "map": "base-945",
        "acknowledgment": {"strictness": "strict"},
    }
    agreed = partner(
        acknowledgment={"997": "never", "ta1": "always", "strictness": "accept_all"},
        agreements=[entry],
    ).agreements[0]
    assert agreed.acknowledgment.send_997 == "never"
    assert agreed.acknowledgment.send_ta1 == "always"
    assert agreed.acknowledgment.strictness is Strictness.STRICT


@pytest.mark.parametrize("strictness", list(Strictness))
def test_what_is_wrong_does_not_leave_by_lenient_acknowledgments(strictness: Strictness) -> None:
    agreed = agreement(direction="out", acknowledgment={"strictness": strictness.value})
    assert agreed.severity(CODE) is Severity.REJECT


def test_what_is_wrong_leaves_where_a_rule_about_it_says_so() -> None:
    rule = {"finding": CODE.code.value, "severity": "note"}
    assert agreement(direction="out", findings=[rule]).severity(CODE) is Severity.NOTE
