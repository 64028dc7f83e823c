"""Writes a file for each document: its content by a writer, the file by the directory transport."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from gateway.pipeline.ports import Consignment, Exchange, Outbound, Receipt
from gateway.shaping import (
    Json,
    JsonFault,
    NotShaped,
    Selection,
    Shape,
    Shaped,
    TextTemplate,
    dumps,
)
from gateway.shaping.formats import text
from gateway.transports.documents import document_of

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 120


class Content(Protocol):
    """Writes the content of a file."""

    def written(self, document: Json, facts: Mapping[str, str]) -> Shaped:
        """Return the content; raise NotShaped where the document cannot be written."""


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

    def written(self, document: Json, facts: Mapping[str, str]) -> Shaped:
        """Return the lines."""
        try:
            lines = [dumps(row) + b"\n" for row in self.rows.of(document, facts)]
        except JsonFault as fault:
            raise NotShaped(str(fault)) from fault
        return Shaped(b"".join(lines), "application/jsonl")


@dataclass(frozen=True, slots=True)
class Csv:
    """Comma-separated values (RFC 4180), in UTF-8."""

    rows: Rows
    columns: Mapping[str, Selection]
    delimiter: str = ","
    header: bool = True

    def written(self, document: Json, facts: Mapping[str, str]) -> Shaped:
        """Return the table."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator="\r\n")
        if self.header:
            writer.writerow(self.columns)
        for row in self.rows.of(document, facts):
            writer.writerow(
                [_cell(name, column, row, facts) for name, column in self.columns.items()]
            )
        return Shaped(out.getvalue().encode(), "text/csv; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Whole:
    """The document in its shape: JSON, XML or text."""

    shape: Shape

    def written(self, document: Json, facts: Mapping[str, str]) -> Shaped:
        """Return the document."""
        return self.shape.shaped(document, facts)


class FileOutbound:
    """Writes documents as files."""

    def __init__(self, folder: Outbound, name: TextTemplate, ending: str, content: Content) -> None:
        self._folder = folder
        self._name = name
        self._ending = ending
        self._content = content

    def connect(self) -> None:
        """Make the folder where it is missing."""
        self._folder.connect()

    def deliver(self, consignment: Consignment) -> Receipt:
        """Write one file; the same at each attempt, so that one after a crash is harmless."""
        document = document_of(consignment)
        made = self._content.written(document, consignment.facts)
        name = self._name_of(document, consignment)
        file = replace(consignment, content=made.content, name=name, content_type=made.content_type)
        receipt = self._folder.deliver(file)
        written = f"written{' before' * receipt.repeated}: {receipt.reference}"
        consignment.tell(Exchange(f"write {name}", made.content, answer=written))
        return receipt

    def close(self) -> None:
        """Nothing is kept open."""
        self._folder.close()

    def _name_of(self, document: Json, consignment: Consignment) -> str:
        written = self._name.render(document, consignment.facts).decode()
        safe = _UNSAFE.sub("-", written).strip("-.")[:_LONGEST_NAME]
        if not safe:
            raise NotShaped(f"'{written[:40]}' cannot be the name of a file")
        # What is delivered anew may say something else: it is another file.
        generation = consignment.facts.get("generation", "1")
        again = f"-{generation}" if generation != "1" else ""
        return f"{safe}{again}.{self._ending}"


def _cell(name: str, column: Selection, row: Json, facts: Mapping[str, str]) -> str:
    try:
        value = column.select(row, facts)
        return "" if value is None else text(value)
    except (NotShaped, ValueError) as fault:
        raise NotShaped(f"column {name}: {fault}") from fault
