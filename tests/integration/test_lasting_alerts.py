"""Alerts about what lasts: raised once while it is so, resolved when it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from gateway.clock import utc_now
from gateway.errors import Permanent
from gateway.partners.outgoing import ExpectedTraffic
from gateway.pipeline.alerts import AlertOperations
from gateway.pipeline.lane_records import LaneRecord
from gateway.pipeline.lasting import LastingAlerts
from gateway.pipeline.records import BusinessKeyRecord
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.views import DocumentFilter, Stuck
from gateway.store.tables import deliveries, documents
from tests.integration.outbound_world import sending_rules, submission, taking_orders
from tests.integration.test_engine import run_until_done
from tests.integration.test_outbound import sending
from tests.integration.world import PARTNER, World, order, partner, rulebook, world


def look(here: World, rules: Rulebook | None = None, *, after: timedelta = timedelta(0)) -> None:
    LastingAlerts(
        here.store,
        here.jobs,
        rules or rulebook(),
        clock=lambda: utc_now() + after,
    ).look()


def standing(here: World) -> list[tuple[str, str]]:
    return [(one.alert.state, one.alert.what) for one in here.store.desk.alerts.alerts()]


AGREED = {"set": "940", "direction": "in", "map": "plain-940", "usage": ["P", "T"]}
DEAD = "1 delivery to destination erp failed for good"


def test_a_dead_delivery_is_an_alert_once_until_none_is_dead(database_url: str) -> None:
    with world(database_url, failures=[Permanent("no")]) as here:
        here.drop(order(1))
        run_until_done(here)
        look(here)
        look(here)
        assert standing(here) == [("open", DEAD)]
        [view] = here.store.desk.alerts.alerts()
        assert view.alert.look == "gateway documents list --status dead --destination erp"
        (dead,) = here.store.desk.documents(DocumentFilter(status="dead", destination="erp"))
        assert dead.stuck == (Stuck("erp", "dead", "no"),)
        elsewhere = (("delivered", "erp"), ("dead", "yard"))
        for status, there in elsewhere:
            asked = DocumentFilter(status=status, destination=there)
            assert here.store.desk.documents(asked) == [], (status, there)
        revive(here, "delivered")
        look(here)
        assert standing(here) == [("resolved", DEAD)]
        # Another time is another alert, and one dismissed is not raised again while it lasts.
        revive(here, "dead")
        look(here)
        [open_] = here.store.desk.alerts.alerts(["open"])
        AlertOperations(here.store, here.jobs, clock=utc_now).dismiss([open_.alert.id], "known")
        look(here)
        assert sorted(standing(here)) == [("dismissed", DEAD), ("resolved", DEAD)]


def revive(here: World, state: str) -> None:
    with here.store.engine.begin() as connection:
        connection.execute(sa.update(deliveries).values(state=state))


def test_a_partner_that_could_not_be_reached_is_an_alert(database_url: str) -> None:
    with sending(database_url, failures=[Permanent("no")]) as (here, rules):
        here.pipeline.submit(submission())
        run_until_done(here)
        look(here, rules)
        assert standing(here) == [
            ("open", f"1 interchange to partner {PARTNER} failed for good"),
        ]


@pytest.mark.parametrize(("openings", "raised"), [(4, 0), (5, 1)])
def test_a_breaker_that_opens_again_and_again_is_an_alert(
    database_url: str, openings: int, raised: int
) -> None:
    with world(database_url) as here:
        lane = LaneRecord("deliver:erp", openings=openings, open_until=utc_now(), answer="503")
        with here.store.transaction() as transaction:
            transaction.lanes.wake([lane.lane])
            transaction.lanes.keep(lane)
        look(here)
        said = ("open", "destination erp has failed again and again: 503")
        assert standing(here) == [said] * raised
        with here.store.transaction() as transaction:
            transaction.lanes.keep(LaneRecord(lane.lane))
        look(here)
        assert standing(here) == [("resolved", said[1])] * raised


def test_what_waits_in_quarantine_for_an_hour_is_an_alert(database_url: str) -> None:
    with world(database_url) as here:
        here.drop(order(1))
        run_until_done(here)
        with here.store.engine.begin() as connection:
            connection.execute(sa.update(documents).values(delivery="quarantined"))
        look(here, after=timedelta(minutes=50))
        assert standing(here) == []
        look(here, after=timedelta(minutes=70))
        said = f"1 document of partner {PARTNER} in quarantine for more than an hour"
        assert standing(here) == [("open", said)]


def test_a_partner_that_falls_silent_is_an_alert_until_it_sends(database_url: str) -> None:
    rules = rulebook(them=partner(agreements=[{**AGREED, "expect_traffic": {"every": "1d"}}]))
    with world(database_url, rules=rules) as here:
        look(here, rules, after=timedelta(days=9))
        assert standing(here) == []  # it has never sent any: it is not live yet
        here.drop(order(1))
        run_until_done(here)
        [document] = here.store.desk.documents(DocumentFilter())
        look(here, rules, after=timedelta(hours=23))
        assert standing(here) == []
        look(here, rules, after=timedelta(hours=25))
        came = document.document.received_at
        said = f"no 940 from {PARTNER} since {came:%Y-%m-%d %H:%M} UTC"
        assert standing(here) == [("open", said)]
        here.drop(order(2))
        run_until_done(here)
        look(here, rules)
        assert standing(here) == [("resolved", said)]


def test_an_order_that_nothing_answers_is_an_alert_until_it_is_answered(database_url: str) -> None:
    rules = sending_rules(taking_orders(expect={"answer": "945", "answer_within": "3d"}))
    with sending(database_url, taking_orders()) as (here, _):
        made = here.pipeline.submit(submission())
        run_until_done(here)
        look(here, rules, after=timedelta(days=2))
        assert standing(here) == []
        look(here, rules, after=timedelta(days=4))
        said = f"{PARTNER} has not answered 940 HG-1 with 945"
        assert standing(here) == [("open", said)]
        view = here.store.desk.document(made.document_id)
        assert view is not None
        shipped = replace(view.document, id="a-945", set_id="945", direction="in", outgoing_id=None)
        key = BusinessKeyRecord("a-945", "depositor_order_number", "HG-1")
        with here.store.transaction() as transaction:
            transaction.ledger.add([shipped, key])
        look(here, rules, after=timedelta(days=4))
        assert standing(here) == [("resolved", said)]


FRIDAY = datetime.fromisoformat("2026-11-20T10:00:00+00:00")
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")


@pytest.mark.parametrize(
    ("days", "hours", "said"),
    [
        (WORKDAYS, 71, "not yet"),
        (WORKDAYS, 72, "overdue"),
        (("mon", "tue", "wed", "thu", "fri", "sat", "sun"), 24, "overdue"),
        (("mon", "tue", "wed", "thu", "fri", "sat", "sun"), 23, "not yet"),
    ],
)
def test_silence_is_counted_on_the_days_that_a_partner_sends(
    days: Sequence[str], hours: int, said: str
) -> None:
    expected = ExpectedTraffic.model_validate({"every": "1d", "days": days})
    assert expected.is_overdue(FRIDAY, FRIDAY + timedelta(hours=hours)) == (said == "overdue")
