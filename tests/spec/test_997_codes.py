"""Every finding has its place in an acknowledgment, and every code is one of the standard's."""

from __future__ import annotations

import pytest

from gateway.acks.codes import CODES, CodeList, projection
from gateway.findings import FindingCode, Level

STANDARD = {
    CodeList.NOTE: {f"{number:03d}" for number in range(32)},
    CodeList.GROUP: {*map(str, range(1, 7)), *map(str, range(10, 27))},
    CodeList.TRANSACTION_SET: {*map(str, range(1, 14)), *map(str, range(15, 28))},
    CodeList.SEGMENT: set(map(str, range(1, 9))),
    CodeList.ELEMENT: {*map(str, range(1, 11)), "12", "13"},
}
NOT_OURS = {
    # 011 and 013: no agreement of ours checks passwords; 016: 002 says it; 026: an ISA with such a
    # separator cannot be read; 028 to 031: deferred delivery.
    CodeList.NOTE: {"000", "011", "013", "016", "028", "029", "030", "031"},
    # Security segments and encryption, and codes without a text; 5 of 718 follows from any AK3.
    CodeList.GROUP: {*map(str, range(10, 19)), *map(str, range(20, 27))},
    CodeList.TRANSACTION_SET: {
        "5",
        *map(str, range(8, 14)),
        *map(str, range(15, 18)),
        *map(str, range(19, 23)),
        *map(str, range(24, 28)),
    },
    CodeList.SEGMENT: set(),
    CodeList.ELEMENT: set(),
}
LISTS = {
    Level.INTERCHANGE: {CodeList.NOTE},
    Level.GROUP: {CodeList.GROUP, CodeList.NOTE},
    Level.TRANSACTION_SET: {CodeList.TRANSACTION_SET},
    Level.SEGMENT: {CodeList.SEGMENT},
    Level.ELEMENT: {CodeList.ELEMENT},
    Level.DOCUMENT: {None},
}


@pytest.mark.parametrize("code", FindingCode)
def test_every_finding_is_projected_into_the_list_of_its_level(code: FindingCode) -> None:
    projected = CODES[code]
    assert (projected.code_list if projected else None) in LISTS[code.level]


@pytest.mark.parametrize("code", FindingCode)
def test_every_code_is_one_of_the_standard(code: FindingCode) -> None:
    projected = CODES[code]
    if projected is not None:
        assert projected.code in STANDARD[projected.code_list]
        assert projected.code_in("004010") in STANDARD[projected.code_list] - {"12", "13", "18"} | (
            {"12", "13", "18"} if projected.code_list is CodeList.NOTE else set()
        )
        assert projected.code_in("005010") == projected.code


@pytest.mark.parametrize("code_list", CodeList)
def test_every_code_that_can_be_meant_is_reached_by_a_finding(code_list: CodeList) -> None:
    reached = {
        projected.code
        for projected in CODES.values()
        if projected and projected.code_list is code_list
    }
    assert reached == STANDARD[code_list] - NOT_OURS[code_list]


def test_a_finding_has_no_place_in_the_list_of_another_level() -> None:
    assert projection(FindingCode.ELEMENT_TOO_LONG, CodeList.SEGMENT) is None
    assert projection(FindingCode.DOCUMENT_INVALID, CodeList.ELEMENT) is None
    found = projection(FindingCode.ELEMENT_TOO_LONG, CodeList.ELEMENT)
    assert found is not None
    assert found.code == "5"
