"""Nothing is lost on write: what a map cannot write, or would read back elsewhere, is a finding."""

from __future__ import annotations

import pytest

from tests.unit.mapping.little_sets import DELIMITERS, compiled, model, plain, read, tree, write

BODY = """
fields:
  no: W0502
  shown: {at: W0503, read_only: true}
  kind: {value: warehouse}
  full: {expr: "no ~ '!'", read_only: true}
  to: {in: "N1[01=ST]", fields: {name: N102, ids: {each: ., fields: {scheme: N103, value: N104}}}}
  refs: {each: N9, fields: {type: N901, value: N902}}
  lines:
    in: LX/W01
    fields:
      qty: W0101
      ids: {pairs: W0104/05..06/07}
"""
MODEL = model(
    "no shown kind full to{name ids[]{scheme value}} refs[]{type value} "
    "lines[]{qty ids[]{scheme value}}"
)


@pytest.mark.parametrize(
    ("document", "lost"),
    [
        ({"no": "1", "gift": True}, ["/gift"]),
        ({"no": "1", "count": 0}, ["/count"]),
        ({"to": {"name": "A", "phone": "1"}}, ["/to/phone"]),
        ({"to": {"ids": [{"scheme": "92", "value": "1", "note": "x"}]}}, ["/to/ids/0/note"]),
        ({"refs": [{"type": "A"}, {"type": "B", "date": "x"}]}, ["/refs/1/date"]),
        ({"lines": [{"qty": "1", "price": "2"}]}, ["/lines/0/price"]),
        ({"lines": [{"ids": [{"scheme": "UP", "value": "1", "x/y~": "2"}]}]},
         ["/lines/0/ids/0/x~1y~0"]),
        ({"gift": {"wrap": [1]}, "tax": [1]}, ["/gift", "/tax"]),
    ],
)  # fmt: skip
def test_a_field_that_the_map_has_no_position_for_is_a_finding(document, lost) -> None:
    _, findings = write(compiled(BODY, MODEL), document)
    assert findings == [f"field_not_mapped {pointer}" for pointer in lost]


def test_what_goes_one_way_what_is_empty_and_the_envelope_are_no_loss() -> None:
    document = {
        "document": "d", "version": "1.0", "meta": {"id": "7"}, "unmapped": [{"segment": "NTE"}],
        "no": "1", "shown": "x", "kind": "warehouse", "full": "1!",
        "gift": None, "notes": [], "carrier": {}, "tax": "",
    }  # fmt: skip
    assert write(compiled(BODY, MODEL), document) == ("W05**1", [])


def test_a_field_of_the_name_of_a_written_expression_is_not_what_is_written() -> None:
    made = compiled("fields: {no: W0502, copy: {at: W0503, expr: no, write_only: true}}")
    assert write(made, {"no": "1", "copy": "2"}) == ("W05**1*1", ["field_not_mapped /copy"])


def test_the_part_of_a_split_names_its_store_in_its_allocations() -> None:
    made = compiled(
        """
fields:
  lines:
    in: LX/W01
    fields:
      stores: {each: SDQ, pairs: 03/04, fields: {store: qualifier, qty: value}}
split: {by: "lines[].stores[].store", to: store}
""",
        model("lines[]{stores[]{store qty}} store"),
    )
    document = {"store": "7", "lines": [{"stores": [{"store": "7", "qty": "1"}]}]}
    assert write(made, document) == ("LX~W01~SDQ***7*1", [])


ALIKE = """
fields:
  bol: "N9[01=BM].02"
  second: "N9[01=CN][#2].02"
  serials: {each: "N9[01=SE|SN]", at: [02]}
  refs: {each: N9, fields: {type: N901, value: N902}}
  to: {in: "N1[01=ST]", fields: {name: N102}}
  parties: {in: "N1[01!=ST]", fields: {role: N101, name: N102}}
  notes: {each: "NTE[01!=GEN]", fields: {type: NTE01, text: NTE02}}
  carriers: {each: TD5, fields: {code: TD501}}
ignore: ["TD5[01=Z]"]
"""
LATE = 'fields: {refs: {each: N9, fields: {type: N901, value: N902}}, bol: "N9[01=BM].02"}'
ALIKE_MODEL = model(
    "bol second serials[] refs[]{type value} to{name} parties[]{role name} "
    "notes[]{type text} carriers[]{code}"
)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"refs": [{"type": "BM", "value": "1"}]}, ["/refs/0"]),
        # A field takes one; the entries after it come back where they were.
        ({"refs": [{"type": "ZZ"}, {"type": "BM"}, {"type": "BM"}]}, ["/refs/1"]),
        ({"refs": [{"type": "SN", "value": "1"}, {"type": "SE"}]}, ["/refs/0", "/refs/1"]),
        ({"refs": [{"type": "CN", "value": "1"}]}, []),
        ({"refs": [{"type": "CN", "value": "1"}, {"type": "CN"}]}, ["/refs/1"]),
        ({"parties": [{"role": "BY"}, {"role": "ST", "name": "A"}]}, ["/parties/1"]),
        ({"to": {"name": "A"}, "parties": [{"role": "ST", "name": "B"}]}, ["/parties/0"]),
        ({"notes": [{"type": "GEN", "text": "x"}]}, ["/notes/0"]),
        ({"carriers": [{"code": "A"}, {"code": "Z"}]}, ["/carriers/1"]),
        ({"notes": [{"type": "ZZZ", "text": "x"}], "serials": ["1"]}, []),
    ],
)  # fmt: skip
def test_an_entry_that_would_be_read_into_another_field_is_a_finding(document, told) -> None:
    made = compiled(ALIKE, ALIKE_MODEL)
    text, findings = write(made, document)
    assert findings == [f"read_as_another_field {pointer}" for pointer in told]
    assert (read(made, text)[0] == document) is not bool(told)


def test_an_entry_like_a_field_comes_back_where_the_field_is_there_too() -> None:
    made = compiled(LATE, ALIKE_MODEL)
    document = {"refs": [{"type": "ZZ", "value": "0"}, {"type": "BM", "value": "1"}], "bol": "2"}
    text, findings = write(made, document)
    assert (text, findings) == ("N9*ZZ*0~N9*BM*2~N9*BM*1", [])
    assert plain(made.read(tree(text), DELIMITERS).document) == document


def test_equal_entries_of_a_list_of_pairs_are_written_each() -> None:
    made = compiled(
        """
fields:
  ids: {pairs: W0504/05..06/07}
  no: {pairs: W0504/05..06/07, qualifier: VN}
  lines:
    in: LX
    fields:
      stores:
        each: W01/SDQ
        pairs: 03/04..05/06
        fields: {unit: SDQ01, store: qualifier, qty: value}
""",
        model("ids[]{scheme value} no lines[]{stores[]{unit store qty}}"),
    )
    twice = {"unit": "EA", "store": "0112", "qty": "10"}
    document = {
        "ids": [{"scheme": "VN", "value": "1"}, {"scheme": "VN", "value": "1"}], "no": "1",
        "lines": [{"stores": [twice, twice, twice]}],
    }  # fmt: skip
    text, findings = write(made, document)
    assert text == "W05****VN*1*VN*1~LX~W01~SDQ*EA**0112*10*0112*10~SDQ*EA**0112*10"
    assert (read(made, text)[0], findings) == (document, [])


ONCE = """
fields:
  no: W0502
  codes: {each: CUR, at: [01, 02]}
  parties: {in: N1, fields: {towns: {each: N4, fields: {city: "01"}}}}
"""
ONCE_MODEL = model("no codes[] parties[]{towns[]{city}}")


@pytest.mark.parametrize(
    ("document", "written", "lost"),
    [
        ({"codes": ["a", "b", "c"]}, "CUR*a*b", "/codes/2"),
        ({"parties": [{"towns": [{"city": "A"}, {"city": "B"}]}]}, "N1~N4*A", "/parties/0/towns/1"),
    ],
)
def test_what_has_no_room_in_a_segment_that_occurs_once_is_told(document, written, lost) -> None:
    made = compiled(ONCE, ONCE_MODEL)
    assert write(made, document) == (written, [f"value_not_convertible {lost}"])
