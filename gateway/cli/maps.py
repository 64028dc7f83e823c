"""`gateway maps`: which maps there are, what one says, whether it does what its tests expect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.markup import escape
from rich.syntax import Syntax

from gateway import config
from gateway.cli.map_tests import find_tests, run_file
from gateway.cli.map_versions import versions
from gateway.cli.maps_coverage import coverage
from gateway.cli.maps_diff import diff
from gateway.cli.maps_in_use import MapsInUse
from gateway.cli.maps_new import new
from gateway.cli.maps_profile import profile
from gateway.cli.maps_watch import watch
from gateway.cli.terminal import (
    AsJson,
    ExitCode,
    OptionalHome,
    print_json,
    print_rows,
    remarks,
    results,
)
from gateway.cli.why import why
from gateway.config.map_tests import MapTests
from gateway.errors import ConfigProblems, GatewayError
from gateway.mapping.testing import CaseResult
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


@maps.command("test")
def run_map_tests(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME…]", help="Only the tests of these maps.")
    ] = None,
    home: OptionalHome = None,
    as_json: AsJson = False,
) -> None:
    """Run the tests that lie beside the maps: `*.test.yaml`."""
    found = in_use(home)
    for name in names or []:
        found.require(name)
    tests = find_tests(home, found, names or [])
    outcomes, faults = _run(tests.files, found)
    faults = [*map(str, tests.problems), *faults]
    if as_json:
        print_json(
            [
                {"file": one.file, "map": one.tests.map, "case": result.name,
                 "direction": result.direction, "passed": result.passed,
                 "difference": result.difference, "kept": list(result.kept)}
                for one, results_ in outcomes
                for result in results_
            ]
        )  # fmt: skip
    elif outcomes:
        _show_outcomes(outcomes)
    for fault in faults:
        remarks().print(f"[bold red]error:[/] {escape(fault)}")
    untested = _without_tests(names or [], tests.files)
    for name in untested:
        remarks().print(
            f"There are no tests of map '{escape(name)}': write a file that ends in .test.yaml "
            f"below maps/, with `map: {escape(name)}` and `cases:` (docs/maps.md, section 13)."
        )
    passed = all(result.passed for _, results_ in outcomes for result in results_)
    fine = passed and not untested
    raise typer.Exit(ExitCode.UNUSABLE if faults else ExitCode.FINE if fine else ExitCode.FINDINGS)


maps.command("diff")(diff)
maps.command("coverage")(coverage)
maps.command("new")(new)
maps.command("profile")(profile)
maps.command("watch")(watch)

Outcomes = Sequence[tuple[MapTests, Sequence[CaseResult]]]


def _run(files: Sequence[MapTests], maps: MapsInUse) -> tuple[Outcomes, list[str]]:
    """Run each file; return the outcomes, and why some could not be run."""
    outcomes: list[tuple[MapTests, Sequence[CaseResult]]] = []
    faults: list[str] = []
    for one in files:
        try:
            outcomes.append((one, run_file(one, maps)))
        except ConfigProblems as fault:
            faults += map(str, fault.problems)
        except GatewayError as fault:
            faults.append(f"{one.file}: {fault}")
    return outcomes, faults


def _without_tests(names: Sequence[str], files: Sequence[MapTests]) -> list[str]:
    tested = {one.tests.map for one in files}
    return [name for name in names if name not in tested]


def _show_outcomes(outcomes: Outcomes) -> None:
    console = results()
    for one, cases in outcomes:
        console.print(f"[bold]{escape(one.tests.map)}[/]  [dim]{escape(one.file)}[/]")
        for case in cases:
            mark = "[green]✓[/]" if case.passed else "[red]✗[/]"
            console.print(f"  {mark} {escape(case.name)} [dim]({case.direction})[/]")
            for said in case.kept:
                console.print(f"      [yellow]{escape(said)}[/]", soft_wrap=True)
            for line in case.difference.splitlines():
                colour = {"-": "green", "+": "red"}.get(line[:1], "dim")
                console.print(f"      [{colour}]{escape(line)}[/]")
    failed = sum(not case.passed for _, cases in outcomes for case in cases)
    total = sum(len(cases) for _, cases in outcomes)
    console.print(f"{total - failed} of {total} pass")


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
