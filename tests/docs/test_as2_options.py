"""The AS2 page has every option of a partner's connection with its default, and of our side."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.config.as2 import As2, As2Key
from gateway.partners.connections import As2Connection
from gateway.partners.kinds import written_duration

PAGE = (Path(__file__).parents[2] / "docs" / "transports" / "as2.md").read_text(encoding="utf-8")
OPTIONS = PAGE.partition("\n## Options\n")[2].partition("\n## ")[0]
ROWS = {
    name: default
    for names, default in re.findall(r"^\| (`[^|]*) \| ([^|]*) \|", OPTIONS, re.MULTILINE)
    for name in re.findall(r"`(\w+)`", names)
}


def _written(default: object) -> str:
    if isinstance(default, timedelta):
        return f"`{written_duration(default)}`"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return "none" if default in ((), None) else f"`{default}`"


@pytest.mark.parametrize("name", sorted(set(As2Connection.model_fields) - {"type"}))
def test_every_option_of_a_connection_has_a_row_with_its_default(name: str) -> None:
    field = As2Connection.model_fields[name]
    if field.is_required():
        assert ROWS[name] == "required"
    elif name not in ("our_as2_id", "mic_algorithms"):  # these are said in words
        assert ROWS[name] == _written(field.default)
    else:
        assert ROWS[name]


def test_no_option_is_described_that_is_not_there() -> None:
    assert set(ROWS) <= set(As2Connection.model_fields)


@pytest.mark.parametrize("name", [*As2.model_fields, *As2Key.model_fields])
def test_every_option_of_our_side_is_named(name: str) -> None:
    _, _, ours = OPTIONS.rpartition("In `gateway.yaml`")
    assert re.search(rf"\b{name}\b", ours)
