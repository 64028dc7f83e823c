from __future__ import annotations

import pytest

from gateway.acks.forms import acknowledgment_version
from gateway.acks.model import Status
from gateway.acks.results import SetResult
from gateway.findings import Finding, FindingCode, Location
from gateway.x12.model import ControlNumber, Delimiters
from tests.unit.acks.results import (
    at,
    group,
    group_header,
    ignoring,
    lines,
    noting,
    only_set,
    verdict,
)

TOO_LONG = Finding(
    FindingCode.ELEMENT_TOO_LONG, at("W05", 2, 2), "SO-7001-AND-MORE", data_element="285"
)
BAD_CODE = Finding(FindingCode.CODE_NOT_IN_LIST, at("W05", 2, 1), "Q", data_element="473")
MISSING = Finding(FindingCode.MANDATORY_SEGMENT_MISSING, at("N1", 3))
COUNT = Finding(FindingCode.SEGMENT_COUNT_WRONG, at("SE", 9, 1), "8")
OF_DOCUMENT = Finding(FindingCode.CODE_NOT_IN_TABLE, Location(), "UPS9")


def test_a_group_without_findings_is_accepted() -> None:
    assert lines(group([], [])) == [
        "AK1*OW*11",
        "AK2*940*0001",
        "AK5*A",
        "AK2*940*0002",
        "AK5*A",
        "AK9*A*2*2*2",
    ]


def test_accepted_sets_are_left_out_where_that_was_agreed() -> None:
    assert lines(group([], [COUNT], []), list_accepted=False) == [
        "AK1*OW*11",
        "AK2*940*0002",
        "AK5*R*4",
        "AK9*P*3*3*2",
    ]


def test_faults_of_elements_stand_below_their_segment() -> None:
    assert lines(group([BAD_CODE, TOO_LONG])) == [
        "AK1*OW*11",
        "AK2*940*0001",
        "AK3*W05*2**8",
        "AK4*1*473*7*Q",
        "AK4*2*285*5*SO-7001-AND-MORE",
        "AK5*R*5",
        "AK9*R*1*1*0",
    ]


def test_each_fault_of_a_segment_has_its_own_ak3_once_in_the_order_of_the_segments() -> None:
    over = Finding(FindingCode.SEGMENT_OVER_MAXIMUM, at("W05", 2))
    assert lines(group([MISSING, over, over, TOO_LONG]))[2:6] == [
        "AK3*W05*2**5",
        "AK3*W05*2**8",
        "AK4*2*285*5*SO-7001-AND-MORE",
        "AK3*N1*3**3",
    ]


def test_a_component_is_named_with_the_component_separator() -> None:
    finding = Finding(FindingCode.ELEMENT_TOO_SHORT, at("SV1", 4, 1, 2), "A", data_element="234")
    assert "AK4*1>2*234*4*A" in lines(group([finding]))


@pytest.mark.parametrize(
    "value",
    ["A*B", "A>B", "A~B", "A\nB", "X" * 100, "Café", "", " ", None],
)
def test_a_value_that_cannot_be_repeated_is_left_out(value: str | None) -> None:
    finding = Finding(FindingCode.INVALID_CHARACTER, at("N1", 3, 2), value, data_element="93")
    assert "AK4*2*93*6" in lines(group([finding]))


def test_a_value_is_repeated_without_the_blanks_at_its_end() -> None:
    finding = Finding(FindingCode.INVALID_CHARACTER, at("N1", 3, 2), " ACME ", data_element="93")
    assert "AK4*2*93*6* ACME" in lines(group([finding]))


def test_a_value_of_99_characters_is_repeated() -> None:
    finding = Finding(FindingCode.ELEMENT_TOO_LONG, at("N1", 3, 2), "X" * 99, data_element="93")
    assert f"AK4*2*93*5*{'X' * 99}" in lines(group([finding]))


def test_the_separators_that_matter_are_those_of_the_reply() -> None:
    finding = Finding(FindingCode.INVALID_CHARACTER, at("N1", 3, 2), "A*B", data_element="93")
    delimiters = Delimiters("|", "!", None, "'")
    built = verdict(group([finding]), delimiters=delimiters)
    assert built.acknowledgment.sets[0].segments[0].elements[0].value == "A*B"


def test_a_composites_number_is_left_out_because_ak402_is_numeric() -> None:
    finding = Finding(FindingCode.TOO_MANY_COMPONENTS, at("SV1", 4, 1), "A", data_element="C003")
    assert "AK4*1**3*A" in lines(group([finding]))


def test_at_most_99_elements_are_named_for_a_segment() -> None:
    many = [Finding(FindingCode.TOO_MANY_ELEMENTS, at("N1", 3, index)) for index in range(1, 150)]
    (note,) = only_set(group(many)).segments
    assert len(note.elements) == 99


@pytest.mark.parametrize("segment_id", ["", "N", "LONG", "*1", "é1"])
def test_an_id_that_ak301_cannot_hold_is_not_repeated(segment_id: str) -> None:
    finding = Finding(FindingCode.SEGMENT_UNKNOWN, at(segment_id, 3))
    assert lines(group([finding]))[2] == "AK3*???*3**1"


def test_at_most_five_codes_are_given_for_a_set_and_5_is_among_them() -> None:
    faults = [
        Finding(code, at("ST", 1))
        for code in (
            FindingCode.TRANSACTION_SET_CONTROL_NUMBER_REPEATED,
            FindingCode.TRANSACTION_SET_CONTROL_NUMBER_INVALID,
            FindingCode.TRANSACTION_SET_ID_INVALID,
            FindingCode.SEGMENT_COUNT_WRONG,
            FindingCode.TRANSACTION_SET_CONTROL_NUMBERS_DIFFER,
            FindingCode.SEGMENT_UNKNOWN,
        )
    ]
    assert only_set(group(faults)).codes == ("3", "4", "5", "6", "7")


def test_at_most_five_codes_are_given_for_a_group() -> None:
    faults = [
        Finding(code)
        for code in (
            FindingCode.GROUP_NOT_SUPPORTED,
            FindingCode.GROUP_VERSION_NOT_SUPPORTED,
            FindingCode.GROUP_TRAILER_MISSING,
            FindingCode.GROUP_CONTROL_NUMBERS_DIFFER,
            FindingCode.TRANSACTION_SET_COUNT_WRONG,
            FindingCode.GROUP_CONTROL_NUMBER_REPEATED,
        )
    ]
    assert verdict(group([], findings=faults)).acknowledgment.codes == ("1", "2", "3", "4", "5")


def test_noted_findings_are_reported_and_the_set_is_taken() -> None:
    assert lines(group([BAD_CODE]), noting(FindingCode.CODE_NOT_IN_LIST)) == [
        "AK1*OW*11",
        "AK2*940*0001",
        "AK3*W05*2**8",
        "AK4*1*473*7*Q",
        "AK5*E*5",
        "AK9*E*1*1*1",
    ]


def test_ignored_findings_are_not_reported() -> None:
    assert lines(group([BAD_CODE]), ignoring(FindingCode.CODE_NOT_IN_LIST)) == [
        "AK1*OW*11",
        "AK2*940*0001",
        "AK5*A",
        "AK9*A*1*1*1",
    ]


def test_what_is_wrong_with_the_document_is_no_matter_of_a_997() -> None:
    assert lines(group([OF_DOCUMENT]))[-1] == "AK9*A*1*1*1"


@pytest.mark.parametrize(
    ("sets", "status", "accepted"),
    [
        ([[], []], Status.ACCEPTED, 2),
        ([[], [BAD_CODE]], Status.ACCEPTED_WITH_ERRORS, 2),
        ([[], [COUNT]], Status.PARTIALLY_ACCEPTED, 1),
        ([[BAD_CODE], [COUNT]], Status.PARTIALLY_ACCEPTED, 1),
        ([[COUNT], [COUNT]], Status.REJECTED, 0),
        ([], Status.REJECTED, 0),
    ],
)
def test_the_status_of_a_group_follows_from_its_sets(
    sets: list[list[Finding]], status: Status, accepted: int
) -> None:
    built = verdict(group(*sets), noting(FindingCode.CODE_NOT_IN_LIST))
    assert built.status is status
    assert built.acknowledgment.accepted == accepted
    assert len(built.set_statuses) == len(sets)


def test_a_rejected_group_has_no_accepted_sets_whatever_ak5_says() -> None:
    fault = Finding(FindingCode.GROUP_CONTROL_NUMBERS_DIFFER)
    assert lines(group([], findings=[fault])) == [
        "AK1*OW*11",
        "AK2*940*0001",
        "AK5*A",
        "AK9*R*1*1*0*4",
    ]


def test_a_noted_fault_of_the_group_leaves_its_sets_accepted() -> None:
    fault = Finding(FindingCode.TRANSACTION_SET_COUNT_WRONG)
    result = group([], declared=7, findings=[fault])
    assert lines(result, noting(FindingCode.TRANSACTION_SET_COUNT_WRONG))[-1] == "AK9*E*7*1*1*5"


def test_without_a_readable_ge01_the_number_received_is_given() -> None:
    result = group([], [])
    unread = type(result)(result.header, result.sets, None, result.findings)
    assert lines(unread)[-1] == "AK9*A*2*2*2"


@pytest.mark.parametrize(
    ("version", "acknowledged"),
    [("004010VICS", "004010"), ("005010X222A1", "005010"), ("4010", "004010"), ("", "004010")],
)
def test_a_997_has_the_version_of_its_group(version: str, acknowledged: str) -> None:
    assert acknowledgment_version(version) == acknowledged


def test_from_005010_on_the_version_is_named_and_newer_codes_exist() -> None:
    repeated = Finding(
        FindingCode.TOO_MANY_REPETITIONS,
        Location(segment_position=3, segment_id="N1", element=2, repetition=4),
        data_element="93",
    )
    other_group = Finding(FindingCode.TRANSACTION_SET_NOT_IN_GROUP, at("ST", 1, 1))
    written = lines(group([repeated, other_group], version="005010"))
    assert written[0] == "AK1*OW*11*005010"
    assert "AK4*2>>4*93*12" in written
    assert "AK5*R*5*18" in written
    older = lines(group([repeated, other_group]))
    assert "AK4*2*93*3" in older
    assert "AK5*R*5*6" in older


@pytest.mark.parametrize(
    ("functional_id", "number", "named"),
    [
        ("OW", "000000011", "AK1*OW*000000011"),
        ("OWL", "1234567890", "AK1*OW*123456789"),
        ("O", "GRP-7", "AK1*O?*7"),
        (" \n", "ABC", "AK1*??*0"),
        ("é>", "", "AK1*??*0"),
    ],
)
def test_a_group_is_named_as_near_to_what_was_received_as_ak1_can_hold(
    functional_id: str, number: str, named: str
) -> None:
    result = group([])
    header = group_header(functional_id=functional_id, number=number)
    assert lines(type(result)(header, result.sets, 1, ()))[0] == named


@pytest.mark.parametrize(
    ("set_id", "number", "named"),
    [
        ("940", "AB-12", "AK2*940*AB-12"),
        ("\nST", "940", "AK2*ST?*0940"),
        ("9", "1", "AK2*9??*0001"),
        ("9400", "0123456789", "AK2*940*012345678"),
        ("é*>", "1>~4 ", "AK2*???*1??4"),
        ("940", "", "AK2*940*0000"),
    ],
)
def test_a_set_is_named_as_near_to_what_was_received_as_ak2_can_hold(
    set_id: str, number: str, named: str
) -> None:
    one = SetResult(set_id, ControlNumber(number), (COUNT,))
    result = group([])
    assert lines(type(result)(result.header, (one,), 1, ()))[1] == named
