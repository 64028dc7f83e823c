"""Exports on a real database: what is sent, what is not, what is told to a person, what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.errors import Permanent, Transient
from gateway.pipeline.export_records import EXPORT, ExportedRecord
from gateway.pipeline.exports.cursor import Cursor
from gateway.pipeline.exports.definition import Incremental, Limits, Partner
from gateway.pipeline.exports.running import ExportBusy
from gateway.pipeline.exports.source import Asked, Page, PlaceLost
from gateway.pipeline.exports.trying import try_out
from gateway.pipeline.records import PayloadRecord
from gateway.pipeline.states import ExportedState, PayloadState, RunState
from gateway.shaping import Selection, dumps
from gateway.transports.sources.memory import MemorySource
from tests.databases import sqlite_url
from tests.integration.exporting import (
    BEGINNING,
    ExportWorld,
    Hand,
    export,
    export_world,
    record,
    records,
)


class _Unmeasured(MemorySource):
    """A source whose records need not be JSON."""

    def page(self, asked: Asked) -> Page:
        return Page(self.records, None, 0)


def counts(run: object) -> tuple[int, ...]:
    names = ("read", "selected", "unchanged", "sent", "refused")
    return tuple(getattr(run, name) for name in names)


def test_every_record_is_sent_and_the_cursor_moves(database_url: str) -> None:
    source = MemorySource([*records(4), record(5, "2026-03-01T12:30:00Z")], in_page=2)
    with export_world(database_url, [export(source)]) as world:
        run = world.runs.run_now(world.exports["shipments"])
        assert sorted(world.orders()) == [f"HG-{n}" for n in range(1, 6)]
        assert (run.state, counts(run)) == ("done", (5, 5, 0, 5, 0))
        assert (run.cursor_before, run.cursor_after) == (None, "2026-03-01T12:30:00Z")
        assert [one.position for one in source.asked] == [None, "2", "4"]
        assert source.settled == 3


def test_unchanged_records_are_not_sent_again_and_a_changed_one_is(database_url: str) -> None:
    source = MemorySource(records(3))
    with export_world(database_url, [export(source)]) as world:
        world.runs.run_now(world.exports["shipments"])
        source.records[1] = record(2, total_quantity="12")
        # In another order, members too: what counts is what the record says.
        source.records[0] = dict(reversed(list(record(1).items())))
        run = world.runs.run_now(world.exports["shipments"])
        assert counts(run) == (3, 3, 2, 1, 0)
        assert sorted(world.orders()) == ["HG-1", "HG-2", "HG-2", "HG-3"]
        run = world.runs.run_now(world.exports["shipments"])
        assert counts(run) == (3, 3, 3, 0, 0)


def test_a_record_that_is_again_what_it_was_before_a_change_is_sent_again(
    database_url: str,
) -> None:
    source = MemorySource(records(1))
    with export_world(database_url, [export(source)]) as world:
        for total in ("24", "12", "24"):
            source.records[0] = record(1, total_quantity=total)
            world.runs.run_now(world.exports["shipments"])
        assert world.orders() == ["HG-1"] * 3


def test_a_change_is_said_to_be_one_where_the_export_asks(database_url: str) -> None:
    source = MemorySource(records(1))
    usual = export(source)
    changing = replace(usual, document=replace(usual.document, changes={"status": "change"}))
    with export_world(database_url, [changing]) as world:
        world.runs.run_now(changing)
        source.records[0] = record(1, total_quantity="12")
        world.runs.run_now(changing)
        with world.store.engine.connect() as connection:
            found = connection.exec_driver_sql("SELECT canonical FROM documents").scalars()
            said = sorted(b'"status":"change"' in content for content in found)
        assert said == [False, True]


def test_changes_are_left_alone_where_the_export_says_so(database_url: str) -> None:
    source = MemorySource(records(2))
    once = export(source, changed="ignore")
    with export_world(database_url, [once]) as world:
        world.runs.run_now(once)
        source.records[0] = record(1, total_quantity="12")
        run = world.runs.run_now(once)
        assert counts(run) == (2, 2, 2, 0, 0)
        assert len(world.orders()) == 2


def test_only_what_is_compared_makes_a_record_a_changed_one(database_url: str) -> None:
    source = MemorySource(records(1))
    stamped = export(source, compare=Selection.compile("doc"))
    with export_world(database_url, [stamped]) as world:
        world.runs.run_now(stamped)
        source.records[0] = record(1, "2026-03-01T23:00:00Z")
        run = world.runs.run_now(stamped)
        assert (counts(run), run.cursor_after) == ((1, 1, 1, 0, 0), "2026-03-01T23:00:00Z")


def test_records_that_are_not_selected_are_left_out(database_url: str) -> None:
    source = MemorySource(records(4))
    some = export(source, select=Selection.compile("number > `2`"))
    with export_world(database_url, [some]) as world:
        run = world.runs.run_now(some)
        assert counts(run) == (4, 2, 0, 2, 0)
        assert sorted(world.orders()) == ["HG-3", "HG-4"]


def test_a_refused_record_waits_for_a_person_and_stops_no_other(database_url: str) -> None:
    bad = [
        {"number": 8, "changed": "2026-03-01T10:00:00Z", "doc": {"status": "new"}},
        {"number": 9, "changed": "2026-03-01T10:00:00Z"},
        {"changed": "2026-03-01T10:00:00Z", "doc": {}},
        # Fits the model and not the X12: no such unit, a name too long for its element.
        record(10, depositor_order_number="HG-10" + "9" * 40),
    ]
    source = MemorySource([*bad, *records(2)])
    with export_world(database_url, [export(source)]) as world:
        run = world.runs.run_now(world.exports["shipments"])
        assert (run.state, counts(run)) == ("done", (6, 6, 0, 2, 4))
        waiting = world.store.desk.payloads(PayloadState.QUARANTINED)
        assert {(one.name.partition(" ")[2][:1], one.reason) for one in waiting} == {
            ("8", "record_refused"),
            ("9", "record_refused"),
            ("?", "record_refused"),
        }
        reasons = {one.name: one.because for one in waiting}
        assert reasons["shipments 9"] == "the expression selects nothing of this document"
        assert str(reasons["shipments 8"]).startswith(
            "this is no canonical document: /depositor_order_number: "
        )
        assert world.store.desk.overview(BEGINNING).quarantined == 4
        # Again the same: told once.
        run = world.runs.run_now(world.exports["shipments"])
        assert counts(run) == (6, 6, 6, 0, 0)
        assert world.store.desk.overview(BEGINNING).quarantined == 4


def test_what_was_refused_is_tried_again_once_the_cause_is_mended(database_url: str) -> None:
    source = MemorySource([{**record(1), "for": "nobody"}])
    named = export(source, partner=Partner(chosen=Selection.compile('"for"')))
    tabled = replace(
        named, partner=Partner(chosen=named.partner.chosen, table={"nobody": "quayside"})
    )
    with export_world(database_url, [named]) as world:
        run = world.runs.run_now(named)
        assert counts(run) == (1, 1, 0, 0, 1)
        [waiting] = world.store.desk.payloads(PayloadState.QUARANTINED)
        assert waiting.because == "there is no partner 'nobody'"
        source.records.clear()
        run = world.runs.run_now(tabled)
        assert counts(run) == (0, 0, 0, 1, 0)
        assert world.orders() == ["HG-1"]
        assert world.store.desk.payloads(PayloadState.QUARANTINED) == []


def test_a_record_without_a_key_is_never_sent_and_one_that_is_no_text_stops_no_other(
    database_url: str,
) -> None:
    strange = {**record(2), "note": "\ud800"}
    source = _Unmeasured([{**record(1), "number": None}, strange, record(3)])
    with export_world(database_url, [export(source)]) as world:
        for counted in ((3, 3, 0, 1, 2), (3, 3, 3, 0, 0)):
            run = world.runs.run_now(world.exports["shipments"])
            assert (run.state, counts(run)) == ("done", counted)
        assert world.orders() == ["HG-3"]
        waiting = world.store.desk.payloads(PayloadState.QUARANTINED)
        assert sorted(str(one.because) for one in waiting) == [
            "the record has no key: expected a text or a number, and there is none",
            "the record is no JSON: str is not valid UTF-8: surrogates not allowed",
        ]


def test_newer_content_takes_a_refused_record_from_the_list(database_url: str) -> None:
    source = MemorySource([{**record(1), "doc": {"status": "new"}}])
    with export_world(database_url, [export(source)]) as world:
        world.runs.run_now(world.exports["shipments"])
        source.records[0] = record(1)
        world.runs.run_now(world.exports["shipments"])
        assert world.orders() == ["HG-1"]
        assert world.store.desk.payloads(PayloadState.QUARANTINED) == []


def test_what_a_person_gave_up_is_not_tried_again(database_url: str) -> None:
    source = MemorySource([{**record(1), "doc": {"status": "new"}}])
    with export_world(database_url, [export(source)]) as world:
        world.runs.run_now(world.exports["shipments"])
        [waiting] = world.store.desk.payloads(PayloadState.QUARANTINED)
        with world.store.transaction() as transaction:
            transaction.ledger.change_payloads(
                [waiting.id], [PayloadState.QUARANTINED], state=PayloadState.REFUSED
            )
        world.runs.run_now(world.exports["shipments"])
        with world.store.transaction() as transaction:
            [known] = transaction.exports.taken("shipments", ["1"]).values()
        assert known.state == ExportedState.GIVEN_UP


@pytest.mark.parametrize("failure", [Transient("HTTP 503"), Transient("slow", retry_after=0.01)])
def test_a_source_that_is_briefly_unwell_is_asked_again(
    database_url: str, failure: Transient
) -> None:
    source = MemorySource(records(5), in_page=2, failures=[failure, failure])
    with export_world(database_url, [export(source)]) as world:
        run = world.runs.run_now(world.exports["shipments"])
        assert (run.state, counts(run)) == ("done", (5, 5, 0, 5, 0))


def test_a_source_that_stays_unwell_fails_the_run_and_the_next_goes_on(database_url: str) -> None:
    failing: list[bool] = []

    def fail(asked: Asked) -> None:
        if asked.position == "2" and failing:
            raise Transient("HTTP 503: closed for stocktaking")

    source = MemorySource(records(5), in_page=2, before_page=fail)
    failing.append(True)
    with export_world(database_url, [export(source)]) as world:
        run = world.runs.run_now(world.exports["shipments"])
        assert (run.state, run.because) == ("failed", "HTTP 503: closed for stocktaking")
        assert run.cursor_after is None
        failing.clear()
        source.asked.clear()
        run = world.runs.run_now(world.exports["shipments"])
        assert [one.position for one in source.asked] == ["2", "4"]
        assert (run.state, counts(run)) == ("done", (3, 3, 0, 3, 0))
        assert len(world.orders()) == 5


def test_a_source_that_asks_for_a_longer_pause_than_the_run_has_fails_it(
    database_url: str,
) -> None:
    source = MemorySource(records(1), failures=[Transient("HTTP 429", retry_after=7200)])
    with export_world(database_url, [export(source)]) as world:
        run = world.runs.run_now(world.exports["shipments"])
        assert (run.state, run.because) == ("failed", "HTTP 429")
        assert world.runs.run_now(world.exports["shipments"]).state == "done"


def test_a_place_that_the_source_has_forgotten_is_begun_anew(database_url: str) -> None:
    forget = [Permanent("HTTP 500 for good"), PlaceLost("HTTP 410: the token has expired")]

    def fail(asked: Asked) -> None:
        if asked.position == "2" and forget:
            raise forget.pop(0)

    source = MemorySource(records(5), in_page=2, before_page=fail)
    with export_world(database_url, [export(source)]) as world:
        assert world.runs.run_now(world.exports["shipments"]).state == "failed"
        run = world.runs.run_now(world.exports["shipments"])
        assert (run.state, run.unchanged, run.sent) == ("done", 2, 3)
        assert len(world.orders()) == 5


def test_a_limit_ends_a_run_and_the_next_goes_on_from_there(database_url: str) -> None:
    source = MemorySource(records(5), in_page=2)
    limited = export(source, limits=Limits(records=2))
    with export_world(database_url, [limited]) as world:
        runs = [world.runs.run_now(limited) for _ in range(3)]
        assert [one.state for one in runs] == ["limited", "limited", "done"]
        assert runs[0].because == "2 records, the limit is 2: the next run goes on from there"
        assert [one.cursor_after for one in runs] == [None, None, "2026-03-01T10:00:00Z"]
        assert len(world.orders()) == 5


def test_pages_that_shift_while_they_are_read_lose_and_double_nothing(database_url: str) -> None:
    """The first record leaves the list while the second page is asked for: all move up by one."""
    gone: list[bool] = []

    def shift(asked: Asked) -> None:
        if asked.position == "2" and not gone:
            gone.append(True)
            del source.records[0]

    source = MemorySource(records(5), in_page=2, shifts=True, before_page=shift)
    with export_world(database_url, [export(source)]) as world:
        run = world.runs.run_now(world.exports["shipments"])
        assert sorted(world.orders()) == [f"HG-{n}" for n in range(1, 6)]
        assert (run.state, run.sent, run.read) == ("done", 5, 5)


def test_pages_that_never_come_to_rest_leave_the_cursor_where_it_was(database_url: str) -> None:
    def grow(asked: Asked) -> None:
        if asked.position is None:
            source.records.append(record(len(source.records) + 1))

    source = MemorySource(records(1), shifts=True, before_page=grow)
    with export_world(database_url, [export(source)]) as world:
        run = world.runs.run_now(world.exports["shipments"])
        assert run.state == RunState.LIMITED
        assert run.because == "new records kept coming while pages were read"
        assert run.cursor_after is None


def test_a_record_whose_cursor_cannot_be_read_is_refused_and_the_others_go_on(
    database_url: str,
) -> None:
    none = {name: part for name, part in record(2).items() if name != "changed"}
    source = MemorySource([{**record(1), "changed": "soon"}, none, record(3)])
    by_content = export(source, compare=Selection.compile("doc"))
    with export_world(database_url, [by_content]) as world:
        # As often as it comes: it is told once, moves nothing, and is sent by no run.
        for counted in ((3, 3, 0, 1, 2), (3, 3, 3, 0, 0), (3, 3, 3, 0, 0)):
            run = world.runs.run_now(by_content)
            assert (run.state, counts(run)) == ("done", counted)
            assert run.cursor_after == "2026-03-01T10:00:00Z"
        assert world.orders() == ["HG-3"]
        waiting = world.store.desk.payloads(PayloadState.QUARANTINED)
        why = "; it is sent once the source gives a value that can be read"
        assert {one.name: one.because for one in waiting} == {
            "shipments 1": "the cursor 'changed' of the record: 'soon' of the cursor's field is "
            f"no moment{why}",
            "shipments 2": "the cursor 'changed' of the record: the field of the cursor has no "
            f"value{why}",
        }
        # Only the cursor is mended, which nothing compares: it is sent all the same, and once.
        source.records[:2] = [record(1), record(2)]
        for counted in ((3, 3, 1, 2, 0), (3, 3, 3, 0, 0)):
            assert counts(world.runs.run_now(by_content)) == counted
        assert sorted(world.orders()) == ["HG-1", "HG-2", "HG-3"]
        assert world.store.desk.payloads(PayloadState.QUARANTINED) == []


def test_a_record_of_the_year_2099_is_sent_and_leaves_none_behind(database_url: str) -> None:
    source = MemorySource([record(1), record(2, "2099-12-31T00:00:00Z")])
    with export_world(database_url, [export(source)]) as world:
        run = world.runs.run_now(world.exports["shipments"])
        assert (counts(run), run.cursor_after) == ((2, 2, 0, 2, 0), "2026-03-01T10:00:00Z")
        # Two zones apart is no mistake.
        source.records.append(record(3, "2026-03-02T22:00:00Z"))
        run = world.runs.run_now(world.exports["shipments"])
        assert (counts(run), run.cursor_after) == ((3, 3, 2, 1, 0), "2026-03-02T22:00:00Z")


def test_a_cursor_that_no_calendar_has_is_refused_and_asked_for_no_more(database_url: str) -> None:
    source = MemorySource([record(1, "0001-01-01T00:00:00Z"), record(2)])
    overlapping = Incremental(Selection.compile("changed"), Cursor(overlap=timedelta(minutes=5)))
    with export_world(database_url, [export(source, incremental=overlapping)]) as world:
        for _ in range(2):
            run = world.runs.run_now(world.exports["shipments"])
            assert (run.state, run.cursor_after) == ("done", "2026-03-01T10:00:00Z")
        assert world.orders() == ["HG-2"]


def test_records_refused_for_a_wrong_cursor_go_once_the_export_is_mended(
    database_url: str,
) -> None:
    source = MemorySource([record(3, "2026-03-01T09:00:00Z")])
    right = export(source)
    wrong = replace(right, incremental=Incremental(Selection.compile("changed_at"), Cursor()))
    with export_world(database_url, [right]) as world:
        world.runs.run_now(right)
        source.records[:] = records(2)
        run = world.runs.run_now(wrong)
        assert (counts(run), run.cursor_after) == ((2, 2, 0, 0, 2), "2026-03-01T09:00:00Z")
        run = world.runs.run_now(right)
        assert (counts(run), run.cursor_after) == ((2, 2, 2, 2, 0), "2026-03-01T10:00:00Z")
        assert sorted(world.orders()) == ["HG-1", "HG-2", "HG-3"]


WRONG_CURSOR = (
    "none of 3 records has a cursor that can be read, and none was taken: the cursor 'changed_at' "
    "of the record: the field of the cursor has no value; correct `cursor: field`, or leave such "
    "records out by `select`"
)


def test_a_wrong_cursor_is_one_problem_of_the_first_run_and_not_one_of_each_record(
    database_url: str,
) -> None:
    source = MemorySource(records(3))
    right = export(source)
    wrong = replace(right, incremental=Incremental(Selection.compile("changed_at"), Cursor()))
    with export_world(database_url, [right]) as world:
        with pytest.raises(Permanent) as told:
            try_out(wrong, world.submissions, world.store, 10)
        assert str(told.value) == WRONG_CURSOR
        for _ in range(2):
            run = world.runs.run_now(wrong)
            assert (run.state, run.because, counts(run)) == (
                RunState.FAILED,
                WRONG_CURSOR,
                (0, 0, 0, 0, 0),
            )
        assert world.store.desk.payloads(PayloadState.QUARANTINED) == []
        assert source.settled == 0  # a folder keeps its files
        run = world.runs.run_now(right)
        assert (counts(run), run.cursor_after) == ((3, 3, 0, 3, 0), "2026-03-01T10:00:00Z")


def test_one_record_without_a_cursor_is_its_own_fault_from_the_first_run_on(
    database_url: str,
) -> None:
    source = MemorySource([{**record(1), "changed": None}, record(2)], in_page=1)
    some = export(source, select=Selection.compile("number"))
    with export_world(database_url, [some]) as world:
        run = world.runs.run_now(some)
        assert (run.state, counts(run)) == ("done", (2, 2, 0, 1, 1))


def test_what_was_sent_is_not_refused_when_only_its_cursor_breaks(database_url: str) -> None:
    source = MemorySource(records(1))
    by_content = export(source, compare=Selection.compile("doc"))
    with export_world(database_url, [by_content]) as world:
        world.runs.run_now(by_content)
        source.records[0] = {**record(1), "changed": None}
        assert counts(world.runs.run_now(by_content)) == (1, 1, 1, 0, 0)


def refuse_many(world: ExportWorld, numbers: Sequence[int]) -> None:
    """Let records have been refused, by the number that is their key."""
    payloads, known = [], []
    for number in numbers:
        content = dumps(record(number))
        payload = PayloadRecord(
            id=f"refused-{number}",
            state=PayloadState.QUARANTINED,
            partner=None,
            transport=EXPORT,
            receipt=f"shipments/{number}/1",
            name=f"shipments {number}",
            received_at=BEGINNING,
            size=len(content),
            sha256=f"of {number}",
            content=content,
            reason="record_refused",
        )
        payloads.append(payload)
        known.append(
            ExportedRecord(
                "shipments", str(number), payload.sha256, 1, ExportedState.REFUSED, BEGINNING,
                payload_id=payload.id,
            )
        )  # fmt: skip
    with world.store.transaction() as transaction:
        transaction.ledger.add(payloads)
        transaction.exports.keep(known)


def only_the(number: int) -> Partner:
    """Return the partner of one record; all others stay refused, quickly."""
    chosen = Selection.compile(f"number == `{number}` && 'this' || 'nobody'")
    return Partner(chosen=chosen, table={"this": "quayside"})


def test_everything_that_was_refused_is_tried_again_however_much(tmp_path: Path) -> None:
    last = export(MemorySource([]), partner=only_the(2099))
    with export_world(sqlite_url(tmp_path), [last]) as world:
        refuse_many(world, range(1000, 2100))
        assert (world.runs.run_now(last).sent, world.orders()) == (1, ["HG-2099"])


def test_a_run_whose_time_is_up_leaves_refused_records_to_the_next(database_url: str) -> None:
    last = export(MemorySource([]), partner=only_the(150), limits=Limits(time=timedelta(0)))
    with export_world(database_url, [last]) as world:
        refuse_many(world, range(100, 151))
        assert [world.runs.run_now(last).sent for _ in range(3)] == [0, 1, 0]


def test_the_overlap_is_asked_for_again(database_url: str) -> None:
    source = MemorySource(records(1))
    usual = export(source)
    assert usual.incremental is not None
    cursor = replace(usual.incremental.cursor, overlap=timedelta(minutes=5))
    overlapping = replace(usual, incremental=replace(usual.incremental, cursor=cursor))
    with export_world(database_url, [overlapping]) as world:
        world.runs.run_now(overlapping)
        world.runs.run_now(overlapping)
        assert [one.since for one in source.asked] == [None, "2026-03-01T09:55:00Z"]


def test_two_runs_of_one_export_never_overlap(database_url: str) -> None:
    busy: list[ExportBusy] = []

    def run_another(_: Asked) -> None:
        with pytest.raises(ExportBusy) as why:
            world.runs.run_now(world.exports["shipments"])
        busy.append(why.value)

    source = MemorySource(records(1), before_page=run_another)
    with export_world(database_url, [export(source)]) as world:
        assert world.runs.run_now(world.exports["shipments"]).state == "done"
        assert [str(one) for one in busy] == ["another run of shipments is under way"]
        with world.store.transaction() as transaction:
            states = [one.state for one in transaction.exports.runs("shipments", 10)]
        assert sorted(states) == ["done", "skipped"]


def test_a_run_that_lost_its_export_keeps_nothing_more(database_url: str) -> None:
    """A process that was only slow: its lease is over, and another one has read everything."""
    clock = Hand()
    taken_over: list[object] = []

    def be_slow(asked: Asked) -> None:
        if asked.position == "2" and not taken_over:
            clock.now += timedelta(minutes=6)
            taken_over.append(True)
            taken_over.append(world.runs.run_now(world.exports["shipments"]))

    source = MemorySource(records(4), in_page=2, before_page=be_slow)
    with export_world(database_url, [export(source)], clock=clock) as world:
        slow = world.runs.run_now(world.exports["shipments"])
        other = taken_over[1]
        assert slow.state == "running", "it wrote nothing more"
        assert (getattr(other, "state", ""), getattr(other, "sent", 0)) == ("done", 2)
        assert len(world.orders()) == 4
        with world.store.transaction() as transaction:
            stale = transaction.exports.run(slow.id)
        assert stale is not None
        assert (stale.state, stale.because) == (
            "failed",
            "its process ended; the run of 2026-03-02 08:06 UTC goes on from there",
        )
