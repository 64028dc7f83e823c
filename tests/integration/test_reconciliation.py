"""A partner answers what we sent, in every way that partners do: verdicts on the real engine."""

from __future__ import annotations

from gateway.errors import Transient
from gateway.pipeline.outbound.submission import Submitted
from gateway.pipeline.reconciliation_records import AcknowledgmentRecord
from tests.integration.answers import Named, functional, technical
from tests.integration.outbound_world import operations, submission, taking_orders
from tests.integration.test_engine import run_until_done
from tests.integration.test_outbound import outgoing, sending, statuses_of, view_of
from tests.integration.world import World


def send(here: World, *numbers: int) -> list[Submitted]:
    """Submit orders and let them leave."""
    submitted = [here.pipeline.submit(submission(number)) for number in numbers]
    run_until_done(here)
    return submitted


def answer(here: World, *contents: bytes) -> list[AcknowledgmentRecord]:
    """Receive answers of the partner; return all that is kept of what it said, oldest first."""
    here.drop(*contents)
    run_until_done(here)
    return said(here)


def said(here: World) -> list[AcknowledgmentRecord]:
    return here.store.desk.acknowledgments.received()[::-1]


def kinds(records: list[AcknowledgmentRecord]) -> set[tuple[str, str, str, str | None]]:
    return {(one.kind, one.level, one.standing, one.verdict) for one in records}


def test_an_order_that_the_partner_accepts_shows_it(database_url: str) -> None:
    with sending(database_url) as (here, _):
        [order] = send(here, 1)
        told = answer(here, functional(9))
        view = view_of(here, order)
        [one, *_] = outgoing(here)
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


def test_a_rejected_order_waits_for_a_person_with_the_field_that_is_wrong(
    database_url: str,
) -> None:
    notes = ["AK3*W01*9**8", "AK4*5*234*7*LMP-1"]
    with sending(database_url) as (here, rules):
        [order] = send(here, 1)
        answer(here, functional(9, named=[Named(status="R", notes=notes, codes="*5")], status="R"))
        view = view_of(here, order)
        assert statuses_of(view) == ("accepted", "quarantined", "rejected")
        print(view.document.because, view.findings, view.raw)
        assert view.document.owner == "order-desk"
        assert view.document.reason == "rejected_by_partner"
