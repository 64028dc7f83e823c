"""Each construct of docs/maps.md, in both directions."""

import pytest

from tests.unit.mapping.little_sets import (
    DELIMITERS,
    NOTICE,
    Loop,
    both,
    compiled,
    lines,
    loop,
    model,
    plain,
    problems,
    read,
    seg,
    tree,
    write,
)

CASES = {
    "a position": ("fields: {order: W0502}", "order", "W05**42", {"order": "42"}),
    "a component": ("fields: {code: SV101-2}", "code", "SV1*>77", {"code": "77"}),
    "two components of one composite": (
        "fields: {code: SV101-2, kind: SV101-1}",
        "code kind",
        "SV1*A>77",
        {"code": "77", "kind": "A"},
    ),
    "a predicate selects and is written": (
        'fields: {bol: "N9[01=BM].02"}',
        "bol",
        "N9*BM*7",
        {"bol": "7"},
    ),
    "several predicates": (
        'fields: {name: "N1[01=ST,03=92].02"}',
        "name",
        "N1*ST*Ann*92",
        {"name": "Ann"},
    ),
    "an element of a loop by its path": (
        'fields: {city: "N1[01=ST]/N401"}',
        "city",
        "N1*ST~N4*Bonn",
        {"city": "Bonn"},
    ),
    "a second occurrence": (
        'fields: {first: TD502, second: "TD5[#2].02"}',
        "first second",
        "TD5**A~TD5**B",
        {"first": "A", "second": "B"},
    ),
    "the second with the same predicate": (
        'fields: {one: "N9[01=CN].02", two: "N9[01=CN][#2].02"}',
        "one two",
        "N9*CN*1~N9*CN*2",
        {"one": "1", "two": "2"},
    ),
    "an object from a loop": (
        'fields: {to: {in: "N1[01=ST]", fields: {name: N102, city: N401}}}',
        "to{name city}",
        "N1*ST*Ann~N4*Bonn",
        {"to": {"name": "Ann", "city": "Bonn"}},
    ),
    "an object of the level itself": (
        "fields: {how: {fields: {a: W0503, b: W0504}}}",
        "how{a b}",
        "W05***A*B",
        {"how": {"a": "A", "b": "B"}},
    ),
    "a list of segments": (
        "fields: {refs: {each: N9, fields: {type: N901, value: 02}}}",
        "refs[]{type value}",
        "N9*A*1~N9*B*2",
        {"refs": [{"type": "A", "value": "1"}, {"type": "B", "value": "2"}]},
    ),
    "a list of values fills segments in turn": (
        "fields: {to: {in: N1, fields: {lines: {each: N3, at: [01, 02]}}}}",
        "to{lines[]}",
        "N1~N3*a*b~N3*c",
        {"to": {"lines": ["a", "b", "c"]}},
    ),
    "a list of one from the level itself": (
        'fields: {to: {in: "N1[01=ST]", fields: {ids: {each: ., fields: {s: N103, v: N104}}}}}',
        "to{ids[]{s v}}",
        "N1*ST**92*7",
        {"to": {"ids": [{"s": "92", "v": "7"}]}},
    ),
    "what special fields leave goes to the list": (
        'fields: {bol: "N9[01=BM].02", refs: {each: N9, fields: {type: N901, value: N902}}}',
        "bol refs[]{type value}",
        "N9*BM*7~N9*ZZ*8",
        {"bol": "7", "refs": [{"type": "ZZ", "value": "8"}]},
    ),
    "what special loops leave goes to the list": (
        'fields: {to: {in: "N1[01=ST]", fields: {name: N102}}, '
        "parties: {in: N1, fields: {role: N101, name: N102}}}",
        "to{name} parties[]{role name}",
        "N1*ST*Ann~N1*BY*Bob~N1*ZZ*Cid",
        {
            "to": {"name": "Ann"},
            "parties": [{"role": "BY", "name": "Bob"}, {"role": "ZZ", "name": "Cid"}],
        },
    ),
    "lines in nested loops share the outer one by its value": (
        "fields: {lines: {in: LX/W01, fields: {no: {at: ../LX01, as: integer}, qty: W0101}}}",
        "lines[]{no:int qty}",
        "LX*1~W01*5~W01*6~LX*2~W01*7",
        {"lines": [{"no": 1, "qty": "5"}, {"no": 1, "qty": "6"}, {"no": 2, "qty": "7"}]},
    ),
    "a list inside a list": (
        "fields: {lines: {in: LX/W01, fields: {qty: W0101, refs: {each: N9, fields: {v: N902}}}}}",
        "lines[]{qty refs[]{v}}",
        "LX~W01*1~N9**a~N9**b~LX~W01*2~N9**c",
        {
            "lines": [
                {"qty": "1", "refs": [{"v": "a"}, {"v": "b"}]},
                {"qty": "2", "refs": [{"v": "c"}]},
            ]
        },
    ),
    "pairs": (
        "fields: {lines: {in: LX/W01, fields: {ids: {pairs: W0104/05..06/07}}}}",
        "lines[]{ids[]{scheme value}}",
        "LX~W01****VN*1*UP*2",
        {"lines": [{"ids": [{"scheme": "VN", "value": "1"}, {"scheme": "UP", "value": "2"}]}]},
    ),
    "pairs with a fixed qualifier": (
        "fields: {lines: {in: LX/W01, fields: {ids: {pairs: [UP=W0103, W0104/05]}}}}",
        "lines[]{ids[]{scheme value}}",
        "LX~W01***99*VN*1",
        {"lines": [{"ids": [{"scheme": "UP", "value": "99"}, {"scheme": "VN", "value": "1"}]}]},
    ),
    "one of the pairs by preference": (
        "fields: {lines: {in: LX/W01, fields: {sku: {pairs: W0104/05..06/07, qualifier: VN|SK}, "
        "ids: {pairs: W0104/05..06/07}}}}",
        "lines[]{sku ids[]{scheme value}}",
        "LX~W01****SK*1*VN*2",
        {
            "lines": [
                {
                    "sku": "2",
                    "ids": [{"scheme": "SK", "value": "1"}, {"scheme": "VN", "value": "2"}],
                }
            ]
        },
    ),
    "pairs over repeating segments": (
        "fields: {lines: {in: LX/W01, fields: {stores: {each: SDQ, pairs: 03/04..05/06, fields: "
        "{unit: SDQ01, store: qualifier, qty: {at: value, as: decimal}}}}}}",
        "lines[]{stores[]{unit store qty}}",
        "LX~W01~SDQ*EA**1*10*2*20~SDQ*EA**3*30~SDQ*CA**4*1",
        {
            "lines": [
                {
                    "stores": [
                        {"unit": "EA", "store": "1", "qty": "10"},
                        {"unit": "EA", "store": "2", "qty": "20"},
                        {"unit": "EA", "store": "3", "qty": "30"},
                        {"unit": "CA", "store": "4", "qty": "1"},
                    ]
                }
            ]
        },
    ),
    "pairs inside a list of segments": (
        "fields: {to: {in: N1, fields: {who: {each: PER, fields: {name: PER02, "
        "numbers: {pairs: 03/04..05/06}}}}}}",
        "to{who[]{name numbers[]{scheme value}}}",
        "N1~PER**Ann*TE*1*EM*a",
        {
            "to": {
                "who": [
                    {
                        "name": "Ann",
                        "numbers": [
                            {"scheme": "TE", "value": "1"},
                            {"scheme": "EM", "value": "a"},
                        ],
                    }
                ]
            }
        },
    ),
    "a table": (
        "fields: {s: {at: W0501, table: st}}\ntables: {st: {N: new, F: cancel}}",
        "s",
        "W05*F",
        {"s": "cancel"},
    ),
    "a conversion before a table": (
        "fields: {s: {at: W0501, as: strip_prefix(X), table: st}}\ntables: {st: {N: new}}",
        "s",
        "W05*XN",
        {"s": "new"},
    ),
    "a chain of conversions": (
        "fields: {s: {at: W0502, as: [strip_prefix(P), integer]}}",
        "s:int",
        "W05**P7",
        {"s": 7},
    ),
    "a condition on an element": (
        "fields: {a: {at: W0502, when: W0501=N}, kind: W0501}",
        "a kind",
        "W05*N*1",
        {"a": "1", "kind": "N"},
    ),
    "a condition on a field": (
        "fields: {kind: W0501, a: {at: W0502, when: kind=N}}",
        "a kind",
        "W05*N*1",
        {"kind": "N", "a": "1"},
    ),
    "elements written along": (
        'fields: {day: {at: "G62[01=10].02", as: date, with: {03: Z}}}',
        "day",
        "G62*10*20260131*Z",
        {"day": "2026-01-31"},
    ),
    "a condition on the segment in hand": (
        "fields: {refs: {each: N9, fields: {type: 01, day: {at: 04, when: 01=DT, as: date}}}}",
        "refs[]{type day}",
        "N9*DT***20260131~N9*ZZ",
        {"refs": [{"type": "DT", "day": "2026-01-31"}, {"type": "ZZ"}]},
    ),
}


CASES |= {
    "lists from the loop outside belong to its first entry": (
        "fields: {lines: {in: LX/W01, fields: {no: ../LX01, qty: W0101, marks: {each: ../MAN, "
        "fields: {t: MAN01, v: MAN02}}, texts: {each: '../MAN[01=ZZ]', at: ['02']}}}}",
        "lines[]{no qty marks[]{t v} texts[]}",
        "LX*1~MAN*GM*a~MAN*ZZ*b~W01*5~W01*6~LX*2~MAN*GM*c~W01*7",
        {
            "lines": [
                {"no": "1", "qty": "5", "marks": [{"t": "GM", "v": "a"}], "texts": ["b"]},
                {"no": "1", "qty": "6"},
                {"no": "2", "qty": "7", "marks": [{"t": "GM", "v": "c"}]},
            ]
        },
    ),
    "loops from outside": (
        "fields: {lines: {in: LX/W01, fields: {qty: W0101, parties: {in: ../../N1, fields: "
        "{role: N101}}}}}",
        "lines[]{qty parties[]{role}}",
        "N1*ST~N1*BY~LX~W01*5~LX~W01*6",
        {"lines": [{"qty": "5", "parties": [{"role": "ST"}, {"role": "BY"}]}, {"qty": "6"}]},
    ),
    "a list of values with a predicate": (
        "fields: {tracking: {each: 'N9[01=2I]', at: ['02']}}",
        "tracking[]",
        "N9*2I*a~N9*2I*b",
        {"tracking": ["a", "b"]},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_construct_reads_and_writes(name: str) -> None:
    body, schema, text, document = CASES[name]
    both(body, schema, text, document)


def test_one_of_several_values_of_a_predicate_is_read_and_the_first_is_written() -> None:
    made = compiled('fields: {bol: "N9[01=BM|MB].02"}', model("bol"))
    assert read(made, "N9*MB*7") == ({"bol": "7"}, [])
    assert write(made, {"bol": "7"}) == ("N9*BM*7", [])


def test_first_reads_in_order_of_preference_and_keeps_what_it_passes_over() -> None:
    made = compiled('fields: {bol: {first: [W0504, "N9[01=BM].02"]}}', model("bol"))
    assert read(made, "W05****1~N9*BM*2") == (
        {
            "bol": "1",
            "unmapped": [{"loop": "", "segment": "N9", "of": "N9[01=BM]", "elements": {"02": "2"}}],
        },
        [],
    )
    assert read(made, "N9*BM*2") == ({"bol": "2"}, [])
    assert read(made, "W05****1~N9*BM*1") == ({"bol": "1"}, [])
    assert write(made, {"bol": "1"}) == ("W05****1", [])


def test_first_writes_elsewhere_where_it_is_told_to() -> None:
    made = compiled("fields: {bol: {first: [W0504, W0505], write_to: W0505}}", model("bol"))
    assert write(made, {"bol": "1"}) == ("W05*****1", [])


def test_a_condition_on_one_segment_finds_the_same_item_in_either_slot() -> None:
    made = compiled(
        'fields: {lines: {in: LX/W01, fields: {sku: {first: ["W01[04=VN].05", "W01[06=VN].07"]}}}}',
        model("lines[]{sku}"),
    )
    document = {"lines": [{"sku": "7"}]}
    assert read(made, "LX~W01****UP*1*VN*7")[0]["lines"] == [{"sku": "7"}]
    assert read(made, "LX~W01****VN*7") == (document, [])
    assert write(made, document) == ("LX~W01****VN*7", [])


def test_not_equal_passes_over_and_writes_nothing_of_its_own() -> None:
    made = compiled(
        "fields: {refs: {each: 'N9[01!=BM|CN]', fields: {t: N901, v: N902}}}", model("refs[]{t v}")
    )
    document, findings = read(made, "N9*BM*1~N9*ZZ*2")
    assert document["refs"] == [{"t": "ZZ", "v": "2"}]
    assert document["unmapped"] == [
        {"loop": "", "segment": "N9", "elements": {"01": "BM", "02": "1"}}
    ]
    assert findings == []
    assert write(made, {"refs": [{"t": "ZZ", "v": "2"}]}) == ("N9*ZZ*2", [])


def test_presence_and_absence_of_an_element() -> None:
    made = compiled('fields: {timed: "G62[04].02", untimed: "G62[!04].02"}', model("timed untimed"))
    assert read(made, "G62*10*A~G62*11*B**0800")[0]["timed"] == "B"
    assert read(made, "G62*10*A~G62*11*B**0800")[0]["untimed"] == "A"


def test_defaults_fill_only_what_is_there() -> None:
    made = compiled(
        'fields: {to: {in: "N1[01=ST]", fields: {name: N102, kind: {at: N103, default: "9"}}}, '
        "cur: {at: CUR02, default: USD}}",
        model("to{name kind} cur"),
    )
    assert read(made, "W05*N")[0]["cur"] == "USD"
    assert "to" not in read(made, "W05*N")[0]
    assert read(made, "N1*ST*Ann")[0]["to"] == {"name": "Ann", "kind": "9"}


def test_a_write_default_completes_a_segment_but_makes_none() -> None:
    made = compiled("fields: {cur: CUR02, who: {at: CUR01, write_default: BY}}", model("cur who"))
    assert write(made, {"cur": "USD"}) == ("CUR*BY*USD", [])
    assert write(made, {}) == ("", [])
    assert write(made, {"cur": "USD", "who": "SE"}) == ("CUR*SE*USD", [])


def test_required_fields_are_missed_in_both_directions() -> None:
    made = compiled(
        "fields: {no: {at: W0502, required: true}, lines: {in: LX/W01, required: true, "
        "fields: {qty: W0101, unit: {at: W0102, required: true}}}}",
        model("no lines[]{qty unit}"),
    )
    assert read(made, "LX*1~W01*5")[1] == [
        "required_field_missing /lines/0/unit",
        "required_field_missing /no",
    ]
    assert write(made, {"lines": [{"qty": "1"}]})[1] == [
        "required_field_missing /no",
        "required_field_missing /lines/0/unit",
    ]


def test_a_fixed_value_is_read_always_and_compared_on_write() -> None:
    made = compiled("fields: {no: W0502, kind: {value: warehouse}}", model("no kind"))
    assert read(made, "W05**1") == ({"no": "1", "kind": "warehouse"}, [])
    assert write(made, {"no": "1", "kind": "warehouse"}) == ("W05**1", [])
    assert write(made, {"no": "1", "kind": "shop"})[1] == ["constant_differs /kind"]


def test_one_direction_only() -> None:
    made = compiled(
        "fields: {a: {at: W0502, read_only: true}, b: {at: W0503, write_only: true}}", model("a b")
    )
    assert made.one_way == (("a", "read_only"), ("b", "write_only"))
    assert read(made, "W05**1*2") == ({"a": "1"}, [])
    assert write(made, {"a": "1", "b": "2"}) == ("W05***2", [])


def test_constants_are_written_always_and_compared_on_read() -> None:
    made = compiled(
        "fields: {no: W0502}\nconstants: {W0501: N, W0506: {value: '01', read: ignore}}",
        model("no"),
    )
    assert write(made, {"no": "1"}) == ("W05*N*1****01", [])
    assert read(made, "W05*N*1****01") == ({"no": "1"}, [])
    assert read(made, "W05*F*1****02") == ({"no": "1"}, ["constant_differs W0501"])


def test_constants_of_a_list_are_written_in_each_entry() -> None:
    made = compiled(
        "fields: {refs: {each: N9, fields: {v: N902}, constants: {N901: ZZ}}}", model("refs[]{v}")
    )
    assert write(made, {"refs": [{"v": "1"}, {"v": "2"}]}) == ("N9*ZZ*1~N9*ZZ*2", [])


def test_counters_counts_and_sums_are_computed_and_compared() -> None:
    made = compiled(
        "fields: {lines: {in: LX/W01, fields: {qty: {at: W0101, as: decimal}, price: W0102}}}\n"
        "computed:\n  LX/LX01: counter\n  CTT01: {count: LX/W01}\n  CTT02: {sum: LX/W01/W0101}\n"
        "  W0507: {sum: LX/W01/W0101 * LX/W01/W0102, as: implied(2)}",
        model("lines[]{qty price}"),
    )
    document = {"lines": [{"qty": "2", "price": "1.5"}, {"qty": "0.5", "price": "3"}]}
    text = "W05*******450~LX*1~W01*2*1.5~LX*2~W01*.5*3~CTT*2*2.5"
    assert write(made, document) == (text, [])
    assert read(made, text) == (document, [])
    wrong = text.replace("CTT*2*2.5", "CTT*3*2.50").replace("LX*2", "LX*9")
    assert read(made, wrong) == (document, ["total_differs LX01", "total_differs CTT01"])


def test_a_computed_value_is_not_written_where_its_condition_does_not_hold() -> None:
    made = compiled(
        "fields: {no: W0502, lines: {in: LX, fields: {x: LX01}}}\n"
        "computed: {CTT01: {count: LX, when: no}}",
        model("no lines[]{x}"),
    )
    assert write(made, {"lines": [{"x": "1"}]}) == ("LX*1", [])
    assert write(made, {"no": "1", "lines": [{"x": "1"}]}) == ("W05**1~LX*1~CTT*1", [])


def test_a_total_in_a_loop_of_its_own_opens_the_loop() -> None:
    shape = Loop("", 1, (seg("W05", 7), loop(seg("LX", 1)), loop(seg("CTT", 2), seg("AMT", 2))))
    body = "fields: {lines: {in: LX, fields: {x: LX01}}}\ncomputed: {CTT01: {count: LX}}"
    made = compiled(body, model("lines[]{x}"), shape)
    document = {"lines": [{"x": "7"}]}
    assert write(made, document, shape) == ("LX*7~CTT*1", [])
    assert read(made, "LX*7~CTT*2", shape) == (document, ["total_differs CTT01"])
    assert write(made, {}, shape) == ("", [])


def test_a_total_that_a_field_holds_too_leaves_as_computed_with_a_finding() -> None:
    made = compiled(
        "fields: {count: CTT01, lines: {in: LX/W01, fields: {qty: W0101}}}\n"
        "computed: {CTT01: {count: LX/W01}}",
        model("count lines[]{qty}"),
    )
    assert write(made, {"count": "7", "lines": [{"qty": "1"}]}) == (
        "LX~W01*1~CTT*1",
        ["total_differs CTT01"],
    )


def test_expressions_go_one_way() -> None:
    made = compiled(
        "fields:\n  a: W0502\n  b: W0503\n  both: {expr: \"a ~ '-' ~ b\", read_only: true}\n"
        "  double: {expr: a * 2 + 0.5, read_only: true}\n"
        '  copy: {at: "N9[01=ZZ].02", expr: a | lower, write_only: true}',
        model("a b both double"),
    )
    assert read(made, "W05**4*X")[0] == {"a": "4", "b": "X", "both": "4-X", "double": "8.5"}
    assert write(made, {"a": "AB"}) == ("W05**AB~N9*ZZ*ab", [])


def test_an_expression_that_fails_is_a_finding() -> None:
    made = compiled("fields: {a: W0502, n: {expr: a * 2, read_only: true}}", model("a n"))
    assert read(made, "W05**x") == ({"a": "x"}, ["value_not_convertible /n"])


def test_tables_with_unknown_codes() -> None:
    body = "fields: {s: {at: W0501, table: t}}\ntables: {t: {codes: {N: new}, unknown: %s}}"
    failing = compiled(body % "fail", model("s"))
    assert read(failing, "W05*Q") == (
        {"unmapped": [{"loop": "", "segment": "W05", "of": "W05", "elements": {"01": "Q"}}]},
        ["code_not_in_table /s"],
    )
    assert write(failing, {"s": "odd"}) == ("", ["code_not_in_table /s"])
    keeping = compiled(body % "keep", model("s"))
    assert read(keeping, "W05*Q") == ({"s": "Q"}, [])
    assert write(keeping, {"s": "Q"}) == ("W05*Q", [])
    default = compiled(body % "default, default: other, write_default: Z", model("s"))
    assert read(default, "W05*Q") == ({"s": "other"}, [])
    assert write(default, {"s": "odd"}) == ("W05*Z", [])


def test_a_lossy_table_writes_the_code_it_names() -> None:
    made = compiled(
        "fields: {u: {at: W0501, table: t}}\n"
        "tables: {t: {codes: {CA: case, CS: case}, write: {case: CS}}}",
        model("u"),
    )
    assert read(made, "W05*CA") == ({"u": "case"}, [])
    assert write(made, {"u": "case"}) == ("W05*CS", [])


def test_a_shared_table_is_found_by_name() -> None:
    made = compiled(
        "fields: {u: {at: W0501, table: units}}",
        model("u"),
        tables=["table: units\ncodes: {EA: each}"],
    )
    assert read(made, "W05*EA") == ({"u": "each"}, [])


@pytest.mark.parametrize("mark", ["*", "~", ">"])
def test_a_value_with_a_delimiter_is_refused_or_replaced(mark: str) -> None:
    made = compiled("fields: {a: W0502}", model("a"))
    assert write(made, {"a": f"x{mark}y"}) == ("", ["value_not_convertible /a"])
    replaced = made.write({"a": f"x{mark}y"}, DELIMITERS, " ")
    assert lines(replaced.tree) == ["W05**x y"]


def test_keys_are_found_wherever_they_stand() -> None:
    made = compiled(
        "fields: {no: W0502, lines: {in: LX/W01, fields: {po: W0105}}}\nkeys: [no, 'lines[].po']",
        model("no lines[]{po}"),
    )
    document = {"no": "1", "lines": [{"po": "7"}, {"po": "8"}, {"po": "7"}]}
    assert made.keys(document) == [("no", "1"), ("lines[].po", "7"), ("lines[].po", "8")]


def test_a_conversion_that_fails_leaves_the_value_in_unmapped() -> None:
    made = compiled("fields: {day: {at: W0502, as: date}}", model("day"))
    assert read(made, "W05*N*20261331") == (
        {
            "unmapped": [
                {
                    "loop": "",
                    "segment": "W05",
                    "of": "W05",
                    "elements": {"01": "N", "02": "20261331"},
                }
            ]
        },
        ["value_not_convertible /day"],
    )


def test_a_document_of_the_wrong_shape_is_findings_not_a_crash() -> None:
    made = compiled(
        "fields: {to: {in: N1, fields: {n: N102}}, lines: {in: LX, fields: {a: LX01}}, "
        "ids: {pairs: W0501/02}, vals: {each: NTE, at: [01]}, x: W0503}",
        model("to{n} lines[]{a} ids[]{scheme value} vals[] x"),
    )
    document = {"to": "text", "lines": {"a": 1}, "ids": ["x"], "vals": "y", "x": {"deep": 1}}
    assert write(made, document) == (
        "",
        [
            "document_invalid /to",
            "document_invalid /lines",
            "document_invalid /ids/0",
            "document_invalid /vals",
            "value_not_convertible /x",
        ],
    )


HIERARCHY = """
fields:
  id: BSN02
  weight: {at: "HL[03=S]/TD107", as: decimal}
  orders:
    level: S/O
    fields:
      po: PRF01
      packs:
        level: P
        fields:
          sscc: "MAN[01=GM].02"
          items: {level: I, fields: {sku: "LIN[02=VN].03"}}
      items:
        level: I
        fields:
          sku: "LIN[02=VN].03"
          packs: {level: P, fields: {sscc: "MAN[01=GM].02"}}
computed: {CTT01: {count: HL}}
"""
HIERARCHY_MODEL = "id weight orders[]{po packs[]{sscc items[]{sku}} items[]{sku packs[]{sscc}}}"


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        (
            "BSN**1~HL*1**S*1~TD1*******9~HL*2*1*O*1~PRF*77~HL*3*2*P*1~MAN*GM*a~HL*4*3*I*0~LIN**VN*x"
            "~HL*5*2*P*1~MAN*GM*b~HL*6*5*I*0~LIN**VN*y~CTT*6",
            [
                {
                    "po": "77",
                    "packs": [
                        {"sscc": "a", "items": [{"sku": "x"}]},
                        {"sscc": "b", "items": [{"sku": "y"}]},
                    ],
                }
            ],
        ),
        (
            "BSN**1~HL*1**S*1~TD1*******9~HL*2*1*O*1~PRF*77~HL*3*2*I*1~LIN**VN*x~HL*4*3*P*0~MAN*GM*a"
            "~HL*5*1*O*1~PRF*78~HL*6*5*I*0~LIN**VN*y~CTT*6",
            [
                {"po": "77", "items": [{"sku": "x", "packs": [{"sscc": "a"}]}]},
                {"po": "78", "items": [{"sku": "y"}]},
            ],
        ),
    ],
    ids=["cartons above items", "items above cartons, several orders"],
)
def test_hierarchies_in_either_order_of_levels(text: str, orders: list) -> None:
    made = compiled(HIERARCHY, model(HIERARCHY_MODEL), NOTICE)
    document = {"id": "1", "weight": "9", "orders": orders}
    assert read(made, text, NOTICE) == (document, [])
    assert write(made, document, NOTICE) == (text, [])


def test_hierarchies_with_wide_numbers_without_pointers_and_with_broken_ones() -> None:
    made = compiled(HIERARCHY, model(HIERARCHY_MODEL), NOTICE)
    orders = [{"po": "77", "packs": [{"sscc": "a", "items": [{"sku": "x"}]}]}]
    text = "BSN**1~HL*{}**S~HL*{}*{}*O~PRF*77~HL*{}*{}*P~MAN*GM*a~HL*{}*{}*I~LIN**VN*x"
    wide = text.format(100, 110, 100, 120, 110, 130, 120)
    assert read(made, wide, NOTICE) == ({"id": "1", "orders": orders}, [])
    none = text.format(1, 2, "", 3, "", 4, "")
    assert read(made, none, NOTICE) == ({"id": "1", "orders": orders}, [])
    broken = text.format(1, 2, 1, 3, 99, 4, 3)
    assert read(made, broken, NOTICE) == ({"id": "1", "orders": orders}, ["hierarchy_broken HL02"])
    circle = text.format(1, 2, 1, 3, 3, 4, 3)
    assert read(made, circle, NOTICE)[1] == ["hierarchy_broken HL02"]
    doubled = text.format(1, 2, 1, 2, 2, 4, 2)
    assert read(made, doubled, NOTICE)[1] == ["hierarchy_broken HL01"]


def test_a_level_that_the_map_does_not_name_is_kept_with_all_below_it() -> None:
    made = compiled(HIERARCHY, model(HIERARCHY_MODEL), NOTICE)
    document, findings = read(
        made, "BSN**1~HL*1**S~HL*2*1*O~PRF*77~HL*3*2*Q~MAN*GM*q~HL*4*3*I~LIN**VN*x", NOTICE
    )
    assert document["orders"] == [{"po": "77"}]
    assert [entry["loop"] for entry in document["unmapped"]] == [
        "HL[03=S]/HL[03=O][#1]/HL[+1]",
        "HL[03=S]/HL[03=O][#1]/HL[+1]",
        "HL[03=S]/HL[03=O][#1]/HL[+1]/HL[+1]",
        "HL[03=S]/HL[03=O][#1]/HL[+1]/HL[+1]",
    ]
    assert findings == []


def test_parents_by_order_ignore_the_pointers() -> None:
    made = compiled(
        "hierarchy: {parents: order, child_code: false}" + HIERARCHY, model(HIERARCHY_MODEL), NOTICE
    )
    text = "BSN**1~HL*1**S~HL*2*1*O~PRF*77~HL*3*1*P~MAN*GM*a~HL*4*1*I~LIN**VN*x~CTT*4"
    orders = [{"po": "77", "packs": [{"sscc": "a", "items": [{"sku": "x"}]}]}]
    assert read(made, text, NOTICE) == ({"id": "1", "orders": orders}, [])
    assert write(made, {"id": "1", "orders": orders}, NOTICE) == (
        "BSN**1~HL*1**S~HL*2*1*O~PRF*77~HL*3*2*P~MAN*GM*a~HL*4*3*I~LIN**VN*x~CTT*4",
        [],
    )


def test_levels_that_order_alone_would_put_elsewhere_are_told() -> None:
    made = compiled("hierarchy: {parents: order}" + HIERARCHY, model(HIERARCHY_MODEL), NOTICE)
    order = {"po": "77", "packs": [{"sscc": "a", "items": [{"sku": "x"}]}], "items": [{"sku": "y"}]}
    document = {"id": "1", "orders": [order]}
    assert write(made, document, NOTICE)[1] == ["read_as_another_field /orders/0/items/0"]
    [told] = made.write(document, DELIMITERS).findings
    assert told.detail == (
        "the order of levels alone says their parents: HL*5 is read as one inside HL*3"
    )
    with_pointers = compiled(HIERARCHY, model(HIERARCHY_MODEL), NOTICE)
    assert write(with_pointers, document, NOTICE)[1] == []


SPLIT = """
fields:
  no: W0502
  store: {at: W0503}
  lines:
    in: LX/W01
    fields:
      sku: W0105
      qty: {at: W0101, as: decimal}
      stores:
        each: SDQ
        pairs: 03/04..11/12
        fields: {store: qualifier, qty: {at: value, as: decimal}}
split: {by: "lines[].stores[].store", to: store, set: {qty: qty}}
"""


def test_one_set_becomes_a_document_for_each_store_and_comes_back() -> None:
    made = compiled(SPLIT, model("no store lines[]{sku qty stores[]{store qty}}"))
    text = "W05**1~LX~W01*30****a~SDQ***7*10*8*20~LX~W01*5****b~SDQ***8*5"
    documents = made.read(tree(text), DELIMITERS).documents
    assert [plain(one) for one in documents] == [
        {
            "no": "1",
            "store": "7",
            "lines": [{"sku": "a", "qty": "10", "stores": [{"store": "7", "qty": "10"}]}],
        },
        {
            "no": "1",
            "store": "8",
            "lines": [
                {"sku": "a", "qty": "20", "stores": [{"store": "8", "qty": "20"}]},
                {"sku": "b", "qty": "5", "stores": [{"store": "8", "qty": "5"}]},
            ],
        },
    ]
    assert "~".join(lines(made.write(made.merge(documents), DELIMITERS).tree)) == text


def test_a_set_without_allocations_stays_one_document() -> None:
    made = compiled(SPLIT, model("no store lines[]{sku qty stores[]{store qty}}"))
    assert len(made.read(tree("W05**1~LX~W01*30****a"), DELIMITERS).documents) == 1


SPLIT_MODEL = model("no store lines[]{sku qty stores[]{store qty}}")


def test_what_is_allocated_to_no_store_is_a_last_document_without_one() -> None:
    made = compiled(SPLIT, SPLIT_MODEL)
    text = "W05**1~LX~W01*3****a~LX~W01*9****b~SDQ***7*5*8*3**1~LX~W01*4****c~SDQ***7*4"
    documents = made.read(tree(text), DELIMITERS).documents
    assert [(one.get("store"), [line["sku"] for line in one["lines"]]) for one in documents] == [
        ("7", ["b", "c"]), ("8", ["b"]), (None, ["a", "b"]),
    ]  # fmt: skip
    assert documents[2]["lines"] == [
        {"sku": "a", "qty": "3"},
        {"sku": "b", "qty": "1", "stores": [{"qty": "1"}]},
    ]


def test_of_words_that_allocations_say_each_document_has_its_own() -> None:
    made = compiled(SPLIT.replace(", as: decimal", ""), SPLIT_MODEL)
    reading = made.read(tree("LX~W01*a~SDQ***7*b~LX~W01*c~SDQ***8*c"), DELIMITERS)
    assert [one["lines"][0]["qty"] for one in reading.documents] == ["b", "c"]
    assert [(one.field, one.value, one.detail) for one in reading.findings] == [
        ("/lines/0/qty", "a", "computed b")
    ]


def test_several_allocations_of_one_line_to_one_store_are_added() -> None:
    made = compiled(SPLIT, SPLIT_MODEL)
    reading = made.read(tree("LX~W01*12~SDQ***7*10*7*2"), DELIMITERS)
    assert [one["lines"][0]["qty"] for one in reading.documents] == ["12"]
    assert reading.findings == []


def test_what_allocations_do_not_say_too_is_a_finding_when_they_take_its_place() -> None:
    made = compiled(SPLIT, SPLIT_MODEL)
    reading = made.read(tree("W05***9~LX~W01*7~SDQ***7*5~LX~W01*3.0~SDQ***8*3"), DELIMITERS)
    assert [(one.code, one.field, one.value, one.detail) for one in reading.findings] == [
        ("total_differs", "/lines/0/qty", "7", "computed 5"),
        ("constant_differs", "/store", "9", "the set is split into 7, 8"),
    ]


def test_of_two_places_that_say_the_same_the_first_is_written_and_a_copy_when_it_is_asked_for() -> (
    None
):
    first = "day: {first: [W0502, W0503], as: date}"
    copy = "copy: {at: W0503, as: date, expr: day, write_only: true}"
    for body, written in ((first, "W05**20260131"), (f"{first}, {copy}", EQUAL_DAYS)):
        made = compiled(f"fields: {{{body}}}", model("day"))
        reading = made.read(tree(EQUAL_DAYS), DELIMITERS)
        assert reading.documents == [{"document": "d", "version": "", "day": "2026-01-31"}]
        assert lines(made.write(reading.documents[0], DELIMITERS).tree) == [written]


EQUAL_DAYS = "W05**20260131*20260131"


LINES = Loop("", 1, (seg("ST", 2), loop(seg("LX", 1), loop(seg("W01", 9), seg("G69", 1)))))
"""Here W01 starts a loop; in ORDER it is a segment."""


@pytest.mark.parametrize(
    ("body", "members", "text", "document"),
    [
        (
            "lines: {in: LX, fields: {n: LX01, items: {each: W01, fields: {q: W0101, unit: 02}}}}",
            "lines[]{n items[]{q unit}}",
            "LX*1~W01*5*EA~W01*6",
            {"lines": [{"n": "1", "items": [{"q": "5", "unit": "EA"}, {"q": "6"}]}]},
        ),
        (
            "lines: {in: LX, fields: {n: LX01, items: {each: W01, fields: {name: G6901, ids: "
            "{pairs: 04/05..06/07, fields: {scheme: qualifier, value: value}}}}}}",
            "lines[]{n items[]{name ids[]{scheme value}}}",
            "LX*1~W01****VN*7~G69*OAK",
            {
                "lines": [
                    {"n": "1", "items": [{"name": "OAK", "ids": [{"scheme": "VN", "value": "7"}]}]}
                ]
            },
        ),
        (
            "lines: {in: LX/W01, fields: {n: ../LX01, items: {each: W01, fields: {q: 01}}}}",
            "lines[]{n items[]{q}}",
            "LX*1~W01*5",
            {"lines": [{"n": "1", "items": [{"q": "5"}]}]},
        ),
    ],
)
def test_a_list_over_a_segment_that_starts_a_loop_is_one_over_the_loops(
    body: str, members: str, text: str, document: dict
) -> None:
    made = compiled(f"fields: {{{body}}}", model(members), LINES)
    assert read(made, text, LINES) == (document, [])
    assert write(made, document, LINES) == (text, [])
    assert made.write_fast(document, DELIMITERS) == [one.split("*") for one in text.split("~")]


def test_a_list_of_elements_of_a_segment_that_starts_a_loop_is_refused() -> None:
    body = "fields: {lines: {in: LX, fields: {items: {each: W01, at: W0101}}}}"
    [found] = problems(body, model("lines[]{items[]}"), LINES)
    assert found.endswith("W01 stands once, as the first segment of its loop: expected fields"), (
        found
    )
