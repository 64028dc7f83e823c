"""Destinations that keep documents where we put them: files in a folder, rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gateway.clock import Clock
from gateway.config import Instance
from gateway.config.destinations import FileDestination, TableDestination
from gateway.pipeline.ports import Outbound
from gateway.secrets import Mask
from gateway.shaping import Json, Selection, Shape, Shaped, TextTemplate
from gateway.transports.directory.outbound import Outbound as DirectoryOutbound

if TYPE_CHECKING:
    from gateway.transports.file.append import AppendOutbound
    from gateway.transports.file.content import Csv, JsonLines
    from gateway.transports.table.outbound import TableOutbound

_SECONDS = 30.0
"""For a connection and for each statement of a table's database."""

_ENDINGS = {"json": "json", "json_lines": "jsonl", "csv": "csv", "xml": "xml", "text": "txt"}


def file_outbound(
    instance: Instance, name: str, settings: FileDestination, *, clock: Clock
) -> Outbound:
    """Return what writes files."""
    from gateway.transports.file.content import Whole
    from gateway.transports.file.outbound import FileOutbound

    if (appending := append_outbound(instance, name, settings, clock=clock)) is not None:
        return appending
    shape = instance.shape(name, settings.body)
    folder = DirectoryOutbound(instance.path(settings.folder))
    content = _lines(settings, shape) or Whole(shape)
    return FileOutbound(folder, TextTemplate(settings.name), _ENDINGS[settings.format], content)


def file_written(
    instance: Instance, name: str, settings: FileDestination, document: Json,
    facts: Mapping[str, str],
) -> Shaped:  # fmt: skip
    """Return what a document becomes in a file; nothing is written."""
    from gateway.transports.file.content import Whole

    shape = instance.shape(name, settings.body)
    return (_lines(settings, shape) or Whole(shape)).written(document, facts)


def _lines(settings: FileDestination, shape: Shape) -> Csv | JsonLines | None:
    """Return what writes lines; None where the document is written as a whole."""
    from gateway.transports.file.content import Csv, JsonLines, Rows

    rows = Rows(shape, Selection.compile(settings.rows) if settings.rows else None)
    if settings.csv is not None:
        form = settings.csv
        return Csv(rows, _compiled(form.columns), form.delimiter, form.header)
    return JsonLines(rows) if settings.format == "json_lines" else None


def append_outbound(
    instance: Instance, name: str, settings: FileDestination, *, clock: Clock
) -> AppendOutbound | None:
    """Return what gathers documents in files; None where each document is a file."""
    append, lines = settings.append, _lines(settings, instance.shape(name, settings.body))
    if append is None or lines is None:
        return None
    from gateway.transports.file.append import AppendOutbound as Made
    from gateway.transports.file.append import Gathered
    from gateway.transports.file.windows import Windows

    windows = Windows(append.window, ZoneInfo(append.zone))
    kept = instance.settings.retention.payloads
    return Made(
        instance.path(settings.folder),
        TextTemplate(settings.name),
        _ENDINGS[settings.format],
        lines=lines,
        gathered=Gathered(windows, append.documents, append.size, kept),
        clock=clock,
    )


def table_outbound(instance: Instance, settings: TableDestination) -> tuple[TableOutbound, Mask]:
    """Return what writes rows, and what masks its secrets."""
    from gateway.transports.table.outbound import Children, Target
    from gateway.transports.table.outbound import TableOutbound as Made

    target = Target(
        settings.table,
        _compiled(settings.columns),
        settings.key,
        settings.schema_name,
        settings.existing == "replace",
        [
            Children(
                child.table,
                Selection.compile(child.each),
                _compiled(child.columns),
                child.parent,
            )
            for child in settings.children
        ],
    )
    vault = instance.vault
    # Drivers are named by the scheme; psycopg 3 is the one that comes with the gateway.
    url = vault.reveal(settings.url)
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    made = Made(url, target, connections=settings.concurrency, seconds=_SECONDS)
    return made, Mask(vault.values(settings.url))


def _compiled(columns: Mapping[str, str]) -> dict[str, Selection]:
    return {name: Selection.compile(text) for name, text in columns.items()}
