"""Generated readers against the readable interpreter, on any tree and on every construct."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.properties.test_maps import HIERARCHY, MADE, trees
from tests.unit.mapping.interpreter import Interpreter
from tests.unit.mapping.little_sets import DELIMITERS, NOTICE, ORDER, compiled, model, told

ODD = compiled(
    """
fields:
  no: {first: [W0502, "N9[01=BM].02"], as: integer}
  when: {at: W0503, when: [W0501=N, "!W0504"]}
  first_line: LX/LX01
  first_code: LX/W01/W0112
  second: "N9[01=CN][#2].02"
  count: {at: "N9[01=LT].02", as: decimal, with: {03: Z}}
  to: {in: "N1[01=ST,03]", fields: {name: N102, lines: {each: N3, at: [01, 02], as: upper}}}
  refs: {each: "N9[01!=BM]", fields: {type: 01, value: {at: 02, default: none, required: true}}}
  rest: {each: N9, fields: {value: {at: 02, table: words}}}
  lines:
    in: LX/W01
    constants: {"W01[04=LT].08": X}
    fields:
      no: {at: ../LX01, as: integer}
      marks: {each: ../MAN, fields: {mark: 02}}
      code: ../../SV101-1
      place: "../../N1[01=CN]/N402"
      who: {in: "../../N1[01=BM]", fields: {name: N102, lines: {each: N3, at: [01]}}}
      towns: {in: ../../N1, fields: {town: N401, days: {each: ../G62, fields: {day: 02}}}}
      vn: "W01[04=BM].05"
      sku: {pairs: W0104/05..06/07, qualifier: BM|ST, as: integer}
      ids:
        pairs: [UP=W0103, W0104/05..06/07]
        fields: {q: {at: qualifier, table: words}, v: value}
      mixed: {pairs: [W0109/10, UP=W0103, W0114/13, W0111/12], fields: {q: qualifier, v: value}}
      stores:
        each: SDQ
        pairs: 03/04..05/06
        fields: {unit: 01, store: qualifier, qty: {at: value, as: decimal}}
constants: {NTE01: GEN}
ignore: ["TD5[01=ST]", W0507, LX/W01/G69]
tables: {words: {codes: {ST: to, BM: bill}, unknown: fail}}
""",
    model(
        "no:int when first_line first_code second count to{name lines[]} "
        "refs[]{type value} rest[]{value} "
        "lines[]{no:int marks[]{mark} code place who{name lines[]} towns[]{town days[]{day}} "
        "vn sku:int ids[]{q v} mixed[]{q v} stores[]{unit store qty}}"
    ),
)

LENDING = compiled(
    """
fields:
  no: {first: [W0502, "N9[01=BM].02"]}
  first_line: LX/LX01
  to: {in: "N1[01=ST]", fields: {name: N102, lines: {each: N3, at: [01, 02]}}}
  refs: {each: "N9[01!=BM]", fields: {type: 01, value: 02}}
  lines:
    in: LX/W01
    fields:
      no: ../LX01
      marks: {each: ../MAN, fields: {mark: 02, top: ../../W0504}}
      code: ../../SV101-1
      place: "../../N1[01=CN]/N402"
      who: {in: "../../N1[01=BM]", fields: {name: N102, lines: {each: N3, at: [01]}}}
      towns: {in: ../../N1, fields: {town: N401, days: {each: ../G62, fields: {day: 02}}}}
      ids: {pairs: [UP=W0103, W0104/05..06/07], fields: {q: qualifier, v: value}}
      stores: {each: SDQ, pairs: 03/04..05/06, fields: {unit: 01, store: qualifier, qty: value}}
      vn: {first: ["W01[08=VN].09", "../../CUR02"]}
      notes: {each: ../../NTE, at: [01, 02]}
""",
    model(
        "no first_line to{name lines[]} refs[]{type value} lines[]{no marks[]{mark top} code "
        "place who{name lines[]} towns[]{town days[]{day}} ids[]{q v} stores[]{unit store qty} vn "
        "notes[]}"
    ),
)


@pytest.mark.parametrize(
    ("made", "shape"),
    [(MADE, ORDER), (ODD, ORDER), (LENDING, ORDER), (HIERARCHY, NOTICE)],
    ids=["plain", "odd", "lending", "HL"],
)
@given(data=st.data())
@settings(max_examples=150, deadline=None, phases=[Phase.generate])  # many draws shrink slowly
def test_a_generated_reader_reads_what_the_interpreter_reads(made, shape, data) -> None:
    tree = data.draw(trees(shape))
    reading = made.read(tree, DELIMITERS)
    document, sink = Interpreter(made.plan).read(tree, DELIMITERS.component)
    if sink.unmapped:
        document["unmapped"] = sink.unmapped
    assert reading.document == document
    assert told(reading.findings)[: len(sink.findings)] == told(sink.findings)
