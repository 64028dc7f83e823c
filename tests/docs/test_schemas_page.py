"""The page about schemas names every set and every finding of validation."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.findings import FindingCode, Level
from tests.x12_sets import LIBRARY, SETS

PUBLISHED = {"003": 7, "004": 6, "005": 5, "006": 5, "007": 6, "008": 4}
RELEASES = [
    f"{version}0{release}0" for version, last in PUBLISHED.items() for release in range(1, last + 1)
]
PAGE = (Path(__file__).parents[2] / "docs" / "schemas.md").read_text(encoding="utf-8")


def test_every_finding_about_segments_and_elements_has_its_line() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE.split("## What is checked")[1].split("##")[0]))
    assert named == {
        str(code) for code in FindingCode if code.level in (Level.SEGMENT, Level.ELEMENT)
    }


def test_every_packaged_set_is_named() -> None:
    lines = re.findall(r"Packaged for (\d+): (.+)\.", PAGE)
    assert {version: tuple(line.split(", ")) for version, line in lines} == SETS


def test_the_table_of_versions_is_what_the_library_chooses() -> None:
    [rows] = re.findall(r"\| GS08 \| judged by .*?\n((?:\|.*\n)+)", PAGE)
    said = {}
    for row in rows.splitlines()[1:]:
        asked, by = [cell.strip() for cell in row.split("|")[1:3]]
        first, _, last = asked.partition(" to ")
        within = [one for one in RELEASES if first <= one <= last] if last else asked.split(", ")
        said |= dict.fromkeys(within, by)
    assert said == {
        one: schema.version
        for one in RELEASES
        if one not in SETS and (schema := LIBRARY.get(one, "850")) is not None
    }
