"""The page about schemas names every set and every finding of validation."""

from __future__ import annotations

import re
from pathlib import Path

from gateway.findings import FindingCode, Level
from tests.x12_sets import SET_IDS

PAGE = (Path(__file__).parents[2] / "docs" / "schemas.md").read_text(encoding="utf-8")


def test_every_finding_about_segments_and_elements_has_its_line() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE.split("## What is checked")[1].split("##")[0]))
    assert named == {
        str(code) for code in FindingCode if code.level in (Level.SEGMENT, Level.ELEMENT)
    }


def test_every_packaged_set_is_named() -> None:
    [line] = re.findall(r"Packaged for 004010: (.+)\.", PAGE)
    assert tuple(line.split(", ")) == SET_IDS
