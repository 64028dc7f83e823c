"""Files of other projects, which lie beside the checkout where somebody put them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import InterchangeUnreadable
from gateway.x12.reader import read_interchanges

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "files"
FILES = sorted(CORPUS.iterdir()) if CORPUS.is_dir() else []

if not FILES:
    pytest.skip("the corpus of sample files is not beside this checkout", allow_module_level=True)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_from_the_corpus_is_read_without_an_exception(path: Path) -> None:
    try:
        interchanges = list(read_interchanges(path.read_bytes()))
    except InterchangeUnreadable as fault:
        pytest.fail(str(fault))
    assert interchanges
    assert all(
        one.segments[0][0] == "ST"
        for interchange in interchanges
        for group in interchange.groups
        for one in group.transaction_sets
    )
