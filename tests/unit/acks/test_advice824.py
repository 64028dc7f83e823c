"""An 824 says which document it is about, what became of it, and what is minded where."""

from __future__ import annotations

import pytest

from gateway.acks.advice824 import AdviceNote, DocumentAdvice, read824
from gateway.acks.model import Status
from gateway.x12.model import ControlNumber
from tests.x12_sets import a_set


def test_each_document_has_its_own_notes() -> None:
    found = read824(
        a_set(
            "824",
            "BGN*00*A1*20260302~OTI*TR*PO*PO-1****1300*101*0001*850~"
            "TED*024*unknown article*PO1*8*7*234*LMP-9*LMP-1~NTE**ask your buyer~NTE~TED~"
            "OTI*TA*PO*PO-2~NTE*GEN*of nothing~",
        )
    )
    assert found[0] == DocumentAdvice(
        "TR",
        "PO",
        "PO-1",
        ControlNumber("101"),
        ControlNumber("0001"),
        "850",
        (
            AdviceNote(
                "024", "unknown article", "PO1", 8, 7, "LMP-9", "LMP-1", ("ask your buyer",)
            ),
            AdviceNote("", "", "", None, None, "", ""),
        ),
    )
    assert found[0].about.set_id == "850"
    assert (found[1].reference, found[1].notes) == ("PO-2", ())


def test_notes_before_any_document_are_about_none() -> None:
    assert read824(a_set("824", "BGN*00*A1*20260302~TED*024*lost~NTE**lost~")) == []


@pytest.mark.parametrize(
    ("result", "status"),
    [
        ("TA", Status.ACCEPTED),
        ("IC", Status.ACCEPTED_WITH_ERRORS),
        ("GE", Status.ACCEPTED_WITH_ERRORS),
        ("BP", Status.PARTIALLY_ACCEPTED),
        ("IR", Status.REJECTED),
        ("", Status.REJECTED),
    ],
)
def test_the_second_letter_says_what_became_of_it(result: str, status: Status) -> None:
    [advice] = read824(a_set("824", f"BGN*00*A1*20260302~OTI*{result}*PO*PO-1~"))
    assert advice.status is status
