"""What observers and the log are told of failures: where to, why, and when next."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from gateway.errors import Transient
from gateway.pipeline.ports import Event
from tests.databases import sqlite_url
from tests.integration.test_engine import run_until_done
from tests.integration.world import FAST, order, partner, rulebook, world


@pytest.fixture
def url(tmp_path: object) -> str:
    return sqlite_url(tmp_path)


def test_a_retry_is_told_with_destination_reason_and_next_attempt(url: str) -> None:
    told: list[Event] = []
    with world(url, observer=told.append, failures=[Transient("HTTP 503")]) as here:
        [payload_id] = here.drop(order(1))
        run_until_done(here)
    [retry] = [event for event in told if event.name == "delivery.retry"]
    assert retry.details["destination"] == "erp"
    assert (retry.details["attempt"], retry.details["outcome"]) == ("1", "failed")
    assert retry.details["reason"] == "HTTP 503"
    assert datetime.fromisoformat(retry.details["next_attempt"]) > retry.at.replace(microsecond=0)
    about = [event for event in told if event.name in _CORRELATED]
    assert {event.name for event in about} == _CORRELATED
    assert {event.details["correlation_id"] for event in about} == {payload_id}


_CORRELATED = {
    "interchange.identify",
    "interchange.commit",
    "delivery.retry",
    "delivery.deliver",
    "outgoing.send",
}


def test_a_circuit_that_opens_and_closes_is_logged(url: str) -> None:
    nervous = replace(FAST, breaker_failures=1)
    failures = [Transient("HTTP 503")]
    with capture_logs() as lines, world(url, failures=failures, policy=nervous) as here:
        here.drop(order(1))
        run_until_done(here)
    told = [line for line in lines if line["event"].startswith("circuit_")]
    assert [(line["event"], line["log_level"], line["destination"]) for line in told] == [
        ("circuit_opened", "warning", "erp"),
        ("circuit_closed", "info", "erp"),
    ]
    assert (told[0]["failures"], datetime.fromisoformat(told[0]["until"]).tzinfo is None) == (
        1,
        False,
    )


def test_an_acknowledgment_has_the_partner_s_local_time(url: str) -> None:
    with world(url, rules=rulebook(them=partner(time_zone="Asia/Kolkata"))) as here:
        here.drop(order(1))
        run_until_done(here)
        [sent] = here.store.desk.outbound.outgoing()
    there = sent.created_at + timedelta(hours=5, minutes=30)
    isa, gs = (segment.split("*") for segment in sent.content.decode().split("~")[:2])
    assert isa[9:11] == [f"{there:%y%m%d}", f"{there:%H%M}"]
    assert gs[4:6] == [f"{there:%Y%m%d}", f"{there:%H%M}"]
