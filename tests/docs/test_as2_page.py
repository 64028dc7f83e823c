"""The AS2 page names every deviation, disposition and limit that there is, with its default."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

import gateway.as2 as as2
from gateway.as2 import Disposition, Limits, Quirk

PAGE = (Path(__file__).parents[2] / "docs" / "transports" / "as2.md").read_text(encoding="utf-8")
SECTIONS = (
    "What a failure is answered with",
    "Deviations that a partner's product may need",
    "Limits and memory",
)
ROWS = {
    row
    for section in PAGE.split("\n## ")
    if section.startswith(SECTIONS)
    for row in re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)
}
DISPOSITIONS = [
    value
    for value in (getattr(as2, name) for name in as2.__all__)
    if isinstance(value, Disposition)
]


@pytest.mark.parametrize("quirk", list(Quirk))
def test_every_deviation_has_a_row(quirk: Quirk) -> None:
    assert quirk.value in ROWS


@pytest.mark.parametrize("disposition", DISPOSITIONS, ids=str)
def test_every_disposition_has_a_row(disposition: Disposition) -> None:
    assert str(disposition).partition("; ")[2] in ROWS


@pytest.mark.parametrize("limit", fields(Limits), ids=lambda field: field.name)
def test_every_limit_has_a_row_with_its_default(limit) -> None:
    row = re.search(rf"^\| `{limit.name}` \| (\d+) (KB|MB) \|", PAGE, re.MULTILINE)
    assert row is not None
    assert int(row[1]) * {"KB": 1_000, "MB": 1_000_000}[row[2]] == limit.default


def test_every_row_is_of_something_that_exists() -> None:
    known = {quirk.value for quirk in Quirk}
    known |= {str(each).partition("; ")[2] for each in DISPOSITIONS}
    known |= {field.name for field in fields(Limits)}
    assert ROWS - known == set()
