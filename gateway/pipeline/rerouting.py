"""Routes a document anew by the rules of today, from the canonical document that is kept.

A destination that has a document, or is about to get it, is left as it is. One that the rules name
now is owed the document; what is due or dead at one that they do not name any more is withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from gateway.clock import Clock
from gateway.pipeline import lane_names
from gateway.pipeline.flow import DELIVERY
from gateway.pipeline.jobs import Jobs, wake
from gateway.pipeline.ordering import place_of
from gateway.pipeline.outcome import Quarantine, Reason
from gateway.pipeline.records import DeliveryRecord, DocumentRecord, TimelineRecord, kept
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.stages.route import KeptOnly, context_of, owe, owed_again, route
from gateway.pipeline.states import DeliveryState, DeliveryStatus, Subject
from gateway.pipeline.store_port import Transaction
from gateway.routing import is_follow_up, kept_by

AS_BEFORE = "goes where it went"
"""How the answer begins where nothing is to be changed."""


_WITHDRAWN = (DeliveryState.DUE, DeliveryState.HELD, DeliveryState.DEAD)
"""States of a delivery that the rules of today may undo."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What is owed from now on, and what not any more."""

    owed: Sequence[DeliveryRecord]
    withdrawn: Sequence[DeliveryRecord]

    def said(self, *, would: bool) -> str:
        """Say it in a sentence."""
        goes, was = ("would go", "would be") if would else ("goes", "is")
        parts = []
        if self.owed:
            parts.append(f"{goes} to {_names(self.owed)}")
        if self.withdrawn:
            parts.append(f"what was not delivered to {_names(self.withdrawn)} {was} withdrawn")
        return "; ".join(parts)


class Rerouter:
    """Routes documents anew, one transaction each."""

    def __init__(self, rulebook: Rulebook, jobs: Jobs, clock: Clock, *, dry_run: bool) -> None:
        self._rulebook = rulebook
        self._jobs = jobs
        self._clock = clock
        self._dry_run = dry_run

    def reroute(self, transaction: Transaction, document: DocumentRecord) -> tuple[bool, str]:
        """Route one document; return whether something changed, and a sentence."""
        had = transaction.lanes.deliveries_of([document.id])
        if hindrance := _hindrance(document, had):
            return False, hindrance
        content: Mapping[str, object] = orjson.loads(document.canonical or b"{}")
        context = context_of(document, self._rulebook.partners.get(document.partner))
        wanted = route(content, context, self._rulebook.router)
        if isinstance(wanted, Quarantine):
            return False, f"goes nowhere: {wanted.because}"
        if isinstance(wanted, KeptOnly):
            return self._keep_only(transaction, document, wanted, had)
        change = self._change(document, wanted, had)
        if not change.owed and not change.withdrawn:
            return False, f"{AS_BEFORE}: {', '.join(name for name, _ in wanted)}"
        if not self._dry_run:
            if document.delivery == DeliveryStatus.QUARANTINED:
                self._ends(transaction, document, DeliveryStatus.PENDING)
            self._keep(transaction, document, change, change.said(would=False))
        return True, change.said(would=self._dry_run)

    def _keep_only(
        self,
        transaction: Transaction,
        document: DocumentRecord,
        why: KeptOnly,
        had: Sequence[DeliveryRecord],
    ) -> tuple[bool, str]:
        """Let a document go to nobody any more: what is not delivered of it is withdrawn."""
        change = self._change(document, [], had)
        waits = document.delivery == DeliveryStatus.QUARANTINED
        if not waits and not change.withdrawn:
            return False, why.because
        if not self._dry_run:
            # Where one was delivered, that is what its status becomes.
            self._ends(transaction, document, DeliveryStatus.NONE)
            self._keep(transaction, document, change, why.because)
        said = kept_by(why.rule, would=self._dry_run)
        if change.withdrawn:
            said = f"{said}; {change.said(would=self._dry_run)}"
        return True, said

    def _ends(
        self, transaction: Transaction, document: DocumentRecord, delivery: DeliveryStatus
    ) -> None:
        """Take a document from the list of what waits for a person."""
        transaction.ledger.change_document(
            document.id, delivery=delivery, owner=None, reason=None, because=None
        )

    def _change(
        self,
        document: DocumentRecord,
        wanted: Sequence[tuple[str, str]],
        had: Sequence[DeliveryRecord],
    ) -> _Change:
        names = {name for name, _ in wanted}
        latest = {
            one.destination: one
            for one in latest_generations(had)
            if not is_follow_up(one.destination)
        }
        owed = owed_again(document, self._clock(), place_of(document))
        content: Mapping[str, object] = orjson.loads(document.canonical or b"{}")
        fresh = [
            owe(
                owed,
                name,
                route=rule,
                allowance=self._rulebook.attempts_at(name) or 1,
                # One that was withdrawn may have been tried: under that key nothing else goes.
                generation=1 + max((o.generation for o in had if o.destination == name), default=0),
                ordering_key=self._rulebook.ordering_key(name, content, document.partner),
            )
            for name, rule in wanted
            if name not in latest
        ]
        gone = [
            one
            for one in latest.values()
            if one.destination not in names and one.state in _WITHDRAWN
        ]
        return _Change(fresh, gone)

    def _keep(
        self, transaction: Transaction, document: DocumentRecord, change: _Change, what: str
    ) -> None:
        ledger, lanes = transaction.ledger, transaction.lanes
        for one in change.withdrawn:
            state = DELIVERY.advance(one.state, "supersede")
            lanes.change_delivery(one, [one.state], state=state)
        verb = "route" if change.owed or change.withdrawn else "keep"
        entry = TimelineRecord(Subject.DOCUMENT, document.id, self._clock(), verb, kept(what))
        ledger.add([*change.owed, entry])
        lanes.refresh_delivery_status([document.id])
        gone = [lane_names.deliver(one.destination) for one in change.withdrawn]
        wake(self._jobs, transaction, gone, freed=True)
        wake(self._jobs, transaction, [lane_names.deliver(o.destination) for o in change.owed])


def latest_generations(deliveries: Sequence[DeliveryRecord]) -> list[DeliveryRecord]:
    """Return the newest delivery to each destination that nothing has superseded."""
    latest: dict[str, DeliveryRecord] = {}
    for delivery in deliveries:
        if delivery.state != DeliveryState.SUPERSEDED:
            latest[delivery.destination] = delivery
    return list(latest.values())


def _hindrance(document: DocumentRecord, had: Sequence[DeliveryRecord]) -> str:
    """Say why a document cannot be routed; empty where it can."""
    if document.direction == "out":
        return "is ours: it goes to the partner that it was submitted for"
    if document.canonical is None:
        return "was not translated: there is nothing to route"
    # What a rule keeps owes nothing, and nobody gave it up.
    withdrawn = all(one.state == DeliveryState.SUPERSEDED for one in had)
    kept_only = document.because is None and withdrawn
    if document.delivery == DeliveryStatus.NONE and not kept_only:
        return "was given up: nothing is owed to anybody"
    waits = document.delivery == DeliveryStatus.QUARANTINED
    if waits and document.reason not in (Reason.NO_ROUTE, Reason.HELD_BY_GUIDE):
        return f"waits for another reason: {document.because}"
    return ""


def _names(deliveries: Sequence[DeliveryRecord]) -> str:
    return ", ".join(one.destination for one in deliveries)
