"""A set that is written as it came: what the map would write otherwise is kept and put back."""

from __future__ import annotations

import copy

import pytest

from tests.unit.mapping.little_sets import DELIMITERS, compiled, lines, model, plain, tree

BODY = """
fields:
  no: W0502
  day: {first: ["G62[01=10].02", W0503]}
  bol: "N9[01=BM].02"
  refs: {each: "N9[01=ZZ]", fields: {value: "02"}}
  to: {in: "N1[01=ST]", fields: {name: N102}}
  lines: {in: LX/W01, fields: {qty: {at: W0101, as: decimal}, lot: "N9[01=LT].02"}}
unmapped: write_back
"""
MADE = compiled(BODY, model("no day bol refs[]{value} to{name} lines[]{qty lot}"))
CAME = (
    "W05*N*1~N1*BY*Bob~N1*ST*Ann~N9*XX*0~N9*ZZ*8~N9*YY*9~N9*BM*7~G62*10*20260101"
    "~LX*7~W01*05.0*EA~N9*QQ*1~N9*LT*L1~N9*RR*2~LX*8~W01*6"
)


def written(document) -> str:
    return "~".join(lines(MADE.write(document, DELIMITERS).tree))


def test_leftovers_stand_among_what_is_mapped_where_they_came() -> None:
    document = MADE.read(tree(CAME), DELIMITERS).document
    assert written(document) == CAME
    assert document["as_received"]["differences"] == [
        {"loop": "", "segment": "N9", "order": [3, 2, 4, 1]},
        {"loop": "", "segment": "N1", "order": [2, 1]},
        {
            "loop": "LX[1]/W01[1]",
            "segment": "W01",
            "place": 1,
            "elements": {"01": "05.0"},
            "instead": {"01": "5"},
        },
        {"loop": "LX[1]/W01[1]", "segment": "N9", "order": [2, 1, 3]},
    ]


def test_a_document_that_was_changed_keeps_the_order_and_nothing_stale() -> None:
    document = copy.deepcopy(MADE.read(tree(CAME), DELIMITERS).document)
    document["lines"][0] = {"qty": "4", "lot": "L9"}
    document["bol"] = "77"
    expected = CAME.replace("N9*BM*7", "N9*BM*77").replace("05.0", "4").replace("L1", "L9")
    assert written(document) == expected


def test_an_entry_more_is_written_behind_the_others() -> None:
    document = copy.deepcopy(MADE.read(tree(CAME), DELIMITERS).document)
    document["refs"].append({"value": "88"})
    assert "~N9*BM*7~N9*ZZ*8~N9*ZZ*88~N9*XX*0~N9*YY*9~" in written(document)


def test_a_value_that_came_twice_is_written_twice_only_while_it_is_the_same() -> None:
    text = "W05**1*20260101~G62*10*20260101"
    document = dict(MADE.read(tree(text), DELIMITERS).document)
    assert document["as_received"]["differences"] == [
        {
            "loop": "",
            "segment": "W05",
            "place": 1,
            "elements": {"03": "20260101"},
            "instead": {"03": ""},
        }
    ]
    assert written(document) == text
    assert written(document | {"day": "20260102"}) == "W05**1~G62*10*20260102"


def test_what_stands_in_another_place_than_the_map_writes_is_written_there() -> None:
    text = "W05**1*20260101~N9*BM*7"
    document = dict(MADE.read(tree(text), DELIMITERS).document)
    assert document["as_received"]["differences"] == [
        {
            "loop": "",
            "segment": "W05",
            "place": 1,
            "elements": {"03": "20260101"},
            "instead": {"03": ""},
        },
        {"loop": "", "segment": "G62", "place": 1, "instead": {"01": "10", "02": "20260101"}},
    ]
    assert written(document) == text
    assert written(document | {"bol": "8"}) == "W05**1~N9*BM*8~G62*10*20260101"


def test_nothing_is_kept_of_a_set_that_the_map_writes_as_it_came() -> None:
    document = plain(MADE.read(tree("W05**1~N1*ST*Ann~LX~W01*5"), DELIMITERS).document)
    assert document == {"no": "1", "to": {"name": "Ann"}, "lines": [{"qty": "5"}]}


def test_a_map_that_only_keeps_leftovers_says_nothing_of_how_they_came() -> None:
    made = compiled(BODY.replace("write_back", "keep"), model("no day bol refs[]{value} to{name} "
                    "lines[]{qty lot}"))  # fmt: skip
    assert "as_received" not in made.read(tree(CAME), DELIMITERS).document


@pytest.mark.parametrize(
    "kept",
    [
        "text",
        {"written": "x"},
        {"written": "x", "differences": "text"},
        {"differences": ["text", {}, {"loop": 1, "segment": "N9", "order": [1]}]},
        {"differences": [{"loop": "LX[9]", "segment": "W01", "order": [1]}]},
        {"differences": [{"loop": "LX", "segment": "W01", "order": [1]}]},
        {"differences": [{"loop": "", "segment": "N9", "order": [1, 1]}]},
        {"differences": [{"loop": "", "segment": "N9", "order": [2, "1"]}]},
        {"differences": [{"loop": "", "segment": "QQQ", "order": [1]}]},
        {"differences": [{"loop": "", "segment": "W05", "place": 0, "elements": {"02": "2"}}]},
        {"differences": [{"loop": "", "segment": "W05", "place": 2, "elements": {"02": "2"},
                          "instead": {"02": "1"}}]},
        {"differences": [{"loop": "", "segment": "W05", "place": 1, "elements": {"2": "2"},
                          "instead": {"2": "1"}}]},
        {"differences": [{"loop": "", "segment": "W05", "place": 1, "elements": {"02": "2"},
                          "instead": {"02": "9"}}]},
        {"differences": [{"loop": "", "segment": "NTE", "place": 1, "elements": {"02": "2"}}]},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_left_alone(kept: object) -> None:
    document = {"no": "1", "bol": "7", "as_received": kept}
    assert written(document) == "W05**1~N9*BM*7"
    assert MADE.write(document, DELIMITERS).findings == []
