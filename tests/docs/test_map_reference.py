"""docs/map-reference.md is what grammar and functions say, and the examples of filters are true."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.mapping.reference import example, page
from gateway.mapping.sandbox import CONCATENATE, FILTERS, sandbox

PAGE = Path(__file__).parents[2] / "docs" / "map-reference.md"


def test_the_page_is_current(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text("utf-8") == page()


@pytest.mark.parametrize("one", FILTERS, ids=[one.name for one in FILTERS])
def test_a_filter_gives_what_its_examples_say(one: object) -> None:
    filters = [each for each in FILTERS if each is one]
    examples = [each for found in filters for each in found.examples]
    assert examples
    assert [(text, example(text)) for text, _ in examples] == examples


def test_every_filter_is_told_of() -> None:
    assert [one.name for one in FILTERS] == [one for one in sandbox().filters if one != CONCATENATE]
