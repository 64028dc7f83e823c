"""Documents to partners on the real engine: written, numbered, batched, held, sent once."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from gateway.clock import utc_now
from gateway.errors import GatewayError, Permanent
from gateway.mapping.plan import Json
from gateway.partners import Partner
from gateway.pipeline.asked import Done
from gateway.pipeline.operations import Operations
from gateway.pipeline.outbound.agreed import SubmissionRefused, Wanted
from gateway.pipeline.outbound.keeping import Submission
from gateway.pipeline.outbound.submission import Submitted
from gateway.pipeline.outgoing_records import HoldRecord, OutgoingRecord
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.views import DocumentFilter, DocumentView
from gateway.x12.library import SchemaLibrary
from gateway.x12.reader import read_interchanges
from gateway.x12.validate import Validator
from tests.databases import sqlite_url
from tests.integration.outbound_world import (
    operations,
    sending_rules,
    shipment,
    submission,
    taking_orders,
)
from tests.integration.test_engine import run_until_done
from tests.integration.world import PARTNER, World, order, partner, running, wait_for, world
from tests.samples.maps import SCHEMAS, compiled_map
from tests.unit.x12.guides.written import guide

HOLD = HoldRecord(PARTNER, utc_now(), "their dock is closed")


@contextmanager
def sending(
    url: str, them: Partner | None = None, failures: Sequence[GatewayError] = ()
) -> Iterator[tuple[World, Rulebook]]:
    rules = sending_rules(them)
    with world(url, rules=rules, folder_failures=failures) as here:
        yield here, rules


def view_of(world: World, submitted: Submitted) -> DocumentView:
    view = world.store.desk.document(submitted.document_id)
    assert view is not None
    return view


def outgoing(world: World) -> list[OutgoingRecord]:
    """Return the interchanges to partners, oldest first."""
    return world.store.desk.outbound.outgoing()[::-1]


def statuses_of(view: DocumentView) -> tuple[str, str, str]:
    document = view.document
    return document.validation, document.delivery, document.acknowledgment


def read_back(content: bytes, schemas: SchemaLibrary = SCHEMAS) -> list[dict[str, Json]]:
    """Read an interchange of ours with our own reader and the same map."""
    schema = schemas.get("004010", "940")
    assert schema is not None
    validator = Validator(schema)
    found: list[dict[str, Json]] = []
    for interchange in read_interchanges(content):
        for group in interchange.groups:
            for one in group.transaction_sets:
                parsed = validator.parse(one)
                assert parsed.findings == []
                reading = compiled_map("northstar-940").read(parsed.tree, one.delimiters)
                found.append(dict(reading.document))
    return found


def test_a_document_goes_out_under_its_control_numbers(database_url: str) -> None:
    with sending(database_url) as (here, _):
        submitted = here.pipeline.submit(submission())
        assert (submitted.new, submitted.state) == (True, "enveloped")
        assert statuses_of(view_of(here, submitted)) == ("accepted", "pending", "pending")
        run_until_done(here)
        view = view_of(here, submitted)
        [one] = outgoing(here)
    assert statuses_of(view) == ("accepted", "delivered", "pending")
    assert (one.kind, one.control_number, one.state) == ("documents", "000000500", "sent")
    assert (one.sender, one.receiver) == ("ZZ/HARBOR", "ZZ/QUAYSIDE")
    assert one.name == "940_000000500.edi"
    assert one.sent_at is not None
    assert (one.expects, one.acknowledgment_due_at) == ("997", one.sent_at + timedelta(hours=24))
    assert view.outgoing == one
    assert (view.document.group_control_number, view.document.control_number) == ("700", "0001")
    assert view.raw.startswith(b"ST*940*0001~W05*N*HG-1*PO-1~")
    assert view.raw.endswith(b"SE*12*0001~")
    assert view.acknowledgments == ()
    assert [(entry.subject, entry.verb) for entry in view.timeline] == [
        ("document", "submit"),
        ("outgoing", "owe"),
        ("document", "envelope"),
        ("outgoing", "send"),
    ]
    [consignment] = here.folder.delivered.values()
    assert consignment.content == one.content
    assert consignment.content_type == "application/edi-x12"
    assert consignment.content.startswith(
        b"ISA*00*          *00*          *ZZ*HARBOR         *ZZ*QUAYSIDE       *"
    )
    assert b"GS*OW*HARBORWH*QUAYSIDE*" in consignment.content


def test_what_was_sent_is_found_by_the_numbers_that_the_partner_names(database_url: str) -> None:
    with sending(database_url) as (here, _):
        submitted = here.pipeline.submit(submission())
        [one] = outgoing(here)
        with here.store.transaction() as transaction:
            [sent] = transaction.outbox.with_group(PARTNER, "OW", "700")
            assert sent == replace(one, content=b"")
            assert transaction.outbox.numbered(PARTNER, "000000500") == [sent]
            [found] = transaction.outbox.sets_of(sent.id)
            assert transaction.outbox.with_group(PARTNER, "OW", "701") == []
    assert (found.set_id, found.control_number) == ("940", "0001")
    assert (found.document_id, found.outgoing_id) == (submitted.document_id, one.id)


def test_what_is_sent_reads_back_to_the_same_document(database_url: str) -> None:
    with sending(database_url) as (here, _):
        here.pipeline.submit(submission())
        [one] = outgoing(here)
    assert read_back(one.content) == [shipment()]


def test_the_same_document_under_the_same_key_is_sent_once(database_url: str) -> None:
    with sending(database_url) as (here, _):
        first = here.pipeline.submit(submission(key="order-1"))
        again = here.pipeline.submit(submission(key="order-1"))
        # In another order of fields, and with an origin of its own, it is the same document.
        turned = dict(reversed(shipment().items())) | {"meta": {"partner": "elsewhere"}}
        once_more = here.pipeline.submit(Submission(turned, PARTNER, key="order-1"))
        assert len(outgoing(here)) == 1
    assert {first.document_id} == {again.document_id, once_more.document_id}
    assert [first.new, again.new, once_more.new] == [True, False, False]
    assert again.state == "enveloped"


def test_a_document_without_a_key_is_its_own_key(database_url: str) -> None:
    with sending(database_url) as (here, _):
        assert here.pipeline.submit(submission(1)).new
        assert not here.pipeline.submit(submission(1)).new
        assert here.pipeline.submit(submission(2)).new
        assert here.pipeline.submit(submission(1, key="once more")).new


def test_a_key_is_not_used_for_another_document(database_url: str) -> None:
    with sending(database_url) as (here, _):
        first = here.pipeline.submit(submission(1, key="order-1"))
        submitted_at = view_of(here, first).payload.received_at
        with pytest.raises(SubmissionRefused) as refused:
            here.pipeline.submit(submission(2, key="order-1"))
    assert str(refused.value) == (
        f"the key 'order-1' was used for another document to 'quayside' at "
        f"{submitted_at:%Y-%m-%d %H:%M:%S}; expected a key of its own for each"
    )


def test_one_key_from_many_threads_at_once_is_one_document(database_url: str) -> None:
    found: list[Submitted] = []
    with sending(database_url) as (here, _):
        start = threading.Barrier(6)

        def submit() -> None:
            start.wait()
            found.append(here.pipeline.submit(submission(key="order-1")))

        threads = [threading.Thread(target=submit) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(outgoing(here)) == 1
    assert len(found) == 6
    assert sum(one.new for one in found) == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            Submission(shipment(), "quaysid"),
            "there is no partner 'quaysid' (did you mean 'quayside'?)",
        ),
        (
            Submission(shipment(requested_ship_date="soon"), PARTNER),
            "this is no canonical document: /requested_ship_date: ",
        ),
        (
            Submission(shipment(), PARTNER, wanted=Wanted("945")),
            "no agreement with partner 'quayside' sends a shipment order as 945; "
            "agreed is out 940 004010UCS (map northstar-940)",
        ),
        (
            Submission(shipment(notes=[{"text": "x" * 20_971_520}]), PARTNER),
            "the document has 2097",
        ),
        (
            Submission(shipment(), PARTNER, key="x" * 201),
            "the key does not fit; expected at most 200 printable characters",
        ),
    ],
)
def test_what_cannot_be_sent_is_refused_in_a_sentence(
    given: Submission, said: str, tmp_path: object
) -> None:
    with sending(sqlite_url(tmp_path)) as (here, _):
        with pytest.raises(SubmissionRefused) as refused:
            here.pipeline.submit(given)
        assert here.store.desk.payloads() == []
    assert str(refused.value).startswith(said)


def test_what_is_not_fit_to_leave_waits_and_is_named_by_its_field(database_url: str) -> None:
    with sending(database_url) as (here, _):
        submitted = here.pipeline.submit(submission(depositor_order_number="HG-" + "9" * 30))
        view = view_of(here, submitted)
        assert outgoing(here) == []
    assert submitted.state == "quarantined"
    assert statuses_of(view) == ("rejected", "quarantined", "none")
    assert (view.document.reason, view.document.owner) == ("not_fit_to_send", "order-desk")
    assert view.document.because == submitted.because
    assert submitted.because.startswith("/depositor_order_number (W0502): 'HG-999")
    assert [(one.code, one.field, one.severity) for one in view.findings] == [
        ("element_too_long", "/depositor_order_number", "reject")
    ]


def test_a_value_of_any_length_is_said_as_far_as_a_person_reads(database_url: str) -> None:
    with sending(database_url) as (here, _):
        submitted = here.pipeline.submit(submission(depositor_order_number="X" * 100_000))
        kept = view_of(here, submitted).document.because
    assert (
        kept
        == submitted.because
        == (f"/depositor_order_number (W0502): '{'X' * 80}…': expected at most 22 characters")
    )


def test_a_value_with_a_nul_waits_for_a_person_in_every_database(database_url: str) -> None:
    with sending(database_url) as (here, _):
        submitted = here.pipeline.submit(submission(purchase_order_number="PO*\0"))
        kept = view_of(here, submitted).document.because
    said = "': the value contains a delimiter of the interchange"
    assert submitted.because == f"/purchase_order_number: 'PO*\0{said}"
    assert kept == f"/purchase_order_number: 'PO*{said}"


def test_a_delimiter_in_a_value_is_replaced_where_the_partner_asks_for_that(
    database_url: str,
) -> None:
    them = taking_orders(delimiters={"replacement": "-"})
    with sending(database_url, them) as (here, _):
        here.pipeline.submit(submission(purchase_order_number="PO*1~2"))
        run_until_done(here)
        [sent] = here.folder.delivered.values()
    assert b"*PO-1-2~" in sent.content


@pytest.mark.parametrize(
    ("consequence", "delivery"),
    [
        ("", "quarantined"),
        (", acknowledgment: note", "delivered"),
        (", acknowledgment: note, forwarding: hold", "quarantined"),
    ],
)
def test_what_we_send_is_held_to_the_guide_of_the_partner(
    database_url: str, consequence: str, delivery: str
) -> None:
    them = taking_orders(guide="orders")
    text = f'places: {{W0503: {{pattern: "[0-9]+"{consequence}}}}}'
    rules = replace(sending_rules(them), guides={(PARTNER, "orders"): guide("940", text)})
    with world(database_url, rules=rules) as here:
        submitted = here.pipeline.submit(submission())
        run_until_done(here)
        view = view_of(here, submitted)
    assert view.document.delivery == delivery
    said = "expected what fits [0-9]+ (rule W0503 of acme's guide for 940, "
    assert [one.detail.startswith(said) for one in view.findings] == [True]
    assert view.findings[0].field == "/purchase_order_number"


def test_a_document_that_is_nested_too_deeply_is_refused_in_a_sentence(database_url: str) -> None:
    deep: Json = "the bottom"
    for _ in range(300):
        deep = [deep]
    with sending(database_url) as (here, _), pytest.raises(SubmissionRefused) as refused:
        here.pipeline.submit(submission(department=deep))
    assert str(refused.value) == "this is no canonical document: Recursion limit reached"


def test_a_field_that_the_map_cannot_say_keeps_the_document_here(database_url: str) -> None:
    with sending(database_url) as (here, _):
        submitted = here.pipeline.submit(submission(gift=True, requested_ship_time="10:00"))
    assert submitted.state == "quarantined"
    assert submitted.because.endswith("the map has no position for it, and 1 more")


def test_a_finding_that_the_agreement_only_notes_lets_the_document_go(database_url: str) -> None:
    rule = {"finding": "element_too_long", "at": "W0502", "severity": "note"}
    with sending(database_url, taking_orders(findings=[rule])) as (here, _):
        submitted = here.pipeline.submit(submission(depositor_order_number="HG-" + "9" * 30))
        view = view_of(here, submitted)
    assert submitted.state == "enveloped"
    assert statuses_of(view) == ("accepted_with_findings", "pending", "pending")


def test_a_word_that_no_table_has_leaves_and_is_named(database_url: str) -> None:
    with sending(database_url) as (here, _):
        references = [{"type": "QP", "value": "7"}]
        submitted = here.pipeline.submit(submission(references=references))
        view = view_of(here, submitted)
    said = [(one.code, one.field, one.value, one.severity) for one in view.findings]
    assert ("word_kept", "/references/0/type", "QP", "note") in said
    assert submitted.state == "enveloped"


def test_a_document_that_was_not_fit_goes_out_once_its_agreement_is_mended(
    database_url: str,
) -> None:
    with sending(database_url) as (here, _):
        long = "HG-" + "9" * 30
        submitted = here.pipeline.submit(submission(depositor_order_number=long))
        [still] = operations(here, sending_rules()).rewrite([submitted.document_id])
        assert not still.done
        assert still.what.startswith("is still not fit to leave: /depositor_order_number (W0502)")
        rule = {"finding": "element_too_long", "at": "W0502", "severity": "ignore"}
        mended = sending_rules(taking_orders(findings=[rule]))
        [answer] = operations(here, mended).rewrite([submitted.document_id])
        assert (answer.done, answer.what) == (
            True,
            "was written anew, and goes out under new numbers",
        )
        run_until_done(here)
        view = view_of(here, submitted)
    assert view.document.delivery == "delivered"
    assert view.document.because is None
    assert [one.severity for one in view.findings] == ["ignore"]
    assert len(here.folder.delivered) == 1


def test_what_waits_to_leave_is_not_translated_or_delivered_like_what_came_in(
    database_url: str,
) -> None:
    with sending(database_url) as (here, rules):
        submitted = here.pipeline.submit(submission(gift=True))
        desk = Operations(here.store, here.jobs, rules)
        assert desk.retranslate() == []
        [translated] = desk.retranslate([submitted.document_id])
        [delivered] = desk.redeliver([submitted.document_id])
    assert translated.what == "is ours: `gateway outbound rewrite` writes it anew"
    assert delivered.what == "is ours: `gateway outbound resend` sends it again"


def test_a_document_that_was_given_up_never_leaves(database_url: str) -> None:
    with sending(database_url, taking_orders(batch={"every": "1h"})) as (here, rules):
        submitted = here.pipeline.submit(submission())
        [answer] = operations(here, rules).refuse([submitted.document_id], "sold out")
        assert (answer.done, answer.what) == (True, "is given up: it never leaves")
        [again] = operations(here, rules).refuse([submitted.document_id], "sold out")
        assert (again.done, again.what) == (False, "has left, or was given up: nothing holds it")
        [anew] = operations(here, rules).rewrite([submitted.document_id])
        assert (anew.done, anew.what) == (False, "was given up: submit it under another key")
        assert here.store.desk.outbound.waiting() == []
        assert statuses_of(view_of(here, submitted)) == ("accepted", "none", "none")
        assert here.pipeline.submit(submission()).state == "refused"


def test_documents_of_a_batch_go_out_together_when_it_is_full(database_url: str) -> None:
    with sending(database_url, taking_orders(batch={"count": "3", "every": "1h"})) as (here, _):
        submitted = [here.pipeline.submit(submission(number)) for number in range(1, 6)]
        assert {one.state for one in submitted} == {"waiting"}
        with running(here):
            wait_for(lambda: here.folder.delivered)
        left = [one.document_id for one in here.store.desk.outbound.waiting()]
        [one] = outgoing(here)
        views = [view_of(here, each) for each in submitted]
    assert left == [each.document_id for each in submitted[3:]]
    assert [view.document.control_number for view in views] == ["0001", "0002", "0003", "", ""]
    assert [bool(view.raw) for view in views] == [True] * 3 + [False] * 2
    assert read_back(one.content) == [shipment(number) for number in (1, 2, 3)]


def test_documents_of_a_batch_go_out_together_when_it_is_large(database_url: str) -> None:
    size = {"size": "500B", "every": "1h"}
    with sending(database_url, taking_orders(batch=size)) as (here, _):
        for number in range(1, 4):
            here.pipeline.submit(submission(number))
        with running(here):
            wait_for(lambda: here.folder.delivered)
        assert len(here.store.desk.outbound.waiting()) == 1
        [one] = outgoing(here)
    assert len(read_back(one.content)) == 2


def test_a_batch_goes_out_when_its_time_has_come(database_url: str) -> None:
    with sending(database_url, taking_orders(batch={"every": "1500ms"})) as (here, _):
        # Both before anything runs: a slow machine takes longer between them than the batch waits.
        here.pipeline.submit(submission(1))
        here.pipeline.submit(submission(2))
        with running(here):
            wait_for(lambda: here.folder.delivered)
        [one] = outgoing(here)
    assert read_back(one.content) == [shipment(1), shipment(2)]


def test_what_was_forgotten_is_swept_up(database_url: str) -> None:
    with sending(database_url, taking_orders(batch={"every": "1ms"})) as (here, _):
        here.pipeline.submit(submission())
        later = utc_now() + timedelta(minutes=1)
        with here.store.transaction() as transaction:
            assert transaction.lanes.lanes_with_work(later) == [f"envelope:{PARTNER}"]
            transaction.outbox.hold(HOLD)
            assert transaction.lanes.lanes_with_work(later) == []


def test_nothing_new_goes_to_a_partner_that_is_held(database_url: str) -> None:
    with sending(database_url) as (here, rules):
        desk = operations(here, rules)
        assert desk.hold_partner(PARTNER, "their dock is closed").done
        assert desk.hold_partner(PARTNER, "twice").what.endswith("their dock is closed")
        submitted = here.pipeline.submit(submission())
        assert submitted.state == "waiting"
        run_until_done_but_waiting(here)
        assert here.folder.delivered == {}
        assert desk.release_partner(PARTNER, "it is open").done
        assert here.store.desk.timeline(PARTNER, 10)[-1].detail == "it is open"
        assert not desk.release_partner(PARTNER).done
        run_until_done(here)
        assert view_of(here, submitted).document.delivery == "delivered"


def test_documents_without_a_batch_go_out_alone_also_when_they_are_released(
    database_url: str,
) -> None:
    with sending(database_url) as (here, rules):
        desk = operations(here, rules)
        assert desk.hold_partner(PARTNER, "their dock is closed").done
        for number in (1, 2):
            assert here.pipeline.submit(submission(number)).state == "waiting"
        assert desk.release_partner(PARTNER).done
        run_until_done(here)
        assert len(outgoing(here)) == 2


def test_lenient_acknowledgments_let_nothing_wrong_leave(database_url: str) -> None:
    lenient = taking_orders(acknowledgment={"strictness": "note_errors"})
    with sending(database_url, lenient) as (here, _):
        submitted = here.pipeline.submit(submission(carrier={"freight_payment": "prepaid"}))
    assert submitted.state == "quarantined"
    assert submitted.because == ("/carrier/mode (W6602): expected Transportation Method/Type Code")


def test_a_document_that_is_held_waits_and_its_neighbours_go(database_url: str) -> None:
    with sending(database_url, taking_orders(batch={"every": "1ms"})) as (here, rules):
        held = here.pipeline.submit(Submission(shipment(1), PARTNER, hold="check the address"))
        free = here.pipeline.submit(submission(2))
        also_held = here.pipeline.submit(submission(3))
        assert held.state == "held"
        desk = operations(here, rules)
        [answer] = desk.hold([also_held.document_id], "so is this")
        assert answer.done
        run_until_done_but_waiting(here)
        assert [view_of(here, one).document.delivery for one in (held, free, also_held)] == [
            "pending",
            "delivered",
            "pending",
        ]
        [again] = desk.hold([held.document_id], "again")
        assert (again.done, again.what, again.needless) == (False, "is held", True)
        [gone] = desk.hold([free.document_id], "too late")
        assert (gone.done, gone.what) == (False, "does not wait to go out")
        both = [held.document_id, also_held.document_id]
        assert all(one.done for one in desk.release(both, "they said yes"))
        said = {(one.verb, one.detail) for one in view_of(here, held).timeline}
        assert ("release", "they said yes") in said
        run_until_done(here)
        assert len(outgoing(here)) == 2


def test_acknowledgments_and_documents_share_interchange_numbers_and_no_group_numbers(
    database_url: str,
) -> None:
    with sending(database_url) as (here, _):
        here.drop(order(1, "SO-1"))
        here.pipeline.submit(submission(1))
        run_until_done(here)
        here.drop(order(2, "SO-2"))
        run_until_done(here)
        found = outgoing(here)
    assert sorted((one.control_number, one.kind) for one in found) == [
        ("000000500", "documents"),
        ("000000501", "997"),
        ("000000502", "997"),
    ]
    groups = [read.groups[0].header for one in found for read in read_interchanges(one.content)]
    # GS06 is unique among groups of one kind (GS01) between two sides: each kind has its own.
    numbered = sorted((header.functional_id, header.control_number) for header in groups)
    assert numbered == [("FA", "700"), ("FA", "701"), ("OW", "700")]


def test_an_interchange_that_died_is_sent_again_with_the_same_bytes(database_url: str) -> None:
    with sending(database_url, failures=[Permanent("the disk is gone")]) as (here, rules):
        submitted = here.pipeline.submit(submission())
        run_until_done(here)
        dead = view_of(here, submitted)
        assert dead.outgoing is not None
        assert (dead.document.delivery, dead.outgoing.last_error) == ("dead", "the disk is gone")
        assert dead.outgoing.acknowledgment_due_at is None
        [answer] = operations(here, rules).resend([submitted.document_id])
        assert answer.what == f"interchange 000000500 goes to {PARTNER} once more"
        run_until_done(here)
        view = view_of(here, submitted)
    assert view.document.delivery == "delivered"
    assert [one.content for one in here.folder.delivered.values()] == [dead.outgoing.content]


def test_what_was_sent_is_sent_once_more_under_the_same_numbers(database_url: str) -> None:
    with sending(database_url) as (here, rules):
        submitted = here.pipeline.submit(submission())
        desk = operations(here, rules)
        [early] = desk.resend([submitted.document_id])
        assert (early.done, early.what) == (False, "is on its way already")
        run_until_done(here)
        [one] = outgoing(here)
        here.folder.delivered.clear()
        assert desk.resend([one.id])[0].done
        assert view_of(here, submitted).document.delivery == "pending"
        run_until_done(here)
        [again] = outgoing(here)
    assert again.content == one.content
    assert [sent.content for sent in here.folder.delivered.values()] == [one.content]


def test_a_document_that_is_written_anew_goes_out_under_new_numbers(database_url: str) -> None:
    with sending(database_url) as (here, rules):
        submitted = here.pipeline.submit(submission())
        desk = operations(here, rules)
        [early] = desk.rewrite([submitted.document_id])
        assert (early.done, early.what) == (False, "is on its way already")
        run_until_done(here)
        assert desk.rewrite([submitted.document_id])[0].done
        run_until_done(here)
        first, second = outgoing(here)
        view = view_of(here, submitted)
        with here.store.transaction() as transaction:
            sets = [transaction.outbox.sets_of(one.id)[0] for one in (first, second)]
    assert (first.control_number, second.control_number) == ("000000500", "000000501")
    assert [(one.group_control_number, one.control_number) for one in sets] == [
        ("700", "0001"),
        ("701", "0002"),
    ]
    assert {one.document_id for one in sets} == {submitted.document_id}
    assert view.outgoing is not None
    assert view.outgoing.id == second.id


def test_a_dead_interchange_whose_only_document_was_written_anew_asks_nobody(
    database_url: str,
) -> None:
    with sending(database_url, failures=[Permanent("no")]) as (here, rules):
        submitted = here.pipeline.submit(submission())
        run_until_done(here)
        assert operations(here, rules).rewrite([submitted.document_id])[0].done
        run_until_done(here)
        assert [one.state for one in outgoing(here)] == ["refused", "sent"]
        assert view_of(here, submitted).document.delivery == "delivered"


def test_a_dead_batch_asks_nobody_once_all_its_documents_were_written_anew(
    database_url: str,
) -> None:
    batch = taking_orders(batch={"count": 2, "every": "1h"})
    with sending(database_url, batch, failures=[Permanent("no")]) as (here, rules):
        ids = [here.pipeline.submit(submission(number)).document_id for number in (1, 2)]
        run_until_done(here)
        desk, states = operations(here, rules), []
        for id_ in ids:
            assert desk.rewrite([id_])[0].done
            states.append(outgoing(here)[0].state)
        [entry] = here.store.desk.timeline(outgoing(here)[0].id, 1)
    assert states == ["dead", "refused"]
    assert entry.detail == "its documents were written anew"


def test_no_acknowledgment_is_awaited_where_the_partner_sends_none(database_url: str) -> None:
    them = taking_orders(expect={"acknowledgment": "none"})
    with sending(database_url, them) as (here, _):
        submitted = here.pipeline.submit(submission())
        run_until_done(here)
        view = view_of(here, submitted)
    assert view.document.acknowledgment == "none"
    assert view.outgoing is not None
    assert (view.outgoing.expects, view.outgoing.acknowledgment_due_at) == (None, None)


def test_a_ta1_that_is_expected_is_asked_for(database_url: str) -> None:
    them = taking_orders(expect={"acknowledgment": "TA1", "within": "2h"}, stage="test")
    with sending(database_url, them) as (here, _):
        here.pipeline.submit(submission())
        [one] = outgoing(here)
    [interchange] = read_interchanges(one.content)
    assert (interchange.header.acknowledgment_requested, interchange.header.usage) == (True, "T")
    assert (one.expects, one.expect_within) == ("TA1", 7200)


def test_the_separators_are_those_of_the_agreement(database_url: str) -> None:
    marks = {"element": "|", "terminator": "'", "component": ":", "line_end": "lf"}
    with sending(database_url, taking_orders(delimiters=marks)) as (here, _):
        submitted = here.pipeline.submit(submission(notes=[{"type": "warehouse", "text": "5 * 6"}]))
        [one] = outgoing(here)
        view = view_of(here, submitted)
    assert one.content.endswith(b"IEA|1|000000500'\n")
    assert b"5 * 6" in view.raw
    assert view.raw.startswith(b"ST|940|0001'\nW05|")


def test_what_is_old_enough_is_purged_and_its_numbers_stay_until_they_are_forgotten(
    database_url: str,
) -> None:
    with sending(database_url) as (here, _):
        submitted = here.pipeline.submit(submission(key="order-1"))
        run_until_done(here)
        later = utc_now() + timedelta(days=1)
        with here.store.transaction() as transaction:
            assert transaction.retention.purge(later, 10) == 1
        assert here.store.desk.document(submitted.document_id) is None
        [one] = outgoing(here)
        assert (one.content, one.control_number) == (b"", "000000500")
        assert not here.pipeline.submit(submission(key="order-1")).new
        with here.store.transaction() as transaction:
            assert len(transaction.outbox.with_group(PARTNER, "OW", "700")) == 1
            assert transaction.retention.forget(later, 10) == 1
            assert transaction.outbox.with_group(PARTNER, "OW", "700") == []
        assert outgoing(here) == []


def test_what_waits_is_not_purged(database_url: str) -> None:
    with sending(database_url, taking_orders(batch={"every": "1h"})) as (here, _):
        here.pipeline.submit(submission())
        with here.store.transaction() as transaction:
            assert transaction.retention.purge(utc_now() + timedelta(days=1), 10) == 0


def test_the_document_keeps_where_it_came_from(database_url: str) -> None:
    with sending(database_url) as (here, _):
        view = view_of(here, here.pipeline.submit(submission()))
    assert view.document.canonical is not None
    kept = orjson.loads(view.document.canonical)
    meta = kept.pop("meta")
    assert kept == shipment()
    assert (meta["document_id"], meta["usage"]) == (view.document.id, "production")
    assert [(key.name, key.value) for key in view.keys] == [
        ("depositor_order_number", "HG-1"),
        ("purchase_order_number", "PO-1"),
    ]


def run_until_done_but_waiting(world: World) -> None:
    """Run the engine until nothing is due; what is held stays."""
    with running(world) as engine:
        engine.drain()


def test_a_partner_that_nobody_knows_is_not_held(tmp_path: object) -> None:
    with sending(sqlite_url(tmp_path)) as (here, rules):
        answer = operations(here, rules).hold_partner("nobody", "why")
    assert (answer.done, answer.what) == (False, "is no partner of ours")


def test_an_interchange_is_not_sent_again_with_what_was_written_anew(database_url: str) -> None:
    batch = taking_orders(batch={"count": 2, "every": "1h"})
    with sending(database_url, batch) as (here, rules):
        one, other = [here.pipeline.submit(submission(number)) for number in (1, 2)]
        run_until_done(here)
        [first] = outgoing(here)
        desk = operations(here, rules)
        assert desk.rewrite([one.document_id])[0].done
        [refused] = desk.resend([first.id])
        [by_document] = desk.resend([other.document_id])
        [done] = desk.resend([first.id], even_rewritten=True)
    said = (
        f"of its documents {one.document_id[:8]} was written anew to go out elsewhere: the partner "
        "would get it twice; --even-rewritten sends it all the same"
    )
    assert (refused.done, refused.what) == (False, said)
    assert (by_document.done, by_document.what) == (False, said)
    assert done.done


def test_a_document_is_found_by_the_key_that_it_was_submitted_under(tmp_path: Path) -> None:
    with sending(sqlite_url(tmp_path)) as (here, _):
        submitted = here.pipeline.submit(submission(key="erp-order-77"))
        here.pipeline.submit(submission(2))
        found = here.store.desk.documents(DocumentFilter(key="erp-order-77"))
    assert [one.document.id for one in found] == [submitted.document_id]


def in_two_versions(*versions: str, sets: Sequence[str] = ("940", "940")) -> Partner:
    agreements = [
        {"set": set_id, "direction": "out", "version": version, "map": "northstar-940"}
        for set_id, version in zip(sets, versions, strict=True)
    ]
    return partner(agreements=agreements)


def test_of_two_versions_the_one_goes_out_that_is_named(database_url: str) -> None:
    both = in_two_versions("004010UCS", "004010")
    with sending(database_url, both) as (here, rules):
        with pytest.raises(SubmissionRefused) as refused:
            here.pipeline.submit(submission())
        made = here.pipeline.submit(replace(submission(), wanted=Wanted(version="004010")))
        run_until_done(here)
        # Written anew, it stays in the version that was named.
        assert operations(here, rules).rewrite([made.document_id])[0].done
        run_until_done(here)
        sent = [read_interchanges(one.content) for one in outgoing(here)]
        versions = [next(iter(one)).groups[0].header.version for one in sent]
    assert str(refused.value) == (
        "several agreements with partner 'quayside' send a shipment order: "
        "out 940 004010UCS (map northstar-940), out 940 004010 (map northstar-940); "
        "expected the version that is meant (`--version 004010`, or `version` over the API)"
    )
    assert versions == ["004010", "004010"]


def test_of_two_sets_the_answer_says_how_to_name_one(tmp_path: object) -> None:
    both = in_two_versions("004010UCS", "004010", sets=("940", "943"))
    with (
        sending(sqlite_url(tmp_path), both) as (here, _),
        pytest.raises(SubmissionRefused) as refused,
    ):
        here.pipeline.submit(submission())
    assert str(refused.value).endswith(
        "; expected the set that is meant (`--set`, or `set` over the API)"
    )


def test_a_partner_that_two_hold_at_once_is_held_once(database_url: str) -> None:
    with sending(database_url) as (here, rules):
        desk = operations(here, rules)
        together = threading.Barrier(4)

        def hold(number: int) -> Done:
            together.wait(30)
            return desk.hold_partner(PARTNER, f"reason {number}")

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(hold, range(4)))
        [held] = here.store.desk.outbound.holds()
        entries = here.store.desk.timeline(PARTNER, 10)
    [winner] = [number for number, one in enumerate(answers) if one.done]
    assert held.because == f"reason {winner}"
    assert [one.needless for one in answers] == [number != winner for number in range(4)]
    assert [(one.verb, one.detail) for one in entries] == [("hold", f"reason {winner}")]
