"""Payloads through every stage on the real engine, with transports in memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from gateway.clock import utc_now
from gateway.errors import Permanent, Transient
from gateway.pipeline.operations import Operations
from gateway.pipeline.pipeline import Pipeline
from gateway.pipeline.places import Destination, Places
from gateway.pipeline.ports import Consignment, Event, Payload, Receipt, Received
from gateway.pipeline.recording import Recorder
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.views import DocumentFilter, DocumentView
from gateway.routing import Router, Routes
from gateway.store.tables import payloads
from gateway.transports.memory import Outbound as MemoryOutbound
from gateway.x12.leniency import Leniency
from tests.databases import sqlite_url
from tests.integration.world import (
    FAST,
    PARTNER,
    PlainMap,
    World,
    order,
    partner,
    rulebook,
    running,
    wait_for,
    world,
)


@pytest.fixture
def url(tmp_path: object) -> str:
    return sqlite_url(tmp_path)


def statuses(world: World) -> list[tuple[str, str, str]]:
    found = world.store.desk.documents(DocumentFilter())
    return sorted(
        (one.document.validation, one.document.delivery, one.document.acknowledgment)
        for one in found
    )


def only_document(world: World) -> DocumentView:
    [summary] = world.store.desk.documents(DocumentFilter())
    view = world.store.desk.document(summary.document.id)
    assert view is not None
    return view


def states(world: World) -> Counter[str]:
    return Counter(one.state for one in world.store.desk.interchanges())


def run_until_done(world: World) -> None:
    """Run the engine until nothing waits, retries included."""
    far = timedelta(days=1)
    with running(world) as engine:
        while any(world.store.desk.backlog(utc_now() + far).values()):
            engine.drain()


def bodies(world: World) -> list[bytes]:
    return [one.content for one in world.folder.delivered.values()]


def test_an_order_reaches_the_erp_and_the_partner_is_told(database_url: str) -> None:
    with world(database_url) as here:
        here.drop(order(1, "SO-1"))
        run_until_done(here)
        assert statuses(here) == [("accepted", "delivered", "sent")]
        assert here.settled == ["order-1.edi"]
        view = only_document(here)
    [consignment] = here.erp.delivered.values()
    assert b'"depositor_order_number":"SO-1"' in consignment.content
    assert consignment.correlation_id == view.payload.id
    assert [(key.name, key.value) for key in view.keys] == [
        ("depositor_order_number", "SO-1"),
        ("purchase_order_number", "PO-1"),
    ]
    assert view.raw.startswith(b"ST*940*0001~W05*N*SO-1")
    assert view.raw.endswith(b"SE*11*0001~")
    [acknowledgment] = bodies(here)
    assert b"~AK1*OW*1~AK2*940*0001~AK5*A~AK9*A*1*1*1~" in acknowledgment
    assert acknowledgment.endswith(b"IEA*1*000000500~")
    assert [one.verb for one in view.timeline if one.subject == "interchange"] == [
        "identify",
        "parse",
        "validate",
        "translate",
        "route",
    ]


def test_many_payloads_of_one_look_get_one_acknowledgment_each(database_url: str) -> None:
    with world(database_url) as here:
        here.drop(*(order(number) for number in range(1, 31)))
        run_until_done(here)
        assert Counter(statuses(here)) == {("accepted", "delivered", "sent"): 30}
    assert len(here.erp.delivered) == 30
    names = sorted(here.folder.delivered)
    assert names == [f"997_{number:09d}.edi" for number in range(500, 530)]


def test_the_same_bytes_again_are_dropped_and_acknowledged_with_the_same_bytes(url: str) -> None:
    with world(url) as here:
        here.drop(order(1), order(1))
        run_until_done(here)
        here.drop(order(1))
        run_until_done(here)
        assert states(here) == {"routed": 1, "duplicate": 2}
    assert len(here.erp.delivered) == 1
    assert len(here.folder.delivered) == 3
    assert len(set(bodies(here))) == 1


def test_the_same_number_with_other_bytes_is_held_until_a_person_decides(url: str) -> None:
    with world(url) as here:
        here.drop(order(1, "SO-1"))
        run_until_done(here)
        here.drop(order(1, "SO-2"))
        run_until_done(here)
        [held] = here.store.desk.interchanges(state="held")
        assert (held.owner, held.reason) == ("order-desk", "control_number_reused")
        assert held.because is not None
        assert held.because.startswith("control number 000000001 was used before by interchange")
        assert len(here.erp.delivered) == 1
        operations = Operations(here.store, here.jobs, rulebook())
        [done] = operations.release([held.id])
        assert (done.done, done.what) == (True, "is read again")
        run_until_done(here)
        assert states(here) == {"routed": 2}
        assert len(here.erp.delivered) == 2
        assert len(here.folder.delivered) == 2
        [again] = operations.release([held.id])
        assert (again.done, again.what) == (False, "is routed: nothing holds it")


def test_what_is_refused_by_a_person_is_rejected_and_stays_so(url: str) -> None:
    with world(url) as here:
        here.drop(order(1, "SO-1"), order(1, "SO-2"))
        run_until_done(here)
        [held] = here.store.desk.interchanges(state="held")
        [done] = Operations(here.store, here.jobs, rulebook()).refuse([held.id], "sent in error")
        assert done.what == "is given up"
        assert states(here) == {"routed": 1, "rejected": 1}


def test_an_unknown_sender_waits_for_a_person_and_costs_the_others_nothing(url: str) -> None:
    with world(url) as here:
        here.drop(order(1), order(2, sender="SOMEBODY"), order(3))
        run_until_done(here)
        assert states(here) == {"routed": 2, "quarantined": 1}
        [waiting] = here.store.desk.interchanges(state="quarantined")
        assert (waiting.reason, waiting.owner) == ("sender_unknown", "operator")
        assert waiting.because == "sender ZZ/SOMEBODY is no partner of ours"


def test_a_sender_that_no_database_could_store_is_unknown_and_no_bug(database_url: str) -> None:
    with world(database_url) as here:
        here.drop(order(1, sender="QUAY\0SIDE"))
        run_until_done(here)
        [waiting] = here.store.desk.interchanges(state="quarantined")
        assert (waiting.reason, waiting.sender) == ("sender_unknown", "ZZ/QUAYSIDE")


def knowing_somebody() -> Rulebook:
    return rulebook(them=partner(identities=[{"qualifier": "ZZ", "id": "SOMEBODY"}]))


def test_a_sender_that_is_still_unknown_waits_on_and_what_to_add_is_said(url: str) -> None:
    with world(url) as here:
        here.drop(order(2, sender="SOMEBODY"))
        run_until_done(here)
        [waiting] = here.store.desk.interchanges(state="quarantined")
        [done] = Operations(here.store, here.jobs, rulebook()).release([waiting.id])
        assert not done.done
        assert done.what == (
            "still waits: sender ZZ/SOMEBODY is no partner of ours; first add {qualifier: ZZ, id: "
            "SOMEBODY} to the `identities` of a file in partners/, then release it, or refuse it"
        )
        assert states(here) == {"quarantined": 1}


def test_what_an_unknown_sender_sent_twice_is_taken_once_when_it_is_released(url: str) -> None:
    with world(url) as here:
        here.drop(order(2, sender="SOMEBODY"), order(2, sender="SOMEBODY"))
        run_until_done(here)
    known = knowing_somebody()
    with world(url, rules=known) as here:
        waiting = [one.id for one in here.store.desk.interchanges(state="quarantined")]
        Operations(here.store, here.jobs, known).release(waiting)
        run_until_done(here)
        assert states(here) == {"routed": 1, "duplicate": 1}
    assert len(here.erp.delivered) == 1
    assert len(here.folder.delivered) == 2


def test_a_released_interchange_that_cannot_be_read_any_more_waits_again(url: str) -> None:
    def broken(_header: object) -> Leniency:
        raise ZeroDivisionError("a bug in reading")

    with world(url, rules=replace(rulebook(), leniency_of=broken)) as here:
        with world(url) as before:
            before.drop(order(2, sender="SOMEBODY"))
            run_until_done(before)
        [waiting] = here.store.desk.interchanges(state="quarantined")
        Operations(here.store, here.jobs, knowing_somebody()).release([waiting.id])
        run_until_done(here)
        [again] = here.store.desk.interchanges(state="quarantined")
    assert (again.id, again.reason, again.because, again.owner) == (
        waiting.id,
        "bug",
        "ZeroDivisionError: a bug in reading",
        "operator",
    )


def test_a_bug_in_reading_again_makes_the_interchange_wait_again(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world(url) as here:
        here.drop(order(2, sender="SOMEBODY"))
        run_until_done(here)
        [waiting] = here.store.desk.interchanges(state="quarantined")
        Operations(here.store, here.jobs, knowing_somebody()).release([waiting.id])

        def broken(*_args: object, **_named: object) -> None:
            raise ZeroDivisionError("a bug in recording")

        monkeypatch.setattr(Recorder, "record", broken)
        run_until_done(here)
        [again] = here.store.desk.interchanges(state="quarantined")
    assert (again.reason, again.because) == ("bug", "ZeroDivisionError: a bug in recording")
    assert again.traceback is not None


def test_a_payload_for_somebody_else_is_rejected_with_a_ta1(url: str) -> None:
    with world(url) as here:
        here.drop(order(1, receiver="ELSEWHERE", ta1=1))
        run_until_done(here)
        assert states(here) == {"rejected": 1}
        assert statuses(here) == [("rejected", "none", "sent")]
    [answer] = bodies(here)
    assert b"~TA1*000000001*260315*0912*R*009~" in answer
    assert here.erp.delivered == {}


def test_an_invalid_set_is_rejected_and_its_neighbour_is_not(url: str) -> None:
    with world(url) as here:
        here.drop(order(1, quantity="TWELVE"), order(2))
        run_until_done(here)
        assert statuses(here) == [("accepted", "delivered", "sent"), ("rejected", "none", "sent")]
        [bad] = here.store.desk.documents(DocumentFilter(validation="rejected"))
        view = here.store.desk.document(bad.document.id)
        assert view is not None
        codes = {(one.code, one.severity) for one in view.findings}
        assert ("invalid_character", "reject") in codes
    rejected = next(one for one in bodies(here) if b"AK9*R*1*1*0" in one)
    assert b"~AK3*W01*9**8~AK4*1*" in rejected


def test_a_set_without_an_agreement_is_rejected(url: str) -> None:
    with world(url) as here:
        here.drop(order(1, set_id="850"))
        run_until_done(here)
        [finding] = [
            one
            for one in only_document(here).findings
            if one.code == "transaction_set_not_supported"
        ]
        assert finding.detail == f"no agreement with partner '{PARTNER}' to receive 850"
    assert b"AK5*R*1" in bodies(here)[0]


@pytest.mark.parametrize(
    ("maps", "reason", "because"),
    [
        (
            {},
            "no_map",
            "the agreement 'in 940 004010' names the map 'plain-940': there is none",
        ),
        (
            {"plain-940": PlainMap(drop="status")},
            "not_translated",
            "/status: a required field is missing",
        ),
    ],
)
def test_what_cannot_be_translated_is_acknowledged_and_waits_for_a_person(
    url: str, maps: dict[str, PlainMap], reason: str, because: str
) -> None:
    with world(url, rules=rulebook(maps)) as here:
        here.drop(order(1))
        run_until_done(here)
        document = only_document(here).document
        assert (document.validation, document.delivery, document.acknowledgment) == (
            "accepted",
            "quarantined",
            "sent",
        )
        assert (document.reason, document.because, document.owner) == (
            reason,
            because,
            "order-desk",
        )
    assert b"AK9*A*1*1*1" in bodies(here)[0]


def test_a_bug_in_a_stage_quarantines_that_interchange_with_its_traceback(url: str) -> None:
    rules = rulebook({"plain-940": PlainMap(fault=ZeroDivisionError("oops"))})
    with world(url, rules=rules) as here:
        here.drop(order(1), order(2, sender="SOMEBODY"))
        run_until_done(here)
        waiting = {one.reason: one for one in here.store.desk.interchanges(state="quarantined")}
        assert sorted(str(reason) for reason in waiting) == ["bug", "sender_unknown"]
        assert waiting["bug"].because == "ZeroDivisionError: oops"
        assert "Traceback" in str(waiting["bug"].traceback)


@pytest.mark.parametrize(
    ("content", "because"),
    [
        (b"", "The payload is empty: expected an ISA segment."),
        (b"\x00\xff\x00 nothing", "No ISA segment was found in 11 bytes."),
        (
            b"<order/>",
            "The payload looks like XML: expected X12, which starts with an ISA segment.",
        ),
    ],
)
def test_what_cannot_be_read_waits_for_a_person(url: str, content: bytes, because: str) -> None:
    with world(url) as here:
        here.drop(content, order(1))
        run_until_done(here)
        [payload] = here.store.desk.payloads(state="quarantined")
        assert (payload.reason, payload.because) == ("unreadable", because)
        assert statuses(here) == [("accepted", "delivered", "sent")]


def test_several_interchanges_in_one_payload_each_have_their_answer(url: str) -> None:
    with world(url) as here:
        here.drop(order(1) + b"\n" + order(2, sender="SOMEBODY") + b"\r\n" + order(3))
        run_until_done(here)
        assert states(here) == {"routed": 2, "quarantined": 1}
    assert len(here.erp.delivered) == 2
    assert len(here.folder.delivered) == 2


def test_a_receipt_that_is_stored_is_settled_and_not_stored_again(url: str) -> None:
    with world(url) as here:
        twice = [here.received(order(1), "order.edi", "inode-7") for _ in range(2)]
        first = here.pipeline.receive([twice[0]])
        again = here.pipeline.receive([twice[1]])
        assert first == again
        assert here.settled == ["order.edi", "order.edi"]
        run_until_done(here)
        assert states(here) == {"routed": 1}


def test_a_destination_that_is_briefly_unwell_is_asked_again(url: str) -> None:
    failures = [Transient("503 busy"), Transient("connection reset")]
    with world(url, failures=failures) as here:
        here.drop(order(1))
        run_until_done(here)
        view = only_document(here)
        assert [(one.attempt, one.outcome, one.answer) for one in view.attempts][:2] == [
            (1, "failed", "503 busy"),
            (2, "failed", "connection reset"),
        ]
        assert [one.outcome for one in view.attempts][2:] == ["delivered"]
        assert view.document.delivery == "delivered"


def test_a_permanent_no_is_a_dead_letter_that_a_person_can_redeliver(url: str) -> None:
    with world(url, failures=[Permanent("422 unknown item")]) as here:
        here.drop(order(1))
        run_until_done(here)
        view = only_document(here)
        [delivery] = view.deliveries
        assert (delivery.state, delivery.reason, delivery.owner, delivery.last_error) == (
            "dead",
            "refused_by_destination",
            "erp-team",
            "422 unknown item",
        )
        assert view.document.delivery == "dead"
        operations = Operations(here.store, here.jobs, rulebook())
        [done] = operations.redeliver([view.document.id])
        assert (done.done, done.what) == (True, "goes to erp again")
        run_until_done(here)
        [again] = only_document(here).deliveries
        assert (again.state, again.idempotency_key) == ("delivered", delivery.idempotency_key)


def test_all_that_is_dead_at_a_destination_goes_on_at_once_and_nothing_else_does(url: str) -> None:
    with world(url, failures=[Permanent("422 unknown item")] * 2) as here:
        here.drop(order(1))
        here.drop(order(2))
        here.drop(order(3))
        run_until_done(here)
        operations = Operations(here.store, here.jobs, rulebook())
        assert operations.redeliver_dead("elsewhere") == []
        for _ in range(2):
            tried = operations.redeliver_dead("erp", dry_run=True)
            assert [(one.done, one.what) for one in tried] == [(True, "would go to erp again")] * 2
        told = operations.redeliver_dead()
        assert [(one.done, one.what) for one in told] == [(True, "goes to erp again")] * 2
        assert {one.id for one in told} == {one.id for one in tried}
        run_until_done(here)
        views = [
            here.store.desk.document(one.document.id)
            for one in here.store.desk.documents(DocumentFilter())
        ]
        owed = [one for view in views if view is not None for one in view.deliveries]
        assert [one.state for one in owed] == ["delivered"] * 3
        assert len({one.generation for one in owed}) == 1, "what was delivered is left alone"
        assert operations.redeliver_dead() == []


def test_attempts_that_are_used_up_are_a_dead_letter(url: str) -> None:
    with world(url, failures=[Transient("503")] * 9) as here:
        here.drop(order(1))
        run_until_done(here)
        [delivery] = only_document(here).deliveries
        assert (delivery.state, delivery.attempt, delivery.reason) == (
            "dead",
            FAST.attempts,
            "attempts_used_up",
        )


def test_an_open_breaker_parks_without_consuming_attempts(url: str) -> None:
    policy = replace(FAST, concurrency=1, breaker_failures=2)
    with world(url, failures=[Transient("503")] * 3, policy=policy) as here:
        here.drop(*(order(number) for number in range(1, 9)))
        run_until_done(here)
        assert Counter(statuses(here)) == {("accepted", "delivered", "sent"): 8}
        views = [
            here.store.desk.document(one.document.id)
            for one in here.store.desk.documents(DocumentFilter())
        ]
    tries = Counter(one.outcome for view in views if view for one in view.attempts)
    assert tries == {"failed": 3, "delivered": 8}
    counted = [one.attempt for view in views if view for one in view.deliveries]
    assert sum(counted) == 11, "what was claimed and not tried has lost no attempt"


def test_what_is_dead_is_not_delivered_to_a_destination_that_is_gone(url: str) -> None:
    with world(url, failures=[Permanent("422 unknown item")]) as here:
        here.drop(order(1))
        run_until_done(here)
        without = replace(rulebook(), attempts_at=lambda _: None)
        [done] = Operations(here.store, here.jobs, without).redeliver(
            [only_document(here).document.id]
        )
    assert (done.done, done.what) == (False, "the configuration has no destination 'erp' any more")


def test_an_acknowledgment_that_could_not_be_sent_waits_until_a_person_sends_it(url: str) -> None:
    with world(url) as here:
        place = Destination(MemoryOutbound([Transient("the disk is full")] * 4), FAST)
        places = Places({"erp": Destination(here.erp, FAST)}, {PARTNER: place})
        pipeline = Pipeline(here.store, here.jobs, rulebook(), places=places)
        # Rejected for its receiver: a TA1, and no document that could be looked up.
        here.drop(order(1, receiver="ELSEWHERE", ta1=1))
        run_until_done(replace(here, pipeline=pipeline))
        [dead] = here.store.desk.outbound.outgoing("dead")
        assert (dead.kind, dead.last_error) == ("TA1", "the disk is full")
        operations = Operations(here.store, here.jobs, rulebook())
        [done] = operations.release([dead.id])
        assert (done.done, done.what) == (True, "goes to quayside again")
        run_until_done(here)
        assert here.store.desk.outbound.outgoing("dead") == []
        [again] = operations.release([dead.id])
        assert (again.done, again.what) == (False, "is sent: nothing holds it")
    assert [one.content for one in here.folder.delivered.values()] == [dead.content]


def test_a_dead_acknowledgment_of_a_partner_that_is_gone_is_given_up(url: str) -> None:
    with world(url) as here:
        places = Places({"erp": Destination(here.erp, FAST)}, {})
        pipeline = Pipeline(here.store, here.jobs, rulebook(), places=places)
        here.drop(order(1))
        run_until_done(replace(here, pipeline=pipeline))
        [dead] = here.store.desk.outbound.outgoing("dead")
        assert statuses(here) == [("accepted", "delivered", "dead")]
        operations = Operations(here.store, here.jobs, rulebook())
        [given_up] = operations.refuse([dead.id], "they closed their doors")
        assert (given_up.done, given_up.what) == (True, "is given up")
        assert statuses(here) == [("accepted", "delivered", "refused")]
        said = [(one.verb, one.detail) for one in only_document(here).timeline]
        assert ("refuse", "they closed their doors") in said
        [again] = operations.release([dead.id])
        assert (again.done, again.what) == (False, "is refused: nothing holds it")
        with here.store.transaction() as transaction:
            # It is finished: nothing keeps the payload from being purged.
            assert transaction.retention.purge(utc_now(), 10) == 1


def test_what_was_delivered_is_delivered_again_under_a_new_key(url: str) -> None:
    with world(url) as here:
        here.drop(order(1))
        run_until_done(here)
        view = only_document(here)
        operations = Operations(here.store, here.jobs, rulebook())
        operations.redeliver([view.document.id])
        run_until_done(here)
        keys = [one.idempotency_key for one in only_document(here).deliveries]
    assert len(set(keys)) == 2
    assert [one.idempotency_key for one in here.erp.delivered.values()] == keys


def test_asking_for_a_document_that_is_not_there_says_so(url: str) -> None:
    with world(url) as here:
        operations = Operations(here.store, here.jobs, rulebook())
        assert [one.what for one in operations.redeliver(["nothing"])] == [
            "there is no such document"
        ]


def retranslating(here: World, rules: Rulebook) -> Operations:
    return Operations(here.store, here.jobs, rules)


def test_what_failed_is_translated_anew_with_the_map_of_today(url: str) -> None:
    with world(url, rules=rulebook({})) as here:
        here.drop(order(1))
        run_until_done(here)
        operations = retranslating(here, rulebook())
        assert [one.what for one in operations.retranslate(dry_run=True)] == ["would go to erp"]
        assert only_document(here).document.delivery == "quarantined"
        [done] = operations.retranslate()
        assert (done.done, done.what) == (True, "goes to erp")
        run_until_done(here)
        view = only_document(here)
        assert (view.document.delivery, view.document.reason) == ("delivered", None)
        assert operations.retranslate() == []
    assert len(here.erp.delivered) == 1
    assert len(here.folder.delivered) == 1


def nowhere(rules: Rulebook) -> Rulebook:
    """Return the same rules, but for the routes: none takes an order."""
    rule = {"name": "invoices only", "when": {"set": "810"}, "to": ["erp"]}
    return replace(
        rules, router=Router(Routes.model_validate({"rules": [rule]}), production=["erp"])
    )


def test_what_no_route_took_is_delivered_once_a_route_takes_it(url: str) -> None:
    with world(url, rules=nowhere(rulebook())) as here:
        here.drop(order(1))
        run_until_done(here)
        document = only_document(here).document
        assert (document.delivery, document.reason) == ("quarantined", "no_route")
        [done] = retranslating(here, nowhere(rulebook())).retranslate()
        assert (done.done, done.what) == (False, "goes nowhere: no rule takes this document")
        [done] = retranslating(here, rulebook()).retranslate()
        assert (done.done, done.what) == (True, "goes to erp")
        run_until_done(here)
        assert statuses(here) == [("accepted", "delivered", "sent")]
    assert len(here.erp.delivered) == 1


def test_a_new_part_that_no_route_takes_waits_for_a_person(url: str) -> None:
    with world(url) as here:
        here.drop(order(1))
        run_until_done(here)
        view = only_document(here)
        rules = rulebook({"plain-940": PlainMap(parts=2)})
        retranslating(here, nowhere(rules)).retranslate([view.document.id])
        assert Counter(statuses(here)) == {
            ("accepted", "delivered", "sent"): 1,
            ("accepted", "quarantined", "sent"): 1,
        }


def test_what_was_not_delivered_of_a_part_that_is_no_more_is_withdrawn(url: str) -> None:
    three = rulebook({"plain-940": PlainMap(parts=3)})
    with world(url, rules=three) as here:
        here.pipeline.read_payloads(here.drop(order(1)), 1)
        found = [one.document for one in here.store.desk.documents(DocumentFilter())]
        first, second, third = sorted(found, key=lambda one: one.part)
        with here.store.transaction() as transaction:
            [delivery] = transaction.lanes.deliveries_of([second.id])
            transaction.lanes.change_delivery(delivery, ["due"], state="delivered")
            transaction.lanes.refresh_delivery_status([second.id])
        one = rulebook({"plain-940": PlainMap()})
        dry = Operations(here.store, here.jobs, one).retranslate([first.id], dry_run=True)
        assert [answer.what for answer in dry] == [
            "would go to erp with other content; part 2 is no more, but erp has it; "
            "part 3 is no more: what is not delivered of it would be withdrawn"
        ]
        [done] = retranslating(here, one).retranslate([first.id])
        assert (done.done, done.what) == (
            True,
            "goes to erp with other content; part 2 is no more, but erp has it; "
            "part 3 is no more: what is not delivered of it is withdrawn",
        )
        run_until_done(here)
        assert Counter(statuses(here)) == {
            ("accepted", "delivered", "sent"): 2,
            ("accepted", "none", "sent"): 1,
        }
        assert len(here.erp.delivered) == 1
        # A map that splits again brings it back, under a new key.
        retranslating(here, three).retranslate([first.id])
        run_until_done(here)
        view = here.store.desk.document(third.id)
        assert view is not None
        assert [one.state for one in view.deliveries] == ["superseded", "delivered"]
        assert view.document.because is None


def test_a_map_that_broke_withdraws_nothing(url: str) -> None:
    with world(url, rules=rulebook({"plain-940": PlainMap(parts=2)})) as here:
        here.pipeline.read_payloads(here.drop(order(1)), 1)
        ids = [one.document.id for one in here.store.desk.documents(DocumentFilter())]
        broken = rulebook({"plain-940": PlainMap(drop="lines")})
        retranslating(here, broken).retranslate(ids)
        run_until_done(here)
        assert Counter(statuses(here)) == {("accepted", "delivered", "sent"): 2}


def test_the_same_content_is_not_delivered_again(url: str) -> None:
    with world(url) as here:
        here.drop(order(1))
        run_until_done(here)
        view = only_document(here)
        [done] = retranslating(here, rulebook()).retranslate([view.document.id])
        assert (done.done, done.what) == (False, "translates to the same content")
        assert done.needless
        run_until_done(here)
    assert here.erp.attempts == 1


def test_other_content_is_delivered_once_more_under_a_new_key(url: str) -> None:
    with world(url) as here:
        here.drop(order(1))
        run_until_done(here)
        view = only_document(here)
        rules = rulebook({"plain-940": PlainMap(extra={"department": "17"}, version="2")})
        [done] = retranslating(here, rules).retranslate([view.document.id])
        assert (done.done, done.what) == (True, "goes to erp with other content")
        run_until_done(here)
        after = only_document(here)
    before, consignment = here.erp.delivered.values()
    assert b'"department"' not in before.content
    assert b'"department":"17"' in consignment.content
    assert [one.state for one in after.deliveries] == ["delivered", "delivered"]
    assert len({one.idempotency_key for one in after.deliveries}) == 2
    assert after.document.map_hash == "2"


def test_other_content_before_any_attempt_keeps_the_key(url: str) -> None:
    with world(url) as here:
        [payload_id] = here.drop(order(1))
        here.pipeline.read_payloads([payload_id], 1)
        view = only_document(here)
        rules = rulebook({"plain-940": PlainMap(extra={"department": "17"})})
        retranslating(here, rules).retranslate([view.document.id])
        run_until_done(here)
        after = only_document(here)
    assert [one.idempotency_key for one in after.deliveries] == [
        one.idempotency_key for one in view.deliveries
    ]
    [consignment] = here.erp.delivered.values()
    assert b'"department":"17"' in consignment.content


def test_the_observer_is_told_of_every_transition_in_order(url: str) -> None:
    events: list[Event] = []
    with world(url, observer=events.append) as here:
        here.drop(order(1))
        run_until_done(here)
    # Another job may deliver what is committed before its reader has told of the commit.
    reading = ("payload.", "interchange.")
    names = [event.name for event in events]
    assert [name for name in names if name.startswith(reading)] == [
        "payload.receive",
        "payload.settle",
        "interchange.identify",
        "interchange.parse",
        "interchange.validate",
        "interchange.translate",
        "interchange.route",
        "interchange.commit",
    ]
    assert sorted(name for name in names if not name.startswith(reading)) == [
        "delivery.claim",
        "delivery.deliver",
        "delivery.hand_over",
        "outgoing.hand_over",
        "outgoing.send",
    ]


def test_a_payload_that_killed_its_reader_too_often_is_quarantined(url: str) -> None:
    with world(url) as here:
        ids = here.drop(order(1), order(2))
        for _ in range(5):
            with here.store.transaction() as transaction:
                transaction.ledger.count_recovery(ids[0])
        here.pipeline.read_payloads(ids, 2)
        [poison] = here.store.desk.payloads(state="quarantined")
        assert (poison.id, poison.reason, poison.because) == (
            ids[0],
            "stopped_the_process",
            "the process died 6 times while this payload was being read",
        )
        assert states(here) == {"routed": 1}


def test_reading_twice_makes_everything_once(database_url: str) -> None:
    with world(database_url) as here:
        ids = here.drop(order(1), order(2))
        here.pipeline.read_payloads(ids, 1)
        here.pipeline.read_payloads(ids, 1)
        here.pipeline.read_payloads(ids, 2)
        run_until_done(here)
        assert Counter(statuses(here)) == {("accepted", "delivered", "sent"): 2}
    assert len(here.folder.delivered) == 2
    assert here.erp.attempts == 2


def test_two_engines_one_after_the_other_share_the_work(database_url: str) -> None:
    with world(database_url) as here:
        here.drop(order(1))
        run_until_done(here)
        here.drop(order(2))
        run_until_done(here)
        assert Counter(statuses(here)) == {("accepted", "delivered", "sent"): 2}


def test_jobs_that_are_done_can_be_purged(url: str) -> None:
    with world(url) as here:
        here.drop(order(1))
        purged = Counter[str]()

        def purge() -> int:
            purged["jobs"] += here.jobs.purge(utc_now() + timedelta(hours=1))
            return purged["jobs"]

        # A job's effects are there before it is written down as done: that is awaited here.
        with running(here) as engine:
            engine.drain()
            wait_for(lambda: purge() >= 3)
        assert not any(here.store.desk.backlog(utc_now()).values())


def test_a_payload_in_another_partners_folder_waits_for_a_person(url: str) -> None:
    with world(url) as here:
        payload = Payload(order(1), "order.edi", "someone-else", transport="memory")
        here.pipeline.receive([Received(payload, lambda: None, lambda: None)])
        run_until_done(here)
        [waiting] = here.store.desk.interchanges(state="quarantined")
        assert (waiting.reason, waiting.because) == (
            "sender_elsewhere",
            "sender is partner 'quayside', but it came through the folder of 'someone-else'",
        )
        assert here.folder.delivered == {}
        Operations(here.store, here.jobs, rulebook()).release([waiting.id])
        run_until_done(here)
        assert states(here) == {"routed": 1}
    assert len(here.erp.delivered) == 1


def test_a_set_that_a_map_splits_becomes_several_documents_with_one_acknowledgment(
    url: str,
) -> None:
    with world(url, rules=rulebook({"plain-940": PlainMap(parts=3)})) as here:
        here.drop(order(1))
        run_until_done(here)
        assert Counter(statuses(here)) == {("accepted", "delivered", "sent"): 3}
        parts = sorted(one.document.part for one in here.store.desk.documents(DocumentFilter()))
        assert parts == [0, 1, 2]
    assert len({one.idempotency_key for one in here.erp.delivered.values()}) == 3
    assert len(here.folder.delivered) == 1


def test_a_map_that_splits_only_today_adds_the_documents_that_were_missing(url: str) -> None:
    with world(url) as here:
        here.drop(order(1))
        run_until_done(here)
        view = only_document(here)
        rules = rulebook({"plain-940": PlainMap(parts=2)})
        [done] = retranslating(here, rules).retranslate([view.document.id])
        assert done.done
        run_until_done(here)
        assert Counter(statuses(here)) == {("accepted", "delivered", "sent"): 2}
        assert len(here.erp.delivered) == 3


def test_a_map_that_broke_does_not_undo_what_was_delivered(url: str) -> None:
    with world(url) as here:
        here.drop(order(1))
        run_until_done(here)
        view = only_document(here)
        rules = rulebook({"plain-940": PlainMap(drop="status")})
        [done] = retranslating(here, rules).retranslate([view.document.id])
        assert (done.done, done.what) == (
            False,
            "could not be translated: /status: a required field is missing",
        )
        assert only_document(here).document == view.document


@pytest.mark.parametrize(
    ("content", "because"),
    [
        (b"", "its payload holds no such interchange"),
        (order(1).replace(b"ST*940*0001~", b"").replace(b"SE*11*0001~", b""), "its interchange "
         "holds no such transaction set"),
    ],
    ids=["no interchange", "no set"],
)  # fmt: skip
def test_what_cannot_be_read_any_more_is_left_as_it_is(
    url: str, content: bytes, because: str
) -> None:
    with world(url) as here:
        here.drop(order(1))
        run_until_done(here)
        view = only_document(here)
        with here.store.engine.begin() as connection:
            connection.execute(sa.update(payloads).values(content=content))
        [done] = retranslating(here, rulebook()).retranslate([view.document.id])
        assert (done.done, done.what) == (False, f"cannot be read any more: {because}")
        assert only_document(here).document == view.document


def test_what_was_rejected_is_not_translated(url: str) -> None:
    with world(url) as here:
        here.drop(order(1, quantity="TWELVE"))
        run_until_done(here)
        view = only_document(here)
        operations = retranslating(here, rulebook())
        [done] = operations.retranslate([view.document.id])
        assert done.what == "was rejected, and the partner knows: there is nothing to translate"
        [done] = operations.redeliver([view.document.id])
        assert done.what == "was rejected: there is nothing to deliver"


def test_a_lane_that_was_frozen_finds_its_claim_taken_over_and_changes_nothing(url: str) -> None:
    with world(url) as here:
        [payload_id] = here.drop(order(1))
        here.pipeline.read_payloads([payload_id], 1)
        thawed: list[str] = []

        class Freezing:
            """Sleeps within a call while another process does the lane's work."""

            def connect(self) -> None:
                """Do nothing."""

            def deliver(self, consignment: Consignment) -> Receipt:
                here.pipeline.run_lane("deliver:erp")
                thawed.append(consignment.idempotency_key)
                raise Transient("the connection was gone when it woke up")

            def close(self) -> None:
                """Do nothing."""

        places = Places({"erp": Destination(Freezing(), FAST)}, {})
        frozen = Pipeline(here.store, here.jobs, rulebook(), places=places)
        frozen.run_lane("deliver:erp")
        view = only_document(here)
    assert view.document.delivery == "delivered"
    assert [(one.attempt, one.state) for one in view.deliveries] == [(2, "delivered")]
    assert thawed == [view.deliveries[0].idempotency_key]
    assert next(iter(here.erp.delivered.values())).idempotency_key == thawed[0]
