"""The examples of the page about the library run as they stand, and it names all that is public."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gateway import resources, x12

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.compile(r"```(python|text)\n(.*?)```", re.DOTALL)
SAMPLE = resources.directory("samples") / "base" / "940-invalid-elements.edi"


def test_each_example_prints_what_the_page_says() -> None:
    known: dict[str, object] = {"payload": SAMPLE.read_bytes()}
    blocks = [(found[1], found[2]) for found in BLOCKS.finditer(PAGE)]
    kinds = [kind for kind, _ in blocks]
    assert kinds == ["python", "text"] * (len(kinds) // 2)
    assert len(kinds) == 14
    for (_, program), (_, expected) in zip(blocks[::2], blocks[1::2], strict=True):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(program, "docs/library.md", "exec"), known)  # noqa: S102 - the page's own
        assert printed.getvalue().strip() == expected.strip(), program


def test_the_example_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    section = README.split("## As a library")[1]
    [program] = [found[2] for found in BLOCKS.finditer(section.split("\n## ")[0])]
    monkeypatch.chdir(tmp_path)
    Path("order.edi").write_bytes(SAMPLE.read_bytes())
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(program, "README.md", "exec"), {})  # noqa: S102 - the page's own
    assert printed.getvalue().splitlines()[0] == (
        "940 0001 W0502 mandatory_element_missing expected Depositor Order Number"
    )


def test_the_page_names_every_public_name_and_no_other() -> None:
    table = PAGE.split("## Every public name")[1]
    named = set(re.findall(r"`(\w+)`", table))
    assert named == set(x12.__all__)
    assert dir(x12) == sorted(x12.__all__)


def test_every_public_name_is_there_whatever_is_imported_first() -> None:
    program = (
        "import gateway.x12.split, gateway.x12.repair, gateway.x12.layout\n"
        "from gateway import x12\n"
        "for name in x12.__all__: getattr(x12, name)\n"
        "assert not [n for n in x12.__all__ if type(getattr(x12, n)).__name__ == 'module']\n"
        "try: x12.nonsense\n"
        "except AttributeError as fault: print(fault)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "module 'gateway.x12' has no attribute 'nonsense'\n"


def test_the_package_is_marked_as_typed() -> None:
    assert (ROOT / "gateway" / "py.typed").is_file()
