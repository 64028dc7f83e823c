"""What outbound asks of a store: interchanges to partners, what waits for one, control numbers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from gateway.pipeline.collected_records import CollectedRecord
from gateway.pipeline.outgoing_records import (
    HoldRecord,
    OutgoingRecord,
    OutgoingSetRecord,
    SeriesRecord,
    WaitingRecord,
)
from gateway.pipeline.records import DocumentRecord


class Outbox(Protocol):
    """Interchanges to partners, documents that wait for one, and control numbers."""

    def outgoing(self, outgoing_id: str) -> OutgoingRecord | None:
        """Return one outgoing interchange."""

    def answers_to(self, interchange_ids: Collection[str]) -> list[OutgoingRecord]:
        """Return the acknowledgments of interchanges, oldest first."""

    def due(self, partner: str, now: datetime, limit: int) -> list[OutgoingRecord]:
        """Return the interchanges that are to be sent to a partner now, oldest first."""

    def begin_sending(self, due: Sequence[OutgoingRecord]) -> list[OutgoingRecord]:
        """Count an attempt on each that nobody else counted; return them as they are then."""

    def put_back(self, begun: Sequence[OutgoingRecord]) -> None:
        """Count no attempt on interchanges that were begun, and not tried after all."""

    def settle(self, settled: Sequence[OutgoingRecord]) -> None:
        """Write what became of interchanges that were due, by the attempt's number."""

    def change(self, record: OutgoingRecord, sources: Collection[str], **values: object) -> None:
        """Set values where the state is one of the sources; else raise `LostRace`."""

    def sets_of(self, outgoing_id: str) -> list[OutgoingSetRecord]:
        """Return the sets of an outgoing interchange, in their order."""

    def moved_on(self, outgoing_id: str) -> list[str]:
        """Return the documents of an interchange that were written anew and go out elsewhere."""

    def with_group(
        self, partner: str, functional_id: str, group_control_number: str
    ) -> list[OutgoingRecord]:
        """Return the interchanges with a group of this number to a partner, without their bytes."""

    def numbers_given(self, partner: str, control_numbers: Collection[str]) -> set[str]:
        """Return those of the control numbers that interchanges to a partner carry already."""

    def numbered(self, partner: str, control_number: str) -> list[OutgoingRecord]:
        """Return the interchanges that carry a control number (ISA13) to a partner, oldest first.

        Without their bytes. More than one: an acknowledgment that was sent once more has those of
        the first.
        """

    def ready(self, partner: str, now: datetime, limit: int) -> list[WaitingRecord]:
        """Return what may be next to go to a partner, batch by batch, oldest first.

        Of what waits and is not held: the batch of what is due the longest; where nothing is due,
        those that are full by what some of them say. Without its segments, which few need now.
        """

    def waiting_document(self, document_id: str) -> WaitingRecord | None:
        """Return one document that waits, held or not."""

    def ours(self, document_id: str) -> tuple[DocumentRecord | None, WaitingRecord | None]:
        """Return a document of ours and, where it waits, how; nobody else changes it meanwhile.

        Nor the interchange that it is in. That holds until the transaction ends. Raise `LostRace`
        where it begins to wait, or goes into another interchange, just now.
        """

    def take(self, document_ids: Sequence[str]) -> list[WaitingRecord]:
        """Remove documents that wait and are not held, and return them in this order.

        Raise `LostRace` unless all were there.
        """

    def enveloped(self, sets: Sequence[OutgoingSetRecord]) -> None:
        """Note in which interchange, and under which numbers, documents go out."""

    def change_waiting(self, document_id: str, source: str, **values: object) -> None:
        """Set values of a document that waits in this state; else raise `LostRace`."""

    def drop(self, document_id: str) -> None:
        """Remove a document that waits, held or not."""

    def forget_findings(self, document_id: str) -> None:
        """Remove what was found in a document of ours."""

    def hold(self, record: HoldRecord) -> bool:
        """Let nothing new go out to a partner; say whether it was not held before.

        Who is held already keeps the first reason.
        """

    def release(self, partner: str) -> bool:
        """Let what waits go out to a partner again; say whether it was held."""

    def held(self, partner: str) -> HoldRecord | None:
        """Return why nothing goes out to a partner, or None."""

    def series(self, name: str) -> SeriesRecord | None:
        """Return a sequence of control numbers, or None where none was taken yet."""

    def set_series(self, record: SeriesRecord, expected: int | None) -> None:
        """Let a sequence go on from a position; raise `LostRace` where it was not as expected."""


class OutboundDesk(Protocol):
    """What people look at of what goes to partners."""

    def outgoing(
        self, state: str | None = None, partner: str | None = None, limit: int = 100
    ) -> list[OutgoingRecord]:
        """List outgoing interchanges, newest first."""

    def waiting(self, partner: str | None = None) -> list[WaitingRecord]:
        """List what waits for an interchange, held or not, oldest first."""

    def acknowledgments_waiting(self, partner: str | None = None) -> list[CollectedRecord]:
        """List the acknowledgments that wait to go out with others, oldest first."""

    def holds(self) -> list[HoldRecord]:
        """List the partners to whom nothing new goes out."""

    def series(self) -> list[SeriesRecord]:
        """List the sequences of control numbers by their names."""

    def beginning(self, outgoing_id: str) -> OutgoingRecord | None:
        """Return one outgoing interchange; a unique beginning of its id is enough."""

    def sets_of(self, outgoing_id: str) -> list[OutgoingSetRecord]:
        """List the sets of an outgoing interchange, in their order."""
