"""Two lanes settle what is about one document at the same moment: its status is the last one's.

On PostgreSQL: only there transactions run side by side. The first is held open until the second
stands before it, so that each has looked before the other has said what it did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from gateway.pipeline.records import AttemptRecord, DeliveryRecord
from gateway.store import SqlStore, open_database
from gateway.store.sql import SqlTransaction
from tests.conformance.test_store import (
    ACKNOWLEDGMENT,
    DELIVERY,
    DOCUMENT,
    INTERCHANGE,
    NOW,
    PAYLOAD,
)
from tests.integration.test_outbound_races import stopped
from tests.integration.world import wait_for
from tests.postgres import Postgres

Settle = Callable[[SqlTransaction], object]


@pytest.fixture
def store(postgres_server: Postgres) -> Iterator[SqlStore]:
    opened = SqlStore(open_database(postgres_server.new_database()))
    with opened.transaction() as transaction:
        transaction.ledger.add([PAYLOAD, INTERCHANGE, DOCUMENT])
    yield opened
    opened.close()


def at_once(store: SqlStore, first: Settle, second: Settle) -> None:
    """Let the second settle while the first has settled and not committed."""

    def settle() -> None:
        with store.transaction() as transaction:
            second(transaction)

    with ThreadPoolExecutor(1) as pool:
        with store.transaction() as transaction:
            first(transaction)
            asked = pool.submit(settle)
            wait_for(lambda: stopped(store) == 1 or asked.done())
            assert not asked.done(), asked.result()
        asked.result()


def test_a_document_that_two_destinations_take_at_once_is_delivered(store: SqlStore) -> None:
    owed = [
        replace(DELIVERY, id=name, idempotency_key=name, destination=name)
        for name in ("erp", "partner:pier-3pl")
    ]
    with store.transaction() as transaction:
        transaction.ledger.add(owed)
        claimed = [one.delivery for one in transaction.lanes.claim(owed, NOW)]

    def taken(one: DeliveryRecord) -> Settle:
        def settle(transaction: SqlTransaction) -> None:
            tried = AttemptRecord(one.id, one.attempt, NOW, NOW, "delivered", "")
            transaction.lanes.settle([replace(one, state="delivered")], [tried])
            transaction.lanes.refresh_delivery_status([one.document_id])

        return settle

    at_once(store, *map(taken, claimed))
    view = store.desk.document(DOCUMENT.id)
    assert view is not None
    assert view.document.delivery == "delivered"


def test_a_document_whose_two_acknowledgments_leave_at_once_is_acknowledged(
    store: SqlStore,
) -> None:
    first, last = (replace(ACKNOWLEDGMENT, id=id_, name=id_, attempt=1) for id_ in ("997", "TA1"))
    with store.transaction() as transaction:
        transaction.ledger.add([first, last])
    at_once(
        store,
        lambda one: one.outbox.settle([replace(first, state="sent", sent_at=NOW)]),
        lambda one: one.outbox.settle([replace(last, state="sent", sent_at=NOW)]),
    )
    view = store.desk.document(DOCUMENT.id)
    assert view is not None
    assert view.document.acknowledgment == "sent"
