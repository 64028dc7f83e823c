"""Maps are held against schemas and documents when an instance is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway import config
from gateway.errors import ConfigProblems
from tests.unit.config.instances import write
from tests.unit.config.test_broken import GATEWAY, PARTNER, ROUTES, G, P, R

SOUND = {G: GATEWAY, P: PARTNER, R: ROUTES}
OWN = """\
map: own-945
extends: base-945
transaction_set: "945"
document: shipping_advice
fields:
  bill_of_lading: W0604
"""


def _refusal(home: Path, files: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigProblems) as refused:
        config.load(write(home, SOUND | files), {})
    return str(refused.value).splitlines()


def test_a_position_that_the_schema_does_not_have_is_refused_at_its_line(tmp_path: Path) -> None:
    lines = _refusal(tmp_path, {"maps/own.map.yaml": OWN.replace("W0604", "W0699")})
    assert len(lines) == 1
    assert lines[0].startswith("maps/own.map.yaml:6:3: bill_of_lading: ")


def test_a_field_that_the_document_does_not_have_is_refused(tmp_path: Path) -> None:
    lines = _refusal(tmp_path, {"maps/own.map.yaml": OWN.replace("bill_of", "bil_of")})
    assert len(lines) == 1
    assert lines[0].startswith("maps/own.map.yaml:6:3: bil_of_lading: ")


def test_a_base_that_is_not_there_is_refused(tmp_path: Path) -> None:
    own = OWN.replace("extends: base-945", "extends: base-9455")
    assert _refusal(tmp_path, {"maps/own.map.yaml": own}) == [
        "maps/own.map.yaml:2:1: extends: there is no map 'base-9455' (did you mean 'base-945'?)"
    ]


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("base-9455", "there is no map 'base-9455' (did you mean 'base-945'?)"),
        ("../../etc/passwd", "there is no map '../../etc/passwd'"),
        ("own-945", "maps extend each other: own-945 -> own-945"),
    ],
)
def test_a_map_whose_set_nobody_knows_is_refused_for_its_base(
    tmp_path: Path, base: str, said: str
) -> None:
    own = f"map: own-945\nextends: {base}\nfields:\n  bill_of_lading: W0604\n"
    assert _refusal(tmp_path, {"maps/own.map.yaml": own}) == [
        f"maps/own.map.yaml:2:1: extends: {said}"
    ]


def test_a_document_type_that_is_not_there_is_refused(tmp_path: Path) -> None:
    own = OWN.replace("shipping_advice", "shiping_advice")
    assert _refusal(tmp_path, {"maps/own.map.yaml": own}) == [
        "maps/own.map.yaml:4:1: document: there is no document type 'shiping_advice' "
        "(did you mean 'shipping_advice'?)"
    ]


def test_a_map_without_a_document_is_refused(tmp_path: Path) -> None:
    own = 'map: own-945\ntransaction_set: "945"\n'
    assert _refusal(tmp_path, {"maps/own.map.yaml": own}) == [
        "maps/own.map.yaml:1:1: 'document' is missing, here and in what it extends"
    ]


def test_a_map_for_a_set_without_a_schema_is_refused(tmp_path: Path) -> None:
    own = OWN.replace('"945"', '"998"')
    assert _refusal(tmp_path, {"maps/own.map.yaml": own}) == [
        "maps/own.map.yaml:3:1: transaction_set: no schema for 998 in 004010"
    ]


def test_problems_of_maps_and_of_partners_are_told_together(tmp_path: Path) -> None:
    files = {
        "maps/own.map.yaml": OWN.replace("shipping_advice", "shiping_advice"),
        P: PARTNER.replace("base-940", "base-904"),
    }
    lines = _refusal(tmp_path, files)
    assert [line.split(":")[0] for line in lines] == ["maps/own.map.yaml", P]


def test_a_wrong_map_that_nobody_checked_is_refused_at_first_use(tmp_path: Path) -> None:
    own = {"maps/own.map.yaml": OWN.replace("W0604", "W0699")}
    instance = config.load(write(tmp_path, SOUND | own), {}, maps_too=False)
    with pytest.raises(ConfigProblems):
        instance.compiled_map("own-945")


def test_a_map_is_compiled_once(tmp_path: Path) -> None:
    instance = config.load(write(tmp_path, SOUND), {})
    compiled = instance.compiled_map("base-945", "004010UCS")
    assert compiled is not None
    assert instance.compiled_map("base-945") is compiled


@pytest.mark.parametrize("name", ["nobody-945", "base-common"])
def test_what_is_no_map_of_a_set_cannot_be_compiled(tmp_path: Path, name: str) -> None:
    instance = config.load(write(tmp_path, SOUND), {}, maps_too=False)
    assert instance.compiled_map(name) is None


def test_two_maps_of_the_instance_with_one_name_are_refused(tmp_path: Path) -> None:
    own = {"maps/a.map.yaml": "map: own\n", "maps/b.map.yaml": "# twice\nmap: own\n"}
    assert _refusal(tmp_path, own) == [
        "maps/b.map.yaml:2:1: map: 'own' is the name of maps/a.map.yaml already"
    ]


def test_maps_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    own = {
        "maps/a.map.yaml": "map: one\nextends: two\n",
        "maps/b.map.yaml": 'map: two\nextends: one\ntransaction_set: "945"\n'
        "document: shipping_advice\n",
    }
    lines = _refusal(tmp_path, own)
    assert lines
    assert all("maps extend each other" in line for line in lines)


def test_a_shared_table_is_checked_too(tmp_path: Path) -> None:
    lines = _refusal(tmp_path, {"tables/units.table.yaml": "table: units\nkodes: {EA: each}\n"})
    assert lines
    assert all(line.startswith("tables/units.table.yaml:") for line in lines)


TABLES = """map: own-945
extends: base-945
tables:
  shipment_status: {codes: {Q2: completed}}
  unit: {codes: {ZZ: something}, note: Their own measure.}
  freight_payment: {unknown: default, default: nonsense}
  transport_mode: {Q9: lorry}
"""


def test_a_word_that_no_packaged_table_has_is_a_warning(tmp_path: Path) -> None:
    home = write(tmp_path, SOUND | {"maps/own.map.yaml": TABLES})
    meant = "; where it is meant, write the table in full with a `note:`"
    assert [str(one) for one in config.load(home, {}).warnings] == [
        "maps/own.map.yaml:4:29: tables.shipment_status.codes.Q2: 'completed' is no word that "
        f"packaged tables 'shipment_status' have (did you mean 'complete'?){meant}",
        "maps/own.map.yaml:6:39: tables.freight_payment.default: 'nonsense' is no word that "
        f"packaged tables 'freight_payment' have{meant}",
        "maps/own.map.yaml:7:20: tables.transport_mode.Q9: 'lorry' is no word that packaged "
        f"tables 'transport_mode' have{meant}",
    ]


def test_a_map_is_held_against_every_version_that_it_names(tmp_path: Path) -> None:
    own = OWN + 'versions:\n  "005010": {fields: {bill_of_lading: W0699}}\n  "005011": {}\n'
    assert _refusal(tmp_path, {"maps/own.map.yaml": own}) == [
        "maps/own.map.yaml:8:23: bill_of_lading: 'W0699': W06 has 12 elements, there is no element "
        "99",
        "maps/own.map.yaml:9:3: versions.005011: there are no schemas of '005011' (did you mean "
        "'005010'?)",
    ]
