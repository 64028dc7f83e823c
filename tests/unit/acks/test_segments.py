from __future__ import annotations

import pytest

from gateway.acks.model import (
    ElementNote,
    GroupAcknowledgment,
    SegmentNote,
    SetAcknowledgment,
    Status,
)
from gateway.acks.segments import read_group, write_group
from gateway.x12.model import ControlNumber, Delimiters, TransactionSet
from tests.unit.acks.results import DELIMITERS


def _received(*lines: str) -> TransactionSet:
    return TransactionSet(
        [["ST", "997", "0001"], *(line.split("*") for line in lines), ["SE", "9", "0001"]],
        [],
        DELIMITERS,
        ControlNumber("000000001"),
        ControlNumber("1"),
    )


def test_a_received_997_is_read_with_every_detail() -> None:
    read = read_group(
        _received(
            "AK1*SW*77",
            "AK2*945*0001",
            "AK5*A",
            "AK2*945*0002",
            "AK3*W12*7*0300*8",
            "AK4*2*380*6*4X",
            "AK4*5>1**1",
            "AK3*N9*9",
            "AK5*R*5*4",
            "AK9*P*2*2*1*5",
        )
    )
    assert read == GroupAcknowledgment(
        "SW",
        ControlNumber("77"),
        Status.PARTIALLY_ACCEPTED,
        2,
        2,
        1,
        ("5",),
        (
            SetAcknowledgment("945", ControlNumber("0001"), Status.ACCEPTED),
            SetAcknowledgment(
                "945",
                ControlNumber("0002"),
                Status.REJECTED,
                ("5", "4"),
                (
                    SegmentNote(
                        "W12",
                        7,
                        "8",
                        "0300",
                        (
                            ElementNote(2, "6", data_element="380", value="4X"),
                            ElementNote(5, "1", component=1),
                        ),
                    ),
                    SegmentNote("N9", 9, ""),
                ),
            ),
        ),
    )


@pytest.mark.parametrize("code", ["R", "M", "W", "X", "", "?"])
def test_all_that_is_not_accepted_is_rejected(code: str) -> None:
    read = read_group(_received("AK1*SW*77", "AK2*945*0001", f"AK5*{code}", f"AK9*{code}*1*1*0"))
    assert read is not None
    assert (read.status, read.sets[0].status) == (Status.REJECTED, Status.REJECTED)


def test_a_group_that_lists_no_sets_says_it_for_all() -> None:
    read = read_group(_received("AK1*SW*77", "AK9*A*5*5*5"))
    assert read is not None
    assert (read.status, read.accepted, read.sets) == (Status.ACCEPTED, 5, ())


@pytest.mark.parametrize("lines", [["AK1*SW*77"], ["AK9*A*1*1*1"], []])
def test_a_997_without_its_first_or_last_segment_says_nothing(lines: list[str]) -> None:
    assert read_group(_received(*lines)) is None


def test_details_out_of_place_are_passed_over() -> None:
    read = read_group(
        _received("AK4*1*1*1", "AK5*R", "AK1*SW*77", "AK3*N1*2", "AK5*A", "AK9*A*x*1*1")
    )
    assert read is not None
    assert (read.sets, read.declared) == ((), 0)


def test_a_repetition_is_read_and_written_from_005010_on() -> None:
    note = SegmentNote("N1", 3, "8", "", (ElementNote(2, "12", repetition=4),))
    acknowledged = SetAcknowledgment("850", ControlNumber("0001"), Status.REJECTED, ("5",), (note,))
    later = GroupAcknowledgment(
        "PO",
        ControlNumber("7"),
        Status.REJECTED,
        1,
        1,
        0,
        sets=(acknowledged,),
        version="005010",
        group_version="005010",
    )
    written = write_group(later, Delimiters())
    assert written[3] == ["AK4", "2>>4", "", "12", ""]
    assert read_group(_received(*("*".join(segment) for segment in written))) == later
