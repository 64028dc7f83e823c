"""Health-care sets that we have no schema for, judged by pyx12's own maps through the command."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.cli.test_validate import run

FOLDER = Path(__file__).parent / "health_care"
SHOWN = FOLDER.with_suffix(".txt")


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, str]:
    monkeypatch.chdir(FOLDER)
    return run("validate", ".", "--engine", "pyx12")


def test_what_is_shown_of_all_samples(
    shown: tuple[int, str, str], golden: Callable[[Path, bytes], None]
) -> None:
    code, out, err = shown
    assert (code, err) == (1, "")
    golden(SHOWN, out.encode())


def test_those_that_are_called_invalid_have_findings_and_no_others(
    shown: tuple[int, str, str],
) -> None:
    files = [line for line in shown[1].splitlines() if line.endswith(".edi")]
    assert files == sorted(one.name for one in FOLDER.glob("*-invalid-*.edi"))


def test_there_is_a_sound_and_a_faulty_one_of_each_set() -> None:
    kinds: defaultdict[str, set[bool]] = defaultdict(set)
    for file in FOLDER.glob("*.edi"):
        kinds[file.name[:3]].add("-invalid-" in file.name)
    assert set(kinds) == {"270", "271", "276", "277", "278", "820", "834", "835", "837"}
    assert all(both == {True, False} for both in kinds.values())


def test_a_sound_one_exits_0_and_is_not_supported_without_the_second_engine() -> None:
    sound = FOLDER / "835-a-claim-is-paid.edi"
    assert run("validate", sound, "--engine", "pyx12")[0] == 0
    code, out, _ = run("validate", sound)
    assert code == 1
    assert "there is no schema for set 835 in version 005010X221A1" in out
