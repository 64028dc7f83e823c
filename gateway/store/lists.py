"""The lists that people look at: which rows a filter means, and what stands beside each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import sqlalchemy as sa

from gateway.findings import Severity
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.records import (
    BusinessKeyRecord,
    DocumentRecord,
    FindingRecord,
    InterchangeRecord,
)
from gateway.pipeline.states import DeliveryState, DeliveryStatus, InterchangeState
from gateway.pipeline.views import (
    DocumentFilter,
    DocumentSummary,
    InterchangeFilter,
    InterchangeSummary,
    Refusal,
    Stuck,
)
from gateway.store import rows
from gateway.store.collected import answers_to, told_by
from gateway.store.tables import (
    business_keys,
    deliveries,
    documents,
    findings,
    interchanges,
    payloads,
    timeline,
)

_ON_ITS_WAY = (DeliveryStatus.DEAD, DeliveryStatus.PENDING)
"""Documents that may have deliveries which did not arrive."""


def documents_like(connection: sa.Connection, wanted: DocumentFilter) -> list[DocumentSummary]:
    """List documents with their keys, newest first."""
    query = (
        sa.select(*rows.columns(DocumentRecord, without=("canonical",)), payloads.c.name)
        .join(payloads, payloads.c.id == documents.c.payload_id)
        .where(*_conditions(wanted))
        .order_by(documents.c.received_at.desc(), documents.c.id)
        .limit(wanted.limit)
    )
    found = list(connection.execute(query))
    keys = keys_of(connection, [row.id for row in found])
    stuck = _stuck(connection, [row.id for row in found if row.delivery in _ON_ITS_WAY])
    return [
        DocumentSummary(
            DocumentRecord(*row[:-1]), row[-1], tuple(keys[row.id]), tuple(stuck.get(row.id, ()))
        )
        for row in found
    ]


def interchanges_like(
    connection: sa.Connection, wanted: InterchangeFilter
) -> list[InterchangeSummary]:
    """List interchanges with what was told of them and why they were refused, newest first."""
    query = (
        sa.select(*rows.columns(InterchangeRecord), payloads.c.name, payloads.c.partner)
        .join(payloads, payloads.c.id == interchanges.c.payload_id)
        .where(*_interchange_conditions(wanted))
        .order_by(
            interchanges.c.received_at.desc(), interchanges.c.payload_id, interchanges.c.start
        )
        .limit(wanted.limit)
    )
    found = list(connection.execute(query))
    told = _told(connection, [row.id for row in found])
    refused = [row.id for row in found if row.state == InterchangeState.REJECTED]
    refusals, given_up = _refusals(connection, refused), _given_up(connection, refused)
    waiting = told_by(connection, [row.id for row in found])
    return [
        InterchangeSummary(
            InterchangeRecord(*row[:-2]),
            row[-2],
            row[-1],
            tuple(told[row.id]),
            refusals.get(row.id),
            given_up.get(row.id),
            waiting.get(row.id),
        )
        for row in found
    ]


def _stuck(connection: sa.Connection, document_ids: list[str]) -> Mapping[str, list[Stuck]]:
    """Return the deliveries of documents that were given up, or failed and are tried again."""
    found: defaultdict[str, list[Stuck]] = defaultdict(list)
    given_up = deliveries.c.state == DeliveryState.DEAD
    for chunk in rows.chunks(document_ids):
        query = (
            sa.select(
                deliveries.c.document_id,
                deliveries.c.destination,
                deliveries.c.state,
                deliveries.c.last_error,
            )
            .where(deliveries.c.document_id.in_(chunk))
            .where(deliveries.c.state.in_((DeliveryState.DEAD, DeliveryState.DUE)))
            .where(sa.or_(given_up, deliveries.c.last_error.is_not(None)))
            .order_by(deliveries.c.document_id, deliveries.c.state, deliveries.c.destination)
        )
        for row in connection.execute(query):
            found[row.document_id].append(Stuck(row.destination, row.state, row.last_error or ""))
    return found


def _refusals(connection: sa.Connection, interchange_ids: list[str]) -> Mapping[str, Refusal]:
    """Return the first of the findings for which interchanges were refused, and their number."""
    refusing = findings.c.severity == Severity.REJECT
    found: dict[str, Refusal] = {}
    for chunk in rows.chunks(interchange_ids):
        groups = (
            sa.select(sa.func.min(findings.c.id).label("first"), sa.func.count().label("count"))
            .where(findings.c.interchange_id.in_(chunk), refusing)
            .group_by(findings.c.interchange_id)
            .subquery()
        )
        query = sa.select(*rows.columns(FindingRecord), groups.c.count).join(
            groups, groups.c.first == findings.c.id
        )
        for *finding, count in connection.execute(query):
            record = FindingRecord(*finding)
            found[record.interchange_id or ""] = Refusal(record, count)
    return found


def _given_up(connection: sa.Connection, interchange_ids: list[str]) -> Mapping[str, str]:
    """Return what people said when they gave interchanges up."""
    found: dict[str, str] = {}
    for chunk in rows.chunks(interchange_ids):
        query = (
            sa.select(timeline.c.subject_id, timeline.c.detail)
            .where(timeline.c.subject_id.in_(chunk), timeline.c.verb == "refuse")
            .order_by(timeline.c.at, timeline.c.id)
        )
        found |= {row.subject_id: row.detail for row in connection.execute(query)}
    return found


def _conditions(wanted: DocumentFilter) -> list[sa.ColumnElement[bool]]:
    """Turn a filter into conditions; what is not asked gives none."""
    equal = {
        "validation": wanted.validation,
        "delivery": wanted.delivery,
        "acknowledgment": wanted.acknowledgment,
        "direction": wanted.direction,
        "partner": wanted.partner,
        "set_id": wanted.set_id,
        "document_type": wanted.document_type,
    }
    conditions = [documents.c[name] == value for name, value in equal.items() if value is not None]
    if wanted.status is not None:
        statuses = (documents.c[name] for name in ("validation", "delivery", "acknowledgment"))
        conditions.append(sa.or_(*(one == wanted.status for one in statuses)))
    if wanted.destination is not None:
        conditions.append(documents.c.id.in_(_going_to(wanted.destination, wanted.status)))
    if wanted.since is not None:
        conditions.append(documents.c.received_at >= wanted.since)
    if wanted.partners is not None:
        conditions.append(documents.c.partner.in_(wanted.partners))
    if wanted.behind is not None:
        moment, id_ = wanted.behind
        at = documents.c.received_at
        conditions.append(sa.or_(at < moment, sa.and_(at == moment, documents.c.id > id_)))
    if wanted.key is not None:
        conditions.append(documents.c.id.in_(_having(wanted.key, wanted.key_name)))
    return conditions


def _going_to(destination: str, status: str | None) -> sa.Select[tuple[str]]:
    """Choose the documents that were to go somewhere, and are so far there where that is asked."""
    query = sa.select(deliveries.c.document_id).where(deliveries.c.destination == destination)
    if status in {*DeliveryState}:
        return query.where(deliveries.c.state == status)
    return query


def _having(key: str, name: str | None) -> sa.Select[tuple[str]]:
    """Choose the documents that have a business key, by its name where one is asked."""
    query = sa.select(business_keys.c.document_id).where(business_keys.c.value == key)
    return query if name is None else query.where(business_keys.c.name == name)


def _interchange_conditions(wanted: InterchangeFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.state is not None:
        conditions.append(interchanges.c.state == wanted.state)
    if wanted.partner is not None:
        conditions.append(
            sa.or_(
                interchanges.c.partner == wanted.partner,
                sa.and_(interchanges.c.partner.is_(None), payloads.c.partner == wanted.partner),
            )
        )
    if wanted.beginning is not None:
        conditions.append(interchanges.c.id.startswith(wanted.beginning, autoescape=True))
    if wanted.payload_id is not None:
        conditions.append(interchanges.c.payload_id == wanted.payload_id)
    if wanted.since is not None:
        conditions.append(interchanges.c.received_at >= wanted.since)
    return conditions


def _told(
    connection: sa.Connection, interchange_ids: list[str]
) -> Mapping[str, list[OutgoingRecord]]:
    found: defaultdict[str, list[OutgoingRecord]] = defaultdict(list)
    for one in answers_to(connection, interchange_ids, without=("content",)):
        found[one.answers or ""].append(one)
    return found


def keys_of(
    connection: sa.Connection, document_ids: list[str]
) -> Mapping[str, list[BusinessKeyRecord]]:
    """Return the business keys of documents, by the document's id."""
    found: defaultdict[str, list[BusinessKeyRecord]] = defaultdict(list)
    for chunk in rows.chunks(document_ids):
        query = (
            sa.select(*rows.columns(BusinessKeyRecord))
            .where(business_keys.c.document_id.in_(chunk))
            .order_by(business_keys.c.name, business_keys.c.value)
        )
        for key in rows.read(connection, BusinessKeyRecord, query):
            found[key.document_id].append(key)
    return found
