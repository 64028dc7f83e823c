"""`gateway repair`: mends counts, trailers, padding and terminators, and says what it changes."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import wrap
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from gateway.cli.explained import Lines
from gateway.cli.inputs import Input, Inputs, collect
from gateway.cli.show_findings import place, sentence
from gateway.cli.terminal import (
    AsJson,
    ExitCode,
    InputUnreadable,
    fail,
    print_json,
    printable,
    remarks,
    results,
    write_bytes,
)
from gateway.counting import counted
from gateway.errors import InterchangeUnreadable
from gateway.x12.layout import spelled
from gateway.x12.repair import Edit, Refusal, Repair, repaired

_MOST_SHOWN = 50
"""Edits of one file that are printed; JSON has them all."""
LARGEST = 256 * 1_048_576
"""Bytes of a file: it is held in memory several times, to be compared with the result."""
_MARGIN = 8
_WIDEST = 70
"""Longer segments are not shown before and after: their elements are."""


@dataclass(frozen=True, slots=True)
class _Repaired:
    file: Input
    payload: bytes = b""
    repair: Repair | None = None
    unreadable: str = ""
    output: str = ""
    """Where the result was written."""
    kept: str = ""
    """Why it was not."""

    @property
    def code(self) -> ExitCode:
        if self.repair is None:
            return ExitCode.UNUSABLE
        open_ = self.repair.refusals or self.kept or (self.repair.edits and not self.output)
        return ExitCode.FINDINGS if open_ else ExitCode.FINE


def repair(
    files: Inputs,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be changed, and why.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where the result goes, of one FILE.", dir_okay=False),
    ] = None,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Replace FILE itself by the result.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
    as_json: AsJson = False,
) -> None:
    """Mend counts, control numbers of trailers, ISA padding, terminators and line ends.

    Says of each change what and why, and of each fault that it leaves why it does. Writes
    FILE.repaired.edi for FILE.edi, never FILE itself unless --in-place, nothing where nothing
    changes; of standard input, to standard output. Exits 0 where all is well then, 1 where
    something is left or --dry-run would change something, 2 where a file is no X12.
    """
    if output is not None and in_place:
        fail("--output and --in-place exclude each other")
    given = collect(files)
    if output is not None and len(given.inputs) != 1:
        fail("--output names the result of one file; several were given")
    done: list[_Repaired] = []
    for one in given.inputs:
        found = _repaired(one)
        if found.repair is not None and found.repair.edits and not dry_run:
            target = Path(one.name) if in_place else output or _beside(Path(one.name))
            found = _written(found, target, force=force or in_place, piped=output is None)
        done.append(found)
        if not as_json:
            _show(found, dry_run=dry_run)
    if as_json:
        print_json([_as_json(one) for one in done])
    raise typer.Exit(max(one.code for one in done))


def _repaired(one: Input) -> _Repaired:
    try:
        if one.size > LARGEST:
            return _Repaired(one, unreadable=_too_large(one))
        payload = one.read()
        return _Repaired(one, payload, repaired(payload))
    except (InputUnreadable, InterchangeUnreadable) as fault:
        return _Repaired(one, unreadable=str(fault))


def _too_large(one: Input) -> str:
    return (
        f"it has {one.size / 1_048_576:,.0f} MB: expected at most {LARGEST / 1_048_576:,.0f}; "
        "`gateway split` makes several files of it"
    )


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.stem}.repaired{path.suffix}")


def _written(found: _Repaired, target: Path, *, force: bool, piped: bool) -> _Repaired:
    """Write the result, whole or not at all."""
    result = found.repair.payload if found.repair is not None else b""
    if found.file.name == "-" and piped:
        write_bytes(result)
        return _with(found, output="standard output")
    if target.exists() and not force:
        return _with(found, kept=f"{target} is there already: --force overwrites it")
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_bytes(result)
        os.replace(part, target)
    except OSError as fault:
        return _with(found, kept=f"{target} cannot be written: {fault.strerror}")
    return _with(found, output=str(target))


def _with(found: _Repaired, *, output: str = "", kept: str = "") -> _Repaired:
    return _Repaired(found.file, found.payload, found.repair, "", output, kept)


def _show(found: _Repaired, *, dry_run: bool) -> None:
    # Standard output may be the result itself.
    console = remarks() if found.output == "standard output" else results()
    if found.repair is None:
        remarks().print(
            Text.assemble((found.file.shown, "bold"), "\n  ", ("✗", "red"), f" {found.unreadable}")
        )
        return
    console.print(Text(found.file.shown, style="bold"))
    line_ends: Counter[tuple[str, str]] = Counter()
    shown = []
    for edit in found.repair.edits:
        line_ends.update((one.before, one.after) for one in edit.changes if not one.reference)
        if any(one.reference for one in edit.changes):
            shown.append(edit)
    lines = Lines(found.payload)
    for edit in shown[:_MOST_SHOWN]:
        _show_edit(edit, lines, console)
    if len(shown) > _MOST_SHOWN:
        console.print(f"  … and {len(shown) - _MOST_SHOWN} more; --json has all of them")
    for (before, after), number in line_ends.items():
        times = "once" if number == 1 else f"{number} times"
        console.print(Text(f"  between segments, {times}: {before} becomes {after}"))
    for refusal in found.repair.refusals:
        _show_refusal(refusal, console)
    console.print(_verdict(found, found.repair, dry_run=dry_run))


def _show_refusal(refusal: Refusal, console: Console) -> None:
    console.print(Text.assemble("  ", ("left", "yellow"), f"  {place(refusal.finding)}"))
    width = max(20, min(80, console.width) - _MARGIN)
    for line in wrap(sentence(refusal.finding), width):
        console.print(Text(" " * _MARGIN + line))
    console.print(Text(" " * _MARGIN + refusal.because, style="dim"))


def _show_edit(edit: Edit, lines: Lines, console: Console) -> None:
    where = f"byte {edit.offset}"
    line = lines.line(edit.offset)
    if line is not None:
        where = f"line {line}, {where}"
    console.print(Text.assemble("  ", (where, "dim")))
    for one in edit.changes:
        if one.reference:
            before, after = printable(one.before) or "nothing", printable(one.after)
            if after != after.strip():
                before, after = f"'{before}'", f"'{after}'"
            console.print(
                Text.assemble("    ", (one.reference, "bold"), f"  {before} → {after}  ({one.why})")
            )
    before, after = (spelled(text.strip(b"\r\n")) for text in (edit.before, edit.after))
    if max(len(before), len(after)) <= _WIDEST:
        console.print(Text.assemble("      ", (f"- {before}", "red")))
        console.print(Text.assemble("      ", (f"+ {after}", "green")))


def _verdict(found: _Repaired, repair: Repair, *, dry_run: bool) -> Text:
    edits, left = len(repair.edits), len(repair.refusals)
    said = counted(edits, "segment")
    if not edits:
        text = Text("  nothing to change")
    elif dry_run:
        text = Text(f"  {said} would change")
    elif found.kept:
        text = Text.assemble("  ", ("✗ ", "red"), found.kept)
    else:
        text = Text.assemble("  ", ("✓ ", "green"), f"{said} changed: {found.output}")
    return text.append(f"; {counted(left, 'fault')} left" if left else "")


def _as_json(one: _Repaired) -> dict[str, object]:
    if one.repair is None:
        return {"file": one.file.shown, "unreadable": one.unreadable}
    return {
        "file": one.file.shown,
        "output": one.output or None,
        "kept": one.kept or None,
        "edits": [
            {
                "offset": edit.offset,
                "before": edit.before.decode("latin-1"),
                "after": edit.after.decode("latin-1"),
                "changes": [asdict(change) for change in edit.changes],
            }
            for edit in one.repair.edits
        ],
        "left": [
            {
                "code": refusal.finding.code.value,
                "reference": refusal.finding.location.reference,
                "offset": refusal.finding.location.offset,
                "detail": refusal.finding.detail,
                "because": refusal.because,
            }
            for refusal in one.repair.refusals
        ],
    }
