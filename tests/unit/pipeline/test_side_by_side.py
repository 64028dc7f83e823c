"""Work beside each other: as wide as waiting makes it, and in the order of what was given."""

from __future__ import annotations

from threading import Barrier, Lock

import pytest

from gateway.pipeline.side_by_side import side_by_side


@pytest.mark.parametrize("most", [1, 3, 50])
def test_results_stand_in_the_order_of_what_was_given(most: int) -> None:
    assert side_by_side(lambda item: item * 2, range(20), most, name="t") == [*range(0, 40, 2)]


def test_of_nothing_comes_nothing() -> None:
    assert side_by_side(lambda item: item, [], 8, name="t") == []


def test_what_waits_is_joined_by_others_up_to_the_most() -> None:
    together = Barrier(4)  # passed only once four wait at the same time

    def meet(item: int) -> int:
        together.wait(timeout=60)
        return item

    assert side_by_side(meet, range(8), 4, name="t") == [*range(8)]


def test_never_more_than_the_most_are_worked_on_at_a_time() -> None:
    under_way, seen, lock, together = 0, set[int](), Lock(), Barrier(2)

    def work(item: int) -> None:
        nonlocal under_way
        with lock:
            under_way += 1
            seen.add(under_way)
        together.wait(timeout=60)
        with lock:
            under_way -= 1

    side_by_side(work, range(10), 2, name="t")
    assert max(seen) == 2


def test_a_fault_is_told_after_the_others_came_to_their_end() -> None:
    done: list[int] = []

    def work(item: int) -> None:
        if item == 1:
            raise LookupError("what is this?")
        done.append(item)

    with pytest.raises(LookupError, match=r"^what is this\?$"):
        side_by_side(work, range(5), 3, name="t")
    assert sorted(done) == [0, 2, 3, 4]
