"""`gateway repair`: says line by line what it changes and why, and overwrites nothing unasked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.cli import repair as repair_command
from gateway.x12 import repair
from tests.unit.cli.edi import SOUND_940
from tests.unit.cli.test_explain import on_80_columns
from tests.unit.cli.test_validate import run

SHOWN = Path(__file__).parent / "shown"
LINES = SOUND_940.replace(b"~", b"~\n")
MESSY = (
    LINES.replace(b"SE*7*", b"SE*9*")
    .replace(b"GE*1*1", b"GE*1*2")
    .replace(b"NORTHSTAR      *", b"NORTHSTAR*", 1)
    .replace(b"ST*940*0001", b"ST*940*01")
    .replace(b"~\nLX", b"~\r\n  LX")
    .replace(b"000000001~\n", b"000000001")
)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("order.edi").write_bytes(MESSY)


def test_a_trial_says_what_it_would_change(golden: Callable[[Path, bytes], None]) -> None:
    code, out, err = on_80_columns("repair", "order.edi", "--dry-run")
    assert (code, err) == (1, "")
    assert sorted(Path().iterdir()) == [Path("order.edi")]
    golden(SHOWN / "repair-dry-run.txt", out.encode())


def test_the_result_goes_beside_the_file_once(golden: Callable[[Path, bytes], None]) -> None:
    code, out, _ = on_80_columns("repair", "order.edi")
    assert code == 1, "a control number stays too short"
    golden(SHOWN / "repair.txt", out.encode())
    assert Path("order.edi").read_bytes() == MESSY
    mended = Path("order.repaired.edi").read_bytes()
    # The trailer takes the number of the header, short as it is.
    assert mended == LINES.replace(b"*0001~", b"*01~").rstrip(b"\n")
    code, out, _ = run("repair", "order.edi")
    assert code == 1
    assert "✗ order.repaired.edi is there already: --force overwrites it" in out
    assert run("repair", "order.edi", "--force")[1].count("✓") == 1
    code, out, _ = run("repair", "order.repaired.edi")
    assert (code, out.splitlines()[-1]) == (1, "  nothing to change; 1 fault left")
    assert not Path("order.repaired.repaired.edi").exists()


def test_a_sound_file_is_left_alone() -> None:
    Path("order.edi").write_bytes(SOUND_940)
    assert run("repair", "order.edi") == (0, "order.edi\n  nothing to change\n", "")
    assert sorted(Path().iterdir()) == [Path("order.edi")]


def test_it_may_be_told_where_to() -> None:
    broken = LINES.replace(b"SE*7*", b"SE*9*")
    Path("order.edi").write_bytes(broken)
    assert run("repair", "order.edi", "-o", "mended.edi")[0] == 0
    assert Path("mended.edi").read_bytes() == LINES
    assert run("repair", "order.edi", "--in-place")[0] == 0
    assert Path("order.edi").read_bytes() == LINES
    code, out, err = run("repair", "-", stdin=broken)
    assert (code, out.encode()) == (0, LINES)
    assert err.endswith("✓ 1 segment changed: standard output\n")


def test_requests_that_make_no_sense_are_refused() -> None:
    code, _, err = run("repair", "order.edi", "-o", "a", "--in-place")
    assert (code, err) == (2, "error: --output and --in-place exclude each other\n")
    code, _, err = run("repair", "order.edi", "order.edi", "-o", "a")
    said = "error: --output names the result of one file; several were given\n"
    assert (code, err) == (2, said)


def test_a_bad_file_does_not_stop_a_good_one() -> None:
    Path("bad.edi").write_bytes(b"nothing")
    code, out, err = run("repair", "bad.edi", "order.edi", "absent.edi")
    assert code == 2
    assert "✓ 5 segments changed: order.repaired.edi" in out
    assert err.splitlines() == [
        "bad.edi",
        "  ✗ No ISA segment was found in 7 bytes.",
        "absent.edi",
        "  ✗ absent.edi cannot be read: No such file or directory",
    ]


def test_an_output_that_cannot_be_written_is_said() -> None:
    code, out, _ = run("repair", "order.edi", "-o", "absent/mended.edi")
    assert code == 1
    assert "✗ absent/mended.edi cannot be written: No such file or directory" in out


def test_json_has_every_edit_and_what_is_left() -> None:
    code, out, _ = run("repair", "order.edi", "--dry-run", "--json")
    assert code == 1
    [file] = json.loads(out)
    changed = [change["reference"] for edit in file["edits"] for change in edit["changes"]]
    assert changed == ["ISA06", "", "SE01", "SE02", "GE02", "IEA"]
    assert [one["reference"] for one in file["left"]] == ["ST02"]
    assert file["left"][0]["because"] == "control numbers are the sender's to give"
    assert file["output"] is None


def test_a_file_that_is_too_large_to_be_held_is_refused_unread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(repair_command, "LARGEST", 1_048_576)
    large = Path("large.edi")
    with large.open("wb") as file:
        file.truncate(3_000_000)
    code, out, err = run("repair", large)
    assert (code, out) == (2, "")
    assert err.splitlines()[1] == (
        "  ✗ it has 3 MB: expected at most 1; `gateway split` makes several files of it"
    )


def test_a_payload_of_which_nearly_all_would_change_is_left_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(repair, "MOST_EDITS", 3)
    uneven = SOUND_940.replace(b"~", b"~\n").replace(b"~\nLX", b"~LX", 1)
    assert repair.repaired(uneven).edits
    mixed = SOUND_940.replace(b"~W", b"~\nW").replace(b"~S", b"~\r\nS").replace(b"~N", b"~\r\nN")
    found = repair.repaired(mixed)
    assert (found.edits, found.payload) == ((), mixed)
    [left] = found.refusals
    assert left.finding.location.reference == "ISA"
    assert left.finding.detail == "expected the same between all segments"
    assert left.because == (
        "more than 100000 segments would change: that is no fault of an envelope"
    )
