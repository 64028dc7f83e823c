"""Every example of docs/destinations.md is a destination that `gateway check` accepts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway import config

PAGE = (Path(__file__).parents[2] / "docs" / "destinations.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(destinations:\n.*?)```", PAGE, re.DOTALL)
FILES = dict(re.findall(r"`(shapes/[\w.-]+)`:\n\n```\w*\n(.*?)```", PAGE, re.DOTALL))
"""Files that the page shows, by the names that it gives them."""


def names(example: str) -> list[str]:
    return re.findall(r"^  (\w+):$", example, re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: "-".join(names(one)))
def test_an_example_is_accepted(example: str, tmp_path: Path) -> None:
    identities = "identities: [{qualifier: ZZ, id: HARBORGOODS}]\n"
    (tmp_path / "gateway.yaml").write_text(identities + example)
    (tmp_path / "routes.yaml").write_text(f"rules: [{{name: all, to: {names(example)[0]}}}]")
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    instance = config.load(tmp_path, {}, maps_too=False)
    assert not [one for one in instance.warnings if one.message.startswith("no document")]
    for name in names(example):
        assert instance.destination(name).production is not None


def test_every_kind_of_destination_has_a_section() -> None:
    kinds = set(re.findall(r"^    type: (\w+)", "".join(EXAMPLES), re.MULTILINE))
    schema = (Path(__file__).parents[2] / "schemas/config/gateway.schema.json").read_text()
    known = set(re.findall(r'"Kind of destination\.",\s*"const": "(\w+)"', schema))
    known |= set(re.findall(r'"const": "(\w+)",\s*"description": "Kind of destination\."', schema))
    assert kinds == known
    for kind in kinds:
        assert re.search(rf"^## .*\b{kind}\b", PAGE, re.MULTILINE), kind
