"""Acknowledgments that wait for others, and go out together in one interchange."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.acks.segments import read_group
from gateway.acks.ta1 import read_ta1
from gateway.clock import utc_now
from gateway.partners import Partner
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outbound.enveloping import Enveloping
from gateway.pipeline.ports import unobserved
from gateway.pipeline.reconciliation.answered import answered
from gateway.pipeline.store_port import LostRace
from gateway.pipeline.views import DocumentFilter, InterchangeFilter
from gateway.x12.reader import read_interchanges
from tests.databases import sqlite_url
from tests.integration.world import (
    PARTNER,
    World,
    order,
    partner,
    rulebook,
    running,
    wait_for,
    world,
)
from tests.postgres import Postgres


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, tmp_path: object) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    server: Postgres = request.getfixturevalue("postgres_server")
    return server.new_database()


def gathering(**changes: object) -> Partner:
    """Return the partner whose acknowledgments wait for each other."""
    batch = {"count": 3, "every": "1h", **changes}
    return partner(acknowledgment={"997": "always", "ta1": "requested", "batch": batch})


def acknowledgments(here: World) -> list[str]:
    found = here.store.desk.documents(DocumentFilter())
    return sorted(one.document.acknowledgment for one in found)


def envelop(here: World, now: datetime) -> bool:
    """Let the lane that makes interchanges look once, at a moment."""
    announcer = Announcer(unobserved, lambda: now)
    lane = Enveloping(here.store, here.jobs, clock=lambda: now, announcer=announcer)
    return lane.step(f"envelope:{PARTNER}", PARTNER)


def test_they_go_out_in_one_interchange_once_enough_wait(url: str) -> None:
    with world(url, rules=rulebook(them=gathering())) as here:
        here.drop(order(1, ta1=1), order(2))
        with running(here) as engine:
            engine.drain()
        assert acknowledgments(here) == ["pending", "pending"]
        assert here.folder.delivered == {}
        waiting = here.store.desk.outbound.acknowledgments_waiting(PARTNER)
        assert [one.most_sets for one in waiting] == [3, 3]
        here.drop(order(3))
        with running(here):
            wait_for(lambda: acknowledgments(here) == ["sent"] * 3)
        [sent] = here.folder.delivered.values()
        assert (sent.name, acknowledgments(here)) == ("ta1-997_000000500.edi", ["sent"] * 3)
        assert here.store.desk.outbound.acknowledgments_waiting(PARTNER) == []
        [interchange] = read_interchanges(sent.content)
        [ta1] = interchange.acknowledgments
        assert read_ta1(ta1).control_number == "000000001"
        [group] = interchange.groups
        assert group.header.control_number == "700"
        told = [read_group(one) for one in group.transaction_sets]
        assert sorted(one.control_number for one in told if one is not None) == ["1", "2", "3"]
        for one in here.store.desk.interchange_list(InterchangeFilter()):
            assert [each.name for each in one.acknowledgments] == ["ta1-997_000000500.edi"]


def test_what_waits_goes_out_when_the_first_is_due(url: str) -> None:
    with world(url, rules=rulebook(them=gathering())) as here:
        here.drop(order(1), order(2))
        with running(here) as engine:
            engine.drain()
        assert not envelop(here, utc_now() + timedelta(minutes=50))
        assert here.store.desk.backlog(utc_now())["gathered"] == 0
        assert here.store.desk.backlog(utc_now() + timedelta(minutes=61))["gathered"] == 2
        with here.store.transaction() as transaction:
            due = transaction.lanes.lanes_with_work(utc_now() + timedelta(minutes=61))
        assert due == [f"envelope:{PARTNER}"]
        assert envelop(here, utc_now() + timedelta(minutes=61))
        assert not envelop(here, utc_now() + timedelta(minutes=62))
        [out] = here.store.desk.outbound.outgoing()
        assert (out.kind, out.control_number, out.answers) == ("997", "000000500", None)


def test_what_answers_several_is_explained_in_what_it_answers(url: str) -> None:
    rules = rulebook(them=gathering(count=2))
    with world(url, rules=rules) as here:
        here.drop(order(1), order(2))
        with running(here):
            wait_for(lambda: acknowledgments(here) == ["sent"] * 2)
        [sent] = here.folder.delivered.values()
        [interchange] = read_interchanges(sent.content)
        said = read_group(interchange.groups[0].transaction_sets[1])
        assert said is not None
        with here.store.transaction() as transaction:
            found = answered(transaction, rules.lookup, interchange.header, said)
        assert found is not None
        assert {found.count(order(number)) for number in (1, 2)} == {1}


def test_what_is_gathered_already_cannot_be_taken_twice(url: str) -> None:
    with world(url, rules=rulebook(them=gathering())) as here:
        here.drop(order(1))
        with running(here) as engine:
            engine.drain()
        [one] = here.store.desk.outbound.acknowledgments_waiting(PARTNER)
        with here.store.transaction() as transaction:
            transaction.collected.take([one.interchange_id], "first")
        with (
            pytest.raises(LostRace, match="acknowledgments of 1 interchanges went meanwhile"),
            here.store.transaction() as transaction,
        ):
            transaction.collected.take([one.interchange_id], "second")


def test_a_duplicate_is_answered_by_the_bytes_that_answered_several(
    url: str,
) -> None:
    with world(url, rules=rulebook(them=gathering(count=1))) as here:
        here.drop(order(1))
        with running(here):
            wait_for(lambda: acknowledgments(here) == ["sent"])
            here.drop(order(1))
            wait_for(lambda: len(here.folder.delivered) == 2)
        first, again = here.folder.delivered.values()
        assert first.content == again.content
        assert first.name != again.name


def test_what_was_gathered_is_forgotten_with_what_it_answers(url: str) -> None:
    with world(url, rules=rulebook(them=gathering(count=1))) as here:
        here.drop(order(1))
        with running(here) as engine:
            wait_for(lambda: acknowledgments(here) == ["sent"])
            engine.drain()  # the delivery too: what is pending is not purged
        later = datetime.now(UTC) + timedelta(days=1)
        with here.store.transaction() as transaction:
            assert transaction.retention.purge(later, 10) == 1
        assert here.store.desk.outbound.outgoing()[0].content != b""
        with here.store.transaction() as transaction:
            assert transaction.retention.forget(later, 10) == 1
        assert here.store.desk.outbound.outgoing() == []


def test_what_waits_for_others_is_not_purged(url: str) -> None:
    with world(url, rules=rulebook(them=gathering())) as here:
        here.drop(order(1))
        with running(here) as engine:
            engine.drain()
        later = datetime.now(UTC) + timedelta(days=1)
        with here.store.transaction() as transaction:
            assert transaction.retention.purge(later, 10) == 0
