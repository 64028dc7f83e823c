"""What the pipeline asks of a store: transactions, each offering a few small sets of verbs.

Every change of a state is a compare-and-set: it says how many rows were in the state that it
expected and changes no other. A store never decides which state comes next; that is
`gateway.pipeline.flow`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from gateway.errors import GatewayError
from gateway.mapping.plan import Json
from gateway.mapping.recall import Asked
from gateway.pipeline.alerts_port import AlertBook, AlertDesk, Causes
from gateway.pipeline.collected_port import Collected
from gateway.pipeline.exchange_port import Exchanges
from gateway.pipeline.exports_port import Exports
from gateway.pipeline.lanes_port import LaneDesk, Lanes, Turns
from gateway.pipeline.mdn_port import Messages
from gateway.pipeline.memory import InHand
from gateway.pipeline.outbox_port import OutboundDesk, Outbox
from gateway.pipeline.overview import Overview
from gateway.pipeline.polling_port import Polling
from gateway.pipeline.reconciliation_port import (
    AcknowledgmentDesk,
    Acknowledgments,
    Repetitions,
)
from gateway.pipeline.records import (
    DocumentRecord,
    InterchangeRecord,
    NumberRecord,
    PayloadRecord,
    Record,
    SliceRecord,
    TimelineRecord,
)
from gateway.pipeline.token_port import Tokens
from gateway.pipeline.versions_port import Versions
from gateway.pipeline.views import (
    DocumentFilter,
    DocumentSummary,
    DocumentView,
    InterchangeFilter,
    InterchangeSummary,
)


class LostRace(GatewayError):
    """Somebody else changed this in the meantime; nothing of the transaction was kept."""


_PASSING_STATES = (
    "08",  # the connection
    "25006",  # read-only: a standby that is not the primary yet, or one that was
    "25P03",  # ended by the server: idle for too long
    "40",  # deadlock, serialization
    "53",  # out of disk, memory, connections
    "55",  # a lock that somebody else holds, a server that is not ready
    "57",  # stopped by the server's operator, shutting down, starting up
    "58",  # the disk beneath the server
)
"""Beginnings of SQLSTATEs after which the same may succeed later."""

_LASTING_SQLITE = (
    sqlite3.SQLITE_ERROR,  # such as a table or column that is not there
    sqlite3.SQLITE_INTERNAL,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_MISUSE,
    sqlite3.SQLITE_RANGE,
    sqlite3.SQLITE_TOOBIG,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
)
"""SQLite's primary codes after which the same fails again; the others are locks, disks, files."""


def database_is_unwell(fault: Exception) -> bool:
    """Say whether the same transaction may succeed later.

    A fault without a code is taken for passing where its class may be: waiting costs less than
    making final what was not.
    """
    if isinstance(fault, LostRace | sa.exc.TimeoutError):
        return True
    if not isinstance(fault, sa.exc.DBAPIError):
        return False
    if fault.connection_invalidated:
        return True
    state = getattr(fault.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_PASSING_STATES)
    if not isinstance(fault, sa.exc.OperationalError | sa.exc.InterfaceError):
        return False
    code = getattr(fault.orig, "sqlite_errorcode", None)
    # The low byte is the primary code; what is above it says more.
    return code is None or code & 0xFF not in _LASTING_SQLITE


class Ready(Protocol):
    """Records as what the database takes, made before the transaction that adds them."""

    def of(self, record: Record) -> tuple[object, ...] | None:
        """Return what is made of this very record, or None where it was made since."""


class Ledger(Protocol):
    """Payloads, interchanges, documents: what came in and what was made of it."""

    def stored_receipts(self, transport: str, receipts: Collection[str]) -> Mapping[str, str]:
        """Map each receipt that is in the ledger to its payload's id."""

    def add(self, records: Sequence[Record], ready: Ready | None = None) -> None:
        """Insert records of any kinds; raise `LostRace` where one is there already."""

    def payloads(self, ids: Collection[str]) -> list[PayloadRecord]:
        """Return payloads with their content, in the order they were received."""

    def unread(self, before: datetime, limit: int) -> list[str]:
        """Return ids of payloads and interchanges received before that wait to be read."""

    def change_payloads(
        self, ids: Collection[str], sources: Collection[str], **values: object
    ) -> None:
        """Set values where the state is one of the sources; raise `LostRace` unless all were."""

    def count_recovery(self, payload_id: str) -> int:
        """Count one more death of a job that read this payload; return how many there were."""

    def interchange(self, interchange_id: str) -> InterchangeRecord | None:
        """Return one interchange."""

    def change_interchange(
        self, interchange_id: str, sources: Collection[str], **values: object
    ) -> None:
        """Set values where the state is one of the sources; else raise `LostRace`."""

    def interchanges_of(self, payload_id: str) -> list[InterchangeRecord]:
        """Return the interchanges of a payload that are in the ledger."""

    def replace_interchange(self, record: InterchangeRecord, expected: InterchangeRecord) -> None:
        """Overwrite an interchange where state and sets are as expected; else raise `LostRace`."""

    def slices(self, interchange_id: str) -> Iterator[SliceRecord]:
        """Yield the slices of an interchange that is being read, in their order."""

    def forget_slices(self, interchange_id: str) -> None:
        """Remove the slices of an interchange that is read, or given up."""

    def tell_no_more(self, interchange_id: str, starts: range, status: str) -> None:
        """Set the acknowledgment of documents that waits for the end of their interchange.

        `starts` are the offsets where their sets may begin.
        """

    def numbers(
        self, keys: Collection[tuple[str, str, str]]
    ) -> Mapping[tuple[str, str, str], NumberRecord]:
        """Return who used these control numbers first."""

    def replace_number(self, record: NumberRecord, expected: NumberRecord) -> None:
        """Let a number be used anew; raise `LostRace` where its user was not as expected."""

    def following(self, series: Collection[str]) -> Mapping[str, int]:
        """Return the control numbers that would be given out next, of the series that have begun.

        Nobody is kept from taking them.
        """

    def allocate(self, series: str, count: int, first: int = 1) -> int:
        """Take consecutive control numbers, never given out before; return the first of them."""

    def documents(self, ids: Collection[str]) -> list[DocumentRecord]:
        """Return documents with their canonical bytes."""

    def parts_of_set(self, interchange_id: str, start: int) -> list[DocumentRecord]:
        """Return the documents that one transaction set became, by its offset, in their order."""

    def change_document(self, document_id: str, **values: object) -> None:
        """Set values of one document."""

    def forget_translation(self, document_id: str) -> None:
        """Remove what the last translation left: document-level findings and business keys."""


class Executors(Protocol):
    """Which processes run jobs, and when they were last seen."""

    def beat(self, executor: str, host: str, now: datetime) -> None:
        """Note that a process lives."""

    def unseen_since(self, moment: datetime) -> list[str]:
        """Return the processes that have not been seen since then and are not buried."""

    def living(self) -> Mapping[str, str]:
        """Map each process that is not buried to the place it runs in."""

    def bury(self, executor: str, now: datetime) -> None:
        """Note that a dead process's jobs were given to others."""

    def forget(self, before: datetime) -> int:
        """Remove the processes that were buried before; return how many were."""


class Retention(Protocol):
    """Purging what is old enough. What a person or a destination is waited for stays, whatever its
    age: only payloads count of which every interchange, delivery and acknowledgment is finished."""

    def purge(self, before: datetime, limit: int) -> int:
        """Purge the bytes and documents of payloads received before; return how many were.

        What recognises and answers a duplicate stays: arrivals, interchanges, control numbers,
        hashes, acknowledgments.
        """

    def forget(self, before: datetime, limit: int) -> int:
        """Remove purged payloads received before from the ledger; return how many were."""


class Transaction(Protocol):
    """Everything done through it is committed together or not at all."""

    @property
    def connection(self) -> sa.Connection:
        """Return the connection, on which the engine enqueues its jobs."""

    @property
    def ledger(self) -> Ledger:
        """Return the verbs about payloads, interchanges, documents."""

    @property
    def lanes(self) -> Lanes:
        """Return the verbs about deliveries and lanes."""

    @property
    def turns(self) -> Turns:
        """Return the verbs about deliveries that go in order."""

    @property
    def outbox(self) -> Outbox:
        """Return the verbs about what goes to partners."""

    @property
    def collected(self) -> Collected:
        """Return the verbs about acknowledgments that are gathered."""

    @property
    def acknowledgments(self) -> Acknowledgments:
        """Return the verbs about what partners said of what we sent."""

    @property
    def repetitions(self) -> Repetitions:
        """Return the verbs about what comes again, or not at all."""

    @property
    def messages(self) -> Messages:
        """Return the verbs about messages that went out over AS2."""

    @property
    def alerts(self) -> AlertBook:
        """Return the verbs about alerts, and about who was told of them."""

    @property
    def causes(self) -> Causes:
        """Return the questions about what lasts and a person must know of."""

    @property
    def executors(self) -> Executors:
        """Return the verbs about processes."""

    @property
    def polling(self) -> Polling:
        """Return the verbs about folders at partners."""

    @property
    def exports(self) -> Exports:
        """Return the verbs about scheduled exports."""

    @property
    def exchanges(self) -> Exchanges:
        """Return the verbs about what was said at attempts to deliver."""

    @property
    def retention(self) -> Retention:
        """Return the verbs about what is no longer kept."""

    @property
    def tokens(self) -> Tokens:
        """Return the verbs about API tokens."""

    @property
    def versions(self) -> Versions:
        """Return the verbs about versions of maps."""


class Desk(Protocol):
    """What people look at."""

    def documents(self, wanted: DocumentFilter) -> list[DocumentSummary]:
        """List documents, newest first."""

    def document(self, document_id: str) -> DocumentView | None:
        """Return one document whole; a unique beginning of its id is enough."""

    def earlier(self, asked: Asked, in_hand: InHand) -> Mapping[str, Json] | None:
        """Return the last document before the one in hand that has what is asked for."""

    def keys_beginning(self, text: str, limit: int) -> list[str]:
        """Return business keys that begin with a text, in their order."""

    def payloads(self, state: str | None = None, limit: int = 100) -> list[PayloadRecord]:
        """List payloads without their content, newest first."""

    def timeline(self, subject_id: str, limit: int) -> list[TimelineRecord]:
        """Return the newest entries of one subject, oldest first."""

    def payload(self, payload_id: str) -> PayloadRecord | None:
        """Return one payload without its content."""

    def interchanges(self, state: str | None = None, limit: int = 100) -> list[InterchangeRecord]:
        """List interchanges, newest first."""

    def interchange_list(self, wanted: InterchangeFilter) -> list[InterchangeSummary]:
        """List interchanges with their files and acknowledgments, newest first."""

    def content(self, payload_id: str, start: int = 0, length: int | None = None) -> bytes:
        """Return bytes of a payload: to its end, or so many of them."""

    @property
    def outbound(self) -> OutboundDesk:
        """Return the verbs about what goes to partners."""

    @property
    def lanes(self) -> LaneDesk:
        """Return the verbs about lanes."""

    @property
    def acknowledgments(self) -> AcknowledgmentDesk:
        """Return the verbs about what partners said of what we sent."""

    @property
    def alerts(self) -> AlertDesk:
        """Return the verbs about alerts."""

    def backlog(self, now: datetime) -> Mapping[str, int]:
        """Count what is not finished: payloads to read, and what is due now to anybody."""

    def overview(self, now: datetime) -> Overview:
        """Count what waits for a person, and tell which processes live."""


class Store(Protocol):
    """Keeps everything."""

    @property
    def engine(self) -> sa.Engine:
        """Return the database engine, which the durable engine shares."""

    @property
    def desk(self) -> Desk:
        """Return the verbs for people who look."""

    def ready(self, records: Iterable[Record]) -> Ready:
        """Make of records what the database takes, while nobody waits for it."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin a transaction: committed at the end of the block, undone by an exception."""

    def close(self) -> None:
        """Close every connection."""
