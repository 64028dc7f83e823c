"""`gateway schemas`: JSON Schemas of an instance's files and of its documents, for editors."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.markup import escape

from gateway import resources
from gateway.cli.terminal import Home, fail, remarks, results
from gateway.config.files import SETTINGS
from gateway.config.maps import MapFiles, find_maps
from gateway.mapping.editor_schemas import MAP_SCHEMA, schema_text
from gateway.yaml_source import Source

FOLDERS = ("config", "canonical")


def schemas(home: Home) -> None:
    """Write the JSON Schemas of files and documents into an instance, with its own names.

    Editors then offer the tables, maps and blocks that there are. Do it again after an upgrade, or
    when names were added.
    """
    if not (home / SETTINGS).is_file():
        fail(f"{home} is no instance: there is no {SETTINGS} in it")
    try:
        copy_schemas(home)
        offers = _names(find_maps(home))
        text = schema_text(MAP_SCHEMA, offers)
        (home / "schemas" / "config" / MAP_SCHEMA).write_text(text, encoding="utf-8")
    except OSError as fault:
        fail(f"{fault.filename} cannot be written: {fault.strerror or fault}")
    count = sum(1 for folder in FOLDERS for _ in (home / "schemas" / folder).glob("*.json"))
    results().print(f"[green]✓[/] {count} schemas in {escape(str(home / 'schemas'))}")
    remarks().print(
        "Of files: schemas/config, which the first line of a file names for its editor. "
        "Of documents: schemas/canonical, one for each type."
    )


def copy_schemas(home: Path) -> None:
    """Write the schemas as they come with the product below the instance's folder."""
    for folder in FOLDERS:
        source = resources.directory("schemas") / folder
        shutil.copytree(source, home / "schemas" / folder, dirs_exist_ok=True)


def _names(found: MapFiles) -> Mapping[str, Sequence[str]]:
    """Return the names that a map may use, by the key that names one."""
    sources = [file.source for file in found.files.values()]
    tables = set(_members(sources, "tables"))
    tables.update(str(one.value["table"]) for one in found.tables if isinstance(one.value, dict))
    return {
        "extends": sorted(found.files),
        "table": sorted(tables),
        "use": sorted(set(_members(sources, "blocks"))),
    }


def _members(sources: Sequence[Source], key: str) -> Iterator[str]:
    for source in sources:
        members = source.value.get(key) if isinstance(source.value, dict) else None
        yield from members if isinstance(members, dict) else ()
