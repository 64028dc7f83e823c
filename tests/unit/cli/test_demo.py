"""The demonstration, as a process: the main job on real input."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gateway import resources
from tests.unit.cli.test_validate import run

ROOT = Path(__file__).parents[3]
SETS = {path.name[:3] for path in (resources.directory("maps") / "base").glob("???.map.yaml")}


@pytest.mark.slow
def test_the_demo_takes_every_set_through_every_stage(tmp_path: Path) -> None:
    home = tmp_path / "instance"
    command = [sys.executable, "-c", "from gateway.cli import main; main()", "demo"]
    done = subprocess.run(
        [*command, "--dir", str(home)],
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    for set_id in SETS:
        assert any(
            f"  {set_id}  " in line and "delivered" in line and "sent" in line and "…" not in line
            for line in done.stdout.splitlines()
        ), f"no {set_id} was delivered and acknowledged"
    lacking = [line for line in done.stdout.splitlines() if " rejected " in line]
    assert [line for line in lacking if line[1:4].isdigit() and "-invalid-" not in line] == []
    assert f"dropped       {_files_in_the_readme()} files" in done.stdout
    assert "the ERP refused 2 calls" in done.stdout
    assert "(0 repeats)" in done.stdout
    assert "Files called invalid- are faulty on purpose." in done.stdout
    lines = [line for line in done.stdout.splitlines() if str(home) not in line]
    assert [line for line in lines if len(line) > 80] == []
    acknowledgments = list(home.glob("sftp_inbox/*/out/[!.9]*")) + list(
        home.glob("sftp_inbox/*/out/997*")
    )
    assert f"{len(acknowledgments)} acknowledgment files and 1 order of ours" in done.stdout
    [ours] = home.glob("sftp_inbox/northstar-3pl/out/940_*.edi")
    assert b"*HG-200431*" in ours.read_bytes()
    assert not list(home.glob("sftp_inbox/*/in/*.edi")), "every file was taken"


def test_the_demo_does_not_write_into_a_folder_that_is_there(tmp_path: Path) -> None:
    code, _, said = run("demo", "--dir", str(tmp_path))
    assert code == 2
    assert said == f"error: {tmp_path} is there already\n"


def _files_in_the_readme() -> str:
    [number] = re.findall(r"drops the (\d+) sample files", (ROOT / "README.md").read_text("utf-8"))
    return str(number)
