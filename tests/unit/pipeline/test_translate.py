"""One fault of a value is one finding: what follows from it is not said again."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gateway.findings import Finding, FindingCode, Location
from gateway.pipeline.stages.translate import Translated, Untranslated, translate
from gateway.x12.model import Delimiters, Loop
from tests.integration.world import partner

ORDER = {
    "document": "shipment_order",
    "version": "1.0",
    "status": "new",
    "depositor_order_number": "SO-1",
    "parties": [],
    "lines": [],
}
BAD_CODE = Finding(
    FindingCode.CODE_NOT_IN_TABLE,
    Location(segment_id="W05", element=1),
    "Q9",
    "unknown code",
    field="/status",
)
MISSING = Finding(
    FindingCode.REQUIRED_FIELD_MISSING, detail="the map requires a value", field="/status"
)
ELSEWHERE = Finding(
    FindingCode.REQUIRED_FIELD_MISSING, detail="the map requires a value", field="/department"
)


@dataclass(frozen=True)
class Saying:
    """A map that finds what it was told to, in an order without a status."""

    findings: tuple[Finding, ...]
    name: str = "saying"
    version: str = "1"
    fits: bool = False
    words: tuple[Finding, ...] = ()
    status: str = ""

    def kept(self, document: object) -> tuple[Finding, ...]:
        del document
        return self.words

    def read(self, tree: Loop, delimiters: Delimiters) -> Saying:
        del tree, delimiters
        return self

    @property
    def documents(self) -> list[dict[str, object]]:
        document = {name: value for name, value in ORDER.items() if name != "status"}
        return [{**document, "status": self.status} if self.status else document]


def translated(*findings: Finding, **agreed: object) -> Translated | Untranslated:
    entry = {"set": "940", "direction": "in", "map": "m", "usage": ["P"], **agreed}
    [agreement] = partner(agreements=[entry]).agreements
    return translate(Loop(), Delimiters(), agreement=agreement, document_map=Saying(findings))


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ((BAD_CODE, MISSING), ["code_not_in_table"]),
        ((MISSING,), ["required_field_missing"]),
        ((BAD_CODE, MISSING, ELSEWHERE), ["code_not_in_table", "required_field_missing"]),
        ((), ["document_invalid"]),
    ],
)
def test_a_field_that_is_missing_for_a_reason_that_is_told_is_not_told_again(
    found: tuple[Finding, ...], told: list[str]
) -> None:
    made = translated(*found)
    assert isinstance(made, Untranslated)
    assert [one.code for one in made.findings] == told
    assert made.keys == (("depositor_order_number", "SO-1"),)


def test_a_tolerated_fault_hides_nothing_that_it_leads_to() -> None:
    tolerated = [{"finding": "code_not_in_table", "severity": "note"}]
    made = translated(BAD_CODE, MISSING, findings=tolerated)
    assert isinstance(made, Untranslated), "a document without its status goes nowhere"
    assert [one.code for one in made.findings] == ["code_not_in_table", "required_field_missing"]


@pytest.mark.parametrize(
    ("rules", "delivered"),
    [((), True), (({"finding": "word_kept", "severity": "reject"},), False)],
    ids=["noted", "refused"],
)
def test_a_word_that_a_table_let_pass_is_noted_unless_it_shall_wait(
    rules: tuple[dict[str, str], ...], *, delivered: bool
) -> None:
    kept = Finding(FindingCode.WORD_KEPT, value="XQ", detail="word kept", field="/status")
    entry = {"set": "940", "direction": "in", "map": "m", "findings": rules}
    [agreement] = partner(agreements=[entry]).agreements
    saying = Saying((), words=(kept,), status="new")
    made = translate(Loop(), Delimiters(), agreement=agreement, document_map=saying)
    assert isinstance(made, Translated) is delivered
    assert made.findings == (kept,)
