"""How far a document is, derived from its deliveries and from what was said of its interchange.

The statuses are kept with the document, so that lists can ask for them; they are never more than
this derivation of the states of its deliveries and acknowledgments: the worst one counts.

Several lanes settle deliveries of one document at the same moment. Whoever derives holds what it
derives for before it looks: else each would see the other's as they were, and neither be right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import sqlalchemy as sa

from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.states import (
    AcknowledgmentStatus,
    AwaitedStatus,
    DeliveryState,
    DeliveryStatus,
    OutgoingState,
)
from gateway.store import rows
from gateway.store.collected import answered_by, states_of
from gateway.store.tables import deliveries, documents, interchanges, outgoing_interchanges


def refresh_deliveries(connection: sa.Connection, document_ids: Collection[str]) -> None:
    """Derive the delivery status of documents; those that nobody is owed are left alone."""
    rows.lock(connection, documents.c.id, document_ids)
    live = deliveries.c.state != DeliveryState.SUPERSEDED
    states = _states(connection, deliveries.c.document_id, document_ids, live)
    by_status: defaultdict[str, list[str]] = defaultdict(list)
    for document_id, found in states.items():
        by_status[delivery_status(found)].append(document_id)
    for status, ids in by_status.items():
        for chunk in rows.chunks(ids):
            connection.execute(
                sa.update(documents).where(documents.c.id.in_(chunk)).values(delivery=status)
            )


def refresh_outgoing(connection: sa.Connection, settled: Collection[OutgoingRecord]) -> None:
    """Derive the statuses of the documents that interchanges to partners carry or acknowledge."""
    answered = {one.answers for one in settled if one.answers is not None}
    gathered = [one.id for one in settled if one.gathers]
    if gathered:
        answered |= answered_by(connection, gathered)
    _refresh_answered(connection, answered)
    carrying = {one.id for one in settled if one.answers is None}
    states = _states(connection, outgoing_interchanges.c.id, carrying, sa.true())
    for outgoing_id, [state] in states.items():
        connection.execute(
            sa.update(documents)
            .where(
                documents.c.outgoing_id == outgoing_id,
                # What the partner rejected waits for a person, wherever its bytes are.
                documents.c.acknowledgment != AwaitedStatus.REJECTED,
            )
            .values(delivery=_DELIVERY_OF[OutgoingState(state)])
        )


_DELIVERY_OF = {
    OutgoingState.DUE: DeliveryStatus.PENDING,
    OutgoingState.SENT: DeliveryStatus.DELIVERED,
    OutgoingState.DEAD: DeliveryStatus.DEAD,
    OutgoingState.REFUSED: DeliveryStatus.NONE,
}
"""How far a document of ours is, by the state of the interchange that carries it."""


def _refresh_answered(connection: sa.Connection, interchange_ids: Collection[str]) -> None:
    """Derive the acknowledgment status of the documents that came in interchanges."""
    rows.lock(connection, interchanges.c.id, interchange_ids)
    answers = outgoing_interchanges.c.answers
    states = _states(connection, answers, interchange_ids, sa.true())
    for interchange_id, found in states_of(connection, interchange_ids).items():
        states.setdefault(interchange_id, set()).update(found)
    by_status: defaultdict[str, list[str]] = defaultdict(list)
    for interchange_id, found in states.items():
        by_status[acknowledgment_status(found)].append(interchange_id)
    for status, ids in by_status.items():
        for chunk in rows.chunks(ids):
            connection.execute(
                sa.update(documents)
                .where(
                    documents.c.interchange_id.in_(chunk),
                    documents.c.acknowledgment != AcknowledgmentStatus.NONE,
                )
                .values(acknowledgment=status)
            )


def delivery_status(states: Collection[str]) -> DeliveryStatus:
    """Say how far a document is, by the states of its deliveries: the worst one counts."""
    if DeliveryState.DEAD in states:
        return DeliveryStatus.DEAD
    if not {DeliveryState.DUE, DeliveryState.HELD, DeliveryState.CLAIMED}.isdisjoint(states):
        return DeliveryStatus.PENDING
    if DeliveryState.ADVISED in states:
        return DeliveryStatus.ADVISED
    return DeliveryStatus.DELIVERED if DeliveryState.DELIVERED in states else DeliveryStatus.NONE


def acknowledgment_status(states: Collection[str]) -> AcknowledgmentStatus:
    """Say whether the partner has been told, by the states of the acknowledgments."""
    if OutgoingState.DEAD in states:
        return AcknowledgmentStatus.DEAD
    if OutgoingState.DUE in states:
        return AcknowledgmentStatus.PENDING
    if OutgoingState.REFUSED in states:
        return AcknowledgmentStatus.REFUSED
    return AcknowledgmentStatus.SENT


def _states(
    connection: sa.Connection,
    owner: sa.Column[str],
    ids: Collection[str],
    condition: sa.ColumnElement[bool],
) -> dict[str, set[str]]:
    """Gather the states of what belongs to each owner."""
    states: defaultdict[str, set[str]] = defaultdict(set)
    for chunk in rows.chunks(sorted(ids)):
        query = sa.select(owner, owner.table.c.state).where(owner.in_(chunk), condition)
        for id_, state in connection.execute(query):
            states[id_].add(state)
    return states
