from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from gateway.cli import app
from gateway.cli.listing import Listed, listed
from tests.unit.cli.test_validate import run

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "cli.md"


def command_names(prefix: str, group: object) -> Iterator[str]:
    for name, member in getattr(group, "commands", {}).items():
        full = f"{prefix} {name}"
        command = member.imported() if isinstance(member, Listed) else member
        inner = list(command_names(full, command))
        yield from inner or [full]


COMMANDS = sorted(command_names("gateway", get_command(app)))
LISTED = [one for one in listed().values() if isinstance(one, Listed)]


def test_there_are_commands() -> None:
    assert isinstance(app, typer.Typer)
    assert {"gateway validate", "gateway documents list", "gateway demo"} <= set(COMMANDS)


@pytest.mark.parametrize("command", LISTED, ids=lambda command: command.name)
def test_a_command_is_listed_with_its_own_sentence(command: Listed) -> None:
    own = command.imported().help
    assert own is not None
    assert command.help == own.split("\n\n")[0].replace("\n", " ")


@pytest.mark.parametrize("command", ["gateway", *COMMANDS])
def test_help_shows_flags_without_a_value(command: str) -> None:
    code, out, _ = run(*command.split()[1:], "--help")
    assert code == 0
    assert "--help" in out
    assert "<bool>" not in out


def test_help_breaks_its_lines_where_the_terminal_does() -> None:
    _, out, _ = run("repair", "--help")
    [paragraph] = [line for line in out.splitlines() if "Says of each change what and why" in line]
    assert len(paragraph.strip()) > 150


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_documented(command: str) -> None:
    text = DOCUMENTATION.read_text(encoding="utf-8")
    _, *group, name = command.split()
    if not group or group[0] in ("maps", "guides"):
        assert f"`{command}" in text
    else:
        assert f"### `gateway {group[0]}`" in text
        assert f"| `{name}" in text
