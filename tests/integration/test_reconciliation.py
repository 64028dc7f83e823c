"""A partner answers what we sent, in every way that partners do: verdicts on the real engine."""

from __future__ import annotations

import io
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import orjson
import pytest
from rich.console import Console

from gateway.cli.show_acknowledgments import print_acknowledged
from gateway.clock import utc_now
from gateway.errors import Permanent, Transient
from gateway.partners import Identity, PartnerLookup
from gateway.pipeline import reading, slices
from gateway.pipeline.observing import Announcer
from gateway.pipeline.outbound.submission import Submitted
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.ports import unobserved
from gateway.pipeline.reconciliation.overdue import Overdue
from gateway.pipeline.reconciliation.receipts import TransportReceipt, reconcile_receipt
from gateway.pipeline.reconciliation_records import AcknowledgmentRecord
from tests.integration.answers import Named, functional, technical
from tests.integration.outbound_world import operations, submission, taking_orders
from tests.integration.test_engine import run_until_done
from tests.integration.test_outbound import outgoing, sending, statuses_of, view_of
from tests.integration.world import (
    PARTNER,
    World,
    partner,
    rulebook,
    running,
    wait_for,
    world,
)

WRONG_ITEM = ["AK3*W01*9**8", "AK4*5*234*7*LMP-1"]
"""What a partner says of an order whose item it does not know."""

REJECTION = Named(status="R", notes=WRONG_ITEM, codes="*5")
REJECTION_OF_THE_SECOND = Named("0002", "R", WRONG_ITEM, "*5")


def send(here: World, *numbers: int) -> list[Submitted]:
    """Submit orders and let them leave."""
    submitted = [here.pipeline.submit(submission(number)) for number in numbers]
    run_until_done(here)
    return submitted


def answer(here: World, *contents: bytes) -> list[AcknowledgmentRecord]:
    """Receive answers of the partner; return all that is kept of what it said, oldest first."""
    for content in contents:
        here.pipeline.receive([here.received(content, "answer.edi", content.decode())])
        run_until_done(here)
    return said(here)


def said(here: World) -> list[AcknowledgmentRecord]:
    return here.store.desk.acknowledgments.received()[::-1]


def kinds(records: list[AcknowledgmentRecord]) -> set[tuple[str, str, str, str | None]]:
    return {(one.kind, one.level, one.standing, one.verdict) for one in records}


def look(here: World) -> int:
    """Look for overdue acknowledgments."""
    announcer = Announcer(unobserved, utc_now)
    return Overdue(
        here.store, here.jobs, owner_of=lambda _: "order-desk", clock=utc_now, announcer=announcer
    ).look()


def let_time_pass(here: World) -> None:
    """Move the deadline of what was sent to an hour ago."""
    with here.store.transaction() as transaction:
        for one in outgoing(here):
            passed = utc_now() - timedelta(hours=1)
            transaction.acknowledgments.judge(
                one.id, [one.acknowledgment], acknowledgment_due_at=passed
            )


def first_of(here: World) -> OutgoingRecord:
    return outgoing(here)[0]


def test_an_order_that_the_partner_accepts_shows_it(database_url: str) -> None:
    with sending(database_url) as (here, _):
        [order] = send(here, 1)
        told = answer(here, functional(9))
        view = view_of(here, order)
        one = first_of(here)
    assert statuses_of(view) == ("accepted", "delivered", "accepted")
    assert kinds(told) == {
        ("997", "group", "first", "accepted"),
        ("997", "set", "first", "accepted"),
    }
    assert one.acknowledgment == "accepted"
    assert one.acknowledged_at is not None
    assert set(view.verdicts) == set(told)
    assert one.acknowledged_by == told[0].interchange_id
    verbs = [(entry.subject, entry.verb, entry.detail) for entry in view.timeline]
    assert verbs[-1] == ("acknowledgment", "accept", "by interchange 000000009 from quayside")


def test_an_acknowledgment_shows_which_documents_of_ours_it_is_about(database_url: str) -> None:
    with sending(database_url) as (here, _):
        [order] = send(here, 1)
        told = answer(here, functional(9))
        came_in = told[0].interchange_id
        assert came_in is not None
        desk = here.store.desk.acknowledgments
        group, one = desk.acknowledged_by(came_in, 10)
        assert desk.acknowledged_by("another", 10) == []
        sent = first_of(here)
    assert (group.record.level, group.record.verdict, group.keys) == ("group", "accepted", ())
    assert (one.record.document_id, one.record.verdict) == (order.document_id, "accepted")
    assert ("depositor_order_number", "HG-1") in one.keys
    page = Console(file=io.StringIO(), width=140)
    print_acknowledged([group, one], page)
    printed = cast("io.StringIO", page.file).getvalue()
    assert "What it acknowledged" in printed
    assert "depositor order number HG-1" in printed
    assert f"{order.document_id[:8]}, {sent.id[:8]}" in printed


def test_what_left_once_is_matched_before_it_is_sent_again(database_url: str) -> None:
    with sending(database_url, failures=[Permanent("550 no")]) as (here, rules):
        [order] = send(here, 1)
        [done] = operations(here, rules).resend([order.document_id])
        assert done.done
        redelivered = first_of(here)
        assert (redelivered.state, redelivered.attempt, redelivered.sent_at) == ("due", 0, None)
        [id_] = here.pipeline.receive([here.received(functional(9), "answer.edi", "answer")])
        here.pipeline.read_payloads([id_], 1)
        told, one = said(here), first_of(here)
    assert kinds(told) == {
        ("997", "group", "first", "accepted"),
        ("997", "set", "first", "accepted"),
    }
    assert (one.state, one.acknowledgment) == ("sent", "accepted")


def test_a_999_is_understood_as_a_997(database_url: str) -> None:
    notes = ["IK3*W01*9**8", "IK4*5*234*7*LMP-1"]
    with sending(database_url) as (here, _):
        [order] = send(here, 1)
        rejected = Named(status="R", notes=notes, codes="*5")
        told = answer(here, functional(9, named=[rejected], status="R", kind="999"))
        view = view_of(here, order)
    assert ("999", "set", "first", "rejected") in kinds(told)
    assert view.document.because == (
        "/lines/0/item_ids/0/value (W0105): 'LMP-100': the partner says: code not in list"
    )


def test_a_rejected_order_waits_for_a_person_with_the_field_that_is_wrong(
    database_url: str,
) -> None:
    with sending(database_url) as (here, _):
        [order] = send(here, 1)
        answer(here, functional(9, named=[REJECTION], status="R"))
        view = view_of(here, order)
    document = view.document
    assert statuses_of(view) == ("accepted", "quarantined", "rejected")
    assert (document.owner, document.reason) == ("order-desk", "rejected_by_partner")
    assert document.because == (
        "/lines/0/item_ids/0/value (W0105): 'LMP-100': the partner says: code not in list"
    )
    [finding] = view.findings
    assert (finding.code, finding.severity) == ("code_not_in_list", "reject")
    assert (finding.field, finding.value) == ("/lines/0/item_ids/0/value", "LMP-100")
    assert orjson.loads(finding.location)["segment_position"] == 9
    assert ("document", "reject") in [(entry.subject, entry.verb) for entry in view.timeline]


def test_a_place_that_we_did_not_write_is_named_as_the_partner_names_it(
    database_url: str,
) -> None:
    notes = ["AK3*G69*99**2"]
    with sending(database_url) as (here, _):
        [order] = send(here, 1)
        answer(here, functional(9, named=[Named(status="R", notes=notes)], status="R"))
        view = view_of(here, order)
    assert view.document.because == "G69: the partner says: segment unexpected"


def test_a_rejected_order_is_written_anew_and_the_next_verdict_is_of_the_new_one(
    database_url: str,
) -> None:
    with sending(database_url) as (here, rules):
        [order] = send(here, 1)
        answer(here, functional(9, named=[REJECTION], status="R"))
        [done] = operations(here, rules).rewrite([order.document_id])
        assert done.done, done.what
        run_until_done(here)
        assert statuses_of(view_of(here, order)) == ("accepted", "delivered", "pending")
        # The old verdict again says nothing of the new numbers.
        answer(here, functional(10, named=[REJECTION], status="R"))
        assert statuses_of(view_of(here, order)) == ("accepted", "delivered", "pending")
        answer(here, functional(11, "701", [Named("0002")]))
        view = view_of(here, order)
        assert [one.acknowledgment for one in outgoing(here)[:2]] == ["rejected", "accepted"]
    assert statuses_of(view) == ("accepted", "delivered", "accepted")
    assert (view.findings, view.document.because) == ((), None)


def test_a_rejected_order_can_be_given_up_and_stays_rejected(database_url: str) -> None:
    with sending(database_url) as (here, rules):
        [order] = send(here, 1)
        answer(here, functional(9, named=[REJECTION], status="R"))
        people = operations(here, rules)
        [done] = people.refuse([order.document_id], "they closed the account")
        assert (done.done, done.what) == (True, "is given up")
        view = view_of(here, order)
        [again] = people.refuse([order.document_id], "once more")
    assert statuses_of(view) == ("accepted", "none", "rejected")
    assert again.what == "has left, or was given up: nothing holds it"


def test_a_rejected_order_that_is_sent_again_is_asked_about_again(database_url: str) -> None:
    with sending(database_url) as (here, rules):
        [order] = send(here, 1)
        answer(here, functional(9, named=[REJECTION], status="R"))
        [done] = operations(here, rules).resend([order.document_id])
        assert done.done
        run_until_done(here)
        assert statuses_of(view_of(here, order)) == ("accepted", "delivered", "pending")
        told = answer(here, functional(10))
        view = view_of(here, order)
    assert statuses_of(view) == ("accepted", "delivered", "accepted")
    assert [one.standing for one in told if one.level == "group"] == ["superseded", "first"]


def test_of_a_batch_that_is_partly_accepted_the_rejected_order_waits(database_url: str) -> None:
    them = taking_orders(batch={"count": 3, "every": "1h"})
    named = [Named("0001"), REJECTION_OF_THE_SECOND, Named("0003", "E")]
    with sending(database_url, them) as (here, _):
        orders = send(here, 1, 2, 3)
        answer(here, functional(9, named=named, status="P"))
        statuses = [statuses_of(view_of(here, order)) for order in orders]
        one = first_of(here)
        sets = here.store.desk.outbound.sets_of(one.id)
    assert one.acknowledgment == "partly_accepted"
    assert [each.verdict for each in sets] == ["accepted", "rejected", "accepted_with_errors"]
    assert statuses == [
        ("accepted", "delivered", "accepted"),
        ("accepted", "quarantined", "rejected"),
        ("accepted", "delivered", "accepted_with_errors"),
    ]


def test_sets_that_a_997_does_not_name_share_the_verdict_of_their_group(
    database_url: str,
) -> None:
    them = taking_orders(batch={"count": 2, "every": "1h"})
    with sending(database_url, them) as (here, _):
        orders = send(here, 1, 2)
        answer(here, functional(9, named=[], status="A"))
        assert {view_of(here, one).document.acknowledgment for one in orders} == {"accepted"}
        # One that is named later has a verdict of its own, which goes before.
        answer(here, functional(10, named=[REJECTION_OF_THE_SECOND], status="P"))
        found = [view_of(here, one).document.acknowledgment for one in orders]
        assert first_of(here).acknowledgment == "partly_accepted"
    assert found == ["accepted", "rejected"]


def test_a_group_that_is_rejected_takes_all_of_its_sets_along(database_url: str) -> None:
    them = taking_orders(batch={"count": 2, "every": "1h"})
    with sending(database_url, them) as (here, _):
        orders = send(here, 1, 2)
        answer(here, functional(9, named=[Named("0001")], status="R", codes="*2"))
        found = [view_of(here, one).document for one in orders]
    assert [one.acknowledgment for one in found] == ["rejected", "rejected"]
    assert {one.because for one in found} == {
        "the partner rejected the whole group: group version not supported"
    }


def test_a_verdict_that_comes_twice_counts_once_and_the_difference_is_told(
    database_url: str,
) -> None:
    with sending(database_url) as (here, _):
        [order] = send(here, 1)
        answer(here, functional(9), functional(10))
        told = answer(here, functional(11, named=[REJECTION], status="R"))
        view = view_of(here, order)
    assert statuses_of(view) == ("accepted", "delivered", "accepted")
    assert [(one.standing, one.detail) for one in told if one.level == "set"] == [
        ("first", ""),
        ("duplicate", "says the same again"),
        ("duplicate", "says rejected, after accepted, which stays"),
    ]
    assert view.findings == ()


def test_the_same_answer_that_comes_as_the_same_bytes_is_dropped_before_it_is_reconciled(
    database_url: str,
) -> None:
    with sending(database_url) as (here, _):
        send(here, 1)
        answer(here, functional(9))
        here.pipeline.receive([here.received(functional(9), "again.edi", "again")])
        run_until_done(here)
        assert len(said(here)) == 2


def test_an_answer_to_what_we_never_sent_is_kept_as_unmatched(database_url: str) -> None:
    with sending(database_url) as (here, _):
        [order] = send(here, 1)
        told = answer(
            here,
            functional(9, group="4711"),
            functional(10, functional_id="PO"),
            technical(11, of="000009999"),
            functional(12, named=[Named("0042")]),
        )
        view = view_of(here, order)
    assert [(one.level, one.standing, one.detail) for one in told][:3] == [
        ("group", "unmatched", "we sent no group OW 4711 to quayside"),
        ("group", "unmatched", "we sent no group PO 700 to quayside"),
        ("interchange", "unmatched", "we sent no interchange 000009999 to quayside"),
    ]
    assert ("997", "set", "unmatched", "accepted") in kinds(told)
    # Its group was accepted, and it was not named.
    assert view.document.acknowledgment == "accepted"


def test_an_answer_to_what_waits_and_was_never_tried_is_unmatched(database_url: str) -> None:
    with sending(database_url) as (here, _):
        order = here.pipeline.submit(submission())
        here.pipeline.receive([here.received(functional(9), "early.edi", "early")])
        run_until_done(here)
        found = {one.detail for one in said(here)}
        view = view_of(here, order)
    # Which of the two jobs came first is the engine's choice; one was right, and never both.
    if found == {"group OW 700 has not left"}:
        assert view.document.acknowledgment == "pending"
    else:
        assert view.document.acknowledgment == "accepted"
    assert view.document.delivery == "delivered"


def test_an_answer_without_ak9_is_kept_as_unreadable(database_url: str) -> None:
    broken = functional(9).replace(b"AK9*A*1*1*1~SE*6", b"SE*5")
    with sending(database_url) as (here, _):
        [order] = send(here, 1)
        [told] = answer(here, broken)
        view = view_of(here, order)
    assert (told.standing, told.verdict) == ("unreadable", None)
    assert told.detail == "AK1 or AK9 is missing, or AK9 says nothing"
    assert view.document.acknowledgment == "pending"


def test_an_answer_whose_own_envelope_is_wrong_is_not_believed(database_url: str) -> None:
    with sending(database_url) as (here, _):
        [order] = send(here, 1)
        [told] = answer(here, functional(9).replace(b"SE*6*0001", b"SE*7*0001"))
        view = view_of(here, order)
    assert told.detail == "its own envelope is at fault: it is not believed"
    assert view.document.acknowledgment == "pending"


def test_a_ta1_that_takes_the_envelope_leaves_the_997_to_come(database_url: str) -> None:
    with sending(database_url) as (here, _):
        [order] = send(here, 1)
        [told] = answer(here, technical(9))
        assert (told.kind, told.level, told.verdict) == ("TA1", "interchange", "accepted")
        assert view_of(here, order).document.acknowledgment == "pending"
        answer(here, functional(10))
        assert view_of(here, order).document.acknowledgment == "accepted"


def test_a_ta1_is_the_verdict_where_nothing_else_is_expected(database_url: str) -> None:
    them = taking_orders(expect={"acknowledgment": "TA1"})
    with sending(database_url, them) as (here, _):
        [order] = send(here, 1)
        answer(here, technical(9, of="500"))
        assert view_of(here, order).document.acknowledgment == "accepted"
        assert first_of(here).acknowledgment == "accepted"


def test_a_ta1_that_rejects_the_interchange_rejects_its_orders(database_url: str) -> None:
    with sending(database_url) as (here, _):
        [order] = send(here, 1)
        answer(here, technical(9, status="R", code="009"))
        view = view_of(here, order)
    assert statuses_of(view) == ("accepted", "quarantined", "rejected")
    assert view.document.because == ("the partner says of the interchange: receiver unknown")


def test_what_nobody_expected_counts_all_the_same(database_url: str) -> None:
    them = taking_orders(expect={"acknowledgment": "none"})
    with sending(database_url, them) as (here, _):
        [order] = send(here, 1)
        assert view_of(here, order).document.acknowledgment == "none"
        answer(here, functional(9))
        assert view_of(here, order).document.acknowledgment == "accepted"


def test_an_answer_that_is_here_before_we_know_that_it_was_sent(database_url: str) -> None:
    """Their answer is read while our transport still waits for its own."""
    with sending(database_url, failures=[Transient("no answer in time")]) as (here, _):
        order = here.pipeline.submit(submission())
        with running(here) as engine:
            wait_for(lambda: outgoing(here)[0].attempt >= 1)
            here.pipeline.receive([here.received(functional(9), "early.edi", "early")])
            wait_for(lambda: view_of(here, order).document.acknowledgment == "accepted")
            engine.drain()
        view = view_of(here, order)
    assert statuses_of(view) == ("accepted", "delivered", "accepted")


def test_what_we_gave_up_sending_is_sent_where_the_partner_has_it(database_url: str) -> None:
    with sending(database_url, failures=[Permanent("550 no")]) as (here, _):
        [order] = send(here, 1)
        assert view_of(here, order).document.delivery == "dead"
        answer(here, functional(9))
        view = view_of(here, order)
        one = first_of(here)
    assert statuses_of(view) == ("accepted", "delivered", "accepted")
    assert (one.state, one.last_error) == ("sent", None)
    assert one.acknowledgment_due_at is not None


def test_what_does_not_come_in_time_is_overdue_until_it_comes_late(database_url: str) -> None:
    with sending(database_url) as (here, _):
        [order] = send(here, 1)
        assert look(here) == 0
        let_time_pass(here)
        assert look(here) == 1
        assert look(here) == 0, "once"
        assert view_of(here, order).document.acknowledgment == "overdue"
        [overdue] = here.store.desk.acknowledgments.overdue(PARTNER)
        assert overdue.id == first_of(here).id
        told = answer(here, functional(9))
        view = view_of(here, order)
        assert here.store.desk.acknowledgments.overdue() == []
    assert statuses_of(view) == ("accepted", "delivered", "accepted")
    assert {one.standing for one in told} == {"late"}
    assert [(one.subject, one.verb) for one in view.timeline][-2:] == [
        ("acknowledgment", "miss"),
        ("acknowledgment", "accept"),
    ]


def test_what_is_overdue_is_sent_again_as_often_as_was_agreed(database_url: str) -> None:
    them = taking_orders(expect={"within": "1h", "resend": 1})
    with sending(database_url, them) as (here, _):
        [order] = send(here, 1)
        let_time_pass(here)
        assert look(here) == 1
        run_until_done(here)
        again = first_of(here)
        assert (again.state, again.acknowledgment, again.resends) == ("sent", "overdue", 0)
        assert again.acknowledgment_due_at is not None
        assert look(here) == 0
        told = answer(here, functional(9))
        view = view_of(here, order)
    assert view.document.acknowledgment == "accepted"
    assert {one.standing for one in told} == {"late"}
    assert [entry.verb for entry in view.timeline if entry.subject == "outgoing"] == [
        "owe",
        "send",
        "resend",
        "send",
    ]


def test_a_receipt_of_the_transport_is_shown_beside_the_997(database_url: str) -> None:
    with sending(database_url) as (here, _):
        [order] = send(here, 1)
        one = first_of(here)
        receipt = TransportReceipt(
            "MDN", PARTNER, "<1@harbor>", one.id, accepted=True, because="processed"
        )
        for seconds in range(2):
            with here.store.transaction() as transaction:
                now = utc_now() - timedelta(seconds=2 - seconds)
                reconcile_receipt(transaction, receipt, now)
        answer(here, functional(9))
        view = view_of(here, order)
    assert [(told.kind, told.level, told.standing) for told in view.verdicts][:2] == [
        ("MDN", "transport", "first"),
        ("MDN", "transport", "duplicate"),
    ]
    assert view.document.acknowledgment == "accepted"


def at_the_partner(here: World, url: str, agreement: Mapping[str, str]) -> bytes:
    """Let our own gateway read what we sent, as the partner; return how it answers."""
    us = partner(identities=[{"qualifier": "ZZ", "id": "HARBOR"}], agreements=[agreement])
    they = Identity.model_validate({"qualifier": "ZZ", "id": "QUAYSIDE"})
    rules = replace(rulebook(them=us), lookup=PartnerLookup([us], [they]))
    with world(url, rules=rules) as there:
        for consignment in here.folder.delivered.values():
            there.drop(consignment.content)
        run_until_done(there)
        [reply] = there.folder.delivered.values()
    return reply.content


def test_what_we_send_is_acknowledged_by_a_gateway_like_ours(
    database_url: str, tmp_path: Path
) -> None:
    with sending(database_url) as (here, _):
        [order] = send(here, 1)
        taking = {"set": "940", "direction": "in", "map": "plain-940"}
        reply = at_the_partner(here, f"sqlite:///{tmp_path}/partner.db", taking)
        told = answer(here, reply)
        view = view_of(here, order)
    assert kinds(told) == {
        ("997", "group", "first", "accepted"),
        ("997", "set", "first", "accepted"),
    }
    assert statuses_of(view) == ("accepted", "delivered", "accepted")


def test_what_we_send_is_rejected_by_a_gateway_like_ours(database_url: str, tmp_path: Path) -> None:
    with sending(database_url) as (here, _):
        [order] = send(here, 1)
        other = {"set": "943", "direction": "in", "map": "plain-940"}
        answer(here, at_the_partner(here, f"sqlite:///{tmp_path}/partner.db", other))
        view = view_of(here, order)
    assert statuses_of(view) == ("accepted", "quarantined", "rejected")
    assert view.document.because == "the partner says: transaction set not supported"


def test_of_answers_that_are_read_at_the_same_moment_one_is_the_first(database_url: str) -> None:
    with sending(database_url) as (here, _):
        [order] = send(here, 1)
        contents = [functional(number) for number in range(10, 16)]
        ids = [
            here.pipeline.receive([here.received(content, "answer.edi", content.decode())])
            for content in contents
        ]
        with ThreadPoolExecutor(len(ids)) as pool:
            for done in [pool.submit(here.pipeline.read_payloads, each, 1) for each in ids]:
                done.result()
        standings = [one.standing for one in said(here) if one.level == "set"]
        view = view_of(here, order)
    assert sorted(standings) == ["duplicate"] * 5 + ["first"]
    assert view.document.acknowledgment == "accepted"


def test_answers_in_an_interchange_that_is_read_slice_by_slice_count_once(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LARGE", 1)
    monkeypatch.setattr(slices, "SLICE_SETS", 1)
    first = functional(9).decode()
    second = "ST*997*0002~AK1*OW*701~AK2*940*0002~AK5*A~AK9*A*1*1*1~SE*6*0002~"
    whole = first.replace("GE*1*", f"{second}GE*2*").replace("IEA*0*", "IEA*1*")
    with sending(database_url) as (here, _):
        orders = send(here, 1, 2)
        told = answer(here, whole.encode())
        found = {view_of(here, one).document.acknowledgment for one in orders}
    assert found == {"accepted"}
    assert [one.standing for one in told] == ["first"] * 4
