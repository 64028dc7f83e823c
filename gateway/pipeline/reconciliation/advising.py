"""Advising: what an application advice (824) of a partner says of documents that we sent.

A 997 says that X12 could be read; an 824 says what the partner's system did with it. It comes like
any document, is translated by its map and goes where the routes say; and what it says of ours is
written here, in the transaction that keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import orjson

from gateway.clock import derived_id
from gateway.findings import Finding, FindingCode, Location, Severity
from gateway.pipeline.flow import ACKNOWLEDGMENT, SUBMISSION
from gateway.pipeline.outcome import Reason
from gateway.pipeline.outgoing_records import OutgoingSetRecord
from gateway.pipeline.reconciliation.matching import AdviceAbout, match_advice
from gateway.pipeline.reconciliation.reconciling import CameIn
from gateway.pipeline.reconciliation.verdicts import VERB_TO
from gateway.pipeline.reconciliation_records import (
    COUNTED,
    AcknowledgedLevel,
    AcknowledgmentRecord,
    Standing,
)
from gateway.pipeline.records import DocumentRecord, Record, TimelineRecord, kept
from gateway.pipeline.stages.documents import finding_records
from gateway.pipeline.states import AwaitedStatus, DeliveryStatus, Subject, WaitingState
from gateway.pipeline.store_port import Transaction

ADVICE = "application_advice"
"""The document type that an 824 becomes."""

MOST_ADVISED = 500
"""Documents that one advice may speak of; what is said of more is kept and not reconciled."""

_MOST_ERRORS = 100

_ENDINGS: Mapping[str, AwaitedStatus] = {
    "_rejected": AwaitedStatus.REJECTED,
    "_partly_accepted": AwaitedStatus.ACCEPTED_WITH_ERRORS,
    "_accepted_with_errors": AwaitedStatus.ACCEPTED_WITH_ERRORS,
    "_accepted_with_changes": AwaitedStatus.ACCEPTED_WITH_ERRORS,
    "_accepted": AwaitedStatus.ACCEPTED,
}
"""What the words of a result come to, whatever it is about: batch, group, transaction or item."""

_OUTDATED = "of its numbers before it was written anew: what goes out since is not judged by it"

_Said = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Advised:
    """One document of ours that an advice speaks of, or that nobody finds."""

    advice: DocumentRecord
    place: int
    said: _Said
    ours: OutgoingSetRecord | None
    because: str = ""
    """Why none is found."""

    @property
    def id(self) -> str:
        """Return the id of what is said: of where it stands, however often it is read."""
        return derived_id("advice", self.advice.id, str(self.place))


def match_advices(transaction: Transaction, records: Iterable[Record]) -> list[Advised]:
    """Find what the advices among records are about."""
    found: list[Advised] = []
    for one in records:
        if not isinstance(one, DocumentRecord) or one.document_type != ADVICE:
            continue
        content = orjson.loads(one.canonical or b"{}")
        for place, said in enumerate(content.get("transactions", ())[:MOST_ADVISED]):
            ours = match_advice(transaction, one.partner, _about(said))
            because = "" if ours else f"we sent no {_named(said)} to {one.partner}"
            found.append(Advised(one, place, said, ours, because))
    return found


def _about(said: _Said) -> AdviceAbout:
    return AdviceAbout(
        _text(said, "group_control_number"),
        _text(said, "transaction_set_control_number"),
        _text(said, "transaction_set"),
        _text(said, "reference"),
    )


class Advising:
    """Writes what advices make of documents that we sent."""

    def __init__(self, transaction: Transaction, came_in: CameIn) -> None:
        self._transaction = transaction
        self._came_in = came_in
        self._made: list[AcknowledgmentRecord] = []

    def write(self, advised: Sequence[Advised]) -> list[AcknowledgmentRecord]:
        """Write verdicts, and return everything that was said."""
        for one in advised:
            self._write(one)
        self._transaction.ledger.add(self._made)
        return self._made

    def _write(self, one: Advised) -> None:
        verdict = _verdict(one.said)
        about = self._record(one, verdict)
        if one.ours is None:
            self._made.append(replace(about, standing=Standing.UNMATCHED, detail=one.because))
            return
        about = replace(about, outgoing_id=one.ours.outgoing_id, document_id=one.ours.document_id)
        if verdict is None:
            self._made.append(replace(about, standing=Standing.UNREADABLE))
            return
        if self._was_said(about):
            detail = "says the same again"
            self._made.append(replace(about, standing=Standing.DUPLICATE, detail=detail))
            return
        if self._is_outdated(one.ours):
            about = replace(about, detail=f"{about.detail}; {_OUTDATED}")
        self._made.append(about)
        self._judge(one, one.ours, verdict, about.detail)

    def _is_outdated(self, ours: OutgoingSetRecord) -> bool:
        """Say whether a document has gone, or goes, out under other numbers since."""
        found = self._transaction.ledger.documents([ours.document_id])
        return any(one.outgoing_id != ours.outgoing_id for one in found)

    def _was_said(self, about: AcknowledgmentRecord) -> bool:
        counted = self._transaction.acknowledgments.counted(about.outgoing_id or "")
        return any(
            one.level == about.level
            and one.document_id == about.document_id
            and one.verdict == about.verdict
            and one.standing in COUNTED
            for one in (*counted, *self._made)
        )

    def _judge(
        self, one: Advised, ours: OutgoingSetRecord, verdict: AwaitedStatus, because: str
    ) -> None:
        """Change what is known of a document of ours; a plain yes adds nothing to what it is."""
        severity = Severity.NOTE
        if verdict is AwaitedStatus.REJECTED:
            severity = Severity.REJECT
            SUBMISSION.advance(WaitingState.ENVELOPED, "reject")
            judged = self._transaction.acknowledgments.judge_documents(
                ours.outgoing_id,
                [ours.document_id],
                ACKNOWLEDGMENT.sources("reject"),
                acknowledgment=verdict,
                delivery=DeliveryStatus.QUARANTINED,
                owner=self._came_in.owner,
                reason=Reason.REJECTED_BY_PARTNER,
                because=because,
            )
        elif verdict is AwaitedStatus.ACCEPTED_WITH_ERRORS:
            judged = self._transaction.acknowledgments.judge_documents(
                ours.outgoing_id,
                [ours.document_id],
                ACKNOWLEDGMENT.sources(VERB_TO[verdict]),
                acknowledgment=verdict,
            )
        else:
            return
        if not judged:
            return
        entry = TimelineRecord(
            Subject.DOCUMENT, ours.document_id, self._came_in.now, "reject", kept(because)
        )
        entries = [entry] if severity is Severity.REJECT else []
        findings = finding_records(None, ours.document_id, _findings(one.said), lambda _: severity)
        self._transaction.ledger.add([*entries, *findings])

    def _record(self, one: Advised, verdict: AwaitedStatus | None) -> AcknowledgmentRecord:
        number = _text(one.said, "transaction_set_control_number") or _text(one.said, "reference")
        return AcknowledgmentRecord(
            id=one.id,
            at=self._came_in.now,
            partner=self._came_in.partner,
            kind="824",
            level=AcknowledgedLevel.APPLICATION,
            standing=Standing.FIRST,
            verdict=verdict,
            control_number=kept(number),
            detail=_words(one.said),
            interchange_id=self._came_in.interchange.id,
        )


def linked(records: Sequence[Record], advised: Sequence[Advised]) -> list[Record]:
    """Return records with each advice tied to the first document of ours that it is about."""
    about: dict[str, str] = {}
    for one in advised:
        if one.ours is not None:
            about.setdefault(one.advice.id, one.ours.document_id)
    return [
        replace(record, caused_by=about[record.id])
        if isinstance(record, DocumentRecord) and record.id in about
        else record
        for record in records
    ]


def _verdict(said: _Said) -> AwaitedStatus | None:
    result = _text(said, "result")
    return next((status for end, status in _ENDINGS.items() if result.endswith(end)), None)


def _words(said: _Said) -> str:
    """Say in a sentence what the partner's system said."""
    told = [_error(one) for one in _errors(said)]
    result = _text(said, "result").replace("_", " ")
    more = f", and {len(told) - 1} more" if len(told) > 1 else ""
    reasons = f": {told[0]}{more}" if told else ""
    return f"the partner's system says: {result}{reasons}".replace("\0", "")


def _errors(said: _Said) -> list[_Said]:
    errors = said.get("errors")
    return [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []


def _error(one: _Said) -> str:
    text = _text(one, "text") or _text(one, "code").replace("_", " ")
    value = _text(one, "value")
    return f"'{value}': {text}" if value else text


def _findings(said: _Said) -> list[Finding]:
    return [
        Finding(
            FindingCode.DOCUMENT_INVALID,
            Location(
                segment_position=_count(one, "segment_position"),
                segment_id=_text(one, "segment") or None,
                element=_count(one, "element_position"),
            ),
            _text(one, "value") or None,
            f"the partner's system says: {_text(one, 'text') or _text(one, 'code')}",
        )
        for one in _errors(said)[:_MOST_ERRORS]
    ]


def _text(said: _Said, name: str) -> str:
    value = said.get(name)
    return value.strip() if isinstance(value, str) else ""


def _count(said: _Said, name: str) -> int | None:
    value = said.get(name)
    return value if isinstance(value, int) else None


def _named(said: _Said) -> str:
    kind = _text(said, "transaction_set") or "document"
    return f"{kind} {_text(said, 'reference')}"
