"""`gateway maps test`: runs the tests beside maps, and renews what they expect where asked."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import config
from gateway.cli.map_tests import find_tests, run_file
from gateway.cli.maps_in_use import MapsInUse
from gateway.cli.terminal import (
    AsJson,
    ExitCode,
    OptionalHome,
    fail,
    print_json,
    remarks,
    results,
)
from gateway.config.map_tests import MapTests
from gateway.counting import counted
from gateway.errors import ConfigProblems, GatewayError
from gateway.mapping.testing import CaseResult

Outcomes = Sequence[tuple[MapTests, Sequence[CaseResult]]]


def run_map_tests(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME…]", help="Only the tests of these maps.")
    ] = None,
    home: OptionalHome = None,
    everything: Annotated[
        bool, typer.Option("--all", help="In an instance: those of packaged maps too.")
    ] = False,
    update: Annotated[
        bool,
        typer.Option(
            "--update", help="Write the documents that differ into their files, if right."
        ),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="With --update: write without asking.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run the tests that lie beside the maps, `*.test.yaml`: in an instance its own."""
    if update and home is None:
        fail("whose tests? Those of an instance are renewed: `--home DIR`")
    if yes and not update:
        fail("`--yes` answers what `--update` asks")
    maps = MapsInUse(config.load(home, maps_too=False) if home else None)
    for name in names or []:
        maps.require(name)
    tests = find_tests(home, maps, names or [], packaged=everything)
    outcomes, faults = _run(tests.files, maps)
    faults = [*map(str, tests.problems), *faults]
    if as_json:
        print_json([_as_json(one, result) for one, cases in outcomes for result in cases])
    elif outcomes:
        _show_outcomes(outcomes)
    for fault in faults:
        remarks().print(f"[bold red]error:[/] {escape(fault)}")
    if update and _renewed(outcomes, home or Path(), yes=yes):
        outcomes, faults = _run(tests.files, maps)
        remarks().print(_count(outcomes))
    untested = _without_tests(names or [], tests.files)
    if not (outcomes or faults or untested):
        remarks().print(
            "There are no tests in maps/ of this instance: write a file that ends in .test.yaml "
            "(docs/maps.md, section 13). `--all` runs those of the packaged maps."
        )
    passed = all(result.passed for _, cases in outcomes for result in cases)
    fine = passed and not untested
    raise typer.Exit(ExitCode.UNUSABLE if faults else ExitCode.FINE if fine else ExitCode.FINDINGS)


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


def _renewed(outcomes: Outcomes, home: Path, *, yes: bool) -> bool:
    """Write the documents of cases that differ, once a person agrees; say whether any were."""
    files = dict(_golden(outcomes, home))
    inline = [
        result.name
        for _, cases in outcomes
        for result in cases
        if result.golden is not None and not result.golden[0]
    ]
    for name in inline:
        remarks().print(f"'{escape(name)}' has its document in the test's file: change it there.")
    if not files:
        remarks().print("There is nothing to write: no file's document differs.")
        return False
    for path in files:
        remarks().print(f"differs: {escape(str(path))}")
    if not yes and not sys.stdin.isatty():
        fail("nothing is written: look at the differences, and say `--yes`", ExitCode.FINDINGS)
    if not yes and not typer.confirm(
        f"Is what was found right? Write {counted(len(files), 'file')}", err=True
    ):
        return False
    try:
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
    except OSError as fault:
        fail(f"{fault.filename} cannot be written: {fault.strerror or fault}")
    remarks().print(f"[green]✓[/] {counted(len(files), 'file')} written")
    return True


def _golden(outcomes: Outcomes, home: Path) -> Iterator[tuple[Path, str]]:
    own = home.resolve()
    for one, cases in outcomes:
        for result in cases:
            if result.golden is None or not result.golden[0]:
                continue
            path = (one.path.parent / result.golden[0]).resolve()
            if path.is_relative_to(own):  # What comes with the product is not an instance's.
                yield path, result.golden[1]


def _without_tests(names: Sequence[str], files: Sequence[MapTests]) -> list[str]:
    tested = {one.tests.map for one in files}
    found = [name for name in names if name not in tested]
    for name in found:
        remarks().print(
            f"There are no tests of map '{escape(name)}': write a file that ends in .test.yaml "
            f"below maps/, with `map: {escape(name)}` and `cases:` (docs/maps.md, section 13)."
        )
    return found


def _as_json(one: MapTests, result: CaseResult) -> dict[str, object]:
    return {
        "file": one.file, "map": one.tests.map, "case": result.name,
        "direction": result.direction, "passed": result.passed,
        "difference": result.difference, "kept": list(result.kept),
    }  # fmt: skip


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
    console.print(_count(outcomes))


def _count(outcomes: Outcomes) -> str:
    failed = sum(not case.passed for _, cases in outcomes for case in cases)
    total = sum(len(cases) for _, cases in outcomes)
    return f"{total - failed} of {total} pass"
