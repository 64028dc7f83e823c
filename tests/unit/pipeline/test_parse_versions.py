"""An agreement on a version without schemas takes the nearest one's, or none; GS08 decides."""

from __future__ import annotations

import pytest

from gateway.findings import Finding, FindingCode, Severity
from gateway.partners import Partner
from gateway.pipeline.stages.parse import SetReading, parse, parse_unagreed
from gateway.x12.nearest import validator_for
from gateway.x12.reader import read_interchanges
from gateway.x12.validate import Validator
from tests.x12_sets import LIBRARY

ORDER = "ST*850*0001~BEG*00*SA*PO1**20260105~REF*CO*{number}~PO1*1*5*EA*1.25~SE*5*0001~"


def payload(version: str, *, isa12: str = "00401", number: str = "1" * 60) -> bytes:
    isa = (
        f"ISA*00*          *00*          *ZZ*{'SHOP':15}*ZZ*{'US':15}*260105*1200*U*{isa12}"
        "*000000001*0*P*>~"
    )
    gs = f"GS*PO*SHOP*US*20260105*1200*1*X*{version}~"
    return f"{isa}{gs}{ORDER.format(number=number)}GE*1*1~IEA*1*000000001~".encode()


def reading(content: bytes, **agreement: object) -> SetReading:
    [interchange] = read_interchanges(content)
    [group] = interchange.groups
    [one] = group.transaction_sets
    if not agreement:
        return parse_unagreed(one, group.header, _validator)
    return parse(
        one, group.header, partner=partner(**agreement), usage="P", validator_of=_validator
    )


def partner(**agreement: object) -> Partner:
    return Partner.model_validate(
        {
            "partner": "shop",
            "name": "Shop",
            "identities": [{"qualifier": "ZZ", "id": "SHOP"}],
            "agreements": [{"set": "850", "direction": "in", "map": "base-850", **agreement}],
        }
    )


def _validator(version: str, set_id: str, _guide: object) -> Validator | None:
    return validator_for(LIBRARY, version, set_id)


def test_GS08_decides_and_not_ISA12() -> None:
    # 40 characters are too many for a reference of 004010 only.
    for isa12 in ("00401", "00501"):
        old = reading(payload("004010", isa12=isa12, number="1" * 40))
        new = reading(payload("005010", isa12=isa12, number="1" * 40))
        assert [one.code for one in old.findings] == [FindingCode.ELEMENT_TOO_LONG]
        assert new.findings == ()
        assert (old.judged_by, new.judged_by) == (None, None)


def test_a_suffix_changes_nothing() -> None:
    assert reading(payload("005010X222A1", number="1")).judged_by is None
    assert reading(payload("006020UCS", number="1")).judged_by == "005010"


def test_what_another_version_holds_against_a_set_refuses_nothing_unless_somebody_says_so() -> None:
    found = reading(payload("006020"), version="006020")
    assert found.agreement is not None
    [finding] = found.findings
    assert finding.judged_by == "005010"
    assert found.agreement.severity(finding) is Severity.IGNORE
    rule = {"finding": "element_too_long", "at": "REF02", "severity": "reject"}
    strict = reading(payload("006020"), version="006020", findings=[rule]).agreement
    assert strict is not None
    assert strict.severity(finding) is Severity.REJECT
    own = Finding(finding.code, finding.location)
    assert found.agreement.severity(own) is Severity.REJECT


def test_an_agreement_may_take_no_other_versions_schema() -> None:
    found = reading(payload("006020", number="1"), version="006020", version_gap="refuse")
    assert found.tree is None
    [finding] = found.findings
    assert finding.code is FindingCode.TRANSACTION_SET_NOT_SUPPORTED
    assert finding.detail == (
        "there is no schema for set 850 in version 006020, and the agreement takes no other "
        "version's (that of 005010 is the nearest)"
    )


@pytest.mark.parametrize("gap", ["nearest", "refuse"])
def test_a_version_with_schemas_has_no_gap(gap: str) -> None:
    found = reading(payload("005010", number="1"), version="005010", version_gap=gap)
    assert found.tree is not None
    assert found.findings == ()


def test_what_we_send_is_held_to_the_nearest_schema() -> None:
    sends = partner(direction="out", version="006020").agreements[0]
    finding = Finding(FindingCode.ELEMENT_TOO_LONG, judged_by="005010")
    assert sends.severity(finding) is Severity.REJECT
