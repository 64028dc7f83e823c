"""`gateway control-numbers`: look at them, set them, for migration and recovery."""

from __future__ import annotations

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import app as composition
from gateway.cli.named import Because
from gateway.cli.terminal import AsJson, Home, print_json, print_rows, remarks, results, table
from gateway.pipeline.control_numbers import NumberLevel
from gateway.pipeline.outbound.numbering import Change, Numbered

control_numbers = typer.Typer(
    no_args_is_help=True,
    help="Control numbers of what we send: look at them, set them, leave some out.",
)

_LATEST = 20
"""Changes by people that are shown."""


class Level(StrEnum):
    """The levels of an envelope by their names."""

    INTERCHANGE = "interchange"
    GROUP = "group"
    SET = "set"


_LEVELS = {
    Level.INTERCHANGE: NumberLevel.INTERCHANGE,
    Level.GROUP: NumberLevel.GROUP,
    Level.SET: NumberLevel.SET,
}
_NAMES = {
    NumberLevel.INTERCHANGE: "interchange (ISA13)",
    NumberLevel.GROUP: "group (GS06)",
    NumberLevel.SET: "set (ST02)",
}

Partner = Annotated[str, typer.Option(help="A partner's id.")]
OfLevel = Annotated[Level, typer.Option(help="Which number of the envelope.")]
Of = Annotated[
    str,
    typer.Option("--of", help="Of which GS01 (`--level group`) or set (`--level set`): OW, 940."),
]
Series = Annotated[
    str, typer.Option("--series", help="Its name, as `show` prints it, where there are several.")
]


@control_numbers.command("show")
def show(
    home: Home = Path(),
    partner: Annotated[str | None, typer.Option(help="Only this partner's.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the next control number of each sequence, and what people changed."""
    with composition.open_instance(home, maps_too=False) as app:
        found = app.numbering.show(partner)
        changes = [entry for one in found for entry in app.desk.timeline(one.series, _LATEST)]
    if as_json:
        print_json(
            {
                "sequences": [asdict(one) for one in found],
                "changes": [asdict(entry) for entry in changes],
            }
        )
        return
    columns = ("partner", "level", "between", "next", "")
    print_rows(columns, [_row(one) for one in found], "There is no partner.")
    if changes:
        shown = table("when", "sequence", "verb", "change")
        for entry in changes:
            when = f"{entry.at:%Y-%m-%d %H:%M:%S}"
            shown.add_row(when, entry.subject_id, entry.verb, escape(entry.detail))
        results().print(shown, soft_wrap=False)


@control_numbers.command("set")
def set_next(  # noqa: PLR0913 - each option is a parameter
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The next one that is taken.")],
    partner: Partner,
    level: OfLevel,
    because: Because,
    home: Home = Path(),
    of: Of = "",
    series: Series = "",
    force: Annotated[
        bool, typer.Option("--force", help="Even back, to numbers that were used.")
    ] = False,
) -> None:
    """Let a sequence go on with a number; back to used numbers only with --force."""
    change = Change(partner, _LEVELS[level], because, of, series)
    with composition.open_instance(home, maps_too=False) as app:
        changed = app.numbering.set_next(change, number, force=force)
    _print_changed(changed)


@control_numbers.command("bump")
def bump(  # noqa: PLR0913 - each option is a parameter
    partner: Partner,
    level: OfLevel,
    because: Because,
    home: Home = Path(),
    of: Of = "",
    series: Series = "",
    by: Annotated[int, typer.Option(min=1, help="How many are left out.")] = 1000,
) -> None:
    """Leave numbers out, such as those that were taken after a backup was made."""
    change = Change(partner, _LEVELS[level], because, of, series)
    with composition.open_instance(home, maps_too=False) as app:
        changed = app.numbering.bump(change, by)
    _print_changed(changed)


def _print_changed(one: Numbered) -> None:
    remarks().print(f"{escape(one.series)} goes on with {one.next}")


def _row(one: Numbered) -> list[str]:
    rounds = f"used up {one.rounds} times" if one.rounds else ""
    level = f"{_NAMES[one.level]} {one.of}".strip()
    said = rounds if one.used else "none taken yet"
    return [escape(one.partner), level, escape(one.series), str(one.next), said]
