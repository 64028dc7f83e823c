"""A partner's application advice (824) says what its system did with what we sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import cast

import pytest

from gateway.clock import utc_now
from gateway.pipeline.operations import Operations
from gateway.pipeline.outbound.operations import OutboundOperations
from gateway.pipeline.pipeline import Pipeline
from gateway.pipeline.places import Destination, Places
from gateway.pipeline.reconciliation_records import AcknowledgmentRecord
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.views import DocumentFilter, DocumentView
from tests.integration.outbound_world import OURS, submission
from tests.integration.test_engine import run_until_done
from tests.integration.test_outbound import view_of
from tests.integration.test_reconciliation import answer, send
from tests.integration.world import FAST, PARTNER, PlainMap, World, partner, rulebook, world
from tests.samples.maps import compiled_map

ORDERS = {"set": "940", "direction": "out", "version": "004010UCS", "map": "northstar-940"}
ADVICES = {"set": "824", "direction": "in", "map": "base-824"}

REFUSED = "OTI*TR*OQ*HG-1*****700*0001*940~TED*024*unknown article*W01*9*5**LMP-100~"


@contextmanager
def sending(url: str) -> Iterator[World]:
    """Open a world whose partner takes orders and sends advices."""
    with world(url, rules=rules_of(ADVICES)) as here:
        yield here


def rules_of(advices: Mapping[str, object]) -> Rulebook:
    """Return the rules of a world, by what is agreed on advices."""
    maps = {name: compiled_map(name) for name in ("northstar-940", "base-824")}
    return rulebook(
        cast("Mapping[str, PlainMap]", maps),
        them=partner(agreements=[ORDERS, advices]),
        ours=OURS,
    )


def places_of(here: World) -> Places:
    """Return the places of a world."""
    erp, folder = Destination(here.erp, FAST), Destination(here.folder, FAST)
    return Places({"erp": erp}, {PARTNER: folder})


def advice(number: int, *transactions: str) -> bytes:
    """Write an 824 of the partner."""
    body = ["ST*824*0001", f"BGN*00*ADV-{number}*20260316"]
    body += [segment for text in transactions for segment in text.split("~") if segment]
    whole = "~".join([*body, f"SE*{len(body) + 1}*0001"])
    return (
        "ISA*00*          *00*          *ZZ*QUAYSIDE       *ZZ*HARBOR         *260316*0912*U*00401*"
        f"{number:09d}*0*P*>~GS*AG*QUAYSIDE*HARBOR*20260316*0912*{number}*X*004010~{whole}~"
        f"GE*1*{number}~IEA*1*{number:09d}~"
    ).encode()


def came(here: World) -> DocumentView:
    [summary] = here.store.desk.documents(DocumentFilter(direction="in"))
    view = here.store.desk.document(summary.document.id)
    assert view is not None
    return view


def said(one: AcknowledgmentRecord) -> tuple[str, str, str, str | None, str]:
    return one.kind, one.level, one.standing, one.verdict, one.detail


def test_what_the_partners_system_refused_waits_for_a_person_with_its_words(
    database_url: str,
) -> None:
    with sending(database_url) as here:
        [order] = send(here, 1)
        [told] = answer(here, advice(9, REFUSED))
        ours, theirs = view_of(here, order), came(here)
    words = "the partner's system says: transaction rejected: 'LMP-100': unknown article"
    assert said(told) == ("824", "application", "first", "rejected", words)
    document = ours.document
    assert (document.delivery, document.acknowledgment) == ("quarantined", "rejected")
    assert (document.reason, document.because, document.owner) == (
        "rejected_by_partner",
        words,
        "order-desk",
    )
    assert [(one.severity, one.value, one.detail) for one in ours.findings] == [
        ("reject", "LMP-100", "the partner's system says: unknown article")
    ]
    assert list(ours.verdicts) == [told]
    assert theirs.document.caused_by == document.id
    assert [one.document.id for one in theirs.related] == [document.id]
    assert (theirs.document.delivery, theirs.document.acknowledgment) == ("delivered", "sent")


def test_it_is_found_by_its_own_number_where_the_advice_names_no_other(database_url: str) -> None:
    with sending(database_url) as here:
        first, second = send(here, 1, 2)
        [told] = answer(here, advice(9, "OTI*TE*OQ*HG-2******~TED*011*price differs~"))
        views = [view_of(here, one) for one in (first, second)]
    assert told.document_id == second.document_id
    assert [one.document.acknowledgment for one in views] == ["pending", "accepted_with_errors"]
    assert [one.severity for one in views[1].findings] == ["note"]


def test_it_is_found_by_its_set_number_where_the_advice_names_no_group(database_url: str) -> None:
    # The standard wants both or none; who lives with that is understood.
    lenient = {**ADVICES, "acknowledgment": {"strictness": "note_errors"}}
    with world(database_url, rules=rules_of(lenient)) as here:
        _, second = send(here, 1, 2)
        [told] = answer(here, advice(9, "OTI*TE*TN*their own words******0002*940~TED*011*late~"))
        assert told.document_id == second.document_id
        [*_, other] = answer(
            here, advice(10, "OTI*TE*TN*their own words******0077*940~TED*011*late~")
        )
    assert {(one.document_id, one.standing) for one in (told, other)} >= {(None, "unmatched")}


def test_its_set_number_decides_between_documents_of_one_number(database_url: str) -> None:
    with sending(database_url) as here:
        first, _ = [here.pipeline.submit(submission(1, key=key)) for key in ("a", "b")]
        run_until_done(here)
        [told] = answer(here, advice(9, "OTI*TE*OQ*HG-1*****999*0001*940~TED*011*late~"))
    assert told.document_id == first.document_id


def test_a_yes_is_kept_and_changes_nothing(database_url: str) -> None:
    with sending(database_url) as here:
        [order] = send(here, 1)
        [told] = answer(here, advice(9, "OTI*TA*OQ*HG-1*****700*0001*940~"))
        view = view_of(here, order)
    assert said(told) == (
        "824",
        "application",
        "first",
        "accepted",
        "the partner's system says: transaction accepted",
    )
    assert (view.document.delivery, view.document.acknowledgment) == ("delivered", "pending")


def test_the_same_again_counts_once_and_a_no_after_a_yes_counts(database_url: str) -> None:
    yes = "OTI*TA*OQ*HG-1*****700*0001*940~"
    with sending(database_url) as here:
        [order] = send(here, 1)
        told = answer(here, advice(9, yes), advice(10, yes), advice(11, REFUSED))
        view = view_of(here, order)
    assert [(one.standing, one.verdict) for one in told] == [
        ("first", "accepted"),
        ("duplicate", "accepted"),
        ("first", "rejected"),
    ]
    assert view.document.acknowledgment == "rejected"


@pytest.mark.parametrize(
    ("transaction", "standing", "detail"),
    [
        ("OTI*TR*OQ*HG-9~", "unmatched", "we sent no document HG-9 to quayside"),
        ("OTI*TR*OQ*HG-1*****700*0001*945~", "unmatched", "we sent no 945 HG-1 to quayside"),
        ("OTI*ZZ*OQ*HG-1~", "unreadable", "the partner's system says: ZZ"),
    ],
)
def test_what_is_about_nothing_of_ours_or_says_nothing_is_kept_and_told(
    database_url: str, transaction: str, standing: str, detail: str
) -> None:
    with sending(database_url) as here:
        [order] = send(here, 1)
        [told] = answer(here, advice(9, transaction))
        view = view_of(here, order)
    assert (told.standing, told.detail) == (standing, detail)
    assert (view.document.delivery, view.document.acknowledgment) == ("delivered", "pending")


def test_an_order_that_was_refused_can_be_sent_again_once_it_is_mended(database_url: str) -> None:
    with sending(database_url) as here:
        send(here, 1)
        answer(here, advice(9, REFUSED))
        again = here.pipeline.submit(submission(1, key="mended"))
        run_until_done(here)
        [_, told] = answer(here, advice(10, "OTI*TA*OQ*HG-1~"))
    assert told.document_id == again.document_id, "of two with one number it is the newer"


@contextmanager
def late(url: str) -> Iterator[tuple[World, Operations]]:
    """Open a world that has no map of advices yet, and what a person asks for once it has."""
    with sending(url) as here:
        mapped = rules_of(ADVICES)
        bare = rules_of({"set": "824", "direction": "in"})
        here.pipeline = Pipeline(here.store, here.jobs, bare, places=places_of(here))
        yield here, Operations(here.store, here.jobs, mapped)


def test_an_advice_that_is_translated_late_says_the_same_of_ours_as_one_that_came_translated(
    database_url: str,
) -> None:
    with late(database_url) as (here, operations):
        [order] = send(here, 1)
        assert answer(here, advice(9, REFUSED)) == []
        assert view_of(here, order).document.acknowledgment == "pending"
        id_ = came(here).document.id
        [tried] = operations.retranslate([id_], dry_run=True)
        assert view_of(here, order).document.acknowledgment == "pending", "only shown"
        [done] = operations.retranslate([id_])
        assert (tried.done, done.done) == (True, True)
        counts = f"what it says of {order.document_id[:8]} counts now"
        assert done.what == f"goes to erp; {counts}"
        ours, theirs = view_of(here, order), came(here)
        assert (ours.document.delivery, ours.document.acknowledgment) == ("quarantined", "rejected")
        assert [one.detail for one in ours.verdicts] == [
            "the partner's system says: transaction rejected: 'LMP-100': unknown article"
        ]
        assert theirs.document.caused_by == order.document_id
        [again] = operations.retranslate([id_])
        assert (again.done, again.what) == (False, "translates to the same content")
        assert len(view_of(here, order).verdicts) == 1


def test_an_advice_about_nothing_is_tied_once_it_is_about_something(database_url: str) -> None:
    with sending(database_url) as here:
        [told] = answer(here, advice(9, "OTI*TR*OQ*HG-1~"))
        assert told.standing == "unmatched"
        [order] = send(here, 1)
        operations = Operations(here.store, here.jobs, rules_of(ADVICES))
        [done] = operations.retranslate([came(here).document.id])
        assert done.what.endswith(f"what it says of {order.document_id[:8]} counts now")
        [verdict] = view_of(here, order).verdicts
        assert (verdict.id, verdict.standing, verdict.verdict) == (told.id, "first", "rejected")


def test_what_is_said_of_the_numbers_that_a_document_had_before_is_shown_with_it(
    database_url: str,
) -> None:
    with sending(database_url) as here:
        [order] = send(here, 1)
        desk = OutboundOperations(here.store, here.jobs, rules_of(ADVICES), clock=utc_now)
        assert desk.rewrite([order.document_id])[0].done
        run_until_done(here)
        [told] = answer(here, advice(9, REFUSED))
        ours = view_of(here, order)
    assert (told.standing, told.document_id) == ("first", order.document_id)
    assert told.detail.endswith(
        "unknown article; of its numbers before it was written anew: what goes out since is not "
        "judged by it"
    )
    assert list(ours.verdicts) == [told]
    # It is about what went out before: what went out since has not been judged.
    assert (ours.document.delivery, ours.document.acknowledgment) == ("delivered", "pending")
