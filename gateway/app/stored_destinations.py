"""Destinations that keep documents where we put them: files in a folder, rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gateway.config import Instance
from gateway.config.destinations import FileDestination, TableDestination
from gateway.pipeline.ports import Outbound
from gateway.secrets import Mask
from gateway.shaping import Selection, TextTemplate
from gateway.transports.directory.outbound import Outbound as DirectoryOutbound

if TYPE_CHECKING:
    from gateway.transports.table.outbound import TableOutbound

_SECONDS = 30.0
"""For a connection and for each statement of a table's database."""

_ENDINGS = {"json": "json", "json_lines": "jsonl", "csv": "csv", "xml": "xml", "text": "txt"}


def file_outbound(instance: Instance, name: str, settings: FileDestination) -> Outbound:
    """Return what writes files."""
    from gateway.transports.file.outbound import Content, Csv, FileOutbound, JsonLines, Rows, Whole

    shape = instance.shape(name, settings.body)
    rows = Rows(shape, Selection.compile(settings.rows) if settings.rows else None)
    content: Content = Whole(shape)
    if settings.csv is not None:
        form = settings.csv
        content = Csv(rows, _compiled(form.columns), form.delimiter, form.header)
    elif settings.format == "json_lines":
        content = JsonLines(rows)
    folder = DirectoryOutbound(instance.path(settings.folder))
    return FileOutbound(folder, TextTemplate(settings.name), _ENDINGS[settings.format], content)


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
