"""What is kept of each transaction set: its document, findings, business keys and deliveries.

Translate and route come together here, for one set at a time, so that one that cannot be translated
never costs the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import cast

from gateway.acks.results import SeverityOf
from gateway.clock import derived_id
from gateway.findings import Finding
from gateway.mapping.plan import Json
from gateway.partners import Agreement, Partner
from gateway.pipeline import lane_names
from gateway.pipeline.memory import InHand, with_recalled
from gateway.pipeline.ordering import place_of
from gateway.pipeline.outcome import Quarantine, Reason
from gateway.pipeline.records import (
    BusinessKeyRecord,
    DeliveryRecord,
    DocumentRecord,
    FindingRecord,
    InterchangeRecord,
    PayloadRecord,
    Record,
    TimelineRecord,
    kept,
)
from gateway.pipeline.rulebook import MapReader, Rulebook
from gateway.pipeline.stages.locate import located
from gateway.pipeline.stages.parse import SetReading
from gateway.pipeline.stages.route import KeptOnly, Owed, owe, route
from gateway.pipeline.stages.translate import (
    Origin,
    Untranslated,
    finish,
    keys_of,
    translate,
)
from gateway.pipeline.states import AcknowledgmentStatus, DeliveryStatus, Subject, ValidationStatus
from gateway.routing import Context
from gateway.x12.model import InterchangeHeader, TransactionSet


@dataclass(slots=True)
class Made:
    """The records of one transaction set, and the lanes that have new work."""

    document: DocumentRecord
    records: list[Record] = field(default_factory=list)
    lanes: set[str] = field(default_factory=set)
    kept: str = ""
    """Why it goes to nobody, where a rule says so."""


class DocumentMaker:
    """Makes documents by the rules of an instance."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook

    def of(
        self,
        payload: PayloadRecord,
        header: InterchangeHeader,
        interchange: InterchangeRecord,
        partner: Partner,
    ) -> InterchangeDocuments:
        """Make ready for the sets of one interchange."""
        return InterchangeDocuments(
            self._rulebook, payload, header, interchange=interchange, partner=partner
        )


class InterchangeDocuments:
    """Makes the documents of one interchange."""

    def __init__(
        self,
        rulebook: Rulebook,
        payload: PayloadRecord,
        header: InterchangeHeader,
        *,
        interchange: InterchangeRecord,
        partner: Partner,
    ) -> None:
        self._rulebook = rulebook
        self._payload = payload
        self._header = header
        self._interchange = interchange
        self._partner = partner

    def make(
        self,
        reading: SetReading,
        status: ValidationStatus,
        *,
        place: tuple[int, int],
        now: datetime,
    ) -> list[Made]:
        """Make the documents of one set; `place` is its group and its place there, from zero."""
        document = self._received(reading, status, place)
        of_set = finding_records(
            self._interchange.id,
            document.id,
            reading.all_findings,
            (reading.agreement or self._partner).severity,
        )
        if status is ValidationStatus.REJECTED or reading.is_acknowledgment:
            return [Made(document, [*of_set, *self._keys_in(document.id, reading)])]
        made = self.translate_and_route(document, reading, now)
        made[0].records += of_set
        return made

    def translate_and_route(
        self, document: DocumentRecord, reading: SetReading, now: datetime
    ) -> list[Made]:
        """Return the documents that an accepted set becomes; one that waits if it becomes none.

        `document` is the first of them, as it was received.
        """
        agreement, tree = reading.agreement, reading.tree
        if agreement is None or tree is None:
            raise AssertionError("an accepted set has an agreement and a tree")
        document_map = self._rulebook.reader(agreement)
        document = replace(
            document,
            map=agreement.map,
            map_hash=self._version(agreement, document_map),
            translations=document.translations + 1,
        )
        in_hand = InHand(document.partner, document.usage, document.received_at)
        translated = translate(
            tree,
            reading.transaction_set.delimiters,
            agreement=agreement,
            document_map=document_map,
            recalled=partial(self._recalled, document_map, in_hand),
        )
        if isinstance(translated, Untranslated):
            keys = key_records(document.id, translated.keys)
            made = [self._quarantined(document, translated.outcome, now, [*keys])]
        else:
            usage = agreement.effective_usage(self._header.usage)
            context = Context(self._partner.id, document.set_id, usage)
            made = [
                self._routed(document, one, part, translated.map_name, context, now)
                for part, one in enumerate(translated.documents)
            ]
            if held := [one for one in reading.all_findings if one.held]:
                made = [self._held(one, held, now) for one in made]
        made[0].records += finding_records(
            self._interchange.id,
            document.id,
            located(translated.findings, reading.transaction_set),
            agreement.severity,
        )
        return made

    def _recalled(
        self, document_map: MapReader | None, in_hand: InHand, document: Mapping[str, object]
    ) -> tuple[Mapping[str, object], Sequence[Finding]]:
        if document_map is None:
            return document, ()
        read = cast("Mapping[str, Json]", document)
        return with_recalled(read, document_map, self._rulebook.memory, in_hand)

    def _version(self, agreement: Agreement, document_map: MapReader | None) -> str | None:
        """Return the hash of what translates a set; of no map there is none."""
        if document_map is None:
            return None
        return self._rulebook.version_of(self._partner, agreement) or document_map.version

    def _held(self, made: Made, findings: Sequence[Finding], now: datetime) -> Made:
        """Have a document wait that a guide holds; one that waits already or owes nothing stays."""
        if made.document.delivery != DeliveryStatus.PENDING:
            return made
        first = findings[0]
        more = f", and {len(findings) - 1} more" if len(findings) > 1 else ""
        outcome = Quarantine(
            Reason.HELD_BY_GUIDE, f"{first.location.reference}: {first.detail}{more}"
        )
        left: list[Record] = [
            one for one in made.records if not isinstance(one, DeliveryRecord | TimelineRecord)
        ]
        return self._quarantined(made.document, outcome, now, left)

    def _keys_in(self, document_id: str, reading: SetReading) -> Sequence[BusinessKeyRecord]:
        """Return the keys of a rejected set: people ask for it by its order number all the same."""
        if reading.agreement is None or reading.tree is None:
            return []
        document_map = self._rulebook.reader(reading.agreement)
        if document_map is None:
            return []
        read = document_map.read(reading.tree, reading.transaction_set.delimiters)
        return key_records(document_id, keys_of(read.documents))

    def _routed(
        self,
        first: DocumentRecord,
        content: Mapping[str, object],
        part: int,
        map_name: str,
        context: Context,
        now: datetime,
    ) -> Made:
        """Finish one document and owe it to its destinations."""
        id_ = first.id if part == 0 else derived_id("part", first.id, str(part))
        translation = finish(content, id_, map_name, self._origin(first))
        destinations = route(content, context, self._rulebook.router)
        ends = isinstance(destinations, Quarantine | KeptOnly)
        document = replace(
            first,
            id=id_,
            part=part,
            document_type=translation.document_type,
            canonical=translation.body,
            canonical_hash=translation.content_hash,
            delivery=first.delivery if ends else DeliveryStatus.PENDING,
            reason=None,
            because=None,
            owner=None,
        )
        keys = key_records(id_, translation.keys)
        if isinstance(destinations, Quarantine):
            return self._quarantined(document, destinations, now, [*keys])
        if isinstance(destinations, KeptOnly):
            entry = TimelineRecord(Subject.DOCUMENT, id_, now, "keep", kept(destinations.because))
            return Made(document, [*keys, entry], kept=destinations.because)
        owed = Owed(id_, self._payload.id, translation.content_hash, now, place_of(document))
        deliveries = self._owed(owed, destinations, content)
        names = [name for name, _ in destinations]
        entry = TimelineRecord(Subject.DOCUMENT, id_, now, "route", f"to {', '.join(names)}")
        return Made(
            document,
            [*keys, *deliveries, entry],
            {lane_names.deliver(name) for name in names},
        )

    def _owed(
        self, owed: Owed, destinations: Sequence[tuple[str, str]], content: Mapping[str, object]
    ) -> list[DeliveryRecord]:
        return [
            owe(
                owed,
                name,
                route=rule,
                # One that the configuration does not have is asked once, and buried for it.
                allowance=self._rulebook.attempts_at(name) or 1,
                ordering_key=self._rulebook.ordering_key(name, content, self._partner.id),
            )
            for name, rule in destinations
        ]

    def _quarantined(
        self, document: DocumentRecord, outcome: Quarantine, now: datetime, records: list[Record]
    ) -> Made:
        waiting = replace(
            document,
            delivery=DeliveryStatus.QUARANTINED,
            owner=self._rulebook.owner_of(self._partner),
            reason=outcome.reason,
            because=outcome.because.replace("\0", ""),
        )
        entry = TimelineRecord(
            Subject.DOCUMENT, document.id, now, "quarantine", kept(outcome.because)
        )
        return Made(waiting, [*records, entry])

    def _received(
        self, reading: SetReading, status: ValidationStatus, place: tuple[int, int]
    ) -> DocumentRecord:
        one = reading.transaction_set
        group = reading.group
        # Whether the partner is told of it after all is known at the end of the interchange.
        acknowledgment = AcknowledgmentStatus.PENDING
        if reading.is_acknowledgment:
            acknowledgment = AcknowledgmentStatus.NONE
        return DocumentRecord(
            id=document_id(self._interchange.id, place),
            payload_id=self._payload.id,
            interchange_id=self._interchange.id,
            direction="in",
            partner=self._partner.id,
            set_id=kept(one.set_id),
            version=kept(group.version),
            usage=self._interchange.usage,
            group_control_number=kept(group.control_number),
            control_number=kept(one.control_number),
            start=one.offsets[0],
            end=end_of(one),
            part=0,
            document_type=None,
            received_at=self._payload.received_at,
            validation=status,
            delivery=DeliveryStatus.NONE,
            acknowledgment=acknowledgment,
        )

    def _origin(self, document: DocumentRecord) -> Origin:
        return Origin(
            header=self._header,
            correlation_id=self._payload.id,
            partner=self._partner.id,
            set_id=document.set_id,
            version=document.version,
            group_control_number=document.group_control_number,
            control_number=document.control_number,
            received_at=self._payload.received_at,
            payload_sha256=self._payload.sha256,
        )


def untold(record: Record, ranges: Sequence[range]) -> Record:
    """Return a document of a set in these ranges as one of which the partner is not told."""
    if not isinstance(record, DocumentRecord) or not any(record.start in one for one in ranges):
        return record
    return replace(record, acknowledgment=AcknowledgmentStatus.NONE)


def document_id(interchange_id: str, place: tuple[int, int]) -> str:
    """Return the id of the document at a place of an interchange: always the same."""
    return derived_id("document", interchange_id, str(place[0]), str(place[1]))


def end_of(one: TransactionSet) -> int:
    """Return the offset just past the last segment's terminator."""
    last = one.delimiters.element.join(one.segments[-1])
    return one.offsets[-1] + len(last) + len(one.delimiters.terminator)


def finding_records(
    interchange_id: str | None,
    document_id: str | None,
    findings: Iterable[Finding],
    severity: SeverityOf,
) -> list[FindingRecord]:
    """Keep findings with what the agreement made of each."""
    return [
        FindingRecord(
            interchange_id=interchange_id,
            document_id=document_id,
            code=finding.code,
            level=finding.level,
            severity=severity(finding),
            location=_location(finding),
            value=kept(finding.value) if finding.value is not None else None,
            detail=finding.detail.replace("\0", ""),
            data_element=finding.data_element,
            field=finding.field,
        )
        for finding in findings
    ]


def _location(finding: Finding) -> str:
    known = {name: value for name, value in asdict(finding.location).items() if value is not None}
    return json.dumps(known).replace("\\u0000", "")


def key_records(document_id: str, keys: Iterable[tuple[str, str]]) -> Sequence[BusinessKeyRecord]:
    """Keep the business keys of a document, each once."""
    unique = dict.fromkeys((kept(name), kept(value)) for name, value in keys)
    return [BusinessKeyRecord(document_id, name, value) for name, value in unique]
