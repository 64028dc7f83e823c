"""Every finding has its place in an acknowledgment, and every code is one of the standard's."""

from __future__ import annotations

import pytest

from gateway.acks.codes import CODES, CodeList, Projection, projection
from gateway.acks.forms import Form
from gateway.acks.sets import ELEMENTS_IN_ERROR, GUIDE_NOT_KEPT, SEGMENTS_IN_ERROR
from gateway.acks.words import finding_of, meaning
from gateway.findings import FindingCode, Level
from tests.x12_sets import schema_of

FORMS = (Form("997", "004010"), Form("997", "005010"), Form("999", "005010"))
PLACES = {
    CodeList.GROUP: "AK905",
    CodeList.TRANSACTION_SET: "AK502",
    CodeList.SEGMENT: "AK304",
    CodeList.ELEMENT: "AK403",
}

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


def taken(form: Form, code_list: CodeList) -> set[str]:
    """Return the codes that the schema of an acknowledgment takes where a list of ours goes."""
    place = PLACES[code_list]
    segment, position = place[:3], int(place[3:])
    if form.is_999 and segment != "AK9":
        segment = segment.replace("AK", "IK")
    loops = [schema_of(form.set_id, form.version[:6]).root]
    for loop in loops:
        loops += loop.loops.values()
    uses = [use for loop in loops for use in loop.segments.values() if use.tag == segment]
    codes = uses[0].elements[position - 1].codes
    assert codes, f"{segment}{position:02d} of {form} takes any code"
    return set(codes)


def said(projected: Projection, form: Form) -> set[str]:
    return {projected.code_in(form, by_guide=by_guide) for by_guide in (False, True)}


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_every_finding_becomes_a_code_that_the_acknowledgment_takes(form: Form) -> None:
    lists = {code_list: taken(form, code_list) for code_list in PLACES}
    missing = {
        (code.value, one)
        for code, projected in CODES.items()
        if projected is not None and projected.code_list in lists
        for one in said(projected, form) - lists[projected.code_list]
    }
    assert not missing
    assert SEGMENTS_IN_ERROR in lists[CodeList.TRANSACTION_SET]
    assert ELEMENTS_IN_ERROR in lists[CodeList.SEGMENT]
    assert (GUIDE_NOT_KEPT in lists[CodeList.TRANSACTION_SET]) is form.is_999


def test_every_finding_of_an_interchange_becomes_a_code_of_the_ta1() -> None:
    codes = {one.code for one in CODES.values() if one and one.code_list is CodeList.NOTE}
    assert codes <= STANDARD[CodeList.NOTE]


def test_a_997_has_no_code_of_a_999() -> None:
    of_997 = [
        one
        for projected in CODES.values()
        if projected is not None
        for form in FORMS[:2]
        for one in said(projected, form)
    ]
    assert not [one for one in of_997 if one.startswith("I")]


def test_what_breaks_a_guide_alone_has_codes_of_its_own_in_a_999_only() -> None:
    told = {
        code.value: sorted(said(projected, FORMS[2]))
        for code, projected in CODES.items()
        if projected is not None and any(one.startswith("I") for one in said(projected, FORMS[2]))
    }
    assert told == {
        "segment_not_used": ["I4"],
        "loop_under_minimum": ["I7"],
        "segment_under_minimum": ["I8"],
        "mandatory_segment_missing": ["3", "I8"],
        "code_not_in_list": ["7", "I6"],
        "mandatory_element_missing": ["1", "I9"],
        "element_not_used": ["I10"],
        "pattern_differs": ["I12"],
        "control_total_wrong": ["I12"],
        "check_digit_wrong": ["I12"],
        "level_out_of_place": ["I12"],
    }


def test_every_code_of_a_999_is_understood() -> None:
    unknown = {
        (code_list.value, code)
        for code_list in PLACES
        for code in taken(FORMS[2], code_list)
        if meaning(code_list, code).startswith("code '")
    }
    assert not unknown
    nameless = {
        (code_list.value, code)
        for code_list in (CodeList.SEGMENT, CodeList.ELEMENT)
        for code in taken(FORMS[2], code_list)
        if finding_of(code_list, code) is None
    }
    assert nameless == {("723", "I11")}


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
