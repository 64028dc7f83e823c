"""The examples of the page about traces run as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.cli.init import write_instance
from gateway.mapping.trace import Origin, Reason
from tests.samples.maps import SCHEMAS, library
from tests.samples.test_round_trips import taken_sets
from tests.samples.test_samples import NAMES, SAMPLES
from tests.unit.cli.test_validate import run

PAGE = (Path(__file__).parents[2] / "docs" / "maps-trace.md").read_text(encoding="utf-8")
PYTHON = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)
SAMPLE = SAMPLES[NAMES.index("base/940-two-orders-and-a-cancellation")]


def test_the_program_of_the_page_prints_what_it_says(capsys) -> None:
    from gateway.canonical import json_schema

    [(program, expected)] = PYTHON.findall(PAGE)
    name, parsed = next(iter(taken_sets(SAMPLE)))
    known: dict[str, object] = {
        "maps": library(), "name": name, "parsed": parsed, "schema": SCHEMAS.get("004010", "940"),
        "document_schema": json_schema("shipment_order"),
    }  # fmt: skip
    exec(compile(program, "docs/maps-trace.md", "exec"), known)  # noqa: S102 - the page's own
    assert capsys.readouterr().out.strip() == expected.strip()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an instance that has the files of the page."""
    write_instance(tmp_path)
    for name, content in re.findall(r"```(?:yaml|x12)\n# (\S+)\n(.*?)```", PAGE, re.DOTALL):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("home")
def test_each_command_of_the_page_prints_what_it_says() -> None:
    examples = re.findall(r"```sh\ngateway (.*?)\n```\n\n```text\n(.*?)```", PAGE, re.DOTALL)
    assert len(examples) == 4
    for command, expected in examples:
        code, out, err = run(*command.split())
        assert (code, out.strip()) == (0, expected.strip()), (command, err)


def test_the_page_names_every_origin_and_every_reason() -> None:
    for one in (*Origin, *Reason):
        assert f"`{one.value}`" in PAGE, one
