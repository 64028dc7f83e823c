"""Rows of a query, read some at a time in a transaction that only reads and is undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from gateway.errors import Permanent, Transient, first_line
from gateway.pipeline.exports.source import Asked, Page
from gateway.pipeline.store_port import database_is_unwell
from gateway.shaping import Json, JsonFault, dumps


@dataclass(frozen=True, slots=True)
class SqlQuestion:
    """What is asked of which database."""

    url: str = field(repr=False)
    """With its password in it: never shown."""
    query: str
    page: int = 500
    timeout: timedelta = timedelta(minutes=2)


class SqlSource:
    """A query. Its transaction is open from one page to the next."""

    def __init__(self, question: SqlQuestion) -> None:
        self._question = question
        self._engine: sa.Engine | None = None
        self._connection: sa.Connection | None = None
        self._rows: sa.CursorResult[Any] | None = None
        self._at = 0
        self._resumed = False

    @property
    def shifts(self) -> bool:
        """Say whether rows were passed over by their number, which others may have by now."""
        return self._resumed

    def open(self) -> None:
        """Connect."""
        try:
            self._engine = sa.create_engine(_url(self._question.url), poolclass=sa.NullPool)
        except (sa.exc.SQLAlchemyError, ImportError, ValueError) as fault:
            # Its words may repeat the address.
            raise Permanent("the source's address is no database that SQLAlchemy knows") from fault

    def close(self) -> None:
        """Undo the transaction and let go of the connection."""
        self._end()
        if self._engine is not None:
            self._engine.dispose()

    def page(self, asked: Asked) -> Page:
        """Read the next rows."""
        start = int(asked.position or 0)
        try:
            if self._rows is None or start != self._at:
                self._begin(asked.since, start)
            assert self._rows is not None  # noqa: S101 - begun above
            rows = self._rows.mappings().fetchmany(self._question.page)
        except sa.exc.SQLAlchemyError as fault:
            self._end()
            raise _judged(fault) from fault
        self._at = start + len(rows)
        records: list[Json] = [
            {str(name): _json(name, value) for name, value in row.items()} for row in rows
        ]
        size = _size_of(records)
        if size > asked.most_bytes:
            raise Permanent(f"{len(rows)} rows have {size} bytes, the limit is {asked.most_bytes}")
        is_full = len(rows) == self._question.page
        return Page(records, str(self._at) if is_full else None, size)

    def _begin(self, since: str | None, start: int) -> None:
        """Ask the query, and pass over the rows that were read before."""
        assert self._engine is not None  # noqa: S101 - it is open
        self._end()
        self._resumed = start > 0
        connection = self._engine.connect()
        self._connection = connection
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            milliseconds = round(self._question.timeout.total_seconds() * 1000)
            connection.execute(sa.text(f"SET LOCAL statement_timeout = {milliseconds}"))
        elif connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA query_only = ON")
        text = sa.text(self._question.query.rstrip().rstrip(";"))
        given = {"since": since} if "since" in text._bindparams else {}
        streamed = connection.execution_options(stream_results=True, max_row_buffer=500)
        self._rows = streamed.execute(text, given)
        self._at = 0
        while self._at < start:
            passed = self._rows.fetchmany(min(self._question.page, start - self._at))
            if not passed:
                break
            self._at += len(passed)
        self._at = start

    def _end(self) -> None:
        if self._rows is not None:
            self._rows.close()
        if self._connection is not None:
            self._connection.close()
        self._connection = self._rows = None


def _url(text: str) -> sa.URL:
    url = sa.make_url(text)
    # The plain scheme would ask for psycopg2.
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


def _judged(fault: sa.exc.SQLAlchemyError) -> Transient | Permanent:
    """Tell whether the same query may succeed later; the driver says why, without the address."""
    said = first_line(getattr(fault, "orig", None) or fault)
    if database_is_unwell(fault):
        return Transient(f"the database: {said}")
    return Permanent(f"the database: {said}")


def _size_of(records: list[Json]) -> int:
    try:
        return len(dumps(records))
    except JsonFault as fault:
        raise Permanent(f"the rows have a value that JSON has not: {fault}") from fault


def _json(name: object, value: Any) -> Json:
    """Return a value of a row as JSON: exact numbers stay exact, moments become text."""
    if value is None or isinstance(value, bool | int | str | Decimal):
        return value
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _json(name, one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_json(name, one) for one in value]
    raise Permanent(f"column '{name}' has a value that JSON has not; select it as text")
