"""Which agreement of a partner covers a transaction set."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gateway.findings import Finding, FindingCode, Severity
from gateway.partners import Agreement, NoAgreement, Partner
from tests.unit.partners.agreements import partner

SEVERAL = [
    {"set": "945", "direction": "in", "map": "general"},
    {"set": "945", "direction": "in", "map": "grocery", "version": "004010UCS"},
    {"set": "945", "direction": "in", "map": "trial", "usage": "T"},
    {"set": "940", "direction": "out", "map": "orders"},
]


def _found(set_id: str, version: str, usage: str) -> Agreement | NoAgreement:
    return partner(agreements=SEVERAL).agreement("in", set_id, version=version, usage=usage)


@pytest.mark.parametrize(
    ("version", "usage", "name"),
    [
        ("004010", "P", "general"),
        ("004010VICS", "P", "general"),
        ("004010UCS", "P", "grocery"),
        ("004010", "T", "trial"),
    ],
)
def test_version_and_usage_choose_among_agreements_on_a_set(
    version: str, usage: str, name: str
) -> None:
    found = _found("945", version, usage)
    assert isinstance(found, Agreement)
    assert found.map == name


@pytest.mark.parametrize(
    ("set_id", "version", "usage", "answer"),
    [
        (
            "856",
            "004010",
            "P",
            NoAgreement(
                FindingCode.TRANSACTION_SET_NOT_SUPPORTED,
                "no agreement with partner 'northstar' to receive 856",
            ),
        ),
        (
            "940",
            "004010",
            "P",
            NoAgreement(
                FindingCode.TRANSACTION_SET_NOT_SUPPORTED,
                "no agreement with partner 'northstar' to receive 940",
            ),
        ),
        (
            "945",
            "005010",
            "P",
            NoAgreement(
                FindingCode.GROUP_VERSION_NOT_SUPPORTED,
                "partner 'northstar' agreed on 945 in version 004010, 004010UCS, not 005010",
            ),
        ),
        (
            "945",
            "004010",
            "I",
            NoAgreement(
                FindingCode.USAGE_INDICATOR_INVALID,
                "partner 'northstar' agreed on 945 with usage P, T, not I",
            ),
        ),
    ],
)
def test_what_was_not_agreed_is_named(
    set_id: str, version: str, usage: str, answer: NoAgreement
) -> None:
    assert _found(set_id, version, usage) == answer


def test_leniencies_of_inbound_agreements_hold_for_the_whole_interchange() -> None:
    entries = [
        SEVERAL[0] | {"accept": "text_before_isa"},
        SEVERAL[3] | {"accept": "lowercase_segment_ids"},
    ]
    names = partner(accept=["short_control_number"], agreements=entries).leniencies
    assert names == ("short_control_number", "text_before_isa")


def test_the_partner_judges_findings_that_no_agreement_covers() -> None:
    judge = partner(
        acknowledgment={"strictness": "note_errors"},
        findings=[{"finding": "group_count_wrong", "severity": "ignore"}],
    )
    assert judge.severity(Finding(FindingCode.GROUP_COUNT_WRONG)) is Severity.IGNORE
    assert judge.severity(Finding(FindingCode.GROUP_HEADER_INVALID)) is Severity.NOTE


def test_the_group_id_is_the_interchange_id_unless_it_is_written() -> None:
    plain = partner().identities[0]
    assert plain.group_id == "NORTHSTAR"
    named = partner(identities=[{"qualifier": "01", "id": "555", "gs": "NSTAR"}]).identities[0]
    assert named.group_id == "NSTAR"


def test_a_partner_does_not_change_after_reading() -> None:
    settled: Partner = partner()
    with pytest.raises(ValidationError, match="frozen"):
        settled.name = "Another"  # type: ignore[misc]  # that it is refused is what is tested


@pytest.mark.parametrize("indicator", ["P", "T"])
def test_an_agreement_in_test_takes_tests_besides_its_usage(indicator: str) -> None:
    them = partner(agreements=[SEVERAL[0] | {"stage": "test"}])
    found = them.agreement("in", "945", version="004010", usage=indicator)
    assert isinstance(found, Agreement)
    assert found.effective_usage(indicator) == "T"


def test_an_agreement_in_production_takes_no_tests_unless_it_says_so() -> None:
    them = partner(agreements=[SEVERAL[0]])
    found = them.agreement("in", "945", version="004010", usage="T")
    assert isinstance(found, NoAgreement)


def test_envelopes_are_judged_leniently_where_the_first_agreement_is_about_sending() -> None:
    them = partner(agreements=SEVERAL[::-1], acknowledgment={"strictness": "note_errors"})
    assert them.agreements[0].direction == "out"
    assert them.severity(Finding(FindingCode.ELEMENT_TOO_LONG)) is Severity.NOTE
