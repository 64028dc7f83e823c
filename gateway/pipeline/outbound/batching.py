"""Batching: which of what waits goes out together now: documents, or acknowledgments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from gateway.pipeline.collected_records import CollectedRecord
from gateway.pipeline.outgoing_records import WaitingRecord

MOST_SETS = 500
"""Documents in one interchange where no agreement says: what a partner reads in one go."""


MOST_CANDIDATES = 5_000
"""Documents of a batch that are looked at for one interchange, however many wait."""


Waiting = TypeVar("Waiting", WaitingRecord, CollectedRecord)


def ready(waiting: Sequence[Waiting], now: datetime) -> list[Waiting]:
    """Return what is in the next interchange, oldest first; none where nothing is due.

    A batch goes out when one of it is due, or when it is full; then all of it goes, as far as one
    interchange takes it.
    """
    batches: dict[str, list[Waiting]] = {}
    for one in waiting:
        batches.setdefault(one.batch, []).append(one)
    for batch in batches.values():
        if _is_full(batch) or any(one.due_at <= now for one in batch):
            return _first_interchange(batch)
    return []


def _is_full(batch: Sequence[Waiting]) -> bool:
    newest = batch[-1]  # the agreement may have changed meanwhile
    if newest.most_sets is not None and len(batch) >= newest.most_sets:
        return True
    return newest.most_bytes is not None and sum(one.size for one in batch) >= newest.most_bytes


def _first_interchange(batch: Sequence[Waiting]) -> list[Waiting]:
    newest = batch[-1]
    most_sets = newest.most_sets or MOST_SETS
    taken: list[Waiting] = []
    size = 0
    for one in batch[:most_sets]:
        size += one.size
        if taken and newest.most_bytes is not None and size > newest.most_bytes:
            break
        taken.append(one)
    return taken
