"""The wheel works outside the repository: schemas, base maps and samples travel inside it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.mark.slow
def test_the_installed_wheel_runs_the_demo_in_an_empty_folder(tmp_path: Path) -> None:
    wheels, fresh, empty = tmp_path / "wheels", tmp_path / "venv", tmp_path / "empty"
    empty.mkdir()
    _run(
        sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", wheels, ROOT,
        cwd=tmp_path,
    )  # fmt: skip
    (wheel,) = wheels.glob("*.whl")
    _run(sys.executable, "-m", "venv", "--without-pip", fresh, cwd=tmp_path)
    python = fresh / "bin" / "python"
    # Our pip, and each file compiled when it is imported: most never are.
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-compile")
    _run(*pip, "--require-hashes", "-r", ROOT / "requirements.lock", cwd=empty)
    _run(*pip, "--no-deps", wheel, cwd=empty)
    where = _run(python, "-c", "import gateway; print(gateway.__file__)", cwd=empty).stdout
    assert where.startswith(str(fresh)), "the repository's own package was imported"
    shown = _run(fresh / "bin" / "gateway", "demo", cwd=empty).stdout
    assert "940" in shown
    assert "accepted" in shown
