"""MDNs in the store: what becomes of an interchange when one comes, says no, or does not come."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.pipeline import lane_names
from gateway.pipeline.engine import DurableJobs
from gateway.pipeline.mdn_port import MDN, MessageRecord, MessageState, OwedMdn, Verdict
from gateway.pipeline.mdns import Mdns
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.store_port import LostRace
from gateway.store import SqlStore, open_database
from gateway.store.mdns import SqlMessages
from tests.postgres import Postgres

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
OUTGOING = OutgoingRecord(
    id="out-1",
    partner="retail",
    kind="documents",
    control_number="000000001",
    sender="ZZ/US",
    receiver="ZZ/THEM",
    name="1.edi",
    content=b"ISA*",
    correlation_id="c",
    state="sent",
    attempt=1,
    due_at=START,
    created_at=START,
    sent_at=START,
    expect_within=3600,
)
MESSAGE = MessageRecord(
    id="<m1@us>",
    partner="retail",
    connection="as2",
    outgoing_id="out-1",
    mics="AAAA, sha-256",
    state=MessageState.WAITING,
    sent_at=START,
    resends=1,
    mdn_due_at=START + timedelta(hours=2),
)
YES = Verdict(accepted=True, because="processed", mdn=b"mdn")
NO = Verdict(accepted=False, because="processed/error: decryption-failed", mdn=b"mdn")


class World:
    """A store with one interchange that went out over AS2, and a clock that is set."""

    def __init__(self, store: SqlStore, jobs: DurableJobs) -> None:
        self.store = store
        self.now = START
        self.mdns = Mdns(store, jobs, clock=lambda: self.now)

    def keep(self, outgoing: OutgoingRecord = OUTGOING) -> None:
        with self.store.transaction() as transaction:
            transaction.ledger.add([outgoing])
        self.mdns.begin(MESSAGE)

    @property
    def outgoing(self) -> OutgoingRecord:
        found = self.store.desk.outbound.beginning("out-1")
        assert found is not None
        return found

    @property
    def message(self) -> MessageRecord:
        found = self.mdns.message(MESSAGE.id)
        assert found is not None
        return found

    @property
    def verbs(self) -> list[str]:
        return [entry.verb for entry in self.store.desk.timeline("out-1", 100)]

    @property
    def lanes(self) -> list[str]:
        with self.store.transaction() as transaction:
            return transaction.lanes.lanes_with_work(self.now)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    store = SqlStore(open_database(database_url))
    jobs = DurableJobs(store)
    try:
        yield World(store, jobs)
    finally:
        jobs.close()
        store.close()


def test_a_message_that_leaves_again_is_known_and_keeps_count_of_its_resends(world: World) -> None:
    assert world.mdns.begin(replace(MESSAGE, resends=0)) is False
    assert world.mdns.begin(replace(MESSAGE, resends=3)) is True
    assert world.message.resends == 0


def test_an_mdn_that_says_yes_is_kept_with_the_interchange_sent(world: World) -> None:
    world.keep()
    world.mdns.answer(MESSAGE, YES)
    assert (world.message.state, world.message.mdn) == (MessageState.ACCEPTED, b"mdn")
    assert world.outgoing.state == "sent"
    assert world.verbs == ["confirm"]


def test_an_mdn_is_a_verdict_on_the_transport_of_its_interchange(world: World) -> None:
    world.keep()
    world.mdns.answer(world.message, NO)
    world.now += timedelta(minutes=1)
    world.mdns.answer(world.message, YES)
    world.mdns.answer(world.message, YES)
    said = world.store.desk.acknowledgments.received(outgoing_id="out-1")[::-1]
    assert [(one.kind, one.level, one.standing, one.verdict) for one in said] == [
        ("MDN", "transport", "first", "rejected"),
        ("MDN", "transport", "duplicate", "accepted"),
    ]
    assert said[0].detail == "processed/error: decryption-failed"
    assert world.outgoing.acknowledgment == "none"


def test_an_mdn_that_says_no_makes_the_interchange_wait_for_a_person(world: World) -> None:
    world.keep()
    world.mdns.answer(MESSAGE, NO)
    assert world.message.state == MessageState.REJECTED
    assert world.outgoing.state == "dead"
    assert world.outgoing.last_error == "its MDN says: processed/error: decryption-failed"


def test_an_mdn_that_is_faster_than_the_answer_settles_what_is_being_sent(world: World) -> None:
    world.keep(replace(OUTGOING, state="due", sent_at=None))
    world.mdns.answer(MESSAGE, YES)
    assert world.outgoing.state == "sent"
    assert world.outgoing.sent_at == START
    assert world.outgoing.acknowledgment_due_at == START + timedelta(hours=1)


def test_a_second_mdn_changes_nothing_that_was_accepted(world: World) -> None:
    world.keep()
    world.mdns.answer(MESSAGE, YES)
    world.mdns.answer(MESSAGE, NO)
    assert world.message.state == MessageState.ACCEPTED
    assert world.outgoing.state == "sent"


def test_no_mdn_in_time_sends_again_as_often_as_configured_then_waits_for_a_person(
    world: World,
) -> None:
    world.keep()
    world.now += timedelta(hours=2)
    assert world.mdns.chase() == 1
    assert (world.outgoing.state, world.outgoing.attempt) == ("due", 0)
    assert world.lanes == [lane_names.send("retail")]
    assert world.mdns.chase() == 0

    with world.store.transaction() as transaction:
        transaction.outbox.change(world.outgoing, ["due"], state="sent")
    world.mdns.begin(replace(MESSAGE, mdn_due_at=world.now + timedelta(hours=2)))
    world.now += timedelta(hours=3)
    assert world.mdns.chase() == 1
    assert world.message.state == MessageState.LATE
    assert world.outgoing.state == "dead"
    assert world.outgoing.last_error == "no MDN came until 2026-11-21 16:00:00 UTC"
    assert world.verbs == ["resend", "bury"]


def test_an_mdn_that_comes_while_overdue_ones_are_looked_through_counts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.keep()
    world.mdns.begin(replace(MESSAGE, resends=0))
    overdue = replace(MESSAGE, resends=0)
    world.mdns.answer(MESSAGE, YES)
    world.now += timedelta(hours=2)
    # As it was read before that MDN was committed: on PostgreSQL both go on at the same time.
    monkeypatch.setattr(SqlMessages, "overdue", lambda *_: [overdue])
    world.mdns.chase()
    assert (world.outgoing.state, world.message.state) == ("sent", MessageState.ACCEPTED)
    assert "bury" not in world.verbs


def test_a_late_mdn_takes_the_interchange_back_from_the_person(world: World) -> None:
    world.keep()
    world.mdns.begin(replace(MESSAGE, resends=0))
    world.now += timedelta(hours=2)
    world.mdns.chase()
    assert world.outgoing.state == "dead"
    world.mdns.answer(MESSAGE, YES)
    assert (world.outgoing.state, world.outgoing.last_error) == ("sent", None)


def test_what_a_person_gave_up_stays_given_up(world: World) -> None:
    world.keep(replace(OUTGOING, state="refused"))
    world.mdns.answer(MESSAGE, YES)
    assert world.outgoing.state == "refused"
    assert world.message.state == MessageState.ACCEPTED


def test_an_mdn_that_we_owe_is_owed_once_and_again_when_it_is_asked_for_again(
    world: World,
) -> None:
    owed = OwedMdn("out-1", "retail", "<theirs@them>", b"content")
    world.mdns.owe(owed)
    world.mdns.owe(owed)
    assert (world.outgoing.kind, world.outgoing.state) == (MDN, "due")
    assert world.verbs == ["owe"]
    with world.store.transaction() as transaction:
        transaction.outbox.change(world.outgoing, ["due"], state="sent")
    world.mdns.owe(owed)
    assert world.outgoing.state == "due"
    assert world.verbs == ["owe", "resend"]


def test_no_sending_is_lost_where_several_begin_at_once(postgres_server: Postgres) -> None:
    store = SqlStore(open_database(postgres_server.new_database()))
    jobs = DurableJobs(store)
    mdns = Mdns(store, jobs, clock=lambda: START)
    with ThreadPoolExecutor(4) as pool:
        before = list(pool.map(lambda _: mdns.begin(MESSAGE), range(20)))
    kept = mdns.message(MESSAGE.id)
    jobs.close()
    store.close()
    assert before.count(False) == 1
    assert kept is not None
    assert kept.sends == 20


def test_a_message_is_not_written_over_what_came_meanwhile(world: World) -> None:
    world.keep()
    before = world.message
    world.mdns.close(MESSAGE.id, YES)
    with (
        pytest.raises(LostRace, match=r"^message <m1@us> was changed meanwhile$"),
        world.store.transaction() as transaction,
    ):
        transaction.messages.keep(replace(before, sends=2), before)
    assert world.message.state == MessageState.ACCEPTED
