"""Onward: a document that came in leads to one for a partner, by a delivery like any other.

The lane claims, counts and retries it. The submission is made under the delivery's idempotency key:
after a crash between the two, the same submission is found and nothing is sent twice. What our own
validation keeps from leaving is a document of ours in quarantine, with its findings: the delivery
has then done what it was owed for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson

from gateway.errors import Permanent, Transient, first_line
from gateway.mapping.plan import Json
from gateway.partners import Partner
from gateway.pipeline.outbound.agreed import SubmissionRefused, Wanted
from gateway.pipeline.outbound.keeping import Submission
from gateway.pipeline.outbound.submission import Submissions, Submitted
from gateway.pipeline.ports import Consignment, Receipt
from gateway.pipeline.records import DocumentRecord
from gateway.pipeline.stages.route import context_of
from gateway.pipeline.states import WaitingState
from gateway.pipeline.store_port import Store, database_is_unwell
from gateway.routing.route import PRODUCTION, TEST

MOST_HOPS = 4
"""Documents one after another that each led to the next; more are a circle."""


@dataclass(frozen=True, slots=True)
class Cause:
    """The document that something is made of, and the delivery that asks for it."""

    document: DocumentRecord
    content: Mapping[str, Json]
    """Its canonical document."""
    delivery_id: str


Make = Callable[[Cause], Mapping[str, Json]]
"""Makes the document that is submitted."""


def as_it_is(cause: Cause) -> Mapping[str, Json]:
    """Send a document on as it is."""
    return {name: part for name, part in cause.content.items() if name != "meta"}


@dataclass(frozen=True, slots=True)
class OnwardTo:
    """Who gets what is made of a document."""

    partner: str | None = None
    """None is whoever sent the document."""
    set_id: str | None = None
    sender_of: str | None = None
    """A type of document: whoever sent the one of the same order, in place of that."""


class OnwardPlace:
    """Where documents go that lead to one for a partner: submitted, each once under its key."""

    def __init__(
        self,
        store: Store,
        submissions: Submissions,
        to: OnwardTo,
        *,
        partners: Mapping[str, Partner],
        make: Make = as_it_is,
    ) -> None:
        self._store = store
        self._partners = partners
        self._submissions = submissions
        self._to = to
        self._make = make

    def connect(self) -> None:
        """Do nothing: the store is open."""

    def deliver(self, consignment: Consignment) -> Receipt:
        """Submit one document; raise Permanent where nothing is agreed, or it goes in circles."""
        try:
            return self._deliver(consignment)
        except SubmissionRefused as fault:
            raise Permanent(str(fault)) from fault
        except Exception as fault:
            if database_is_unwell(fault):
                # Its first line: the others repeat the statement, and the document in it.
                raise Transient(f"the store is unwell: {first_line(fault)}") from fault
            raise

    def close(self) -> None:
        """Do nothing."""

    def _deliver(self, consignment: Consignment) -> Receipt:
        cause = self._cause(consignment.headers["X-Document-Id"])
        content: Mapping[str, Json] = orjson.loads(consignment.content)
        made = self._make(Cause(cause, content, consignment.idempotency_key))
        submitted = self._submissions.submit(
            Submission(
                made,
                self._partner(cause),
                Wanted(self._to.set_id, usage=self._usage(cause)),
                key=consignment.idempotency_key,
                name=f"{made.get('document', 'document')}-of-{cause.id[:8]}.json",
                caused_by=cause.id,
                hops=cause.hops + 1,
            )
        )
        return Receipt(_said(submitted), repeated=not submitted.new)

    def _partner(self, cause: DocumentRecord) -> str:
        """Return for whom the document is; raise Permanent where nobody knows, or several may."""
        kind = self._to.sender_of
        if kind is None or cause.document_type == kind:
            return self._to.partner or cause.partner
        view = self._store.desk.document(cause.id)
        senders = {
            one.document.partner
            for one in (view.related if view is not None else ())
            if one.document.direction == "in" and one.document.document_type == kind
        }
        if len(senders) == 1:
            return senders.pop()
        words, found = kind.replace("_", " "), ", ".join(sorted(senders))
        several = f"several partners sent one: {found}" if found else "none is known"
        raise Permanent(f"it is for whoever sent the {words} that this belongs to, and {several}")

    def _usage(self, cause: DocumentRecord) -> str | None:
        """Return T for what is no production document; else what the agreement says."""
        context = context_of(cause, self._partners.get(cause.partner))
        return None if context.usage == PRODUCTION else TEST

    def _cause(self, document_id: str) -> DocumentRecord:
        with self._store.transaction() as transaction:
            [cause] = transaction.ledger.documents([document_id])
        if cause.hops >= MOST_HOPS:
            raise Permanent(
                f"{cause.hops} documents led to this one, each made of the one before: "
                "expected a route that does not go in circles"
            )
        return cause


def _said(submitted: Submitted) -> str:
    what = f"submitted as {submitted.document_id}"
    if submitted.state == WaitingState.QUARANTINED:
        return f"{what}, which waits in quarantine: {submitted.because}"
    return what
