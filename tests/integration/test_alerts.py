"""Alerts on the real engine: raised once, told once to each target, closed by people or events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from gateway.clock import utc_now
from gateway.errors import GatewayError, Permanent, Transient
from gateway.pipeline import lane_names
from gateway.pipeline.alert_records import USUAL_TEXT, AlertView, NoticeRecord
from gateway.pipeline.alert_text import AlertText
from gateway.pipeline.alerts import Alert, AlertKind, AlertOperations, raise_alert
from gateway.pipeline.jobs import Stopped
from gateway.pipeline.notices import RECENT
from gateway.pipeline.pipeline import Pipeline
from gateway.pipeline.places import Destination, Places
from gateway.pipeline.ports import DeliveryPolicy
from gateway.pipeline.states import NoticeState
from gateway.shaping import TextTemplate
from gateway.transports.memory import Outbound
from tests.integration.answers import functional
from tests.integration.test_outbound import sending
from tests.integration.test_reconciliation import answer, first_of, let_time_pass, look, send
from tests.integration.world import FAST, PARTNER, World, rulebook, running, wait_for, world

LATE = Alert(
    AlertKind.ACKNOWLEDGMENT_OVERDUE,
    "interchange-1",
    "order-desk",
    "quayside has not acknowledged interchange 7",
    "gateway outbound show interch",
    "ask them",
    partner=PARTNER,
)


@dataclass
class Desk:
    """A world in which a webhook is told of alerts."""

    here: World
    webhook: Outbound
    pipeline: Pipeline

    def raised(self, alert: Alert = LATE) -> bool:
        with self.here.store.transaction() as transaction:
            return raise_alert(transaction, self.here.jobs, alert, utc_now())

    def tell(self) -> None:
        """Do what the job does that raising an alert has enqueued."""
        self.pipeline.run_lane(lane_names.notify("webhook"))

    @property
    def told(self) -> list[dict[str, Any]]:
        return [orjson.loads(one.content) for one in self.webhook.delivered.values()]

    @property
    def only(self) -> AlertView:
        [view] = self.here.store.desk.alerts.alerts()
        return view


@contextmanager
def telling(
    url: str,
    failures: Sequence[GatewayError] = (),
    template: str = USUAL_TEXT,
    policy: DeliveryPolicy = FAST,
) -> Iterator[Desk]:
    with world(url) as here:
        webhook = Outbound(failures)
        text = AlertText(TextTemplate(template), "harbor").consignment
        places = Places({}, {}, {"webhook": Destination(webhook, policy)}, text)
        yield Desk(here, webhook, Pipeline(here.store, here.jobs, rulebook(), places=places))


def test_an_alert_is_raised_once_and_told_once(database_url: str) -> None:
    with telling(database_url) as desk:
        assert desk.raised()
        assert not desk.raised()
        desk.tell()
        desk.tell()
        view = desk.only
    [told] = desk.told
    assert told["subject"] == "[harbor] quayside has not acknowledged interchange 7"
    assert told["text"] == (
        "quayside has not acknowledged interchange 7.\n\n"
        "Partner: quayside\n"
        "Acts:    order-desk\n"
        f"Since:   {view.alert.raised_at:%Y-%m-%d %H:%M} UTC\n"
        "Look:    gateway outbound show interch\n"
        "Do:      ask them\n\n"
        "Whoever takes it up says so: gateway alerts acknowledge "
        f'{view.alert.id[:8]} --because "…"'
    )
    assert told["alert"]["kind"] == "acknowledgment_overdue"
    assert list(desk.webhook.delivered) == [f"alert-{view.alert.id}.json"]
    [notice] = view.notices
    assert (notice.target, notice.state, notice.attempt) == ("webhook", "sent", 1)
    assert notice.sent_at is not None


def test_the_engine_tells_without_being_asked(database_url: str) -> None:
    with telling(database_url, [Transient("503")]) as desk:
        desk.here.pipeline = desk.pipeline
        with running(desk.here):
            desk.raised()
            wait_for(lambda: desk.webhook.delivered)
        assert desk.only.notices[0].attempt == 2


def test_an_attempt_that_never_ended_is_made_again_under_the_same_key(database_url: str) -> None:
    with telling(database_url) as desk:
        desk.raised()
        with desk.here.store.transaction() as transaction:
            now = utc_now()
            [(alert, none)] = transaction.alerts.untold("webhook", now, now - RECENT, 10)
            assert none is None
            died = NoticeRecord(alert.id, "webhook", NoticeState.DUE, 0, now)
            assert transaction.alerts.begin([died]) == [replace(died, attempt=1)]
            # Nobody else begins what somebody has begun.
            assert transaction.alerts.begin([replace(died, attempt=7)]) == []
        desk.tell()
        assert (desk.only.notices[0].attempt, len(desk.told)) == (2, 1)


def test_a_stop_uses_up_no_attempt_of_what_was_to_be_told(database_url: str) -> None:
    """Told to stop before anything is told, and then during the call, which is broken off."""
    with telling(database_url, [Transient("broken off")]) as desk:
        desk.raised()
        lane, webhook = lane_names.notify("webhook"), desk.webhook
        for stopping in (lambda: True, lambda: not webhook.failures):
            with pytest.raises(Stopped):
                desk.pipeline.run_lane(lane, stopping)
            [notice] = desk.only.notices
            assert (notice.state, notice.attempt) == ("due", 0)
            assert desk.here.store.desk.backlog(utc_now())["notices"] > 0
        desk.tell()
        [notice] = desk.only.notices
        assert (notice.state, notice.attempt, len(desk.told)) == ("sent", 1, 1)


def test_what_is_refused_is_given_up_and_shown(database_url: str) -> None:
    with telling(database_url, [Permanent("410 gone")]) as desk:
        desk.raised()
        desk.tell()
        [notice] = desk.only.notices
    assert (notice.state, notice.last_error) == ("dead", "410 gone")


def test_nobody_is_told_where_the_configuration_names_nobody(database_url: str) -> None:
    with world(database_url) as here:
        desk = Desk(here, Outbound(()), here.pipeline)
        desk.raised()
        desk.tell()
        assert desk.only.notices == ()


@pytest.mark.parametrize("verb", ["acknowledge", "dismiss"])
def test_nobody_is_told_of_what_a_person_has_taken_up(database_url: str, verb: str) -> None:
    with telling(database_url) as desk:
        desk.raised()
        people = AlertOperations(desk.here.store, desk.here.jobs, clock=utc_now)
        ask = getattr(people, verb)
        [done] = ask([desk.only.alert.id], "I call them")
        assert done.done
        [again] = ask([desk.only.alert.id], "I call them")
        assert (again.done, again.needless) == (False, True)
        desk.tell()
        alert = desk.only.alert
        [raised, taken] = desk.here.store.desk.timeline(alert.id, 10)
        assert not desk.raised()
    assert desk.told == []
    assert alert.said == "I call them"
    assert (alert.closed_at is not None) == (verb == "dismiss")
    assert (raised.verb, taken.verb, taken.detail) == ("raise", verb, "I call them")


def test_a_template_that_does_not_go_through_keeps_nobody_from_knowing(database_url: str) -> None:
    with telling(database_url, template="{{ document.wat }}") as desk:
        desk.raised()
        desk.tell()
    [told] = desk.told
    assert told["text"].startswith("quayside has not acknowledged interchange 7.\n")
    assert "(alerts.text in gateway.yaml does not go through: line 1: " in told["text"]


def test_an_overdue_acknowledgment_is_an_alert_until_it_comes(database_url: str) -> None:
    with sending(database_url) as (here, _):
        send(here, 1)
        let_time_pass(here)
        assert look(here) == 1
        due = first_of(here).acknowledgment_due_at
        [view] = here.store.desk.alerts.alerts()
        assert here.store.desk.overview(utc_now()).alerts == 1
        answer(here, functional(9))
        [after] = here.store.desk.alerts.alerts()
        assert here.store.desk.overview(utc_now()).alerts == 0
        sent = first_of(here)
    assert view.alert.owner == "order-desk"
    assert view.alert.what == (
        f"quayside has not acknowledged interchange 000000500 (940_000000500.edi): "
        f"no 997 until {due:%Y-%m-%d %H:%M} UTC"
    )
    assert view.alert.look == f"gateway outbound show {sent.id[:8]}"
    assert after.alert.state == "resolved"
    assert after.alert.said == "accepted late, by interchange 000000009 from quayside"


def test_what_is_closed_is_forgotten_in_time(database_url: str) -> None:
    with telling(database_url) as desk:
        desk.raised()
        desk.raised(replace(LATE, subject_id="interchange-2"))
        desk.tell()
        people = AlertOperations(desk.here.store, desk.here.jobs, clock=utc_now)
        [newest, older] = desk.here.store.desk.alerts.alerts()
        people.dismiss([older.alert.id], "they have it")
        with desk.here.store.transaction() as transaction:
            assert transaction.alerts.forget(utc_now() - timedelta(minutes=1)) == 0
            assert transaction.alerts.forget(utc_now() + timedelta(minutes=1)) == 1
        assert desk.only == newest


def test_what_is_to_be_told_is_not_finished_until_it_was_told(database_url: str) -> None:
    with telling(database_url) as desk:
        backlog = desk.here.store.desk.backlog
        assert backlog(utc_now())["notices"] == 0
        desk.raised()
        assert backlog(utc_now())["notices"] > 0
        for target in ("mail", "webhook"):
            desk.pipeline.run_lane(lane_names.notify(target))
        assert backlog(utc_now())["notices"] == 0


def test_what_is_told_later_is_not_waited_for(database_url: str) -> None:
    with telling(database_url, [Transient("503", retry_after=3600)]) as desk:
        desk.raised()
        for target in ("mail", "webhook"):
            desk.pipeline.run_lane(lane_names.notify(target))
        backlog = desk.here.store.desk.backlog
        assert backlog(utc_now())["notices"] == 0
        assert backlog(utc_now() + timedelta(hours=2))["notices"] == 1
