"""The five relations between elements, each as the standard words them."""

from __future__ import annotations

import pytest

from gateway.findings import Finding
from tests.x12_sets import a_set, briefly, findings_of

W05 = "W05*N*ORDER1~"


def of_940(segment: str) -> list[Finding]:
    return findings_of(a_set("940", f"{W05}{segment}~"))


@pytest.mark.parametrize(
    "segment",
    [
        "N1*ST*NAME",  # R0203: the first
        "N1*ST**92*0815",  # R0203: the other; P0304: both
        "N1*ST*NAME*92*0815",
        "N9*CO*1**20260105*1200*ET",  # C0605: the first and the other
        "N9*CO*1**20260105*1200",  # C0605: the other alone
        "W66*PP*M",  # nothing of a note is there
    ],
)
def test_a_segment_that_keeps_its_notes_has_no_findings(segment: str) -> None:
    assert of_940(segment) == []


def test_P_all_or_none_names_each_missing_one() -> None:
    findings = of_940("N1*ST*NAME*92")
    assert briefly(findings) == ["conditional_element_missing 3 N104"]
    assert findings[0].detail == "P0304: expected all or none of N103 and N104"
    assert findings[0].data_element == "67"
    assert findings[0].value is None


def test_P_of_three_names_both_that_are_missing() -> None:
    findings = findings_of(a_set("810", "BIG*20260105*1~IT1**5~TDS*100~"))
    assert briefly(findings) == [
        "conditional_element_missing 3 IT103",
        "conditional_element_missing 3 IT104",
    ]
    assert findings[0].detail == "P020304: expected all or none of IT102, IT103 and IT104"


def test_R_at_least_one_names_the_first() -> None:
    findings = of_940("N1*ST")
    assert briefly(findings) == ["conditional_element_missing 3 N102"]
    assert findings[0].detail == "R0203: expected at least one of N102 and N103"


def test_E_at_most_one_names_each_after_the_first() -> None:
    findings = findings_of(a_set("846", "BIA*00*SI*1*20260105~LIN**UP*1~QTY*33*5**FREE~"))
    assert briefly(findings) == ["elements_mutually_exclusive 4 QTY04"]
    assert findings[0].detail == "E0204: expected at most one of QTY02 and QTY04"
    assert findings[0].value == "FREE"


def test_C_the_first_needs_the_others() -> None:
    findings = of_940("N9*CO*1****ET")
    assert briefly(findings) == ["conditional_element_missing 3 N905"]
    assert findings[0].detail == "C0605: expected N905 with N906"


def test_L_the_first_needs_at_least_one_of_the_others() -> None:
    findings = findings_of(a_set("850", "BEG*00*NE*PO1**20260105~ITD*01*3*2~PO1**1*EA~"))
    assert briefly(findings) == ["conditional_element_missing 3 ITD04"]
    assert findings[0].detail == (
        "L03040513: expected at least one of ITD04, ITD05 and ITD13 with ITD03"
    )


def test_a_note_of_a_composite_counts_its_components() -> None:
    findings = of_940("N9*CO*1*****BM>77>PO")
    assert briefly(findings) == ["conditional_element_missing 3 N907-4"]
    assert findings[0].detail == "P0304: expected all or none of N907-3 and N907-4"


def test_a_composite_of_separators_only_is_absent() -> None:
    assert of_940("N9*CO*1*****>>>") == []


def test_an_element_that_is_present_and_wrong_still_counts_as_present() -> None:
    assert briefly(of_940("N1*ST*NAME*92*1")) == ["element_too_short 3 N104"]
