"""Counts in sentences."""

from __future__ import annotations

import pytest

from gateway.counting import counted


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((0, "set"), "0 sets"),
        ((1, "transaction set"), "1 transaction set"),
        ((1204, "document"), "1,204 documents"),
        ((1, "delivery", "deliveries"), "1 delivery"),
        ((1_000_000, "delivery", "deliveries"), "1,000,000 deliveries"),
    ],
)
def test_a_count_agrees_with_its_noun(words: tuple[int, str], said: str) -> None:
    assert counted(*words) == said
