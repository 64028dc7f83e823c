"""What the engine does when something around it breaks: databases, processes, jobs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from gateway.clock import Clock, utc_now
from gateway.errors import GatewayError, Transient
from gateway.pipeline import intake
from gateway.pipeline.engine import Engine, database_is_unwell
from gateway.pipeline.housekeeping import Housekeeping
from gateway.pipeline.jobs import Stopped, Stopping, never
from gateway.pipeline.observing import Announcer
from gateway.pipeline.operations import Operations
from gateway.pipeline.pipeline import Pipeline
from gateway.pipeline.places import Destination, Places
from gateway.pipeline.polling_port import Look
from gateway.pipeline.ports import (
    USUAL_RETENTION,
    Consignment,
    Event,
    Payload,
    Receipt,
    Received,
    Retention,
    unobserved,
)
from gateway.pipeline.reading import Reading
from gateway.pipeline.reaper import Reaper, place, surely_dead
from gateway.pipeline.reconciliation.overdue import Overdue
from gateway.pipeline.schedule import RETENTION, SWEEP, Schedule, Scheduled, slot
from gateway.pipeline.store_port import LostRace
from gateway.pipeline.views import DocumentFilter
from gateway.store import open_database
from gateway.store.tables import executors
from gateway.transports.memory import Outbound
from tests.databases import sqlite_url
from tests.integration.world import (
    FAST,
    PARTNER,
    World,
    order,
    rulebook,
    running,
    wait_for,
    world,
)
from tests.postgres import Postgres

NOW = datetime(2026, 3, 15, 9, 12, tzinfo=UTC)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return sqlite_url(tmp_path)


def delivered(here: World) -> Callable[[], bool]:
    def all_delivered() -> bool:
        found = here.store.desk.documents(DocumentFilter())
        return bool(found) and all(one.document.delivery == "delivered" for one in found)

    return all_delivered


class Unwell:
    """Work that meets an unwell database some times before it is done."""

    def __init__(self, inner: World, faults: int) -> None:
        self._inner = inner
        self.faults = faults

    def _stumble(self) -> None:
        if self.faults:
            self.faults -= 1
            raise sa.exc.OperationalError("SELECT 1", {}, Exception("server closed the connection"))

    def read_payloads(self, payload_ids: list[str], run: int, stopping: Stopping = never) -> None:
        self._stumble()
        self._inner.pipeline.read_payloads(payload_ids, run, stopping)

    def reread_interchange(self, interchange_id: str, stopping: Stopping = never) -> None:
        self._inner.pipeline.reread_interchange(interchange_id, stopping)

    def run_lane(self, lane: str, stopping: Stopping = never) -> None:
        self._stumble()
        self._inner.pipeline.run_lane(lane, stopping)

    def plan_exports(self) -> None:
        self._inner.pipeline.plan_exports()

    def break_off(self) -> None:
        self._inner.pipeline.break_off()

    def run_scheduled(self, name: str, number: int) -> None:
        self._inner.pipeline.run_scheduled(name, number)

    def run_export(self, run_id: str, stopping: Stopping = never) -> None:
        self._inner.pipeline.run_export(run_id, stopping)


def test_a_database_that_is_unwell_is_waited_for(url: str) -> None:
    with world(url) as here:
        here.drop(order(1))
        work = Unwell(here, faults=3)
        engine = Engine(here.store, here.jobs)
        engine.start(work)
        try:
            wait_for(delivered(here))
        finally:
            engine.stop()
    assert work.faults == 0


def test_a_payload_that_could_not_be_stored_is_released_and_not_settled(url: str) -> None:
    calls: list[str] = []
    payload = Payload(order(1), "order.edi", PARTNER, transport="memory", receipt="inode-1")
    received = Received(payload, lambda: calls.append("settle"), lambda: calls.append("release"))
    with world(url) as here:
        with here.store.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE payloads")
        with pytest.raises(sa.exc.OperationalError):
            here.pipeline.receive([received])
    assert calls == ["release"]


def test_what_was_not_tried_after_a_failed_commit_is_released_too(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "SLICE", 1)
    released: list[str] = []

    def received(name: str) -> Received:
        payload = Payload(order(1), name, PARTNER, transport="memory")
        return Received(payload, lambda: settled.append(name), lambda: released.append(name))

    with world(url) as here:
        settled = here.settled
        store_payloads = here.jobs.read_payloads

        def fail_second(*args: object) -> None:
            if settled:
                raise sa.exc.OperationalError("INSERT", {}, Exception("the disk is full"))
            store_payloads(*args)  # type: ignore[arg-type]  # as given

        monkeypatch.setattr(here.jobs, "read_payloads", fail_second)
        with pytest.raises(sa.exc.OperationalError):
            here.pipeline.receive([received("first"), received("second"), received("third")])
    assert settled == ["first"]
    assert {"second", "third"} <= set(released)


def test_an_observer_that_fails_stops_nothing(url: str) -> None:
    def broken(event: Event) -> None:
        raise BrokenPipeError(f"nobody reads of {event.name}")

    with world(url, observer=broken) as here:
        here.drop(order(1))
        with running(here):
            wait_for(delivered(here))
        assert [one.state for one in here.store.desk.interchanges()] == ["routed"]


def test_what_is_owed_to_a_place_that_is_gone_has_an_owner(url: str) -> None:
    with world(url) as here:
        [payload_id] = here.drop(order(1))
        here.pipeline.read_payloads([payload_id], 1)
        places = Places({}, {}, owner="edi-desk")
        nowhere = Pipeline(here.store, here.jobs, rulebook(), places=places)
        nowhere.run_lane("deliver:erp")
        [summary] = here.store.desk.documents(DocumentFilter())
        view = here.store.desk.document(summary.document.id)
        assert view is not None
        assert [(one.state, one.owner, one.last_error) for one in view.deliveries] == [
            ("dead", "edi-desk", "the configuration has no destination 'erp'")
        ]


def test_a_payload_that_never_became_complete_waits_for_a_person(url: str) -> None:
    settled: list[str] = []
    payload = Payload(
        b"ISA*00*", "half.edi", PARTNER, transport="memory", incomplete="no complete IEA segment"
    )
    with world(url) as here:
        here.pipeline.receive([Received(payload, lambda: settled.append("yes"), lambda: None)])
        [waiting] = here.store.desk.payloads()
        assert (waiting.state, waiting.reason, waiting.because) == (
            "quarantined",
            "incomplete",
            "no complete IEA segment. The ISA segment at byte 0 cannot be read: expected 16 "
            "elements and a segment terminator in 106 bytes; the payload has 7 bytes from there.",
        )
        assert not any(here.store.desk.backlog(utc_now()).values())
    assert settled == ["yes"]


def test_a_lane_whose_job_was_lost_is_swept_up(url: str) -> None:
    with world(url) as here:
        [payload_id] = here.drop(order(1))
        here.pipeline.read_payloads([payload_id], 1)
        jobs = here.jobs.client.list_workflows(queue_name="lanes")
        here.jobs.client.delete_workflows([job.workflow_id for job in jobs])
        assert sweeping(here, after=timedelta(minutes=1)).sweep() == [
            "deliver:erp",
            f"send:{PARTNER}",
        ]
        with running(here):
            wait_for(delivered(here))


def sweeping(here: World, *, after: timedelta) -> Housekeeping:
    later = utc_now() + after
    return keeping(here, USUAL_RETENTION, lambda: later)


def keeping(here: World, retention: Retention, clock: Clock) -> Housekeeping:
    announcer = Announcer(unobserved, clock)
    reading = Reading(here.store, here.jobs, rulebook(), clock=clock, announcer=announcer)
    return Housekeeping(
        here.store,
        here.jobs,
        give_up=reading.give_up,
        overdue=Overdue(
            here.store, here.jobs, owner_of=lambda _: "desk", clock=clock, announcer=announcer
        ),
        retention=retention,
        clock=clock,
    )


def test_a_payload_whose_job_failed_is_read_by_another_and_the_failed_one_can_be_seen(
    database_url: str,
) -> None:
    class Broken(Unwell):
        def read_payloads(
            self, payload_ids: list[str], run: int, stopping: Stopping = never
        ) -> None:
            raise ZeroDivisionError("a bug outside of all that is guarded")

    with world(database_url) as here:
        [payload_id] = here.drop(order(1))
        engine = Engine(here.store, here.jobs)
        with capture_logs() as logged:
            engine.start(Broken(here, faults=0))
            try:
                wait_for(lambda: here.jobs.failed(10))
            finally:
                engine.stop()
        assert {
            "event": "job_failed",
            "job": f"read:{payload_id}",
            "reason": "ZeroDivisionError: a bug outside of all that is guarded",
            "log_level": "warning",
        } in logged
        [failed] = here.jobs.failed(10)
        assert (failed.id, failed.because) == (
            f"read:{payload_id}",
            "ZeroDivisionError: a bug outside of all that is guarded",
        )
        assert sweeping(here, after=timedelta(minutes=4)).sweep_unread() == []
        assert sweeping(here, after=timedelta(minutes=6)).sweep_unread() == [payload_id]
        assert sweeping(here, after=timedelta(minutes=6)).sweep_unread() == []
        with running(here):
            wait_for(delivered(here))


def test_what_no_job_can_read_waits_for_a_person_in_the_end(database_url: str) -> None:
    class Broken(Unwell):
        def read_payloads(
            self, payload_ids: list[str], run: int, stopping: Stopping = never
        ) -> None:
            raise ZeroDivisionError("a bug outside of all that is guarded")

    with world(database_url) as here:
        [payload_id] = here.drop(order(1))
        for failures in (1, 2, 3):
            engine = Engine(here.store, here.jobs)
            engine.start(Broken(here, faults=0))
            wait_for(lambda so_many=failures: len(here.jobs.failed(10)) == so_many)
            engine.stop()
            swept = sweeping(here, after=timedelta(hours=failures)).sweep_unread()
            assert swept == ([payload_id] if failures < 3 else [])
        [payload] = here.store.desk.payloads()
        assert (payload.state, payload.reason) == ("quarantined", "bug")
        assert payload.because == (
            "3 jobs that were to read this failed: "
            "ZeroDivisionError: a bug outside of all that is guarded"
        )
        assert payload.traceback is not None
        assert "in read_payloads" in payload.traceback
        # All that they had to say is in the payload's record now.
        assert here.jobs.failed(10) == []
        Operations(here.store, here.jobs, rulebook()).release([payload_id])
        with running(here):
            wait_for(delivered(here))


def test_a_released_interchange_that_no_job_can_read_waits_again(url: str) -> None:
    class Broken(Unwell):
        def reread_interchange(self, interchange_id: str, stopping: Stopping = never) -> None:
            raise ZeroDivisionError("a bug outside of all that is guarded")

    with world(url) as here:
        here.pipeline.read_payloads(here.drop(order(1), order(1, quantity="13")), 1)
        [waiting] = here.store.desk.interchanges("held")
        Operations(here.store, here.jobs, rulebook()).release([waiting.id])
        for failures in (1, 2, 3):
            engine = Engine(here.store, here.jobs)
            engine.start(Broken(here, faults=0))
            wait_for(lambda so_many=failures: len(here.jobs.failed(10)) == so_many)
            engine.stop()
            sweeping(here, after=timedelta(hours=failures)).sweep_unread()
        [again] = here.store.desk.interchanges("quarantined")
    assert (again.id, again.reason) == (waiting.id, "bug")


def test_a_released_interchange_whose_job_was_lost_is_read_all_the_same(url: str) -> None:
    with world(url) as here:
        here.pipeline.read_payloads(here.drop(order(1), order(1, quantity="13")), 1)
        [waiting] = here.store.desk.interchanges("held")
        Operations(here.store, here.jobs, rulebook()).release([waiting.id])
        # Its job is live: nothing is forgotten, although it was received long ago.
        assert sweeping(here, after=timedelta(days=1)).sweep_unread() == []
        jobs = here.jobs.client.list_workflows(workflow_id_prefix="reread:")
        here.jobs.client.delete_workflows([job.workflow_id for job in jobs])
        sweeping(here, after=timedelta(days=1)).run_scheduled("sweep", 1)
        assert len(here.jobs.client.list_workflows(workflow_id_prefix="reread:")) == 1
        with running(here):
            wait_for(lambda: len(here.store.desk.interchanges("routed")) == 2)


def test_what_has_only_just_come_due_is_not_swept(url: str) -> None:
    with world(url) as here:
        [payload_id] = here.drop(order(1))
        here.pipeline.read_payloads([payload_id], 1)
        assert keeping(here, USUAL_RETENTION, utc_now).sweep() == []


def test_a_slot_is_enqueued_once_whoever_enqueues_it(url: str) -> None:
    with world(url) as here:
        for _ in range(3):
            Schedule(here.store, here.jobs, clock=lambda: NOW).enqueue(SWEEP)
        found = here.jobs.client.list_workflows(workflow_id_prefix="schedule:")
        assert [one.workflow_id for one in found] == [f"schedule:sweep:{slot(SWEEP, NOW)}"]


def test_the_slots_of_an_hour_that_comes_twice_are_done_twice(url: str) -> None:
    with world(url) as here:
        hand = [NOW]
        schedule = Schedule(here.store, here.jobs, clock=lambda: hand[0])
        schedule.enqueue(SWEEP)
        hand[0] = NOW - timedelta(hours=1)
        for _ in range(2):
            schedule.enqueue(SWEEP)
        found = here.jobs.client.list_workflows(workflow_id_prefix="schedule:")
        again = -slot(SWEEP, hand[0])
        assert sorted(one.workflow_id for one in found) == sorted(
            [f"schedule:sweep:{slot(SWEEP, NOW)}", f"schedule:sweep:{again}"]
        )


def test_a_clock_that_is_put_back_has_no_schedule_wait_for_the_old_time(url: str) -> None:
    with world(url) as here:
        hand = [NOW]
        schedule = Schedule(here.store, here.jobs, clock=lambda: hand[0], scheduled=(SWEEP,))
        schedule.start(lambda: None)
        try:
            schedule.enqueue(SWEEP)
            schedule.look_at_clock()
            hand[0] = NOW - timedelta(hours=1)
            # Its own first time would come half a minute from now.
            schedule.look_at_clock()
            again = f"schedule:sweep:{-slot(SWEEP, hand[0])}"
            wait_for(lambda: here.jobs.client.list_workflows(workflow_ids=[again]))
        finally:
            schedule.stop()


def test_a_duplicate_is_recognised_and_acknowledged_after_its_document_was_purged(
    database_url: str,
) -> None:
    with world(database_url) as here:
        here.drop(order(1))
        with running(here):
            wait_for(delivered(here))
            wait_for(lambda: len(here.folder.delivered) == 1)
            wait_for(lambda: not any(here.store.desk.backlog(utc_now()).values()))
        in_two_years = utc_now() + timedelta(days=730)
        keeping(here, USUAL_RETENTION, lambda: in_two_years).run_scheduled(
            "retention", slot(RETENTION, in_two_years)
        )
        assert here.store.desk.documents(DocumentFilter()) == []
        assert here.jobs.client.list_workflows(status="SUCCESS") == []
        here.drop(order(1))
        with running(here):
            wait_for(lambda: len(here.folder.delivered) == 2)
        assert sorted(one.state for one in here.store.desk.interchanges()) == [
            "duplicate",
            "routed",
        ]
    first, again = here.folder.delivered.values()
    assert first.content == again.content
    assert here.erp.attempts == 1


def test_a_scheduled_job_comes_soon_after_the_start_and_once_for_its_slot(url: str) -> None:
    soon = Scheduled("retention", timedelta(seconds=0.05))
    with world(url) as here:
        schedules = [
            Schedule(here.store, here.jobs, clock=lambda: NOW, scheduled=(soon,)) for _ in range(2)
        ]
        for schedule in schedules:
            schedule.start(lambda: None)
        wait_for(lambda: here.jobs.client.list_workflows())
        for schedule in schedules:
            schedule.stop()
        [job] = here.jobs.client.list_workflows()
        assert job.workflow_id == f"schedule:retention:{slot(soon, NOW)}"


def test_copies_are_purged_with_the_documents(url: str) -> None:
    asked: list[datetime] = []
    retention = Retention(timedelta(days=10), timedelta(days=20), asked.append)
    with world(url) as here:
        keeping(here, retention, lambda: NOW).purge()
    assert asked == [NOW - timedelta(days=10)]


def test_folders_that_nobody_looks_through_are_forgotten_with_the_documents(url: str) -> None:
    retention = Retention(timedelta(days=10), timedelta(days=20), lambda _: None)
    looks = [Look(f"a/b:/{days}", NOW - timedelta(days=days), "", NOW) for days in (9, 11)]
    with world(url) as here:
        with here.store.transaction() as transaction:
            for look in looks:
                transaction.polling.note(look)
        keeping(here, retention, lambda: NOW).purge()
        with here.store.transaction() as transaction:
            assert transaction.polling.looks() == looks[:1]


def test_processes_are_forgotten_with_the_ledger(url: str) -> None:
    retention = Retention(timedelta(days=10), timedelta(days=20), lambda _: None)
    with world(url) as here:
        with here.store.transaction() as transaction:
            for name, days in (("old", 21), ("young", 19)):
                transaction.executors.beat(name, "here", NOW - timedelta(days=days))
                transaction.executors.bury(name, NOW - timedelta(days=days))
        keeping(here, retention, lambda: NOW).purge()
        with here.store.engine.connect() as connection:
            assert list(connection.scalars(sa.select(executors.c.id))) == ["young"]


def test_slots_follow_each_other_without_a_gap() -> None:
    moments = [NOW + timedelta(seconds=15 * number) for number in range(5)]
    assert [slot(SWEEP, moment) - slot(SWEEP, NOW) for moment in moments] == [0, 0, 1, 1, 2]


def test_the_silent_are_recovered_once_and_oneself_never(url: str) -> None:
    recovered: list[list[str]] = []
    with world(url) as here:
        with here.store.transaction() as transaction:
            transaction.executors.beat("silent:1:x", "elsewhere", NOW - timedelta(minutes=1))
            transaction.executors.beat("lively:1:x", "elsewhere", NOW)
            transaction.executors.beat("me:1:x", "here", NOW - timedelta(minutes=1))
        reaper = Reaper(here.store, "me:1:x", clock=lambda: NOW, threshold=20)
        assert reaper.look(recovered.append) == ["silent:1:x"]
        assert reaper.look(recovered.append) == []
    assert recovered == [["silent:1:x"]]


def test_a_round_of_the_reaper_that_fails_is_not_its_last(url: str) -> None:
    with world(url) as here:
        with here.store.transaction() as transaction:
            transaction.executors.beat("dead:1:x", "elsewhere", NOW - timedelta(days=1))
        recovered: list[list[str]] = []

        def stumble(dead: list[str]) -> None:
            recovered.append(dead)
            if len(recovered) == 1:
                raise ZeroDivisionError("a bug in recovering")

        reaper = Reaper(here.store, "me:1:x", clock=utc_now, threshold=60, interval=0.01)
        reaper.start(stumble)
        wait_for(lambda: len(recovered) == 2)
        reaper.stop()
    assert recovered == [["dead:1:x"], ["dead:1:x"]]


def test_a_process_of_this_machine_that_is_gone_is_known_to_be_dead_at_once() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert surely_dead(f"host:{child.pid}:x", place())
    assert not surely_dead(f"host:{os.getpid()}:x", place())
    assert not surely_dead(f"host:{child.pid}:x", "another machine")


def test_one_who_says_goodbye_is_recovered_without_waiting(url: str) -> None:
    recovered: list[list[str]] = []
    with world(url) as here:
        leaving = Reaper(here.store, "leaving:1:x", clock=lambda: NOW, threshold=20)
        leaving.beat()
        leaving.stop()
        Reaper(here.store, "me:1:x", clock=lambda: NOW, threshold=20).look(recovered.append)
    assert recovered == [["leaving:1:x"]]


def test_one_who_is_about_to_end_takes_over_nothing_and_still_lives(url: str) -> None:
    recovered: list[list[str]] = []
    beats: list[datetime] = []

    def moment() -> datetime:
        beats.append(NOW)
        return NOW

    with world(url) as here:
        reaper = Reaper(here.store, "me:1:x", clock=moment, threshold=20, interval=0.01)
        reaper.start(recovered.append)
        try:
            reaper.only_beat()
            with here.store.transaction() as transaction:
                transaction.executors.beat("dead:1:x", "elsewhere", NOW - timedelta(days=1))
            before = len(beats)
            wait_for(lambda: len(beats) > before + 4)
        finally:
            reaper.stop()
    assert recovered == []


def test_jobs_that_a_dead_process_left_pending_are_done_by_another(url: str) -> None:
    with world(url) as here:
        here.drop(order(1))
        # As a process does that is killed between claiming a job and doing it.
        with here.store.engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE workflow_status SET status = 'PENDING', executor_id = 'dead:1:x'"
            )
        with here.store.transaction() as transaction:
            transaction.executors.beat("dead:1:x", "elsewhere", utc_now() - timedelta(minutes=1))
        with running(here):
            wait_for(delivered(here))


def test_stopping_lets_what_runs_come_to_its_end(url: str) -> None:
    reading, go_on = threading.Event(), threading.Event()

    class Slow(Unwell):
        def read_payloads(
            self, payload_ids: list[str], run: int, stopping: Stopping = never
        ) -> None:
            reading.set()
            assert go_on.wait(30)
            super().read_payloads(payload_ids, run, stopping)

    with world(url) as here:
        here.drop(order(1))
        engine = Engine(here.store, here.jobs)
        engine.start(Slow(here, faults=0))
        assert reading.wait(30)
        stopping = threading.Thread(target=engine.stop)
        stopping.start()
        go_on.set()
        stopping.join()
        assert [one.state for one in here.store.desk.payloads()] == ["read"]


def has_delivered(place: Outbound) -> Stopping:
    return lambda: bool(place.delivered)


def test_stopping_leaves_the_rest_of_a_batch_to_whoever_goes_on(url: str) -> None:
    with world(url) as here:
        for payload_id in here.drop(*(order(number) for number in range(1, 10))):
            here.pipeline.read_payloads([payload_id], 1)
        for lane, place in ("deliver:erp", here.erp), ("send:quayside", here.folder):
            with pytest.raises(Stopped):
                here.pipeline.run_lane(lane, has_delivered(place))
            sent = len(place.delivered)
            here.pipeline.run_lane(lane)
            assert (sent, len(place.delivered)) in {(1, 9), (FAST.concurrency, 9)}
        attempts = [one.attempt for one in here.store.desk.outbound.outgoing()]
        documents = here.store.desk.documents(DocumentFilter())
    assert attempts == [1] * 9
    assert [one.document.delivery for one in documents] == ["delivered"] * 9


def test_the_engine_ends_while_a_partner_stalls_and_the_next_one_goes_on(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However slow the machine is: what is broken off has lost no attempt.
    monkeypatch.setattr("gateway.pipeline.engine._GRACE", 60.0)
    begun, go_on = threading.Event(), threading.Event()

    class Stalling:
        def connect(self) -> None:
            """Do nothing."""

        def deliver(self, consignment: Consignment) -> Receipt:
            begun.set()
            assert go_on.wait(30)
            raise Transient("no answer in time")

        def close(self) -> None:
            """Do nothing."""

    with world(url) as here:
        for payload_id in here.drop(*(order(number) for number in range(1, 10))):
            here.pipeline.read_payloads([payload_id], 1)
        places = Places(
            {"erp": Destination(here.erp, FAST)}, {PARTNER: Destination(Stalling(), FAST)}
        )
        engine = Engine(here.store, here.jobs)
        engine.start(Pipeline(here.store, here.jobs, rulebook(), places=places))
        assert begun.wait(30)
        stopping = threading.Thread(target=engine.stop)
        stopping.start()
        wait_for(engine._stopping.is_set)
        go_on.set()
        stopping.join()
        attempts = [one.attempt for one in here.store.desk.outbound.outgoing()]
        with running(here):
            wait_for(lambda: len(here.folder.delivered) == 9)
    assert sorted(attempts) == [0] * 8 + [1]


@pytest.mark.parametrize(
    "statement",
    ["SELECT * FROM nowhere", "SELECT nothing FROM payloads", "SELEKT 1"],
    ids=["no such table", "no such column", "no such statement"],
)
def test_what_the_database_cannot_understand_is_not_waited_for(
    database_url: str, statement: str
) -> None:
    with (
        world(database_url) as here,
        here.store.engine.connect() as connection,
        pytest.raises(sa.exc.DBAPIError) as caught,
    ):
        connection.exec_driver_sql(statement)
    assert not database_is_unwell(caught.value)


def test_a_lock_that_somebody_holds_is_waited_for_on_sqlite(url: str) -> None:
    with world(url) as here, here.store.engine.connect() as holder:
        holder.exec_driver_sql("BEGIN IMMEDIATE")
        with here.store.engine.connect() as other:
            other.exec_driver_sql("PRAGMA busy_timeout = 0")
            with pytest.raises(sa.exc.OperationalError, match="database is locked") as caught:
                other.exec_driver_sql("BEGIN IMMEDIATE")
    assert database_is_unwell(caught.value)


def test_a_database_that_is_full_is_waited_for_on_sqlite(url: str) -> None:
    with world(url) as here, here.store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(sa.exc.OperationalError, match="full") as caught:
            connection.exec_driver_sql("CREATE TABLE more AS SELECT zeroblob(1000000) AS big")
    assert database_is_unwell(caught.value)


def test_a_connection_that_was_cut_is_waited_for_on_postgresql(postgres_server: Postgres) -> None:
    engine = open_database(postgres_server.new_database())
    with engine.connect() as one:
        number = one.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with engine.connect() as other:
            other.exec_driver_sql(f"SELECT pg_terminate_backend({number})")
        with pytest.raises(sa.exc.DBAPIError) as caught:
            one.exec_driver_sql("SELECT 1")
    engine.dispose()
    assert database_is_unwell(caught.value)


@pytest.mark.parametrize(
    ("state", "unwell"),
    [
        ("08006", True),
        ("40P01", True),
        ("40001", True),
        ("53100", True),
        ("53300", True),
        ("55P03", True),
        ("57P01", True),
        ("57P03", True),
        ("57014", True),
        ("25006", True),
        ("58030", True),
        ("42P01", False),
        ("42703", False),
        ("54023", False),
        ("22P05", False),
        ("28P01", False),
        ("XX001", False),
    ],
)
def test_postgresql_says_by_its_state_what_passes(state: str, *, unwell: bool) -> None:
    class Said(Exception):
        sqlstate = state

    assert database_is_unwell(sa.exc.OperationalError("", {}, Said())) is unwell


@pytest.mark.parametrize(
    ("fault", "unwell"),
    [
        (LostRace(), True),
        (sa.exc.TimeoutError(), True),
        (sa.exc.OperationalError("", {}, Exception()), True),
        (sa.exc.InterfaceError("", {}, Exception()), True),
        (sa.exc.DBAPIError("", {}, Exception(), connection_invalidated=True), True),
        (sa.exc.DataError("", {}, Exception()), False),
        (GatewayError(), False),
        (ZeroDivisionError(), False),
    ],
)
def test_only_a_fault_of_the_database_itself_is_waited_out(
    fault: Exception, *, unwell: bool
) -> None:
    assert database_is_unwell(fault) is unwell
