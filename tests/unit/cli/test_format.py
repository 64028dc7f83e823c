"""`gateway format` as people and pipes see it."""

from __future__ import annotations

import re
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import typer

from gateway import resources
from gateway.cli import format as format_command
from gateway.x12.layout import annotated
from gateway.x12.names import Names
from tests.unit.cli.edi import SOUND_940
from tests.unit.cli.test_validate import run
from tests.x12_sets import LIBRARY

SHOWN = Path(__file__).parent / "shown"
SAMPLE = resources.directory("samples") / "base" / "945-invalid-order-of-segments.edi"


def test_a_file_is_annotated(golden: Callable[[Path, bytes], None]) -> None:
    code, out, err = run("format", SAMPLE)
    assert (code, err) == (0, "")
    golden(SHOWN / "format.txt", out.encode())


def test_each_form_goes_back_to_the_bytes() -> None:
    payload = SAMPLE.read_bytes()
    _, out, _ = run("format", SAMPLE)
    assert run("format", "-", "--restore", stdin=out.encode()) == (0, payload.decode(), "")
    flat = payload.replace(b"~\n", b"~").decode()
    assert run("format", "-", "--compact", stdin=out.encode()) == (0, flat, "")
    assert run("format", "-", "--plain", stdin=flat.encode()) == (0, payload.decode(), "")


def test_what_is_no_x12_is_shown_and_said() -> None:
    code, out, err = run("format", "-", stdin=b"nothing\nat all")
    assert code == 1
    assert out.splitlines()[1:] == ["nothing\\nat all\\."]
    assert err == "standard input: no ISA segment was found\n"


def test_a_request_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    sound = tmp_path / "sound.edi"
    sound.write_bytes(SOUND_940)
    code, _, err = run("format", sound, "--plain", "--compact")
    assert (code, err) == (2, "error: --plain, --compact and --restore exclude each other\n")
    code, _, err = run("format", sound, "--restore")
    said = f"error: {sound} is no annotated text: there is nothing to restore\n"
    assert (code, err) == (2, said)


def test_a_terminal_gets_the_same_text_with_remarks_dimmed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sound = tmp_path / "sound.edi"
    sound.write_bytes(SOUND_940)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "200")
    format_command.format(str(sound))
    shown = capsys.readouterr().out
    _, plain, _ = run("format", sound)
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown) == plain


def test_ebcdic_is_shown_as_what_it_says() -> None:
    code, out, err = run("format", "-", "--compact", stdin=SOUND_940.decode().encode("cp037"))
    assert (code, out.encode()) == (0, SOUND_940)
    assert err == "standard input: EBCDIC, shown as Latin-1\n"


@pytest.mark.parametrize("form", ["--plain", "--compact", "--restore"])
def test_memory_stays_flat_however_long_a_file_is(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / "long.edi"
    long.write_bytes(SOUND_940 * 4_000)
    if form == "--restore":
        names = Names(LIBRARY, resources.schema_text)
        long.write_text("".join(annotated(SOUND_940, names)))
        with long.open("a") as file:
            file.writelines("ST*940*0001~\n  ST  a remark\n" for _ in range(80_000))
    with (tmp_path / "out").open("w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        tracemalloc.start()
        with suppress(typer.Exit):
            format_command.format(
                str(long), form == "--plain", form == "--compact", form == "--restore"
            )
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (tmp_path / "out").stat().st_size > 800_000
    assert peak < 1_500_000
