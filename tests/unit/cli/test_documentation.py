from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from gateway.cli import app
from tests.unit.cli.test_validate import run

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "cli.md"


def command_names(prefix: str, group: object) -> Iterator[str]:
    for name, command in getattr(group, "commands", {}).items():
        full = f"{prefix} {name}"
        inner = list(command_names(full, command))
        yield from inner or [full]


COMMANDS = sorted(command_names("gateway", get_command(app)))


def test_there_are_commands() -> None:
    assert isinstance(app, typer.Typer)
    assert {"gateway validate", "gateway documents list", "gateway demo"} <= set(COMMANDS)


@pytest.mark.parametrize("command", ["gateway", *COMMANDS])
def test_help_shows_flags_without_a_value(command: str) -> None:
    code, out, _ = run(*command.split()[1:], "--help")
    assert code == 0
    assert "--help" in out
    assert "<bool>" not in out


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_documented(command: str) -> None:
    text = DOCUMENTATION.read_text(encoding="utf-8")
    _, *group, name = command.split()
    if not group or group == ["maps"]:
        assert f"`{command}" in text
    else:
        assert f"### `gateway {group[0]}`" in text
        assert f"| `{name}" in text
