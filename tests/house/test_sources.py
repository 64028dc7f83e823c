"""The norms of CONTRIBUTING.md that no linter checks."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = sorted((ROOT / "gateway").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MODULE_STOP = 500
FUNCTION_STOP = 50


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False
    ).stdout
    names = [name for name in listed.decode().split("\0") if name]
    if not names:
        pytest.skip("not a git checkout: what is tracked cannot be told")
    return [ROOT / name for name in names if (ROOT / name).is_file()]


@pytest.mark.parametrize("path", PACKAGE, ids=_name)
def test_a_module_says_what_it_decides_and_stays_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "no module docstring"
    assert text.count("\n") <= MODULE_STOP, "look for the two ideas inside"


@pytest.mark.parametrize("path", PACKAGE, ids=_name)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    long = {
        f"{node.name}: {length}"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_STOP
    }
    assert not long


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "util", "common", "helpers", "misc", "shared"}
    assert not [path for path in PACKAGE if drawers & set(path.with_suffix("").parts)]


def test_a_skip_says_why_and_nothing_is_expected_to_fail() -> None:
    bare = re.compile(r"pytest\.skip\(\s*\)|mark\.skip\s*$|mark\.skip\(\s*\)|mark\.xfail", re.M)
    guilty = [path for path in TESTS if bare.search(path.read_text("utf-8"))]
    assert [path for path in guilty if path != Path(__file__)] == []


def test_nothing_tracked_names_an_address_of_a_registry_or_of_one_machine() -> None:
    # Written in pieces, so that this file does not name what it forbids.
    words = ["py" + "pi.org", "python" + "hosted", "npm" + "js.org", "/wo" + "rk/", "/ro" + "ot/"]
    guilty = []
    for path in _tracked():
        text = path.read_bytes().decode("utf-8", errors="replace")
        guilty += [f"{_name(path)}: {word}" for word in words if word in text]
    assert guilty == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_file_pins_everything_with_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    pins = re.findall(r"^[a-z0-9][^\s=]*==\S+", text, re.M)
    entries = [entry for entry in re.split(r"\n(?=\S)", text) if entry.strip()]
    assert len(pins) == len(entries)
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
