"""Transactions of different kinds that want the same rows wait for each other, never in a circle.

On PostgreSQL. No race is left to chance: the test holds the first row of the order, waits until the
other side stands before it, and then takes the next one. Where the other side already held that
one, the database would break one of the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa

from gateway.clock import utc_now
from gateway.errors import Permanent
from gateway.pipeline import lane_names
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outbound.interchanges import Interchanges
from gateway.pipeline.places import Destination
from gateway.pipeline.ports import unobserved
from gateway.pipeline.reconciliation.overdue import Overdue
from gateway.store import tables
from gateway.transports.memory import Outbound
from tests.integration.answers import functional
from tests.integration.outbound_world import operations, submission, taking_orders
from tests.integration.test_engine import run_until_done
from tests.integration.test_outbound import outgoing, sending
from tests.integration.test_outbound_races import stopped
from tests.integration.world import FAST, PARTNER, World, wait_for
from tests.postgres import Postgres

INTERCHANGE = tables.outgoing_interchanges.c.id
DOCUMENT = tables.documents.c.id
WAITING = tables.waiting_sets.c.document_id
LANE = tables.lanes.c.lane


@pytest.fixture
def url(postgres_server: Postgres) -> str:
    return postgres_server.new_database()


@contextmanager
def held(here: World, key: sa.Column[str], id_: str) -> Iterator[sa.Connection]:
    """Hold a row as a transaction does that is about to change it."""
    with here.store.engine.begin() as connection:
        # In a circle the other side is broken off, not the test.
        connection.execute(sa.text("SET LOCAL deadlock_timeout = '60s'"))
        take(connection, key, id_)
        yield connection


def take(connection: sa.Connection, key: sa.Column[str], id_: str) -> None:
    query = sa.select(key).where(key == id_).with_for_update()
    assert connection.execute(query).first() is not None


def wait_before(here: World, asked: Future[object]) -> None:
    """Return once the other side waits for a row that the test holds."""
    wait_for(lambda: stopped(here.store) == 1 or asked.done())
    assert not asked.done(), asked.result()


def sent(here: World, *numbers: int) -> list[str]:
    """Send orders, each in an interchange of its own; return these by their ids."""
    for number in numbers:
        here.pipeline.submit(submission(number))
    run_until_done(here)
    return sorted(one.id for one in outgoing(here))


def let_be_due(here: World, ids: Sequence[str]) -> None:
    """Let interchanges be due again, the first of these first."""
    now = utc_now()
    with here.store.transaction() as transaction:
        for place, id_ in enumerate(ids):
            one = transaction.outbox.outgoing(id_)
            assert one is not None
            due_at = now - timedelta(hours=1) + timedelta(minutes=place)
            transaction.outbox.change(one, [one.state], state="due", attempt=0, due_at=due_at)


@pytest.mark.parametrize("what", ["resend", "rewrite"])
def test_a_person_takes_the_interchange_before_its_document(url: str, what: str) -> None:
    with (
        sending(url, failures=[Permanent("550 no")]) as (here, rules),
        ThreadPoolExecutor(1) as pool,
    ):
        submitted = here.pipeline.submit(submission())
        run_until_done(here)
        [dead] = outgoing(here)
        assert dead.state == "dead"
        ask = getattr(operations(here, rules), what)
        with held(here, INTERCHANGE, dead.id) as connection:
            asked = pool.submit(ask, [submitted.document_id])
            wait_before(here, asked)
            take(connection, DOCUMENT, submitted.document_id)
        [answer] = asked.result()
        assert answer.done, answer.what


def test_what_a_person_asks_for_is_tried_again_where_the_database_breaks_it_off(url: str) -> None:
    with sending(url) as (here, rules), ThreadPoolExecutor(1) as pool:
        submitted = here.pipeline.submit(submission())
        run_until_done(here)
        [one] = outgoing(here)
        # The wrong way round, as nothing of ours does: who has waited longer is broken off.
        with held(here, DOCUMENT, submitted.document_id) as connection:
            asked = pool.submit(operations(here, rules).resend, [submitted.document_id])
            wait_before(here, asked)
            take(connection, INTERCHANGE, one.id)
        [answer] = asked.result()
        assert answer.done, answer.what


def test_acknowledgments_are_reconciled_by_the_ids_of_our_interchanges(url: str) -> None:
    with sending(url) as (here, _), ThreadPoolExecutor(1) as pool:
        first, last = sent(here, 1, 2)
        with here.store.transaction() as transaction:
            [of_last] = transaction.outbox.sets_of(last)
            [of_first] = transaction.outbox.sets_of(first)
        groups = [of_last.group_control_number, of_first.group_control_number]
        content = b"".join(functional(9 + at, group) for at, group in enumerate(groups))
        [id_] = here.pipeline.receive([here.received(content, "both.edi", "both")])
        with held(here, INTERCHANGE, first) as connection:
            asked = pool.submit(here.pipeline.read_payloads, [id_], 1)
            wait_before(here, asked)
            take(connection, INTERCHANGE, last)
        asked.result()
        assert {one.acknowledgment for one in outgoing(here)} == {"accepted"}


def test_what_was_sent_is_settled_by_the_ids_of_our_interchanges(url: str) -> None:
    with sending(url) as (here, _), ThreadPoolExecutor(1) as pool:
        first, last = sent(here, 1, 2)
        let_be_due(here, [last, first])
        with here.store.transaction() as transaction:
            due = transaction.outbox.due(PARTNER, utc_now(), 100)
            begun = transaction.outbox.begin_sending(due)
        assert [one.id for one in begun] == [last, first]

        def settle() -> None:
            with here.store.transaction() as transaction:
                transaction.outbox.settle(begun)

        with held(here, INTERCHANGE, first) as connection:
            asked = pool.submit(settle)
            wait_before(here, asked)
            take(connection, INTERCHANGE, last)
        asked.result()


def test_overdue_interchanges_are_missed_by_their_ids(url: str) -> None:
    with sending(url) as (here, _), ThreadPoolExecutor(1) as pool:
        first, last = sent(here, 1, 2)
        now = utc_now()
        with here.store.transaction() as transaction:
            for id_, hours in ((first, 1), (last, 2)):
                passed = now - timedelta(hours=hours)
                transaction.acknowledgments.judge(id_, ["pending"], acknowledgment_due_at=passed)
        announcer = Announcer(unobserved, utc_now)
        overdue = Overdue(
            here.store,
            here.jobs,
            owner_of=lambda _: "order-desk",
            clock=utc_now,
            announcer=announcer,
        )
        with held(here, INTERCHANGE, first) as connection:
            asked = pool.submit(overdue.look)
            wait_before(here, asked)
            take(connection, INTERCHANGE, last)
        assert asked.result() == 2


def _send(here: World, lane: str) -> object:
    announcer = Announcer(unobserved, utc_now)
    drain = Interchanges(
        here.store, here.jobs, clock=utc_now, announcer=announcer, random=Random(1)
    )
    return drain.step(lane, PARTNER, Destination(Outbound(()), FAST))


def _envelope(here: World, lane: str) -> object:
    del lane
    return here.pipeline.run_lane(lane_names.envelope(PARTNER))


@pytest.mark.parametrize(
    ("drain", "lane", "key"),
    [
        (_send, lane_names.send(PARTNER), INTERCHANGE),
        (_envelope, lane_names.envelope(PARTNER), WAITING),
    ],
    ids=["sending", "enveloping"],
)
def test_a_lane_lets_go_of_its_own_row_before_it_takes_what_is_due(
    url: str, drain: Callable[[World, str], object], lane: str, key: sa.Column[str]
) -> None:
    batch = taking_orders(batch={"every": "1h"}) if key is WAITING else None
    with sending(url, batch) as (here, _), ThreadPoolExecutor(1) as pool:
        submitted = here.pipeline.submit(submission())
        id_ = submitted.document_id if key is WAITING else outgoing(here)[0].id
        with here.store.engine.begin() as connection:
            connection.execute(sa.update(key.table).values(due_at=utc_now() - timedelta(hours=1)))
        with held(here, key, id_) as connection:
            asked = pool.submit(drain, here, lane)
            wait_before(here, asked)
            # As whoever changes what is due wakes its lane at the end.
            take(connection, LANE, lane)
        asked.result()
