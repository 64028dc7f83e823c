"""Large payloads: committed slice by slice, judged as a whole, acknowledged once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

import pytest
import sqlalchemy as sa

from gateway.clock import utc_now
from gateway.findings import Finding
from gateway.pipeline import reading, slices
from gateway.pipeline.engine import Engine
from gateway.pipeline.jobs import Stopped
from gateway.pipeline.operations import Operations
from gateway.pipeline.ports import Event
from gateway.pipeline.records import InterchangeRecord
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.views import DocumentFilter
from gateway.store.tables import interchange_slices, payloads
from gateway.x12.model import Delimiters, Loop
from tests.databases import sqlite_url
from tests.integration.world import (
    PlainMap,
    World,
    many_orders,
    order,
    partner,
    rulebook,
    running,
    world,
)


@pytest.fixture
def url(tmp_path: object) -> str:
    return sqlite_url(tmp_path)


@pytest.fixture(autouse=True)
def _slices_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read every payload piece by piece, and commit two sets at a time."""
    monkeypatch.setattr(slices, "SLICE_SETS", 2)
    monkeypatch.setattr(reading, "LARGE", 1)


@contextmanager
def seen(url: str, rules: Rulebook | None = None) -> Iterator[tuple[World, list[str]]]:
    """Open a world, and collect what is told of interchanges."""
    told: list[str] = []
    with world(url, rules=rules, observer=lambda event: told.append(event.name)) as here:
        yield here, told


def run(here: World) -> None:
    with running(here) as engine:
        engine.drain()


def statuses(here: World) -> Counter[str]:
    return Counter(
        f"{one.document.validation} {one.document.delivery} {one.document.acknowledgment}"
        for one in here.store.desk.documents(DocumentFilter())
    )


def only(here: World, state: str | None = None) -> InterchangeRecord:
    [one] = here.store.desk.interchanges(state=state)
    return one


def told(here: World) -> str:
    [one] = here.folder.delivered.values()
    return one.content.decode()


def kept_slices(here: World) -> int:
    with here.store.engine.connect() as connection:
        return len(connection.execute(sa.select(interchange_slices)).all())


@dataclass(frozen=True)
class BrokenAt:
    """A map with a bug that shows itself at one order, as long as it is not mended."""

    order: str
    broken: list[bool] = field(default_factory=lambda: [True])
    name: str = "plain-940"
    version: str = "1"
    recalls: bool = False

    def kept(self, document: object) -> tuple[Finding, ...]:
        del document
        return ()

    def read(self, tree: Loop, delimiters: Delimiters) -> object:
        if self.broken and tree.segments["W05"][0][2] == self.order:
            raise ZeroDivisionError("a bug in a map")
        return PlainMap().read(tree, delimiters)


def broken_at(order_number: str) -> tuple[Rulebook, list[bool]]:
    found = BrokenAt(order_number)
    return replace(rulebook(), map_named=lambda *_: found), found.broken  # type: ignore[arg-type, return-value]  # reads as PlainMap does


def test_a_large_interchange_is_delivered_whole_and_acknowledged_once(database_url: str) -> None:
    with seen(database_url) as (here, events):
        here.drop(many_orders(7))
        run(here)
        assert statuses(here) == {"accepted delivered sent": 7}
        assert (only(here).state, only(here).sets_read) == ("routed", 7)
        assert kept_slices(here) == 0
    assert events.count("interchange.slice") == 3
    assert events.count("interchange.commit") == 1
    assert len(here.erp.delivered) == 7
    assert told(here).count("~AK5*A~") == 7
    assert "~AK9*A*7*7*7~" in told(here)


def test_what_a_trailer_refuses_is_delivered_to_nobody(url: str) -> None:
    with seen(url) as (here, events):
        here.drop(many_orders(5, declared=6))
        run(here)
        assert statuses(here) == {"rejected none sent": 5}
        assert only(here).state == "rejected"
    assert "interchange.slice" in events
    assert here.erp.delivered == {}
    assert "~AK9*R*6*5*0*5~" in told(here)


def test_a_set_that_is_invalid_costs_its_slice_nothing(url: str) -> None:
    content = many_orders(5).replace(b"W01*12*", b"W01*TWELVE*", 3).replace(b"TWELVE", b"12", 2)
    with seen(url) as (here, _):
        here.drop(content)
        run(here)
        assert statuses(here) == {"accepted delivered sent": 4, "rejected none sent": 1}
    assert "~AK2*940*0003~AK3*W01*9**8~" in told(here)
    assert "~AK9*P*5*5*4~" in told(here)


def test_several_interchanges_of_a_large_payload_are_each_what_they_are(url: str) -> None:
    same, other = many_orders(3), many_orders(4, number=2)
    with seen(url) as (here, _):
        here.drop(order(9) + same + same + other + many_orders(2))
        run(here)
        states = Counter(one.state for one in here.store.desk.interchanges())
        [payload] = here.store.desk.payloads()
    assert states == {"routed": 3, "duplicate": 1, "held": 1}
    assert payload.state == "read"
    assert len(here.erp.delivered) == 8


def test_a_bug_half_way_waits_for_a_person_and_goes_on_where_it_was(url: str) -> None:
    rules, broken = broken_at("SO-6")
    with seen(url, rules) as (here, _):
        here.drop(many_orders(7))
        run(here)
        waiting = only(here, "quarantined")
        assert (waiting.sets_read, waiting.reason) == (4, "bug")
        assert waiting.because == "ZeroDivisionError: a bug in a map"
        assert statuses(here) == {"accepted delivered pending": 4}
        assert here.folder.delivered == {}
        broken.clear()
        Operations(here.store, here.jobs, rules).release([waiting.id])
        run(here)
        assert statuses(here) == {"accepted delivered sent": 7}
        assert (only(here).state, only(here).reason) == ("routed", None)
    assert len(here.erp.delivered) == 7
    assert "~AK9*A*7*7*7~" in told(here)


def test_the_control_number_of_what_stopped_half_way_is_used(url: str) -> None:
    rules, _ = broken_at("SO-6")
    with seen(url, rules) as (here, _events):
        here.drop(many_orders(7))
        run(here)
        here.drop(many_orders(5))
        run(here)
        held = only(here, "held")
    assert held.reason == "control_number_reused"
    assert len(here.erp.delivered) == 4


def test_what_stopped_half_way_can_be_given_up(url: str) -> None:
    rules, _ = broken_at("SO-6")
    with seen(url, rules) as (here, _events):
        here.drop(many_orders(7))
        run(here)
        Operations(here.store, here.jobs, rules).refuse([only(here).id], "sent again")
        run(here)
        assert only(here).state == "rejected"
        assert statuses(here) == {"accepted delivered refused": 4}
        assert kept_slices(here) == 0
    assert here.folder.delivered == {}


def test_what_was_agreed_otherwise_meanwhile_is_not_acknowledged(url: str) -> None:
    lenient = rulebook(
        them=partner(findings=[{"finding": "transaction_set_count_wrong", "severity": "note"}])
    )
    broken = BrokenAt("SO-6")
    with seen(url, replace(lenient, map_named=lambda *_: broken)) as (here, _):  # type: ignore[arg-type, return-value]  # as above
        here.drop(many_orders(7, declared=9))
        run(here)
        Operations(here.store, here.jobs, lenient).release([only(here, "quarantined").id])
    with seen(url) as (strict, _):
        run(strict)
        waiting = only(strict, "quarantined")
        assert waiting.reason == "agreement_changed"
        assert waiting.because == (
            "what was agreed with partner 'quayside' changed while this was being read, and 4 of "
            "its transaction sets were taken as it was agreed before: no acknowledgment would be "
            "true; restore what was agreed and release this"
        )
        assert strict.folder.delivered == {}
        Operations(strict.store, strict.jobs, lenient).release([waiting.id])
    with seen(url, lenient) as (restored, _):
        run(restored)
        assert only(restored).state == "routed"
    assert "~AK9*E*9*7*7*5~" in told(restored)


def test_a_partner_who_is_told_of_faults_only_is_not_waited_for(url: str) -> None:
    silent = rulebook(them=partner(acknowledgment={"997": "on_reject", "ta1": "never"}))
    with seen(url, silent) as (here, _):
        here.drop(many_orders(5))
        run(here)
        assert statuses(here) == {"accepted delivered none": 5}
        here.drop(many_orders(3, number=2).replace(b"W01*12*", b"W01*TWELVE*", 1))
        run(here)
        assert statuses(here)["accepted delivered sent"] == 2
        assert statuses(here)["rejected none sent"] == 1


def test_two_that_read_the_same_payload_make_everything_once(url: str) -> None:
    with seen(url) as (here, _):
        [payload_id] = here.drop(many_orders(7))
        events: list[str] = []

        def meanwhile(event: object) -> None:
            events.append(str(event.name))  # type: ignore[attr-defined]  # an Event
            if events.count("interchange.slice") == 1:
                here.pipeline.read_payloads([payload_id], 1)

        with world(url, observer=meanwhile) as frozen:
            frozen.pipeline.read_payloads([payload_id], 1)
        run(here)
        assert statuses(here) == {"accepted delivered sent": 7}
    assert len(here.erp.delivered) == 7
    assert "~AK9*A*7*7*7~" in told(here)


def test_small_interchanges_are_committed_once_they_weigh_as_much_as_a_slice(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SLICE_SETS", 100)
    monkeypatch.setattr(slices, "SLICE_BYTES", 2 * len(order(1)))
    assert _commits(url, b"".join(order(number) for number in range(1, 6))) == [2, 2, 1]


def test_interchanges_without_sets_are_committed_by_their_number(url: str) -> None:
    assert _commits(url, b"".join(many_orders(0, number=number) for number in (1, 2, 3))) == [2, 1]


def _commits(url: str, content: bytes) -> list[int]:
    """Read a payload; return how many interchanges each commit brought."""
    counts: list[int] = []

    def count(event: object) -> None:
        if event.name == "interchange.commit":  # type: ignore[attr-defined]  # an Event
            total = len(here.store.desk.interchanges())
            if total > sum(counts):
                counts.append(total - sum(counts))

    with world(url, observer=count) as here:
        here.pipeline.read_payloads(here.drop(content), 1)
    return counts


class Died(BaseException):
    """A process died."""


@dataclass(frozen=True)
class Stepping:
    """A map before whose reading something is done; it is told how many sets were read."""

    before: Callable[[int], None]
    reads: list[str] = field(default_factory=list)
    name: str = "plain-940"
    version: str = "1"
    recalls: bool = False

    def kept(self, document: object) -> tuple[Finding, ...]:
        del document
        return ()

    def read(self, tree: Loop, delimiters: Delimiters) -> object:
        self.before(len(self.reads))
        self.reads.append(tree.segments["W05"][0][2])
        return PlainMap().read(tree, delimiters)


def stepping(before: Callable[[int], None]) -> Rulebook:
    found = Stepping(before)
    return replace(rulebook(), map_named=lambda *_: found)  # type: ignore[arg-type, return-value]  # as above


def test_whoever_loses_every_race_for_a_released_interchange_leaves_it_to_the_other(
    url: str,
) -> None:
    rules, _ = broken_at("SO-1")
    with seen(url, rules) as (here, _events):
        here.drop(many_orders(20))
        run(here)
        waiting = only(here, "quarantined")
        Operations(here.store, here.jobs, rules).release([waiting.id])

    def commit_one_slice() -> None:
        def dies(sets: int) -> None:
            if sets == slices.SLICE_SETS:
                raise Died

        with world(url, rules=stepping(dies)) as other, suppress(Died):
            other.pipeline.reread_interchange(waiting.id)

    def loses(sets: int) -> None:
        if sets % slices.SLICE_SETS == 0:
            commit_one_slice()

    with world(url, rules=stepping(loses)) as slow:
        slow.pipeline.reread_interchange(waiting.id)
        run(slow)
        assert (only(slow).state, only(slow).because) == ("routed", None)
        assert statuses(slow) == {"accepted delivered sent": 20}
    assert len(slow.erp.delivered) == 20


def test_a_duplicate_of_what_is_half_read_is_dropped_and_one_acknowledgment_serves_both(
    url: str,
) -> None:
    content = many_orders(7)

    def comes_again(sets: int) -> None:
        if sets == slices.SLICE_SETS + 1:
            with world(url) as other:
                other.pipeline.read_payloads(other.drop(content), 1)

    with world(url, rules=stepping(comes_again)) as here:
        here.pipeline.read_payloads(here.drop(content), 1)
        run(here)
        states = Counter(one.state for one in here.store.desk.interchanges())
        assert states == {"routed": 1, "duplicate": 1}
        assert statuses(here) == {"accepted delivered sent": 7}
        assert len(here.erp.delivered) == 7
        assert "~AK9*A*7*7*7~" in told(here)


def test_deaths_count_only_where_nothing_got_on(url: str) -> None:
    rules, broken = broken_at("SO-6")
    with seen(url, rules) as (here, _):
        [payload_id] = here.drop(many_orders(7))
        with here.store.engine.begin() as connection:
            connection.execute(sa.update(payloads).values(recoveries=5 - 1))
        here.pipeline.read_payloads([payload_id], 2)
        [payload] = here.store.desk.payloads()
    assert broken
    assert (payload.state, payload.recoveries) == ("read", 0)


def test_a_large_payload_that_holds_no_interchange_waits_for_a_person(url: str) -> None:
    with seen(url) as (here, _):
        here.drop(b"no X12 at all")
        run(here)
        [payload] = here.store.desk.payloads()
    assert (payload.state, payload.because) == (
        "quarantined",
        "No ISA segment was found in 13 bytes.",
    )


def test_a_process_that_is_to_end_leaves_a_large_payload_after_a_slice(database_url: str) -> None:
    with seen(database_url) as (here, events):
        [payload_id] = here.drop(many_orders(7))
        with pytest.raises(Stopped):
            here.pipeline.read_payloads([payload_id], 1, lambda: True)
        assert (only(here).state, only(here).sets_read) == ("reading", 2)
        assert events.count("interchange.slice") == 1
        # The next process begins the same job once more, and goes on behind the slice.
        here.pipeline.read_payloads([payload_id], 2)
        run(here)
        assert statuses(here) == {"accepted delivered sent": 7}
        assert here.store.desk.payloads()[0].recoveries == 0
    assert events.count("interchange.slice") == 3
    assert len(here.erp.delivered) == 7
    assert "~AK9*A*7*7*7~" in told(here)


def test_a_released_interchange_is_left_after_a_slice_too(url: str) -> None:
    rules, broken = broken_at("SO-1")
    with seen(url, rules) as (here, _):
        here.drop(many_orders(7))
        run(here)
        broken.clear()
        Operations(here.store, here.jobs, rules).release([only(here).id])
        with pytest.raises(Stopped):
            here.pipeline.reread_interchange(only(here).id, lambda: True)
        assert (only(here).state, only(here).sets_read) == ("reading", 2)
        # Else who waits until nothing is left would go away between two slices.
        assert here.store.desk.backlog(utc_now())["interchanges"] == 1
        run(here)
        assert statuses(here) == {"accepted delivered sent": 7}


def test_the_engine_stops_between_two_slices_and_the_next_one_goes_on(url: str) -> None:
    started, began = threading.Event(), threading.Event()
    engines: list[Engine] = []

    def note(event: Event) -> None:
        # It is held up here until it is told to stop: it would reach its end before.
        if event.name == "interchange.slice" and started.wait(0.02):
            began.set()
            engines[0]._stopping.wait(60)

    with world(url, observer=note) as here:
        here.drop(many_orders(90))
        engines.append(Engine(here.store, here.jobs))
        engines[0].start(here.pipeline)
        started.set()
        assert began.wait(60)
        engines[0].stop()
        left = only(here)
        run(here)
        assert statuses(here) == {"accepted delivered sent": 90}
    assert left.state == "reading"
    assert 0 < left.sets_read < 90
    assert len(here.erp.delivered) == 90
