"""The table of calls: each row is served as it stands here, and described in OpenAPI from here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import orjson
import sqlalchemy as sa
from starlette.responses import Response

from gateway import canonical
from gateway.api import documents, models
from gateway.api.calls import JSON, Answer, Call, Operation, Parts, json_answer, tagged
from gateway.api.deprecations import Deprecated
from gateway.api.openapi import describe
from gateway.api.parameters import Listing, Looking, Nothing, Redelivering, Submitting
from gateway.api.problems import Kind
from gateway.api.submitting import submit
from gateway.api.tokens import Scope

SCHEMA = "application/schema+json"

_SAME = Answer("It is what the caller has already.")

_IN_DETAIL = """The document is checked against the canonical model, written as X12 by the map of
the agreement, and validated as if we had received it; 202 says that it is durable and is sent once,
whatever happens. A repeated call with the same Idempotency-Key and document gets the same answer,
with Idempotent-Replayed: true. With dry_run it is only shown what would be sent."""


def table(deprecated: Sequence[Deprecated]) -> tuple[Operation[Any], ...]:
    """Return every kind of call."""
    rows: tuple[Operation[Any], ...] = (
        _health(),
        *(_submission(name) for name in canonical.DOCUMENTS),
        *_documents(),
        *_actions(),
        _schema(),
    )
    return (*rows, _description(rows, deprecated))


def _health() -> Operation[Nothing]:
    return Operation(
        "getHealth",
        "GET",
        "/health",
        "Say whether the gateway answers and its database answers it.",
        {200: Answer("It can be called.", models.Health)},
        Nothing,
        _show_health,
        public=True,
    )


def _submission(document_type: str) -> Operation[Submitting]:
    words = document_type.replace("_", " ")
    return Operation(
        f"submit{words.title().replace(' ', '')}",
        "POST",
        f"/documents/{document_type}",
        f"Submit a document to a partner: {words}.",
        {
            200: Answer("A dry run: what would be sent.", models.Draft),
            202: Answer("It is durable.", models.Submitted),
        },
        Submitting,
        partial(submit, document_type=document_type),
        scope=Scope.WRITE,
        problems=(Kind.KEY_USED, Kind.INVALID_DOCUMENT, Kind.NOT_AGREED),
        document=document_type,
        details=_IN_DETAIL,
    )


def _documents() -> tuple[Operation[Any], ...]:
    return (
        Operation(
            "listDocuments",
            "GET",
            "/documents",
            "List documents, newest first.",
            {200: Answer("A page of documents.", models.Documents)},
            Listing,
            documents.list_documents,
            scope=Scope.READ,
        ),
        Operation(
            "getDocument",
            "GET",
            "/documents/{id}",
            "Show one document: content, findings, deliveries, acknowledgment, timeline.",
            {200: Answer("The document.", models.Document), 304: _SAME},
            Looking,
            documents.show,
            scope=Scope.READ,
        ),
        Operation(
            "getRawDocument",
            "GET",
            "/documents/{id}/raw",
            "Give a document's X12, ST to SE, byte for byte as it was received or sent.",
            {200: Answer("The bytes.", media_type=documents.X12), 304: _SAME},
            Looking,
            documents.show_raw,
            scope=Scope.RAW,
        ),
    )


def _actions() -> tuple[Operation[Any], ...]:
    done = {200: Answer("It was done, or nothing was to do.", models.Done)}
    return (
        Operation(
            "redeliverDocument",
            "POST",
            "/documents/{id}/redeliver",
            "Deliver a document again; one of ours goes to the partner once more.",
            done,
            Redelivering,
            documents.redeliver,
            scope=Scope.OPERATIONS,
            problems=(Kind.NOT_DONE,),
            details="What is dead goes on under its key, what was delivered under a new one. "
            "`destination` names one of several: the others are left as they are.",
        ),
        Operation(
            "retranslateDocument",
            "POST",
            "/documents/{id}/retranslate",
            "Translate a document anew by the maps of today; one of ours is written anew.",
            done,
            Nothing,
            documents.retranslate,
            scope=Scope.OPERATIONS,
            problems=(Kind.NOT_DONE,),
            details="A destination gets it again only where its content changed.",
        ),
    )


def _schema() -> Operation[Looking]:
    return Operation(
        "getSchema",
        "GET",
        "/schemas/{type}/{version}",
        "Give the JSON Schema of a type of document, as submitted ones are checked.",
        {200: Answer("The schema (2020-12).", media_type=SCHEMA), 304: _SAME},
        Looking,
        _show_schema,
    )


def _description(
    rows: Sequence[Operation[Any]], deprecated: Sequence[Deprecated]
) -> Operation[Looking]:
    @cache
    def written() -> bytes:
        return orjson.dumps(describe((*rows, mine), deprecated))

    def show(_parts: Parts, call: Call[Looking]) -> Response:
        return tagged(Response(written(), media_type=JSON), call.given.if_none_match)

    mine = Operation(
        "getOpenapi",
        "GET",
        "/openapi.json",
        "Give this description (OpenAPI 3.1).",
        {200: Answer("The description."), 304: _SAME},
        Looking,
        show,
    )
    return mine


def _show_health(parts: Parts, _call: Call[Nothing]) -> Response:
    with parts.store.engine.connect() as connection:
        connection.execute(sa.select(1))
    return json_answer(models.Health(alive=True, ready=True))


def _show_schema(_parts: Parts, call: Call[Looking]) -> Response:
    schema = Response(_schema_of(call.path["type"]), media_type=SCHEMA)
    return tagged(schema, call.given.if_none_match)


@cache
def _schema_of(document_type: str) -> bytes:
    return orjson.dumps(canonical.json_schema(document_type))
