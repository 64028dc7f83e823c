"""`gateway maps`: which maps there are, what one says, whether it does what its tests expect."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.syntax import Syntax

from gateway import config
from gateway.cli.map_versions import versions
from gateway.cli.maps_coverage import coverage
from gateway.cli.maps_diff import diff
from gateway.cli.maps_in_use import MapsInUse
from gateway.cli.maps_new import new
from gateway.cli.maps_profile import profile
from gateway.cli.maps_test import run_map_tests
from gateway.cli.maps_watch import watch
from gateway.cli.terminal import (
    AsJson,
    OptionalHome,
    print_json,
    print_rows,
    results,
)
from gateway.cli.why import why
from gateway.yaml_source import Path as YamlPath
from gateway.yaml_source import Source, Value

maps = typer.Typer(
    no_args_is_help=True, help="Which maps there are, what they say, and whether it is right."
)

maps.command("why")(why)
maps.command("versions")(versions)

MapName = Annotated[str, typer.Argument(metavar="NAME", help="The map's name.")]


def in_use(home: OptionalHome) -> MapsInUse:
    """Return the maps of an instance, or those that come with the product."""
    return MapsInUse(config.load(home, maps_too=False) if home else None)


@maps.command("list")
def list_maps(home: OptionalHome = None, as_json: AsJson = False) -> None:
    """List maps: the packaged ones, and the instance's own laid over them by name."""
    found = in_use(home)
    rows = [
        {
            "map": name,
            "set": found.set_id(name),
            "version": found.version(name) if found.set_id(name) else "",
            "document": found.document(name),
            "extends": _extends(file.source),
            "file": file.source.file,
        }
        for name, file in sorted(found.files.items())
    ]
    if as_json:
        print_json(rows)
        return
    columns = ("map", "set", "version", "document", "extends", "file")
    shown = [[escape(row[column]) for column in columns] for row in rows]
    print_rows(columns, shown, "There are no maps.")


@maps.command("show")
def show(
    name: MapName,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="With all it extends; each part with its place.")
    ] = False,
    home: OptionalHome = None,
    as_json: AsJson = False,
) -> None:
    """Show a map as it is written, or as it is after everything it extends."""
    found = in_use(home)
    source = found.resolved(name).source
    if as_json:
        print_json(source.value if resolved else found.files[name].source.value)
    elif resolved:
        for line, place in _lines(source):
            results().print(f"{escape(line)}  [dim]# {escape(place)}[/]")
    else:
        text = found.files[name].path.read_text(encoding="utf-8")
        results().print(Syntax(text, "yaml", background_color="default"))


maps.command("test")(run_map_tests)
maps.command("diff")(diff)
maps.command("coverage")(coverage)
maps.command("new")(new)
maps.command("profile")(profile)
maps.command("watch")(watch)


def _extends(source: Source) -> str:
    parent = source.value.get("extends") if isinstance(source.value, dict) else None
    return parent if isinstance(parent, str) else ""


def _lines(source: Source) -> list[tuple[str, str]]:
    """Write a resolved map as YAML lines, each with the file and line it comes from."""
    lines: list[tuple[str, str]] = []
    _write(source.value, (), source, lines)
    width = min(80, max((len(line) for line, _ in lines), default=0))
    return [(line.ljust(width), place) for line, place in lines]


def _write(value: Value, path: YamlPath, source: Source, lines: list[tuple[str, str]]) -> None:
    indent = "  " * len(path)
    members = value.items() if isinstance(value, dict) else enumerate(value or ())
    for key, member in members:
        inner = (*path, key)
        mark = source.mark(inner)
        place = f"{mark.file}:{mark.line}"
        head = f"{indent}- " if isinstance(key, int) else f"{indent}{_scalar(key)}:"
        if isinstance(member, dict | list) and member:
            lines.append((head.rstrip(), place))
            _write(member, inner, source, lines)
        else:
            text = _empty(member) if isinstance(member, dict | list) else _scalar(member)
            lines.append((f"{head.rstrip()} {text}".rstrip(), place))


def _empty(member: dict[str, Value] | list[Value]) -> str:
    return "{}" if isinstance(member, dict) else "[]"


def _scalar(value: str | None) -> str:
    """Write a scalar so that YAML reads the same text again."""
    if value is None:
        return ""
    plain = value and value[0].isalnum() and not set(value) & set(":#{}[],&*!|>'\"%@`")
    return value if plain and value.strip() == value else '"' + value.replace('"', '\\"') + '"'
