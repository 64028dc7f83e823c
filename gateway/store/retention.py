"""Purging what is old enough and finished: the verbs of `store_port.Retention`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from gateway.pipeline.flow import INTERCHANGE, PAYLOAD
from gateway.pipeline.mdn_port import MDN
from gateway.pipeline.outgoing_records import DOCUMENTS
from gateway.pipeline.sessions import SESSIONS
from gateway.pipeline.states import DeliveryStatus, MarkState, OutgoingState
from gateway.store.collected_tables import collected
from gateway.store.exchange_tables import exchanges
from gateway.store.export_tables import export_marks, export_records, export_runs
from gateway.store.tables import (
    as2_messages,
    attempts,
    business_keys,
    contents,
    deliveries,
    documents,
    findings,
    gaps,
    interchange_numbers,
    interchanges,
    outgoing_interchanges,
    outgoing_sets,
    payloads,
    received_acknowledgments,
    timeline,
)

_Ids = sa.Select[tuple[str]]


class SqlRetention:
    """The verbs about what is no longer kept, on one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def purge(self, before: datetime, limit: int) -> int:
        """Purge the bytes and documents of payloads received before; return how many were."""
        query = (
            sa.select(payloads.c.id)
            .where(
                payloads.c.received_at < before,
                payloads.c.state.in_(PAYLOAD.sources("purge")),
                ~_has_an_unfinished_interchange(),
                ~_has_an_unfinished_document(),
                ~_has_an_unsent_acknowledgment(),
            )
            .order_by(payloads.c.received_at)
            .limit(limit)
        )
        ids = list(self._connection.scalars(query))
        self._purge_exports(before)
        if ids:
            self._purge_documents(ids)
            self._purge_what_went_out(before)
            self._connection.execute(
                sa.update(payloads)
                .where(payloads.c.id.in_(ids))
                .values(state=PAYLOAD.advance("read", "purge"), content=b"", traceback=None)
            )
        else:
            self._connection.execute(
                sa.delete(timeline).where(timeline.c.subject == SESSIONS, timeline.c.at < before)
            )
        return len(ids)

    def forget(self, before: datetime, limit: int) -> int:
        """Remove purged payloads received before from the ledger; return how many were."""
        query = (
            sa.select(payloads.c.id)
            .where(
                payloads.c.received_at < before,
                payloads.c.state == PAYLOAD.advance("read", "purge"),
            )
            .order_by(payloads.c.received_at)
            .limit(limit)
        )
        ids = list(self._connection.scalars(query))
        # An MDN proves that the partner got what we sent: it stays as long as the ledger.
        self._connection.execute(sa.delete(as2_messages).where(as2_messages.c.sent_at < before))
        for moment in (
            received_acknowledgments.c.at,
            contents.c.seen_at,
            gaps.c.noticed_at,
            export_records.c.seen_at,
        ):
            self._connection.execute(sa.delete(moment.table).where(moment < before))
        if ids:
            read = sa.select(interchanges.c.id).where(interchanges.c.payload_id.in_(ids))
            self._delete(outgoing_interchanges.c.answers, read)
            self._delete(collected.c.interchange_id, read)
            self._forget_gathered(before)
            self._delete(interchange_numbers.c.interchange_id, read)
            self._delete(interchanges.c.payload_id, ids)
            self._delete(payloads.c.id, ids)
            went_out = sa.select(outgoing_interchanges.c.id).where(*_went_out(before))
            self._delete(outgoing_sets.c.outgoing_id, went_out)
            self._delete(outgoing_interchanges.c.id, went_out)
        return len(ids)

    def _forget_gathered(self, before: datetime) -> None:
        """Remove interchanges that acknowledged together what is no longer in the ledger."""
        table = outgoing_interchanges.c
        self._connection.execute(
            sa.delete(outgoing_interchanges).where(
                table.answers.is_(None),
                table.kind.not_in((DOCUMENTS, MDN)),
                table.created_at < before,
                table.state.in_(_SETTLED),
                ~sa.exists().where(collected.c.outgoing_id == table.id),
            )
        )

    def _purge_exports(self, before: datetime) -> None:
        """Purge the history of exports and what ERPs were told; records stay known for longer."""
        self._connection.execute(
            sa.delete(export_runs).where(
                export_runs.c.slot < before, export_runs.c.ended_at.is_not(None)
            )
        )
        told = (MarkState.DONE, MarkState.VOID)
        self._connection.execute(
            sa.delete(export_marks).where(
                export_marks.c.created_at < before, export_marks.c.state.in_(told)
            )
        )

    def _purge_what_went_out(self, before: datetime) -> None:
        """Purge the bytes of interchanges of ours none of whose documents is kept any more."""
        bare = sa.select(outgoing_interchanges.c.id).where(*_went_out(before))
        self._delete(timeline.c.subject_id, bare)
        self._connection.execute(
            sa.update(outgoing_interchanges)
            .where(outgoing_interchanges.c.id.in_(bare))
            .values(content=b"")
        )

    def _purge_documents(self, payload_ids: Sequence[str]) -> None:
        """Delete documents with all that hangs on them; what is referred to goes last."""
        read = sa.select(interchanges.c.id).where(interchanges.c.payload_id.in_(payload_ids))
        made = sa.select(documents.c.id).where(documents.c.payload_id.in_(payload_ids))
        owed = sa.select(deliveries.c.id).where(deliveries.c.document_id.in_(made))
        told = sa.select(outgoing_interchanges.c.id).where(
            outgoing_interchanges.c.answers.in_(read)
        )
        for subjects in (payload_ids, read, made, owed, told):
            self._delete(timeline.c.subject_id, subjects)
        self._delete(findings.c.interchange_id, read)
        self._delete(findings.c.document_id, made)
        self._delete(exchanges.c.delivery_id, owed)
        self._delete(attempts.c.delivery_id, owed)
        self._delete(business_keys.c.document_id, made)
        self._delete(deliveries.c.document_id, made)
        self._delete(documents.c.payload_id, payload_ids)

    def _delete(self, column: sa.Column[str], values: Sequence[str] | _Ids) -> None:
        self._connection.execute(sa.delete(column.table).where(column.in_(values)))


def _has_an_unfinished_interchange() -> sa.Exists:
    return sa.exists().where(
        interchanges.c.payload_id == payloads.c.id,
        interchanges.c.state.not_in(INTERCHANGE.final_states()),
    )


def _has_an_unfinished_document() -> sa.Exists:
    finished = (DeliveryStatus.NONE, DeliveryStatus.DELIVERED)
    return sa.exists().where(
        documents.c.payload_id == payloads.c.id, documents.c.delivery.not_in(finished)
    )


def _has_an_unsent_acknowledgment() -> sa.ColumnElement[bool]:
    own = sa.exists().where(
        interchanges.c.payload_id == payloads.c.id,
        outgoing_interchanges.c.answers == interchanges.c.id,
        outgoing_interchanges.c.state.not_in(_SETTLED),
    )
    settled = sa.select(outgoing_interchanges.c.id).where(
        outgoing_interchanges.c.id == collected.c.outgoing_id,
        outgoing_interchanges.c.state.in_(_SETTLED),
    )
    gathered = sa.exists().where(
        interchanges.c.payload_id == payloads.c.id,
        collected.c.interchange_id == interchanges.c.id,
        ~sa.exists(settled),
    )
    return sa.or_(own, gathered)


_SETTLED = (OutgoingState.SENT, OutgoingState.REFUSED)
"""A person may send once more what was sent; nobody waits for that."""


def _went_out(before: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        outgoing_interchanges.c.kind.in_((DOCUMENTS, MDN)),
        outgoing_interchanges.c.created_at < before,
        outgoing_interchanges.c.state.in_(_SETTLED),
        ~sa.exists().where(documents.c.outgoing_id == outgoing_interchanges.c.id),
    )
