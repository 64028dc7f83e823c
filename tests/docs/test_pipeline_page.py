"""The pictures and tables of docs/pipeline.md are those of the transition table."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.pipeline.flow import FLOWS, Flow
from gateway.pipeline.reading import MOST_RECOVERIES

PAGE = (Path(__file__).parents[2] / "docs" / "pipeline.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("flow", FLOWS.values(), ids=lambda flow: flow.subject)
def test_the_picture_of_a_flow_is_drawn_from_its_table(flow: Flow) -> None:
    assert f"```mermaid\n{flow.picture()}\n```" in PAGE


@pytest.mark.parametrize("flow", FLOWS.values(), ids=lambda flow: flow.subject)
def test_every_transition_is_listed_with_its_meaning(flow: Flow) -> None:
    rows = [f"| {one.verb} | {one.target} | {one.meaning} |" for one in flow.transitions]
    assert [row for row in rows if row not in PAGE] == []


def test_the_page_says_how_often_a_payload_may_kill_the_process() -> None:
    assert MOST_RECOVERIES == 5
    assert "quarantined after the sixth time" in PAGE
