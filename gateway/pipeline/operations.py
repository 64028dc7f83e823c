"""What people ask for: deliver again, translate anew, let pass what was held, give it up.

Each document is decided and committed by itself, and each answer says in a sentence what was done
or why nothing was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from gateway.clock import Clock, utc_now
from gateway.pipeline.asked import Done, Notes, answered
from gateway.pipeline.deciding import Decisions
from gateway.pipeline.jobs import Jobs
from gateway.pipeline.outcome import Reason
from gateway.pipeline.records import (
    DocumentRecord,
)
from gateway.pipeline.redelivering import Redeliverer
from gateway.pipeline.rerouting import AS_BEFORE, Rerouter
from gateway.pipeline.retranslation import SAME_CONTENT, Retranslator
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.states import (
    DeliveryStatus,
)
from gateway.pipeline.store_port import Store, Transaction
from gateway.pipeline.versions_port import WantedVersion
from gateway.pipeline.views import DocumentFilter

EVERYTHING = 1_000_000


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
        notes = Notes(clock, asker)
        self._redeliverer = Redeliverer(rulebook, jobs, notes)
        self._decisions = Decisions(rulebook, jobs, notes)

    def redeliver(
        self, document_ids: Collection[str], *, destination: str | None = None
    ) -> list[Done]:
        """Deliver documents again, everywhere or at one destination alone.

        What is dead goes on with its key, because nobody knows whether the destination took it,
        and nothing else does: what other destinations have got is left alone. Where nothing is
        dead, what was delivered is a new generation with a new key: somebody wants it twice.
        """

        def redeliver(transaction: Transaction, document: DocumentRecord) -> Done:
            return self._redeliverer.redeliver(transaction, document, destination)

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
            return self._redeliverer.redeliver_dead(
                transaction, document, destination, dry_run=dry_run
            )

        answers = [self._each(id_, redeliver) for id_ in found]
        return [one for one in answers if not one.needless]

    def retranslate(
        self,
        document_ids: Collection[str] | None = None,
        *,
        dry_run: bool = False,
        wanted: WantedVersion | None = None,
    ) -> list[Done]:
        """Translate documents anew from their raw payloads; all that failed if none is named.

        By the maps of today, or by the version that is wanted. The destination gets a document
        once more only where its content changed.
        """
        self._rulebook.keep_versions()
        if document_ids is None:
            failed = DocumentFilter(
                delivery=DeliveryStatus.QUARANTINED, direction="in", limit=EVERYTHING
            )
            document_ids = [one.document.id for one in self._store.desk.documents(failed)]
        retranslator = Retranslator(
            self._rulebook, self._jobs, self._clock,
            dry_run=dry_run, asker=self._asker, wanted=wanted,
        )  # fmt: skip

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
        return [answered(self._store, id_, self._decisions.release) for id_ in ids]

    def refuse(self, ids: Iterable[str], because: str) -> list[Done]:
        """Give interchanges, payloads or acknowledgments up; the reason is kept."""

        def refuse(transaction: Transaction, id_: str) -> Done:
            return self._decisions.refuse(transaction, id_, because)

        return [answered(self._store, id_, refuse) for id_ in ids]

    def _each(self, id_: str, request: Callable[[Transaction, DocumentRecord], Done]) -> Done:
        def found(transaction: Transaction, document_id: str) -> Done:
            documents = transaction.ledger.documents([document_id])
            if not documents:
                return Done(document_id, done=False, what="there is no such document")
            return request(transaction, documents[0])

        return answered(self._store, id_, found)
