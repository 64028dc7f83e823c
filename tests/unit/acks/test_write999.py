"""What a 999 says of faults, and in which form each group of an interchange is answered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.acks.build import build_group
from gateway.acks.context import read_context, write_context
from gateway.acks.forms import Form, form_for
from gateway.acks.model import Context
from gateway.acks.noted import in_words
from gateway.acks.reply import acknowledge
from gateway.acks.results import GroupResult, InterchangeResult, SetResult, strictly
from gateway.acks.segments import write_group
from gateway.acks.sets import Listing
from gateway.findings import Finding, FindingCode, GuideRule, Location, Severity
from gateway.partners.acknowledging import AcknowledgmentPolicy
from gateway.x12.model import ControlNumber, Delimiters, GroupHeader, InterchangeHeader
from gateway.x12.reader import read_interchanges
from tests.unit.acks.results import at, envelope

DELIMITERS = Delimiters()
NINES = Form("999", "005010")


def rule(name: str) -> GuideRule:
    return GuideRule(name, "northstar-3pl's guide for 940", "940.yaml", 7)


def one_set(*findings: Finding, version: str = "005010UCS") -> GroupResult:
    names = ("GS", "OW", "NORTHSTAR", "HARBOR", "20261121", "0855", "11", "X", version)
    result = SetResult("940", ControlNumber("0001"), findings, "005010UCSG", ("W0502", "HG-200420"))
    return GroupResult(GroupHeader(names), (result,), 1)


def lines(group: GroupResult, form: Form = NINES) -> list[str]:
    built = build_group(group, strictly, Listing(DELIMITERS, form=form)).acknowledgment
    return ["*".join(one).rstrip("*") for one in write_group(built, DELIMITERS)]


def test_what_breaks_the_standard_has_the_codes_of_a_997_and_names_the_order() -> None:
    missing = Finding(FindingCode.MANDATORY_ELEMENT_MISSING, at("W05", 2, 1), data_element="473")
    assert lines(one_set(missing)) == [
        "AK1*OW*11*005010UCS",
        "AK2*940*0001*005010UCSG",
        "IK3*W05*2**8",
        "CTX*W0502>HG-200420",
        "IK4*1*473*1",
        "IK5*R*5",
        "AK9*R*1*1*0",
    ]


def test_what_only_a_guide_asks_for_has_codes_of_its_own_and_says_what_asked() -> None:
    found = Finding(
        FindingCode.MANDATORY_ELEMENT_MISSING, at("N1", 4, 4), data_element="67",
        rule=rule("N1*ST/N104"),
    )  # fmt: skip
    assert lines(one_set(found))[2:6] == [
        "IK3*N1*4**8",
        "CTX*W0502>HG-200420",
        "IK4*4*67*I9",
        "CTX*SITUATIONAL TRIGGER*N1*4**1",
    ]
    assert "IK5*R*I5" in lines(one_set(found))
    assert lines(one_set(found), Form("997", "005010"))[2:5] == [
        "AK3*N1*4**8", "AK4*4*67*1", "AK5*R*5",
    ]  # fmt: skip


def test_both_kinds_of_faults_are_said_in_the_verdict() -> None:
    not_used = Finding(FindingCode.SEGMENT_NOT_USED, at("N9", 6), rule=rule("N9*ZZ"))
    unknown = Finding(FindingCode.SEGMENT_UNKNOWN, at("QQ", 3))
    wrong = Finding(FindingCode.SEGMENT_COUNT_WRONG)
    told = lines(one_set(not_used, unknown, wrong))
    assert told[2:] == [
        "IK3*QQ*3**1",
        "CTX*W0502>HG-200420",
        "IK3*N9*6**I4",
        "CTX*W0502>HG-200420",
        "CTX*SITUATIONAL TRIGGER*N9*6**1",
        "IK5*R*4*5*I5",
        "AK9*R*1*1*0",
    ]


def test_what_has_no_place_for_all_its_codes_still_says_that_segments_are_in_error() -> None:
    of_set = [one for one in FindingCode if one.level == "transaction_set"]
    found = [Finding(one) for one in of_set]
    found.append(Finding(FindingCode.SEGMENT_NOT_USED, at("N9", 6), rule=rule("N9")))
    [verdict] = [one for one in lines(one_set(*found)) if one.startswith("IK5")]
    assert verdict == "IK5*R*1*2*3*4*I5"


def test_several_names_and_a_place_in_a_context_are_written_and_read() -> None:
    marks = Delimiters(repetition="^")
    context = Context(
        (("W0502", "HG-1"), ("SITUATIONAL TRIGGER", "")), "N1", 4, "0310", 1, 2, 3, ("98", "93")
    )
    written = write_context(context, marks)
    assert written == ["CTX", "W0502>HG-1^SITUATIONAL TRIGGER", "N1", "4", "0310", "1>2>3", "98>93"]
    assert read_context(written, marks) == context
    assert in_words([context]) == "it stands in W0502 HG-1; because of N101-2, segment 4"


@pytest.mark.parametrize(
    ("settings", "version", "form"),
    [
        ({}, "004010", Form("997", "004010")),
        ({}, "005010X220A1", Form("997", "005010")),
        ({"999": "always"}, "004010UCS", Form("997", "004010")),
        ({"999": "on_reject"}, "005010", Form("999", "005010")),
        ({"versions": {"004010": "004010UCS"}}, "004010VICS", Form("997", "004010UCS")),
        ({"versions": {"005010": "004010"}, "999": "always"}, "005010", Form("997", "004010")),
        ({"versions": {"005010": "005010X231A1"}, "999": "always"}, "005010",
         Form("999", "005010X231A1")),
        ({"versions": {"005010UCS": "005010", "005010": "006010"}}, "005010UCS",
         Form("997", "005010")),
    ],
)  # fmt: skip
def test_the_form_follows_the_group_and_the_policy(
    settings: dict[str, object], version: str, form: Form
) -> None:
    assert form_for(version, AcknowledgmentPolicy.model_validate(settings)) == form


def received(*versions: str) -> InterchangeResult:
    header = InterchangeHeader(
        ("ISA", "00", "", "00", "", "ZZ", "NORTHSTAR", "ZZ", "HARBOR", "261121", "0855", "U",
         "00401", "000000007", "0", "P", ">"), Delimiters(),
    )  # fmt: skip
    return InterchangeResult(header, tuple(one_set(version=one) for one in versions))


def test_each_group_of_an_interchange_is_answered_in_its_own_version() -> None:
    policy = AcknowledgmentPolicy.model_validate({"999": "always", "ta1": "never"})
    result = received("005010X220", "004010", "003060", "004010VICS")
    answered = acknowledge(result, strictly, policy=policy, envelope=envelope())
    assert answered.payload is not None
    [told] = read_interchanges(answered.payload)
    assert told.header.version == "00501"
    assert [
        (group.header.version, [one.set_id for one in group.transaction_sets])
        for group in told.groups
    ] == [("003060", ["997"]), ("004010", ["997", "997"]), ("005010", ["999"])]
    assert [one.version for one in answered.groups] == ["005010", "004010", "003060", "004010"]


def test_the_envelope_says_what_was_agreed() -> None:
    policy = AcknowledgmentPolicy.model_validate(
        {
            "999": "always",
            "versions": {"005010": "005010X231A1"},
            "envelope": {
                "sender": {"qualifier": "01", "id": "123456789", "gs": "HARBORACK"},
                "receiver": {"gs": "NSTARACK"},
                "version": "00403",
                "usage": "T",
            },
        }
    )
    answered = acknowledge(received("005010"), strictly, policy=policy, envelope=envelope())
    assert answered.payload is not None
    [told] = read_interchanges(answered.payload)
    [group] = told.groups
    assert (told.header.sender, told.header.receiver) == (("01", "123456789"), ("ZZ", "NORTHSTAR"))
    assert (told.header.version, told.header.usage) == ("00403", "T")
    assert (group.header.sender, group.header.receiver) == ("HARBORACK", "NSTARACK")
    assert group.header.version == "005010X231A1"
    assert group.transaction_sets[0].segments[0] == ["ST", "999", "0001", "005010X231A1"]


def test_the_envelope_that_was_agreed_holds_for_what_is_accepted_wholly_too() -> None:
    agreed = {"sender": {"id": "OTHER", "gs": "OTHERGS"}, "usage": "I"}
    policy = AcknowledgmentPolicy.model_validate({"envelope": agreed})
    answered = acknowledge(received("004010"), strictly, policy=policy, envelope=envelope())
    assert answered.payload is not None
    [told] = read_interchanges(answered.payload)
    assert (told.header.sender, told.header.usage) == (("ZZ", "OTHER"), "I")
    assert told.groups[0].header.sender == "OTHERGS"


@pytest.mark.parametrize(("wanted", "sent"), [("always", 1), ("on_reject", 0)])
def test_a_999_is_sent_when_its_own_setting_says_so(wanted: str, sent: int) -> None:
    policy = AcknowledgmentPolicy.model_validate({"997": "always", "999": wanted})
    answered = acknowledge(received("005010"), strictly, policy=policy, envelope=envelope())
    assert len(answered.groups) == sent


def test_a_position_beyond_what_an_element_can_hold_is_the_largest() -> None:
    far = Finding(
        FindingCode.TOO_MANY_ELEMENTS,
        replace(Location(), segment_id="W05", segment_position=2_000_000, element=120),
    )
    assert "IK3*W05*2000000**8" in lines(one_set(far))
    assert "IK4*99**3" in lines(one_set(far))
    assert "AK3*W05*999999**8" in lines(one_set(far), Form("997", "004010"))


def test_findings_that_are_noted_accept_the_set_with_errors() -> None:
    found = Finding(FindingCode.PATTERN_DIFFERS, at("W05", 2, 2), "x", rule=rule("W0502"))
    built = build_group(one_set(found), lambda _: Severity.NOTE, Listing(DELIMITERS, form=NINES))
    assert (built.status.value, built.acknowledgment.accepted) == ("E", 1)
    assert built.acknowledgment.sets[0].codes == ("I5",)
    assert built.acknowledgment.sets[0].segments[0].elements[0].code == "I12"
