"""Which slots become runs: on time, missed, paused, once over several processes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.pipeline.export_records import ExportRecord
from gateway.pipeline.exports.operations import ExportOperations
from gateway.pipeline.exports.planning import Planning
from gateway.transports.sources.memory import MemorySource
from tests.databases import sqlite_url
from tests.integration.exporting import BEGINNING, QUARTER, Hand, export, export_world


def at(minutes: float) -> datetime:
    return BEGINNING + timedelta(minutes=minutes)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return sqlite_url(tmp_path)


def test_nothing_was_missed_before_there_was_such_an_export(url: str) -> None:
    clock = Hand(at(7))
    with export_world(url, [export(MemorySource([]))], clock=clock) as world:
        assert world.planning.plan() == []
        clock.now = at(14.9)
        assert world.planning.plan() == []
        clock.now = at(15)
        assert [one.slot for one in world.planning.plan()] == [at(15)]
        assert world.planning.plan() == []


@pytest.mark.parametrize(
    ("missed", "late", "slots"),
    [
        ("latest", 65, [60]),
        ("each", 65, [15, 30, 45, 60]),
        ("skip", 65, [60]),
        ("skip", 70, []),
    ],
)
def test_missed_slots_are_caught_up_by_the_rule(
    url: str, missed: str, late: int, slots: list[int]
) -> None:
    clock = Hand()
    schedule = replace(QUARTER, missed=missed)  # type: ignore[arg-type]  # one of the rules
    with export_world(url, [export(MemorySource([]), schedule=schedule)], clock=clock) as world:
        world.planning.plan()
        clock.now = at(late)
        runs = world.planning.plan()
        assert [one.slot for one in runs] == [at(minutes) for minutes in slots]
        assert sum(one.missed for one in runs) == (0 if not slots else 4 - len(slots))
        clock.now = at(75)
        assert [one.slot for one in world.planning.plan()] == [at(75)]


def test_each_is_bounded_and_the_newest_are_taken(url: str) -> None:
    clock = Hand()
    schedule = replace(QUARTER, missed="each", missed_at_most=2)
    with export_world(url, [export(MemorySource([]), schedule=schedule)], clock=clock) as world:
        world.planning.plan()
        clock.now = at(600)
        runs = world.planning.plan()
        assert [(one.slot, one.missed) for one in runs] == [(at(585), 38), (at(600), 0)]


def test_a_paused_export_plans_nothing_and_catches_up_once_it_is_resumed(url: str) -> None:
    clock = Hand()
    with export_world(url, [export(MemorySource([]))], clock=clock) as world:
        people = ExportOperations(world.store, world.jobs, clock=clock)
        world.planning.plan()
        assert people.pause("shipments", by="dana", because="moving house").paused_at is None
        assert people.pause("shipments", by="kim", because="again").paused_because == "moving house"
        clock.now = at(40)
        assert world.planning.plan() == []
        assert people.resume("shipments", by="kim").paused_because == "moving house"
        assert people.resume("shipments", by="dana").paused_at is None
        told = [(one.verb, one.detail) for one in world.store.desk.timeline("shipments", 9)]
        assert told == [("pause", "by dana: moving house"), ("resume", "by kim")]
        clock.now = at(41)
        [run] = world.planning.plan()
        assert (run.slot, run.missed) == (at(30), 1)


def test_a_run_that_was_planned_before_the_pause_is_left_out(url: str) -> None:
    clock = Hand()
    with export_world(url, [export(MemorySource([]))], clock=clock) as world:
        world.planning.plan()
        clock.now = at(15)
        [run] = world.planning.plan()
        people = ExportOperations(world.store, world.jobs, clock=clock)
        people.pause("shipments", by="dana", because="moving house")
        world.runs.run_planned(run.id)
        with world.store.transaction() as transaction:
            done = transaction.exports.run(run.id)
        assert done is not None
        assert (done.state, done.because) == ("skipped", "the export was paused")


def test_a_run_of_an_export_that_is_no_longer_there_is_left_out(url: str) -> None:
    clock = Hand()
    with export_world(url, [export(MemorySource([]))], clock=clock) as world:
        world.planning.plan()
        clock.now = at(15)
        [run] = world.planning.plan()
    with export_world(url, [], clock=clock) as world:
        world.runs.run_planned(run.id)
        with world.store.transaction() as transaction:
            done = transaction.exports.run(run.id)
        assert done is not None
        assert done.because == "there is no export of this name any more"


def test_two_processes_plan_each_slot_once(database_url: str) -> None:
    clock = Hand()
    one = export(MemorySource([]))
    with export_world(database_url, [one], clock=clock) as world:
        other = Planning(world.store, world.jobs, world.exports, clock=clock)
        world.planning.plan()
        other.plan()
        slots = []
        for minutes in range(5, 100, 5):
            clock.now = at(minutes)
            slots += [run.slot for run in (*world.planning.plan(), *other.plan())]
        assert slots == [at(minutes) for minutes in (15, 30, 45, 60, 75, 90)]


def test_a_clock_that_is_put_back_plans_no_slot_again(url: str) -> None:
    clock = Hand()
    with export_world(url, [export(MemorySource([]))], clock=clock) as world:
        world.planning.plan()
        clock.now = at(31)
        assert len(world.planning.plan()) == 1
        for minutes in (14, 16, 29, 30.5):
            clock.now = at(minutes)
            assert world.planning.plan() == []
        clock.now = at(45)
        assert [one.slot for one in world.planning.plan()] == [at(45)]


def test_a_clock_that_was_years_ahead_for_a_moment_costs_no_slot_of_the_years(url: str) -> None:
    clock = Hand()
    with export_world(url, [export(MemorySource([]))], clock=clock) as world:
        world.planning.plan()
        clock.now = at(16)
        assert [one.slot for one in world.planning.plan()] == [at(15)]
        clock.now = BEGINNING + timedelta(days=3650)
        assert len(world.planning.plan()) == 1
        clock.now = at(20)
        assert world.planning.plan() == []
        clock.now = at(31)
        assert [one.slot for one in world.planning.plan()] == [at(30)]
        # And one that was a week ahead for long enough, whose slots come a second time.
        clock.now = BEGINNING + timedelta(days=7)
        assert len(world.planning.plan()) == 1
        clock.now = BEGINNING + timedelta(days=5)
        assert world.planning.plan() == []
        clock.now = BEGINNING + timedelta(days=7, minutes=1)
        world.planning.plan()
        with world.store.transaction() as transaction:
            runs = transaction.exports.runs("shipments", 100)
        assert len(runs) == len({run.slot for run in runs}) == 4


def test_a_run_is_done_once_however_often_its_job_comes(url: str) -> None:
    clock, source = Hand(), MemorySource([])
    with export_world(url, [export(source)], clock=clock) as world:
        with world.store.transaction() as transaction:
            transaction.exports.add(ExportRecord("shipments", at(-20)))
        [run] = world.planning.plan()
        world.runs.run_planned(run.id)
        world.runs.run_planned(run.id)
        assert source.opened == 1
