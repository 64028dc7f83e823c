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
from gateway.config.environments import ENVIRONMENT, environments
from gateway.config.maps import find_maps
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
    problems += [problem for problem in _elsewhere(home) if problem not in problems]
    if as_json:
        print_json({"problems": _as_json(problems), "warnings": _as_json(warnings)})
    else:
        _show(problems, "red")
        _show(warnings, "yellow")
        if not problems and instance is not None:
            _say_fine(instance)
    raise typer.Exit(ExitCode.FINDINGS if problems else ExitCode.FINE)


def _elsewhere(home: Path) -> list[Problem]:
    """Check what each environment lays over the files; it is in force on other machines."""
    problems: list[Problem] = []
    for name in environments(home):
        if name == os.environ.get(ENVIRONMENT):
            continue
        try:
            config.load(home, {**os.environ, ENVIRONMENT: name}, maps_too=False)
        except ConfigProblems as fault:
            problems += [problem for problem in fault.problems if problem not in problems]
    return problems


def _say_fine(instance: config.Instance) -> None:
    agreements = sum(len(partner.agreements) for partner in instance.partners.values())
    results().print(
        f"[green]✓[/] nothing to complain about: {len(instance.partners)} partners, "
        f"{agreements} agreements, {len(instance.routes.rules)} routes, "
        f"{len(instance.settings.destinations)} destinations, {len(instance.maps)} maps",
    )


def _show(problems: Sequence[Problem], colour: str) -> None:
    console = results()
    for problem in problems:
        place = f"{problem.file}:{problem.line}:{problem.column}"
        path = f"[bold]{escape(problem.path)}[/]: " if problem.path else ""
        console.print(f"[{colour}]{escape(place)}[/]: {path}{escape(problem.message)}")


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
