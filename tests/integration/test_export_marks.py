"""The ERP is told what became of its records: when, once, again, and what is given up."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.errors import GatewayError, Permanent, Transient
from gateway.pipeline.alerts import AlertKind
from gateway.pipeline.exports.definition import Done, Export, Told
from gateway.pipeline.exports.operations import ExportOperations
from gateway.pipeline.jobs import Stopped
from gateway.pipeline.lane_names import mark
from gateway.pipeline.states import AwaitedStatus, DeliveryStatus
from gateway.shaping import NotShaped
from gateway.transports.sources.memory import MemorySource
from tests.databases import sqlite_url
from tests.integration.exporting import ExportWorld, Hand, export, export_world, record

LANE = mark("shipments")


def telling(when: Told = "sent") -> Export:
    return replace(export(MemorySource([record(1)])), done=Done(when, "erp"))


def told(world: ExportWorld) -> list[str]:
    """Tell what is due, and return the keys under which the ERP was called."""
    world.pipeline.run_lane(LANE)
    return [one.idempotency_key for one in world.erp.attempted]


def states(world: ExportWorld) -> dict[str, int]:
    with world.store.transaction() as transaction:
        return dict(transaction.exports.marks("shipments").get("shipments", {}))


def document_is(world: ExportWorld, **values: object) -> None:
    with world.store.engine.begin() as connection:
        for name, value in values.items():
            connection.exec_driver_sql(f"UPDATE documents SET {name} = '{value}'")  # noqa: S608 - of this test


@pytest.mark.parametrize(
    ("when", "delivery", "acknowledgment", "is_told"),
    [
        ("accepted", DeliveryStatus.PENDING, AwaitedStatus.PENDING, True),
        ("accepted", DeliveryStatus.QUARANTINED, AwaitedStatus.NONE, False),
        ("sent", DeliveryStatus.PENDING, AwaitedStatus.PENDING, False),
        ("sent", DeliveryStatus.DELIVERED, AwaitedStatus.PENDING, True),
        ("acknowledged", DeliveryStatus.DELIVERED, AwaitedStatus.PENDING, False),
        ("acknowledged", DeliveryStatus.DELIVERED, AwaitedStatus.REJECTED, False),
        ("acknowledged", DeliveryStatus.DELIVERED, AwaitedStatus.ACCEPTED, True),
        ("acknowledged", DeliveryStatus.DELIVERED, AwaitedStatus.NONE, True),
    ],
)
def test_the_erp_is_told_once_the_document_is_far_enough(
    tmp_path_url: str, when: Told, delivery: str, acknowledgment: str, *, is_told: bool
) -> None:
    with export_world(tmp_path_url, [telling(when)]) as world:
        world.runs.run_now(world.exports["shipments"])
        document_is(world, delivery=delivery, acknowledgment=acknowledgment)
        assert len(told(world)) == is_told
        assert states(world) == {"done" if is_told else "waiting": 1}
        assert len(told(world)) == is_told, "and once"


@pytest.fixture
def tmp_path_url(tmp_path: object) -> str:
    return sqlite_url(tmp_path)


def test_what_is_told_names_the_document_and_holds_the_record(tmp_path_url: str) -> None:
    with export_world(tmp_path_url, [telling("accepted")]) as world:
        world.runs.run_now(world.exports["shipments"])
        told(world)
        [call] = world.erp.attempted
        said = json.loads(call.content)
        assert (said["key"], said["record"]) == ("1", record(1))
        assert (said["partner"], said["told_when"]) == ("quayside", "accepted")
        assert said["document_id"] == call.correlation_id


def test_nothing_is_told_of_a_document_that_was_given_up(tmp_path_url: str) -> None:
    with export_world(tmp_path_url, [telling()]) as world:
        world.runs.run_now(world.exports["shipments"])
        document_is(world, delivery=DeliveryStatus.NONE)
        assert told(world) == []
        assert states(world) == {"void": 1}


def test_an_erp_that_is_unwell_is_told_later_under_the_same_key(tmp_path_url: str) -> None:
    clock = Hand()
    failures: list[GatewayError] = [Transient("HTTP 503"), Transient("HTTP 429", retry_after=60)]
    with export_world(tmp_path_url, [telling("accepted")], clock=clock, failures=failures) as world:
        world.runs.run_now(world.exports["shipments"])
        assert len(told(world)) == 1
        assert len(told(world)) == 1, "not before its time"
        clock.now += timedelta(seconds=1)
        assert len(told(world)) == 2
        clock.now += timedelta(seconds=59)
        assert len(told(world)) == 2, "not before the ERP asked for it"
        clock.now += timedelta(seconds=2)
        keys = told(world)
        assert (len(keys), len(set(keys))) == (3, 1)
        assert states(world) == {"done": 1}


def test_what_the_erp_refuses_is_given_up_a_person_told_and_tried_again(
    tmp_path_url: str,
) -> None:
    with export_world(
        tmp_path_url, [telling("accepted")], failures=[Permanent("HTTP 404")]
    ) as world:
        world.runs.run_now(world.exports["shipments"])
        told(world)
        assert states(world) == {"dead": 1}
        [view] = world.store.desk.alerts.alerts()
        assert (view.alert.kind, view.alert.owner) == (AlertKind.ERP_NOT_TOLD, "order-desk")
        assert view.alert.what == "the ERP could not be told of 1 of export shipments: HTTP 404"
        people = ExportOperations(world.store, world.jobs, clock=world.clock)
        assert people.tell_again("shipments") == 1
        assert len(told(world)) == 2
        assert states(world) == {"done": 1}
        [view] = world.store.desk.alerts.alerts()
        assert (view.alert.state, view.alert.said) == ("resolved", "the ERP was told")


def test_a_mark_whose_attempts_are_used_up_is_given_up(tmp_path_url: str) -> None:
    clock = Hand()
    failures = [Transient("HTTP 503")] * 10
    with export_world(tmp_path_url, [telling("accepted")], clock=clock, failures=failures) as world:
        world.runs.run_now(world.exports["shipments"])
        for _ in range(6):
            told(world)
            clock.now += timedelta(minutes=1)
        assert states(world) == {"dead": 1}
        assert len(world.erp.attempted) == 4, "as the policy of the destination says"


def test_a_stop_uses_up_no_attempt_and_what_it_broke_off_is_looked_for_first(
    tmp_path_url: str,
) -> None:
    """Told to stop during the first of two calls: it is broken off, the second is not made."""
    clock = Hand()
    source = MemorySource([record(1), record(2)])
    two = replace(export(source), done=Done("accepted", "erp"))
    failures = [Transient("broken off")]
    with export_world(tmp_path_url, [two], clock=clock, failures=failures) as world:
        world.runs.run_now(two)
        with pytest.raises(Stopped):
            world.pipeline.run_lane(LANE, lambda: len(world.erp.attempted) > 0)
        assert [one.attempt for one in world.erp.attempted] == [1]
        with world.store.transaction() as transaction:
            due = transaction.exports.due_marks("shipments", clock(), 10)
        assert [one.attempt for one in due] == [0, 0], "due at once, and nothing is used up"
        broken_off = world.erp.attempted[0].idempotency_key
        assert {one.id: one.last_error for one in due}[broken_off] == (
            "broken off: the gateway was stopped"
        )
        assert len(told(world)) == 3
        assert states(world) == {"done": 2}
        # It may have arrived at the first attempt.
        later = {one.idempotency_key: one.attempt for one in world.erp.attempted[1:]}
        assert (later.pop(broken_off), [*later.values()]) == (2, [1])


def test_each_attempt_knows_which_it_is_and_what_it_is_about(tmp_path_url: str) -> None:
    clock = Hand()
    failures = [Transient("HTTP 503"), NotShaped("there is no field 'sku' here")]
    with export_world(tmp_path_url, [telling("accepted")], clock=clock, failures=failures) as world:
        world.runs.run_now(world.exports["shipments"])
        for _ in range(2):
            told(world)
            clock.now += timedelta(minutes=1)
        assert states(world) == {"dead": 1}
        [view] = world.store.desk.alerts.alerts()
        assert view.alert.what.endswith(": there is no field 'sku' here"), "and it is no bug"
        # A destination looks whether an earlier attempt arrived, where this is not the first.
        assert [one.attempt for one in world.erp.attempted] == [1, 2]
        facts = world.erp.attempted[0].facts
        assert facts["idempotency_key"] == world.erp.attempted[0].idempotency_key
        assert facts["document_id"] in world.erp.attempted[0].content.decode()


def test_a_mark_that_killed_the_process_at_every_attempt_is_tried_no_more(
    tmp_path_url: str,
) -> None:
    with export_world(tmp_path_url, [telling("accepted")]) as world:
        world.runs.run_now(world.exports["shipments"])
        with world.store.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE export_marks SET state = 'due', attempt = 4")
        assert told(world) == []
        assert states(world) == {"dead": 1}
        [view] = world.store.desk.alerts.alerts()
        assert view.alert.what.endswith(
            ": attempt 4 was begun and never ended: the process died, or a bug stopped it"
        )
