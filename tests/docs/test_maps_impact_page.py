"""The examples of the page about changes of maps run as they stand, in a new instance."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from gateway.cli.init import write_instance
from tests.unit.cli.test_validate import run

PAGE = (Path(__file__).parents[2] / "docs" / "maps-impact.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```(yaml|console) ?(\S*)\n(.*?)```", re.DOTALL)


def test_each_example_prints_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_instance(tmp_path / "edi")
    monkeypatch.chdir(tmp_path / "edi")
    git = ["git", "-c", "user.name=n", "-c", "user.email=e@example.com"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "as it was"]):
        subprocess.run([*git, *command], check=True)
    ran = 0
    for kind, name, text in BLOCK.findall(PAGE):
        if kind == "yaml":
            path = Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            continue
        command, _, expected = text.partition("\n")
        _, out, _ = run(*shlex.split(command.removeprefix("$ gateway ")))
        assert out == expected, command
        ran += 1
    assert ran == PAGE.count("```console\n")
