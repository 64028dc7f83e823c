"""The JSON Schemas and the reference are those of the models."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.config.export import FILES, schema_file, schema_file_name
from gateway.config.instance import LENIENCIES
from tests.unit.config import reference
from tests.unit.config.instances import DOCUMENTATION

SCHEMAS = DOCUMENTATION.parents[1] / "schemas" / "config"
BEGIN, END = "<!-- reference: begin -->\n", "<!-- reference: end -->\n"


@pytest.mark.parametrize("kind", FILES)
def test_the_exported_schema_is_current(kind: str, golden: Callable[[Path, bytes], None]) -> None:
    golden(SCHEMAS / schema_file_name(kind), schema_file(kind))


def test_no_exported_schema_is_left_over() -> None:
    exported = {path.name for path in SCHEMAS.glob("*.schema.json")}
    assert {schema_file_name(kind) for kind in FILES} <= exported


def test_every_setting_has_a_sentence() -> None:
    assert reference.undescribed() == []


def test_the_reference_is_current(golden: Callable[[Path, bytes], None]) -> None:
    text = DOCUMENTATION.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    golden(DOCUMENTATION, f"{before}{BEGIN}\n{reference.written()}\n{END}{after}".encode())


@pytest.mark.parametrize(
    ("kind", "path", "default"),
    [
        ("gateway", ("Pickup", "stable_for"), "2s"),
        ("gateway", ("Retention", "payloads"), "400d"),
        ("gateway", ("HttpDestination", "attempts"), 12),
        ("partner", ("AcknowledgmentPolicy", "997"), "always"),
    ],
)
def test_a_default_stands_in_the_schema_as_it_would_in_the_file(
    kind: str, path: tuple[str, str], default: object
) -> None:
    definition, name = path
    schema = json.loads(schema_file(kind))
    assert schema["$defs"][definition]["properties"][name]["default"] == default


def test_editors_take_the_short_forms() -> None:
    condition = json.loads(schema_file("routes"))["$defs"]["FieldCondition"]
    assert [form.get("type") for form in condition["anyOf"]] == [
        ["string", "number", "boolean"],
        "array",
        "object",
    ]


def test_every_leniency_is_documented_and_no_other() -> None:
    section = DOCUMENTATION.read_text("utf-8").partition("## Leniencies")[2].partition("## ")[0]
    assert tuple(re.findall(r"^\| `(\w+)`", section, re.MULTILINE)) == LENIENCIES
