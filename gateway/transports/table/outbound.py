"""Writes a document as a row, with rows below it, in one transaction of another database.

The row is recognised by its key: whether it is there is decided by the database, in the statement
that inserts it, so that an attempt after a crash neither doubles nor misses anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NoSuchTableError,
    OperationalError,
    SQLAlchemyError,
)

from gateway.errors import GatewayError, Permanent, Refused, Transient, first_line
from gateway.pipeline.ports import Consignment, Exchange, Receipt
from gateway.shaping import Json, JsonFault, NotShaped, Selection, dumps
from gateway.shaping.formats import number, text
from gateway.transports.documents import document_of

Columns = Mapping[str, Selection]


@dataclass(frozen=True, slots=True)
class Children:
    """Rows of another table that belong to a document's row."""

    table: str
    each: Selection
    columns: Columns
    parent: Mapping[str, str]
    """Column of theirs to the column of the document's row that it holds."""


@dataclass(frozen=True, slots=True)
class Target:
    """The table of a destination."""

    table: str
    columns: Columns
    key: Sequence[str]
    schema: str | None = None
    replace: bool = False
    """Whether a row with this key is replaced, and what is below it; otherwise it is kept."""
    children: Sequence[Children] = field(default_factory=tuple)


class TableOutbound:
    """A database table."""

    def __init__(self, url: str, target: Target, *, connections: int, seconds: float) -> None:
        self._url = url
        self._target = target
        self._connections = connections
        self._seconds = seconds
        self._engine: sa.Engine | None = None
        self._tables: dict[str, sa.Table] = {}
        self._looking = Lock()

    def connect(self) -> None:
        """Make ready; the database itself is reached by the first delivery."""
        try:
            self._engine = sa.create_engine(
                self._url,
                pool_size=self._connections,
                pool_pre_ping=True,
                pool_timeout=self._seconds,
                connect_args=_limits(self._url, self._seconds),
            )
        except (SQLAlchemyError, ImportError) as fault:
            raise Permanent(f"the database cannot be used: {first_line(fault)}") from fault

    def deliver(self, consignment: Consignment) -> Receipt:
        """Write one document; raise Transient or Permanent by what the database says."""
        engine, target = self._connected(), self._target
        document = document_of(consignment)
        row = _row(target.columns, document, consignment.facts)
        below = [(child, _rows(child, document, consignment.facts)) for child in target.children]
        told = Exchange(
            f"{'replace' if target.replace else 'insert'} {target.table}", _shown(row, below)
        )
        try:
            with _judged(), engine.begin() as connection:
                receipt = self._write(connection, row, below)
        except GatewayError as fault:
            consignment.tell(Exchange(told.request, told.content, answer=str(fault)))
            raise
        consignment.tell(Exchange(told.request, told.content, answer=receipt.reference))
        return receipt

    def look(self) -> list[str]:
        """Say of each table that it can be written as is wanted; raise Permanent otherwise."""
        target = self._target
        wanted = [(target.table, [*target.columns])]
        wanted += [(one.table, [*one.columns, *one.parent]) for one in target.children]
        with _judged(), self._connected().connect() as connection:
            for name, columns in wanted:
                table = self._table(connection, name)
                for column in columns:
                    _column(table, column)
            if not _is_unique(connection, self._table(connection, target.table), target.key):
                key = ", ".join(target.key)
                raise Permanent(f"table {target.table} has no primary or unique key of {key}")
        return [f"{name} has {', '.join(columns)}" for name, columns in wanted]

    def close(self) -> None:
        """Close the connections."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _connected(self) -> sa.Engine:
        if self._engine is None:
            raise Permanent("the database: not connected")
        return self._engine

    def _write(
        self,
        connection: sa.Connection,
        row: Mapping[str, Json],
        below: Sequence[tuple[Children, Sequence[Mapping[str, Json]]]],
    ) -> Receipt:
        target = self._target
        table = self._table(connection, target.table)
        values = _typed(table, row)
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(table).values(**values)
        # Said by the row itself: drivers do not agree on how many rows such a statement wrote.
        written = insert.on_conflict_do_nothing(index_elements=list(target.key)).returning(
            table.c[target.key[0]]
        )
        added = connection.execute(written).first() is not None
        if not added and not target.replace:
            return Receipt(f"a row of {target.table}", repeated=True)
        if not added:
            known = [table.c[name] == values[name] for name in target.key]
            connection.execute(sa.update(table).where(*known).values(**values))
        for child, rows in below:
            self._write_below(connection, child, rows, values, anew=not added)
        return Receipt(f"a row of {target.table}, {'replaced' if not added else 'inserted'}")

    def _write_below(
        self,
        connection: sa.Connection,
        child: Children,
        rows: Sequence[Mapping[str, Json]],
        parent: Mapping[str, object],
        *,
        anew: bool,
    ) -> None:
        table = self._table(connection, child.table)
        held = {name: parent[of] for name, of in child.parent.items()}
        if anew:
            conditions = [_column(table, name) == value for name, value in held.items()]
            connection.execute(sa.delete(table).where(*conditions))
        if rows:
            connection.execute(table.insert(), [{**_typed(table, row), **held} for row in rows])

    def _table(self, connection: sa.Connection, name: str) -> sa.Table:
        """Return a table as the database describes it, looked at once."""
        with self._looking:
            if name not in self._tables:
                self._tables[name] = sa.Table(
                    name, sa.MetaData(), schema=self._target.schema, autoload_with=connection
                )
            return self._tables[name]


@contextmanager
def _judged() -> Iterator[None]:
    """Tell what may go better later from what does not, by what the database raises."""
    try:
        yield
    except NoSuchTableError as fault:
        raise Permanent(f"there is no table {first_line(fault)} in the database") from fault
    except DBAPIError as fault:
        # The driver's first line; the whole of it repeats every value.
        said = first_line(fault.orig or fault)
        if fault.connection_invalidated or isinstance(fault, OperationalError):
            raise Transient(f"the database: {said}") from fault
        if isinstance(fault, IntegrityError | DataError):  # The values, and not the statement.
            raise Refused(f"the database: {said}") from fault
        raise Permanent(f"the database: {said}") from fault
    except SQLAlchemyError as fault:
        raise Transient(f"the database: {first_line(fault)}") from fault


def _is_unique(connection: sa.Connection, table: sa.Table, key: Sequence[str]) -> bool:
    """Say whether the database itself recognises a row by these columns."""
    looking = sa.inspect(connection)
    known = [[column.name for column in table.primary_key]]
    known += [
        one["column_names"] for one in looking.get_unique_constraints(table.name, table.schema)
    ]
    known += [
        [name for name in one["column_names"] if name]
        for one in looking.get_indexes(table.name, table.schema)
        if one["unique"]
    ]
    return any(set(columns) == set(key) for columns in known)


def _row(columns: Columns, value: Json, facts: Mapping[str, str]) -> dict[str, Json]:
    return {name: _selected(name, column, value, facts) for name, column in columns.items()}


def _selected(name: str, column: Selection, value: Json, facts: Mapping[str, str]) -> Json:
    try:
        return column.select(value, facts)
    except NotShaped as fault:
        raise NotShaped(f"column {name}: {fault}") from fault


def _rows(child: Children, document: Json, facts: Mapping[str, str]) -> list[dict[str, Json]]:
    found = child.each.select(document, facts)
    if not isinstance(found, list):
        raise NotShaped(f"'each' of {child.table} finds no list in this document")
    return [
        _row(child.columns, item, {**facts, "position": str(position)})
        for position, item in enumerate(found, 1)
    ]


def _column(table: sa.Table, name: str) -> sa.Column[Any]:
    if name not in table.c:
        raise Permanent(f"table {table.name} has no column '{name}'")
    return table.c[name]


def _typed(table: sa.Table, row: Mapping[str, Json]) -> dict[str, object]:
    """Return a row as its columns want it; a number never becomes a binary fraction on the way."""
    return {name: _value(_column(table, name), value) for name, value in row.items()}


_WRITTEN: Mapping[type, Callable[[Json], object]] = {
    str: text,
    int: lambda value: _whole(number(value)),
    Decimal: number,
    bool: lambda value: value,
    date: lambda value: date.fromisoformat(text(value)[:10]),
    datetime: lambda value: datetime.fromisoformat(text(value)),
    time: lambda value: time.fromisoformat(text(value)),
}


def _value(column: sa.Column[Any], value: Json) -> object:
    if value is None:
        return None
    try:
        kind = column.type.python_type
    except NotImplementedError:
        kind = str
    if isinstance(value, list | dict) and kind is str:
        return dumps(value).decode()
    try:
        return _WRITTEN.get(kind, _as_it_is)(value)
    except ValueError as fault:
        raise NotShaped(f"column {column.name}: {fault}") from fault


def _whole(value: Decimal) -> int:
    if value != int(value):
        raise ValueError(f"{value} is no whole number")
    return int(value)


def _as_it_is(value: Json) -> object:
    return value


def _shown(
    row: Mapping[str, Json], below: Sequence[tuple[Children, Sequence[Mapping[str, Json]]]]
) -> bytes:
    try:
        return dumps({**row, **{child.table: list(rows) for child, rows in below}})
    except JsonFault as fault:
        raise NotShaped(str(fault)) from fault


def _limits(url: str, seconds: float) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"timeout": seconds}
    milliseconds = int(seconds * 1000)
    return {
        "connect_timeout": max(1, int(seconds)),
        "options": f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds}",
    }
