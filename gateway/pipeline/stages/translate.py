"""Translate: a valid transaction set becomes a canonical document, by the agreement's map.

What cannot be translated is never the partner's fault towards X12: the 997 accepts it, the document
waits for a person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway import canonical
from gateway.findings import Finding, FindingCode, Location, Severity
from gateway.partners import Agreement
from gateway.pipeline.outcome import Quarantine, Reason
from gateway.pipeline.rulebook import MapReader
from gateway.x12.model import Delimiters, InterchangeHeader, Loop

_FOLLOW_UPS: Mapping[FindingCode, tuple[FindingCode, ...]] = {
    FindingCode.CODE_NOT_IN_TABLE: (
        FindingCode.REQUIRED_FIELD_MISSING,
        FindingCode.DOCUMENT_INVALID,
    ),
    FindingCode.VALUE_NOT_CONVERTIBLE: (
        FindingCode.REQUIRED_FIELD_MISSING,
        FindingCode.DOCUMENT_INVALID,
    ),
    FindingCode.REQUIRED_FIELD_MISSING: (FindingCode.DOCUMENT_INVALID,),
}
"""What else is found about a field for no other reason than the first finding."""

Recalled = Callable[[Mapping[str, object]], tuple[Mapping[str, object], Sequence[Finding]]]
"""Completes a document from earlier ones, and says what was not found."""


def as_it_was_read(
    document: Mapping[str, object],
) -> tuple[Mapping[str, object], Sequence[Finding]]:
    """Complete nothing."""
    return document, ()


_USAGES = {"P": "production", "T": "test", "I": "information"}


@dataclass(frozen=True, slots=True)
class Translation:
    """A canonical document, and what is kept beside it."""

    document: Mapping[str, object]
    document_type: str
    body: bytes
    content_hash: str
    """Of the document without its origin: translated anew to the same content, it is the same."""
    keys: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Translated:
    """The documents that a transaction set became: one, unless the map splits it."""

    documents: tuple[Mapping[str, object], ...]
    map_name: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Untranslated:
    """Why there is no document."""

    outcome: Quarantine
    findings: tuple[Finding, ...] = ()
    keys: tuple[tuple[str, str], ...] = ()
    """Of what could be read all the same, so that people find it by its order number."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document came from, as its `meta` says."""

    header: InterchangeHeader
    correlation_id: str
    partner: str
    set_id: str
    version: str
    group_control_number: str
    control_number: str
    received_at: datetime
    payload_sha256: str

    def meta(self, document_id: str, map_name: str) -> dict[str, object]:
        """Return what the gateway writes into the document."""
        header = self.header
        texts = {
            "document_id": document_id,
            "correlation_id": self.correlation_id,
            "partner": self.partner,
            "sender": _identifier(header.sender),
            "receiver": _identifier(header.receiver),
            "interchange_control_number": header.control_number.strip(),
            "group_control_number": self.group_control_number,
            "transaction_set_control_number": self.control_number,
            "transaction_set": self.set_id,
            "x12_version": self.version,
            "usage": _USAGES.get(header.usage),
            "received_at": self.received_at.isoformat(),
            "payload_sha256": self.payload_sha256,
            "map": map_name,
        }
        return {name: value for name, value in texts.items() if value}


def translate(
    tree: Loop,
    delimiters: Delimiters,
    *,
    agreement: Agreement,
    document_map: MapReader | None,
    recalled: Recalled = as_it_was_read,
) -> Translated | Untranslated:
    """Translate one transaction set, and check its documents against their canonical models.

    `recalled` completes a document with what its map takes from earlier ones.
    """
    if document_map is None:
        because = (
            f"the agreement '{agreement.label}' names the map '{agreement.map}': there is none"
        )
        return Untranslated(Quarantine(Reason.NO_MAP, because))
    reading = document_map.read(tree, delimiters)
    findings = list(reading.findings)
    documents = []
    for document in reading.documents:
        completed, missed = recalled(document)
        documents.append(completed)
        findings += missed
    if not reading.fits:
        for document in documents:
            findings += faults_of(document)
    findings = _without_follow_ups(findings, agreement)
    for document in documents:
        findings += document_map.kept(document)
    fatal = [one for one in findings if agreement.severity(one) is Severity.REJECT]
    if fatal:
        first = fatal[0]
        place = first.field or first.location.reference
        because = f"{place}: {first.detail or first.code}" if place else first.detail or first.code
        more = f", and {len(fatal) - 1} more" if len(fatal) > 1 else ""
        return Untranslated(
            Quarantine(Reason.NOT_TRANSLATED, because + more),
            tuple(findings),
            keys_of(documents),
        )
    return Translated(tuple(documents), document_map.name, tuple(findings))


def _without_follow_ups(findings: Sequence[Finding], agreement: Agreement) -> list[Finding]:
    """Leave out that a field is missing where another finding says why, and refuses the set."""
    said: set[tuple[str, FindingCode]] = set()
    for finding in findings:
        if finding.field is not None and agreement.severity(finding) is Severity.REJECT:
            said.update((finding.field, code) for code in _FOLLOW_UPS.get(finding.code, ()))
    return [one for one in findings if (one.field or "", one.code) not in said]


def keys_of(documents: Iterable[Mapping[str, object]]) -> tuple[tuple[str, str], ...]:
    """Return the business keys of documents, whole or not."""
    return tuple(
        dict.fromkeys(key for document in documents for key in canonical.business_keys(document))
    )


def finish(
    document: Mapping[str, object], document_id: str, map_name: str, origin: Origin
) -> Translation:
    """Write a document with its origin in it."""
    # `document` and `version` first, then the origin, then the business.
    whole = {
        "document": document["document"],
        "version": document["version"],
        "meta": origin.meta(document_id, map_name),
        **document,
    }
    return Translation(
        document=document,
        document_type=str(document["document"]),
        body=canonical.dumps(whole),
        content_hash=hashlib.sha256(canonical.dumps(document)).hexdigest(),
        keys=keys_of([document]),
    )


def faults_of(document: Mapping[str, object]) -> list[Finding]:
    """Return what the canonical model has against a document."""
    return [
        Finding(FindingCode.DOCUMENT_INVALID, Location(), None, message, field=pointer)
        for pointer, message in canonical.check(document)
    ]


def _identifier(identity: tuple[str, str]) -> dict[str, str] | None:
    qualifier, id_ = identity
    return {"scheme": qualifier, "value": id_} if qualifier and id_ else None
