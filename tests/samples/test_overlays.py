"""The twelve example overlays: sound, tested both ways, and showing what docs/overlays.md says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import orjson
import pytest

from gateway import config
from gateway.canonical import check
from gateway.cli.map_tests import find_tests, run_file
from gateway.cli.maps_in_use import MapsInUse
from gateway.config import Instance
from gateway.mapping.testing import CaseResult
from gateway.shaping import loads
from gateway.x12.model import Delimiters

ROOT = Path(__file__).parents[2]
HOME = ROOT / "examples"
PAGE = ROOT / "docs" / "overlays.md"
ALL = {"read", "write", "round_trip"}
DEVIATIONS = range(18, 43)


@pytest.fixture(scope="module")
def instance() -> Instance:
    return config.load(HOME)


def test_there_are_twelve_partners_and_nothing_to_complain_about(instance: Instance) -> None:
    assert len(instance.partners) == 12
    assert [str(one) for one in instance.warnings] == []


def test_the_golden_files_of_every_map_pass_in_both_directions(instance: Instance) -> None:
    maps = MapsInUse(instance)
    own = [one for one in find_tests(HOME, maps, []).files if one.path.is_relative_to(HOME)]
    results = {one.tests.map: run_file(one, maps) for one in own}
    failed = [one for cases in results.values() for one in cases if not one.passed]
    assert [(one.name, one.direction, one.difference) for one in failed] == []
    agreed = {
        agreement.map for partner in instance.partners.values() for agreement in partner.agreements
    }
    assert set(results) == agreed
    assert {name for name, cases in results.items() if _directions(cases) != ALL} == set()


def _directions(cases: list[CaseResult]) -> set[str]:
    return {one.direction for one in cases}


def rows() -> dict[int, set[str]]:
    text = PAGE.read_text("utf-8").partition("## Which overlay shows which deviation")[2]
    found = re.findall(r"^\| (\d+) \| .+? \| ([a-z` -]+) \|$", text, re.M)
    return {int(number): set(re.findall(r"`([a-z-]+)`", names)) for number, names in found}


def shown() -> dict[int, set[str]]:
    """Return which partner's files name which deviation."""
    found: dict[int, set[str]] = {number: set() for number in DEVIATIONS}
    for path in sorted(HOME.rglob("*.yaml")):
        parts = path.relative_to(HOME).with_suffix("").parts
        for number in re.findall(r"\[(\d\d)\]", path.read_text("utf-8")):
            if int(number) in found:
                found[int(number)].add(parts[1])
    return found


def test_the_page_says_which_overlay_shows_which_deviation() -> None:
    assert rows() == shown()
    assert [number for number, names in rows().items() if not names] == []


def test_every_partner_is_told_of() -> None:
    text = PAGE.read_text("utf-8")
    table = re.findall(r"^\| `([a-z-]+)` \|", text, re.M)
    assert table == list(dict.fromkeys(table))
    assert set(table) == {path.stem for path in (HOME / "partners").glob("*.yaml")}


def test_the_marketplace_has_its_answer_as_soon_as_the_order_was_taken(instance: Instance) -> None:
    [answering] = instance.routes.next
    order = json.loads((HOME / "maps/bazaarly/850-three-lines.json").read_text("utf-8"))
    taken = loads(orjson.dumps(order | {"delivered": {"date": "2026-03-04"}}))
    made = orjson.loads(instance.next_shape(answering).shaped(taken, {}).content)
    assert check(made) == []
    answer = instance.compiled_map("bazaarly-855")
    assert answer is not None
    writing = answer.write(made, Delimiters())
    assert (writing.segments, writing.findings) == (
        [["BAK", "00", "AK", "7QX81KAB-FC17", "20260304", "", "", "", "", "20260304"]],
        [],
    )
