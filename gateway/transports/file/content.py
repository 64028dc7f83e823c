"""What is written into files: a document as JSON, XML or text, as lines of JSON, as rows of CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.shaping import Json, JsonFault, NotShaped, Selection, Shape, Shaped, dumps
from gateway.shaping.formats import text


class Content(Protocol):
    """Writes the content of a file."""

    def written(self, document: Json, facts: Mapping[str, str]) -> Shaped:
        """Return the content; raise NotShaped where the document cannot be written."""


class Lines(Protocol):
    """Writes the lines that a document becomes in a file of many."""

    @property
    def heading(self) -> bytes:
        """Return what stands before the lines of the first document."""

    def lines(self, document: Json, facts: Mapping[str, str]) -> bytes:
        """Return the lines of a document; raise NotShaped where it cannot be written."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that a document has."""

    shape: Shape
    rows: Selection | None

    def of(self, document: Json, facts: Mapping[str, str]) -> Sequence[Json]:
        """Return the rows; the document itself where none are selected."""
        made = self.shape.reshaped(document, facts)
        if self.rows is None:
            return [made]
        found = self.rows.select(made, facts)
        if not isinstance(found, list):
            raise NotShaped("'rows' finds no list in this document")
        return found


@dataclass(frozen=True, slots=True)
class JsonLines:
    """A JSON value on each line."""

    rows: Rows

    @property
    def heading(self) -> bytes:
        """Return nothing: each line says itself what it holds."""
        return b""

    def lines(self, document: Json, facts: Mapping[str, str]) -> bytes:
        """Return the lines of a document."""
        try:
            return b"".join(dumps(row) + b"\n" for row in self.rows.of(document, facts))
        except JsonFault as fault:
            raise NotShaped(str(fault)) from fault

    def written(self, document: Json, facts: Mapping[str, str]) -> Shaped:
        """Return the lines."""
        return Shaped(self.lines(document, facts), "application/jsonl")


@dataclass(frozen=True, slots=True)
class Csv:
    """Comma-separated values (RFC 4180), in UTF-8."""

    rows: Rows
    columns: Mapping[str, Selection]
    delimiter: str = ","
    header: bool = True

    @property
    def heading(self) -> bytes:
        """Return the line that names the columns, where there is one."""
        return self._written([list(self.columns)]) if self.header else b""

    def lines(self, document: Json, facts: Mapping[str, str]) -> bytes:
        """Return the rows of a document."""
        return self._written(
            [_cell(name, column, row, facts) for name, column in self.columns.items()]
            for row in self._known(document, facts)
        )

    def written(self, document: Json, facts: Mapping[str, str]) -> Shaped:
        """Return the table."""
        content = self.heading + self.lines(document, facts)
        return Shaped(content, "text/csv; charset=utf-8")

    def _known(self, document: Json, facts: Mapping[str, str]) -> Iterable[Json]:
        """Yield what columns see: the row, and the document where it is one of its rows."""
        for row in self.rows.of(document, facts):
            if self.rows.rows is not None and isinstance(row, Mapping):
                yield {"document": document, **row}
            else:
                yield row

    def _written(self, rows: Iterable[Sequence[str]]) -> bytes:
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=self.delimiter, lineterminator="\r\n").writerows(rows)
        return out.getvalue().encode()


@dataclass(frozen=True, slots=True)
class Whole:
    """The document in its shape: JSON, XML or text."""

    shape: Shape

    def written(self, document: Json, facts: Mapping[str, str]) -> Shaped:
        """Return the document."""
        return self.shape.shaped(document, facts)


def _cell(name: str, column: Selection, row: Json, facts: Mapping[str, str]) -> str:
    try:
        value = column.select(row, facts)
        written = "" if value is None else text(value)
        written.encode()
    except UnicodeEncodeError as fault:
        raise NotShaped(f"column {name}: it holds half a character") from fault
    except (NotShaped, ValueError) as fault:
        raise NotShaped(f"column {name}: {fault}") from fault
    return written
