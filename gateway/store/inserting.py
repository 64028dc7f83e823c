"""Inserting records: each table's statement is made once, and rows where nobody waits for them.

SQLite lets one transaction write at a time, and turning records into what the driver takes is half
of what inserting costs. So it can be done before: `ReadyRows` are made outside of the transaction.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from gateway.pipeline.records import Record
from gateway.pipeline.store_port import Ready
from gateway.store.rows import TABLE_OF

_Row = tuple[object, ...]

_ORDER: dict[type[Any], int] = {kind: order for order, kind in enumerate(TABLE_OF)}


class ReadyRows:
    """Records as rows of their tables, for one kind of database."""

    def __init__(self, database: str, records: Iterable[Record]) -> None:
        # With its record beside each row: an id is that of one record for as long as it lives.
        self._rows: dict[int, tuple[Record, _Row]] = {}
        for kind, group in _kinds(records):
            of_kind = list(group)
            rows = _insertion(database, kind).rows(of_kind)
            self._rows.update(
                (id(record), (record, row)) for record, row in zip(of_kind, rows, strict=True)
            )

    def of(self, record: Record) -> _Row | None:
        """Return the row of this very record, or None where it was made since."""
        found = self._rows.get(id(record))
        return None if found is None else found[1]


def insert(
    connection: sa.Connection, records: Sequence[Record], ready: Ready | None = None
) -> None:
    """Insert records of any kinds, those of one kind together."""
    for kind, group in _kinds(records):
        insertion = _insertion(connection.dialect.name, kind)
        of_kind = list(group)
        rows = insertion.rows(of_kind) if ready is None else _completed(insertion, of_kind, ready)
        connection.exec_driver_sql(insertion.sql, rows)


def _completed(insertion: _Insertion, records: Sequence[Record], ready: Ready) -> list[_Row]:
    """Return the rows of records, of which most are there already."""
    rows = []
    for record in records:
        row = ready.of(record)
        rows.append(insertion.rows([record])[0] if row is None else row)
    return rows


def _kinds(records: Iterable[Record]) -> Iterator[tuple[type[Any], Iterator[Record]]]:
    """Yield records by their kinds, in the order of the tables."""
    yield from groupby(sorted(records, key=_kind_order), key=type)


def _kind_order(record: Record) -> int:
    return _ORDER[type(record)]


@dataclasses.dataclass(frozen=True, slots=True)
class _Insertion:
    """How records of one kind are inserted into one kind of database."""

    sql: str
    fields: Callable[[Record], _Row]
    """The values of a record, in the order in which the statement takes them."""
    converted: Sequence[tuple[int, Callable[[Any], object]]]
    """Which of them the driver takes in another form."""

    def rows(self, records: Iterable[Record]) -> list[_Row]:
        """Return records as what the driver takes."""
        rows = [list(self.fields(record)) for record in records]
        for place, convert in self.converted:
            last = made = None
            for row in rows:
                # One moment is that of a whole slice.
                if row[place] is not last:
                    last = row[place]
                    made = None if last is None else convert(last)
                row[place] = made
        return [tuple(row) for row in rows]


_INSERTIONS: dict[tuple[str, type[Any]], _Insertion] = {}


def _insertion(database: str, kind: type[Any]) -> _Insertion:
    if (database, kind) not in _INSERTIONS:
        _INSERTIONS[database, kind] = _made(database, kind)
    return _INSERTIONS[database, kind]


def _made(database: str, kind: type[Any]) -> _Insertion:
    dialect = _dialect(database)
    table = TABLE_OF[kind]
    names = [field.name for field in dataclasses.fields(kind)]
    compiled = table.insert().inline().compile(dialect=dialect, column_keys=names)
    places = compiled.positiontup or []
    converted = []
    for place, name in enumerate(places):
        convert = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        if convert is not None:
            converted.append((place, convert))
    return _Insertion(str(compiled), attrgetter(*places), tuple(converted))


def _dialect(database: str) -> Dialect:
    """Return how to speak to a database, with parameters that have places and no names."""
    url = "sqlite://" if database == "sqlite" else "postgresql+psycopg://"
    kind: Callable[..., Dialect] = sa.make_url(url).get_dialect()
    return kind(paramstyle="qmark" if database == "sqlite" else "format")
