"""`gateway validate` over folders: which files are taken, one line for a clean one, a summary."""

from __future__ import annotations

import io
import json
import os
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from gateway.cli import meter
from gateway.cli.examine import Examiner
from gateway.cli.inputs import collect
from gateway.cli.meter import Meter
from gateway.cli.terminal import InputUnreadable
from tests.unit.cli.edi import FAULTY_940, SOUND_940
from tests.unit.cli.test_validate import run

SHOWN = Path(__file__).parent / "shown"
ONE = SOUND_940[SOUND_940.index(b"ST*") : SOUND_940.index(b"GE*")]
TWICE = SOUND_940.replace(ONE, ONE + ONE.replace(b"0001~", b"0002~")).replace(b"GE*1*", b"GE*2*")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    inbox = tmp_path / "inbox"
    for name, content in {
        "a/faulty.edi": FAULTY_940,
        "a/faulty-again.X12": FAULTY_940,
        "a/notes.md": b"about ISA segments",
        "b/sound": b"\xef\xbb\xbf\r\n" + SOUND_940,
        "b/broken.edi": b"nothing",
        "b/.hidden.edi": b"nothing",
        ".git/x.edi": b"nothing",
        "twice.dat": TWICE,
    }.items():
        path = inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (inbox / "round").symlink_to(inbox, target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    return Path("inbox")


def test_a_folder_is_validated_with_all_below_it(
    folder: Path, golden: Callable[[Path, bytes], None]
) -> None:
    code, out, err = run("validate", folder)
    assert code == 2
    assert err == "  ✗ No ISA segment was found in 7 bytes.\n"
    golden(SHOWN / "validate-folder.txt", out.encode())


def test_the_files_of_a_folder_are_those_of_the_rule(folder: Path) -> None:
    given = collect([str(folder)])
    assert [one.name for one in given.inputs] == [
        "inbox/twice.dat",
        "inbox/a/faulty-again.X12",
        "inbox/a/faulty.edi",
        "inbox/b/broken.edi",
        "inbox/b/sound",
    ]
    assert given.passed_over == 1
    assert given.size == sum(len(Path(one.name).read_bytes()) for one in given.inputs)


def test_a_folder_without_x12_is_said_so(folder: Path) -> None:
    (folder / "none").mkdir()
    said = "inbox/none holds no X12: no file below it ends in .edi or .x12 or begins with ISA"
    with pytest.raises(InputUnreadable, match=f"^{said}$"):
        collect(["inbox/none"])
    code, _, err = run("validate", "inbox/none")
    assert (code, err) == (2, f"error: {said}\n")


@pytest.mark.parametrize(
    ("names", "code"),
    [(["b/sound", "a/faulty.edi"], 1), (["b/sound"], 0), (["b/sound", "absent"], 2)],
)
def test_the_worst_file_gives_the_exit_code(folder: Path, names: list[str], code: int) -> None:
    assert run("validate", *[folder / name for name in names])[0] == code


def test_json_has_every_file(folder: Path) -> None:
    code, out, _ = run("validate", folder, "--json")
    assert code == 2
    files = json.loads(out)
    assert [bool(one["interchanges"]) for one in files] == [True, True, True, False, True]
    assert [one["set"] for one in files[0]["interchanges"][0]["groups"][0]["transaction_sets"]]


def test_progress_is_shown_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "_LONG", 0.0)
    shown: dict[bool, str] = {}
    for terminal in (True, False):
        stream = io.StringIO()
        console = Console(file=stream, force_terminal=terminal, width=80)
        monkeypatch.setattr(meter, "remarks", lambda console=console: console)
        watched = Meter(1000)
        watched.begin("a-file-with-a-name-that-is-longer-than-its-place.edi")
        watched.at(500)
        watched.end(1000)
        watched.close()
        shown[terminal] = stream.getvalue()
    assert "longer-than-its-place.edi" in shown[True]
    assert shown[False] == ""


def test_a_long_file_is_told_of_and_not_kept_in_memory() -> None:
    one = ONE.replace(b"W05*N*", b"W05*NX*")
    sets = b"".join(one.replace(b"0001~", b"%09d~" % number) for number in range(1000))
    payload = SOUND_940.replace(ONE, sets).replace(b"GE*1*", b"GE*1000*")
    seen: list[int] = []
    tracemalloc.start()
    try:
        [examined] = Examiner().interchanges(
            payload, keep=lambda group, one: one if len(group.sets) < 5 else None, at=seen.append
        )
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    [group] = examined.groups
    assert (len(group.sets), group.faulty_passed_over, group.examined) == (5, 995, 1000)
    # Once for the envelope, once for the sets, and never back.
    assert seen == sorted(set(seen))
    assert len(seen) == 10
    assert kept < 2_000_000


def test_of_many_faulty_sets_the_first_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    sound = [ONE.replace(b"0001~", b"%09d~" % number) for number in range(400)]
    sets = [one.replace(b"W05*N*", b"W05*NX*") if at >= 100 else one for at, one in
            enumerate(sound)]  # fmt: skip
    file = tmp_path / "many.edi"
    file.write_bytes(SOUND_940.replace(ONE, b"".join(sets)).replace(b"GE*1*", b"GE*400*"))
    code, out, _ = run("validate", str(file))
    lines = out.splitlines()
    assert code == 1
    assert lines[3] == "      ✓ 100 transaction sets without a finding"
    assert lines[-1] == "      … and 100 more with findings; --json shows all"
    assert sum(line.startswith("      ✗ 940") for line in lines) == 200
    _, out, _ = run("validate", str(file), str(file))
    assert "2 interchanges, 800 transaction sets, 600 findings" in out
    told = json.loads(run("validate", str(file), "--json")[1])
    assert len(told[0]["interchanges"][0]["groups"][0]["transaction_sets"]) == 400


@pytest.mark.parametrize("command", ["validate", "explain", "format"])
def test_what_comes_through_a_pipe_is_read_like_a_file(tmp_path: Path, command: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(SOUND_940,))
    writer.start()
    try:
        code, out, said = run(command, str(pipe))
    finally:
        writer.join()
    assert (code, said) == (0, "")
    assert "NORTHSTAR" in out


def test_of_many_sets_those_without_a_finding_are_counted() -> None:
    sets = [ONE.replace(b"0001~", b"%09d~" % number) for number in range(2000)]
    sets[7] = sets[7].replace(b"W05*N*", b"W05*NX*")
    payload = SOUND_940.replace(ONE, b"".join(sets)).replace(b"GE*1*", b"GE*2000*")
    code, out, _ = run("validate", "-", stdin=payload)
    assert code == 1
    assert out.splitlines()[3:5] == [
        "      ✓ 1,999 transaction sets without a finding",
        "      ✗ 940 000000007  1 finding",
    ]
    assert len(out.splitlines()) == 8
