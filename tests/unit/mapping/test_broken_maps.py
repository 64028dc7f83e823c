"""Maps that are refused, each with the exact text an integrator sees: place and reason."""

import json

import pytest

from gateway.errors import ConfigProblems
from gateway.mapping.library import MapLibrary
from gateway.yaml_source import load
from tests.unit.mapping.little_sets import ANYTHING, compiled, model, problems, read

MODEL = "no a b:int to{name} lines[]{qty sku ids[]{scheme value}} tags[]"

BROKEN = {
    "fields: {no: W0508}": ["1:10: no: 'W0508': W05 has 7 elements, there is no element 08"],
    "fields: {no: W9902}": ["1:10: no: 'W9902': there is no segment W99 at the top of the set"],
    "fields: {no: w0502}": [
        "1:10: no: 'w0502' is no position, such as W0502, SV101-2, N9[01=BM].02, "
        "N1[01=ST]/N401 or ../LX01"
    ],
    "fields: {no: W0502-1}": ["1:10: no: 'W0502-1': Anything is a simple element, not a composite"],
    "fields: {no: SV101-4}": ["1:10: no: 'SV101-4': Anything has 3 components, there is no 4"],
    "fields: {no: W05}": ["1:10: no: 'W05' names no element, such as W0501"],
    "fields: {order: W0502}": ["1:10: order: the document's model has no field 'order'"],
    "fields: {nr: W0502}": ["1:10: nr: the document's model has no field 'nr'"],
    "fields: {to: W0502}": ["1:10: to: the document's model wants object here, this gives string"],
    "fields: {lines: {fields: {qty: W0101}}}": [
        "1:10: lines: the document's model has a list here: `in:`, `each:` or `level:` is missing"
    ],
    "fields: {no: {in: N1, fields: {name: N102}}}": [
        "1:10: no: the document's model wants string here, not an object"
    ],
    "fields: {no: {at: W0502, as: decimel}}": [
        "1:26: no: unknown conversion 'decimel' (did you mean 'decimal'?)"
    ],
    "fields: {no: {at: W0502, as: implied(x)}}": [
        "1:26: no: 'implied(x)' does not fit the signature implied(places[, point])"
    ],
    "fields: {no: {at: W0502, as: 'da te'}}": [
        "1:26: no: 'da te' is no conversion, such as date or implied(2)"
    ],
    "fields: {b: W0502}": [
        "1:10: b: the document's model wants integer here, this gives string (add `as: integer`)"
    ],
    "fields: {no: {at: W0502, as: integer}}": [
        "1:26: no: the document's model wants string here, this gives integer"
    ],
    "fields: {no: {at: W0502, table: stat}}\ntables: {status: {N: new}}": [
        "1:26: no: there is no table 'stat' (did you mean 'status'?)"
    ],
    "fields: {no: W0502}\ntables: {u: {CA: case, CS: case}}": [
        "2:10: tables.u.codes: CA and CS both mean 'case': `write:` must say which is written"
    ],
    "fields: {no: W0502}\ntables: {u: {codes: {CA: case}, write: {case: CS}}}": [
        "2:33: tables.u.write: 'CS' is not a code that means 'case'"
    ],
    "fields: {no: W0502}\ntables: {u: {codes: {CA: case}, unknown: default}}": [
        "2:33: tables.u.unknown: `unknown: default` needs `default:`"
    ],
    "fields: {no: W0502}\ntables: {u: {codes: {CA: case}, default: x}}": [
        "2:10: tables.u.unknown: `default:` has no effect with `unknown: fail`"
    ],
    "fields: {no: {at: W0502, tabel: u}}": [
        "1:26: no.tabel: unknown key 'tabel' (did you mean 'table'?)"
    ],
    "fields: {no: {at: W0502, first: [W0503]}}": [
        "1:10: no: `at:` and `first:` exclude each other"
    ],
    "fields: {no: {at: W0502, fields: {no: W0503}}}": [
        "1:10: no: `at:` and `fields:` exclude each other"
    ],
    "fields: {no: {as: date}}": [
        "1:10: no: no place is given, such as `at:`, `first:`, `in:`, `each:`, "
        "`pairs:`, `level:`, `value:`, `expr:`"
    ],
    "fields: {to: {in: N1}}": ["1:10: to: `in:` needs `fields:`"],
    "fields: {tags: {each: ., at: ['01']}}": ["1:10: tags: `each: .` needs `fields:`"],
    "fields: {to: {in: N5, fields: {name: N102}}}": [
        "1:15: to: 'N5': there is no loop N5 at the top of the set"
    ],
    "fields: {to: {in: N102, fields: {name: N102}}}": [
        "1:15: to: 'N102' names an element where a loop is expected"
    ],
    "fields: {lines: {in: LX/W02, fields: {qty: W0101}}}": [
        "1:18: lines: 'LX/W02': there is no loop W02 in loop LX (did you mean 'W01'?)"
    ],
    "fields: {lines: {in: LX, fields: {qty: ../../W0502}}}": [
        "1:35: lines[].qty: '../../W0502': there is no loop around this one"
    ],
    "fields: {tags: {each: N9}}": ["1:10: tags: `each:` needs either `fields:` or `at:`"],
    "fields: {tags: {each: N9, at: ['09']}}": [
        "1:32: tags: '09': N9 has 6 elements, there is no element 09"
    ],
    "fields: {lines: {each: N9, fields: {qty: W0502}}}": [
        "1:37: lines[].qty: 'W0502': inside `each:` only elements of N9 can be named"
    ],
    "fields: {no: {each: N9, at: ['01']}}": [
        "1:10: no: the document's model wants string here, not a list"
    ],
    "fields: {no: 'N9[01].'}": [
        "1:10: no: 'N9[01].' is no position, such as W0502, SV101-2, N9[01=BM].02, "
        "N1[01=ST]/N401 or ../LX01"
    ],
    "fields: {no: 'N9[xx=1].02'}": [
        "1:10: no: 'N9[xx=1].02': [xx=1] is no predicate, such as [01=ST], [01!=ZZ], [02]"
    ],
    "fields: {no: 'N9[09=1].02'}": [
        "1:10: no: 'N9[09=1].02': N9 has 6 elements, there is no element 09"
    ],
    "fields: {no: 'N9[01=BM.02'}": [
        "1:10: no: 'N9[01=BM.02' is no position, such as W0502, SV101-2, N9[01=BM].02, "
        "N1[01=ST]/N401 or ../LX01"
    ],
    "fields: {lines: {in: LX/W01, fields: {ids: {pairs: W0104/05..07/08}}}}": [
        "1:45: lines[].ids: 'W0104/05..07/08': the last pair does not continue the first"
    ],
    "fields: {lines: {in: LX/W01, fields: {ids: {pairs: W0120/21}}}}": [
        "1:45: lines[].ids: W01 has 16 elements, there is no element 21"
    ],
    "fields: {lines: {in: LX/W01, fields: {ids: {pairs: W0104}}}}": [
        "1:45: lines[].ids: 'W0104' are no pairs, such as PO106/07..24/25, W0104/05 or UP=W0103"
    ],
    "fields: {lines: {in: LX/W01, fields: {ids: {pairs: W0104/05, fields: {scheme: "
    "qualifier}}}}}": ["1:62: lines[].ids: pairs need a field at `qualifier` and one at `value`"],
    "fields: {no: {expr: a}}": [
        "1:10: no: an expression goes one way: say `read_only: true` or `write_only: true`"
    ],
    "fields: {no: {expr: 'a(', read_only: true}}": [
        "1:15: no: expression refused: unexpected '}', expected ')'"
    ],
    "fields: {no: {expr: 'range(9)', read_only: true}}": [
        "1:15: no: expression refused: 'call' is not allowed here"
    ],
    "fields: {no: {expr: 'a ** 9', read_only: true}}": [
        "1:15: no: expression refused: 'pow' is not allowed here"
    ],
    "fields: {no: {expr: a, write_only: true}}": [
        "1:10: no: an expression that is written needs `at:`"
    ],
    "fields: {no: {expr: 'a|tojson', read_only: true}}": [
        "1:15: no: expression refused: No filter named 'tojson'."
    ],
    "fields: {no: {at: W0502, when: b=1}}": [
        "1:26: no: 'b=1': 'b' is no plain field of the same object"
    ],
    "fields: {no: {at: W0502, when: '='}}": [
        "1:26: no: '=' is no condition, such as W0501=N|F, !W0504 or status=new"
    ],
    "fields: {no: {at: W0502, when: W0509}}": [
        "1:26: no: 'W0509': W05 has 7 elements, there is no element 09"
    ],
    "fields: {no: {at: W0502, with: {x: y}}}": ["1:33: no: 'x' is no element number, such as 03"],
    "fields: {no: {at: W0502, with: {'09': y}}}": [
        "1:33: no: 'W0502': W05 has 7 elements, there is no element 09"
    ],
    "fields: {no: {at: W0502, read_only: true, write_only: true}}": [
        "1:10: no: `read_only:` and `write_only:` exclude each other"
    ],
    "fields: {no: {pairs: W0504/05, qualifier: VN, when: W0501=N}}": [
        "1:10: no: `when:` is about one value, at `at:` or `first:`"
    ],
    "fields: {to: {in: N1, when: W0501=N, fields: {name: N102}}}": [
        "1:10: to: `when:` is about one value, at `at:` or `first:`"
    ],
    "fields: {no: {at: W0502, required: maybe}}": ["1:26: no.required: expected true or false"],
    "constants: {W0509: x}": [
        "1:13: constants.W0509: 'W0509': W05 has 7 elements, there is no element 09"
    ],
    "computed: {W0501: counter}": [
        "1:12: computed.W0501: 'W0501': a counter counts loops, such as LX/LX01"
    ],
    "computed: {CTT01: {}}": ["1:12: computed.CTT01: 'CTT01': either `count:` or `sum:`"],
    "computed: {CTT01: {sum: LX/W01/W0199}}": [
        "1:12: computed.CTT01: 'LX/W01/W0199': W01 has 16 elements, there is no element 99"
    ],
    "computed: {CTT01: {sum: LX/W01/W0101 * W0502}}": [
        "1:12: computed.CTT01: 'CTT01': the factors of a product are in one loop"
    ],
    "computed: {CTT01: {count: ZZ}}": [
        "1:12: computed.CTT01: 'ZZ': there is no segment ZZ at the top of the set"
    ],
    "ignore: [N7]": ["1:10: ignore[0]: 'N7': there is no loop N7 at the top of the set"],
    "keys: [nr]": ["1:8: keys[0]: 'nr': the document's model has no field 'nr'"],
    "split: {by: lines}": [
        "1:9: split.by: 'lines' is no member of a list in a list, such as "
        "lines[].allocations[].location"
    ],
    "unmapped: keeep": ["1:1: unmapped: expected 'keep', 'write_back' or 'drop'"],
    "hierachy: {}": ["1:1: hierachy: unknown key 'hierachy' (did you mean 'hierarchy'?)"],
    "fields: [W0502]": ["1:1: fields: expected a mapping"],
    "extends: nothing": ["1:1: extends: there is no map 'nothing'"],
    "fields: {to: {use: party}}\nblocks: {partty: {in: N1}}": [
        "1:15: to: there is no block 'party' (did you mean 'partty'?)"
    ],
    "fields: {no: {at: [W0501, W0502]}}": [
        "1:15: no: a list of positions needs `each:` or `first:`"
    ],
    "fields: {no: ''}": ["1:10: no: expected text, found nothing"],
    # Longer than Python takes for a whole number, and digits that are none to it.
    f"fields: {{no: 'N9[#{'1' * 5000}].02'}}": [
        f"1:10: no: 'N9[#{'1' * 5000}].02': [#{'1' * 5000}] is no predicate, such as [01=ST], "
        "[01!=ZZ], [02]"
    ],
    f"fields: {{b: {{value: '{'9' * 5000}'}}}}": [
        "1:10: b: the document's model wants integer here, this gives string (add `as: integer`)"
    ],
    "fields: {b: {value: '--5'}}": [
        "1:10: b: the document's model wants integer here, this gives string (add `as: integer`)"
    ],
    "fields: {no: {at: 'N9[01=X].02', with: {'\u00b2': x}}}": [
        "1:41: no: '\u00b2' is no element number, such as 03"
    ],
    f"fields: {{no: {{at: 'N9[01=X].02', with: {{'{'9' * 900}': x}}}}}}": [
        f"1:41: no: '{'9' * 900}' is no element number, such as 03"
    ],
}


@pytest.mark.parametrize("body", BROKEN)
def test_a_broken_map_is_refused_with_place_and_reason(body: str) -> None:
    assert problems(body, model(MODEL)) == BROKEN[body]


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    body = """
fields:
  no: {at: W0509, as: decimel}
  to: {in: N1, fields: {name: N102, nam: N102}}
  lines:
    in: LX/W01
    fields:
      qty: {at: W0101, table: unts}
keys: [nothing]
tables: {units: {EA: each}}
"""
    assert problems(body, model(MODEL)) == [
        "3:8: no: 'W0509': W05 has 7 elements, there is no element 09",
        "3:19: no: unknown conversion 'decimel' (did you mean 'decimal'?)",
        "4:37: to.nam: the document's model has no field 'nam' (did you mean 'name'?)",
        "8:24: lines[].qty: there is no table 'unts' (did you mean 'units'?)",
        "9:8: keys[0]: 'nothing': the document's model has no field 'nothing'",
    ]


def test_a_member_that_the_model_requires_must_be_filled() -> None:
    schema = {**model("no date"), "required": ["no", "date", "unmapped", "meta"]}
    assert problems("fields: {no: W0502}", schema) == [
        "-2:1: : the document's model requires 'date', which the map never fills"
    ]


def test_an_entry_that_can_never_have_what_the_model_requires_is_a_problem_at_its_list() -> None:
    entry = {"type": "object", "properties": {"serial": {}, "lot": {}}, "required": ["serial"]}
    schema = {"properties": {"pieces": {"type": "array", "items": entry}}}
    body = 'fields:\n  pieces: {each: "N9[01=LV]", fields: {lot: "02"}%s}'
    assert problems(body % "", schema) == [
        "2:3: pieces: the document's model requires 'serial' here, which no field fills"
    ]
    assert problems(body % ", write_only: true", schema) == []
    assert problems(body.replace("lot: ", "serial: ") % "", schema) == []


def test_words_of_a_table_must_be_words_of_the_model() -> None:
    schema = {"properties": {"s": {"enum": ["new", "cancel"]}}}
    body = "fields: {s: {at: W0501, table: t}}\ntables: {t: {N: nwe}}"
    assert problems(body, schema) == [
        "1:25: s: table 't': 'nwe' is no value of this field (did you mean 'new'?)"
    ]
    default = "fields: {s: {at: W0501, table: t}}\ntables: {t: {unknown: default, default: odd}}"
    assert problems(default, schema) == ["1:25: s: table 't': 'odd' is no value of this field"]
    fixed = "fields: {s: {value: old}}"
    assert problems(fixed, schema) == ["1:14: s: 'old' is no value of this field"]


OWN_VALUES = {
    "'abc' is not a whole number, which the document's model wants here": ("abc", "n", "integer"),
    "'1.5' is not a whole number, which the document's model wants here": ("1.5", "n", "integer"),
    "'-1' is less than 0, the least that the document's model takes here": ("-1", "n", "integer"),
    "'101' is more than 100, the most that the document's model takes here": (
        "101", "n", "integer",
    ),
    "'yes' is not true or false, which the document's model wants here": ("yes", "f", "boolean"),
    "'12,5' is no plain decimal number, such as 0.5, which the document's model wants here": (
        "12,5", "d", "decimal",
    ),
    "'1.' is no plain decimal number, such as 0.5, which the document's model wants here": (
        "1.", "d", "decimal",
    ),
    "'2026-02-30' is no date YYYY-MM-DD, which the document's model wants here": (
        "2026-02-30", "day", "date",
    ),
    "'20260228' is no date YYYY-MM-DD, which the document's model wants here": (
        "20260228", "day", "date",
    ),
    "'25:00' is no time HH:MM or HH:MM:SS, which the document's model wants here": (
        "25:00", "t", "time",
    ),
    "'abc' does not match ^[A-Z]+$, which the document's model wants here": ("abc", "p", "text"),
    "'' is shorter than 1, the least that the document's model takes here": ("", "s", "text"),
    "'abcd' is longer than 3, the most that the document's model takes here": ("abcd", "s", "text"),
}  # fmt: skip
OWN_MODEL = {
    "properties": {
        "n": {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 100}, {"type": "null"}]},
        "f": {"type": "boolean"},
        "d": {"type": "string", "format": "decimal", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
        "day": {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        "t": {"type": "string", "format": "time-of-day"},
        "p": {"type": "string", "pattern": "^[A-Z]+$"},
        "s": {"type": "string", "minLength": 1, "maxLength": 3},
    }
}


@pytest.mark.parametrize("fault", OWN_VALUES)
@pytest.mark.parametrize("key", ["default", "value"])
def test_a_value_that_the_map_names_must_be_one_that_the_model_takes(key: str, fault: str) -> None:
    value, name, kind = OWN_VALUES[fault]
    convert = "" if kind == "text" else f", as: {kind}"
    place = f"at: W0502{convert}, " if key == "default" else ""
    start = f"fields: {{{name}: {{{place}"
    body = f"{start}{key}: '{value}'{convert if key == 'value' else ''}}}}}"
    assert problems(body, OWN_MODEL) == [f"1:{len(start) + 1}: {name}: {fault}"]


@pytest.mark.parametrize(
    ("name", "kind", "text", "value"),
    [
        ("n", "integer", "100", 100),
        ("f", "boolean", "false", False),
        ("f", "boolean", "true", True),
        ("d", "decimal", "-0.5", "-0.5"),
        ("day", "date", "2028-02-29", "2028-02-29"),
        ("t", "time", "23:59:59", "23:59:59"),
    ],
)
def test_a_value_that_the_map_names_has_the_kind_that_the_model_wants(
    name: str, kind: str, text: str, value: object
) -> None:
    body = f"fields: {{{name}: {{at: W0502, as: {kind}, default: '{text}'}}}}"
    assert read(compiled(body, OWN_MODEL), "") == ({name: value}, [])


def test_the_default_of_one_among_pairs_is_checked_and_typed_as_every_other() -> None:
    body = "fields: {n: {pairs: W0503/04, qualifier: A, as: integer, default: %s}}"
    assert problems(body % "abc", OWN_MODEL) == [
        "1:58: n: 'abc' is not a whole number, which the document's model wants here"
    ]
    assert read(compiled(body % "7", OWN_MODEL), "") == ({"n": 7}, [])


def test_words_of_a_table_have_the_form_that_the_model_wants() -> None:
    body = "fields: {p: {at: W0502, table: t}}\ntables: {t: {N: NEW, F: odd}}"
    assert problems(body, OWN_MODEL) == [
        "1:25: p: table 't': 'odd' does not match ^[A-Z]+$, which the document's model wants here"
    ]


def test_an_open_model_takes_any_field() -> None:
    made = compiled("fields: {anything: {at: W0502, default: as it stands}}", ANYTHING)
    assert read(made, "") == ({"anything": "as it stands"}, [])


def test_the_name_of_a_map_holds_nothing_that_means_something_in_a_path() -> None:
    for name in ("../../x", "a/b", "", ".hidden", "a b", "x" * 81, "a\nb", "é"):
        with pytest.raises(ConfigProblems) as raised:
            MapLibrary([load(f"map: {json.dumps(name)}\n", "m.yaml")])
        assert "m.yaml:1:1: map: " in str(raised.value), name
    assert str(raised.value) == (
        "m.yaml:1:1: map: expected 1 to 80 letters, digits, '.', '-' and '_', such as acme-940, "
        "the first a letter or digit"
    )
