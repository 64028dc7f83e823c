"""The life of an order: which documents belong together, by what caused them and by its numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from gateway.pipeline.records import BusinessKeyRecord, DocumentRecord
from gateway.pipeline.views import DocumentSummary
from gateway.store import rows
from gateway.store.lists import keys_of
from gateway.store.tables import business_keys, documents, payloads

ORDER_NUMBERS = ("purchase_order_number", "depositor_order_number", "seller_order_number")
"""Business keys that are the number of one order. A shipment or a bill of lading holds many."""

MOST_RELATED = 50
"""Documents that are looked for; an order with more of them is listed by its number."""


def related(connection: sa.Connection, document: DocumentRecord) -> list[DocumentSummary]:
    """Return the documents of the same order, oldest first, the given one left out.

    Those that caused it or were made of it, and those with a number of its order; then those with a
    number of these, since a warehouse knows an order by another number than its buyer.
    """
    found = {one.id: one for one in (document, *_caused(connection, document))}
    asked: set[tuple[str, str]] = set()
    for _ in range(2):
        numbers = _numbers(connection, found) - asked
        asked |= numbers
        candidates = _with(connection, numbers)
        # What joined may tell whose the others are.
        for _ in range(2):
            found |= {one.id: one for one in _joining(found.values(), candidates)}
    del found[document.id]
    ordered = sorted(found.values(), key=lambda one: (one.received_at, one.id))
    return _summaries(connection, ordered[:MOST_RELATED])


def _joining(
    found: Iterable[DocumentRecord], candidates: Sequence[DocumentRecord]
) -> list[DocumentRecord]:
    """Return those of the documents with a number that are of this order.

    Two buyers may use the same number: of one kind of document it is that of a partner who is known
    to take part, or else of the only one who has such a document.
    """
    partners = {one.partner for one in found}
    by_kind: defaultdict[tuple[str, str], list[DocumentRecord]] = defaultdict(list)
    for one in candidates:
        by_kind[(one.direction, one.set_id)].append(one)
    joining: list[DocumentRecord] = []
    for group in by_kind.values():
        ours = [one for one in group if one.partner in partners]
        if ours or len({one.partner for one in group}) == 1:
            joining += ours or group
    return joining


def _caused(connection: sa.Connection, document: DocumentRecord) -> list[DocumentRecord]:
    """Return what a document was made of, what was made of that too, and what was made of it."""
    causes = [document.id, *([document.caused_by] if document.caused_by else [])]
    return _read(
        connection,
        sa.or_(documents.c.caused_by.in_(causes), documents.c.id == document.caused_by),
    )


def _numbers(connection: sa.Connection, ids: Collection[str]) -> set[tuple[str, str]]:
    """Return the numbers of orders that documents have, as name and value."""
    query = sa.select(business_keys.c.name, business_keys.c.value).where(
        business_keys.c.document_id.in_(sorted(ids)[:MOST_RELATED]),
        business_keys.c.name.in_(ORDER_NUMBERS),
    )
    return {(name, value) for name, value in connection.execute(query)}


def _with(
    connection: sa.Connection, numbers: Iterable[tuple[str, str]]
) -> Sequence[DocumentRecord]:
    by_name: defaultdict[str, list[str]] = defaultdict(list)
    # A set that a map did not split may name hundreds of orders.
    for name, value in sorted(numbers)[:MOST_RELATED]:
        by_name[name].append(value)
    if not by_name:
        return []
    having = sa.select(business_keys.c.document_id).where(
        sa.or_(
            *(
                sa.and_(business_keys.c.name == name, business_keys.c.value.in_(values))
                for name, values in by_name.items()
            )
        )
    )
    return _read(connection, documents.c.id.in_(having))


def _read(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> list[DocumentRecord]:
    query = (
        sa.select(*rows.columns(DocumentRecord, without=("canonical",)))
        .where(condition)
        .order_by(documents.c.received_at.desc(), documents.c.id)
        .limit(MOST_RELATED)
    )
    return rows.read(connection, DocumentRecord, query)


def _summaries(connection: sa.Connection, found: Sequence[DocumentRecord]) -> list[DocumentSummary]:
    ids = [one.id for one in found]
    keys: dict[str, list[BusinessKeyRecord]] = dict(keys_of(connection, ids))
    query = sa.select(payloads.c.id, payloads.c.name).where(
        payloads.c.id.in_({one.payload_id for one in found})
    )
    names = {row.id: row.name for row in connection.execute(query)}
    return [
        DocumentSummary(one, names.get(one.payload_id, ""), tuple(keys.get(one.id, ())))
        for one in found
    ]
