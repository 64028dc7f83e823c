"""`gateway maps why`: one field or element in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway import resources
from gateway.cli.init import write_instance
from gateway.cli.show_why import ORIGINS, REASONS
from gateway.mapping.trace import Origin, Reason
from tests.unit.cli.test_validate import run

MAP = """map: why-940
transaction_set: "940"
document: shipment_order
fields:
  status: {at: W0501, table: status}
  depositor_order_number: {at: W0502, when: W0501=N|F}
  purchase_order_number: {at: W0503, when: status=cancel}
  bill_of_lading: "N9[01=BM].02"
  requested_ship_date: {at: "G62[01=10].02", as: date}
  link_sequence_number: {at: W0504, write_only: true}
  references: {each: N9, fields: {type: N901, value: N902, description: N903}}
  parties:
    in: N1
    fields: {role: {at: N101, table: role}, name: N102, address: {fields: {city: N401}}}
  lines:
    in: LX/W01
    fields:
      line_number: {at: ../LX01, as: integer}
      sku: {pairs: W0104/05..06/07, qualifier: VN|SK}
      ordered_quantity: {at: W0101, as: decimal}
      unit: {at: W0102, table: unit}
tables: {status: {N: new, F: cancel}, role: {ST: ship_to, SF: ship_from}, unit: {EA: each}}
"""
ORDER = """ISA*00*          *00*          *ZZ*ACME           *ZZ*US             \
*260302*0915*U*00401*000000042*0*T*>~
GS*OW*ACME*US*20260302*0915*42*X*004010~
ST*940*0001~
W05*N*HG-7*PO-1*77~
N1*ST*Corner Mercantile~
N9*CO*4711~
N9*BM*1~
N9*BM*2~
G62*10*20261302~
LX*1~
W01*3*CS**UP*614141000415~
W76*3~
SE*11*0001~
GE*1*42~
IEA*1*000000042~
"""


@pytest.fixture
def order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_instance(tmp_path)
    file = tmp_path / "maps" / "why" / "940.map.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(MAP, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    order = tmp_path / "order.edi"
    order.write_text(ORDER, encoding="ascii")
    return order


def why(*arguments: object) -> list[str]:
    code, out, err = run("maps", "why", "why-940", *arguments)
    assert (code, err) == (0, "")
    return out.rstrip().splitlines()


def test_absent_values_say_where_the_map_looked(order: Path) -> None:
    said = {
        "/purchase_order_number": [
            "a condition does not hold: the field 'status' is new, not cancel",
            "- W0503 is PO-1, which is kept in `unmapped`",
        ],
        "/link_sequence_number": ["the map only writes it: `write_only`"],
        "/requested_ship_date": [
            "no place that the map names gives a value",
            "- G6202 is 20261302: not a calendar day",
        ],
        "/references/0/description": [
            "no place that the map names gives a value",
            "- nothing stands at N903: N9 ends before it",
        ],
        "/references/7/value": ["/references has 2 entries, counted from 0"],
        "/parties/0/address/city": [
            "none of its fields has a value",
        ],
        "/lines/0/sku": [
            "no place that the map names gives a value",
            "- W01 has no pair with the qualifier VN or SK: the pairs there have UP in W0104",
        ],
        "/lines/0/unit": [
            "no place that the map names gives a value",
            "- W0102 is CS: not in table unit",
        ],
    }
    for pointer, expected in said.items():
        lines = [line.strip() for line in why(order, pointer)]
        assert lines[0] == f"{pointer} has no value"
        for sentence in expected:
            assert sentence in lines, (pointer, lines)


def test_an_absent_value_marks_what_stood_there_and_quotes_the_map(order: Path) -> None:
    assert why(order, "/lines/0/unit") == [
        "/lines/0/unit has no value",
        "  no place that the map names gives a value",
        "  - W0102 is CS: not in table unit",
        "    W01*3*CS**UP*614141000415",
        "          ^^",
        "  map: maps/why/940.map.yaml:21:14",
        "    unit: {at: W0102, table: unit}",
    ]


def test_a_field_that_the_model_does_not_have_is_told_with_the_nearest(order: Path) -> None:
    code, out, err = run("maps", "why", "why-940", order, "/lines/0/unt")
    assert (code, out) == (2, "")
    assert err.startswith(
        "error: /lines/0/unt: there is no field 'unt' (did you mean 'unit'?) in /lines/0: it has "
    )


def test_a_field_that_only_the_model_has_says_where_a_position_is_missing(order: Path) -> None:
    code, _, err = run("maps", "why", "why-940", order, "/lines/0/lot")
    assert code == 2
    assert err == (
        "error: /lines/0/lot: the model has a field 'lot', but the map has no position for it; "
        "write `lot: POSITION` below maps/why/940.map.yaml:15\n"
    )


def test_neither_a_field_nor_an_element_is_refused(order: Path) -> None:
    code, _, err = run("maps", "why", "why-940", order, "unit")
    assert code == 2
    assert (
        err == "error: 'unit' is no field, such as /lines/2/unit, and no element, such as W0502\n"
    )


def test_an_element_says_which_field_took_it(order: Path) -> None:
    lines = why(order, "LX[1]/W01[1]/W0101")
    assert lines[0] == "/lines/0/ordered_quantity = 3"
    assert "    W01*3*CS**UP*614141000415" in lines
    assert why(order, "N902")[0] == "/bill_of_lading = 1"
    assert why(order, "W0502")[0] == "/depositor_order_number = HG-7"
    assert why(order, "N499")[0] == "N499: no field takes such an element"


def test_a_written_element_says_what_wrote_it(order: Path) -> None:
    sound = ORDER.replace("20261302", "20260302").replace("*CS*", "*EA*")
    order.write_text(sound, encoding="ascii")
    _, document, _ = run("translate", order, "--map", "why-940")
    file = order.with_suffix(".json")
    file.write_text(document, encoding="utf-8")
    assert why(file, "N9[1]/N901") == ["N9[1]/N901 is not written"]
    selected = why(file, "N901")
    assert selected[0] == "N901 = BM"
    assert "  the selection of this line says it" in selected
    assert '    bill_of_lading: "N9[01=BM].02"' in selected
    assert why(file, "/bill_of_lading")[0] == "N902 = 1, from /bill_of_lading"
    assert why(file, "SE01")[4] == (
        "  belongs to the envelope, not to the map (number of segments, ST and SE included)"
    )
    assert why(file, "/nothing") == ["/nothing is written nowhere"]


def test_programs_get_the_same(order: Path) -> None:
    code, out, _ = run("maps", "why", "why-940", order, "/lines/0/unit", "--json")
    assert code == 0
    absent = json.loads(out)
    assert absent["map"]["line"] == 21
    [looked] = absent["looked"]
    assert (looked["loop"], looked["segment_position"]) == ("LX[1]/W01[1]", 9)
    _, out, _ = run("maps", "why", "why-940", order, "/lines/0/ordered_quantity", "--json")
    assert json.loads(out)["place"]["reference"] == "W0101"
    _, out, _ = run("maps", "why", "why-940", order, "W0101", "--json")
    assert [one["pointer"] for one in json.loads(out)] == ["/lines/0/ordered_quantity"]


def test_a_set_that_is_not_there_is_refused(order: Path) -> None:
    code, _, err = run("maps", "why", "why-940", order, "/status", "--set", "0009")
    assert code == 2
    assert err == "error: there is no set 940 0009 for map 'why-940': there is 940 0001\n"


def test_of_several_sets_one_is_chosen_by_its_number() -> None:
    file = resources.directory("samples") / "base" / "940-two-orders-and-a-cancellation.edi"
    for number, status in (("0001", "new"), ("0002", "cancel")):
        code, out, _ = run("maps", "why", "base-940", file, "/status", "--set", number)
        assert (code, out.splitlines()[0]) == (0, f"/status = {status}")


def test_a_value_that_the_map_computes_where_the_set_says_nothing_names_what_computes_it(
    order: Path,
) -> None:
    file = Path("maps/why/940.map.yaml")
    computed = "vendor_number: {at: W0505, otherwise: \"purchase_order_number ~ '-1'\"}"
    text = MAP.replace("fields:\n", f"fields:\n  {computed}\n", 1).replace(
        "{at: W0503, when: status=cancel}", "W0503"
    )
    file.write_text(text, encoding="utf-8")
    said = why(order, "/vendor_number")
    assert said[:2] == [
        "/vendor_number = PO-1-1",
        "  said with other fields: `otherwise:` computes it, since the set says nothing",
    ]
    assert said[2].startswith("  map: maps/why/940.map.yaml:5:")


def test_there_are_words_for_whatever_a_trace_may_say() -> None:
    assert set(ORIGINS) == set(Origin)
    assert set(REASONS) == set(Reason)
