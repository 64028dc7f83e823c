"""Every command that README and docs name exists and takes the options that they give it."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from gateway import resources
from gateway.cli import app
from gateway.cli.init import write_instance
from gateway.cli.listing import Listed
from tests.unit.cli.test_validate import run

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
README = PAGES[0].read_text(encoding="utf-8")


def commands(page: str) -> set[str]:
    """Return what stands after `gateway` in code: whole lines of shell blocks, and spans."""
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    prose = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    spans = [span.replace("\n", " ") for span in re.findall(r"`([^`]+)`", prose)]
    lines = [line.split("#")[0] for block in blocks for line in block.splitlines()]
    parts = [part for text in (*spans, *lines) for part in re.split(r"&&|\||&", text)]
    return {part.strip() for part in parts if part.strip().startswith("gateway ")}


NAMED = sorted({(page.name, one) for page in PAGES for one in commands(page.read_text("utf-8"))})


def fault(command: str) -> str:
    """Say what is wrong with a command line; its arguments may be placeholders, or left out."""
    current = get_command(app)
    words = shlex.split(re.sub(r"[\[\]…]", " ", command))[1:]
    while words and hasattr(current, "commands"):
        name = words.pop(0)
        if name.startswith("-"):
            words.insert(0, name)
            break
        if name.isupper():
            return ""  # any command
        if name not in current.commands:
            return f"there is no command '{name}'"
        current = current.commands[name]
        current = current.imported() if isinstance(current, Listed) else current
    context = typer.Context(current)
    known = {
        text for one in current.get_params(context) for text in (*one.opts, *one.secondary_opts)
    }
    unknown = [word for word in words if word.startswith("--") and word not in known]
    return f"there is no option {unknown[0]}" if unknown else ""


def test_the_pages_name_commands() -> None:
    assert {name for name, _ in NAMED} >= {"README.md", "cli.md", "maps.md", "configuration.md"}
    assert ("README.md", "gateway documents retranslate --failed --dry-run") in NAMED


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("gateway maps check", "there is no command 'check'"),
        ("gateway check --strict", "there is no option --strict"),
        ("gateway maps show NAME --resolved", ""),
    ],
)
def test_a_command_that_is_not_there_is_found(command: str, said: str) -> None:
    assert fault(command) == said


@pytest.mark.parametrize(("page", "command"), NAMED)
def test_a_command_that_a_page_names_is_there(page: str, command: str) -> None:
    assert fault(command) == ""


def blocks_after(text: str, language: str) -> str:
    """Return the first block in a language after a text of the README."""
    found = re.search(rf"```{language}\n(.*?)```", README[README.index(text) :], re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with the partner and the overlay of the README, and a sample of that partner."""
    home = tmp_path_factory.mktemp("readme") / "edi"
    write_instance(home)
    for name in ("partners/acme.yaml", "maps/acme/945.map.yaml"):
        path = home / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(blocks_after(f"`{name}`", "yaml"), encoding="utf-8")
    sample = resources.directory("samples") / "base" / "945-shipped-in-full-and-short.edi"
    theirs = sample.read_bytes().replace(b"ZZ*TIDEWATER", b"ZZ*ACMEWH   ")
    assert b"ACMEWH" in theirs
    (home / "their-sample.edi").write_bytes(theirs)
    return home


def test_the_partner_of_the_readme_passes_the_check(acme: Path) -> None:
    code, out, _ = run("check", "--home", acme)
    assert (code, out.splitlines()[-1][:1]) == (0, "✓"), out
    assert "acme" not in out, "not even a warning"


def test_the_commands_of_the_readme_run_inside_the_instance(
    acme: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(acme)
    block = blocks_after("```sh\ngateway check", "sh")
    lines = [shlex.split(line, comments=True)[1:] for line in block.splitlines()]
    assert [line[0] for line in lines] == [
        *("check", "validate", "explain", "format", "translate", "guides", "translate"),
        *("maps", "maps"),
    ]
    tests = acme / "maps" / "acme" / "945.test.yaml"
    tests.write_text(
        "map: acme-945\ncases:\n  - {name: theirs, edi: ../../their-sample.edi}\n", encoding="utf-8"
    )
    outcomes = [run(*line) for line in lines]
    assert [code for code, _, _ in outcomes] == [0] * 9, outcomes
    assert json.loads(outcomes[4][1])["document"] == "shipping_advice"
    assert re.search(r"lot: .*# maps/acme/945\.map\.yaml:\d+", outcomes[7][1])
    assert re.search(r"W0\d+ .* base/945\.map\.yaml:\d+", outcomes[6][1])
    assert "✓ theirs (read)" in outcomes[8][1]
