"""What goes away is announced by the answers that use it, and marked in OpenAPI."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from typing import cast

import httpx
import pytest

from gateway.api.calls import Parts
from gateway.api.deprecations import TABLE, Deprecated
from gateway.api.openapi import describe
from gateway.api.operations import table
from gateway.api.rates import Rate
from gateway.api.serving import Api, Rules
from gateway.api.tokens import Scope, Tokens
from gateway.clock import utc_now
from gateway.pipeline.jobs import Jobs
from gateway.pipeline.outbound.submission import Submissions
from gateway.pipeline.rulebook import Rulebook
from gateway.store import SqlStore, open_database
from gateway.transports.server import Listening, Server
from tests.databases import sqlite_url

SINCE, SUNSET = date(2026, 3, 1), date(2027, 3, 1)
PAGE = "https://edi.harbor.example/api"
SAID = {
    "Deprecation": "@1772323200",
    "Sunset": "Mon, 01 Mar 2027 00:00:00 GMT",
    "Link": f'<{PAGE}>; rel="deprecation"',
}


@contextmanager
def serving(store: SqlStore, *rows: Deprecated) -> Iterator[httpx.Client]:
    """Serve an API of which something goes away; only calls that look can be made."""
    parts = Parts(store, cast(Jobs, None), cast(Rulebook, None), cast(Submissions, None), utc_now)
    rules = Rules(Rate(), 1000, timedelta(seconds=1))
    server = Server(Listening(port=0), Api(parts, rules, deprecated=rows).routes())
    server.connect()
    token = Tokens(store, clock=utc_now).create("erp", tuple(Scope))
    with (
        closing(server),
        httpx.Client(
            base_url=f"http://127.0.0.1:{server.port}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
        ) as client,
    ):
        yield client


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    opened = SqlStore(open_database(sqlite_url(tmp_path_factory.mktemp("db"))))
    yield opened
    opened.close()


def said(answer: httpx.Response) -> dict[str, str]:
    return {name: answer.headers[name] for name in SAID if name in answer.headers}


def test_nothing_goes_away_yet() -> None:
    assert TABLE == ()


@pytest.mark.parametrize(
    ("what", "announced"),
    [
        ("v1", {"/documents", "/documents?limit=1", "/health", "/openapi.json"}),
        ("listDocuments", {"/documents", "/documents?limit=1"}),
        ("Listing.limit", {"/documents?limit=1"}),
        ("Key.name", {"/documents", "/documents?limit=1"}),
        ("Health.ready", {"/health"}),
        ("Draft.map", set()),
    ],
)
def test_answers_that_use_it_say_since_and_until_when(
    store: SqlStore, what: str, announced: set[str]
) -> None:
    with serving(store, Deprecated(what, SINCE, SUNSET, PAGE)) as client:
        paths = ["/documents", "/documents?limit=1", "/health", "/openapi.json"]
        answers = {path: client.get(path) for path in paths}
    assert {answer.status_code for answer in answers.values()} == {200}
    assert {path for path, answer in answers.items() if said(answer) == SAID} == announced
    assert {path for path, answer in answers.items() if said(answer)} == announced


def test_of_several_the_earliest_days_count_and_problems_say_it_too(store: SqlStore) -> None:
    rows = (
        Deprecated("v1", date(2026, 4, 1), None, PAGE),
        Deprecated("listDocuments", SINCE, SUNSET, PAGE),
    )
    with serving(store, *rows) as client:
        assert said(client.get("/documents?colour=red")) == SAID
        assert said(client.get("/health")) == {
            "Deprecation": "@1775001600",
            "Link": SAID["Link"],
        }


def test_the_description_marks_what_goes_away() -> None:
    rows = [Deprecated(what, SINCE) for what in ("getDocument", "Summary.owner", "Listing.since")]
    described = describe(table(rows), rows)
    paths = described["paths"]
    assert paths["/api/v1/documents/{id}"]["get"]["deprecated"] is True
    assert "deprecated" not in paths["/api/v1/documents"]["get"]
    assert described["components"]["schemas"]["Summary"]["properties"]["owner"]["deprecated"]
    marked = [
        one["name"]
        for one in paths["/api/v1/documents"]["get"]["parameters"]
        if "deprecated" in one
    ]
    assert marked == ["since"]
