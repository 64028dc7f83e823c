"""Redelivering: which deliveries of a document a person gets made again, and under which keys."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.pipeline import lane_names
from gateway.pipeline.asked import Done, Notes
from gateway.pipeline.flow import DELIVERY
from gateway.pipeline.jobs import Jobs, wake
from gateway.pipeline.records import (
    DeliveryRecord,
    DocumentRecord,
)
from gateway.pipeline.rerouting import latest_generations
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.stages.route import owe, owed_again
from gateway.pipeline.states import (
    DeliveryState,
    Subject,
    ValidationStatus,
)
from gateway.pipeline.store_port import Transaction
from gateway.routing import is_follow_up


class Redeliverer:
    """Delivers documents again."""

    def __init__(self, rulebook: Rulebook, jobs: Jobs, notes: Notes) -> None:
        self._rulebook = rulebook
        self._jobs = jobs
        self._notes = notes

    def redeliver(
        self, transaction: Transaction, document: DocumentRecord, destination: str | None
    ) -> Done:
        """Deliver what is dead of a document, everywhere or at one destination.

        What was delivered, where nothing is dead: a new generation, under a new key.
        """
        latest = latest_generations(transaction.lanes.deliveries_of([document.id]))
        if not latest:
            return Done(document.id, done=False, what=_nothing_to_deliver(document))
        if destination is not None:
            wanted = [one for one in latest if one.destination == destination]
            if not wanted:
                names = ", ".join(one.destination for one in latest)
                return Done(document.id, done=False, what=f"was not to go there, but to {names}")
            return self._those(transaction, document, wanted)
        dead = [
            one
            for one in latest
            if one.state == DeliveryState.DEAD
            and self._rulebook.attempts_at(one.destination) is not None
        ]
        return self._those(transaction, document, dead or latest)

    def redeliver_dead(
        self,
        transaction: Transaction,
        document: DocumentRecord,
        destination: str | None,
        *,
        dry_run: bool,
    ) -> Done:
        """Deliver what is dead of a document, and nothing else."""
        latest = latest_generations(transaction.lanes.deliveries_of([document.id]))
        wanted = [
            one
            for one in latest
            if one.state == DeliveryState.DEAD and destination in (None, one.destination)
        ]
        return self._those(transaction, document, wanted, dry_run=dry_run)

    def _those(
        self,
        transaction: Transaction,
        document: DocumentRecord,
        deliveries: Sequence[DeliveryRecord],
        *,
        dry_run: bool = False,
    ) -> Done:
        if not deliveries:
            return Done(document.id, done=False, what="nothing is dead there", needless=True)
        if dry_run:
            there = [
                one.destination
                for one in deliveries
                if self._rulebook.attempts_at(one.destination) is not None
            ]
            what = f"would go to {', '.join(there)} again" if there else ""
            return Done(document.id, done=bool(there), what=what or self._why_not_again(deliveries))
        again = [
            delivery.destination
            for delivery in deliveries
            if self._one(transaction, document, delivery)
        ]
        if not again:
            return Done(document.id, done=False, what=self._why_not_again(deliveries))
        names = ", ".join(again)
        self._notes.add(transaction, Subject.DOCUMENT, document.id, "redeliver", detail=names)
        transaction.lanes.refresh_delivery_status([document.id])
        wake(self._jobs, transaction, [lane_names.deliver(name) for name in again])
        return Done(document.id, done=True, what=f"goes to {names} again")

    def _one(
        self, transaction: Transaction, document: DocumentRecord, delivery: DeliveryRecord
    ) -> bool:
        attempts = self._rulebook.attempts_at(delivery.destination)
        if attempts is None:
            return False  # the configuration has it no more
        if delivery.state in DELIVERY.sources("redeliver"):
            transaction.lanes.change_delivery(
                delivery,
                [delivery.state],
                state=DELIVERY.advance(delivery.state, "redeliver"),
                allowance=delivery.attempt + attempts,
                due_at=self._notes.clock(),
                reason=None,
            )
            return True
        if delivery.state == DeliveryState.DELIVERED and not is_follow_up(delivery.destination):
            again = owe(
                owed_again(document, self._notes.clock(), delivery.place),
                delivery.destination,
                route=delivery.route,
                allowance=attempts,
                generation=delivery.generation + 1,
                ordering_key=delivery.ordering_key,
            )
            transaction.ledger.add([again])
            return True
        return False

    def _why_not_again(self, latest: Sequence[DeliveryRecord]) -> str:
        names = [one.destination for one in latest]
        gone = [name for name in names if self._rulebook.attempts_at(name) is None]
        if gone:
            return f"the configuration has no destination '{gone[0]}' any more"
        return "is on its way already"


def _nothing_to_deliver(document: DocumentRecord) -> str:
    if document.direction == "out":
        return "is ours: `gateway outbound resend` sends it again"
    if document.validation == ValidationStatus.REJECTED:
        return "was rejected: there is nothing to deliver"
    if document.because:
        return f"has no delivery: {document.because}"
    return "has no delivery"
