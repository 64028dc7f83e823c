"""Other people's files through the tools: formatted without loss, split and repaired in peace."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway import resources
from gateway.x12.layout import annotated, restored
from gateway.x12.names import Names
from gateway.x12.reader import read_interchanges
from gateway.x12.repair import repaired
from gateway.x12.split import By, PartEnd, PartStart, split_into
from tests.corpus.test_corpus_validates import FILES
from tests.x12_sets import LIBRARY

NAMES = Names(LIBRARY, resources.schema_text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_goes_through_every_tool(path: Path) -> None:
    payload = path.read_bytes()
    text = "".join(annotated(payload, NAMES))
    assert b"".join(restored(text.split("\n"))) == payload
    sets = [
        one.segments
        for interchange in read_interchanges(payload)
        for group in interchange.groups
        for one in group.transaction_sets
    ]
    parts: list[bytes] = []
    for event in split_into(payload, By.SET):
        if isinstance(event, PartStart):
            parts.append(b"")
        elif isinstance(event, bytes):
            parts[-1] += event
        elif isinstance(event, PartEnd):
            [interchange] = read_interchanges(parts[-1])
            again = [one.segments for group in interchange.groups for one in group.transaction_sets]
            assert again == [sets.pop(0) for _ in range(event.sets)]
            assert not [one for one in interchange.findings if one.location.segment_id == "IEA"]
    assert sets == []
    assert repaired(repaired(payload).payload).edits == ()
