"""Owing: which follow-ups a document is owed, once its deliveries were settled.

In the transaction that settles them, so that no crash lies between. A follow-up is owed once for
each document, whatever is delivered again: its id is derived from the document and its own name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import orjson

from gateway.clock import Clock
from gateway.partners import Agreement, NoAgreement
from gateway.pipeline import lane_names
from gateway.pipeline.flow import DELIVERY
from gateway.pipeline.jobs import Jobs, wake
from gateway.pipeline.outcome import Reason
from gateway.pipeline.records import DeliveryRecord, DocumentRecord, TimelineRecord, kept
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.stages.route import context_of, owe, owed_again
from gateway.pipeline.states import DeliveryState, Subject
from gateway.pipeline.store_port import Transaction
from gateway.routing import ADVICE, following, is_follow_up, onward


class FollowUps:
    """Adds what follows to what was settled."""

    def __init__(self, jobs: Jobs, rulebook: Rulebook, clock: Clock) -> None:
        self._jobs = jobs
        self._rulebook = rulebook
        self._clock = clock
        agreements = [one for partner in rulebook.partners.values() for one in partner.agreements]
        self._advised = any(one.on_refusal == "advise" for one in agreements)

    def owe(self, transaction: Transaction, settled: Sequence[DeliveryRecord]) -> None:
        """Owe what follows from deliveries as they were settled just now."""
        ended = [one for one in settled if self._leads_on(one)]
        if not ended:
            return
        ids = sorted({one.document_id for one in ended})
        documents = {one.id: one for one in transaction.ledger.documents(ids)}
        refused: list[DeliveryRecord] = []
        owed: list[DeliveryRecord] = []
        for one in ended:
            document = documents[one.document_id]
            if one.state == DeliveryState.DELIVERED:
                owed += self._next(document, one)
            elif self._is_advised(document):
                refused.append(one)
                owed.append(self._owed(document, f"{ADVICE}{document.partner}", one))
        self._keep(transaction, owed, refused)

    def _leads_on(self, one: DeliveryRecord) -> bool:
        """Say whether anything may follow from how a delivery ended; costs nothing."""
        if is_follow_up(one.destination):
            return False
        if one.state == DeliveryState.DELIVERED:
            return bool(self._rulebook.next_rules)
        refused = one.state == DeliveryState.DEAD and one.reason == Reason.DOCUMENT_REFUSED
        return refused and self._advised and onward(one.destination) is None

    def _next(self, document: DocumentRecord, taken: DeliveryRecord) -> Iterator[DeliveryRecord]:
        partner = self._rulebook.partners.get(document.partner)
        content: Mapping[str, object] = orjson.loads(document.canonical or b"{}")
        context = context_of(document, partner)
        for verdict in following(
            self._rulebook.next_rules, context, content, taken_by=taken.destination
        ):
            for name in verdict.destinations:
                yield self._owed(document, name, taken)

    def _is_advised(self, document: DocumentRecord) -> bool:
        agreement = self._agreement(document)
        return agreement is not None and agreement.on_refusal == "advise"

    def _agreement(self, document: DocumentRecord) -> Agreement | None:
        partner = self._rulebook.partners.get(document.partner)
        if partner is None or document.direction != "in":
            return None
        found = partner.agreement(
            "in", document.set_id, version=document.version, usage=document.usage
        )
        return None if isinstance(found, NoAgreement) else found

    def _owed(
        self, document: DocumentRecord, destination: str, after: DeliveryRecord
    ) -> DeliveryRecord:
        owed = owed_again(document, self._clock())
        allowance = self._rulebook.attempts_at(destination) or 1
        # Its route is the delivery that it follows from.
        return owe(owed, destination, route=after.destination, allowance=allowance)

    def _keep(
        self,
        transaction: Transaction,
        owed: Sequence[DeliveryRecord],
        refused: Sequence[DeliveryRecord],
    ) -> None:
        now, lanes = self._clock(), transaction.lanes
        for one in refused:
            state = DELIVERY.advance(one.state, "advise")
            lanes.change_delivery(one, [one.state], state=state, owner=None)
        entries = [
            TimelineRecord(Subject.DELIVERY, one.id, now, "advise", kept(one.last_error or ""))
            for one in refused
        ]
        by_id = {one.id: one for one in owed}
        new = [by_id[id_] for id_ in lanes.owe_once(list(by_id.values()))]
        entries += [
            TimelineRecord(
                Subject.DOCUMENT, one.document_id, now, "follow", _said(one.destination, one.route)
            )
            for one in new
        ]
        transaction.ledger.add(entries)
        lanes.refresh_delivery_status({one.document_id for one in (*new, *refused)})
        wake(self._jobs, transaction, {lane_names.deliver(one.destination) for one in new})
        # What stood behind the refused ones of its ordering key goes on.
        given_up = {lane_names.deliver(one.destination) for one in refused}
        wake(self._jobs, transaction, given_up, freed=True)


def _said(destination: str, after: str) -> str:
    verb = "refused it" if destination.startswith(ADVICE) else "took it"
    return f"{destination}, since {after} {verb}"
