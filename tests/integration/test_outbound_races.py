"""Several people and a lane want something of the same document of ours at the same moment.

On PostgreSQL: only there transactions run side by side. No race is left to chance: a transaction
that the test holds open stops the others at a known place until all have come there.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from gateway.clock import utc_now
from gateway.pipeline.control_numbers import interchange_series
from gateway.pipeline.outbound.envelope import envelop
from gateway.store import SqlStore
from tests.integration.outbound_world import operations, sending_rules, submission, taking_orders
from tests.integration.test_outbound import outgoing, sending, view_of
from tests.integration.world import wait_for
from tests.postgres import Postgres

MENDED = sending_rules(
    taking_orders(findings=[{"finding": "element_too_long", "severity": "note"}])
)


@pytest.fixture
def url(postgres_server: Postgres) -> str:
    return postgres_server.new_database()


def stopped(store: SqlStore) -> int:
    """Return how many transactions wait for another one."""
    query = sa.text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with store.engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


def test_what_is_being_enveloped_is_not_given_up(url: str) -> None:
    batch = taking_orders(batch={"every": "1h"})
    with sending(url, batch) as (here, rules), ThreadPoolExecutor(1) as pool:
        submitted = here.pipeline.submit(submission())
        with here.store.transaction() as transaction:
            envelop(transaction, transaction.outbox.take([submitted.document_id]), utc_now())
            asked = pool.submit(operations(here, rules).refuse, [submitted.document_id], "no")
            wait_for(lambda: stopped(here.store) == 1)
        [answer] = asked.result()
        document = view_of(here, submitted).document
        assert (answer.done, answer.what) == (False, "has left, or was given up: nothing holds it")
        assert document.outgoing_id == outgoing(here)[0].id
        assert document.delivery != "none"


def test_a_document_that_two_people_write_anew_goes_out_once(url: str) -> None:
    with sending(url) as (here, _), ThreadPoolExecutor(2) as pool:
        submitted = here.pipeline.submit(submission(depositor_order_number="X" * 33))
        desk = operations(here, MENDED)
        with here.store.transaction() as transaction:
            transaction.ledger.allocate(interchange_series("ZZ/HARBOR", "ZZ/QUAYSIDE"), 1)
            asked = [pool.submit(desk.rewrite, [submitted.document_id]) for _ in range(2)]
            wait_for(lambda: stopped(here.store) == 2)
        answers = [answer.what for one in asked for answer in one.result()]
        assert sorted(answers) == [
            "is on its way already",
            "was written anew, and goes out under new numbers",
        ]
        assert len(outgoing(here)) == 1
