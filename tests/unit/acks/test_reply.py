from __future__ import annotations

import pytest

from gateway.acks.model import Status
from gateway.acks.reply import acknowledge
from gateway.acks.results import strictly
from gateway.acks.segments import read_group
from gateway.findings import Finding, FindingCode
from gateway.partners.acknowledging import AcknowledgmentPolicy
from gateway.x12.model import Delimiters
from tests.unit.acks.results import at, envelope, noting, received
from tests.unit.x12.interchanges import (
    codes,
    gs,
    isa,
    payload,
    read_one,
    segments,
    sets_of,
    transaction_set,
)

ALWAYS = AcknowledgmentPolicy.model_validate({"997": "always", "ta1": "always"})
BAD_CODE = Finding(FindingCode.CODE_NOT_IN_LIST, at("W05", 2, 1), "Q", data_element="473")
TA1_LINE = "TA1*000000007*261120*1200*A*000"


def _policy(functional: str = "always", ta1: str = "requested") -> AcknowledgmentPolicy:
    return AcknowledgmentPolicy.model_validate({"997": functional, "ta1": ta1})


def test_an_interchange_is_answered_by_one_interchange_with_everything_swapped() -> None:
    acknowledged = acknowledge(
        received(payload(segments(asked="1"))), strictly, policy=_policy(), envelope=envelope()
    )
    assert acknowledged.payload is not None
    assert acknowledged.payload.decode("ascii").split("~") == [
        "ISA*00*          *00*          *01*123456789      *ZZ*NORTHSTAR      *261121*0855*U*00401"
        "*000000900*0*P*>",
        "TA1*000000001*261121*0855*A*000",
        "GS*FA*BRAMBLE*NORTHSTAR*20261121*0855*501*X*004010",
        "ST*997*0001",
        "AK1*OW*11",
        "AK2*940*0001",
        "AK5*A",
        "AK9*A*1*1*1",
        "SE*6*0001",
        "GE*1*501",
        "IEA*1*000000900",
        "",
    ]
    assert codes(read_one(acknowledged.payload)) == []


def test_what_was_sent_can_be_read_back() -> None:
    acknowledged = acknowledge(
        received(payload(segments(sets=2)), [BAD_CODE]),
        strictly,
        policy=_policy(),
        envelope=envelope(Delimiters("|", ":", None, "'", "\n")),
    )
    assert acknowledged.payload is not None
    (one,) = sets_of(read_one(acknowledged.payload))
    assert (read_group(one),) == acknowledged.groups
    assert acknowledged.groups[0].status is Status.REJECTED


@pytest.mark.parametrize(
    ("asked", "ta1", "fault", "sent"),
    [
        ("0", "requested", False, False),
        ("1", "requested", False, True),
        ("0", "always", False, True),
        ("1", "on_reject", False, False),
        ("0", "on_reject", True, True),
        ("0", "requested", True, False),
        ("1", "never", True, False),
    ],
)
def test_a_ta1_is_sent_as_agreed(asked: str, ta1: str, fault: bool, sent: bool) -> None:  # noqa: FBT001 - a table of cases
    data = payload(segments(asked=asked))
    if fault:
        data = data.replace(b"IEA*1*", b"IEA*2*")
    acknowledged = acknowledge(
        received(data), strictly, policy=_policy("never", ta1), envelope=envelope()
    )
    assert (acknowledged.ta1 is not None) is sent
    assert (acknowledged.payload is not None) is sent


@pytest.mark.parametrize(
    ("functional", "found", "sent"),
    [
        ("always", [], True),
        ("on_reject", [], False),
        ("on_reject", [BAD_CODE], True),
        ("never", [BAD_CODE], False),
    ],
)
def test_a_997_is_sent_as_agreed(functional: str, found: list[Finding], sent: bool) -> None:  # noqa: FBT001 - a table of cases
    acknowledged = acknowledge(
        received(payload(segments()), found),
        strictly,
        policy=_policy(functional),
        envelope=envelope(),
    )
    assert bool(acknowledged.groups) is sent
    assert (acknowledged.payload is not None) is sent


def test_a_noted_finding_is_no_reject() -> None:
    acknowledged = acknowledge(
        received(payload(segments()), [BAD_CODE]),
        noting(FindingCode.CODE_NOT_IN_LIST),
        policy=_policy("on_reject"),
        envelope=envelope(),
    )
    assert acknowledged.payload is None
    assert acknowledged.verdict.groups[0].status is Status.ACCEPTED_WITH_ERRORS


def test_a_rejected_interchange_gets_a_ta1_and_no_997() -> None:
    data = payload(segments()).replace(b"*0855*U*", b"*0899*U*")
    acknowledged = acknowledge(received(data), strictly, policy=ALWAYS, envelope=envelope())
    assert acknowledged.groups == ()
    assert acknowledged.ta1 is not None
    assert (acknowledged.ta1.status, acknowledged.ta1.code) == (Status.REJECTED, "015")
    assert b"TA1*000000001*261121*0899*R*015~IEA*0*" in (acknowledged.payload or b"")


def test_an_acknowledgment_is_never_acknowledged() -> None:
    body = ["AK1*SW*7", "AK9*A*1*1*1"]
    group = [gs(functional_id="FA"), *transaction_set(set_id="997", body=body), "GE*1*11"]
    for lines in (
        [isa(asked="1"), *group, "IEA*1*000000001"],
        [isa(asked="1"), TA1_LINE, "IEA*0*000000001"],
        [isa(asked="1"), TA1_LINE, *group, "IEA*1*000000001"],
    ):
        result = received(payload(lines))
        acknowledged = acknowledge(result, strictly, policy=ALWAYS, envelope=envelope())
        assert acknowledged.payload is None


def test_a_997_beside_orders_is_passed_over_and_the_orders_are_acknowledged() -> None:
    lines = [
        isa(),
        gs(functional_id="FA", number="1"),
        *transaction_set(set_id="997", body=["AK1*SW*7", "AK9*A*1*1*1"]),
        "GE*1*1",
        gs(number="2"),
        *transaction_set(),
        "GE*1*2",
        "IEA*2*000000001",
    ]
    acknowledged = acknowledge(
        received(payload(lines)), strictly, policy=_policy(), envelope=envelope()
    )
    assert [one.control_number for one in acknowledged.groups] == ["2"]
    assert len(acknowledged.verdict.groups) == 2


def test_an_interchange_that_holds_nothing_is_answered_if_it_asks() -> None:
    data = payload([isa(asked="1"), "IEA*0*000000001"])
    acknowledged = acknowledge(received(data), strictly, policy=_policy(), envelope=envelope())
    assert acknowledged.ta1 is not None


def test_groups_of_several_versions_are_acknowledged_in_groups_of_theirs() -> None:
    lines = [isa()]
    for number, version in (("1", "004010"), ("2", "005010"), ("3", "004010VICS")):
        lines += [gs(number=number, version=version), *transaction_set(), f"GE*1*{number}"]
    acknowledged = acknowledge(
        received(payload([*lines, "IEA*3*000000001"])),
        strictly,
        policy=_policy(),
        envelope=envelope(Delimiters(repetition="^")),
    )
    assert acknowledged.payload is not None
    reply = read_one(acknowledged.payload)
    assert codes(reply) == []
    assert reply.header.version == "00501"
    assert [
        (group.header.version, group.header.control_number, len(group.transaction_sets))
        for group in reply.groups
    ] == [("004010", "501", 2), ("005010", "502", 1)]


@pytest.mark.parametrize("header", ["GS*OW*****11", "GS*OW*N*A NAME OF MORE THAN 15***11"])
def test_a_group_without_parties_is_answered_between_those_of_the_interchange(header: str) -> None:
    lines = [isa(), header, "GE*0*11", "IEA*1*000000001"]
    acknowledged = acknowledge(
        received(payload(lines)), strictly, policy=_policy(), envelope=envelope()
    )
    assert b"~GS*FA*123456789*NORTHSTAR*20261121*" in (acknowledged.payload or b"")


@pytest.mark.parametrize(
    "lines",
    [
        [isa(), "GS", "ST", "SE", "GE", "IEA*1*000000001"],
        [isa(), "GS*OW", "ST*940*0001", "SE*2*0001", "GE*1", "IEA*1*000000001"],
        ["ISA*00**00**ZZ*A NAME OF MORE THAN 15*ZZZ*B|~*261121*0855*U*00401*1*1*P*>"],
        [isa(), gs(number="1'1"), *transaction_set(number="00'1"), "GE*1*1'1", "IEA*1*000000001"],
    ],
)
def test_whatever_was_received_can_be_answered(lines: list[str]) -> None:
    severity = noting(*FindingCode)
    for delimiters in (Delimiters(), Delimiters("'", "|", None, "\n")):
        result = received(payload(lines, terminator="%"))
        acknowledged = acknowledge(result, severity, policy=ALWAYS, envelope=envelope(delimiters))
        assert acknowledged.payload is not None
        assert codes(read_one(acknowledged.payload)) in ([], ["sender_qualifier_invalid"])


def test_a_ta1_that_was_never_agreed_is_not_sent_even_if_asked_for() -> None:
    data = payload(segments(asked="1"))
    acknowledged = acknowledge(
        received(data), strictly, policy=_policy("always", "never"), envelope=envelope()
    )
    assert acknowledged.ta1 is None
    assert b"TA1" not in (acknowledged.payload or b"TA1")
