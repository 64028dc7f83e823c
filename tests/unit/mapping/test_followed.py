"""A segment with those behind it: `N9+[01=LV]`, a loop that only the map knows."""

import pytest

from gateway.mapping.write_order import as_tree
from tests.unit.mapping.little_sets import (
    DELIMITERS,
    NOTICE,
    compiled,
    lines,
    loop,
    model,
    problems,
    read,
    seg,
    told,
    tree,
    write,
)
from tests.unit.mapping.test_traces import received, traced
from tests.unit.mapping.test_traces import said as traced_line
from tests.unit.mapping.test_traces import why as written_line

FIELDS = """
fields:
  lines:
    in: LX/W01
    fields:
      number: {at: ../LX01, as: integer}
      qty: W0101
      due: "N9[01=ZZ].02"
      lots:
        each: N9+[01=LV]
        fields:
          lot: "02"
          qty: N903
          expires: {at: "+N9[01=ZZ].02", as: date(YYMMDD), with: {"03": EXP}}
          marks: {each: "+N9[01=MK]", fields: {mark: "02"}}
      refs: {each: N9, fields: {type: N901, value: N902}}
"""
SCHEMA = model(
    "lines[]{number:int qty due lots[]{lot qty expires marks[]{mark}} refs[]{type value}}"
)
SET = (
    "LX*1~W01*5~N9*ZZ*9~N9*LI*10~N9*LV*A*30~N9*ZZ*270430*EXP~N9*MK*x~N9*MK*y~N9*LV*B*18"
    "~N9*LV*C*2~N9*ZZ*270531*EXP~LX*2~W01*1~N9*LI*20"
)
FIRST_LOT = {"lot": "A", "qty": "30", "expires": "2027-04-30"}
DOCUMENT = {
    "lines": [
        {
            "number": 1,
            "qty": "5",
            "due": "9",
            "lots": [
                FIRST_LOT | {"marks": [{"mark": "x"}, {"mark": "y"}]},
                {"lot": "B", "qty": "18"},
                {"lot": "C", "qty": "2", "expires": "2027-05-31"},
            ],
            "refs": [{"type": "LI", "value": "10"}],
        },
        {"number": 2, "qty": "1", "refs": [{"type": "LI", "value": "20"}]},
    ]
}


def test_what_stands_behind_a_segment_belongs_to_its_entry_and_is_written_behind_it() -> None:
    made = compiled(FIELDS, SCHEMA)
    assert read(made, SET) == (DOCUMENT, [])
    assert write(made, DOCUMENT) == (SET, [])


def test_what_is_left_of_a_segment_behind_another_is_kept_and_written_back_in_its_place() -> None:
    text = "LX*1~W01*5~N9*LV*A*30*x~N9*ZZ*270430*EXP*y~N9*ZZ*270501*DUE~N9*MK*m**z~N9*LV*B"
    made = compiled(FIELDS + "unmapped: write_back", SCHEMA)
    reading = made.read(tree(text), DELIMITERS)
    where = "LX[#1]/W01[#1]/N9+[01=LV][#1]"
    assert told(reading.findings) == []
    assert reading.document["unmapped"] == [
        {"loop": where, "segment": "N9", "of": "N9+", "elements": {"04": "x"}},
        {"loop": where, "segment": "N9", "of": "+N9[01=ZZ]", "elements": {"04": "y"}},
        {"loop": where, "segment": "N9", "elements": {"01": "ZZ", "02": "270501", "03": "DUE"}},
        {"loop": where, "segment": "N9", "of": "+N9[01=MK][#1]", "elements": {"04": "z"}},
    ]
    writing = made.write(reading.document, DELIMITERS)
    assert told(writing.findings) == []
    moved = text.replace("~N9*ZZ*270501*DUE", "").replace("*z~", "*z~N9*ZZ*270501*DUE~")
    assert "~".join(lines(writing.tree)) == text
    without = {key: value for key, value in reading.document.items() if key != "as_received"}
    assert "~".join(lines(made.write(without, DELIMITERS).tree)) == moved


def test_a_beginning_that_no_field_takes_is_kept_with_what_stands_behind_it() -> None:
    body = """
fields: {lot: {in: "N9+[01=LV]", fields: {no: N902, due: "+N9[01=ZZ].02"}}}
unmapped: write_back
"""
    made = compiled(body, model("lot{no due}"))
    text = "N9*LV*A~N9*ZZ*1~N9*LV*B~N9*ZZ*2"
    document, findings = read(made, text)
    assert (document["lot"], findings) == ({"no": "A", "due": "1"}, [])
    assert document["unmapped"] == [
        {"loop": "N9+[+1]", "segment": "N9", "elements": {"01": "LV", "02": "B"}},
        {"loop": "N9+[+1]", "segment": "N9", "elements": {"01": "ZZ", "02": "2"}},
    ]
    assert write(made, document) == (text, [])


def test_an_entry_of_the_level_that_would_open_another_is_a_finding() -> None:
    made = compiled(FIELDS, SCHEMA)
    line = {"number": 1, "lots": [FIRST_LOT], "refs": [{"type": "LV", "value": "Z"}]}
    _, findings = write(made, {"lines": [line]})
    assert findings == ["read_as_another_field /lines/0/refs/0"]


def test_an_entry_behind_another_that_would_open_one_is_a_finding() -> None:
    body = """
fields: {lots: {each: "N9+[01=LV]", fields: {no: N902, more: {each: +N9, fields: {type: N901}}}}}
"""
    made = compiled(body, model("lots[]{no more[]{type}}"))
    document = {"lots": [{"no": "A", "more": [{"type": "ZZ"}, {"type": "LV"}]}]}
    assert write(made, document)[1] == ["read_as_another_field /lots/0/more/1"]


def test_in_levels_of_an_order_and_of_a_carton_each_item_has_its_own() -> None:
    notice = NOTICE.__class__(
        "", 1, (seg("BSN", 5), loop(seg("HL", 4), seg("LIN", 5), seg("REF", 3, 9), seg("MAN", 2)))
    )
    item = (
        '{level: I, fields: {sku: LIN03, lots: {each: "REF+[01=LT]", '
        'fields: {no: "02", due: "+REF[01=ZZ].02"}}}}'
    )
    body = f"""
fields:
  orders: {{level: O, fields: {{cartons: {{level: P, fields: {{items: {item}}}}}, items: {item}}}}}
"""
    lots = "items[]{sku lots[]{no due}}"
    made = compiled(body, model(f"orders[]{{cartons[]{{{lots}}} {lots}}}"), notice)
    text = (
        "HL*1**O*1~HL*2*1*I*0~LIN*1*VN*A~REF*LT*a~REF*ZZ*1~HL*3*1*P*1~HL*4*3*I*0~LIN*1*VN*B"
        "~REF*LT*b~REF*ZZ*2~REF*LT*c"
    )
    document = {
        "orders": [
            {
                "cartons": [
                    {"items": [{"sku": "B", "lots": [{"no": "b", "due": "2"}, {"no": "c"}]}]}
                ],
                "items": [{"sku": "A", "lots": [{"no": "a", "due": "1"}]}],
            }
        ]
    }
    assert read(made, text, notice)[0]["orders"] == document["orders"]
    # Levels are written in the order of the map's fields: cartons before loose items.
    again = made.read(made.write(document, DELIMITERS).tree, DELIMITERS)
    assert again.document["orders"] == document["orders"]


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (
            "{each: CUR+, fields: {a: CUR01}}",
            "'CUR+': CUR does not repeat here, so none can follow another",
        ),
        (
            "{in: N1+, fields: {a: N101}}",
            "'N1+': N1 does not repeat here, so none can follow another",
        ),
        (
            '{each: N9, fields: {a: "+N9[01=ZZ].02"}}',
            "'+N9[01=ZZ].02': inside `each:` only elements of N9 can be named",
        ),
        (
            "{each: +N9, fields: {a: N901}}",
            "'+N9' is a segment behind another: expected in `each: N9+`",
        ),
        (
            '{each: "N9+[01=LV]", fields: {a: +N909}}',
            "'+N909': N9 has 6 elements, there is no element 09",
        ),
        (
            '{each: "N9+[01=LV]", fields: {a: N408}}',
            "'N408': there is no segment N4 in loop N9+",
        ),
    ],
)  # fmt: skip
def test_a_segment_that_follows_nothing_is_refused(field: str, message: str) -> None:
    found = problems(f"fields:\n  xs: {field}\n", model("xs[]{a}"))
    assert [one.split(": ", 2)[2] for one in found] == [message]


MAP = f'map: m\ntransaction_set: "940"\ndocument: d{FIELDS}'


def test_the_trace_names_the_segment_behind_both_ways() -> None:
    made = traced(MAP, schema=SCHEMA)
    text = "ST*940*0001~\nLX*1~\nW01*5~\nN9*LV*A*30~\nN9*ZZ*270430*EXP~\n"
    one = received(text)
    reading = made.read(as_tree(one.segments, made.compiled.plan.shape), one, DELIMITERS)
    told_lines = [traced_line(field) for field in reading.documents[0].fields]
    line = "/lines/0/lots/0/expires | element | N902 5 44 | m.map.yaml:16:21 | +N9[01=ZZ].02"
    assert told_lines[-1] == f"{line} | as date(YYMMDD)"
    writing = made.write(reading.documents[0].document, DELIMITERS)
    assert [written_line(field) for field in writing.elements][-3:] == [
        "N901 ZZ | predicate | m.map.yaml:16:21 | +N9[01=ZZ].02",
        "N902 270430 | field | /lines/0/lots/0/expires | m.map.yaml:16:21 | +N9[01=ZZ].02",
        "N903 EXP | with | m.map.yaml:16:60",
    ]


def test_why_an_entry_lacks_what_another_has_behind_it() -> None:
    made = traced(MAP, schema=SCHEMA)
    one = received("ST*940*0001~\nLX*1~\nW01*5~\nN9*LV*A~\nN9*ZZ*270430*EXP~\nN9*LV*B~\n")
    whole = as_tree(one.segments, made.compiled.plan.shape)
    document = made.read(whole, one, DELIMITERS).documents[0]
    absence = made.why_absent(whole, one, document, "/lines/0/lots/1/expires")
    assert absence is not None
    assert [(found.position, found.said) for found in absence.looked] == [
        ("+N9[01=ZZ].02", "there is no N9 in LX[1]/W01[1]/N9+[2]")
    ]
    assert made.why_absent(whole, one, document, "/lines/0/lots/0/expires") is None
