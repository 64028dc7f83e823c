"""docs/tutorial.md, typed in from top to bottom: every file is written, every command run."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.unit.cli.test_validate import run

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILES = (
    "samples/quayside/945-first.edi",
    "maps/quayside/945.map.yaml",
    "maps/quayside/945.test.yaml",
    "partners/quayside.yaml",
    "partners/quayside/guides/945.yaml",
)
"""What the blocks of X12 and YAML are, in their order."""


def typed(line: str) -> str:
    """Run a line of a shell block in the current folder; return what it printed."""
    command, _, target = line.partition(" > ")
    words = shlex.split(command)[1:]
    code, out, said = run(*words)
    assert code == 0, (line, out, said)
    if target:
        Path(target).write_text(out, encoding="utf-8")
    return out + said


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Follow the page; return what each command printed."""
    printed: dict[str, str] = {}
    files = iter(FILES)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("tutorial"))
        for language, body in BLOCK.findall(PAGE):
            if language in ("x12", "yaml"):
                path = Path(next(files))
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(body, encoding="utf-8")
            for line in body.splitlines() if language == "sh" else ():
                if line.startswith("cd "):
                    patch.chdir(line.removeprefix("cd "))
                else:
                    printed[line] = typed(line)
        printed["home"] = str(Path.cwd())
    assert next(files, None) is None
    return printed


def test_every_file_is_named_on_the_page() -> None:
    assert [name for name in FILES if f"`{name}`" not in PAGE] == []


def test_the_base_map_gives_what_the_page_says_is_wrong(followed: dict[str, str]) -> None:
    line = "gateway translate samples/quayside/945-first.edi --map base-945"
    document, _ = json.JSONDecoder().raw_decode(followed[line])
    rows = re.findall(r"^\| (`\".+?) \| .+? \| .+? \|$", PAGE, re.MULTILINE)
    wrong = [pair for row in rows for pair in re.findall(r"`(\"\w+\": \"[^\"]+\")`", row)]
    assert len(wrong) == 7
    text = json.dumps(document)
    assert [pair for pair in wrong if pair not in text] == []


def test_the_overlay_mends_it(followed: dict[str, str]) -> None:
    document = json.loads((Path(followed["home"]) / FILES[0]).with_suffix(".json").read_text())
    assert document["depositor_order_number"] == "HG-200431"
    assert (document["bill_of_lading"], document["pro_number"]) == ("BL-7781", "PRO-55120")
    assert document["tracking_numbers"] == ["1Z999AA1", "1Z999AA2"]
    assert [one["role"] for one in document["parties"]] == ["ship_to", "warehouse"]
    [second] = document["lines"][1]["items"]
    assert (second["status"], second["unit"], second["quantity_difference"]) == (
        "partial", "case", "2"
    )  # fmt: skip
    assert "unmapped" not in document


def test_the_tests_pass_and_the_guide_is_a_page(followed: dict[str, str]) -> None:
    assert "4 of 4 pass" in followed["gateway maps test quayside-945"]
    guide = followed["gateway guides show quayside 945"]
    assert "**What we need to know of a shipment from Quayside**" in guide


def test_a_mistake_is_told_as_the_page_says(followed: dict[str, str]) -> None:
    path = Path(followed["home"]) / FILES[1]
    [told] = [body for language, body in BLOCK.findall(PAGE) if not language]
    sound = path.read_text("utf-8")
    path.write_text(sound.replace("strip_prefix(", "strip_prefx("), encoding="utf-8")
    code, out, said = run("check", "--home", followed["home"])
    path.write_text(sound, encoding="utf-8")
    assert code != 0
    assert told.strip() in " ".join((out + said).split())
