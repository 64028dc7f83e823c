"""Commands whose streams are full, closed or of few signs, and files with odd names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import app
from tests.unit.cli.edi import SOUND_940

_MAIN = "import sys; from gateway.cli import main; sys.argv[0] = 'gateway'; main()"


def _started(
    words: str, *arguments: object, encoding: str = "utf-8"
) -> subprocess.CompletedProcess[str]:
    """Run a command in a shell that adds words, such as where its streams go."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {words}', "sh", sys.executable, "-c", _MAIN]
        + [str(one) for one in arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.fixture
def order(tmp_path: Path) -> Path:
    path = tmp_path / "order.edi"
    path.write_bytes(SOUND_940)
    return path


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
@pytest.mark.parametrize("command", ["validate", "format"])
def test_a_full_disk_under_standard_output_is_said_in_a_sentence(order: Path, command: str) -> None:
    done = _started(">/dev/full", command, order)
    assert (done.returncode, done.stderr) == (1, "error: No space left on device\n")


def test_a_command_whose_streams_are_closed_gives_its_exit_code(order: Path) -> None:
    assert _started("<&- >&-", "validate", order).returncode == 0
    done = _started("<&-", "validate", "-")
    assert (done.returncode, done.stderr) == (
        2,
        "  ✗ The payload is empty: expected an ISA segment.\n",
    )


def test_signs_that_a_terminal_does_not_have_are_question_marks(order: Path) -> None:
    done = _started("", "validate", order, encoding="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "ZZ/NORTHSTAR ? ZZ/ACME" in done.stdout


@pytest.mark.parametrize("command", ["validate", "explain", "repair"])
def test_a_file_name_that_is_no_utf_8_is_spelled_in_json(tmp_path: Path, command: str) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/b\xff.edi")
    try:
        Path(name).write_bytes(SOUND_940)
    except OSError:
        pytest.skip("the file system takes only UTF-8")
    done = CliRunner().invoke(app, [command, "--json", name])
    assert done.exit_code == 0
    assert f"{tmp_path}/b\\xff.edi" in str(json.loads(done.stdout)).replace("\\\\", "\\")


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(SOUND_940,))
    writer.start()
    done = CliRunner().invoke(app, ["format", "--compact", str(pipe)])
    writer.join()
    assert (done.exit_code, done.stdout_bytes.rstrip()) == (0, SOUND_940.rstrip())
