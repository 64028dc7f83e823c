"""`gateway validate --engine pyx12`: both verdicts side by side, and which of them counts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gateway.cli import second_opinions
from gateway.cli.init import write_instance
from tests.unit.cli.edi import FAULTY_940, ISA, SOUND_940
from tests.unit.cli.test_validate import run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "order.edi"


def judged(file: Path, payload: bytes, *more: object) -> tuple[int, list[str]]:
    """Return the exit code, and what is shown below the group."""
    file.write_bytes(payload)
    code, out, err = run("validate", file, "--engine", "pyx12", *more)
    assert err == ""
    return code, out.splitlines()[3:]


def test_a_set_that_is_clean_to_both_is_a_line(file: Path) -> None:
    assert judged(file, SOUND_940) == (
        0,
        ["      ✓ 940 0001  ours: clean, pyx12: clean  (by our schema of 940 004010)"],
    )


def test_what_both_find_is_said_once(file: Path) -> None:
    assert judged(file, FAULTY_940) == (
        1,
        [
            "      ✗ 940 0001  ours: 1 finding, pyx12: 1 finding; all alike"
            "  (by our schema of 940 004010)",
            "          both: W0501, segment 2, byte 168  element too long: expected at most 1"
            " characters, found 'NX'",
            "            W05*NX*DO-1*PO1",
            "                ^^",
        ],
    )


def test_a_difference_says_who_is_right_and_our_verdict_decides(file: Path) -> None:
    assert judged(file, SOUND_940.replace(b"W76*10~", b"W76*10.~")) == (
        0,
        [
            "      ! 940 0001  ours: clean, pyx12: 1 finding; 0 alike, 1 place where they differ"
            "  (by our schema of 940 004010)",
            '          pyx12 only: W7601, segment 6  Data element "Quantity Ordered" (W7601) is'
            " type R, contains an invalid character(10.)",
            "            W76*10.",
            "                ^^^",
            "            a matter of choice (bare-decimal-point): the standard says that the point"
            " should be left out there, not that it must",
        ],
    )


def test_what_one_calls_otherwise_is_said_in_both_words(file: Path) -> None:
    code, shown = judged(file, SOUND_940.replace(b"N1*ST*SHOP", b"N1*ST*SH>OP"))
    assert code == 1
    assert [line.strip() for line in shown[1:]] == [
        "both: N102, segment 3, loop 0100, byte 185  too many components: expected no component"
        " separator, found 'SH>OP'",
        "N1*ST*SH>OP*92*0042",
        "^^^^^",
        'pyx12 says: Data element "Name" (N102) is an invalid composite',
        "both refuse it (component-in-an-element): both refuse it at the same place",
    ]


def test_many_consequences_of_one_fault_are_counted(file: Path) -> None:
    body = SOUND_940.replace(b"N1*ST", b"N2*A~" + b"N3*B~" * 8 + b"N1*ST").replace(
        b"SE*7", b"SE*16"
    )
    code, shown = judged(file, body)
    assert code == 1
    assert shown[-1].strip() == "… and 4 more of after-the-first-loss; --json shows all"


def test_programs_are_told_both_verdicts(file: Path) -> None:
    file.write_bytes(SOUND_940.replace(b"W76*10~", b"W76*10.~"))
    code, out, _ = run("validate", file, "--engine", "pyx12", "--json")
    assert code == 0
    [group] = json.loads(out)[0]["interchanges"][0]["groups"]
    [told] = group["transaction_sets"]
    assert told["findings"] == []
    assert told["agreed"] == []
    assert told["pyx12"]["judged_by"] == "our schema of 940 004010"
    [fault] = told["pyx12"]["faults"]
    assert (fault["kind"], fault["code"], fault["reference"]) == ("character", "element 6", "W7601")
    [difference] = told["differences"]
    assert (difference["class"], difference["right"]) == ("bare-decimal-point", "choice")
    assert (difference["ours"], difference["pyx12"]) == ([], ["element 6"])


def test_the_guide_of_the_partner_counts_for_both(file: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_instance(home)
    sample = (
        Path(__file__).parents[3] / "samples" / "northstar-3pl" / "945-invalid-item-missing.edi"
    )
    code, out, _ = run("validate", sample, "--engine", "pyx12", "--home", home)
    assert code == 1
    assert "; all alike" in out


def test_a_set_that_neither_knows_is_told_so(file: Path) -> None:
    payload = SOUND_940.replace(b"ST*940", b"ST*837").replace(b"GS*OW", b"GS*HC")
    code, shown = judged(file, payload.replace(b"*004010~", b"*004010X999~"))
    assert code == 1
    assert shown[0] == (
        "      ✗ 837 0001  ours: no schema, pyx12: not asked  (neither we nor pyx12 know set 837 in"
        " 004010X999)"
    )


def test_a_set_in_a_group_without_any_values_is_known_to_neither(file: Path) -> None:
    file.write_bytes(re.sub(rb"GS\*[^~]*", b"GS********", SOUND_940))
    code, out, _ = run("validate", file, "--engine", "pyx12")
    assert code == 1
    assert "(neither we nor pyx12 know set 940 in no version)" in " ".join(out.split())


def test_an_interchange_without_groups_is_no_fault_of_any_engine(file: Path) -> None:
    file.write_bytes(ISA.encode())
    code, out, err = run("validate", file, "--engine", "pyx12")
    assert (code, err) == (1, "")
    assert "interchange trailer missing" in out


def test_what_is_no_x12_exits_2(file: Path) -> None:
    file.write_bytes(b"hello")
    code, _, err = run("validate", file, "--engine", "pyx12")
    assert (code, err) == (2, "  ✗ No ISA segment was found in 5 bytes.\n")


def test_beyond_a_number_of_segments_pyx12_is_not_asked(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_opinions, "MOST_SEGMENTS", 6)
    code, shown = judged(file, FAULTY_940)
    assert code == 1
    assert shown[0] == (
        "      ✗ 940 0001  ours: 1 finding, pyx12: not asked"
        "  (pyx12 is asked about 6 segments in one go, and has been)"
    )
    assert shown[1].startswith("          W0501, segment 2, byte 168  element too long")


def test_of_several_files_the_clean_ones_take_a_line(file: Path, tmp_path: Path) -> None:
    file.write_bytes(SOUND_940)
    other = tmp_path / "other.edi"
    other.write_bytes(FAULTY_940)
    code, out, _ = run("validate", file, other, "--engine", "pyx12")
    assert code == 1
    assert out.splitlines()[0] == f"✓ {file}  1 transaction set"
    assert "2 files: 1 clean, 1 with findings" in out


def test_who_has_maps_for_health_care_is_said_where_we_have_no_schema() -> None:
    file = Path("tests/samples/health_care/270-coverage-of-a-visit.edi")
    hint = "270: pyx12 has maps for health care; ask it with --engine pyx12"
    code, out, _ = run("validate", file)
    assert (code, "there is no schema for set 270" in out) == (1, True)
    assert out.splitlines()[-1].strip() == hint
    assert hint not in run("validate", file, "--engine", "pyx12")[1]
