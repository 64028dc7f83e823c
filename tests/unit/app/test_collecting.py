"""Collections are rare while an instance runs, and as before after it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from gateway.app import rare_collections
from tests.benchmarks.documents import interchanges
from tests.benchmarks.inbound import InboundCore


@pytest.fixture
def nothing_set_aside() -> Iterator[None]:
    """Take back that the run of the tests set aside what was collected; do it again at the end."""
    gc.unfreeze()
    yield
    gc.freeze()


@pytest.mark.usefixtures("nothing_set_aside")
def test_within_the_block_collections_are_rare_and_what_was_there_is_left_out() -> None:
    before = gc.get_threshold()
    with rare_collections():
        assert gc.get_threshold() == (50_000, 50, 100)
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_what_somebody_set_aside_before_stays_aside() -> None:
    before = gc.get_freeze_count()
    assert before > 0
    with rare_collections():
        assert gc.get_freeze_count() == before
    assert gc.get_freeze_count() == before


def test_an_error_in_the_block_leaves_the_collector_as_it_was() -> None:
    before = gc.get_threshold()
    with pytest.raises(LookupError), rare_collections():
        raise LookupError
    assert gc.get_threshold() == before


def test_an_interchange_that_was_taken_leaves_no_reference_cycle() -> None:
    """What is in a cycle, and the payload with it, would stay until one of the rare searches."""
    core = InboundCore()
    payloads = list(interchanges(4))
    payloads += [payload.replace(b"~SE*", b"~ZZ*") for payload in payloads]
    core.take_all(payloads)
    gc.collect()
    gc.disable()
    try:
        core.take_all(payloads)
        assert gc.collect() == 0
    finally:
        gc.enable()
