"""`gateway maps diff`: what a change of maps means for the documents that there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from gateway import config
from gateway.cli.filters import Limit, Since
from gateway.cli.inputs import collect
from gateway.cli.many_at_once import WORTH_IT, impacts, processors
from gateway.cli.map_sides import Naming, Side, both, checkouts
from gateway.cli.meter import Meter
from gateway.cli.terminal import (
    AsJson,
    ExitCode,
    OptionalHome,
    fail,
    print_json,
    remarks,
    results,
)
from gateway.cli.translated_twice import Given, Known
from gateway.config import Instance
from gateway.counting import counted
from gateway.mapping.impact import Kind
from gateway.mapping.impact_groups import Group, Impact, Turn, Values
from gateway.pipeline.views import DocumentFilter

_MOST_VALUES = 5
"""Pairs of values that are shown of a group."""

_MOST_EXAMPLES = 2

_COLOURS = {
    Kind.ERROR_NOW: "red",
    Kind.CHANGED: "yellow",
    Kind.DISAPPEARED: "yellow",
    Kind.APPEARED: "green",
    Kind.ERROR_BEFORE: "green",
    Kind.NOTED_NOW: "cyan",
    Kind.NOTED_BEFORE: "cyan",
}

_SIDE = "a map, a map file, a folder, or a git revision of the instance; `FOLDER:MAP` is one map"


def diff(  # noqa: PLR0913 - each option is a parameter
    old: Annotated[str, typer.Argument(metavar="OLD", help=f"The maps as they were: {_SIDE}.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The maps as they would be, likewise.")],
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE…]",
            help="X12 files or folders of them, `-` for standard input; "
            "what the instance holds if left out.",
        ),
    ] = None,
    home: OptionalHome = None,
    since: Since = None,
    partner: Annotated[str | None, typer.Option(help="Only what this partner exchanged.")] = None,
    limit: Limit = 10_000,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes; as many as processors if left out")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Translate by two versions of the maps, and say which documents differ, and in what.

    Over files, or over the newest documents that the instance holds, both ways: what came in is
    read again, what went out is written again. Nothing is stored or sent. Exits 0 where nothing
    differs, 1 where something does, 2 where something cannot be read.
    """
    instance = config.load(home, maps_too=False) if home else None
    if not files and instance is None:
        fail("what is to be translated? Name files or folders, or an instance with `--home DIR`")
    if files and since is not None:
        fail("--since chooses among what the instance holds; leave out the files")
    if partner is not None and (instance is None or partner not in instance.partners):
        fail(f"there is no partner '{partner}'")
    with checkouts() as folder:
        sides = _checked(both(Naming(home, Path(folder)), old, new))
        known = _known(instance, partner)
        if files:
            given, size = _from_files(files, sides)
            impact = _compare(given, size, sides, known, jobs)
        else:
            wanted = DocumentFilter(partner=partner, since=since, limit=limit)
            # Here, because a database takes long to import.
            from gateway.cli.stored_payloads import stored

            with stored(home or Path(), wanted) as (given, size):
                impact = _compare(given, size, sides, known, jobs)
    _tell(impact, sides, as_json=as_json)


def _tell(impact: Impact, sides: tuple[Side, Side], *, as_json: bool) -> NoReturn:
    if as_json:
        print_json(_as_json(impact, sides))
    else:
        _show(impact, sides, results())
    raise typer.Exit(ExitCode.FINDINGS if impact.changed else ExitCode.FINE)


def _checked(sides: tuple[Side, Side]) -> tuple[Side, Side]:
    """Say at once what is wrong with a side, and not in every process."""
    for side in sides:
        maps = side.maps()
        if side.map:
            with side.named():
                maps.compiled(side.map)
    return sides


def _known(instance: Instance | None, partner: str | None) -> Known:
    if instance is None:
        return Known()
    partners = dict(instance.partners)
    ours = frozenset(one.key for one in instance.settings.identities)
    return Known(partners, ours, partner)


def _compare(
    given: Iterator[Given],
    size: int,
    sides: tuple[Side, Side],
    known: Known,
    jobs: int | None,
) -> Impact:
    """Count the differences in all that is given, and show how far the work is."""
    if jobs is None:
        jobs = processors() if size >= WORTH_IT else 1
    whole, done = Impact(), 0
    meter = Meter(size)
    meter.begin("translating twice")
    try:
        for weight, impact in impacts(given, sides, known, jobs=jobs):
            whole.join(impact)
            done += weight
            meter.at(done)
    finally:
        meter.close()
    return whole


def _from_files(names: Sequence[str], sides: tuple[Side, Side]) -> tuple[Iterator[Given], int]:
    found = collect(names)
    return (_given(one.shown, one.read(), sides) for one in found.inputs), found.size


def _given(name: str, content: bytes, sides: tuple[Side, Side]) -> Given:
    if content.lstrip()[:1] != b"{":
        return Given(name, content)
    side = sides[1]
    if not side.map:
        fail(f"{name} is a document: which map writes it? Name one, such as `{side.shown}:MAP`")
    maps = side.maps()
    return Given(name, content, written_for=("", maps.set_id(side.map), maps.version(side.map)))


def _show(impact: Impact, sides: tuple[Side, Side], console: Console) -> None:
    """Print the groups, most serious first, and end with the count."""
    for because, count in sorted(impact.passed_over.items()):
        remarks().print(f"[yellow]not compared:[/] {count:,} × {escape(because)}")
    if not impact.documents:
        remarks().print("Nothing was compared: no document is of a set that these maps are for.")
        return
    for group in impact.ordered():
        _show_group(group, console)
    shown = " → ".join(escape(side.shown) for side in sides)
    console.print(f"{_changed_of_all(impact)}  [dim]{shown}[/]")
    told = (
        (impact.refused_now, "red", Turn.REFUSED),
        (impact.translated_now, "green", Turn.TRANSLATED),
    )
    for count, colour, turn in told:
        if count:
            console.print(f"[{colour}]{count:,} {turn.value}[/]")


def _changed_of_all(impact: Impact) -> str:
    documents = counted(impact.documents, "document")
    if not impact.changed:
        return f"[green]✓[/] none of {documents} changes"
    verb = "changes" if impact.changed == 1 else "change"
    return f"[bold]{impact.changed:,} of {documents} {verb}[/]"


def _show_group(group: Group, console: Console) -> None:
    colour = _COLOURS[group.kind]
    name = group.field or "the document"
    documents = counted(group.documents, "document")
    times = f", {group.count:,} times" if group.count != group.documents else ""
    console.print(
        f"[bold]{escape(name)}[/]  [{colour}]{group.kind}[/]  [dim]in {documents}{times}[/]"
    )
    shown = group.most[:_MOST_VALUES]
    for one in shown:
        console.print(f"    {_change(one)}  [dim]×{one.count:,}  {escape(_examples(one))}[/]")
    rest = group.count - sum(one.count for one in shown)
    if rest:
        console.print(f"    [dim]… and {rest:,} with other values; --json shows more[/]")


def _change(values: Values) -> str:
    before = escape(values.before) if values.before else "[dim]nothing[/]"
    after = escape(values.after) if values.after else "[dim]nothing[/]"
    return f"{before} [dim]→[/] {after}"


def _examples(values: Values) -> str:
    names = ", ".join(values.examples[:_MOST_EXAMPLES])
    return f"{names}, …" if values.count > _MOST_EXAMPLES else names


def _as_json(impact: Impact, sides: tuple[Side, Side]) -> dict[str, object]:
    return {
        "old": sides[0].shown,
        "new": sides[1].shown,
        "documents": impact.documents,
        "changed": impact.changed,
        "refused_now": impact.refused_now,
        "translated_now": impact.translated_now,
        "maps": [
            {"old": before, "new": after, "documents": count}
            for (before, after), count in sorted(impact.maps.items())
        ],
        "not_compared": [
            {"because": because, "count": count}
            for because, count in sorted(impact.passed_over.items())
        ],
        "differences": [
            {
                "field": group.field,
                "kind": group.kind,
                "count": group.count,
                "documents": group.documents,
                "values": [asdict(one) for one in group.most],
                "other_values": group.others,
            }
            for group in impact.ordered()
        ],
    }
