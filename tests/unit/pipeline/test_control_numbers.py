"""How positions of a sequence become control numbers."""

from __future__ import annotations

import pytest

from gateway.pipeline.control_numbers import (
    LARGEST,
    NumberLevel,
    number_at,
    rounds_before,
    written,
)


@pytest.mark.parametrize(
    ("position", "number", "rounds"),
    [
        (1, 1, 0),
        (LARGEST, 999_999_999, 0),
        (LARGEST + 1, 1, 1),
        (2 * LARGEST, 999_999_999, 1),
        (2 * LARGEST + 7, 7, 2),
    ],
)
def test_after_the_largest_number_comes_one(position: int, number: int, rounds: int) -> None:
    assert (number_at(position), rounds_before(position)) == (number, rounds)


@pytest.mark.parametrize(
    ("level", "position", "text"),
    [
        (NumberLevel.INTERCHANGE, 42, "000000042"),
        (NumberLevel.GROUP, 42, "42"),
        (NumberLevel.SET, 42, "0042"),
        (NumberLevel.SET, 12_345, "12345"),
        (NumberLevel.INTERCHANGE, LARGEST + 42, "000000042"),
    ],
)
def test_each_level_is_written_in_its_width(level: NumberLevel, position: int, text: str) -> None:
    assert written(level, position) == text
