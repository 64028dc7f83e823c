"""What a lane sends and when: breaker, order, rate, working hours and pause, on both databases."""

from __future__ import annotations

import signal
import socket
from collections import defaultdict
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from threading import Event, Thread
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from gateway.errors import GatewayError, Permanent, Transient
from gateway.pipeline.jobs import Stopped
from gateway.pipeline.operations import Operations
from gateway.pipeline.ports import DeliveryPolicy
from gateway.pipeline.rate import Rate
from gateway.pipeline.records import DeliveryRecord
from gateway.pipeline.views import DocumentFilter
from gateway.pipeline.working_hours import Window, WorkingHours
from gateway.store import SqlStore, open_database
from gateway.store.lanes import SqlLanes
from gateway.transports.http.outbound import HttpDestination, Outbound
from tests import programs
from tests.databases import sqlite_url
from tests.integration.lanes_world import (
    ERP,
    NOW,
    PAYLOAD,
    QUAYSIDE,
    Told,
    deliveries_of,
    lanes,
)
from tests.integration.world import order, rulebook, running, world

POLICY = DeliveryPolicy(
    concurrency=1,
    attempts=3,
    first_pause=timedelta(seconds=2),
    longest_pause=timedelta(seconds=4),
    breaker_failures=3,
    breaker_pause=timedelta(seconds=30),
    owner="erp-team",
)
ORDERED = replace(POLICY, ordered=True, breaker_failures=1_000)
MINUTE = timedelta(minutes=1)


def unwell(times: int) -> list[GatewayError]:
    return [Transient("503")] * times


# --- the circuit breaker ---


def test_a_partner_that_stalls_costs_a_few_attempts_and_then_one_after_each_pause(
    database_url: str,
) -> None:
    with lanes(database_url, POLICY, {"*": unwell(5)}) as here:
        for number in range(1, 21):
            here.owe_partner(number)
        here.run(QUAYSIDE)
        assert here.place.asked == ["001.edi", "002.edi", "003.edi"]
        opened = here.lane(QUAYSIDE)
        assert opened.open_until is not None
        assert here.jobs.wanted[-1] == (QUAYSIDE, opened.open_until)
        here.run(QUAYSIDE)
        assert len(here.place.asked) == 3, "nothing is tried while it is open"
        for probes in (1, 2):
            here.now = here.lane(QUAYSIDE).open_until or NOW
            here.run(QUAYSIDE)
            assert here.place.asked[3:] == ["001.edi"] * probes, "one attempt, and it opens again"
        paused = (here.lane(QUAYSIDE).open_until or NOW) - here.now
        assert paused > 2 * POLICY.breaker_pause, "each time for longer"


def test_order_towards_a_partner_stays_over_an_open_breaker(database_url: str) -> None:
    with lanes(database_url, POLICY, {"*": unwell(3)}) as here:
        for number in range(1, 21):
            here.owe_partner(number)
        here.run(QUAYSIDE)
        here.now = here.lane(QUAYSIDE).open_until or NOW
        here.run(QUAYSIDE)
        assert here.place.taken == [f"{number:03d}.edi" for number in range(1, 21)]
        assert here.lane(QUAYSIDE).failures == here.lane(QUAYSIDE).openings == 0
        with here.store.transaction() as transaction:
            attempts = [transaction.outbox.outgoing(f"outgoing-{n:03d}") for n in range(1, 21)]
    assert [one.attempt for one in attempts if one] == [2, 2, 2] + [1] * 17


def test_what_a_partner_refuses_for_itself_opens_nothing(database_url: str) -> None:
    with lanes(database_url, POLICY, {"*": [Permanent("550 no such folder")] * 9}) as here:
        for number in range(1, 21):
            here.owe_partner(number)
        here.run(QUAYSIDE)
        assert len(here.place.taken) == 11
        assert here.lane(QUAYSIDE).open_until is None


def test_a_person_closes_an_open_breaker(database_url: str) -> None:
    with lanes(database_url, POLICY, {"*": unwell(3)}) as here:
        here.owe_partner(1)
        for number in range(2, 5):
            here.owe_partner(number)
        here.run(QUAYSIDE)
        assert here.store.desk.backlog(here.now)["outgoing"] == 0
        before = here.operations().resume(QUAYSIDE, by="dana")
        assert before.open_until is not None
        assert here.jobs.wanted[-1] == (QUAYSIDE, None)
        here.run(QUAYSIDE)
        assert len(here.place.taken) == 4
        assert [one.verb for one in here.store.desk.timeline(QUAYSIDE, 5)] == ["resume"]


def test_a_test_that_waits_where_production_is_now_never_gets_there(database_url: str) -> None:
    with lanes(database_url, POLICY) as here:
        here.owe_test(1, "T")
        here.owe_test(2, "I")
        here.owe(3)
        here.production = True
        here.run()
        assert here.place.asked == ["document-003"]
        [barred] = deliveries_of(here, 1)
        assert (barred.state, barred.reason) == ("dead", "no_route")
        assert barred.last_error == "usage indicator T never reaches a production destination"
        assert here.states()["document-002"] == "dead"
        here.production = False
        here.owe_test(4, "T")
        here.run()
        assert here.place.asked == ["document-003", "document-004"]


def test_every_attempt_knows_when_the_first_one_began(database_url: str) -> None:
    with lanes(
        database_url, POLICY, {"document-001": [Transient("busy"), Transient("busy")]}
    ) as here:
        here.owe(1)
        for _ in range(3):
            here.run()
            here.now += timedelta(hours=1)
        here.owe(2)
        here.run()
        assert here.place.begun == [NOW, NOW, NOW, NOW + timedelta(hours=3)]


class Gathers(Told):
    """A destination that gathers, and cannot hand on."""

    def hand_on(self) -> None:
        self.asked.append("hand on")
        raise Transient("the share is away")


def test_one_that_cannot_hand_on_what_it_gathered_is_told_of_and_holds_nobody(
    database_url: str,
) -> None:
    with lanes(database_url, POLICY) as here, capture_logs() as logs:
        here.place = Gathers()
        here.sending().hand_on()
        assert here.place.asked == ["hand on"]
    assert logs == [
        {
            "event": "not_handed_on",
            "log_level": "warning",
            "destination": "erp",
            "reason": "the share is away",
        }
    ]


def test_only_one_is_tried_after_the_pause_whichever_process_comes_first(database_url: str) -> None:
    with lanes(database_url, replace(POLICY, concurrency=4), {"*": unwell(9)}) as here:
        for number in range(1, 21):
            here.owe(number)
        first, second = here.sending(), here.sending()
        first.run_lane(ERP)
        asked = len(here.place.asked)
        here.now = here.lane().open_until or NOW
        second.run_lane(ERP)
        first.run_lane(ERP)
        assert len(here.place.asked) == asked + 1
        here.place.answers.clear()
        here.now = here.lane().open_until or NOW
        first.run_lane(ERP)
        here.now += MINUTE
        second.run_lane(ERP)
        assert sorted(here.place.taken) == sorted(here.states())


def test_a_destination_that_asks_for_a_pause_gets_it_from_everybody(database_url: str) -> None:
    answers: dict[str, list[GatewayError]] = {"*": [Transient("429", retry_after=20.0)]}
    with lanes(database_url, POLICY, answers) as here:
        for number in range(1, 6):
            here.owe(number)
        here.run()
        assert len(here.place.asked) == 1
        assert here.lane().open_until == NOW + timedelta(seconds=20)
        here.now += timedelta(seconds=20)
        here.run()
        assert len(here.place.taken) == 5
        assert here.lane().outcome == "delivered"


# --- a clock that is put back ---


def test_a_clock_that_is_put_back_has_nothing_wait_for_the_old_time(database_url: str) -> None:
    policy = replace(
        POLICY, longest_pause=MINUTE, breaker_pause=MINUTE, breaker_longest=10 * MINUTE
    )
    with lanes(database_url, policy, {"*": unwell(POLICY.breaker_failures)}) as here:
        for number in range(1, 6):
            here.owe(number)
            here.owe_partner(number)
        here.run()
        here.place.answers["*"] = unwell(POLICY.breaker_failures)
        here.run(QUAYSIDE)
        here.place.answers.clear()
        assert (here.lane().open_until or NOW) > NOW
        here.now = NOW - timedelta(days=1)
        for lane in (ERP, QUAYSIDE):
            here.run(lane)
            assert here.jobs.wanted[-1] == (lane, here.lane(lane).open_until)
            assert here.lane(lane).open_until == here.now + 12.5 * MINUTE
        here.now += 12.5 * MINUTE
        for lane in (ERP, QUAYSIDE):
            here.run(lane)
        assert len(here.place.taken) == 10
        assert set(here.states().values()) == {"delivered"}


def test_lanes_that_were_answered_in_a_time_to_come_are_looked_at(database_url: str) -> None:
    with lanes(database_url, POLICY, {"*": unwell(1)}) as here:
        here.owe(1)
        here.run()
        with here.store.transaction() as transaction:
            known = transaction.lanes
            assert known.answered_after(NOW) == []
            assert known.answered_after(NOW - MINUTE) == [ERP]


# --- order ---


def test_one_that_failed_holds_its_own_followers_and_nobody_else(database_url: str) -> None:
    with lanes(database_url, ORDERED, {"document-002": unwell(1)}) as here:
        for number, key in enumerate(["A", "B", "A", "B", None, "B"], 1):
            here.owe(number, key)
        here.run()
        assert here.place.taken == ["document-001", "document-003", "document-005"]
        assert here.states()["document-004"] == here.states()["document-006"] == "held"
        here.now += MINUTE
        here.run()
        assert here.place.taken[3:] == ["document-002", "document-004", "document-006"]
        assert here.count({"delivered"}) == 6


def test_what_stood_behind_one_that_was_changed_meanwhile_is_tried_and_costs_no_attempt(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = SqlLanes.due_deliveries

    def look_and_be_too_late(
        lanes_of: SqlLanes, destination: str, now: datetime, limit: int
    ) -> list[DeliveryRecord]:
        found = look(lanes_of, destination, now, limit)
        for one in found[: len(found) - 1]:
            lanes_of.change_delivery(one, ["due"], state="superseded")
        return found

    monkeypatch.setattr(SqlLanes, "due_deliveries", look_and_be_too_late)
    with lanes(database_url, ORDERED) as here:
        for number in (1, 2):
            here.owe(number, "A")
        here.run()
        assert here.place.taken == ["document-002"]
        [taken] = deliveries_of(here, 2)
        assert (taken.state, taken.attempt) == ("delivered", 1)


def test_what_is_dead_holds_its_followers_until_a_person_redelivers_it(database_url: str) -> None:
    with lanes(database_url, ORDERED, {"document-001": [Permanent("422 no")]}) as here:
        for number in range(1, 4):
            here.owe(number, "A")
        here.run()
        assert (here.place.taken, here.states()["document-001"]) == ([], "dead")
        # What comes later stands behind it too.
        here.owe(4, "A")
        here.run()
        assert list(here.states().values()) == ["dead", "held", "held", "held"]
        [done] = Operations(here.store, here.jobs, rulebook(), clock=here.clock).redeliver(
            ["document-001"]
        )
        assert done.what == "goes to erp again"
        here.run()
        assert here.place.taken == [f"document-00{number}" for number in range(1, 5)]


def test_what_a_person_gives_up_lets_its_followers_go(database_url: str) -> None:
    with lanes(database_url, ORDERED, {"document-001": [Permanent("422 no")]}) as here:
        for number in range(1, 4):
            here.owe(number, "A")
        here.run()
        operations = Operations(here.store, here.jobs, rulebook(), clock=here.clock)
        [done] = operations.refuse(["document-001"], "the order was cancelled by telephone")
        assert done.what == "is given up: erp does not get it"
        assert here.jobs.wanted[-1] == (ERP, None)
        here.run()
        assert here.place.taken == ["document-002", "document-003"]
        with here.store.transaction() as transaction:
            [document] = transaction.ledger.documents(["document-001"])
        assert (document.delivery, here.states()["document-001"]) == ("none", "refused")


def test_an_earlier_payload_that_is_not_read_yet_is_waited_for(database_url: str) -> None:
    unread = replace(
        PAYLOAD, id="payload-2", receipt="2", state="received", received_at=NOW - 8 * MINUTE
    )
    elsewhere = replace(unread, id="payload-3", receipt="3", partner="tidewater")
    with lanes(database_url, ORDERED) as here:
        here.add([unread, elsewhere])
        here.owe(1, "A")
        here.owe(2)
        here.run()
        assert here.place.taken == ["document-002"]
        with here.store.transaction() as transaction:
            transaction.ledger.change_payloads(["payload-2"], ["received"], state="read")
        # A run over what is there goes on until then.
        assert here.store.desk.backlog(here.now)["deliveries"] == 1
        here.now += timedelta(seconds=2)
        here.run()
        assert here.place.taken == ["document-002", "document-001"]


def test_a_payload_that_is_unread_for_an_hour_is_waited_for_no_longer(database_url: str) -> None:
    forgotten = replace(
        PAYLOAD, id="payload-2", receipt="2", state="received", received_at=NOW - 61 * MINUTE
    )
    with lanes(database_url, ORDERED) as here:
        here.add([forgotten])
        here.owe(1, "A")
        here.run()
        assert here.place.taken == ["document-001"]


def test_what_is_held_goes_on_once_the_destination_asks_for_no_order(database_url: str) -> None:
    with lanes(database_url, ORDERED, {"document-001": [Permanent("422 no")]}) as here:
        for number in range(1, 4):
            here.owe(number, "A")
        here.run()
        here.policy = POLICY
        here.run()
        assert here.place.taken == ["document-002", "document-003"]


def test_what_was_in_flight_when_the_process_died_is_done_before_its_followers(
    database_url: str,
) -> None:
    with lanes(database_url, ORDERED) as here:
        for number in range(1, 5):
            here.owe(number, "A")
        with here.store.transaction() as transaction:
            due = transaction.lanes.due_deliveries("erp", NOW, 3)
            transaction.lanes.claim(due, NOW)
        here.place.answers["document-001"] = unwell(1)
        here.run()
        assert here.place.asked == ["document-001"]
        here.now += MINUTE
        here.run()
        assert here.place.taken == [f"document-00{number}" for number in range(1, 5)]


@pytest.mark.parametrize("seed", range(4))
def test_with_failures_at_random_each_key_stays_in_order_and_nobody_else_waits(
    database_url: str, seed: int
) -> None:
    random = Random(seed)
    keys = {number: random.choice(["A", "B", "C", None]) for number in range(1, 41)}
    answers: dict[str, list[GatewayError]] = {}
    for number in keys:
        if random.random() < 0.3:
            answers[f"document-{number:03d}"] = random.choice(
                [unwell(1), unwell(2), unwell(3), [Permanent("422 no")]]
            )
    dying = {
        name
        for name, faults in answers.items()
        if len(faults) == 3 or faults != unwell(len(faults))
    }
    policy = replace(ORDERED, concurrency=4)
    with lanes(database_url, policy, answers) as here:
        numbers = list(keys)
        while numbers:  # they come in several batches, while others are under way
            for _ in range(min(len(numbers), random.randrange(1, 15))):
                number = numbers.pop(0)
                here.owe(number, keys[number])
            here.run()
            here.now += timedelta(seconds=random.randrange(5))
        for _ in range(12):
            here.now += MINUTE
            here.run()
        states = here.states()
        taken = list(here.place.taken)
    by_key: defaultdict[str | None, list[str]] = defaultdict(list)
    for number, key in keys.items():
        by_key[key].append(f"document-{number:03d}")
    for name in by_key.pop(None, []):
        assert states[name] == ("dead" if states[name] == "dead" else "delivered")
    for names in by_key.values():
        of_key = [name for name in taken if name in names]
        assert of_key == names[: len(of_key)], "in order, and each once"
        # All before the first that is dead went out; all behind it are held.
        rest = [states[name] for name in names[len(of_key) :]]
        assert rest == ["dead", *["held"] * (len(rest) - 1)] if rest else True
    assert {name for name, state in states.items() if state == "dead"} <= dying


# --- rate, hours, pause ---


def test_no_more_calls_begin_than_the_rate_allows_over_all_processes(database_url: str) -> None:
    policy = replace(POLICY, rate=Rate(3, MINUTE))
    with lanes(database_url, policy) as here:
        for number in range(1, 8):
            here.owe(number)
        here.run()
        here.run()
        assert len(here.place.asked) == 3
        assert here.jobs.wanted[-1] == (ERP, NOW + MINUTE)
        assert here.store.desk.backlog(NOW)["deliveries"] == 0
        here.now += MINUTE
        here.run()
        assert len(here.place.asked) == 6
        here.now += MINUTE
        here.run()
        assert here.count({"delivered"}) == 7
        assert [deliveries_of(here, number)[0].attempt for number in range(1, 8)] == [1] * 7


def test_outside_the_working_hours_nothing_is_sent_and_no_attempt_is_used_up(
    database_url: str,
) -> None:
    office = WorkingHours(
        ZoneInfo("America/New_York"),
        (Window(frozenset(range(5)), time(8), time(17)),),
        frozenset({date(2026, 3, 17)}),
    )
    opens = datetime(2026, 3, 16, 12, tzinfo=UTC)
    with lanes(database_url, replace(POLICY, hours=office)) as here:
        here.owe(1)
        here.run()
        assert here.place.asked == []
        assert here.jobs.wanted[-1] == (ERP, opens)
        assert (here.lane().rests_until, deliveries_of(here, 1)[0].attempt) == (opens, 0)
        here.now = opens
        here.run()
        assert here.place.taken == ["document-001"]
        here.owe(2)
        here.now = datetime(2026, 3, 16, 21, tzinfo=UTC)
        here.run()
        # Tuesday is a holiday.
        assert here.jobs.wanted[-1] == (ERP, datetime(2026, 3, 18, 12, tzinfo=UTC))


def test_what_is_not_tried_when_the_working_hours_end_has_lost_nothing(database_url: str) -> None:
    office = WorkingHours(ZoneInfo("UTC"), (Window(frozenset({0}), time(8), time(9, 1)),))
    with lanes(database_url, replace(POLICY, hours=office)) as here:
        for number in range(1, 6):
            here.owe(number)
        here.place.each_takes = here.pass_time(timedelta(seconds=25))
        here.run()
        assert here.place.taken == ["document-001", "document-002", "document-003"]
        left = [one for number in range(1, 6) for one in deliveries_of(here, number)]
        assert {one.attempt for one in left if one.state == "due"} == {0}


def test_a_pause_holds_over_a_restart_until_a_person_resumes_it(database_url: str) -> None:
    with lanes(database_url, POLICY) as here:
        here.owe(1)
        before = here.operations().pause(ERP, by="dana", because="ERP moves to the new server")
        assert before.paused_at is None
        again = here.operations().pause(ERP, by="kim", because="why not")
        assert (again.paused_by, again.paused_because) == ("dana", "ERP moves to the new server")
        here.run()
        assert here.place.asked == []
        assert here.store.desk.backlog(NOW)["deliveries"] == 0
        here.store.close()
        here.store = SqlStore(open_database(database_url))
        here.owe(2)
        here.run()
        assert here.place.asked == []
        resumed = here.operations().resume(ERP, by="kim")
        assert resumed.paused_by == "dana"
        here.run()
        assert here.place.taken == ["document-001", "document-002"]
        verbs = [(one.verb, one.detail) for one in here.store.desk.timeline(ERP, 9)]
        here.store.close()
    assert verbs == [("pause", "by dana: ERP moves to the new server"), ("resume", "by kim")]


def test_a_lane_that_is_neither_paused_nor_open_is_left_alone(database_url: str) -> None:
    with lanes(database_url, POLICY) as here:
        here.operations().resume(ERP, by="kim")
        assert here.store.desk.timeline(ERP, 9) == []


def test_a_lane_knows_its_last_answer(database_url: str) -> None:
    with lanes(database_url, POLICY, {"document-001": [Permanent("422 unknown item")]}) as here:
        here.owe(1)
        here.run()
        lane = here.lane()
    assert (lane.answered_at, lane.outcome, lane.answer) == (NOW, "refused", "422 unknown item")


# --- stopping ---


def test_what_is_broken_off_when_the_gateway_stops_costs_no_attempt_and_opens_nothing(
    database_url: str,
) -> None:
    stopping: list[bool] = []
    with lanes(database_url, replace(POLICY, breaker_failures=1), {"*": unwell(1)}) as here:
        here.owe(1)
        here.owe(2)
        here.place.each_takes = lambda: stopping.append(True)
        with pytest.raises(Stopped):
            here.sending().run_lane(ERP, lambda: bool(stopping))
        [broken], [untried] = deliveries_of(here, 1), deliveries_of(here, 2)
        assert (broken.state, broken.attempt, broken.allowance) == ("due", 1, 4)
        assert (untried.state, untried.attempt, untried.allowance) == ("due", 0, 3)
        assert here.lane().open_until is None
        here.run()
        assert here.place.taken == ["document-001", "document-002"]


def test_an_interchange_that_is_broken_off_when_the_gateway_stops_goes_first_again(
    database_url: str,
) -> None:
    stopping: list[bool] = []
    with lanes(database_url, POLICY, {"*": unwell(1)}) as here:
        for number in (1, 2):
            here.owe_partner(number)
        here.place.each_takes = lambda: stopping.append(True)
        with pytest.raises(Stopped):
            here.sending().run_lane(QUAYSIDE, lambda: bool(stopping))
        here.run(QUAYSIDE)
        assert here.place.asked == ["001.edi", "001.edi", "002.edi"]
        assert here.place.taken == ["001.edi", "002.edi"]


def test_a_call_that_never_ends_does_not_hold_the_stop(tmp_path: Path) -> None:
    began = Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def swallow() -> None:
            with suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    while connection.recv(65536):
                        began.set()

        Thread(target=swallow, daemon=True).start()
        erp = Outbound(
            HttpDestination(
                f"http://127.0.0.1:{listener.getsockname()[1]}/", timeout=timedelta(hours=1)
            )
        )
        erp.connect()
        with world(sqlite_url(tmp_path), erp=erp) as here, closing(erp):
            with running(here):
                here.drop(order(1))
                assert began.wait(30)
            [summary] = here.store.desk.documents(DocumentFilter())
            view = here.store.desk.document(summary.document.id)
    assert view is not None
    assert [one.outcome for one in view.attempts] == ["broken_off"]
    assert [one.state for one in view.deliveries] == ["due"]


_KILLED = """
import os, signal, sys
from tests.integration.test_lanes import ORDERED
from tests import programs
from tests.integration.lanes_world import ERP, Lanes, Told
from gateway.store import SqlStore, open_database

here = Lanes(SqlStore(open_database(sys.argv[1])), Told(), ORDERED)
here.place.each_takes = lambda: len(here.place.asked) == 2 and os.kill(os.getpid(), signal.SIGKILL)
here.run(ERP)
"""


def test_a_kill_while_some_are_held_and_others_in_flight_loses_nothing_and_keeps_the_order(
    database_url: str,
) -> None:
    with lanes(database_url, ORDERED, {"document-001": unwell(1)}) as here:
        for number in range(1, 4):
            here.owe(number, "A")
        here.run()
        assert here.count({"held"}) == 2
        for number in range(4, 9):
            here.owe(number, "B")
        died = programs.run("-c", _KILLED, database_url)
        assert died.returncode == -signal.SIGKILL, died.stderr
        # After a failure the first goes alone; of the batch behind it two were handed over.
        states = here.states()
        assert states["document-004"] == "delivered"
        assert {states[f"document-{number:03d}"] for number in range(5, 9)} == {"claimed"}
        here.now += MINUTE
        here.run()
        here.now += MINUTE
        here.run()
        assert here.count({"delivered"}) == 8
        taken = here.place.taken
        of_a = [name for name in taken if name <= "document-003"]
        of_b = [name for name in taken if name > "document-003"]
        assert of_a == ["document-001", "document-002", "document-003"]
        assert of_b == [f"document-{number:03d}" for number in range(5, 9)]
