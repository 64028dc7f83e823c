"""Translates a document anew from the bytes it came in, by the map of today.

The partner has been told what we make of those bytes: validation and acknowledgment stay as they
were. The destination gets the document again only where its content changed, and then under a new
key if an attempt had been made with the old content: it cannot mistake one for the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.clock import Clock
from gateway.errors import InterchangeUnreadable
from gateway.pipeline import lane_names
from gateway.pipeline.flow import DELIVERY
from gateway.pipeline.jobs import Jobs, wake
from gateway.pipeline.reconciliation.advised_anew import advised_anew, write_anew
from gateway.pipeline.reconciliation.advising import Advised
from gateway.pipeline.reconciliation.reconciling import CameIn
from gateway.pipeline.records import (
    DeliveryRecord,
    DocumentRecord,
    InterchangeRecord,
    PayloadRecord,
    Record,
    TimelineRecord,
    asked_by,
)
from gateway.pipeline.rulebook import Rulebook
from gateway.pipeline.stages.documents import DocumentMaker, Made, document_id
from gateway.pipeline.stages.envelope import Placed, surveyed
from gateway.pipeline.stages.parse import parse
from gateway.pipeline.stages.route import idempotency_key
from gateway.pipeline.states import DeliveryState, DeliveryStatus, Subject, ValidationStatus
from gateway.pipeline.store_port import Transaction
from gateway.pipeline.versions import by_version
from gateway.pipeline.versions_port import WantedVersion
from gateway.routing import is_follow_up
from gateway.x12.model import GroupHeader, InterchangeHeader

_CHANGED = (
    "document_type",
    "delivery",
    "map",
    "map_hash",
    "canonical",
    "canonical_hash",
    "translations",
    "owner",
    "reason",
    "because",
)

_UNTRIED = (DeliveryState.DUE, DeliveryState.HELD)
"""States of a delivery that may never have been tried."""

SAME_CONTENT = "translates to the same content"


@dataclass(frozen=True, slots=True)
class _Change:
    """What a document becomes, and the deliveries of it that there were and will be."""

    made: Made
    had: Sequence[DeliveryRecord] = ()
    owed: Sequence[DeliveryRecord] = ()
    new: bool = False
    """A part of its set that there was not before."""


class Retranslator:
    """Translates documents anew, one transaction each."""

    def __init__(
        self,
        rulebook: Rulebook,
        jobs: Jobs,
        clock: Clock,
        *,
        dry_run: bool,
        asker: str = "",
        wanted: WantedVersion | None = None,
    ) -> None:
        """Take the rules of today, and the version to translate by if it is not that of today."""
        self._wanted = wanted
        self._asker = asker
        self._rulebook = rulebook
        self._jobs = jobs
        self._clock = clock
        self._dry_run = dry_run
        self._freed: set[str] = set()

    def retranslate(self, transaction: Transaction, document: DocumentRecord) -> tuple[bool, str]:
        """Translate one document; return whether something changed, and a sentence."""
        if document.interchange_id is None:
            return False, "is ours: `gateway outbound rewrite` writes it anew"
        if document.validation == ValidationStatus.REJECTED:
            return False, "was rejected, and the partner knows: there is nothing to translate"
        interchange = transaction.ledger.interchange(document.interchange_id)
        payload = transaction.ledger.payloads([document.payload_id])[0]
        if interchange is None:
            return False, "its interchange is gone"
        made = self._translate(transaction, payload, interchange, document)
        if isinstance(made, str):
            return False, made
        self._freed.clear()
        # All parts of one set belong together: a map that splits otherwise today makes others.
        ids = [one.document.id for one in made]
        advised = self._advised(transaction, made)
        had = {one.id: one for one in transaction.ledger.documents(ids)}
        said = [self._compare(transaction, had.get(one.document.id), one) for one in made]
        if made[0].document.canonical is not None:  # a map that broke undoes nothing
            said += [self._withdraw(transaction, one) for one in self._gone(transaction, made)]
        if advised:
            said += self._tell(transaction, interchange, advised)
        wake(self._jobs, transaction, self._freed, freed=True)
        return any(changed for changed, _ in said), "; ".join(dict.fromkeys(w for _, w in said))

    def _advised(self, transaction: Transaction, made: Sequence[Made]) -> list[Advised]:
        """Return what advices say of ours that has not counted yet, and hold what it is about."""
        if self._dry_run:
            return []
        return advised_anew(transaction, [one.document for one in made])

    def _tell(
        self, transaction: Transaction, interchange: InterchangeRecord, advised: Sequence[Advised]
    ) -> list[tuple[bool, str]]:
        """Write what advices say of ours."""
        partner = advised[0].advice.partner
        owner = self._rulebook.owner_of(self._rulebook.partners.get(partner))
        came_in = CameIn(interchange, partner, owner, self._clock())
        what = write_anew(transaction, advised, came_in)
        return [(True, what)] if what else []

    def _gone(self, transaction: Transaction, made: Sequence[Made]) -> list[DocumentRecord]:
        """Return the parts that the set became once and does not become now."""
        first = made[0].document
        ids = {one.document.id for one in made}
        # Retranslated is only what came in.
        parts = transaction.ledger.parts_of_set(first.interchange_id or "", first.start)
        # What owes nothing to anybody was withdrawn before.
        return [one for one in parts if one.id not in ids and one.delivery != DeliveryStatus.NONE]

    def _withdraw(self, transaction: Transaction, document: DocumentRecord) -> tuple[bool, str]:
        """Take back what a part that is no more still owes; what was delivered stays."""
        had = transaction.lanes.deliveries_of([document.id])
        open_ = [one for one in had if one.state not in DELIVERY.final_states()]
        places = sorted({one.destination for one in had if one.state == DeliveryState.DELIVERED})
        what = f"part {document.part + 1} is no more"
        what += f", but {', '.join(places)} has it" if places else ""
        if not open_ and document.delivery == DeliveryStatus.DELIVERED:
            return False, what
        if self._dry_run:
            return True, f"{what}: what is not delivered of it would be withdrawn"
        what += ": what is not delivered of it is withdrawn"
        self._supersede(transaction, open_, [])
        status = DeliveryStatus.DELIVERED if places else DeliveryStatus.NONE
        transaction.ledger.change_document(
            document.id, delivery=status, owner=None, reason=None, because=what
        )
        said = asked_by(self._asker, what)
        entry = TimelineRecord(Subject.DOCUMENT, document.id, self._clock(), "retranslate", said)
        transaction.ledger.add([entry])
        return True, what

    def _compare(
        self, transaction: Transaction, document: DocumentRecord | None, made: Made
    ) -> tuple[bool, str]:
        """Take over one document where it differs from what it was."""
        fresh = made.document
        waits = (
            document is None
            or document.delivery == DeliveryStatus.QUARANTINED
            # A part that was withdrawn and is there again.
            or (document.part > 0 and document.delivery == DeliveryStatus.NONE)
        )
        if fresh.delivery == DeliveryStatus.QUARANTINED:
            what = f"{_fault_of(fresh)}: {fresh.because}"
            if self._dry_run or not waits:
                return False, what  # what was delivered once is not undone by a map that broke
            return self._keep(transaction, _Change(made, new=document is None), what)
        same = document is not None and fresh.canonical_hash == document.canonical_hash
        if same and not waits:
            return False, SAME_CONTENT
        # What follows from a delivery is made once, of what was delivered first.
        had = [
            one
            for one in transaction.lanes.deliveries_of([fresh.id])
            if not is_follow_up(one.destination)
        ]
        wanted = [one for one in made.records if isinstance(one, DeliveryRecord)]
        owed = [self._owed(one, had) for one in wanted]
        names = ", ".join(one.destination for one in wanted)
        # What never went anywhere has no content that this could differ from.
        names = f"{names} with other content" if had and not same else names
        if self._dry_run:
            return True, f"would go to {names}" if wanted else made.kept
        self._supersede(transaction, had, owed)
        change = _Change(made, had, owed, new=document is None)
        return self._keep(transaction, change, f"goes to {names}" if wanted else made.kept)

    def _translate(
        self,
        transaction: Transaction,
        payload: PayloadRecord,
        interchange: InterchangeRecord,
        document: DocumentRecord,
    ) -> list[Made] | str:
        """Return what the set becomes now, or why it cannot be tried."""
        partner = self._rulebook.partners.get(document.partner)
        if partner is None:
            return f"the configuration has no partner '{document.partner}' any more"
        found = self._read(payload, interchange, document.start)
        if isinstance(found, str):
            return f"cannot be read any more: {found}"
        header, group, (place, one) = found
        reading = parse(
            one,
            group,
            partner=partner,
            usage=header.usage,
            validator_of=self._rulebook.validator,
        )
        if reading.agreement is None or reading.tree is None:
            because = reading.findings[0].detail if reading.findings else "nothing agreed"
            return f"cannot be read any more: {because}"
        rules = by_version(transaction, self._rulebook, self._wanted, partner, reading.agreement)
        if isinstance(rules, str):
            return rules
        maker = DocumentMaker(rules).of(payload, header, interchange, partner)
        first = replace(
            document,
            id=document_id(interchange.id, place),
            part=0,
            document_type=None,
            canonical=None,
            canonical_hash=None,
            delivery=DeliveryStatus.NONE,
        )
        return maker.translate_and_route(first, reading, self._clock())

    def _read(
        self, payload: PayloadRecord, interchange: InterchangeRecord, start: int
    ) -> tuple[InterchangeHeader, GroupHeader, Placed] | str:
        """Read a set again by its offset, or say why not; other leniencies may read otherwise."""
        try:
            again = surveyed(payload.content, self._rulebook.leniency_of)
            for envelope, sets in again:
                if envelope.header.offset != interchange.start:
                    continue
                for place, one in sets:
                    if one.offsets[0] == start:
                        return envelope.header, envelope.groups[place[0]].header, (place, one)
                return "its interchange holds no such transaction set"
        except InterchangeUnreadable:
            pass
        return "its payload holds no such interchange"

    def _owed(self, wanted: DeliveryRecord, had: list[DeliveryRecord]) -> DeliveryRecord:
        """Return the delivery under the generation that it must have."""
        before = [one for one in had if one.destination == wanted.destination]
        if not before:
            return wanted
        last = max(before, key=lambda one: one.generation)
        untouched = last.state in _UNTRIED and last.attempt == 0
        return _generation(wanted, last.generation if untouched else last.generation + 1)

    def _supersede(
        self, transaction: Transaction, had: list[DeliveryRecord], owed: list[DeliveryRecord]
    ) -> None:
        """Withdraw what has not been delivered and what the new content replaces."""
        kept = {one.id for one in owed}
        for delivery in had:
            if delivery.state == DeliveryState.CLAIMED:
                # In flight with the old content: this fails, and the person asks again.
                sources: tuple[str, ...] = DELIVERY.sources("supersede")
            elif delivery.id in kept or delivery.state not in DELIVERY.sources("supersede"):
                continue
            else:
                sources = (delivery.state,)
            transaction.lanes.change_delivery(delivery, sources, state=DeliveryState.SUPERSEDED)
            self._freed.add(lane_names.deliver(delivery.destination))

    def _keep(self, transaction: Transaction, change: _Change, what: str) -> tuple[bool, str]:
        """Write what a document has become."""
        ledger, lanes = transaction.ledger, transaction.lanes
        made, document = change.made, change.made.document
        if change.new:
            ledger.add([document])
        ledger.forget_translation(document.id)
        values: Mapping[str, object] = {name: getattr(document, name) for name in _CHANGED}
        ledger.change_document(document.id, **values)
        existing = {one.id: one for one in change.had}
        rows: list[Record] = [one for one in made.records if not isinstance(one, DeliveryRecord)]
        for one in change.owed:
            if one.id in existing:
                # Only while no attempt was made: the same key never goes with other content.
                lanes.change_delivery(
                    existing[one.id],
                    _UNTRIED,
                    content_hash=one.content_hash,
                    ordering_key=one.ordering_key,
                )
            else:
                rows.append(one)
        now = self._clock()
        said = asked_by(self._asker, what)
        rows.append(TimelineRecord(Subject.DOCUMENT, document.id, now, "retranslate", said))
        ledger.add(rows)
        if change.owed:
            lanes.refresh_delivery_status([document.id])
        wake(self._jobs, transaction, made.lanes)
        return bool(change.owed), what


def _fault_of(document: DocumentRecord) -> str:
    return "could not be translated" if document.canonical is None else "goes nowhere"


def _generation(wanted: DeliveryRecord, generation: int) -> DeliveryRecord:
    key = idempotency_key(wanted.document_id, wanted.destination, generation)
    return replace(wanted, id=key, idempotency_key=key, generation=generation)
