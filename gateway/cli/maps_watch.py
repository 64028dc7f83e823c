"""`gateway maps watch`: checks a map and runs its tests again whenever something of it is saved.

Files are looked at four times a second, by inode, time and size: that works on every file system,
whatever way an editor saves, and costs a few milliseconds for a thousand files.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import clock
from gateway.cli.map_tests import find_tests, run_file
from gateway.cli.maps_in_use import MapsInUse
from gateway.cli.signals import until_signalled
from gateway.cli.terminal import ExitCode, Home, fail, remarks, results
from gateway.config.files import SETTINGS
from gateway.config.map_tests import MapTests
from gateway.config.maps import find_maps
from gateway.errors import ConfigProblems, GatewayError
from gateway.mapping.testing import CaseResult, files_of

_LOOK_SECONDS = 0.25
_FOLDERS = ("maps", "tables")

_Marks = frozenset[tuple[str, int, int, int]]


class Watched:
    """The maps of an instance, or some of them, looked at in rounds."""

    def __init__(self, home: Path, names: Sequence[str]) -> None:
        self._home = home
        self._names = names
        self._samples: set[Path] = set()
        self._told: dict[str, str] = {}
        self._broken = False
        """The last round could not read the maps at all."""
        self.marks: _Marks = frozenset()

    def changed(self) -> bool:
        """Say whether a file is another one than before the last round."""
        now = self._look()
        if now == self.marks:
            return False
        self.marks = now
        return True

    def round(self) -> bool:
        """Check and test what changed, and print it; return whether all of it is right."""
        try:
            maps = MapsInUse(found=find_maps(self._home))
            tests = find_tests(self._home, maps, self._names)
        except ConfigProblems as fault:
            _print_problems(map(str, fault.problems))
            self._broken = True
            return False
        except GatewayError as fault:
            _print_problems([str(fault)])
            return False
        by_map: dict[str, list[MapTests]] = {}
        for one in tests.files:
            by_map.setdefault(one.tests.map, []).append(one)
        self._samples = {
            one.path.parent / name
            for one in tests.files
            for case in one.tests.cases
            for _, name in files_of(case)
        }
        _print_problems(map(str, tests.problems))
        fine = not tests.problems
        told = False
        for name in self._wanted(maps):
            state = self._state(maps, name, by_map.get(name, []))
            if self._told.get(name) != state:
                self._told[name] = state
                told = True
                fine = _look_at(maps, name, by_map.get(name, [])) and fine
        if self._broken and not told:
            results().print("[green]✓[/] as it was before")
        self._broken = False
        return fine

    def _wanted(self, maps: MapsInUse) -> list[str]:
        if self._names:
            return list(self._names)
        return sorted(
            name
            for name, file in maps.files.items()
            # A map without a set only lends to others.
            if not file.packaged and maps.set_id(name)
        )

    def _state(self, maps: MapsInUse, name: str, tests: Sequence[MapTests]) -> str:
        """Return what changes with the map, its tests and their samples."""
        files = [one.path.parent / path for one in tests for case in one.tests.cases
                 for _, path in files_of(case)]  # fmt: skip
        marks = sorted(_marks([*files, *(one.path for one in tests)]))
        return f"{maps.fingerprint(name)} {marks}"

    def _look(self) -> _Marks:
        paths = [
            path
            for folder in _FOLDERS
            for path in (self._home / folder).rglob("*")
            if path.suffix in (".yaml", ".csv", ".edi", ".json", ".x12", ".txt")
        ]
        return _marks({*paths, *self._samples})


def _marks(paths: Iterable[Path]) -> _Marks:
    found = set()
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            continue  # Removed, or about to be replaced by what an editor has written beside it.
        found.add((str(path), status.st_ino, status.st_mtime_ns, status.st_size))
    return frozenset(found)


def _look_at(maps: MapsInUse, name: str, tests: Sequence[MapTests]) -> bool:
    """Check one map and run its tests; print what came of it, and return whether all is right."""
    begun = time.monotonic()
    try:
        maps.compiled(name)
        outcomes = [case for one in tests for case in run_file(one, maps)]
    except ConfigProblems as fault:
        _print_problems(map(str, fault.problems))
        return False
    except GatewayError as fault:
        _print_problems([str(fault)])
        return False
    failed = [case for case in outcomes if not case.passed]
    mark = "[red]✗[/]" if failed else "[green]✓[/]"
    passed = f"{len(outcomes) - len(failed)} of {len(outcomes)} pass" if outcomes else "no tests"
    now = f"{clock.utc_now().astimezone():%H:%M:%S}"
    took = f"{(time.monotonic() - begun) * 1000:.0f} ms"
    results().print(f"{mark} [bold]{escape(name)}[/]  {passed}  [dim]{now}, {took}[/]")
    for case in failed:
        _print_case(case)
    return not failed


def _print_case(case: CaseResult) -> None:
    console = results()
    console.print(f"  [red]✗[/] {escape(case.name)} [dim]({case.direction})[/]")
    for line in case.difference.splitlines():
        colour = {"-": "green", "+": "red"}.get(line[:1], "dim")
        console.print(f"      [{colour}]{escape(line)}[/]")


def _print_problems(problems: Iterable[str]) -> None:
    for problem in problems:
        remarks().print(f"[bold red]error:[/] {escape(problem)}")


def watch(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[MAP…]", help="Only these maps; all of the instance if left out."),
    ] = None,
    home: Home = Path(),
    once: Annotated[
        bool, typer.Option("--once", help="Look once and exit: 0 where all is right, else 1.")
    ] = False,
) -> None:
    """Check maps and run their tests again whenever they are saved, until Ctrl-C.

    A map counts as saved when its file is, or one that it extends, a shared table, one of its tests
    or their samples. What is wrong is told with its place, and the next save is waited for.
    """
    if not (home / SETTINGS).is_file():
        fail(f"there is no {SETTINGS} in {home.absolute()}; `gateway init` makes an instance")
    watched = Watched(home, names or [])
    watched.changed()
    fine = watched.round()
    if once:
        raise typer.Exit(ExitCode.FINE if fine else ExitCode.FINDINGS)
    stopping = threading.Event()
    with until_signalled(stopping):
        remarks().print("[dim]watching; Ctrl-C ends it[/]")
        while not stopping.wait(_LOOK_SECONDS):
            if watched.changed():
                watched.round()
    remarks().print()
