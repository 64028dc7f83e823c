"""Leases and what was left in folders at partners, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from gateway.pipeline.polling import StoredFolderMemory
from gateway.pipeline.polling_port import Look, Sighting
from gateway.pipeline.reaper import place
from gateway.store import SqlStore, open_database
from gateway.store.tables import leases
from tests.conformance.drop_boxes import Clock

NOW = datetime(2026, 3, 15, 9, 12, 30, 123456, tzinfo=UTC)
SEEN = Sighting(2048, 1_773_565_950_000_000_000, "ab" * 32)
PLACE = "northstar-3pl/main:/outbound"
NO_PROCESS = f"gateway:{2**22 + 1}:gone@{place()}"
"""A number beyond what this system gives out: its process cannot live."""


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    opened = SqlStore(open_database(database_url))
    yield opened
    opened.close()


def memory(store: SqlStore, clock: Clock, holder: str, where: str = PLACE) -> StoredFolderMemory:
    lasting = timedelta(seconds=60)
    return StoredFolderMemory(store, where, clock=clock, holder=holder, lasting=lasting)


def test_one_of_two_nodes_holds_a_folder_until_it_lets_go(store: SqlStore) -> None:
    clock = Clock()
    one, two = memory(store, clock, "one@afar"), memory(store, clock, "two@afar")
    assert one.hold()
    assert one.hold()
    assert not two.hold()
    two.let_go()
    assert not two.hold(), "nobody gives back what another holds"
    one.let_go()
    assert two.hold()
    assert not one.hold()


def test_another_folder_is_another_lease(store: SqlStore) -> None:
    clock = Clock()
    assert memory(store, clock, "one@afar").hold()
    assert memory(store, clock, "two@afar", "northstar-3pl/main:/other").hold()


def test_a_lease_that_is_not_renewed_ends(store: SqlStore) -> None:
    clock = Clock()
    one, two = memory(store, clock, "one@afar"), memory(store, clock, "two@afar")
    assert one.hold()
    clock.passes(60)
    assert not two.hold()
    clock.passes(0.001)
    assert two.hold()
    assert not one.hold(), "it wakes up and finds that it lost the lease"


def test_a_lease_that_is_renewed_goes_on(store: SqlStore) -> None:
    clock = Clock()
    one, two = memory(store, clock, "one@afar"), memory(store, clock, "two@afar")
    for _ in range(20):
        assert one.hold()
        assert not two.hold()
        clock.passes(10)


def test_a_process_that_died_on_this_machine_is_not_waited_for(store: SqlStore) -> None:
    clock = Clock()
    assert memory(store, clock, NO_PROCESS).hold()
    assert memory(store, clock, "two@afar").hold()


def test_of_many_that_ask_at_once_one_gets_the_lease(store: SqlStore) -> None:
    clock = Clock()
    barrier = Barrier(8)
    got: list[bool] = []

    def ask(number: int) -> None:
        one = memory(store, clock, f"{number}@afar")
        barrier.wait()
        got.append(one.hold())

    threads = [Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [False] * 7 + [True]


def test_what_was_left_is_remembered_for_its_folder_until_it_is_forgotten(store: SqlStore) -> None:
    clock = Clock()
    one, other = memory(store, clock, "one@afar"), memory(store, clock, "one@afar", "b/c:/d")
    one.remember({"a.edi": SEEN, "b.edi": SEEN})
    newer = Sighting(4096, SEEN.modified + 1, "cd" * 32)
    one.remember({"b.edi": newer})
    other.remember({"a.edi": newer})
    assert one.left_there() == {"a.edi": SEEN, "b.edi": newer}
    one.forget(["a.edi", "nobody.edi"])
    assert one.left_there() == {"b.edi": newer}
    assert other.left_there() == {"a.edi": newer}


def test_how_the_last_look_ended_is_kept(store: SqlStore) -> None:
    well = Look(PLACE, NOW, "", NOW - timedelta(hours=1))
    ill = Look("a/b:/c", NOW, "the host key changed", NOW)
    with store.transaction() as transaction:
        transaction.polling.note(ill)
        transaction.polling.note(Look(PLACE, NOW - timedelta(minutes=2), "unwell", NOW))
        transaction.polling.note(well)
    with store.transaction() as transaction:
        assert transaction.polling.looks() == [ill, well]


def test_a_folder_that_nobody_looks_through_any_more_is_forgotten_after_a_while(
    store: SqlStore,
) -> None:
    clock, long_ago = Clock(), Clock()
    long_ago.passes(-500 * 86_400)
    gone = memory(store, long_ago, "one@afar", "b/c:/gone")
    still = memory(store, clock, "one@afar")
    for one in (gone, still):
        assert one.hold()
        one.remember({"a.edi": SEEN})
    kept = Look(PLACE, NOW, "", NOW)
    with store.transaction() as transaction:
        transaction.polling.note(Look("b/c:/gone", NOW - timedelta(days=401), "unwell", NOW))
        transaction.polling.note(kept)
        transaction.polling.purge(NOW - timedelta(days=400))
    with store.transaction() as transaction:
        assert transaction.polling.looks() == [kept]
    assert gone.left_there() == {}
    assert still.left_there() == {"a.edi": SEEN}
    with store.engine.connect() as connection:
        assert list(connection.scalars(sa.select(leases.c.name))) == [PLACE]
