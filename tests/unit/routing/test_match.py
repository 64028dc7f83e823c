"""When a canonical field satisfies a condition, and what is said when it does not."""

from __future__ import annotations

import pytest

from gateway.routing import FieldCondition
from gateway.routing.match import mismatch

DOCUMENT: dict[str, object] = {
    "document": "shipping_advice",
    "status": "complete",
    "total": "1200.50",
    "lines": [
        {"sku": "A-1", "quantity": "5", "lots": [{"lot": "L1"}, {"lot": "L2"}]},
        {"sku": "B-2", "quantity": "40"},
    ],
    "ship_to": {"name": "Store 7"},
    "count": 3,
    "gift": True,
    "nothing": [],
}


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("status", "complete"),
        ("status", ["partial", "complete"]),
        ("status", {"pattern": "^comp"}),
        ("status", {"pattern": "let"}),
        ("status", {"present": "true"}),
        ("missing", {"present": "false"}),
        ("ship_to", {"present": "true"}),
        ("ship_to.name", "Store 7"),
        ("ship_to.city", {"present": "false"}),
        ("nothing", {"present": "false"}),
        ("total", {"above": "1200.49", "below": "1200.51"}),
        ("total", {"at_least": "1200.5", "at_most": "1200.50"}),
        ("count", {"equals": "3"}),
        ("count", {"above": "2"}),
        ("gift", "true"),
        ("lines.sku", "B-2"),
        ("lines.quantity", {"above": "30"}),
        ("lines.lots.lot", "L2"),
    ],
)
def test_a_field_satisfies(path: str, written: object) -> None:
    assert mismatch(FieldCondition.model_validate(written), path, DOCUMENT) is None


@pytest.mark.parametrize(
    ("path", "written", "reason"),
    [
        ("status", "partial", "status is 'complete', must be 'partial'"),
        ("status", ["a", "b"], "status is 'complete', must be one of 'a', 'b'"),
        ("status", {"pattern": "^let"}, "status is 'complete', must be like ^let"),
        ("status", {"present": "false"}, "status is present, must be absent"),
        ("missing", {"present": "true"}, "missing is absent, must be present"),
        ("missing", "x", "missing is absent, must be 'x'"),
        ("total", {"above": "1200.50"}, "total is '1200.50', must be greater than 1200.50"),
        ("total", {"below": "1200.5"}, "total is '1200.50', must be less than 1200.5"),
        ("status", {"at_least": "1"}, "status is 'complete', must be at least 1"),
        ("lines.sku", "C-3", "lines.sku is 'A-1', 'B-2', must be 'C-3'"),
        (
            "lines.quantity",
            {"above": "5", "below": "40"},
            "lines.quantity is '5', '40', must be greater than 5 and less than 40",
        ),
        ("ship_to", "Store 7", "ship_to is '', must be 'Store 7'"),
    ],
)
def test_a_field_does_not_satisfy(path: str, written: object, reason: str) -> None:
    assert mismatch(FieldCondition.model_validate(written), path, DOCUMENT) == reason


def test_a_long_list_of_values_is_cut_in_the_reason() -> None:
    lines = {"lines": [{"sku": str(number)} for number in range(9)]}
    reason = mismatch(FieldCondition(equals="x"), "lines.sku", lines)
    assert reason == "lines.sku is '0', '1', '2', '3', '4', ..., must be 'x'"


def test_a_number_that_is_none_satisfies_no_comparison() -> None:
    reason = mismatch(FieldCondition.model_validate({"above": "1"}), "x", {"x": "NaN"})
    assert reason == "x is 'NaN', must be greater than 1"


def test_a_pattern_that_multiplies_ways_to_match_is_searched_at_once() -> None:
    bomb = FieldCondition.model_validate({"pattern": "^(a+)+$"})
    assert mismatch(bomb, "x", {"x": "a" * 5000}) is None
    assert mismatch(bomb, "x", {"x": "a" * 5000 + "!"}) == (
        f"x is '{'a' * 40}...', must be like ^(a+)+$"
    )


def test_the_largest_pattern_that_is_taken_is_searched_in_the_longest_value() -> None:
    slow = FieldCondition.model_validate({"pattern": "(?:(?:a?){500}b?){2}c" + "a*b*" * 119})
    assert mismatch(slow, "x", {"x": "a" * 10_000}) is not None


def test_no_pattern_is_found_in_a_value_that_is_longer_than_any_code() -> None:
    anything = FieldCondition.model_validate({"pattern": "."})
    assert mismatch(anything, "x", {"x": "a" * 10_000}) is None
    assert mismatch(anything, "x", {"x": "a" * 10_001}) == f"x is '{'a' * 40}...', must be like ."


def test_a_value_is_shown_in_part_and_printable() -> None:
    reason = mismatch(FieldCondition(equals="x"), "x", {"x": "\x1b[31m" + "y" * 5000})
    assert reason == f"x is '?[31m{'y' * 35}...', must be 'x'"
