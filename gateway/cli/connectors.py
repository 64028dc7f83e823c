"""`gateway connectors`: folders of configuration that join an instance to a system."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gateway import resources
from gateway.cli.terminal import AsJson, Home, fail, print_json, results
from gateway.config.connectors import CONNECTORS, Connector, connectors_in
from gateway.config.files import SETTINGS
from gateway.errors import ConfigProblems
from gateway.yaml_source import suggestion

connectors = typer.Typer(
    no_args_is_help=True,
    help="Folders of configuration that join an instance to an ERP: destinations, rules, exports.",
)


@dataclass(frozen=True, slots=True)
class _Known:
    """A connector, and where it lies."""

    connector: Connector
    folder: Path
    added: bool
    """It is in the instance already."""


@connectors.command("list")
def list_connectors(home: Home = Path(), as_json: AsJson = False) -> None:
    """Show the connectors that come with the product, and those of the instance."""
    known = [*_known(home).values()]
    if as_json:
        print_json([_row(one) for one in known])
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("Connector", "System", "In this instance"):
        table.add_column(heading)
    for one in known:
        table.add_row(
            one.connector.connector, escape(one.connector.title), "yes" if one.added else ""
        )
    results().print(table)


@connectors.command("show")
def show(
    name: Annotated[str, typer.Argument(help="Of `gateway connectors list`.")],
    home: Home = Path(),
) -> None:
    """Show what a connector brings, and what it needs to be given."""
    one = _wanted(name, home)
    console = results()
    console.print(f"[bold]{one.connector.connector}[/]: {escape(one.connector.title)}")
    for each, destination in one.connector.destinations.items():
        console.print(f"  destination {each} ({destination.type})")
    for rule in one.connector.rules:
        console.print(f"  rule '{escape(rule.name)}', to {', '.join(rule.destinations)}")
    for following in one.connector.next:
        taker = f", once {' or '.join(following.after)} has it" if following.after else ""
        console.print(f"  next document {following.name}{taker}")
    for path in _exports(one):
        console.print(
            f"  export {path.stem}, to be extended: {CONNECTORS}/{name}/exports/{path.name}"
        )
    _print_needs(one.connector, console)


@connectors.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Of `gateway connectors list`.")],
    home: Home = Path(),
) -> None:
    """Copy a connector into the instance, where its files are yours to change."""
    one = _wanted(name, home)
    if not (home / SETTINGS).is_file():
        fail(f"there is no {SETTINGS} in {home}; `gateway init` makes an instance")
    if one.added:
        fail(f"{CONNECTORS}/{name} is there already; remove the folder to begin again")
    try:
        shutil.copytree(one.folder, home / CONNECTORS / name)
    except OSError as fault:
        fail(f"{home / CONNECTORS / name} cannot be written: {fault.strerror or fault}")
    console = results()
    console.print(f"[green]✓[/] {CONNECTORS}/{name} is part of the instance")
    _print_needs(one.connector, console)
    if one.connector.rules:
        console.print("Its rules are asked after those of routes.yaml: see gateway routes list.")
    if exports := ", ".join(path.name for path in _exports(one)):
        console.print(
            f"Its exports ({exports}) run once a file in exports/ extends them and names a partner."
        )
    if (one.folder / "README.md").is_file():
        console.print(f"{CONNECTORS}/{name}/README.md says what must be set on both sides.")
    console.print("Then: gateway check, and gateway destinations test for each destination.")


def _exports(one: _Known) -> list[Path]:
    return sorted(one.folder.glob("exports/*.yaml"))


def _print_needs(connector: Connector, console: Console) -> None:
    if not connector.needs:
        return
    console.print("It needs, in the environment of the gateway:")
    for variable, sentence in connector.needs.items():
        state = "set here" if os.environ.get(variable) else "[yellow]not set here[/]"
        console.print(f"  {variable}  {escape(sentence)} ({state})")


def _wanted(name: str, home: Path) -> _Known:
    known = _known(home)
    if name not in known:
        fail(
            f"there is no connector '{name}'{suggestion(name, known)}; there is {', '.join(known)}"
        )
    return known[name]


def _known(home: Path) -> dict[str, _Known]:
    """Return every connector by name; one of the instance stands for the product's."""
    packaged = resources.directory("connectors")
    found = _sound(packaged, f"packaged:{CONNECTORS}", added=False)
    found |= _sound(home / CONNECTORS, CONNECTORS, added=True)
    return dict(sorted(found.items()))


def _sound(folder: Path, label: str, *, added: bool) -> dict[str, _Known]:
    found: dict[str, _Known] = {}
    for read in connectors_in(folder, label):
        if read.model is None:
            raise ConfigProblems(read.problems)
        name = read.model.connector
        found[name] = _Known(read.model, folder / name, added)
    return found


def _row(one: _Known) -> dict[str, object]:
    return {
        "connector": one.connector.connector,
        "title": one.connector.title,
        "added": one.added,
        "needs": dict(one.connector.needs),
    }
