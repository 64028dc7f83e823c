"""Nothing lost: what no field takes is in the unmapped list, and can be written back."""

import pytest

from tests.unit.mapping.little_sets import (
    DELIMITERS,
    NOTICE,
    compiled,
    lines,
    model,
    read,
    told,
    tree,
    write,
)

LINES = """
fields:
  no: W0502
  to: {in: "N1[01=ST]", fields: {name: N102}}
  bol: "N9[01=BM].02"
  refs: {each: N9, fields: {type: N901, value: N902}}
  lines:
    in: LX/W01
    fields:
      qty: W0101
      lot: "N9[01=LT].02"
unmapped: %s
"""
MODEL = model("no to{name} bol refs[]{type value} lines[]{qty lot}")
FULL = (
    "W05*N*1**L~N1*ST*Ann*92*7~N3*High St~N1*BY*Bob~N4*Bonn~N9*BM*7*x~N9*ZZ*8*y~NTE**Hello"
    "~LX*1~MAN*GM*9~W01*5*EA~N9*LT*L1*d~N9*QQ*1~W01*6~LX*2~W01*7**UPC"
)


def test_every_leftover_is_listed_with_its_place() -> None:
    document, findings = read(compiled(LINES % "keep", MODEL), FULL)
    assert findings == []
    assert document["unmapped"] == [
        {"loop": "", "segment": "W05", "of": "W05", "elements": {"01": "N", "04": "L"}},
        {"loop": "", "segment": "N9", "of": "N9[01=BM]", "elements": {"03": "x"}},
        {"loop": "", "segment": "N9", "of": "N9[#1]", "elements": {"03": "y"}},
        {"loop": "N1[01=ST]", "segment": "N1", "of": "N1", "elements": {"03": "92", "04": "7"}},
        {"loop": "N1[01=ST]", "segment": "N3", "elements": {"01": "High St"}},
        {"loop": "N1[+1]", "segment": "N1", "elements": {"01": "BY", "02": "Bob"}},
        {"loop": "N1[+1]", "segment": "N4", "elements": {"01": "Bonn"}},
        {"loop": "LX[#1]", "segment": "LX", "of": "LX", "elements": {"01": "1"}},
        {"loop": "LX[#1]/W01[#1]", "segment": "W01", "of": "W01", "elements": {"02": "EA"}},
        {
            "loop": "LX[#1]/W01[#1]",
            "segment": "N9",
            "of": "N9[01=LT]",
            "elements": {"03": "d"},
        },
        {"loop": "LX[#1]/W01[#1]", "segment": "N9", "elements": {"01": "QQ", "02": "1"}},
        {"loop": "LX[#1]", "segment": "MAN", "elements": {"01": "GM", "02": "9"}},
        {"loop": "LX[#2]", "segment": "LX", "of": "LX", "elements": {"01": "2"}},
        {"loop": "LX[#2]/W01[#1]", "segment": "W01", "of": "W01", "elements": {"03": "UPC"}},
        {"loop": "", "segment": "NTE", "elements": {"02": "Hello"}},
    ]


def test_every_value_of_a_set_is_mapped_or_unmapped() -> None:
    text = FULL.replace("~W01*6", "")
    document, _ = read(compiled(LINES % "keep", MODEL), text)
    told_of = repr(document)
    for segment in text.split("~"):
        for element in segment.split("*")[1:]:
            assert not element or repr(element) in told_of or element in ("ST", "BM", "LT")


def test_what_was_kept_can_be_written_back() -> None:
    text = FULL.replace("~W01*6", "")
    made = compiled(LINES % "write_back", MODEL)
    reading = made.read(tree(text), DELIMITERS)
    writing = made.write(reading.document, DELIMITERS)
    assert told(writing.findings) == []
    assert "~".join(lines(writing.tree)) == text


def test_kept_segments_are_not_written_back_unless_the_map_says_so() -> None:
    made = compiled(LINES % "keep", MODEL)
    reading = made.read(tree("W05**1*2~NTE**x"), DELIMITERS)
    assert lines(made.write(reading.document, DELIMITERS).tree) == ["W05**1"]


def test_dropped_means_forgotten() -> None:
    assert read(compiled(LINES % "drop", MODEL), "W05**1*2~NTE**x") == ({"no": "1"}, [])


@pytest.mark.parametrize(
    "entry",
    [
        "text",
        {"loop": "LX[#3]", "segment": "W01", "elements": {"01": "1"}},
        {"loop": "", "segment": "lower", "elements": {}},
        {"loop": "", "segment": "N9", "of": "N9[01=XX]", "elements": {"01": "1"}},
        {"loop": "", "segment": "NTE", "elements": {"00": "1"}},
        {"loop": "", "segment": "NTE"},
        {"loop": "", "segment": "ZZZ", "elements": {"01": "1"}},
        {"loop": "", "segment": "N3", "elements": {"01": "1"}},
        {"loop": "ZZZ[+1]", "segment": "ZZZ", "elements": {"01": "1"}},
        {"loop": "N1[+1]", "segment": "N3", "elements": {"01": "1"}},
        {"loop": "LX[+1]/W01[+1]", "segment": "W01", "elements": {"01": "1"}},
    ],
)
def test_what_finds_no_place_to_be_written_back_to_is_a_finding(entry: object) -> None:
    made = compiled(LINES % "write_back", MODEL)
    writing = made.write({"no": "1", "unmapped": [entry]}, DELIMITERS)
    assert told(writing.findings) == ["value_not_convertible /unmapped/0"]
    assert writing.segments == [["W05", "", "1"]]


def test_a_level_without_its_first_segment_is_not_written_back() -> None:
    body = "fields: {id: BSN02, orders: {level: O, fields: {po: PRF01}}}\nunmapped: write_back"
    made = compiled(body, model("id orders[]{po}"), NOTICE)
    entries = [
        {"loop": "HL[+1]", "segment": "LIN", "elements": {"01": "1"}},
        {"loop": "HL[+1]", "segment": "HL", "elements": {"03": "S"}},
        {"loop": "HL[+1]/HL[+1]", "segment": "HL", "elements": {"03": "P"}},
    ]
    writing = made.write({"id": "1", "orders": [{"po": "2"}], "unmapped": entries}, DELIMITERS)
    assert told(writing.findings) == ["value_not_convertible /unmapped/0"]
    assert lines(writing.tree, NOTICE) == [
        "BSN**1", "HL*1**O*0", "PRF*2", "HL*2**S*1", "HL*3*2*P*0",
    ]  # fmt: skip


def test_ignored_positions_are_not_kept() -> None:
    made = compiled(
        "fields: {no: W0502, lines: {in: LX/W01, fields: {qty: W0101}}, "
        "to: {in: N1, fields: {name: N102}}}\n"
        "ignore: [W0501, NTE, N1/N4, LX/LX01, LX/MAN, LX/W01/N9]",
        model("no lines[]{qty} to{name}"),
    )
    text = "W05*N*1~N1**Ann~N4*Bonn~NTE**x~LX*1~MAN*a~W01*5~N9*a"
    document = {"no": "1", "lines": [{"qty": "5"}], "to": {"name": "Ann"}}
    assert read(made, text) == (document, [])


def test_an_ignored_loop_is_not_kept() -> None:
    made = compiled("fields: {no: W0502}\nignore: [N1, LX]", model("no"))
    assert read(made, "W05**1~N1*ST~N4*x~LX*1~W01*3") == ({"no": "1"}, [])


def test_components_that_no_field_takes_are_kept() -> None:
    made = compiled("fields: {code: SV101-2}", model("code"))
    assert read(made, "SV1*A>77>B*9")[0]["unmapped"] == [
        {"loop": "", "segment": "SV1", "of": "SV1", "elements": {"02": "9"}},
        {
            "loop": "",
            "segment": "SV1",
            "of": "SV1",
            "elements": {"01-1": "A", "01-3": "B"},
        },
    ]


def test_a_second_segment_where_one_is_allowed_is_kept() -> None:
    made = compiled("fields: {no: W0502}", model("no"))
    assert read(made, "W05**1~W05**2")[0]["unmapped"] == [
        {"loop": "", "segment": "W05", "elements": {"02": "2"}}
    ]


def test_a_value_whose_condition_does_not_hold_is_kept() -> None:
    made = compiled("fields: {a: {at: W0502, when: W0501=N}}", model("a"))
    assert read(made, "W05*F*1")[0]["unmapped"] == [
        {"loop": "", "segment": "W05", "of": "W05", "elements": {"01": "F"}},
        {"loop": "", "segment": "W05", "of": "W05", "elements": {"02": "1"}},
    ]
    assert read(made, "W05*N*1")[0]["a"] == "1"


def test_what_a_field_of_one_value_meets_again_in_the_next_loop_is_kept() -> None:
    body = "fields: {first: LX/LX01, lines: {in: LX/W01, fields: {qty: W0101}}}"
    made = compiled(body, model("first lines[]{qty}"))
    document, _ = read(made, "LX*1~W01*5~LX*2~W01*6")
    assert document == {
        "first": "1",
        "lines": [{"qty": "5"}, {"qty": "6"}],
        "unmapped": [{"loop": "LX[#2]", "segment": "LX", "of": "LX", "elements": {"01": "2"}}],
    }


def test_a_loop_without_an_entry_of_which_another_field_takes_something_is_not_told_whole() -> None:
    body = "fields: {first: LX/LX01, lines: {in: LX/W01, fields: {qty: W0101}}}"
    made = compiled(body, model("first lines[]{qty}"))
    assert read(made, "LX*1~MAN*GM*2")[0] == {
        "first": "1",
        "unmapped": [{"loop": "LX[#1]", "segment": "MAN", "elements": {"01": "GM", "02": "2"}}],
    }


LENT = {
    "an element": ("no: ../LX01", "no", "LX*1", [("LX[+1]", "LX", None, {"01": "1"})]),
    "an element of the whole set": (
        "no: ../../W0502",
        "no",
        "W05**1~LX*1",
        [("LX[+1]", "LX", None, {"01": "1"}), ("", "W05", "W05", {"02": "1"})],
    ),
    "a component": (
        "no: ../../SV101-2",
        "no",
        "SV1*>B",
        [("", "SV1", "SV1", {"01-2": "B"})],
    ),
    "an element of a repeating segment": (
        "no: '../MAN[01=GM].02'",
        "no",
        "LX~MAN*GM*1",
        [("LX[+1]", "LX", None, {}), ("LX[+1]", "MAN", None, {"01": "GM", "02": "1"})],
    ),
    "an element of a loop beside": (
        "no: '../../N1[01=ST]/N402'",
        "no",
        "N1*ST~N4**1~N1*BY",
        [("N1[+1]", "N1", None, {"01": "BY"}), ("N1[01=ST]", "N4", "N4", {"02": "1"})],
    ),
    "the first of several": (
        "no: {first: [../LX01, ../../W0502]}",
        "no",
        "W05**1~LX*2",
        [("LX[+1]", "LX", None, {"01": "2"}), ("", "W05", "W05", {"02": "1"})],
    ),
    "what is written along": (
        "no: {at: '../../W0502', with: {03: Z}}",
        "no",
        "W05**1*Z",
        [("", "W05", "W05", {"02": "1", "03": "Z"})],
    ),
    "a list of segments": (
        "no: {each: ../MAN, fields: {a: MAN01, b: {at: MAN02, as: integer}}}",
        "no[]{a b:int}",
        "LX~MAN*GM*7*x~MAN*ZZ*hi",
        [
            ("LX[+1]", "LX", None, {}),
            ("LX[+1]", "MAN", None, {"01": "GM", "02": "7", "03": "x"}),
            ("LX[+1]", "MAN", None, {"01": "ZZ", "02": "hi"}),
        ],
    ),
    "a list of values": (
        "no: {each: '../MAN[01=ZZ]', at: ['02']}",
        "no[]",
        "LX~MAN*ZZ*a~MAN*ZZ*b",
        [
            ("LX[+1]", "LX", None, {}),
            ("LX[+1]", "MAN", None, {"01": "ZZ", "02": "a"}),
            ("LX[+1]", "MAN", None, {"01": "ZZ", "02": "b"}),
        ],
    ),
    "pairs": (
        "no: {each: ../MAN, pairs: 01/02}",
        "no[]{scheme value}",
        "LX~MAN*GM*a",
        [("LX[+1]", "LX", None, {}), ("LX[+1]", "MAN", None, {"01": "GM", "02": "a"})],
    ),
    "a list of loops": (
        "no: {in: ../../N1, fields: {a: N101, b: {fields: {city: N401}}}}",
        "no[]{a b{city}}",
        "N1*ST~N4*Bonn~N1*BY",
        [
            ("N1[#1]", "N1", "N1", {"01": "ST"}),
            ("N1[#1]", "N4", "N4", {"01": "Bonn"}),
            ("N1[#2]", "N1", "N1", {"01": "BY"}),
        ],
    ),
    "a loop": (
        "no: {in: '../../N1[01=ST]', fields: {a: N102, b: {each: N3, at: [01, 02]}}}",
        "no{a b[]}",
        "N1*ST*Ann~N3*x*y",
        [
            ("N1[01=ST]", "N1", "N1", {"02": "Ann"}),
            ("N1[01=ST]", "N3", "N3[#1]", {"01": "x", "02": "y"}),
        ],
    ),
}


@pytest.mark.parametrize("name", LENT)
def test_what_entries_of_inner_loops_would_take_is_kept_where_there_is_none(name: str) -> None:
    field, schema, text, kept = LENT[name]
    made = compiled(
        f"fields: {{lines: {{in: LX/W01, fields: {{{field}, qty: W0101}}}}}}",
        model("lines[]{no qty}".replace("no", schema, 1)),
    )
    document, _ = read(made, text)
    assert [
        (one["loop"], one["segment"], one.get("of"), one["elements"])
        for one in document.pop("unmapped")
    ] == kept
    assert document == {}
    document, _ = read(made, f"{text if 'LX' in text else f'{text}~LX'}~W01*5")
    assert list(document["lines"][0]) == ["no", "qty"]


def test_an_entry_of_a_segment_takes_from_the_loop_outside() -> None:
    body = "fields: {lines: {in: LX, fields: {marks: {each: MAN, fields: {t: 01, no: ../W0502}}}}}"
    made = compiled(body, model("lines[]{marks[]{t no}}"))
    marks = [{"t": "GM", "no": "7"}, {"t": "ZZ", "no": "7"}]
    assert read(made, "W05**7~LX~MAN*GM~MAN*ZZ") == ({"lines": [{"marks": marks}]}, [])


def test_what_pairs_share_is_kept_where_the_segment_has_no_pair() -> None:
    stores = "{each: SDQ, pairs: 03/04, fields: {unit: 01, store: qualifier, qty: value}}"
    made = compiled(
        f"fields: {{lines: {{in: LX/W01, fields: {{stores: {stores}}}}}}}",
        model("lines[]{stores[]{unit store qty}}"),
    )
    assert read(made, "LX~W01~SDQ*EA")[0] == {
        "unmapped": [
            {"loop": "LX[+1]", "segment": "LX", "elements": {}},
            {"loop": "LX[+1]/W01[+1]", "segment": "W01", "elements": {}},
            {"loop": "LX[+1]/W01[+1]", "segment": "SDQ", "elements": {"01": "EA"}},
        ]
    }


EITHER = """
fields:
  parties:
    in: N1
    fields:
      code: N101
      store: {at: N104, when: N103=92}
      duns: {at: N104, when: code=SE, as: integer}
      any: {first: [N102, "N1[03=91].04"]}
"""


@pytest.mark.parametrize(
    ("text", "party", "left"),
    [
        ("N1*ST**92*0417", {"code": "ST", "store": "0417"}, {}),
        ("N1*SE**1*99", {"code": "SE", "duns": 99}, {}),
        # Neither condition holds: it is said once that nobody takes it.
        ("N1*BY**1*77", {"code": "BY"}, {"04": "77"}),
        # One condition holds, and what stands there cannot be read.
        ("N1*SE**1*x", {"code": "SE"}, {"04": "x"}),
    ],
)
def test_an_element_of_which_one_of_several_fields_takes_what_stands_there_is_no_leftover(
    text: str, party: dict[str, object], left: dict[str, str]
) -> None:
    made = compiled(EITHER, model("parties[]{code store duns:int any}"))
    document, _ = read(made, text)
    assert document["parties"] == [party]
    found = [one["elements"] for one in document.get("unmapped", ()) if "04" in one["elements"]]
    assert found == ([left] if left else [])


def test_an_element_that_one_field_takes_in_any_case_is_none_where_a_condition_does_not_hold() -> (
    None
):
    body = "fields: {all: W0502, store: {at: W0502, when: W0501=ST}}"
    made = compiled(body, model("all store"))
    assert read(made, "W05**7") == ({"all": "7"}, [])
    assert read(made, "W05*ST*7")[0] == {
        "all": "7",
        "store": "7",
        "unmapped": [{"loop": "", "segment": "W05", "of": "W05", "elements": {"01": "ST"}}],
    }


SKIPS = """
fields:
  refs: {each: "N9[01!=ZZ]", fields: {value: "02"}}
  lines: {in: LX/W01, fields: {qty: W0101, notes: {each: G69, fields: {text: "01"}}}}
unmapped: write_back
"""
SKIPPED = model("refs[]{value} lines[]{qty notes[]{text}}")


def test_what_gives_a_list_no_entry_is_told_whole_and_those_behind_it_keep_their_leftovers() -> (
    None
):
    made = compiled(SKIPS, SKIPPED)
    text = (
        "N9*A~N9*B*x*b~N9*C**c~N9*D*y*d~LX*1~W01**EA~G69**9~LX*2~W01*7*CA~G69**1~G69*t*2"
        "~LX*3~W01**CA"
    )
    document, findings = read(made, text)
    assert findings == []
    assert document["lines"] == [{"qty": "7", "notes": [{"text": "t"}]}]
    assert [(one["loop"], one["segment"], one.get("of"), one["elements"]) for one in
            document["unmapped"]] == [
        ("", "N9", None, {"01": "A"}),
        ("", "N9", "N9[01!=ZZ][#1]", {"01": "B", "03": "b"}),
        ("", "N9", None, {"01": "C", "03": "c"}),
        ("", "N9", "N9[01!=ZZ][#2]", {"01": "D", "03": "d"}),
        ("LX[+1]", "LX", None, {"01": "1"}),
        ("LX[+1]/W01[+1]", "W01", None, {"02": "EA"}),
        ("LX[+1]/W01[+1]", "G69", None, {"02": "9"}),
        ("LX[#1]", "LX", "LX", {"01": "2"}),
        ("LX[#1]/W01[#1]", "W01", "W01", {"02": "CA"}),
        ("LX[#1]/W01[#1]", "G69", None, {"02": "1"}),
        ("LX[#1]/W01[#1]", "G69", "G69[#1]", {"02": "2"}),
        ("LX[+2]", "LX", None, {"01": "3"}),
        ("LX[+2]/W01[+1]", "W01", None, {"02": "CA"}),
    ]  # fmt: skip
    assert write(made, document) == (text, [])
    # Without knowing how it came, every text still comes back in its own segment; what no field
    # took stands behind what one did.
    document.pop("as_received")
    assert write(made, document) == (
        "N9*B*x*b~N9*D*y*d~N9*A~N9*C**c~LX*2~W01*7*CA~G69*t*2~G69**1~LX*1~W01**EA~G69**9"
        "~LX*3~W01**CA",
        [],
    )


def test_what_gives_no_entry_and_leaves_nothing_moves_the_numbers_of_those_behind_it() -> None:
    body = 'fields: {refs: {each: "N9[01=BM]", fields: {value: "02"}}}\nunmapped: write_back'
    made = compiled(body, model("refs[]{value}"))
    document, _ = read(made, "N9*BM~N9*BM*x*7")
    assert document["unmapped"] == [
        {"loop": "", "segment": "N9", "of": "N9[01=BM][#1]", "elements": {"03": "7"}}
    ]
    assert write(made, document) == ("N9*BM~N9*BM*x*7", [])
    document.pop("as_received")
    assert write(made, document) == ("N9*BM*x*7", [])
