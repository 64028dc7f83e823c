"""What reconciliation and the rules about duplicates ask of a store."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from gateway.pipeline.outgoing_records import OutgoingRecord, OutgoingSetRecord
from gateway.pipeline.reconciliation_records import (
    Acknowledged,
    AcknowledgmentRecord,
    ContentRecord,
    GapRecord,
    SequenceRecord,
)

_ContentKey = tuple[str, str, str]


class Acknowledgments(Protocol):
    """The store's verbs about what partners said of what we sent."""

    def claim(self, outgoing_ids: Collection[str]) -> Mapping[str, OutgoingRecord]:
        """Return interchanges as they are now, without their bytes.

        Nobody else judges them before the transaction ends.
        """

    def counted(self, outgoing_id: str) -> list[AcknowledgmentRecord]:
        """Return what made verdicts on an interchange and what is in it."""

    def known(self, ids: Collection[str]) -> Mapping[str, AcknowledgmentRecord]:
        """Return what was kept of what partners said, by its id."""

    def forget(self, ids: Collection[str]) -> None:
        """Remove what was kept of what partners said: it is told anew."""

    def sets_numbered(self, partner: str, group_control_number: str) -> list[OutgoingSetRecord]:
        """Return sets of groups with a number (GS06) to a partner, the newest first."""

    def sets_with_number(
        self, partner: str, set_id: str, control_number: str
    ) -> list[OutgoingSetRecord]:
        """Return sets to a partner with this ST02, whatever zeros, the newest first."""

    def sets_known_as(self, partner: str, value: str) -> list[OutgoingSetRecord]:
        """Return sets of documents to a partner with this as a business key, the newest first."""

    def judge(self, outgoing_id: str, sources: Collection[str], **values: object) -> bool:
        """Set values of an interchange of one of these acknowledgments; say whether it was one."""

    def judge_sets(self, outgoing_id: str, control_numbers: Collection[str], verdict: str) -> None:
        """Write the verdict on sets of an interchange."""

    def judge_documents(
        self,
        outgoing_id: str,
        document_ids: Collection[str],
        sources: Collection[str],
        **values: object,
    ) -> list[str]:
        """Set values of documents that are in this interchange now; return those that were.

        Only of those whose acknowledgment is one of the sources.
        """

    def ask_again(self, outgoing_id: str) -> None:
        """Forget the verdicts on an interchange: its rejected documents are asked about again."""

    def overdue(self, now: datetime, limit: int) -> list[OutgoingRecord]:
        """Return interchanges whose acknowledgment is due and not missed yet, oldest first.

        Those that were missed and may be sent again once more count too.
        """


class Repetitions(Protocol):
    """The store's verbs about numbers that were left out, and content that comes again."""

    def contents(self, keys: Collection[_ContentKey]) -> Mapping[_ContentKey, ContentRecord]:
        """Return the documents that had these contents first."""

    def replace_content(self, record: ContentRecord, expected: ContentRecord) -> None:
        """Let another document be the first; raise `LostRace` where it was not as expected."""

    def sequence(self, sender: str, receiver: str) -> SequenceRecord | None:
        """Return the highest number that a sender has come to, or None where none was kept."""

    def set_sequence(self, record: SequenceRecord, expected: int) -> None:
        """Raise the highest number; raise `LostRace` where it was not as expected."""

    def fill_gap(self, sender: str, receiver: str, number: int) -> bool:
        """Remove a number that came after all; say whether it was missing."""


class AcknowledgmentDesk(Protocol):
    """What people look at of what partners said, and did not say."""

    def received(
        self,
        *,
        partner: str | None = None,
        standing: str | None = None,
        outgoing_id: str | None = None,
        limit: int = 100,
    ) -> list[AcknowledgmentRecord]:
        """List what partners said of what we sent, newest first."""

    def acknowledged_by(self, interchange_id: str, limit: int) -> list[Acknowledged]:
        """List what an interchange that came in said of what we sent, in the order of numbers."""

    def overdue(self, partner: str | None = None, limit: int = 100) -> list[OutgoingRecord]:
        """List interchanges whose acknowledgment is overdue, the longest first."""

    def gaps(self, partner: str | None = None, limit: int = 100) -> list[GapRecord]:
        """List control numbers that were left out, by sender and number."""
