"""What differs between two translations, and how it is grouped."""

from __future__ import annotations

from typing import Any

from gateway.findings import Finding, FindingCode, Location
from gateway.mapping.impact import Difference, Kind, Made, compare
from gateway.mapping.impact_groups import EXAMPLES, MOST_VALUES, Impact, Turn
from gateway.mapping.impact_written import Written, compare_written


def told(before: Any, after: Any) -> list[tuple[str, str, str, str]]:
    """Return what differs between two documents, or two translations."""
    made = [one if isinstance(one, Made) else Made((one,)) for one in (before, after)]
    return [(one.field, one.kind.value, one.before, one.after) for one in compare(*made)]


def fault(code: FindingCode, field: str | None, value: str = "X", detail: str = "") -> Finding:
    return Finding(code, Location(segment_id="W01", element=2), value, detail, field=field)


def test_equal_documents_do_not_differ() -> None:
    assert told({"a": [{"b": "1"}]}, {"a": [{"b": "1"}]}) == []


def test_a_field_of_many_entries_is_one_field() -> None:
    before = {"lines": [{"unit": "case"}, {"unit": "each"}, {"unit": "case"}]}
    after = {"lines": [{"unit": "box"}, {"unit": "each"}, {"unit": "box"}]}
    assert told(before, after) == [("lines[].unit", "changed", "'case'", "'box'")] * 2


def test_a_number_is_not_the_text_of_it_and_true_is_not_one() -> None:
    assert told({"a": 1, "b": True}, {"a": "1", "b": 1}) == [
        ("a", "changed", "1", "'1'"),
        ("b", "changed", "true", "1"),
    ]


def test_what_only_one_has_appeared_or_disappeared() -> None:
    assert told({"a": "1", "to": {"x": "2"}}, {"b": "3", "to": {}}) == [
        ("a", "disappeared", "'1'", ""),
        ("to.x", "disappeared", "'2'", ""),
        ("b", "appeared", "", "'3'"),
    ]


def test_an_entry_more_is_found_and_those_behind_it_are_the_same() -> None:
    before = {"refs": [{"v": "1"}, {"v": "3"}, {"v": "4"}]}
    after = {"refs": [{"v": "1"}, {"v": "2"}, {"v": "3"}, {"v": "9"}]}
    assert told(before, after) == [
        ("refs[]", "appeared", "", '{"v": "2"}'),
        ("refs[].v", "changed", "'4'", "'9'"),
    ]
    assert told(after, before) == [
        ("refs[]", "disappeared", '{"v": "2"}', ""),
        ("refs[].v", "changed", "'9'", "'4'"),
    ]


def test_unmapped_elements_are_compared_by_position_and_value() -> None:
    def left(*values: str) -> dict[str, Any]:
        entries = [
            {"loop": f"LX[#{index}]/W01[#1]", "segment": "N9", "elements": {"01": "ZZ", "02": one}}
            for index, one in enumerate(values, 1)
        ]
        return {"unmapped": [*entries, {"loop": "", "segment": "NTE", "elements": {"02": "hi"}}]}

    assert told(left("7", "8"), left("8")) == [
        ("unmapped LX/W01/N901", "disappeared", "'ZZ'", ""),
        ("unmapped LX/W01/N902", "disappeared", "'7'", ""),
    ]
    assert told({}, left()) == [("unmapped NTE02", "appeared", "", "'hi'")]


def test_a_finding_that_keeps_a_value_out_is_told_once_with_the_value_that_there_was() -> None:
    gone = Made(
        ({"lines": [{"sku": "A"}]},),
        (fault(FindingCode.CODE_NOT_IN_TABLE, "/lines/0/unit", "ZZ", "not in table unit"),),
    )
    whole = Made(({"lines": [{"sku": "A", "unit": "box"}]},))
    said = "code_not_in_table 'ZZ': not in table unit"
    assert told(whole, gone) == [("lines[].unit", "error now", "'box'", said)]
    assert told(gone, whole) == [("lines[].unit", "error before", said, "'box'")]


def test_a_finding_without_a_field_is_at_its_position() -> None:
    found = Made(({},), (fault(FindingCode.CONSTANT_DIFFERS, None, "X"),))
    assert told({}, found) == [("W0102", "error now", "", "constant_differs 'X'")]


def test_a_kept_word_is_a_note_and_none_where_the_word_itself_changed() -> None:
    kept = (fault(FindingCode.WORD_KEPT, "/unit", "CS", "kept as it came, 2 times"),)
    again = (fault(FindingCode.WORD_KEPT, "/unit", "CS", "kept as it came, 3 times"),)
    assert told({"unit": "CS"}, Made(({"unit": "CS"},), kept)) == [
        ("unit", "noted now", "'CS'", "word_kept 'CS'")
    ]
    assert told(Made(({"unit": "CS"},), kept), {"unit": "CS"}) == [
        ("unit", "noted before", "word_kept 'CS'", "'CS'")
    ]
    assert told({"unit": "box"}, Made(({"unit": "CS"},), kept)) == [
        ("unit", "changed", "'box'", "'CS'")
    ]
    assert told(Made(({"unit": "CS"},), kept), Made(({"unit": "CS"},), again)) == []


def test_a_document_that_is_refused_is_told_by_what_refuses_it() -> None:
    fine = Made(({"to": {"ids": ["1"]}},))
    bad = fault(FindingCode.VALUE_NOT_CONVERTIBLE, "/to/ids/0", "1", "not 18 digits")
    note = fault(FindingCode.WORD_KEPT, "/unit", "CS")
    assert told(fine, Made((), (bad, note), "/to/ids/0: not 18 digits")) == [
        ("to.ids[]", "error now", "'1'", "value_not_convertible '1': not 18 digits")
    ]
    assert told(fine, Made((), (), "there is no map")) == [
        ("", "error now", "translates", "there is no map")
    ]
    assert told(Made((), (), "this"), Made((), (), "that")) == [("", "changed", "this", "that")]
    assert told(Made((), (), "this"), Made((), (), "this")) == []
    assert told(Made((), (), "this"), fine) == [("", "error before", "this", "translates")]


def test_a_set_that_is_split_otherwise_says_into_how_many() -> None:
    assert told(Made(({"a": "1"},)), Made(({"a": "1"}, {"a": "2"}))) == [
        ("split", "changed", "1 documents", "2 documents")
    ]


def test_long_and_unprintable_values_take_one_short_line() -> None:
    [(_, _, before, after)] = told({"a": "x" * 100}, {"a": "1\n\x1b[31m2"})
    assert before == "'" + "x" * 58 + "…"
    assert after == "'1··[31m2'"


def written(*segments: str) -> Written:
    return Written([one.split("*") for one in segments])


def sets_differ(before: Written, after: Written) -> list[tuple[str, str, str, str]]:
    return [(o.field, o.kind.value, o.before, o.after) for o in compare_written(before, after)]


def test_sets_differ_by_element_and_by_segment() -> None:
    before = written("W05*N*1", "N9*BM*7", "N9*CN*8", "LX*1", "W01*5*EA")
    after = written("W05*N*1*P", "N9*CN*8", "LX*1", "W01*5*CA", "G69*x")
    assert sets_differ(before, before) == []
    assert sets_differ(before, after) == [
        ("W0503", "appeared", "", "'P'"),
        ("N9", "disappeared", "'N9*BM*7'", ""),
        ("W0102", "changed", "'EA'", "'CA'"),
        ("G69", "appeared", "", "'G69*x'"),
    ]
    assert sets_differ(after, before)[0] == ("W0503", "disappeared", "'P'", "")


def test_findings_of_writing_count_too() -> None:
    faulty = Written([["W05", "N"]], (fault(FindingCode.FIELD_NOT_MAPPED, "/note", "x"),))
    assert sets_differ(written("W05*N"), faulty) == [
        ("note", "error now", "", "field_not_mapped 'x'")
    ]


def change(value: str, field: str = "unit", kind: Kind = Kind.CHANGED) -> Difference:
    return Difference(field, kind, "a", value)


def test_groups_count_differences_documents_and_values() -> None:
    impact = Impact()
    impact.add("one", [change("b"), change("b"), change("c")])
    impact.add("two", [change("b")])
    impact.add("three", [])
    impact.add("four", [], turn=Turn.REFUSED)
    assert (impact.documents, impact.changed, impact.refused_now) == (4, 3, 1)
    [group] = impact.ordered()
    assert (group.count, group.documents) == (4, 2)
    assert [(one.after, one.count, one.examples) for one in group.most] == [
        ("b", 3, ["one", "two"]),
        ("c", 1, ["one"]),
    ]


def test_parts_that_were_counted_apart_come_to_the_same_as_the_whole() -> None:
    documents = [
        (f"d{index}", [change(str(index % 7)), change("x", f"f{index % 3}", Kind.ERROR_NOW)])
        for index in range(60)
    ]
    whole, joined = Impact(), Impact()
    for name, differences in documents:
        whole.add(name, differences)
    for start in range(0, 60, 13):
        part = Impact()
        for name, differences in documents[start : start + 13]:
            part.add(name, differences)
        part.pass_over("no map")
        joined.join(part)
    assert joined.passed_over == {"no map": 5}
    joined.passed_over.clear()
    assert joined == whole
    assert [group.field for group in joined.ordered()] == ["f0", "f1", "f2", "unit"]


def test_a_group_does_not_grow_with_the_number_of_values() -> None:
    impact, other = Impact(), Impact()
    for index in range(MOST_VALUES + 50):
        impact.add(f"d{index}", [change(str(index))])
    other.join(impact)
    for one in (impact, other):
        [group] = one.ordered()
        assert (len(group.values), group.others, group.count) == (MOST_VALUES, 50, MOST_VALUES + 50)


def test_few_documents_are_named_for_each_value() -> None:
    impact = Impact()
    for index in range(9):
        impact.add(f"d{index}", [change("b")])
    [group] = impact.ordered()
    assert group.most[0].examples == [f"d{index}" for index in range(EXAMPLES)]
