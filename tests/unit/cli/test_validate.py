from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from gateway.cli.init import write_instance
from tests.unit.cli.edi import FAULTY_940, SOUND_940


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "order.edi"


def run(*arguments: object, stdin: bytes = b"") -> tuple[int, str, str]:
    runner = CliRunner(env={"COLUMNS": "200"})
    result = runner.invoke(app, [str(argument) for argument in arguments], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def test_a_sound_file_exits_0_and_shows_what_it_holds(file: Path) -> None:
    file.write_bytes(SOUND_940)
    assert run("validate", file) == (
        0,
        f"{file}\n"
        "  interchange 000000001  ZZ/NORTHSTAR → ZZ/ACME  production\n"
        "    group OW 1  004010\n"
        "      ✓ 940 0001\n",
        "",
    )


def test_a_finding_exits_1_and_is_marked_in_its_segment(file: Path) -> None:
    file.write_bytes(FAULTY_940)
    code, out, err = run("validate", file)
    assert code == 1
    assert err == ""
    assert out.splitlines()[3:] == [
        "      ✗ 940 0001  1 finding",
        "          W0501, segment 2, byte 168  element too long: expected at most 1 characters,"
        " found 'NX'",
        "            W05*NX*DO-1*PO1",
        "                ^^",
    ]


@pytest.mark.parametrize("line_end", [b"", b"\r\n"])
def test_what_is_missing_after_the_end_of_a_segment_is_marked_there(
    file: Path, line_end: bytes
) -> None:
    payload = SOUND_940.replace(b"W05*N*DO-1*PO1~", b"W05~").replace(b"W05~", b"W05**DO-1~N1*ST~")
    file.write_bytes(payload.replace(b"~", b"~" + line_end))
    code, out, _ = run("validate", file)
    assert code == 1
    lines = out.splitlines()
    marked = lines.index("            N1*ST")
    assert "N102, segment 3" in lines[marked - 1]
    assert lines[marked + 1] == "                 ^"


def test_standard_input_is_a_dash(file: Path) -> None:
    code, out, _ = run("validate", "-", stdin=SOUND_940)
    assert code == 0
    assert out.startswith("standard input\n")


def test_a_file_that_is_no_x12_exits_2_and_the_others_are_still_validated(
    file: Path, tmp_path: Path
) -> None:
    file.write_bytes(SOUND_940)
    other = tmp_path / "notes.txt"
    other.write_bytes(b"<notes/>")
    code, out, err = run("validate", other, file, tmp_path / "absent.edi")
    assert code == 2
    assert f"✓ {file}  1 transaction set\n" in out
    assert out.splitlines()[-2] == "3 files: 1 clean, 2 that cannot be read"
    assert err == (
        "  ✗ The payload looks like XML: expected X12, which starts with an ISA segment.\n"
        f"  ✗ {tmp_path / 'absent.edi'} cannot be read: No such file or directory\n"
    )


def test_json_holds_every_finding_with_its_place(file: Path) -> None:
    file.write_bytes(FAULTY_940)
    code, out, _ = run("validate", file, "--json")
    assert code == 1
    (validated,) = json.loads(out)
    (interchange,) = validated["interchanges"]
    (one,) = interchange["groups"][0]["transaction_sets"]
    assert interchange["sender"] == "ZZ/NORTHSTAR"
    assert one["set"] == "940"
    (finding,) = one["findings"]
    assert finding["code"] == "element_too_long"
    assert finding["reference"] == "W0501"
    assert finding["segment_position"] == 2
    assert finding["offset"] == FAULTY_940.index(b"NX")
    assert finding["severity"] == "reject"
    assert finding["value"] == "NX"


def test_a_set_without_a_schema_is_a_finding(file: Path) -> None:
    file.write_bytes(SOUND_940.replace(b"ST*940", b"ST*999"))
    code, out, _ = run("validate", file)
    assert code == 1
    assert "there is no schema for set 999 in version 004010" in out


def test_a_set_of_a_version_without_schemas_is_judged_by_the_nearest_and_not_held_to_it(
    file: Path,
) -> None:
    file.write_bytes(FAULTY_940.replace(b"*004010~", b"*006020UCS~"))
    code, out, _ = run("validate", file)
    assert code == 0
    assert out.splitlines()[2:5] == [
        "    group OW 1  006020UCS",
        "      ! 940 0001  by the schema of 005010, the nearest that there is  1 finding",
        "          W0501, segment 2, byte 171  element too long: expected at most 1 characters (by "
        "the schema of 005010; 006020 may differ), found 'NX'  (not held against it)",
    ]
    [[one]] = [group["transaction_sets"] for group in groups_of(file)]
    assert one["judged_by"] == "005010"
    assert [(found["severity"], found["judged_by"]) for found in one["findings"]] == [
        ("ignore", "005010")
    ]


def groups_of(file: Path) -> list[dict[str, list[dict[str, object]]]]:
    [told] = json.loads(run("validate", "--json", file)[1])
    [interchange] = told["interchanges"]
    return interchange["groups"]


def test_markup_in_the_data_is_shown_as_it_is(file: Path) -> None:
    file.write_bytes(SOUND_940.replace(b"W05*N*", b"W05*[b]*"))
    code, out, _ = run("validate", file)
    assert code == 1
    assert "found '[b]'" in out
    assert "            W05*[b]*DO-1*PO1\n" in out


@pytest.mark.parametrize("payload", [b"", b"\0\xff" * 99, b"ISA", SOUND_940[:90], b"ISA*" * 500])
def test_no_input_makes_a_traceback(file: Path, payload: bytes) -> None:
    file.write_bytes(payload)
    for command in ("validate", "ack"):
        code, out, err = run(command, file)
        assert code in (1, 2)
        assert "Traceback" not in out + err


def test_every_cut_of_a_file_is_answered(file: Path) -> None:
    for end in range(len(SOUND_940)):
        file.write_bytes(SOUND_940[:end])
        code, _, _ = run("validate", file)
        assert code in (1, 2), f"cut at byte {end}"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["validate", "sound.edi"], 0),
        (["validate", "faulty.edi"], 1),
        (["validate", "absent.edi"], 2),
        (["validate"], 2),
        (["validate", "--nonsense", "sound.edi"], 2),
        (["nonsense"], 2),
        (["ack", "sound.edi"], 0),
        (["ack", "faulty.edi"], 1),
        (["ack", "absent.edi"], 2),
        (["check", "--home", "empty"], 2),
        (["validate", "--home", "empty", "sound.edi"], 2),
        (["--version"], 0),
        (["--help"], 0),
    ],
)
def test_a_process_exits_as_promised_and_never_with_a_traceback(
    tmp_path: Path, arguments: list[str], code: int
) -> None:
    (tmp_path / "sound.edi").write_bytes(SOUND_940)
    (tmp_path / "faulty.edi").write_bytes(FAULTY_940)
    (tmp_path / "empty").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", "from gateway.cli import main; main()", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


def test_an_instance_judges_each_set_as_the_pipeline_would(tmp_path: Path, file: Path) -> None:
    home = tmp_path / "instance"
    write_instance(home)
    file.write_bytes(SOUND_940)
    code, out, _ = run("validate", file, "--home", home)
    assert code == 1
    assert "receiver unknown" in out
    assert "no agreement with partner 'northstar-3pl' to receive 940" in out
