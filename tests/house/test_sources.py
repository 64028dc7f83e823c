"""The norms of CONTRIBUTING.md that no linter checks."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
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


@cache
def _source(path: Path) -> tuple[str, ast.Module]:
    """Return a module's text and its tree, which is read once for all norms."""
    text = path.read_text(encoding="utf-8")
    return text, ast.parse(text)


def test_each_module_says_what_it_decides() -> None:
    assert [_name(path) for path in PACKAGE if not ast.get_docstring(_source(path)[1])] == []


def test_each_module_stays_short() -> None:
    lines = {_name(path): _source(path)[0].count("\n") for path in PACKAGE}
    long = {name: count for name, count in lines.items() if count > MODULE_STOP}
    assert long == {}, "look for the two ideas inside"


def test_each_function_fits_on_a_screen() -> None:
    long = {
        f"{_name(path)}: {node.name}: {length}"
        for path in PACKAGE
        for node in _functions(_source(path)[1])
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_STOP
    }
    assert long == set()


def _functions(inside: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions in a tree; expressions, which are most of it, hold none."""
    for node in ast.iter_child_nodes(inside):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        if not isinstance(node, ast.expr):
            yield from _functions(node)


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
