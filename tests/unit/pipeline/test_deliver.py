"""What an attempt's end makes of a delivery, and when the next one comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.errors import GatewayError, Permanent, Transient
from gateway.pipeline.outcome import Advance, Quarantine, Reason, Retry
from gateway.pipeline.ports import Consignment, DeliveryPolicy, Receipt
from gateway.pipeline.records import DeliveryRecord
from gateway.pipeline.stages import deliver
from gateway.pipeline.stages.route import Owed, idempotency_key, owe
from gateway.pipeline.views import DueDelivery

NOW = datetime(2026, 3, 15, 9, 12, tzinfo=UTC)
POLICY = DeliveryPolicy(
    attempts=3,
    first_pause=timedelta(seconds=2),
    longest_pause=timedelta(seconds=10),
    owner="erp-team",
)
DUE = owe(Owed("document-1", "payload-1", "hash-1", NOW), "erp", route="orders", allowance=3)
CLAIMED = replace(DUE, state="claimed", attempt=1)


class Answering:
    """A destination that answers as it was told."""

    def __init__(self, answer: Receipt | Exception) -> None:
        self.answer = answer
        self.seen: list[Consignment] = []

    def connect(self) -> None:
        """Do nothing."""

    def deliver(self, consignment: Consignment) -> Receipt:
        self.seen.append(consignment)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def close(self) -> None:
        """Do nothing."""


def attempt(answer: Receipt | Exception) -> tuple[object, str]:
    due = DueDelivery(CLAIMED, b"{}", "shipment_order", "quayside", "P", NOW)
    return deliver.hand_over(Answering(answer), deliver.consignment(due), POLICY)


def settle(outcome: object, delivery: DeliveryRecord = CLAIMED) -> DeliveryRecord:
    assert isinstance(outcome, Advance | Retry | Quarantine)
    return deliver.settled(delivery, outcome, POLICY, now=NOW, jitter=0.5)


def test_every_attempt_at_one_obligation_has_the_same_key() -> None:
    again = owe(Owed("document-1", "payload-1", "hash-1", NOW), "erp", route="x", allowance=9)
    assert again.idempotency_key == DUE.idempotency_key == idempotency_key("document-1", "erp", 1)


def test_a_new_generation_and_another_destination_have_other_keys() -> None:
    keys = {
        idempotency_key("document-1", destination, generation)
        for destination in ("erp", "archive")
        for generation in (1, 2)
    }
    assert len(keys) == 4


def test_a_consignment_carries_key_and_correlation() -> None:
    place = Answering(Receipt("202"))
    due = DueDelivery(CLAIMED, b"{}", "shipment_order", "quayside", "P", NOW)
    deliver.hand_over(place, deliver.consignment(due), POLICY)
    [seen] = place.seen
    assert (seen.idempotency_key, seen.correlation_id) == (DUE.idempotency_key, "payload-1")
    assert seen.name == "shipment_order-document-1.json"


def test_a_yes_settles_the_delivery() -> None:
    outcome, answer = attempt(Receipt("201 created"))
    settled = settle(outcome)
    assert (settled.state, settled.last_error, answer) == ("delivered", None, "201 created")


def test_a_repeated_yes_is_a_yes() -> None:
    outcome, answer = attempt(Receipt("200 ok", repeated=True))
    assert settle(outcome).state == "delivered"
    assert answer == "200 ok (it had it already, before our first attempt)"
    due = DueDelivery(CLAIMED, b"{}", "shipment_order", "quayside", "P", NOW)
    again = replace(deliver.consignment(due), attempt=2)
    place = Answering(Receipt("200 ok", repeated=True))
    assert deliver.hand_over(place, again, POLICY)[1] == "200 ok (it had it already)"


def test_a_transient_fault_is_due_again_after_the_pause() -> None:
    outcome, _ = attempt(Transient("503 from the ERP"))
    settled = settle(outcome)
    assert (settled.state, settled.last_error) == ("due", "503 from the ERP")
    assert settled.due_at == NOW + timedelta(seconds=2)


def test_the_destination_may_ask_for_a_longer_pause() -> None:
    outcome, _ = attempt(Transient("429", retry_after=60.0))
    assert settle(outcome).due_at == NOW + timedelta(seconds=60)


def test_the_last_allowed_attempt_ends_dead_with_reason_and_owner() -> None:
    outcome, _ = attempt(Transient("503 from the ERP"))
    settled = settle(outcome, replace(CLAIMED, attempt=3))
    assert (settled.state, settled.reason, settled.owner, settled.last_error) == (
        "dead",
        Reason.ATTEMPTS_USED_UP,
        "erp-team",
        "503 from the ERP",
    )


def test_a_permanent_no_is_not_tried_again() -> None:
    outcome, _ = attempt(Permanent("422 unknown item"))
    settled = settle(outcome)
    assert (settled.state, settled.reason) == ("dead", Reason.REFUSED_BY_DESTINATION)


def test_a_bug_in_a_transport_is_kept_with_its_traceback() -> None:
    outcome, answer = attempt(ZeroDivisionError("oops"))
    settled = settle(outcome)
    assert (settled.state, settled.reason) == ("dead", Reason.BUG)
    assert settled.last_error == "ZeroDivisionError: oops"
    assert answer.rstrip().endswith("ZeroDivisionError: oops")


@pytest.mark.parametrize(("attempt_number", "seconds"), [(1, 2), (2, 4), (3, 8), (4, 10), (99, 10)])
def test_pauses_double_up_to_the_longest(attempt_number: int, seconds: int) -> None:
    pause = deliver.pause_before(attempt_number, POLICY, jitter=0.5)
    assert pause == timedelta(seconds=seconds)


def test_jitter_spreads_a_pause_by_a_quarter_either_way() -> None:
    shortest = deliver.pause_before(1, POLICY, jitter=0.0)
    longest = deliver.pause_before(1, POLICY, jitter=1.0)
    assert (shortest, longest) == (timedelta(seconds=1.5), timedelta(seconds=2.5))


def test_any_error_class_of_ours_without_a_meaning_here_is_a_bug() -> None:
    outcome, _ = attempt(GatewayError("something else"))
    assert settle(outcome).reason == Reason.BUG
