"""A share of the fuzzing for every run of the tests; `python -m tests.fuzz` goes on for hours."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.fuzz.__main__ import Finder, reduced
from tests.fuzz.mutate import seeds, spoiled
from tests.fuzz.targets import TARGETS

FOUND = sorted(Path(__file__).with_name("found").glob("*.x12"))
"""What fuzzing found and was mended."""
PAYLOADS = 800


@pytest.mark.parametrize("name", TARGETS)
def test_our_own_payloads_stand_each_target(name: str) -> None:
    for payload in seeds():
        TARGETS[name](payload)


@pytest.mark.parametrize("name", TARGETS)
def test_spoiled_payloads_stand_each_target(name: str) -> None:
    for number in range(PAYLOADS):
        chance = random.Random(number)
        payload = spoiled(chance, chance.choice(seeds()))
        try:
            TARGETS[name](payload)
        except Exception as fault:
            fault.add_note(f"seed {number}: {payload!r}")
            raise


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_what_was_found_stands_every_target(path: Path) -> None:
    for target in TARGETS.values():
        target(path.read_bytes())


def test_a_fault_is_written_down_once_and_small(tmp_path: Path) -> None:
    def target(payload: bytes) -> None:
        assert b"W05*N" not in payload

    finder = Finder({"order": target}, tmp_path)
    for payload in seeds():
        finder.take(payload)
    [path] = tmp_path.iterdir()
    assert path.name.startswith("order-")
    assert path.read_bytes() == b"W05*N"
    assert finder.tried == len(seeds())
    assert reduced(b"~~~abcXdef~~", lambda one: b"X" in one) == b"X"
