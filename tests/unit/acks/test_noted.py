"""What acknowledgments note becomes findings at their place in what was sent."""

from __future__ import annotations

import pytest

from gateway.acks.model import (
    ElementNote,
    GroupAcknowledgment,
    InterchangeAcknowledgment,
    SegmentNote,
    SetAcknowledgment,
    Status,
)
from gateway.acks.noted import (
    MOST_NOTES,
    noted_in_interchange,
    noted_in_set,
    sent_group,
    sent_set,
)
from gateway.acks.segments import read_group
from gateway.findings import Finding, FindingCode
from gateway.x12.model import ControlNumber
from gateway.x12.reader import read_interchanges
from tests.unit.cli.edi import SOUND_940
from tests.x12_sets import a_set

SENT = list(read_interchanges(SOUND_940))
[GROUP] = SENT[0].groups
[ONE] = GROUP.transaction_sets


def said(*segments: SegmentNote, codes: tuple[str, ...] = ()) -> SetAcknowledgment:
    return SetAcknowledgment("940", ControlNumber("1"), Status.REJECTED, codes, segments)


def about(functional_id: str, number: str) -> GroupAcknowledgment:
    return GroupAcknowledgment(functional_id, ControlNumber(number), Status.REJECTED, 1, 1, 0)


def test_the_group_and_set_are_found_whatever_zeros_are_written() -> None:
    assert sent_group(SENT, about("OW", "0001")) is GROUP
    assert sent_group(SENT, about("OW", "2")) is None
    assert sent_group(SENT, about("SW", "1")) is None
    assert sent_set(GROUP, said()) is ONE
    assert sent_set(None, said()) is None
    other = SetAcknowledgment("940", ControlNumber("0002"), Status.REJECTED)
    assert sent_set(GROUP, other) is None


def only(acknowledgment: SetAcknowledgment, *, sent: bool = True) -> Finding:
    [finding] = noted_in_set(acknowledgment, ONE if sent else None)
    return finding


def test_an_element_has_its_byte_and_the_whole_value() -> None:
    note = ElementNote(2, "7", data_element="285", value="DO")
    found = only(said(SegmentNote("W05", 2, "8", "", (note,))))
    assert found.code is FindingCode.CODE_NOT_IN_LIST
    assert (found.value, found.data_element) == ("DO-1", "285")
    assert found.location.offset == SOUND_940.index(b"W05")
    assert found.location.reference == "W0502"
    assert found.detail == "the partner says: code not in list"


def test_without_what_was_sent_only_what_is_noted_is_known() -> None:
    note = ElementNote(2, "7", value="DO")
    found = only(said(SegmentNote("W05", 2, "8", "0100", (note,))), sent=False)
    assert (found.value, found.location.offset, found.location.loop) == ("DO", None, "0100")


@pytest.mark.parametrize(("tag", "position"), [("N1", 2), ("W05", 0), ("W05", 99)])
def test_a_place_that_is_not_what_was_sent_has_no_byte(tag: str, position: int) -> None:
    note = ElementNote(40, "7")
    found = only(said(SegmentNote(tag, position, "8", "", (note,))))
    assert (found.value, found.location.offset) == (None, None)


def test_what_is_missing_stands_at_the_segment_before_which_it_was_noticed() -> None:
    found = only(said(SegmentNote("G62", 4, "3")))
    assert found.code is FindingCode.MANDATORY_SEGMENT_MISSING
    assert found.location.offset == SOUND_940.index(b"LX*1")


def test_a_set_without_notes_has_the_words_of_its_codes() -> None:
    found = only(said(codes=("4",)))
    assert (found.code, found.detail) == (
        FindingCode.SEGMENT_COUNT_WRONG,
        "the partner says: segment count wrong",
    )
    assert only(said(codes=("10",))).code is FindingCode.DOCUMENT_INVALID


def test_no_more_notes_are_told_than_anybody_reads() -> None:
    notes = [SegmentNote("W05", 2, "8") for _ in range(MOST_NOTES + 5)]
    assert len(list(noted_in_set(said(*notes), ONE))) == MOST_NOTES


@pytest.mark.parametrize(
    ("code", "reference", "value"),
    [("006", "ISA06", "NORTHSTAR"), ("025", "ISA13", "000000001"), ("022", "ISA", None)],
)
def test_a_ta1_names_an_element_of_isa(code: str, reference: str, value: str | None) -> None:
    number = ControlNumber("000000001")
    told = InterchangeAcknowledgment(number, "260301", "1200", Status.REJECTED, code)
    found = noted_in_interchange(told, SENT[0].header)
    assert found is not None
    assert (found.location.reference, found.value) == (reference, value)
    bare = noted_in_interchange(told, None)
    assert bare is not None
    assert (bare.value, bare.location.offset) == (None, None)


def test_a_ta1_without_fault_names_nothing() -> None:
    number = ControlNumber("000000001")
    told = InterchangeAcknowledgment(number, "260301", "1200", Status.ACCEPTED, "000")
    assert noted_in_interchange(told, SENT[0].header) is None


def test_a_997_is_read_and_noted() -> None:
    told = read_group(
        a_set("997", "AK1*OW*1~AK2*940*0001~AK3*W05*2**8~AK4*1>1*473*5*NX~AK5*R*5~AK9*R*1*1*0~")
    )
    assert told is not None
    [finding] = noted_in_set(told.sets[0], sent_set(sent_group(SENT, told), told.sets[0]))
    assert finding.location.reference == "W0501-1"
