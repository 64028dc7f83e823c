"""What docs/api.md promises ERP teams is what the API does; its examples are run with curl."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from gateway import resources
from gateway.api.models import Problem
from gateway.api.operations import table
from gateway.api.problems import Kind
from gateway.api.tokens import Scope
from gateway.canonical import DOCUMENTS
from tests.integration.api_world import ApiWorld, api_world

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
SHELL = re.findall(r"```sh\n(curl.*?)```", PAGE, re.DOTALL)
EXAMPLES = [one.strip() for block in SHELL for one in re.split(r"\n(?=curl)", block)]
SAMPLE = resources.directory("samples") / "outbound" / "northstar-3pl" / "940-two-lamps.json"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiWorld]:
    with api_world(tmp_path_factory.mktemp("page") / "instance") as here:
        yield here


@pytest.fixture(scope="module")
def answers(world: ApiWorld, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Run every example in the page's order; those that look use the id that the first one got."""
    if shutil.which("curl") is None or shutil.which("bash") is None:
        pytest.skip("curl and bash are not installed here")
    folder = tmp_path_factory.mktemp("curl")
    shutil.copy(SAMPLE, folder)
    known = {"API": world.url, "TOKEN": world.app.tokens.create("page", tuple(Scope))}
    said: list[bytes] = []
    for one in EXAMPLES:
        done = subprocess.run(
            ["bash", "-c", one], cwd=folder, env={"PATH": "/usr/bin:/bin", **known},
            capture_output=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, (one, done.stderr)
        said.append(done.stdout)
        known.setdefault("ID", orjson.loads(said[0])["id"])
    return said


def test_the_examples_give_what_the_page_says(answers: list[bytes]) -> None:
    submitted, dry, found, dead, shown, raw, again = answers
    example = orjson.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
    assert set(orjson.loads(submitted)) == set(example)
    assert orjson.loads(submitted)["id"] == example["id"], "derived from partner and key"
    assert orjson.loads(dry)["x12"].startswith("ISA*00*")
    assert [one["id"] for one in orjson.loads(found)["documents"]] == [example["id"]]
    assert orjson.loads(dead) == {"documents": []}
    assert orjson.loads(shown)["content"]["depositor_order_number"] == "HG-200431"
    assert raw.startswith(b"ST*940*")
    assert orjson.loads(again)["id"] == example["id"]


def test_the_page_names_every_kind_of_problem_with_its_status_and_no_other() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|", PAGE, re.MULTILINE)
    assert rows == [(one.type.rpartition(":")[2], str(one.status)) for one in Kind]


def test_the_page_names_every_scope_and_no_other() -> None:
    section = PAGE.split("## Turn it on")[1].split("## The calls")[0]
    assert re.findall(r"^\| `([a-z:]+)` \|", section, re.MULTILINE) == [one.value for one in Scope]


def test_the_page_names_every_call_and_no_other() -> None:
    section = PAGE.split("## The calls")[1].split("## Submit")[0]
    named = set(re.findall(r"^\| `([A-Z]+ /[^`]*)` \|", section, re.MULTILINE))
    served = {f"{one.method} {one.path}" for one in table(()) if one.document is None}
    assert named == served | {"POST /documents/{type}"}
    assert {name for name in DOCUMENTS if f"`{name}`" in section} == set(DOCUMENTS)


def test_the_problem_on_the_page_has_the_fields_of_problems() -> None:
    example = orjson.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[1])
    problem = Problem.model_validate(example)
    assert problem.model_dump(mode="json", exclude_none=True) == example
    assert example["title"] == Kind.INVALID_DOCUMENT.title
