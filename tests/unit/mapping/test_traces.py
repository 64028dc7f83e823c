"""What a trace says of each construct of the map language, in both directions."""

from __future__ import annotations

from gateway.mapping.library import MapLibrary
from gateway.mapping.trace import TracedMap, in_file
from gateway.mapping.write_order import as_tree
from gateway.x12.model import ControlNumber, Delimiters, TransactionSet
from gateway.yaml_source import load
from tests.unit.mapping.little_sets import ANYTHING, NOTICE, ORDER, model

BASE = """map: base
transaction_set: "940"
document: d
fields:
  number: {at: W0502, as: [trim, upper]}
  day: {at: "G62[01=10].02", as: date}
  bill: {first: [W0504, "N9[01=BM].02"]}
  kind: {value: warehouse}
  status: {at: W0501, table: status, default: new}
  rank: {at: W0507, default: low}
  part: SV101-2
  label: {expr: "number ~ '/' ~ status", read_only: true}
  ship_to:
    in: "N1[01=ST]"
    fields: {name: N102, ids: {each: ., fields: {scheme: N103, value: N104}}}
  parties: {in: N1, fields: {role: N101, name: N102, lines: {each: N3, at: ["01", "02"]}}}
  references: {each: N9, fields: {qualifier: "01", value: "02"}}
  lines:
    in: LX/W01
    fields:
      number: {at: ../LX01, as: integer}
      ids: {pairs: [W0104/05..08/09, UP=W0103]}
      sku: {pairs: W0104/05..08/09, qualifier: VN|SK}
constants: {W0506: X}
computed: {CTT01: {count: LX/W01}, CTT02: {sum: LX/W01/W0101}}
tables:
  status: {N: new, F: cancel}
"""
OVERLAY = """map: m
extends: base
unmapped: write_back
fields:
  rank: {default: high}
  number: {as: upper}
tables:
  status: {C: confirmed}
"""
SCHEMA = model(
    "number day bill kind status rank part label "
    "ship_to{name ids[]{scheme value}} parties[]{role name lines[]} references[]{qualifier value} "
    "lines[]{number:int ids[]{scheme value} sku}"
)
TEXT = """ST*940*0001~
W05*C* hg-1**77**X~
N1*BY*Shop~
N3*1 High Street*Back door~
N1*ST*Store*92*0042~
N9*BM*77~
N9*CN*12~
G62*10*20260302~
SV1*A>B>C~
LX*1~
W01*2*EA*123*SK*K-1*VN*V-1~
CTT*1~
SE*13*0001~
"""


def received(text: str) -> TransactionSet:
    """Return a set as the reader gives it, the file being no more than its text."""
    segments, offsets, at = [], [], 0
    for line in text.splitlines(keepends=True):
        segments.append(line.strip().removesuffix("~").split("*"))
        offsets.append(at)
        at += len(line)
    delimiters = Delimiters(suffix="\n")
    return TransactionSet(
        segments, offsets, delimiters, ControlNumber("000000009"), ControlNumber("7")
    )


def traced(*texts: str, schema=None, shape=ORDER) -> TracedMap:
    sources = [load(text, f"{text.split()[1]}.map.yaml") for text in texts]
    maps = MapLibrary(sources)
    name = texts[-1].split()[1]
    made = maps.compile(name, shape, schema or ANYTHING)
    return TracedMap(made, maps.resolve(name).source)


def read(made: TracedMap, text: str, shape=ORDER):
    one = received(text)
    return made.read(as_tree(one.segments, shape), one, one.delimiters)


def said(one) -> str:
    """Write the trace of a value in a line."""
    place = one.place
    there = "" if place is None else f"{place.reference} {place.segment_position} {place.offset}"
    steps = [f"{each.kind} {each.name}" for each in one.applied]
    steps += [str(each.entry) for each in one.applied if each.entry]
    parts = (one.pointer, one.origin.value, there, str(one.line or ""), one.position, *steps)
    return " | ".join(filter(None, parts))


def why(one) -> str:
    """Write why an element is written in a line."""
    line = "" if one.line is None else str(one.line)
    there = f"{one.place.reference} {one.place.text}"
    return " | ".join(filter(None, (there, one.reason.value, one.pointer, line, one.position)))


def write(made: TracedMap, document):
    """Return the trace of what is written, with the set's own places."""
    trace = made.write(document, Delimiters())
    text = "".join(f"{'*'.join(row)}~\n" for row in trace.segments)
    one = received(f"ST*940*0001~\n{text}SE*{len(trace.segments) + 2}*0001~\n")
    for each in (found := in_file(trace, one, one.delimiters)).elements:
        start = each.place.offset
        whole = f"ST*940*0001~\n{text}SE*{len(trace.segments) + 2}*0001~\n"
        assert whole[start : start + each.place.length] == each.place.text
    return found


def test_each_construct_says_where_its_value_came_from() -> None:
    [document] = read(traced(BASE, OVERLAY, schema=SCHEMA), TEXT).documents
    assert [said(one) for one in document.fields] == [
        "/document | model",
        "/version | model",
        "/number | element | W0502 2 19 | base.map.yaml:5:12 | W0502 | as upper",
        "/day | element | G6202 8 121 | base.map.yaml:6:9 | G62[01=10].02 | as date",
        "/bill | first | W0504 2 26 | base.map.yaml:7:18 | W0504",
        "/status | element | W0501 2 17 | base.map.yaml:9:12 | W0501 | table status"
        " | m.map.yaml:8:12",
        "/part | element | SV101-2 9 137 | base.map.yaml:11:3 | SV101-2",
        "/ship_to/name | element | N102 5 79 | base.map.yaml:15:14 | N102",
        "/ship_to/ids/0/scheme | element | N103 5 85 | base.map.yaml:15:50 | N103",
        "/ship_to/ids/0/value | element | N104 5 88 | base.map.yaml:15:64 | N104",
        "/parties/0/role | element | N101 3 36 | base.map.yaml:16:30 | N101",
        "/parties/0/name | element | N102 3 39 | base.map.yaml:16:42 | N102",
        "/parties/0/lines/0 | each | N301 4 48 | base.map.yaml:16:72 | [01, 02]",
        "/parties/0/lines/1 | each | N302 4 62 | base.map.yaml:16:72 | [01, 02]",
        "/references/0/qualifier | each | N901 7 107 | base.map.yaml:17:35 | 01",
        "/references/0/value | each | N902 7 110 | base.map.yaml:17:52 | 02",
        "/lines/0/number | element | LX01 10 145 | base.map.yaml:21:16 | ../LX01 | as integer",
        "/lines/0/ids/0/scheme | pair | W0104 11 161 | base.map.yaml:22:13 | W0104/05",
        "/lines/0/ids/0/value | pair | W0105 11 164 | base.map.yaml:22:13 | W0104/05",
        "/lines/0/ids/1/scheme | pair | W0106 11 168 | base.map.yaml:22:13 | W0106/07",
        "/lines/0/ids/1/value | pair | W0107 11 171 | base.map.yaml:22:13 | W0106/07",
        "/lines/0/ids/2/scheme | qualifier | base.map.yaml:22:13 | [W0104/05..08/09, UP=W0103]",
        "/lines/0/ids/2/value | pair | W0103 11 157 | base.map.yaml:22:13 | UP=W0103",
        "/lines/0/sku | pair | W0107 11 171 | base.map.yaml:23:13 | W0106/07",
        "/kind | value | base.map.yaml:8:10",
        "/rank | default | m.map.yaml:5:10 | W0507",
        "/unmapped/0/loop | unmapped",
        "/unmapped/0/segment | unmapped | SV1 9 131",
        "/unmapped/0/of | unmapped",
        "/unmapped/0/elements/01-1 | unmapped | SV101-1 9 135",
        "/unmapped/0/elements/01-3 | unmapped | SV101-3 9 139",
        "/unmapped/1/loop | unmapped",
        "/unmapped/1/segment | unmapped | W01 11 148",
        "/unmapped/1/of | unmapped",
        "/unmapped/1/elements/01 | unmapped | W0101 11 152",
        "/unmapped/1/elements/02 | unmapped | W0102 11 154",
        "/label | expression | base.map.yaml:12:11",
    ]
    notes = {one.pointer: one.note for one in document.fields}
    assert notes["/bill"] == "place 1 of the 2 that `first:` names"
    assert notes["/rank"] == "nothing to take stands at W0507"
    assert (
        notes["/lines/0/ids/2/scheme"] == "the map says that the qualifier is UP: no element does"
    )


def test_each_element_says_why_it_is_written() -> None:
    made = traced(BASE, OVERLAY, schema=SCHEMA)
    [document] = read(made, TEXT).documents
    came = write(made, document.document)
    assert "W0502  hg-1 | unmapped | /as_received/differences/0/elements/02 | m.map.yaml:3:1" in [
        why(one) for one in came.elements
    ]
    changed = {name: one for name, one in document.document.items() if name != "as_received"}
    assert [why(one) for one in write(made, changed).elements] == [
        "ST01 940 | envelope",
        "ST02 0001 | envelope",
        "W0501 C | field | /status | base.map.yaml:9:12 | W0501",
        "W0502  HG-1 | field | /number | base.map.yaml:5:12 | W0502",
        "W0504 77 | field | /bill | base.map.yaml:7:10 | W0504",
        "W0506 X | constant | base.map.yaml:24:13 | W0506",
        "W0507 high | field | /rank | base.map.yaml:10:10 | W0507",
        "N101 ST | predicate | base.map.yaml:14:5 | N1[01=ST]",
        "N102 Store | field | /ship_to/name | base.map.yaml:15:14 | N102",
        "N103 92 | field | /ship_to/ids/0/scheme | base.map.yaml:15:50 | N103",
        "N104 0042 | field | /ship_to/ids/0/value | base.map.yaml:15:64 | N104",
        "N101 BY | field | /parties/0/role | base.map.yaml:16:30 | N101",
        "N102 Shop | field | /parties/0/name | base.map.yaml:16:42 | N102",
        "N301 1 High Street | field | /parties/0/lines/0 | base.map.yaml:16:72 | [01, 02]",
        "N302 Back door | field | /parties/0/lines/1 | base.map.yaml:16:72 | [01, 02]",
        "N901 CN | field | /references/0/qualifier | base.map.yaml:17:35 | 01",
        "N902 12 | field | /references/0/value | base.map.yaml:17:52 | 02",
        "G6201 10 | predicate | base.map.yaml:6:9 | G62[01=10].02",
        "G6202 20260302 | field | /day | base.map.yaml:6:9 | G62[01=10].02",
        "SV101-1 A | unmapped | /unmapped/0/elements/01-1 | m.map.yaml:3:1",
        "SV101-2 B | field | /part | base.map.yaml:11:3 | SV101-2",
        "SV101-3 C | unmapped | /unmapped/0/elements/01-3 | m.map.yaml:3:1",
        "LX01 1 | field | /lines/0/number | base.map.yaml:21:16 | ../LX01",
        "W0101 2 | unmapped | /unmapped/1/elements/01 | m.map.yaml:3:1",
        "W0102 EA | unmapped | /unmapped/1/elements/02 | m.map.yaml:3:1",
        "W0103 123 | field | /lines/0/ids/2/value | base.map.yaml:22:13 | UP=W0103",
        "W0104 SK | field | /lines/0/ids/0/scheme | base.map.yaml:22:13 | W0104/05",
        "W0105 K-1 | field | /lines/0/ids/0/value | base.map.yaml:22:13 | W0104/05",
        "W0106 VN | field | /lines/0/ids/1/scheme | base.map.yaml:22:13 | W0106/07",
        "W0107 V-1 | field | /lines/0/ids/1/value | base.map.yaml:22:13 | W0106/07",
        "CTT01 1 | count | base.map.yaml:25:12 | CTT01",
        "CTT02 2 | sum | base.map.yaml:25:36 | CTT02",
        "SE01 12 | envelope",
        "SE02 0001 | envelope",
    ]


def taken(document):
    return [one for one in document.fields if one.place and one.origin.value != "unmapped"]


LEVELS = """map: m
transaction_set: "856"
document: d
fields:
  shipment: BSN02
  weight: {at: "HL[03=S]/TD1[06=G].07", as: decimal}
  orders:
    level: S/O
    fields:
      number: PRF01
      items: {level: I, fields: {sku: "LIN[02=VN].03"}}
"""


def test_levels_are_named_with_those_that_they_are_in() -> None:
    schema = model("shipment weight orders[]{number items[]{sku}}")
    made = traced(LEVELS, schema=schema, shape=NOTICE)
    text = """BSN*00*S1~
HL*7**S~
TD1******G*5~
HL*9*7*O~
PRF*PO1~
HL*12*9*I~
LIN**VN*K1~
"""
    [document] = read(made, text, NOTICE).documents
    assert [(one.pointer, one.place.loop) for one in taken(document)] == [
        ("/shipment", ""),
        ("/weight", "HL[1=S]"),
        ("/orders/0/number", "HL[1=S]/HL[2=O]"),
        ("/orders/0/items/0/sku", "HL[1=S]/HL[2=O]/HL[3=I]"),
    ]
    levels = [one for one in write(made, document.document).elements if one.place.segment == "HL"]
    assert [why(one) for one in levels] == [
        "HL01 1 | hierarchy | m.map.yaml:6:12 | HL[03=S]/TD1[06=G].07",
        "HL03 S | predicate | m.map.yaml:6:12 | HL[03=S]/TD1[06=G].07",
        "HL04 1 | hierarchy | m.map.yaml:6:12 | HL[03=S]/TD1[06=G].07",
        "HL01 2 | hierarchy | m.map.yaml:8:5 | S/O",
        "HL02 1 | hierarchy | m.map.yaml:8:5 | S/O",
        "HL03 O | predicate | m.map.yaml:8:5 | S/O",
        "HL04 1 | hierarchy | m.map.yaml:8:5 | S/O",
        "HL01 3 | hierarchy | m.map.yaml:11:15 | I",
        "HL02 2 | hierarchy | m.map.yaml:11:15 | I",
        "HL03 I | predicate | m.map.yaml:11:15 | I",
        "HL04 0 | hierarchy | m.map.yaml:11:15 | I",
    ]
    assert [one.note for one in levels[3:7]] == [
        "number of the level",
        "number of the level that it is in",
        "the selection says it",
        "whether there are levels in it",
    ]
    assert {one.place.loop for one in levels} == {
        "HL[1=S]", "HL[1=S]/HL[2=O]", "HL[1=S]/HL[2=O]/HL[3=I]",
    }  # fmt: skip


ONE_WAY = """map: m
transaction_set: "940"
document: d
fields:
  number: W0502
  day: {at: "G62[01=10].02", as: date, with: {"03": Z}}
  rank: {at: W0507, write_default: low}
  copy: {at: "N9[01=MB].02", expr: "number", write_only: true}
  lines:
    in: LX/W01
    fields:
      amount: W0101
      sku: {pairs: W0104/05..06/07, qualifier: VN|SK}
computed: {LX/LX01: counter}
"""


def test_what_goes_one_way_says_so() -> None:
    made = traced(ONE_WAY, schema=model("number day rank lines[]{amount sku}"))
    document = {"number": "1", "day": "2026-03-02", "lines": [{"amount": "2", "sku": "K"}]}
    assert [why(one) for one in write(made, document).elements[2:-2]] == [
        "W0502 1 | field | /number | m.map.yaml:5:3 | W0502",
        "W0507 low | write_default | m.map.yaml:7:21",
        "N901 MB | predicate | m.map.yaml:8:10 | N9[01=MB].02",
        "N902 1 | expression | m.map.yaml:8:30 | N9[01=MB].02",
        "G6201 10 | predicate | m.map.yaml:6:9 | G62[01=10].02",
        "G6202 20260302 | field | /day | m.map.yaml:6:9 | G62[01=10].02",
        "G6203 Z | with | m.map.yaml:6:40",
        "LX01 1 | counter | m.map.yaml:14:12 | LX/LX01",
        "W0101 2 | field | /lines/0/amount | m.map.yaml:12:7 | W0101",
        "W0104 VN | qualifier | m.map.yaml:13:37",
        "W0105 K | field | /lines/0/sku | m.map.yaml:13:13 | W0104/05",
    ]


def test_parts_of_a_split_say_what_was_set_from_their_allocations() -> None:
    text = """map: m
transaction_set: "940"
document: d
fields:
  lines:
    in: LX/W01
    fields:
      amount: {at: W0101, as: decimal}
      allocations:
        each: SDQ
        pairs: 03/04..11/12
        fields: {unit: "01", place: qualifier, amount: {at: value, as: decimal}}
split: {by: "lines[].allocations[].place", to: store, set: {amount: amount}}
"""
    made = traced(text, schema=model("store lines[]{amount allocations[]{unit place amount}}"))
    body = "W05*N*1~\nLX*1~\nW01*7~\nSDQ*EA**A*2*B*5~\nLX*2~\nW01*4~\nSDQ*EA**B*1*B*3~\n"
    first, second = read(made, body).documents
    assert [said(one) for one in first.fields if one.origin.value == "split"] == [
        "/lines/0/amount | split | SDQ04 4 32 | m.map.yaml:13:61 | as decimal",
        "/store | split | m.map.yaml:13:44",
    ]
    assert [said(one) for one in second.fields if one.origin.value == "split"] == [
        "/lines/0/amount | split | SDQ06 4 36 | m.map.yaml:13:61 | as decimal",
        "/lines/1/amount | split | m.map.yaml:13:61",
        "/store | split | m.map.yaml:13:44",
    ]


def test_a_repeated_field_that_nothing_gives_has_no_trace() -> None:
    made = traced(ONE_WAY, schema=model("number day rank lines[]{amount sku}"))
    [document] = read(made, "W05*N*77~\n").documents
    assert document.of("/number").place.reference == "W0502"
    assert document.of("/day") is None


def test_tracing_leaves_the_map_as_it_is() -> None:
    made = traced(BASE, OVERLAY, schema=SCHEMA)
    one = received(TEXT)
    before = made.compiled.read(as_tree(one.segments, ORDER), one.delimiters).document
    [document] = read(made, TEXT).documents
    assert document.document == before
    assert {type(text) for row in one.segments for text in row} == {str}
    after = made.compiled.write(before, Delimiters())
    assert {type(text) for row in after.segments for text in row} == {str}
    assert after.segments == made.write(before, Delimiters()).segments


REWORKED = """map: m
transaction_set: "940"
document: d
fields:
  number: {at: W0502, tail: {after: "-", field: store}}
  notes: {each: NTE, fields: {type: "01", text: {at: "02", wrap: {width: 4}}}}
  lines:
    in: LX/W01
    fields:
      amount: {at: W0101, as: decimal, scale: {by: pack, unit: unit, packs: case, units: each}}
      unit: {at: W0102, table: unit}
      pack: {at: W0103, as: decimal}
      rest: {at: W0104, otherwise: "amount"}
tables: {unit: {CA: case, EA: each}}
"""


def test_what_is_changed_after_reading_is_traced_to_what_it_was_changed_from() -> None:
    schema = model("number store notes[]{type text} lines[]{amount unit pack rest}")
    made = traced(REWORKED, schema=schema)
    text = "W05*N*77-0417~\nNTE*A*abcd~\nNTE*A*ef~\nNTE*B*g~\nLX*1~\nW01*2*CA*12~\n"
    [document] = read(made, text).documents
    assert {one.pointer: one.value for one in document.fields}["/notes/0/text"] == "abcdef"
    found = [said(one) for one in document.fields if one.origin.value not in ("model", "unmapped")]
    assert found == [
        "/number | rework | W0502 1 6 | m.map.yaml:5:23",
        "/notes/0/type | each | NTE01 2 19 | m.map.yaml:6:31 | 01",
        "/notes/0/text | rework | NTE02 2 21 | m.map.yaml:6:60",
        "/notes/1/type | each | NTE01 4 41 | m.map.yaml:6:31 | 01",
        "/notes/1/text | each | NTE02 4 43 | m.map.yaml:6:50 | 02",
        "/lines/0/amount | rework | W0101 6 56 | m.map.yaml:10:40",
        "/lines/0/unit | rework | W0102 6 58 | m.map.yaml:10:40",
        "/lines/0/pack | element | W0103 6 61 | m.map.yaml:12:14 | W0103 | as decimal",
        "/lines/0/rest | rework | m.map.yaml:13:25",
        "/store | rework | W0502 1 6 | m.map.yaml:5:23",
    ]
    trace = made.write(document.document, Delimiters())
    assert trace.segments == made.compiled.write(document.document, Delimiters()).segments
    changed = {one.place.reference: one.pointer for one in trace.elements if one.note}
    assert changed["W0502"] == "/number"
    assert changed["W0101"] == "/lines/0/amount"
