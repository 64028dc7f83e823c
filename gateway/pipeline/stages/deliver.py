"""Deliver: hand a document to its destination, and decide what the answer means.

Nothing here waits and nothing here writes: `gateway.pipeline.sending` claims before and settles
after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.errors import Permanent, Refused, Transient
from gateway.pipeline.bugs import guarded
from gateway.pipeline.flow import DELIVERY
from gateway.pipeline.mdn_port import MDN, MDN_TYPE
from gateway.pipeline.outcome import Advance, Outcome, Quarantine, Reason, Retry
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.ports import Batching, Consignment, DeliveryPolicy, Outbound, Receipt
from gateway.pipeline.records import AttemptRecord, DeliveryRecord, kept
from gateway.pipeline.views import DueDelivery
from gateway.routing.route import PRODUCTION
from gateway.shaping import NotShaped

LONGEST_ANSWER = 2000
"""How much of an answer or a fault is kept with the attempt."""


def consignment(due: DueDelivery) -> Consignment:
    """Wrap a document for delivery: the same at each attempt of one generation."""
    delivery = due.delivery
    # Destinations that keep files refuse other content under a name that they have.
    generation = f"-{delivery.generation}" if delivery.generation > 1 else ""
    return Consignment(
        content=due.body,
        name=f"{due.document_type}-{delivery.document_id}{generation}.json",
        idempotency_key=delivery.idempotency_key,
        correlation_id=delivery.correlation_id,
        headers={
            "X-Document-Id": delivery.document_id,
            "X-Document-Type": due.document_type,
            "X-Partner": due.partner,
        },
        facts={
            "document_id": delivery.document_id,
            "document_type": due.document_type,
            "partner": due.partner,
            "idempotency_key": delivery.idempotency_key,
            "correlation_id": delivery.correlation_id,
            "generation": str(delivery.generation),
        },
        attempt=delivery.attempt,
        begun=due.begun,
    )


def parcel(owed: OutgoingRecord) -> Consignment:
    """Wrap what a partner is owed: one name, so that sending twice leaves one file."""
    return Consignment(
        content=owed.content,
        name=owed.name,
        idempotency_key=owed.id,
        correlation_id=owed.correlation_id,
        content_type=MDN_TYPE if owed.kind == MDN else "application/edi-x12",
    )


def barred(due: DueDelivery, *, production: bool) -> Quarantine | None:
    """Return why a document may not be handed over at all; None where it may.

    Routing sends no test to a production system; but what was routed to a test system waits in the
    lane of that destination, and may be there when the configuration makes it the production one.
    """
    if not production or due.usage == PRODUCTION:
        return None
    because = f"usage indicator {due.usage} never reaches a production destination"
    return Quarantine(Reason.NO_ROUTE, because)


def hand_over(outbound: Outbound, what: Consignment, policy: DeliveryPolicy) -> tuple[Outcome, str]:
    """Make one attempt; return what it means and what was answered."""
    try:
        answer = guarded(lambda: outbound.deliver(what), Transient, Permanent, NotShaped)
    except (Transient, Permanent, NotShaped) as fault:
        return _meaning(fault, policy, what)
    return _meaning(answer, policy, what)


def hand_over_all(
    outbound: Batching, what: Sequence[Consignment], policy: DeliveryPolicy
) -> list[tuple[Outcome, str]]:
    """Make one attempt for each; return what they mean and what was answered."""
    answers = guarded(lambda: outbound.deliver_all(what))
    if isinstance(answers, Quarantine):
        return [_meaning(answers, policy, one) for one in what]
    return [_meaning(answer, policy, one) for one, answer in zip(what, answers, strict=True)]


def _meaning(
    answer: Receipt | Quarantine | Transient | Permanent | NotShaped,
    policy: DeliveryPolicy,
    what: Consignment,
) -> tuple[Outcome, str]:
    match answer:
        case Transient(retry_after=asked):
            pause = policy.first_pause if asked is None else timedelta(seconds=asked)
            return Retry(pause, str(answer), asked=asked is not None), str(answer)
        case Refused():
            return Quarantine(Reason.DOCUMENT_REFUSED, str(answer)), str(answer)
        case Permanent():
            return Quarantine(Reason.REFUSED_BY_DESTINATION, str(answer)), str(answer)
        case NotShaped():
            return Quarantine(Reason.NOT_SHAPED, str(answer)), str(answer)
        case Quarantine():
            # A bug of a transport must not stop the lane.
            return answer, answer.traceback or answer.because
    repeated = ""
    if answer.repeated:
        # What is there before anything was sent may be another document of the same number.
        before = ", before our first attempt" if what.attempt == 1 else ""
        repeated = f" (it had it already{before})"
    return Advance("deliver", answer.keys), f"{answer.reference}{repeated}"


def pause_before(attempt: int, policy: DeliveryPolicy, *, jitter: float) -> timedelta:
    """Return how long to wait after an attempt: doubling, limited, up to a quarter off either way.

    `jitter` is between 0 and 1; without it everything that failed together would return together.
    """
    doubled = policy.first_pause * float(2 ** min(attempt - 1, 20))
    return min(doubled, policy.longest_pause) * (0.75 + jitter / 2)


def settled(
    delivery: DeliveryRecord,
    outcome: Outcome,
    policy: DeliveryPolicy,
    *,
    now: datetime,
    jitter: float,
) -> DeliveryRecord:
    """Return a claimed delivery as it is after an attempt."""
    match outcome:
        case Advance():
            return replace(
                delivery,
                state=DELIVERY.advance(delivery.state, outcome.verb),
                last_error=None,
                reason=None,
            )
        case Retry() if delivery.attempt < delivery.allowance:
            pause = max(outcome.after, pause_before(delivery.attempt, policy, jitter=jitter))
            return replace(
                delivery,
                state=DELIVERY.advance(delivery.state, "retry"),
                due_at=now + pause,
                last_error=kept(outcome.because, LONGEST_ANSWER),
            )
        case Retry():
            return _buried(delivery, Reason.ATTEMPTS_USED_UP, outcome.because, policy)
        case Quarantine():
            return _buried(delivery, outcome.reason, outcome.because, policy)
        case _:
            raise AssertionError(f"a delivery cannot end with {outcome}")


def broken_off(delivery: DeliveryRecord, now: datetime) -> DeliveryRecord:
    """Return a claimed delivery whose attempt we broke off.

    The attempt stays counted, since it may have arrived; one more is allowed instead.
    """
    return replace(
        delivery,
        state=DELIVERY.advance(delivery.state, "retry"),
        due_at=now,
        allowance=delivery.allowance + 1,
    )


def attempt_record(
    delivery: DeliveryRecord, outcome: str, answer: str, *, started: datetime, ended: datetime
) -> AttemptRecord:
    """Keep how an attempt ended."""
    return AttemptRecord(
        delivery_id=delivery.id,
        attempt=delivery.attempt,
        started_at=started,
        ended_at=ended,
        outcome=outcome,
        answer=kept(answer, LONGEST_ANSWER),
    )


def _buried(
    delivery: DeliveryRecord, reason: Reason, because: str, policy: DeliveryPolicy
) -> DeliveryRecord:
    return replace(
        delivery,
        state=DELIVERY.advance(delivery.state, "bury"),
        last_error=kept(because, LONGEST_ANSWER),
        owner=policy.owner,
        reason=reason,
    )
