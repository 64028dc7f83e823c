"""What happens where a value does not fit its place, in either direction."""

import pytest

from gateway.errors import ConfigProblems
from gateway.mapping.document_shape import DocumentShape
from gateway.mapping.library import MapLibrary
from gateway.mapping.positions import PositionError, parse
from gateway.yaml_source import load
from tests.unit.mapping.little_sets import (
    DELIMITERS,
    ORDER,
    compiled,
    model,
    problems,
    read,
    told,
    tree,
    write,
)

PAIRS = "fields: {lines: {in: LX/W01, fields: {%s}}}"


def test_a_preferred_pair_is_converted() -> None:
    body = PAIRS % "gtin: {pairs: W0104/05..06/07, qualifier: UP|UK, as: gtin14(12)}"
    made = compiled(body, model("lines[]{gtin}"))
    assert read(made, "LX~W01****UK*00614141000415*UP*614141000415")[0]["lines"] == [
        {"gtin": "00614141000415"}
    ]
    assert write(made, {"lines": [{"gtin": "00614141000415"}]}) == (
        "LX~W01****UP*614141000415",
        [],
    )
    document, findings = read(made, "LX~W01****UP*abc")
    assert findings == ["value_not_convertible /lines/0/gtin"]
    assert document["unmapped"][-1]["elements"] == {"04": "UP", "05": "abc"}
    assert write(made, {"lines": [{"gtin": "abc"}]})[1] == ["value_not_convertible /lines/0/gtin"]


def test_pairs_that_do_not_fit_are_findings() -> None:
    body = (
        PAIRS
        % (
            "ids: {pairs: W0104/05..06/07, fields: {scheme: {at: qualifier, table: t}, value: "
            "{at: value, as: integer}}}, sku: {pairs: W0104/05..06/07, qualifier: VN}"
        )
        + "\ntables: {t: {UP: upc, VN: vendor}}"
    )
    made = compiled(body, model("lines[]{ids[]{scheme value:int} sku}"))
    assert read(made, "LX~W01****XX*1*UP*a")[1] == [
        "code_not_in_table /lines/0/ids/0/scheme",
        "value_not_convertible /lines/0/ids/1/value",
    ]
    three = [{"scheme": "upc", "value": number} for number in (1, 2, 3)]
    assert write(made, {"lines": [{"ids": three, "sku": "9"}]}) == (
        "LX~W01****UP*1*UP*2",
        ["value_not_convertible /lines/0/ids/2", "value_not_convertible /lines/0/sku"],
    )
    assert write(made, {"lines": [{"ids": [{"scheme": "odd", "value": 1}]}]})[1] == [
        "code_not_in_table /lines/0/ids/0/scheme"
    ]


def test_pairs_that_share_elements_convert_them() -> None:
    body = PAIRS % (
        "stores: {each: SDQ, pairs: 03/04, fields: {n: {at: SDQ02, as: integer}, "
        "store: qualifier, qty: {at: value, as: decimal}}}"
    )
    made = compiled(body, model("lines[]{stores[]{n:int store qty}}"))
    assert read(made, "LX~W01~SDQ**x*7*y")[1] == [
        "value_not_convertible /lines/0/stores/0/n",
        "value_not_convertible /lines/0/stores/0/qty",
    ]
    entries = [{"store": "1", "qty": "1"}, {"store": "2", "qty": "2"}]
    assert write(made, {"lines": [{"stores": entries}]}) == ("LX~W01~SDQ***1*1~SDQ***2*2", [])


def test_a_list_of_values_converts_each() -> None:
    made = compiled("fields: {days: {each: NTE, at: ['01', '02'], as: date}}", model("days[]"))
    assert read(made, "NTE*20260131*x")[0]["days"] == ["2026-01-31"]
    assert read(made, "NTE*20260131*x")[1] == ["value_not_convertible /days/1"]
    assert write(made, {"days": ["2026-01-31", "x"]}) == (
        "NTE*20260131",
        ["value_not_convertible /days/1"],
    )


def test_two_fields_that_want_one_element_do_not_overwrite_each_other() -> None:
    made = compiled("fields: {a: W0502, b: W0502, c: SV101-1, d: SV101-1}", model("a b c d"))
    assert read(made, "W05**1~SV1*2") == ({"a": "1", "b": "1", "c": "2", "d": "2"}, [])
    assert write(made, {"a": "1", "b": "1"}) == ("W05**1", [])
    assert write(made, {"a": "1", "b": "2", "c": "3", "d": "4"}) == (
        "W05**1~SV1*3",
        ["value_not_convertible /b", "value_not_convertible /d"],
    )


def test_a_set_has_room_for_one_entry_from_the_level_itself() -> None:
    made = compiled("fields: {ids: {each: ., fields: {v: W0502}}}", model("ids[]{v}"))
    assert write(made, {"ids": [{"v": "1"}, {"v": "2"}]}) == (
        "W05**1",
        ["value_not_convertible /ids/1"],
    )


def test_an_entry_that_writes_nothing_makes_no_segment() -> None:
    made = compiled("fields: {refs: {each: N9, fields: {v: N902}}}", model("refs[]{v}"))
    assert write(made, {"refs": [{}, {"v": "1"}]}) == ("N9**1", [])
    assert write(made, {"refs": [{}]}) == ("", [])


def test_expressions_in_lists_see_their_entry_and_the_document() -> None:
    body = (
        "fields:\n  no: W0502\n  to: {in: N1, fields: {name: N102, "
        "tag: {expr: name ~ '!', read_only: true}}}\n  lines: {in: LX/W01, fields: {qty: W0101, "
        "ref: {expr: doc.no ~ '-' ~ qty, read_only: true}, "
        "must: {expr: missing, read_only: true, required: true}, "
        "often: {expr: missing, read_only: true, default: x}}}"
    )
    made = compiled(body, model("no to{name tag} lines[]{qty ref must often}"))
    assert read(made, "W05**1~N1**Ann~LX~W01*5") == (
        {
            "no": "1",
            "to": {"name": "Ann", "tag": "Ann!"},
            "lines": [{"qty": "5", "ref": "1-5", "often": "x"}],
        },
        ["required_field_missing /lines/0/must"],
    )


def test_an_expression_that_fails_on_write_is_a_finding() -> None:
    made = compiled(
        "fields: {a: W0502, b: {at: W0503, expr: a * 2, write_only: true}}", model("a b")
    )
    assert write(made, {"a": "x"}) == ("W05**x", ["value_not_convertible /b"])


def test_a_condition_on_the_whole_document_holds_in_its_entries() -> None:
    body = "fields: {kind: W0501, lines: {in: LX/W01, fields: {q: {at: W0101, when: /kind!=X}}}}"
    made = compiled(body, model("kind lines[]{q}"))
    assert read(made, "W05*N~LX~W01*1")[0] == {"kind": "N", "lines": [{"q": "1"}]}
    assert "lines" not in read(made, "W05*X~LX~W01*1")[0]
    assert write(made, {"kind": "X", "lines": [{"q": "1"}]})[0] == "W05*X~LX~W01"


def test_sums_of_what_is_no_number_are_not_made() -> None:
    made = compiled(
        "fields: {a: W0502, lines: {in: LX/W01, fields: {q: W0101}}}\n"
        "computed: {CTT01: {sum: LX/W01/W0101}, CTT02: {sum: LX/W01/W0101, as: implied(0)}, "
        "W0501: {count: LX/W01/G69}}",
        model("a lines[]{q}"),
    )
    assert write(made, {"lines": [{"q": "x"}]}) == ("LX~W01*x", [])
    assert write(made, {"lines": [{"q": "1.5"}]}) == ("LX~W01*1.5~CTT*1.5", [])
    assert read(made, "W05*x~LX~W01*1~G69*a~CTT*1.0*1")[1] == ["total_differs W0501"]


def test_models_with_references_alternatives_and_constants() -> None:
    schema = {
        "$defs": {"Party": {"type": "object", "properties": {"name": {"type": "string"}}}},
        "properties": {
            "to": {"anyOf": [{"$ref": "#/$defs/Party"}, {"type": "null"}]},
            "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            "kind": {"const": "a"},
            "many": {"type": ["array", "null"], "items": {"$ref": "#/$defs/Gone"}},
            "version": {"const": "1.0"},
        },
        "required": "nonsense",
    }
    shape = DocumentShape.of(schema)
    assert shape.member("to").kinds == ("object",)
    assert shape.member("either").kinds == ("string", "integer")
    assert shape.member("kind").kinds == ("string",)
    assert shape.member("many").kinds == ("array",)
    assert shape.member("many").entry.is_open
    assert shape.required == ()
    made = compiled("fields: {to: {in: N1, fields: {name: N102}}, either: W0502}", schema)
    assert made.plan.document_version == "1.0"


@pytest.mark.parametrize("text", ["N9[01=BM].02/N901", "W05.00", "N9-1", "PO1[!01=x].02", "/"])
def test_text_that_only_looks_like_a_position_is_refused(text: str) -> None:
    with pytest.raises(PositionError):
        parse(text)


def test_positions_that_name_the_wrong_kind_of_thing_are_refused() -> None:
    schema = model("no tags[] lines[]{qty}")
    assert problems("fields: {tags: {each: N901, at: ['01']}}", schema) == [
        "1:17: tags: 'N901' names an element where a segment is expected"
    ]
    assert problems("fields: {no: '02'}", schema) == [
        "1:10: no: '02' names no segment; only inside `each:` may it be left out"
    ]
    assert problems("fields: {no: 'N9[01-1=x].02'}", schema) == [
        "1:10: no: 'N9[01-1=x].02': Anything is a simple element, not a composite"
    ]
    assert problems("fields: {lines: {in: 'LX/w1', fields: {}}}", schema) == [
        "1:18: lines: 'LX/w1' is no position, such as W0502, SV101-2, N9[01=BM].02, "
        "N1[01=ST]/N401 or ../LX01"
    ]


def test_shared_tables_are_checked_and_named_once() -> None:
    good, bad = "table: t\ncodes: {A: a}", "table: u\ncodes: {A: a, B: a}"
    with pytest.raises(ConfigProblems) as caught:
        MapLibrary([], [load(one, f"{i}.yaml") for i, one in enumerate((good, good, bad, "x: 1"))])
    assert str(caught.value) == (
        "1.yaml:1:1: table: there is another table named 't'\n"
        "2.yaml:2:1: codes: A and B both mean 'a': `write:` must say which is written\n"
        "3.yaml:1:1: 'table' is missing\n"
        "3.yaml:1:1: x: unknown key 'x'"
    )


def test_a_map_is_compiled_once_for_a_schema() -> None:
    library = MapLibrary([load("map: m\nfields: {a: W0502}", "m.yaml")])
    assert library.names == ("m",)
    assert library.compile("m", ORDER, {}) is library.compile("m", ORDER, {})
    assert len(library.compile("m", ORDER, {}).version) == 16


def test_totals_of_a_broken_set_are_not_compared() -> None:
    made = compiled(
        "fields: {a: W0502, lines: {in: LX/W01, fields: {q: W0101}}}\n"
        'computed: {CTT01: {sum: LX/W01/W0101}, CTT02: {count: "N1[01=ST]"}}',
        model("a lines[]{q}"),
    )
    too_long = "9" * 5000
    assert read(made, f"W05*x~LX~W01*{too_long}~CTT*1")[1] == []
    broken = tree("W05*x~N1*ST~CTT*1*1")
    del broken.loops["N1"][0].segments["N1"]
    reading = made.read(broken, DELIMITERS)
    assert told(reading.findings) == ["total_differs CTT02"]
