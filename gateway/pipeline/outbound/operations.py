"""What people ask for about documents of ours: hold, release, refuse, send again, write anew.

Each is decided and committed by itself, and each answer says in a sentence what was done or why
nothing was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from gateway.clock import Clock
from gateway.mapping.plan import Json
from gateway.pipeline import lane_names
from gateway.pipeline.asked import Done, Notes, answered
from gateway.pipeline.flow import ACKNOWLEDGMENT, OUTGOING, SUBMISSION
from gateway.pipeline.jobs import Jobs, wake
from gateway.pipeline.outbound.agreed import Agreed, SubmissionRefused, Wanted, find_agreement
from gateway.pipeline.outbound.keeping import document_status, waiting_record
from gateway.pipeline.outbound.submission import send_or_wait
from gateway.pipeline.outbound.write import Draft, write
from gateway.pipeline.outgoing_records import DOCUMENTS, HoldRecord, OutgoingRecord
from gateway.pipeline.records import DocumentRecord, kept
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.stages.documents import finding_records
from gateway.pipeline.states import (
    AwaitedStatus,
    DeliveryStatus,
    OutgoingState,
    Subject,
    WaitingState,
)
from gateway.pipeline.store_port import LostRace, Store, Transaction

_MOST_NAMED = 5
"""Documents that an answer names."""


@dataclass(frozen=True, slots=True)
class _Anew:
    """A document of ours, written anew."""

    document: DocumentRecord
    agreed: Agreed
    draft: Draft


class OutboundOperations:
    """Requests of people about what goes out, from whatever process they ask in."""

    def __init__(
        self, store: Store, jobs: Jobs, rulebook: Rulebook, *, clock: Clock, asker: str = ""
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._rulebook = rulebook
        self._clock = clock
        self._notes = Notes(clock, asker)

    def hold_partner(self, partner: str, because: str) -> Done:
        """Let nothing new go out to a partner: what is submitted waits."""
        if partner not in self._rulebook.partners:
            return Done(partner, done=False, what="is no partner of ours")

        def hold(transaction: Transaction, partner: str) -> Done:
            return self._hold_partner(transaction, partner, because)

        return answered(self._store, partner, hold)

    def release_partner(self, partner: str, because: str = "") -> Done:
        """Let what waits for a partner go out."""

        def release(transaction: Transaction, partner: str) -> Done:
            return self._release_partner(transaction, partner, because)

        return answered(self._store, partner, release)

    def hold(self, document_ids: Iterable[str], because: str) -> list[Done]:
        """Let documents wait until a person releases them."""

        def hold(transaction: Transaction, id_: str) -> Done:
            return self._move(transaction, id_, ("hold", because), "waits for you to release it")

        return [answered(self._store, id_, hold) for id_ in document_ids]

    def release(self, document_ids: Iterable[str], because: str = "") -> list[Done]:
        """Let documents go out that a person held."""

        def release(transaction: Transaction, id_: str) -> Done:
            return self._move(transaction, id_, ("release", because), "goes out when it is due")

        return [answered(self._store, id_, release) for id_ in document_ids]

    def refuse(self, document_ids: Iterable[str], because: str) -> list[Done]:
        """Give documents up that have not left; the reason is kept."""

        def refuse(transaction: Transaction, id_: str) -> Done:
            return self._refuse(transaction, id_, because)

        return [answered(self._store, id_, refuse) for id_ in document_ids]

    def resend(self, ids: Iterable[str], *, even_rewritten: bool = False) -> list[Done]:
        """Send interchanges once more, by their ids or those of documents in them.

        The same bytes under the same numbers: a partner that has them sees a duplicate. What was
        written anew meanwhile the partner would get twice, under other numbers: only where asked.
        """

        def resend(transaction: Transaction, id_: str) -> Done:
            return self._resend(transaction, id_, even_rewritten=even_rewritten)

        return [answered(self._store, id_, resend) for id_ in ids]

    def rewrite(self, document_ids: Iterable[str]) -> list[Done]:
        """Write documents anew with the maps of today, and send them under new numbers."""
        self._rulebook.keep_versions()
        return [answered(self._store, id_, self._rewrite) for id_ in document_ids]

    def _hold_partner(self, transaction: Transaction, partner: str, because: str) -> Done:
        record = HoldRecord(partner, self._clock(), kept(because))
        if not transaction.outbox.hold(record):
            held = transaction.outbox.held(partner)
            if held is None:
                raise LostRace("was released at this moment")
            what = f"is held already, since {held.at:%Y-%m-%d %H:%M}: {held.because}"
            return Done(partner, done=False, what=what, needless=True)
        self._notes.add(transaction, Subject.PARTNER, partner, "hold", detail=because)
        return Done(partner, done=True, what="is held: what is submitted waits")

    def _release_partner(self, transaction: Transaction, partner: str, because: str) -> Done:
        if not transaction.outbox.release(partner):
            return Done(partner, done=False, what="is not held", needless=True)
        self._notes.add(transaction, Subject.PARTNER, partner, "release", detail=because)
        wake(self._jobs, transaction, [lane_names.envelope(partner)])
        return Done(partner, done=True, what="is released: what waits goes out when it is due")

    def _move(self, transaction: Transaction, id_: str, step: tuple[str, str], what: str) -> Done:
        """Hold or release one document that waits."""
        verb, because = step
        waiting = transaction.outbox.waiting_document(id_)
        if waiting is None:
            return Done(id_, done=False, what="does not wait to go out")
        if waiting.state not in SUBMISSION.sources(verb):
            return Done(id_, done=False, what=f"is {waiting.state}", needless=True)
        state = SUBMISSION.advance(waiting.state, verb)
        # Why it is let go stands in its timeline; it waits for nothing any more.
        waits_for = (because or None) if verb == "hold" else None
        transaction.outbox.change_waiting(id_, waiting.state, state=state, because=waits_for)
        self._notes.add(transaction, Subject.DOCUMENT, id_, verb, detail=because)
        wake(self._jobs, transaction, [lane_names.envelope(waiting.partner)])
        return Done(id_, done=True, what=what)

    def _refuse(self, transaction: Transaction, id_: str, because: str) -> Done:
        document, waiting = transaction.outbox.ours(id_)
        if document is None:
            return Done(id_, done=False, what="is no document of ours")
        if waiting is not None:
            SUBMISSION.advance(waiting.state, "refuse")
            transaction.outbox.drop(id_)
        elif document.delivery != DeliveryStatus.QUARANTINED:
            return Done(id_, done=False, what="has left, or was given up: nothing holds it")
        rejected = document.acknowledgment == AwaitedStatus.REJECTED
        transaction.ledger.change_document(
            id_,
            delivery=DeliveryStatus.NONE,
            acknowledgment=AwaitedStatus.REJECTED if rejected else AwaitedStatus.NONE,
            because=kept(because),
        )
        self._notes.add(transaction, Subject.DOCUMENT, id_, "refuse", detail=because)
        what = "is given up" if rejected else "is given up: it never leaves"
        return Done(id_, done=True, what=what)

    def _resend(self, transaction: Transaction, id_: str, *, even_rewritten: bool) -> Done:
        document, _ = transaction.outbox.ours(id_)
        outgoing_id = document.outgoing_id if document is not None else id_
        outgoing = transaction.outbox.outgoing(outgoing_id) if outgoing_id else None
        if outgoing is None:
            return Done(id_, done=False, what="is in no interchange")
        if not outgoing.content:
            return Done(id_, done=False, what="its bytes were purged: its time is over")
        verb = "redeliver" if outgoing.state == OutgoingState.DEAD else "resend"
        if outgoing.state not in OUTGOING.sources(verb):
            return Done(id_, done=False, what="is on its way already", needless=True)
        moved_on = transaction.outbox.moved_on(outgoing.id)
        if moved_on and not even_rewritten:
            return Done(id_, done=False, what=_would_come_twice(moved_on))
        self._ask_again(transaction, outgoing)
        transaction.outbox.change(
            outgoing,
            [outgoing.state],
            state=OUTGOING.advance(outgoing.state, verb),
            attempt=0,
            due_at=self._clock(),
            acknowledgment_due_at=None,
        )
        self._notes.add(transaction, Subject.OUTGOING, outgoing.id, verb)
        if document is not None:
            said = f"interchange {outgoing.control_number}"
            self._notes.add(transaction, Subject.DOCUMENT, document.id, verb, detail=said)
        wake(self._jobs, transaction, [lane_names.send(outgoing.partner)])
        what = f"interchange {outgoing.control_number} goes to {outgoing.partner} once more"
        return Done(id_, done=True, what=what)

    def _ask_again(self, transaction: Transaction, outgoing: OutgoingRecord) -> None:
        """Let what the partner says next be the verdict, where it rejected something before."""
        before = outgoing.acknowledgment
        if before not in ACKNOWLEDGMENT.sources("ask_again"):
            return
        status = ACKNOWLEDGMENT.advance(before, "ask_again")
        SUBMISSION.advance(WaitingState.QUARANTINED, "resend")
        transaction.acknowledgments.judge(outgoing.id, [before], acknowledgment=status)
        transaction.acknowledgments.ask_again(outgoing.id)
        self._notes.add(transaction, Subject.ACKNOWLEDGMENT, outgoing.id, "ask_again")

    def _rewrite(self, transaction: Transaction, id_: str) -> Done:
        document, waiting = transaction.outbox.ours(id_)
        if document is None or document.canonical is None:
            return Done(id_, done=False, what="is no document of ours")
        if document.delivery == DeliveryStatus.NONE:
            return Done(id_, done=False, what="was given up: submit it under another key")
        left = _interchange_of(transaction, document)
        if waiting is not None or (left is not None and left.state == OutgoingState.DUE):
            return Done(id_, done=False, what="is on its way already", needless=True)
        try:
            anew = self._anew(document, document.canonical)
        except SubmissionRefused as fault:
            return Done(id_, done=False, what=f"cannot be written: {fault}")
        if anew.draft.refused:
            return Done(id_, done=False, what=f"is still not fit to leave: {anew.draft.because}")
        self._keep_anew(transaction, anew, left)
        return Done(id_, done=True, what="was written anew, and goes out under new numbers")

    def _anew(self, document: DocumentRecord, canonical: bytes) -> _Anew:
        content: Mapping[str, Json] = orjson.loads(canonical)
        agreed = find_agreement(
            self._rulebook, content, document.partner, self._as_before(document)
        )
        draft = write(
            content,
            agreed,
            now=self._clock(),
            memory=self._rulebook.memory,
            came=document.received_at,
        )
        return _Anew(document, agreed, draft)

    def _as_before(self, document: DocumentRecord) -> Wanted:
        """Say which agreement it was submitted under, so that no test becomes production.

        Where none has that version or allows that usage any more, what is agreed now decides.
        """
        partner = self._rulebook.partners.get(document.partner)
        agreements = partner.agreements if partner is not None else ()
        sends = [one for one in agreements if (one.direction, one.set) == ("out", document.set_id)]
        same = [one for one in sends if one.version == document.version]
        usage = any(one.may_send(document.usage) for one in same or sends)
        return Wanted(
            document.set_id, document.version if same else None, document.usage if usage else None
        )

    def _keep_anew(
        self, transaction: Transaction, anew: _Anew, left: OutgoingRecord | None
    ) -> None:
        id_, agreed, draft = anew.document.id, anew.agreed, anew.draft
        state = WaitingState.QUARANTINED if left is None else WaitingState.ENVELOPED
        state = WaitingState(SUBMISSION.advance(state, "rewrite"))
        status = document_status(agreed, draft, self._rulebook.owner_of(agreed.partner))
        transaction.outbox.forget_findings(id_)
        transaction.ledger.add(
            finding_records(None, id_, draft.findings, agreed.agreement.severity)
        )
        transaction.ledger.change_document(
            id_,
            validation=status.validation,
            delivery=status.delivery,
            acknowledgment=status.acknowledgment,
            version=agreed.agreement.version,
            usage=agreed.envelope.usage,
            map=agreed.document_map.name,
            map_hash=agreed.version,
            translations=anew.document.translations + 1,
            outgoing_id=None,
            owner=None,
            reason=None,
            because=None,
        )
        self._notes.add(
            transaction, Subject.DOCUMENT, id_, "rewrite", detail=agreed.document_map.name
        )
        if left is not None and left.state == OutgoingState.DEAD:
            self._give_up_if_empty(transaction, left)
        waiting = waiting_record(id_, agreed, draft, state=state, because=None, now=self._clock())
        goes_now = agreed.agreement.batch is None
        send_or_wait(transaction, self._jobs, waiting, goes_now=goes_now)

    def _give_up_if_empty(self, transaction: Transaction, dead: OutgoingRecord) -> None:
        """Ask nobody any more about an interchange whose documents all went elsewhere."""
        of_it = [one.document_id for one in transaction.outbox.sets_of(dead.id) if one.document_id]
        if any(one.outgoing_id == dead.id for one in transaction.ledger.documents(of_it)):
            return
        state = OUTGOING.advance(dead.state, "refuse")
        transaction.outbox.change(dead, [dead.state], state=state)
        because = f"its {'document was' if len(of_it) == 1 else 'documents were'} written anew"
        self._notes.add(transaction, Subject.OUTGOING, dead.id, "refuse", detail=because)


def _would_come_twice(moved_on: Sequence[str]) -> str:
    named = ", ".join(one[:8] for one in moved_on[:_MOST_NAMED])
    more = f" and {len(moved_on) - _MOST_NAMED} more" if len(moved_on) > _MOST_NAMED else ""
    were, them = ("was", "it") if len(moved_on) == 1 else ("were", "them")
    return (
        f"of its documents {named}{more} {were} written anew to go out elsewhere: the partner "
        f"would get {them} twice; --even-rewritten sends {them} all the same"
    )


def _interchange_of(transaction: Transaction, document: DocumentRecord) -> OutgoingRecord | None:
    if document.outgoing_id is None:
        return None
    found = transaction.outbox.outgoing(document.outgoing_id)
    return found if found is not None and found.kind == DOCUMENTS else None
