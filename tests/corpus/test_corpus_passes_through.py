"""Other projects' sets of ours, through the base maps, and what would be answered to them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from gateway.acks.reply import acknowledge
from gateway.acks.results import result_of, strictly
from gateway.acks.told import ReplyEnvelope
from gateway.canonical import check, dumps
from gateway.findings import Finding
from gateway.partners.acknowledging import AcknowledgmentPolicy
from gateway.x12.model import ControlNumber, Delimiters, Interchange, TransactionSet
from gateway.x12.reader import read_interchanges
from gateway.x12.validate import ParsedSet
from tests.hostile.chain import NOW, assert_speaks_x12
from tests.samples.maps import compiled_map
from tests.x12_sets import LIBRARY, validator_of

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "files"
FILES = sorted(CORPUS.iterdir()) if CORPUS.is_dir() else []
MAPPED = ("810", "850", "855", "856", "940", "945")
EVERYTHING = AcknowledgmentPolicy.model_validate({"997": "always", "ta1": "always"})

if not FILES:
    pytest.skip("the corpus of sample files is not beside this checkout", allow_module_level=True)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_interchange_of_the_corpus_gets_an_answer_that_is_valid_itself(path: Path) -> None:
    for interchange in read_interchanges(path.read_bytes()):
        numbers = count(1)
        envelope = ReplyEnvelope(
            ControlNumber("000000001"),
            lambda numbers=numbers: ControlNumber(str(next(numbers))),
            NOW,
            Delimiters(repetition="^"),
        )
        result = result_of(interchange, _findings_of)
        answer = acknowledge(result, strictly, policy=EVERYTHING, envelope=envelope)
        assert (answer.payload is None) is result.is_acknowledgment
        assert_speaks_x12(answer)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_set_of_ours_in_the_corpus_is_translated_by_its_base_map(path: Path) -> None:
    for parsed in _ours(path):
        one = parsed.transaction_set
        reading = compiled_map(f"base-{one.set_id}").read(parsed.tree, one.delimiters)
        for document in reading.documents:
            # What is missing in a document is said; it is never an exception.
            assert all(message for _, message in check(dict(document)))
            assert dumps(dict(document))


def test_the_corpus_has_sets_of_ours() -> None:
    found = {parsed.transaction_set.set_id for path in FILES for parsed in _ours(path)}
    assert found == set(MAPPED)


def _ours(path: Path) -> Iterator[ParsedSet]:
    for interchange in read_interchanges(path.read_bytes()):
        for one in _sets(interchange):
            if one.set_id in MAPPED:
                yield validator_of(one.set_id).parse(one)


def _sets(interchange: Interchange) -> Iterator[TransactionSet]:
    """Yield the sets that a packaged schema describes."""
    for group in interchange.groups:
        for one in group.transaction_sets:
            if LIBRARY.get(group.header.version, one.set_id) is not None:
                yield one


def _findings_of(one: TransactionSet) -> list[Finding]:
    schema = LIBRARY.get("004010", one.set_id)
    return validator_of(one.set_id).parse(one).findings if schema is not None else []
