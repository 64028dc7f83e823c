from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from gateway import resources
from gateway.cli.init import write_instance
from tests.unit.cli.edi import FAULTY_940, SOUND_940
from tests.unit.cli.test_validate import run

SAMPLES = resources.directory("samples")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "order.edi"


def test_x12_becomes_the_canonical_document(file: Path) -> None:
    file.write_bytes(SOUND_940)
    code, out, err = run("translate", file, "--map", "base-940")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert document["document"] == "shipment_order"
    assert document["depositor_order_number"] == "DO-1"
    assert document["lines"][0]["ordered_quantity"] == "10"


def test_a_document_becomes_x12_that_translates_to_the_same_document(file: Path) -> None:
    file.write_bytes(SOUND_940)
    _, document, _ = run("translate", file, "--map", "base-940")
    code, x12, err = run("translate", "-", "--map", "base-940", stdin=document.encode())
    assert (code, err) == (0, "")
    assert x12.splitlines()[2:5] == ["ST*940*0001~", "W05*N*DO-1*PO1~", "N1*ST*SHOP*92*0042~"]
    assert run("translate", "-", "--map", "base-940", stdin=x12.encode()) == (0, document, "")


def test_only_the_set_is_written_without_an_envelope(file: Path) -> None:
    file.write_bytes(SOUND_940)
    _, document, _ = run("translate", file, "--map", "base-940")
    code, x12, _ = run(
        "translate", "-", "--map", "base-940", "--no-envelope", stdin=document.encode()
    )
    assert code == 0
    assert (x12.splitlines()[0], x12.splitlines()[-1]) == ("ST*940*0001~", "SE*7*0001~")


def test_what_is_written_is_valid(file: Path) -> None:
    file.write_bytes(SOUND_940)
    _, document, _ = run("translate", file, "--map", "base-940")
    _, x12, _ = run("translate", "-", "--map", "base-940", stdin=document.encode())
    code, _, _ = run("validate", "-", stdin=x12.encode())
    assert code == 0


def test_what_is_written_is_held_to_the_standard_as_before_it_is_sent(file: Path) -> None:
    file.write_bytes(SOUND_940)
    _, document, _ = run("translate", file, "--map", "base-940")
    long = json.loads(document) | {"depositor_order_number": "9" * 40}
    for options, byte in (
        ((), 174),
        (("--no-envelope",), 19),
        (("--trace",), 174),
        (("--trace", "--no-envelope", "--json"), 19),
    ):
        code, x12, err = run(
            "translate", "-", "--map", "base-940", *options, stdin=json.dumps(long).encode()
        )
        assert (code, "9" * 40 in x12) == (1, True)
        said = f"W0502, segment 2, byte {byte}  element too long: expected at most 22 characters"
        assert said in err
        assert f"W05*N*{'9' * 40}" in err


def test_a_document_with_a_byte_order_mark_is_taken(file: Path) -> None:
    file.write_bytes(SOUND_940)
    _, document, _ = run("translate", file, "--map", "base-940")
    code, x12, err = run(
        "translate", "-", "--map", "base-940", stdin=b"\xef\xbb\xbf" + document.encode()
    )
    assert (code, err, "W05*N*DO-1*PO1~" in x12) == (0, "", True)


def test_a_document_that_names_a_member_twice_is_refused(file: Path) -> None:
    file.write_bytes(SOUND_940)
    _, document, _ = run("translate", file, "--map", "base-940")
    twice = document.replace("{", '{"document":"order",', 1)
    code, out, err = run("translate", "-", "--map", "base-940", stdin=twice.encode())
    assert (code, out) == (2, "")
    assert err == "error: standard input names 'document' twice in one object\n"


def test_findings_are_told_beside_the_document(file: Path) -> None:
    file.write_bytes(FAULTY_940)
    code, out, err = run("translate", file, "--map", "base-940")
    assert code == 1
    assert json.loads(out)["document"] == "shipment_order"
    assert "W0501, segment 2, byte 168  element too long" in err


def test_an_order_for_many_stores_gives_one_document_a_line_and_comes_together_again() -> None:
    sample = SAMPLES / "bluebird-retail" / "850-quantities-by-store.edi"
    code, out, _ = run("translate", sample, "--map", "bluebird-850")
    assert code == 0
    documents = [json.loads(line) for line in out.splitlines()]
    assert len({document["store_number"] for document in documents}) == len(documents) > 1
    code, x12, _ = run(
        "translate", "-", "--map", "bluebird-850", stdin=json.dumps(documents).encode()
    )
    assert code == 0
    assert x12.count("\nST*850*") == 1


@pytest.mark.parametrize(
    ("content", "map_name", "said"),
    [
        (SOUND_940, "base-94", "there is no map 'base-94' (did you mean 'base-947'?)"),
        (SOUND_940, "base-850", "map 'base-850' is for set 850; the file has 940"),
        (SOUND_940, "base-common", "map 'base-common' is for set '' in version 004010"),
        (b"{", "base-940", "is not well-formed JSON"),
        (b"[]", "base-940", "holds no document: expected a JSON object"),
        (b'{"document":"order"}', "base-940", "is not a canonical document"),
        (b"", "base-940", "The payload is empty: expected an ISA segment."),
        (b"\xff\x00\x01", "base-940", "No ISA segment was found in 3 bytes."),
    ],
)
def test_what_cannot_be_translated_exits_2_with_a_sentence(
    file: Path, content: bytes, map_name: str, said: str
) -> None:
    file.write_bytes(content)
    code, out, err = run("translate", file, "--map", map_name)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert said in err


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("gateway") / "instance"
    write_instance(made)
    return made


COUNTS_WRONG = SAMPLES / "northstar-3pl" / "945-counts-wrong.edi"


def test_what_the_agreement_notes_is_marked_so(home: Path) -> None:
    _, _, strictly = run("translate", COUNTS_WRONG, "--map", "northstar-945")
    assert "segment count wrong" in strictly
    assert "noted" not in strictly
    code, _, err = run("translate", COUNTS_WRONG, "--map", "northstar-945", "--home", home)
    assert code == 1, "as `gateway validate --home` does"
    [line] = [line for line in err.splitlines() if "segment count wrong" in line]
    assert line.endswith("found '9'  (noted: accepted by agreement)")


def test_what_the_agreement_tolerates_is_not_told_and_exits_0(home: Path, tmp_path: Path) -> None:
    tolerant = tmp_path / "tolerant"
    shutil.copytree(home, tolerant)
    partner = tolerant / "partners" / "northstar-3pl.yaml"
    noted = "{finding: segment_count_wrong, severity: note}"
    ignored = noted.replace("note", "ignore") + "\n  - {finding: total_differs, severity: ignore}"
    assert noted in partner.read_text()
    partner.write_text(partner.read_text().replace(noted, ignored))
    code, _, err = run("translate", COUNTS_WRONG, "--map", "northstar-945", "--home", tolerant)
    assert (code, err) == (0, "")


def test_what_no_field_takes_is_named_in_one_line(file: Path) -> None:
    file.write_bytes(SOUND_940.replace(b"*0042~", b"*0042*SE*BY~W09*CZ~").replace(b"SE*7", b"SE*8"))
    code, out, err = run("translate", file, "--map", "base-940")
    assert [one["segment"] for one in json.loads(out)["unmapped"]] == ["N1", "W09"]
    said = "kept as unmapped: 1 segment (W09) and 2 elements (N105 in N1, N106 in N1)\n"
    assert (code, err) == (0, said)


def test_a_finding_of_the_map_is_shown_in_its_segment_with_the_line_of_the_map(home: Path) -> None:
    sample = home / "samples" / "northstar-3pl" / "945-invalid-licence-plate.edi"
    code, _, err = run("translate", sample, "--map", "northstar-945", "--home", home)
    assert code == 1
    _, *told = err.splitlines()
    text = (home / "maps" / "northstar-3pl" / "945.map.yaml").read_text("utf-8")
    (line,) = [n for n, said in enumerate(text.splitlines(), 1) if said.strip().startswith("sscc:")]
    assert told == [
        "MAN02, segment 6, byte 275  value not convertible: not 18 digits, or 20 with 00,"
        " found '61414100000001'",
        "  MAN*AI*61414100000001",
        "         ^^^^^^^^^^^^^^",
        f"  maps/northstar-3pl/945.map.yaml:{line}: /lines/0/sscc",
    ]


def test_a_finding_of_the_standard_names_no_line_of_the_map(file: Path) -> None:
    file.write_bytes(FAULTY_940)
    _, _, err = run("translate", file, "--map", "base-940")
    assert err.splitlines()[:3] == [
        "W0501, segment 2, byte 168  element too long: expected at most 1 characters, found 'NX'",
        "  W05*NX*DO-1*PO1",
        "      ^^",
    ]
    assert "None" not in err


def test_a_trace_names_for_each_value_its_bytes_and_the_line_of_the_map(file: Path) -> None:
    file.write_bytes(SOUND_940)
    code, out, err = run("translate", file, "--map", "base-940", "--trace")
    assert (code, err) == (0, "")
    head, names, *rows = out.splitlines()
    assert head.startswith("940 0001, group ")
    assert names.split() == ["field", "value", "from", "segment", "byte", "map", "how"]
    [unit] = [row for row in rows if row.split()[:1] == ["/lines/0/unit"]]
    offset = SOUND_940.index(b"*10*EA*") + 4
    cells = unit.split()
    assert cells[1:3] == ["each", "W0102"]
    assert f"{offset}+2" in cells
    assert cells[-2:] == ["table", "unit"]
    [place] = [cell for cell in cells if cell.startswith("base/940.map.yaml:")]
    line = (resources.directory("maps") / "base/940.map.yaml").read_text().splitlines()
    assert "unit: {at: W0102" in line[int(place.split(":")[1]) - 1]


def test_a_trace_for_programs_has_the_document_and_its_places(file: Path) -> None:
    file.write_bytes(SOUND_940)
    _, plain, _ = run("translate", file, "--map", "base-940")
    code, out, err = run("translate", file, "--map", "base-940", "--trace", "--json")
    assert (code, err) == (0, "")
    [one] = json.loads(out)
    assert one["document"] == json.loads(plain)
    [unit] = [each for each in one["trace"] if each["pointer"] == "/lines/0/unit"]
    place = unit["place"]
    assert SOUND_940[place["offset"] :][: place["length"]] == b"EA"
    assert (unit["origin"], place["reference"], unit["value"]) == ("element", "W0102", "each")
    assert [each["name"] for each in unit["applied"]] == ["unit"]
    assert unit["applied"][0]["entry"]["says"] == "EA: each"


@pytest.mark.parametrize("envelope", ["--envelope", "--no-envelope"])
def test_a_trace_of_what_is_written_names_the_field_of_each_element(
    file: Path, envelope: str
) -> None:
    file.write_bytes(SOUND_940)
    _, document, _ = run("translate", file, "--map", "base-940")
    arguments = ("translate", "-", "--map", "base-940", "--trace", "--json", envelope)
    code, out, err = run(*arguments, stdin=document.encode())
    assert (code, err) == (0, "")
    written = json.loads(out)
    assert ("IEA" in written["x12"]) is (envelope == "--envelope")
    for each in written["trace"]:
        place = each["place"]
        assert written["x12"][place["offset"] :][: place["length"]] == place["text"]
    fields = {each["place"]["reference"]: each["pointer"] for each in written["trace"]}
    assert fields["W0502"] == "/depositor_order_number"
    assert fields["SE01"] is None


def test_json_without_a_trace_is_refused(file: Path) -> None:
    file.write_bytes(SOUND_940)
    code, _, err = run("translate", file, "--map", "base-940", "--json")
    assert code == 2
    assert err == (
        "error: --json goes with --trace: without it a document is JSON already, "
        "and X12 is no JSON\n"
    )
