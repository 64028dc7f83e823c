"""Collections are rare while an instance runs, and as before after it."""

from __future__ import annotations

import gc

import pytest

from gateway.app import rare_collections


def test_within_the_block_collections_are_rare_and_what_was_there_is_left_out() -> None:
    before = gc.get_threshold()
    with rare_collections():
        assert gc.get_threshold() == (50_000, 50, 100)
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_an_error_in_the_block_leaves_the_collector_as_it_was() -> None:
    before = gc.get_threshold()
    with pytest.raises(LookupError), rare_collections():
        raise LookupError
    assert gc.get_threshold() == before
