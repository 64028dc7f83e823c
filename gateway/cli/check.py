"""`gateway check`: whether an instance's files are right; each problem with its place."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.markup import escape

from gateway import config
from gateway.cli.terminal import AsJson, ExitCode, Home, print_json, results
from gateway.config import map_tests
from gateway.config.environments import ENVIRONMENT, environments, shared
from gateway.config.maps import find_maps
from gateway.counting import counted
from gateway.errors import ConfigProblems, Problem


def check(home: Home = Path(), as_json: AsJson = False) -> None:
    """Check every file of an instance as a whole: settings, partners, agreements, routes, maps."""
    problems: Sequence[Problem] = ()
    warnings: Sequence[Problem] = ()
    instance: config.Instance | None = None
    try:
        instance = config.load(home)
    except config.InstanceMissing:
        raise  # Nothing was checked, so there is nothing to list.
    except ConfigProblems as fault:
        problems = fault.problems
        maps = find_maps(home).files
    else:
        warnings = instance.warnings
        maps = instance.maps
    problems = [*problems, *map_tests.check(home, maps)]
    elsewhere, shares = _elsewhere(home)
    problems += [problem for problem in elsewhere if problem not in problems]
    warnings = [*warnings, *shares]
    if as_json:
        print_json({"problems": _as_json(problems), "warnings": _as_json(warnings)})
    else:
        _show(problems, "red")
        _show(warnings, "yellow", "warning: ")
        if not problems and instance is not None:
            _say_fine(instance, len(warnings))
    raise typer.Exit(ExitCode.FINDINGS if problems else ExitCode.FINE)


def _elsewhere(home: Path) -> tuple[list[Problem], list[Problem]]:
    """Check what each environment lays over the files, which is in force on other machines.

    Returns what is wrong with it, and warnings of what it shares with the files themselves.
    """
    problems: list[Problem] = []
    warnings: list[Problem] = []
    names = environments(home)
    itself = _loaded(home, "", []) if names else None
    for name in names:
        found: list[Problem] = []
        other = _loaded(home, name, found)
        if name != os.environ.get(ENVIRONMENT):
            problems += [problem for problem in found if problem not in problems]
        if itself is not None and other is not None:
            warnings += shared(itself, other, name)
    return problems, warnings


def _loaded(home: Path, environment: str, problems: list[Problem]) -> config.Instance | None:
    try:
        return config.load(home, {**os.environ, ENVIRONMENT: environment}, maps_too=False)
    except ConfigProblems as fault:
        problems += fault.problems
        return None


def _say_fine(instance: config.Instance, warnings: int) -> None:
    partners = instance.partners.values()
    things = (
        counted(len(partners), "partner"),
        counted(sum(len(partner.agreements) for partner in partners), "agreement"),
        counted(len(instance.routes.rules), "route"),
        counted(len(instance.settings.destinations), "destination"),
        counted(len(instance.maps), "map"),
    )
    said = f"no errors, {counted(warnings, 'warning')}" if warnings else "nothing to complain about"
    results().print(f"[green]✓[/] {said}: {', '.join(things)}")


def _show(problems: Sequence[Problem], colour: str, kind: str = "") -> None:
    console = results()
    for problem in problems:
        place = f"{problem.file}:{problem.line}:{problem.column}"
        path = f"[bold]{escape(problem.path)}[/]: " if problem.path else ""
        console.print(f"[{colour}]{escape(place)}[/]: {kind}{path}{escape(problem.message)}")


def _as_json(problems: Sequence[Problem]) -> list[dict[str, object]]:
    return [
        {
            "file": problem.file,
            "line": problem.line,
            "column": problem.column,
            "path": problem.path,
            "message": problem.message,
        }
        for problem in problems
    ]
