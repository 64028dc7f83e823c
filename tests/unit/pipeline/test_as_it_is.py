"""What a set becomes that no map translates: itself, by the names that the standard has for it."""

from __future__ import annotations

import random

import pytest

from gateway import canonical
from gateway.pipeline.as_it_is import AsItIs
from gateway.x12.model import Delimiters
from tests.x12_sets import SET_IDS, a_set, random_set, schema_of, validator_of

CHANGE = (
    "BCH*04*SA*PO-88120*R1**20260303~REF*DP*0042~"
    "N1*ST*Pier Nine Caf\u00c3\u00a9*92*0417~N3*9 Pier Road~N1*BT*Lantern~"
    "POC*1*QI**12*CA*1.5**VN*LMP-100~MEA**LN*3*IN>2>1~POC*2*DI~CTT*2~"
)


def test_segments_stand_in_order_with_their_loops_and_elements() -> None:
    parsed = validator_of("860").parse(a_set("860", CHANGE))
    [document] = AsItIs(schema_of("860")).read(parsed.tree, Delimiters()).documents
    assert document == {
        "document": "x12_set",
        "version": "1.0",
        "transaction_set": "860",
        "name": "Purchase Order Change Request - Buyer Initiated",
        "keys": {"purchase_order_number": "PO-88120", "release_number": "R1"},
        "segments": [
            {
                "loop": "",
                "segment": "BCH",
                "elements": {
                    "01": "04",
                    "02": "SA",
                    "03": "PO-88120",
                    "04": "R1",
                    "06": "20260303",
                },
            },
            {"loop": "", "segment": "REF", "elements": {"01": "DP", "02": "0042"}},
            {
                "loop": "N1[#1]",
                "segment": "N1",
                "elements": {"01": "ST", "02": "Pier Nine Café", "03": "92", "04": "0417"},
            },
            {"loop": "N1[#1]", "segment": "N3", "elements": {"01": "9 Pier Road"}},
            {"loop": "N1[#2]", "segment": "N1", "elements": {"01": "BT", "02": "Lantern"}},
            {
                "loop": "POC[#1]",
                "segment": "POC",
                "elements": {
                    "01": "1",
                    "02": "QI",
                    "04": "12",
                    "05-1": "CA",
                    "06": "1.5",
                    "08": "VN",
                    "09": "LMP-100",
                },
            },
            {
                "loop": "POC[#1]",
                "segment": "MEA",
                "elements": {"02": "LN", "03": "3", "04-1": "IN", "04-2": "2", "04-3": "1"},
            },
            {"loop": "POC[#2]", "segment": "POC", "elements": {"01": "2", "02": "DI"}},
            {"loop": "CTT[#1]", "segment": "CTT", "elements": {"01": "2"}},
        ],
    }
    assert canonical.check(document) == []
    assert canonical.business_keys(document) == [
        ("purchase_order_number", "PO-88120"),
        ("release_number", "R1"),
    ]


@pytest.mark.parametrize("set_id", [one for one in SET_IDS if one != "997"])
@pytest.mark.parametrize("seed", range(5))
def test_nothing_of_a_sound_set_is_lost(set_id: str, seed: int) -> None:
    one = random_set(random.Random(seed), set_id)
    tree = validator_of(set_id).parse(one).tree
    [document] = AsItIs(schema_of(set_id)).read(tree, one.delimiters).documents
    assert canonical.check(document) == []
    entries = document["segments"]
    assert isinstance(entries, list)
    found = [[entry["segment"], *_values(entry)] for entry in entries]
    assert found == [
        [segment[0], *(part for text in segment[1:] for part in text.split(">") if part)]
        for segment in one.segments[1:-1]
    ]


def _values(entry: dict[str, dict[str, str]]) -> list[str]:
    return list(entry["elements"].values())


def test_a_set_without_its_key_is_read_all_the_same() -> None:
    parsed = validator_of("860").parse(a_set("860", "BCH*04*SA~"))
    [document] = AsItIs(schema_of("860")).read(parsed.tree, Delimiters()).documents
    assert "keys" not in document
    assert canonical.check(document) == []


def test_each_set_of_business_has_a_key_that_people_search_by() -> None:
    without = [one for one in SET_IDS if not schema_of(one).keys]
    assert without == ["997"]
