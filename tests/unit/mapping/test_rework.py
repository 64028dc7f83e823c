"""What maps change in whole documents after reading, and undo before writing."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mapping.library import MapLibrary
from gateway.mapping.recall import Asked
from gateway.yaml_source import load
from tests.unit.mapping.little_sets import (
    DELIMITERS,
    ORDER,
    both,
    compiled,
    lines,
    model,
    plain,
    problems,
    read,
    told,
    tree,
    write,
)

TWO_WAY = {
    "two fields in one element": (
        'fields: {no: {at: W0502, tail: {after: "-", field: store}}}',
        "no store",
        "W05**12-34-0417",
        {"no": "12-34", "store": "0417"},
    ),
    "one of the two is not there": (
        'fields: {no: {at: W0502, tail: {after: "-", field: store}}}',
        "no store",
        "W05**1234",
        {"no": "1234"},
    ),
    "a long name goes on in the first of a list": (
        "fields: {to: {in: N1, fields: {name: {at: N102, wrap: {width: 5, into: more}}, "
        "more: {each: N3, at: [01, 02]}}}}",
        "to{name more[]}",
        "N1**12345~N3*67890*1~N3*Ann",
        {"to": {"name": "12345678901", "more": ["Ann"]}},
    ),
    "a name that just fits": (
        "fields: {to: {in: N1, fields: {name: {at: N102, wrap: {width: 5, into: more}}, "
        "more: {each: N3, at: [01, 02]}}}}",
        "to{name more[]}",
        "N1**12345",
        {"to": {"name": "12345"}},
    ),
    "a long note takes several segments": (
        "fields: {notes: {each: NTE, fields: {type: 01, text: {at: 02, wrap: {width: 4}}}}}",
        "notes[]{type text}",
        "NTE*A*abcd~NTE*A*ef~NTE*A*x~NTE*B*y",
        {
            "notes": [
                {"type": "A", "text": "abcdef"},
                {"type": "A", "text": "x"},
                {"type": "B", "text": "y"},
            ]
        },
    ),
    "packs that are units": (
        "fields: {lines: {in: LX/W01, fields: {sku: W0105, qty: {at: W0101, as: decimal, scale: "
        "{by: pack, unit: unit, packs: CA, units: EA, prices: [price]}}, unit: W0102, "
        "price: {at: W0106, as: decimal}, pack: W0103}}}",
        "lines[]{sku qty unit price pack}",
        "LX~W01*2*CA*12**a*30~LX~W01*5*EA*12**b*2.5",
        {
            "lines": [
                {"sku": "a", "qty": "24", "unit": "EA", "price": "2.5", "pack": "12"},
                {"sku": "b", "qty": "5", "unit": "EA", "price": "2.5", "pack": "12"},
            ]
        },
    ),
    "a value that follows from others": (
        "fields: {lines: {in: LX/W01, fields: {had: {at: W0101, as: decimal}, "
        'got: {at: W0102, as: decimal}, less: {at: W0103, as: decimal, otherwise: "had - got"}}}}',
        "lines[]{had got less}",
        "LX~W01*5*3~LX~W01*5*3*1~LX~W01**3",
        {
            "lines": [
                {"had": "5", "got": "3", "less": "2"},
                {"had": "5", "got": "3", "less": "1"},
                {"got": "3"},
            ]
        },
    ),
}


@pytest.mark.parametrize("case", TWO_WAY)
def test_a_change_is_undone_on_write(case: str) -> None:
    body, schema, text, document = TWO_WAY[case]
    made = compiled(body, model(schema))
    assert read(made, text) == (document, [])
    assert write(made, document) == (text, [])


def test_a_separator_in_the_second_of_two_fields_cannot_be_written() -> None:
    made = compiled(
        'fields: {no: {at: W0502, tail: {after: "-", field: store}}}', model("no store")
    )
    written = made.write({"no": "1", "store": "4-7"}, DELIMITERS)
    assert "value_not_convertible /store" in told(written.findings)
    assert written.findings[0].detail == "'-' separates it from no"


def test_a_price_that_has_no_exact_share_leaves_the_line_as_it_came() -> None:
    body = (
        "fields: {lines: {in: LX/W01, fields: {qty: {at: W0101, as: decimal, scale: {by: pack, "
        "unit: unit, packs: CA, units: EA, prices: [price]}}, unit: W0102, "
        "price: {at: W0106, as: decimal}, pack: W0103}}}"
    )
    made = compiled(body, model("lines[]{qty unit price pack}"))
    reading = made.read(tree("LX~W01*2*CA*3***10"), DELIMITERS)
    assert told(reading.findings) == ["value_not_convertible /lines/0/price"]
    assert reading.findings[0].detail == "no exact price for one EA: 3 are in one CA"
    assert plain(reading.document)["lines"] == [
        {"qty": "2", "unit": "CA", "price": "10", "pack": "3"}
    ]


def test_units_that_make_no_whole_packs_stay_units() -> None:
    body = (
        "fields: {lines: {in: LX/W01, fields: {qty: {at: W0101, as: decimal, scale: {by: pack, "
        "unit: unit, packs: CA, units: EA}}, unit: W0102, pack: W0103}}}"
    )
    both(
        body,
        "lines[]{qty unit pack}",
        "LX~W01*25*EA*12",
        {"lines": [{"qty": "25", "unit": "EA", "pack": "12"}]},
    )


def test_parts_of_one_set_are_changed_each_by_itself() -> None:
    body = """
fields:
  no: {at: W0502, tail: {after: "-", field: dept}}
  notes: {each: NTE, fields: {text: {at: 02, wrap: {width: 3}}}}
  lines:
    in: LX/W01
    fields:
      qty: {at: W0101, as: decimal, scale: {by: pack, unit: unit, packs: CA, units: EA}}
      unit: W0102
      pack: W0103
      stores:
        each: SDQ
        pairs: 03/04..11/12
        fields: {unit: SDQ01, store: qualifier, qty: {at: value, as: decimal}}
split: {by: "lines[].stores[].store", to: store, set: {qty: qty, unit: unit}}
"""
    schema = "no dept store notes[]{text} lines[]{qty unit pack stores[]{unit store qty}}"
    made = compiled(body, model(schema))
    text = "W05**1-D~NTE**abc~NTE**d~LX~W01*3*CA*10~SDQ*CA**7*1*8*2"
    documents = made.read(tree(text), DELIMITERS).documents
    assert [(one["no"], one["dept"], one["notes"]) for one in documents] == [
        ("1", "D", [{"text": "abcd"}])
    ] * 2
    assert [line["qty"] for one in documents for line in one["lines"]] == ["10", "20"]
    assert "~".join(lines(made.write(made.merge(documents), DELIMITERS).tree)) == text


AMBIGUOUS = {
    'fields: {no: {at: W0502, tail: {after: "-", field: store}}}': (
        {"no": "1-2"},
        ("/no", "'2' would be read as store"),
    ),
    "fields: {to: {in: N1, fields: {name: {at: N102, wrap: {width: 3, into: more}}, "
    "more: {each: N3, at: [01, 02]}}}}": (
        {"to": {"name": "abcdef", "more": ["g"]}},
        ("/to/name", "fills its place: 'g' would be read as its end"),
    ),
    "fields: {notes: {each: NTE, fields: {type: 01, text: {at: 02, wrap: {width: 3}}}}}": (
        {"notes": [{"type": "A", "text": "abc"}, {"type": "A", "text": "d"}]},
        ("/notes/0/text", "fills its place: the entry behind it would be read as its end"),
    ),
}


@pytest.mark.parametrize("body", AMBIGUOUS)
def test_what_would_be_read_as_something_else_is_told(body: str) -> None:
    document, told_of = AMBIGUOUS[body]
    made = compiled(body, model("no store to{name more[]} notes[]{type text}"))
    findings = made.write(document, DELIMITERS).findings
    assert [(one.code, one.field, one.detail) for one in findings] == [
        ("read_as_another_field", *told_of)
    ]


EVERYTHING = """
fields:
  no: {at: W0502, tail: {after: "-", field: store}}
  to:
    in: N1
    fields: {name: {at: N102, wrap: {width: 3, into: more}}, more: {each: N3, at: [01, 02]}}
  notes: {each: NTE, fields: {type: 01, text: {at: 02, wrap: {width: 2}}}}
  lines:
    in: LX/W01
    fields:
      qty:
        at: W0101
        as: decimal
        scale: {by: pack, unit: unit, packs: CA, units: EA, prices: [price]}
      unit: W0102
      pack: W0103
      price: {at: W0104, as: decimal}
      got: {at: W0105, as: decimal}
      less: {at: W0106, as: decimal, otherwise: "qty - got"}
"""
NUMBERS = st.integers(0, 60).map(str)
TEXTS = st.text("ab-", min_size=1, max_size=9)
DOCUMENTS = st.fixed_dictionaries(
    {
        "lines": st.lists(
            st.fixed_dictionaries(
                {
                    "qty": NUMBERS,
                    "got": NUMBERS,
                    "less": NUMBERS,
                    "unit": st.sampled_from(["EA", "BX"]),
                },
                optional={"pack": st.integers(1, 12).map(str), "price": NUMBERS},
            ),
            min_size=1,
            max_size=3,
        )
    },
    optional={
        "no": TEXTS,
        "store": TEXTS,
        "to": st.fixed_dictionaries(
            {"name": TEXTS}, optional={"more": st.lists(TEXTS, min_size=1, max_size=3)}
        ),
        "notes": st.lists(
            st.fixed_dictionaries({"type": st.sampled_from("AB"), "text": TEXTS}),
            min_size=1,
            max_size=4,
        ),
    },
)


@given(document=DOCUMENTS)
@settings(deadline=None)
def test_whatever_is_written_without_a_finding_reads_the_same(document) -> None:
    made = _everything()
    writing = made.write(document, DELIMITERS)
    if not writing.findings:
        reading = made.read(writing.tree, DELIMITERS)
        assert (plain(reading.document), reading.findings) == (document, [])


@cache
def _everything():
    schema = "no store to{name more[]} notes[]{type text} lines[]{qty unit pack price got less}"
    return compiled(EVERYTHING, model(schema))


STORES = """
table: stores
rows: {"0417": {dc: "7001", name: Elm Street}, "0418": {name: Hill Road}}
word: name
"""


def test_an_expression_looks_into_a_cross_reference() -> None:
    body = (
        "fields: {store: W0502, dc: {expr: \"store | lookup('stores', 'dc') | default('none')\", "
        "read_only: true}}"
    )
    made = compiled(body, model("store dc"), tables=[STORES])
    assert read(made, "W05**0417") == ({"store": "0417", "dc": "7001"}, [])
    assert read(made, "W05**0418") == ({"store": "0418", "dc": "none"}, [])
    assert read(made, "W05**9999") == ({"store": "9999", "dc": "none"}, [])


def test_the_rows_of_a_cross_reference_are_a_code_table_both_ways() -> None:
    made = compiled("fields: {name: {at: W0502, table: stores}}", model("name"), tables=[STORES])
    assert read(made, "W05**0417") == ({"name": "Elm Street"}, [])
    assert write(made, {"name": "Hill Road"}) == ("W05**0418", [])


RECALLED = """
fields:
  no: W0502
  dept:
    at: W0503
    recall: {document: order, by: no, key: purchase_order_number, field: department}
"""


def recalling(body=RECALLED, schema="no dept"):
    head = 'map: m\ntransaction_set: "940"\ndocument: d\n'
    library = MapLibrary(
        [load(head + body, "m.map.yaml")], keys={"order": ["purchase_order_number"]}
    )
    return library.compile("m", ORDER, model(schema))


def test_a_value_is_recalled_from_an_earlier_document() -> None:
    asked: list[Asked] = []

    def earlier(one: Asked):
        asked.append(one)
        return {"document": "order", "department": "7"}

    document, findings = recalling().recall({"no": "42"}, earlier)
    assert (document, findings) == ({"no": "42", "dept": "7"}, [])
    assert asked == [Asked("order", "purchase_order_number", "42")]


def test_what_the_document_says_itself_is_not_recalled() -> None:
    document, findings = recalling().recall(
        {"no": "42", "dept": "1"}, lambda _: pytest.fail("asked")
    )
    assert (document, findings) == ({"no": "42", "dept": "1"}, [])


@pytest.mark.parametrize(
    ("document", "earlier", "detail"),
    [
        ({}, None, "nothing recalled: there is no no to find an earlier order by"),
        (
            {"no": "42"},
            None,
            "nothing recalled: no earlier order with purchase_order_number '42' is known",
        ),
        (
            {"no": "42"},
            {"document": "order"},
            "nothing recalled: the earlier order with purchase_order_number '42' has no department",
        ),
    ],
)
def test_nothing_recalled_says_why(document, earlier, detail) -> None:
    made, [finding] = recalling().recall(document, lambda _: earlier)
    assert (made, finding.code, finding.detail) == (document, "nothing_recalled", detail)
    body = RECALLED.replace("department}", "department, required: true}")
    _, [finding] = recalling(body).recall(document, lambda _: earlier)
    assert (finding.code, finding.field) == ("required_field_missing", "/dept")
    body = RECALLED.replace("department}", 'department, default: "0"}')
    assert recalling(body).recall(document, lambda _: earlier) == ({**document, "dept": "0"}, [])


BROKEN = {
    'fields: {no: {at: W0502, tail: {after: "-", field: nu}}}': [
        "1:45: no: the document's model has no field 'nu'"
    ],
    'fields: {no: {at: W0502, tail: {after: "-", field: a}}, a: W0503}': [
        "1:45: no: 'a' has a place of its own"
    ],
    "fields: {no: {at: W0502, wrap: {width: 4}}}": [
        "1:26: no: `wrap:` outside of `each:` needs `into:`, a list of texts beside it"
    ],
    "fields: {no: {at: W0502, wrap: {width: 4, into: a}}}": ["1:43: no: 'a' is no list of texts"],
    "fields: {no: {at: W0502, wrap: {width: many}}}": [
        "1:33: no.wrap.width: Input should be a valid integer, unable to parse string as an integer"
    ],
    "fields: {no: {at: W0502, scale: {by: to.pack, unit: a, packs: CA, units: EA}}}": [
        "1:34: no: the document's model has no field 'to.pack' here"
    ],
    "fields: {no: {at: W0502, otherwise: a.b()}}": [
        "1:26: no: expression refused: 'call' is not allowed here"
    ],
    "fields: {no: {expr: \"a | lookup('s', 'dc')\", read_only: true}}": [
        "1:15: no: expression refused: there is no table 's' with rows"
    ],
    "fields: {no: {expr: \"a | lookup(a, 'dc')\", read_only: true}}": [
        "1:15: no: expression refused: expected lookup('table', 'column'), both as they are written"
    ],
    "fields: {no: {expr: \"a | lookup('s', 'd')\", read_only: true}}\n"
    'tables: {s: {rows: {"1": {dc: "2"}}}}': [
        "1:15: no: expression refused: table 's' has no column 'd' (did you mean 'dc'?)"
    ],
    'fields: {no: W0502}\ntables: {s: {rows: {"1": {dc: "2"}}, word: name}}': [
        "2:38: tables.s.word: no row has the column 'name'"
    ],
    "fields: {no: {at: W0502, recall: {document: order, by: a, field: x}}}": [
        "1:35: no: there is no document type 'order'"
    ],
    "fields: {no: {at: W0502, recall: {document: order, by: /zz, field: x}}}": [
        "1:35: no: there is no document type 'order'",
        "1:52: no: the document's model has no field 'zz'",
    ],
}


@pytest.mark.parametrize("body", BROKEN)
def test_a_change_that_cannot_be_made_is_refused(body: str) -> None:
    assert problems(body, model("no a to{name}")) == BROKEN[body]


CHARGES = (
    "fields: {cs: {each: NTE, fields: {kind: {at: NTE01, table: k}, "
    "amount: {at: NTE02, as: decimal, minus: {%s: kind=less}}}}}\n"
    "tables: {k: {A: less, C: more}}"
)
CHARGE = model("cs[]{kind amount}")


@pytest.mark.parametrize(
    ("side", "text", "amounts"),
    [
        ("x12", "NTE*A*-785~NTE*C*120~NTE*C*-5~NTE*A*0", ["785", "120", "-5", "0"]),
        ("document", "NTE*A*785~NTE*C*120~NTE*C*-5~NTE*A*0", ["-785", "120", "-5", "0"]),
    ],
)
def test_one_side_has_the_minus_that_another_field_says(
    side: str, text: str, amounts: list[str]
) -> None:
    made = compiled(CHARGES % side, CHARGE)
    document, findings = read(made, text)
    assert ([one["amount"] for one in document["cs"]], findings) == (amounts, [])
    assert write(made, document) == (text, [])


def test_a_sign_that_would_not_come_back_is_a_finding() -> None:
    for side, amount in (("x12", "-7"), ("document", "7")):
        made = compiled(CHARGES % side, CHARGE)
        _, findings = write(made, {"cs": [{"kind": "less", "amount": amount}]})
        assert findings == ["value_not_convertible /cs/0/amount"]


def test_an_allowance_without_its_minus_is_one_all_the_same() -> None:
    assert read(compiled(CHARGES % "x12", CHARGE), "NTE*A*785")[0]["cs"][0]["amount"] == "785"
    assert (
        read(compiled(CHARGES % "document", CHARGE), "NTE*A*-785")[0]["cs"][0]["amount"] == "-785"
    )


def test_a_minus_that_nothing_says_is_refused() -> None:
    said = [
        problems((CHARGES % "x12").replace("{x12: kind=less}", text), CHARGE)[0].split(": ", 2)[2]
        for text in ("{}", "{x12: NTE01=A}", "{x12: nobody=less}", "{x12: a=b, document: c=d}")
    ]
    assert said == [
        "either `x12:` or `document:`, with a condition",
        "'NTE01=A': expected a field of the document, such as kind=allowance",
        "'nobody=less': 'nobody' is no plain field of the same object",
        "either `x12:` or `document:`, with a condition",
    ]
