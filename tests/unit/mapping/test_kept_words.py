"""Codes and words that a table lets pass are named: where, which, and how often."""

from __future__ import annotations

import json

import pytest

from gateway.findings import Finding
from gateway.mapping.kept_words import kept_words, looked_at
from tests.samples.maps import compiled_map
from tests.x12_sets import a_set, validator_of

ORDER = (
    "W05*N*SO-1*PO-1~N1*ST*Pier Nine Market*92*0417~N1*ZZ*Somebody*92*1~N9*Q9*7~N9*Q9*8~N9*XQ*9~"
    "G62*10*20260320~W66*PP*M~LX*1~W01*12*EA**VN*ROPE-20~W76*12~"
)


def named(findings: list[Finding]) -> list[tuple[str | None, str | None, str]]:
    return [(one.field, one.value, one.detail.rpartition(" have it")[2]) for one in findings]


def document(body: str = ORDER) -> dict[str, object]:
    one = a_set("940", body)
    tree = validator_of("940").parse(one).tree
    return dict(compiled_map("base-940").read(tree, one.delimiters).document)


def test_codes_that_came_in_and_are_in_no_table_are_named_once_each() -> None:
    found = compiled_map("base-940").kept(document())
    assert named(found) == [
        ("/parties/1/role", "ZZ", ""),
        ("/references/0/type", "Q9", ", 2 times in this document"),
        ("/references/2/type", "XQ", ""),
    ]
    assert found[0].detail == "word kept as it came: the map's table does not have it"


def test_words_that_go_out_and_are_in_no_table_are_named() -> None:
    ours = document(ORDER.replace("N1*ZZ*Somebody*92*1~N9*Q9*7~N9*Q9*8~N9*XQ*9~", ""))
    assert compiled_map("base-940").kept(ours) == []
    ours["lines"][0]["unit"] = "crate"  # type: ignore[index]  # a document of our own making
    assert named(compiled_map("base-940").kept(ours)) == [("/lines/0/unit", "crate", "")]


def test_a_code_of_the_table_may_stand_for_its_word() -> None:
    ours = document(ORDER.replace("N1*ZZ*Somebody*92*1~N9*Q9*7~N9*Q9*8~N9*XQ*9~", ""))
    ours["lines"][0]["unit"] = "EA"  # type: ignore[index]  # a document of our own making
    assert compiled_map("base-940").kept(ours) == []


def test_fifty_words_of_a_document_are_named_and_no_more() -> None:
    references = [{"type": f"T{number}", "value": "1"} for number in range(80)]
    assert len(compiled_map("base-940").kept({"references": references})) == 50


@pytest.mark.parametrize("odd", ["text", 7, None, [], [None], {"type": 7}, [{"type": {}}]])
def test_what_is_no_document_of_the_model_is_passed_over(odd: object) -> None:
    assert compiled_map("base-940").kept({"references": odd}) == []


def test_a_map_without_such_tables_looks_at_nothing() -> None:
    assert looked_at(()) is None
    without = kept_words(None, {})
    assert without(json.loads('{"references": [{"type": "Q9"}]}')) == []
