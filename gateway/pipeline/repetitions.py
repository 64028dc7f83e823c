"""Repetitions: content that was there before, and control numbers that were left out.

Both are looked at only where a partner's file asks for it, in the transaction that keeps the
interchange: what is compared with cannot change meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

import orjson
import structlog

from gateway.pipeline.outcome import Reason
from gateway.pipeline.reconciliation_records import ContentRecord, GapRecord, SequenceRecord
from gateway.pipeline.records import (
    DeliveryRecord,
    DocumentRecord,
    InterchangeRecord,
    NumberRecord,
    Record,
    TimelineRecord,
    kept,
)
from gateway.pipeline.states import DeliveryStatus, Subject
from gateway.pipeline.store_port import Transaction
from gateway.x12.model import TransactionSet

MOST_MISSING = 100
"""Numbers that one gap may have; a sender that leaves out more has begun anew."""

LAST_NUMBER = 999_999_999
"""After it comes 1."""

_REPEATED, _MISSING = "content_repeated", "interchange_numbers_missing"

_Key = tuple[str, str, str]
"""Partner, set and hash."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Content:
    """A transaction set whose content is to be compared, and what to do where it was there."""

    record: ContentRecord
    documents: frozenset[str]
    """What it became: more than one where its map splits it."""
    rule: Literal["note", "hold"]
    window: timedelta | None
    owner: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something that a log must say once it is committed."""

    event: str
    details: dict[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """How a control number follows the highest one before it."""

    highest: int
    missing: tuple[int, ...] = ()
    jumped: bool = False
    """More is missing than anybody would send later."""


def digest(one: TransactionSet) -> str:
    """Return what tells the content of a set from that of others: all of it but ST and SE."""
    return hashlib.sha256(orjson.dumps(one.segments[1:-1])).hexdigest()


def step(highest: int, number: int) -> Step:
    """Say what lies between the highest number and one that comes now; numbers go round."""
    ahead = (number - highest) % LAST_NUMBER
    if ahead == 0 or ahead > LAST_NUMBER // 2:
        return Step(highest)
    if ahead > MOST_MISSING + 1:
        return Step(number, jumped=True)
    between = [(highest + by - 1) % LAST_NUMBER + 1 for by in range(1, ahead)]
    return Step(number, tuple(between))


class Contents:
    """Compares sets with those before them, in one transaction.

    `contents` is everything that will be compared: what is known of it is asked for at once.
    """

    def __init__(
        self, transaction: Transaction, contents: Sequence[Content], now: datetime
    ) -> None:
        self._transaction = transaction
        self._now = now
        self._known: dict[_Key, ContentRecord] = {}
        self._fresh: dict[_Key, ContentRecord] = {}
        if contents:
            keys = {_key(one.record) for one in contents}
            self._known.update(transaction.repetitions.contents(keys))

    def compare(self, contents: Sequence[Content], records: list[Record]) -> list[Noticed]:
        """Compare the sets of one interchange; what is held waits instead of being delivered."""
        noticed = []
        for one in contents:
            record = one.record
            first = self._known.get(_key(record))
            if first is None:
                self._fresh[_key(record)] = record
            elif first.document_id == record.document_id:
                continue
            elif one.window is not None and record.seen_at - first.seen_at > one.window:
                self._outdate(first, record)
            else:
                noticed.append(_repeated(one, first, records, self._now))
                continue
            self._known[_key(record)] = record
        return noticed

    def keep(self) -> None:
        """Keep what was there for the first time."""
        # In one order everywhere, so that two transactions never wait for each other.
        self._transaction.ledger.add([self._fresh[key] for key in sorted(self._fresh)])

    def _outdate(self, first: ContentRecord, record: ContentRecord) -> None:
        """Let a set be the first, since the one that was is from too long ago."""
        if _key(record) in self._fresh:
            self._fresh[_key(record)] = record
        else:
            self._transaction.repetitions.replace_content(record, first)


def _key(record: ContentRecord) -> _Key:
    return record.partner, record.set_id, record.sha256


def verdict(record: InterchangeRecord, noticed: Sequence[Noticed]) -> InterchangeRecord:
    """Let an interchange say what was noticed about it, where it has nothing graver to say."""
    if not noticed or record.reason is not None:
        return record
    repeated = [one for one in noticed if one.event == _REPEATED]
    if repeated:
        details = repeated[0].details
        because = f"suspected duplicate: {details['reason']}"
        more = len(repeated) - 1
        because += f"; {more} more of its sets came before" if more else ""
        held = "; what came again waits for a person" if details["rule"] == "hold" else ""
        return replace(record, reason=Reason.SAME_CONTENT, because=because + held)
    missing = [one.details["reason"] for one in noticed if one.event == _MISSING]
    if missing:
        return replace(record, reason=Reason.NUMBERS_MISSING, because=missing[0])
    return record


def _repeated(one: Content, first: ContentRecord, records: list[Record], now: datetime) -> Noticed:
    because = (
        f"has the content of document {first.document_id} of {first.seen_at:%Y-%m-%d %H:%M:%S}, "
        "under another control number"
    )
    verb = "repeat"
    if one.rule == "hold":
        verb = "quarantine"
        records[:] = [
            _held(record, one, because)
            for record in records
            if not (isinstance(record, DeliveryRecord) and record.document_id in one.documents)
        ]
    records += [
        TimelineRecord(Subject.DOCUMENT, id_, now, verb, kept(because)) for id_ in one.documents
    ]
    about = {"document": one.record.document_id, "first": first.document_id, "rule": one.rule}
    set_ = f"a {one.record.set_id} {because}"
    return Noticed(_REPEATED, {"partner": one.record.partner, **about, "reason": set_})


def _held(record: Record, one: Content, because: str) -> Record:
    if not isinstance(record, DocumentRecord) or record.id not in one.documents:
        return record
    if record.delivery == DeliveryStatus.QUARANTINED:
        return record  # it waits already, for a reason that has to be mended first
    return replace(
        record,
        delivery=DeliveryStatus.QUARANTINED,
        owner=one.owner,
        reason=Reason.SAME_CONTENT,
        because=because,
    )


def notice_gaps(
    transaction: Transaction, record: InterchangeRecord, number: NumberRecord, now: datetime
) -> list[Noticed]:
    """Note the numbers that were left out before an interchange, or that it is one of them."""
    if not number.control_number.isascii() or not number.control_number.isdigit():
        return []
    repetitions = transaction.repetitions
    sender, receiver, came = number.sender, number.receiver, int(number.control_number)
    before = repetitions.sequence(sender, receiver)
    if before is None:
        transaction.ledger.add([SequenceRecord(sender, receiver, came)])
        return []
    details = {"partner": record.partner or "", "control_number": number.control_number}
    following = step(before.highest, came)
    if following.highest == before.highest:
        if not repetitions.fill_gap(sender, receiver, came):
            return []
        _note(transaction, record, "fill_gap", f"{came} was missing until now", now)
        return [Noticed("interchange_number_came", details)]
    after = SequenceRecord(sender, receiver, following.highest)
    repetitions.set_sequence(after, before.highest)
    if not following.missing and not following.jumped:
        return []
    said = f"after {before.highest} came {came}: " + (
        "a new sequence is taken to begin" if following.jumped else _listed(following.missing)
    )
    partner = record.partner or ""
    transaction.ledger.add(
        [
            GapRecord(sender, receiver, missing, partner, now, record.id)
            for missing in following.missing
        ]
    )
    _note(transaction, record, "gap", said, now)
    return [Noticed(_MISSING, {**details, "reason": said})]


def tell_noticed(noticed: Sequence[Noticed]) -> None:
    """Log what was noticed, once it is committed."""
    for one in noticed:
        log.warning(one.event, **one.details)


def _listed(missing: Sequence[int]) -> str:
    shown = ", ".join(map(str, missing[:5]))
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    return f"{shown}{more} {'is' if len(missing) == 1 else 'are'} missing"


def _note(
    transaction: Transaction, record: InterchangeRecord, verb: str, detail: str, now: datetime
) -> None:
    entry = TimelineRecord(Subject.INTERCHANGE, record.id, now, verb, kept(detail))
    transaction.ledger.add([entry])
