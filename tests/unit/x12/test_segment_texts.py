"""Segments read one by one are those of the file read as a whole, at the same lines."""

from __future__ import annotations

import pytest

from gateway.errors import ConfigProblems
from gateway.resources import schema_text
from gateway.x12 import segment_texts
from gateway.x12.segment_texts import SegmentTexts, members_of
from gateway.yaml_source import load
from tests.x12_sets import SETS

TEXT = """\
# Segments.
N1:
  name: Name
  elements: [98 M]

# Another one.
N2:
  name: More of a name
"""


@pytest.mark.parametrize("version", SETS)
def test_each_packaged_segment_is_what_the_whole_file_says(version: str) -> None:
    text = schema_text(f"x12/{version}/segments.yaml")
    whole, texts = load(text, "segments.yaml"), SegmentTexts(text, "segments.yaml")
    members = members_of(whole, ())
    assert texts.names == set(members)
    for tag in members:
        source = texts.source(tag)
        assert source is not None
        assert source.value == {tag: members[tag]}
        assert source.mark((tag, "name")) == whole.mark((tag, "name"))


def test_only_what_is_asked_for_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(
        segment_texts, "load", lambda text, file: read.append(text.strip()) or load(text, file)
    )
    texts = SegmentTexts(TEXT, "segments.yaml")
    assert texts.names == {"N1", "N2"}
    assert texts.source("N3") is None
    assert read == []
    assert texts.source("N2") is not None
    assert read == ["N2:\n  name: More of a name"]


@pytest.mark.parametrize(
    "text",
    [
        "N1: {name: Name}\nN2:\n  name: More of a name\n",
        "N2:\n  name: More of a name\n'N1':\n  name: Name\n",
        "---\nN1:\n  name: Name\nN2:\n  name: More of a name\n",
        "N1:\n  name: Name\nN2:\n  name: |\n    More of a name\n  elements:\n  - 1 M\n",
    ],
)
def test_a_file_that_is_written_otherwise_is_read_too(text: str) -> None:
    texts = SegmentTexts(text, "segments.yaml")
    assert texts.names == {"N1", "N2"}
    source = texts.source("N1")
    assert source is not None
    assert members_of(source, ("N1",)) == {"name": "Name"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (TEXT + "N1:\n  name: Again\n", "segments.yaml:9:1: 'N1' is written twice"),
        ("- N1\n", "segments.yaml:1:1: expected keys and values"),
        ("", "segments.yaml:1:1: expected keys and values"),
    ],
)
def test_what_is_no_mapping_is_said_so_at_its_place(text: str, problem: str) -> None:
    with pytest.raises(ConfigProblems) as raised:
        members_of(load(text, "segments.yaml"), ())
    whole = [str(one) for one in raised.value.problems]
    with pytest.raises(ConfigProblems) as raised:
        SegmentTexts(text, "segments.yaml")
    assert [str(one) for one in raised.value.problems] == whole == [problem]


def test_a_fault_in_one_segment_is_placed_in_the_file() -> None:
    texts = SegmentTexts(TEXT + "N3:\n  name: [\n", "segments.yaml")
    with pytest.raises(ConfigProblems) as raised:
        texts.source("N3")
    [problem] = raised.value.problems
    assert (problem.file, problem.line) == ("segments.yaml", 11)
