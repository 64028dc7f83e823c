"""`gateway maps versions`: which versions of maps the store keeps, and what they were used for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import app as composition
from gateway.cli.terminal import AsJson, Home, fail, print_json, print_rows
from gateway.pipeline.versions_port import VersionRecord, VersionUse

_COLUMNS = ("map", "version", "x12", "guide", "since", "documents", "first", "last")
_MOMENTS = ("since", "first", "last")


def versions(
    name: Annotated[
        str | None, typer.Argument(metavar="[MAP]", help="Only the versions of this map.")
    ] = None,
    home: Home = Path(),
    as_json: AsJson = False,
) -> None:
    """List the versions of maps that were in force, newest first, with the documents of each.

    A version is a map with all that it extends, its tables, the partner's guide and the schema.
    """
    with composition.open_instance(home) as app:
        _ = app.rulebook  # what is in force now is among them
        with app.store.transaction() as transaction:
            records = transaction.versions.listed(name)
            used = transaction.versions.used()
    if name is not None and not records:
        fail(f"the store keeps no version of a map '{name}'")
    rows = [_row(one, used.get(one.hash)) for one in reversed(records)]
    if as_json:
        print_json(rows)
        return
    shown = [[escape(_shown(row, one)) for one in _COLUMNS] for row in rows]
    print_rows(_COLUMNS, shown, "No agreement has a map.")


def _row(one: VersionRecord, use: VersionUse | None) -> dict[str, object]:
    _, x12, guide = one.subject.split(" ")
    return {
        "map": one.map,
        "version": one.hash,
        "x12": x12,
        "guide": guide.strip("-"),
        "since": one.since.isoformat(),
        "documents": use.documents if use else 0,
        "first": use.first.isoformat() if use else "",
        "last": use.last.isoformat() if use else "",
    }


def _shown(row: dict[str, object], column: str) -> str:
    # Of a moment the seconds are enough to see; programs get all of it, which --as-of takes.
    text = str(row[column])
    return text[:19].replace("T", " ") if column in _MOMENTS else text
