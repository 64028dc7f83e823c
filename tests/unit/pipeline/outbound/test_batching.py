"""Which documents go out together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.pipeline.outbound.batching import MOST_SETS, ready
from gateway.pipeline.outgoing_records import WaitingRecord

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def waits(
    number: int,
    *,
    batch: str = "orders",
    due: int = 60,
    most_sets: int | None = None,
    most_bytes: int | None = None,
) -> WaitingRecord:
    """Return a document that is due so many minutes from now."""
    return WaitingRecord(
        document_id=f"document-{number}",
        partner="quayside",
        batch=batch,
        envelope=b"{}",
        segments=b"[]",
        size=100,
        state="waiting",
        submitted_at=NOW - timedelta(hours=1) + timedelta(seconds=number),
        due_at=NOW + timedelta(minutes=due),
        most_sets=most_sets,
        most_bytes=most_bytes,
    )


def numbers(found: list[WaitingRecord]) -> list[int]:
    return [int(one.document_id.rpartition("-")[2]) for one in found]


def test_nothing_goes_out_before_its_time() -> None:
    assert ready([waits(1), waits(2)], NOW) == []
    assert ready([], NOW) == []


def test_all_of_a_batch_goes_with_the_one_that_is_due() -> None:
    assert numbers(ready([waits(1, due=0), waits(2), waits(3)], NOW)) == [1, 2, 3]


def test_another_batch_stays() -> None:
    found = ready([waits(1, batch="changes"), waits(2, due=0), waits(3)], NOW)
    assert numbers(found) == [2, 3]


def test_a_full_batch_goes_out_and_no_more_than_fills_it() -> None:
    waiting = [waits(number, most_sets=3) for number in range(1, 8)]
    assert numbers(ready(waiting[:2], NOW)) == []
    assert numbers(ready(waiting, NOW)) == [1, 2, 3]


def test_a_large_batch_goes_out_and_no_more_than_its_size() -> None:
    waiting = [waits(number, most_bytes=250) for number in range(1, 5)]
    assert numbers(ready(waiting[:2], NOW)) == []
    assert numbers(ready(waiting, NOW)) == [1, 2]


def test_a_document_larger_than_its_batch_goes_by_itself() -> None:
    assert numbers(ready([waits(1, most_bytes=50), waits(2, most_bytes=50)], NOW)) == [1]


def test_the_newest_document_says_when_a_batch_is_full() -> None:
    waiting = [waits(1, most_sets=50), waits(2, most_sets=2)]
    assert numbers(ready(waiting, NOW)) == [1, 2]


def test_an_interchange_is_bounded_where_no_agreement_says() -> None:
    waiting = [waits(number, due=0) for number in range(MOST_SETS + 1)]
    assert len(ready(waiting, NOW)) == MOST_SETS
