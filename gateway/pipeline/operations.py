"""What people ask for: deliver again, translate anew, let pass what was held, give it up.

Each document is decided and committed by itself, and each answer says in a sentence what was done
or why nothing was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from gateway.clock import Clock, utc_now
from gateway.findings import FindingCode
from gateway.partners import UnknownParty
from gateway.pipeline import lane_names
from gateway.pipeline.contention import insist
from gateway.pipeline.export_records import EXPORT, export_of
from gateway.pipeline.flow import DELIVERY, INTERCHANGE, OUTGOING, PAYLOAD
from gateway.pipeline.jobs import Jobs, wake
from gateway.pipeline.outcome import Reason
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.records import (
    DeliveryRecord,
    DocumentRecord,
    InterchangeRecord,
    PayloadRecord,
    TimelineRecord,
    asked_by,
    kept,
)
from gateway.pipeline.rerouting import AS_BEFORE, Rerouter, latest_generations
from gateway.pipeline.retranslation import SAME_CONTENT, Retranslator
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.stages.route import Owed, owe
from gateway.pipeline.states import (
    AcknowledgmentStatus,
    DeliveryState,
    DeliveryStatus,
    InterchangeState,
    PayloadState,
    Subject,
    ValidationStatus,
)
from gateway.pipeline.store_port import LostRace, Store, Transaction
from gateway.pipeline.views import DocumentFilter
from gateway.routing import is_follow_up

EVERYTHING = 1_000_000

_GIVEN_UP = (DeliveryStatus.QUARANTINED, DeliveryStatus.DEAD)
"""How far a document is that a person may give up."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a request about one subject."""

    id: str
    done: bool
    what: str
    """A sentence."""
    needless: bool = False
    """Nothing was done because all is as it was asked for."""


class Operations:
    """Requests of people, from whatever process they ask in."""

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        rulebook: Rulebook,
        *,
        clock: Clock = utc_now,
        asker: str = "",
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._rulebook = rulebook
        self._clock = clock
        self._asker = asker

    def redeliver(
        self, document_ids: Collection[str], *, destination: str | None = None
    ) -> list[Done]:
        """Deliver documents again, everywhere or at one destination alone.

        What is dead goes on with its key, because nobody knows whether the destination took it,
        and nothing else does: what other destinations have got is left alone. Where nothing is
        dead, what was delivered is a new generation with a new key: somebody wants it twice.
        """

        def redeliver(transaction: Transaction, document: DocumentRecord) -> Done:
            return self._redeliver(transaction, document, destination)

        return [self._each(id_, redeliver) for id_ in document_ids]

    def redeliver_dead(
        self, destination: str | None = None, *, dry_run: bool = False
    ) -> list[Done]:
        """Deliver all that is dead again, at one destination or at each, and nothing else.

        What another destination of the same document has got is left alone.
        """
        dead = DocumentFilter(delivery=DeliveryStatus.DEAD, direction="in", limit=EVERYTHING)
        found = [one.document.id for one in self._store.desk.documents(dead)]

        def redeliver(transaction: Transaction, document: DocumentRecord) -> Done:
            latest = latest_generations(transaction.lanes.deliveries_of([document.id]))
            wanted = [
                one
                for one in latest
                if one.state == DeliveryState.DEAD and destination in (None, one.destination)
            ]
            return self._redeliver_those(transaction, document, wanted, dry_run=dry_run)

        answers = [self._each(id_, redeliver) for id_ in found]
        return [one for one in answers if not one.needless]

    def retranslate(
        self, document_ids: Collection[str] | None = None, *, dry_run: bool = False
    ) -> list[Done]:
        """Translate documents anew from their raw payloads; all that failed if none is named.

        The destination gets a document once more only where its content changed.
        """
        if document_ids is None:
            failed = DocumentFilter(
                delivery=DeliveryStatus.QUARANTINED, direction="in", limit=EVERYTHING
            )
            document_ids = [one.document.id for one in self._store.desk.documents(failed)]
        retranslator = Retranslator(
            self._rulebook, self._jobs, self._clock, dry_run=dry_run, asker=self._asker
        )

        def retranslate(transaction: Transaction, document: DocumentRecord) -> Done:
            done, what = retranslator.retranslate(transaction, document)
            return Done(document.id, done, what, needless=what == SAME_CONTENT)

        return [self._each(id_, retranslate) for id_ in document_ids]

    def reroute(
        self, document_ids: Collection[str] | None = None, *, dry_run: bool = False
    ) -> list[Done]:
        """Route documents by the rules of today; all that no rule took if none is named.

        What a destination has it does not get again; what is not delivered to one that the rules
        do not name any more is withdrawn.
        """
        if document_ids is None:
            waiting = DocumentFilter(
                delivery=DeliveryStatus.QUARANTINED, direction="in", limit=EVERYTHING
            )
            found = [one.document for one in self._store.desk.documents(waiting)]
            document_ids = [one.id for one in found if one.reason == Reason.NO_ROUTE]
        rerouter = Rerouter(self._rulebook, self._jobs, self._clock, dry_run=dry_run)

        def reroute(transaction: Transaction, document: DocumentRecord) -> Done:
            done, what = rerouter.reroute(transaction, document)
            return Done(document.id, done, what, needless=what.startswith(AS_BEFORE))

        return [self._each(id_, reroute) for id_ in document_ids]

    def release(self, ids: Iterable[str]) -> list[Done]:
        """Let interchanges or payloads pass that wait for a person; send acknowledgments again."""
        return [self._one(id_, self._release) for id_ in ids]

    def refuse(self, ids: Iterable[str], because: str) -> list[Done]:
        """Give interchanges, payloads or acknowledgments up; the reason is kept."""

        def refuse(transaction: Transaction, id_: str) -> Done:
            return self._refuse(transaction, id_, because)

        return [self._one(id_, refuse) for id_ in ids]

    def _each(self, id_: str, request: Callable[[Transaction, DocumentRecord], Done]) -> Done:
        def found(transaction: Transaction, document_id: str) -> Done:
            documents = transaction.ledger.documents([document_id])
            if not documents:
                return Done(document_id, done=False, what="there is no such document")
            return request(transaction, documents[0])

        return self._one(id_, found)

    def _one(self, id_: str, request: Callable[[Transaction, str], Done]) -> Done:
        def transact() -> Done:
            with self._store.transaction() as transaction:
                return request(transaction, id_)

        try:
            return insist(transact)
        except LostRace as race:
            return Done(id_, done=False, what=f"{race}; ask again")

    def _redeliver(
        self, transaction: Transaction, document: DocumentRecord, destination: str | None
    ) -> Done:
        latest = latest_generations(transaction.lanes.deliveries_of([document.id]))
        if not latest:
            return Done(document.id, done=False, what=_nothing_to_deliver(document))
        if destination is not None:
            wanted = [one for one in latest if one.destination == destination]
            if not wanted:
                names = ", ".join(one.destination for one in latest)
                return Done(document.id, done=False, what=f"was not to go there, but to {names}")
            return self._redeliver_those(transaction, document, wanted)
        dead = [
            one
            for one in latest
            if one.state == DeliveryState.DEAD
            and self._rulebook.attempts_at(one.destination) is not None
        ]
        return self._redeliver_those(transaction, document, dead or latest)

    def _redeliver_those(
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
            names = [
                one.destination
                for one in deliveries
                if self._rulebook.attempts_at(one.destination) is not None
            ]
            what = f"would go to {', '.join(names)} again" if names else ""
            return Done(document.id, done=bool(names), what=what or self._why_not_again(deliveries))
        again = [
            delivery.destination
            for delivery in deliveries
            if self._redeliver_one(transaction, document, delivery)
        ]
        if not again:
            return Done(document.id, done=False, what=self._why_not_again(deliveries))
        self._note(transaction, Subject.DOCUMENT, document.id, "redeliver", ", ".join(again))
        transaction.lanes.refresh_delivery_status([document.id])
        wake(self._jobs, transaction, [lane_names.deliver(name) for name in again])
        return Done(document.id, done=True, what=f"goes to {', '.join(again)} again")

    def _redeliver_one(
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
                due_at=self._clock(),
                reason=None,
            )
            return True
        if delivery.state == DeliveryState.DELIVERED and not is_follow_up(delivery.destination):
            owed = Owed(
                document.id,
                document.payload_id,
                document.canonical_hash or "",
                self._clock(),
                delivery.place,
            )
            generation = delivery.generation + 1
            again = owe(
                owed,
                delivery.destination,
                route=delivery.route,
                allowance=attempts,
                generation=generation,
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

    def _release(self, transaction: Transaction, id_: str) -> Done:
        ledger, now = transaction.ledger, self._clock()
        if (interchange := ledger.interchange(id_)) is not None:
            if interchange.state not in INTERCHANGE.sources("release"):
                return _not_held(id_, interchange.state)
            if stranger := self._stranger(interchange):
                return Done(id_, done=False, what=stranger)
            ledger.change_interchange(
                id_, [interchange.state], state=INTERCHANGE.advance(interchange.state, "release")
            )
            self._note(transaction, Subject.INTERCHANGE, id_, "release", "")
            self._jobs.reread_interchange(transaction, id_, now)
        elif (acknowledgment := transaction.outbox.outgoing(id_)) is not None:
            if acknowledgment.state not in OUTGOING.sources("redeliver"):
                return _not_held(id_, acknowledgment.state)
            return self._send_again(transaction, acknowledgment)
        elif (export := _export_of(ledger.payloads([id_]))) is not None:
            # Another reading could not help: it is no X12, but a record.
            what = f"every run tries it again: `gateway exports run {export}`, or refuse it"
            return Done(id_, done=False, what=what)
        else:
            ledger.change_payloads(
                [id_],
                PAYLOAD.sources("release"),
                state=PayloadState.RECEIVED,
                recoveries=0,
                reason=None,
                because=None,
                traceback=None,
            )
            self._note(transaction, Subject.PAYLOAD, id_, "release", "")
            self._jobs.read_payloads(transaction, [id_], at=now)
        return Done(id_, done=True, what="is read again")

    def _stranger(self, interchange: InterchangeRecord) -> str:
        """Say that a sender is still unknown: read again, it would wait again at once."""
        if interchange.reason != Reason.SENDER_UNKNOWN:
            return ""
        (qualifier, _, id_), (ours, _, our_id) = (
            text.partition("/") for text in (interchange.sender, interchange.receiver)
        )
        found = self._rulebook.lookup.find((qualifier, id_), (ours, our_id))
        if not isinstance(found, UnknownParty) or found.code is not FindingCode.SENDER_UNKNOWN:
            return ""
        return (
            f"still waits: {found.message}; first add {{qualifier: {qualifier}, id: {id_}}} to the "
            "`identities` of a file in partners/, then release it, or refuse it"
        )

    def _send_again(self, transaction: Transaction, dead: OutgoingRecord) -> Done:
        """Send an acknowledgment again: the same bytes, with as many attempts as at first."""
        transaction.outbox.change(
            dead,
            [dead.state],
            state=OUTGOING.advance(dead.state, "redeliver"),
            attempt=0,
            due_at=self._clock(),
        )
        self._note(transaction, Subject.OUTGOING, dead.id, "redeliver", "")
        wake(self._jobs, transaction, [lane_names.send(dead.partner)])
        return Done(dead.id, done=True, what=f"goes to {dead.partner} again")

    def _refuse(self, transaction: Transaction, id_: str, because: str) -> Done:
        ledger = transaction.ledger
        if (interchange := ledger.interchange(id_)) is not None:
            if interchange.state not in INTERCHANGE.sources("refuse"):
                return _not_held(id_, interchange.state)
            self._refuse_interchange(transaction, interchange, because)
        elif (acknowledgment := transaction.outbox.outgoing(id_)) is not None:
            if acknowledgment.state not in OUTGOING.sources("refuse"):
                return _not_held(id_, acknowledgment.state)
            state = OUTGOING.advance(acknowledgment.state, "refuse")
            transaction.outbox.change(acknowledgment, [acknowledgment.state], state=state)
            self._note(transaction, Subject.OUTGOING, id_, "refuse", because)
        elif found := ledger.documents([id_]):
            if found[0].interchange_id is None or found[0].delivery not in _GIVEN_UP:
                return _not_held(id_, found[0].delivery)
            if found[0].delivery == DeliveryStatus.DEAD:
                return self._refuse_deliveries(transaction, found[0], because)
            ledger.change_document(id_, delivery=DeliveryStatus.NONE, because=kept(because))
            self._note(transaction, Subject.DOCUMENT, id_, "refuse", because)
        else:
            ledger.change_payloads([id_], PAYLOAD.sources("refuse"), state=PayloadState.REFUSED)
            self._note(transaction, Subject.PAYLOAD, id_, "refuse", because)
            for one in ledger.interchanges_of(id_):
                if one.state == InterchangeState.READING:
                    self._refuse_interchange(transaction, one, because)
        return Done(id_, done=True, what="is given up")

    def _refuse_deliveries(
        self, transaction: Transaction, document: DocumentRecord, because: str
    ) -> Done:
        """Give up what is dead of a document; what stands behind it goes on."""
        had = transaction.lanes.deliveries_of([document.id])
        dead = [one for one in had if one.state in DELIVERY.sources("refuse")]
        for one in dead:
            state = DELIVERY.advance(one.state, "refuse")
            transaction.lanes.change_delivery(one, [one.state], state=state)
            self._note(transaction, Subject.DELIVERY, one.id, "refuse", because)
        transaction.lanes.refresh_delivery_status([document.id])
        names = sorted({one.destination for one in dead})
        self._note(transaction, Subject.DOCUMENT, document.id, "refuse", because)
        wake(self._jobs, transaction, [lane_names.deliver(name) for name in names], freed=True)
        return Done(document.id, done=True, what=f"is given up: {', '.join(names)} does not get it")

    def _refuse_interchange(
        self, transaction: Transaction, one: InterchangeRecord, because: str
    ) -> None:
        """Give an interchange up; of what is committed of it the partner is not told."""
        ledger = transaction.ledger
        state = INTERCHANGE.advance(one.state, "refuse")
        ledger.change_interchange(one.id, [one.state], state=state)
        if one.sets_read:
            ledger.forget_slices(one.id)
            ledger.tell_no_more(one.id, range(one.start, one.end), AcknowledgmentStatus.REFUSED)
        self._note(transaction, Subject.INTERCHANGE, one.id, "refuse", because)

    def _note(
        self, transaction: Transaction, subject: Subject, id_: str, verb: str, detail: str
    ) -> None:
        said = kept(asked_by(self._asker, detail))
        transaction.ledger.add([TimelineRecord(subject, id_, self._clock(), verb, said)])


def _export_of(payloads: Sequence[PayloadRecord]) -> str | None:
    """Return the export whose record a payload is; None where it is none."""
    names = [export_of(one.receipt) for one in payloads if one.transport == EXPORT]
    return names[0] if names else None


def _not_held(id_: str, state: str) -> Done:
    return Done(id_, done=False, what=f"is {state}: nothing holds it")


def _nothing_to_deliver(document: DocumentRecord) -> str:
    if document.direction == "out":
        return "is ours: `gateway outbound resend` sends it again"
    if document.validation == ValidationStatus.REJECTED:
        return "was rejected: there is nothing to deliver"
    if document.because:
        return f"has no delivery: {document.because}"
    return "has no delivery"
