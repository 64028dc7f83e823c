"""Which maps are handed to the map language for checking, and what becomes of its answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway import config
from gateway.errors import ConfigProblems, Problem
from gateway.yaml_source import Source
from tests.unit.config.instances import write
from tests.unit.config.test_broken import GATEWAY, PARTNER, ROUTES, G, P, R

SOUND = {G: GATEWAY, P: PARTNER, R: ROUTES}


def test_maps_in_use_and_maps_of_the_instance_are_checked_against_their_version(
    tmp_path: Path,
) -> None:
    checked: list[tuple[str, str]] = []

    def note(name: str, version: str, sources: Mapping[str, Source]) -> list[Problem]:
        assert name in sources
        checked.append((name, version))
        return []

    own = {
        "maps/own/850.map.yaml": "map: own-850\nextends: base-850\n",
        "maps/own/parts.map.yaml": "map: own-parts\n",
    }
    grocery = PARTNER.replace("direction: out", "direction: out\n    version: 004010UCS")
    config.load(write(tmp_path, SOUND | own | {P: grocery}), {}, check_map=note)
    assert checked == [("base-945", "004010"), ("base-940", "004010"), ("own-850", "004010")]


def test_a_problem_that_two_maps_share_is_told_once(tmp_path: Path) -> None:
    shared = Problem("maps/own.map.yaml", 3, 5, "fields.x", "unknown position 'W9999'")
    with pytest.raises(ConfigProblems) as refused:
        config.load(write(tmp_path, SOUND), {}, check_map=lambda *_: [shared])
    assert refused.value.problems == (shared,)


def test_two_maps_of_the_instance_with_one_name_are_refused(tmp_path: Path) -> None:
    own = {"maps/a.map.yaml": "map: own\n", "maps/b.map.yaml": "# twice\nmap: own\n"}
    with pytest.raises(ConfigProblems) as refused:
        config.load(write(tmp_path, SOUND | own), {})
    assert str(refused.value) == (
        "maps/b.map.yaml:2:1: map: 'own' is the name of maps/a.map.yaml already"
    )


def test_maps_that_extend_each_other_do_not_stop_the_check(tmp_path: Path) -> None:
    own = {
        "maps/a.map.yaml": "map: one\nextends: two\n",
        "maps/b.map.yaml": "map: two\nextends: one\n",
    }
    using = PARTNER.replace("base-945", "one")
    instance = config.load(write(tmp_path, SOUND | own | {P: using}), {})
    assert set(instance.map_sources) >= {"one", "two", "base-945"}
