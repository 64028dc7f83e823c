"""`gateway validate`: what is wrong in a file, with the place marked."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from gateway import config
from gateway.cli import show_findings
from gateway.cli.examine import (
    ExaminedGroup,
    ExaminedInterchange,
    ExaminedSet,
    Examiner,
    Graded,
    lean,
    stranger_note,
)
from gateway.cli.inputs import Input, Inputs, collect
from gateway.cli.meter import Meter
from gateway.cli.terminal import (
    AsJson,
    InputUnreadable,
    OptionalHome,
    fail,
    print_json,
    printable,
    remarks,
    results,
)
from gateway.cli.validation_json import file_json, unreadable_json
from gateway.cli.validation_summary import Counts, Tally
from gateway.config import Instance
from gateway.counting import counted
from gateway.errors import InterchangeUnreadable
from gateway.findings import Severity
from gateway.partners import Partner
from gateway.x12.model import Octets

if TYPE_CHECKING:
    from gateway.cli.second_opinions import Compared, SecondOpinions

_MOST_LISTED = 50
"""Transaction sets of a group that are listed one by one, those without a finding too."""
_MOST_BAD = 200
"""Transaction sets of a group that are shown with their findings; JSON has them all."""
_MOST_SHOWN = 50
"""Findings of one transaction set that are shown; JSON has them all."""


@dataclass(slots=True)
class _File:
    name: str
    payload: Octets = b""
    interchanges: list[ExaminedInterchange] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
    unreadable: str = ""
    compared: dict[int, Compared] = field(default_factory=dict)
    """What two engines say of each set, by its identity; empty where one was asked."""

    @property
    def alike(self) -> bool:
        """Say whether no second engine sees anything, or none was asked."""
        return all(one.sound for one in self.compared.values())


class Judges(StrEnum):
    """Which engines judge."""

    OWN = "own"
    PYX12 = "pyx12"


EngineOption = Annotated[
    Judges,
    typer.Option(
        "--engine",
        help="`pyx12` asks pyx12 too, by our schema and guide or by a map of its own, and shows "
        "both verdicts side by side.",
    ),
]

PartnerOption = Annotated[
    str | None,
    typer.Option(
        "--partner",
        metavar="PARTNER",
        help="Hold everything to the agreements and guides with this partner, whoever sent it; "
        "what our own identity sent, to those on what we send.",
    ),
]


def validate(
    files: Inputs,
    partner: PartnerOption = None,
    engine: EngineOption = Judges.OWN,
    home: OptionalHome = None,
    as_json: AsJson = False,
) -> None:
    """Read X12 files and show every finding at its place.

    Of several files, clean ones take one line each, and a summary ends them all. Exits 0 where
    there is no finding, 1 where there are some, 2 where a file is no X12 at all. What only another
    version's schema finds, where a set's own version has none, is shown and no more. With
    `--engine pyx12` our verdict decides; what pyx12 finds by a map of its own counts as well.
    """
    instance = config.load(home, maps_too=False) if home else None
    examiner = Examiner(instance, _partner(instance, partner) if partner else None)
    seconds = _second_opinions(examiner) if engine is Judges.PYX12 else None
    given, tally = collect(files), Tally()
    meter = Meter(given.size)
    reader = _Reader(examiner, meter, seconds, all_of_them=as_json)
    told: list[dict[str, object]] = []
    for one in given.inputs:
        meter.begin(one.shown)
        with ExitStack() as opened:
            file = reader.read(one, opened)
            meter.close()
            clean = _add(file, tally)
            if as_json:
                told.append(_as_json(file))
            elif clean and given.several:
                _show_clean(file)
            else:
                _show(file, results())
        meter.end(one.size)
    meter.close()
    if as_json:
        print_json(told)
    elif given.several:
        tally.show(given, results())
    raise typer.Exit(tally.code)


def _partner(instance: Instance | None, name: str) -> Partner:
    if instance is None:
        fail("whose agreements? Name the instance with `--home DIR`")
    if name not in instance.partners:
        known = ", ".join(sorted(instance.partners))
        fail(f"there is no partner '{name}'; there are {known}")
    return instance.partners[name]


def _second_opinions(examiner: Examiner) -> SecondOpinions:
    from gateway.cli.second_opinions import SecondOpinions  # loads pyx12: only where asked for

    return SecondOpinions(examiner)


def _add(file: _File, tally: Tally) -> bool:
    """Count a file; say whether there is nothing to show of it."""
    if file.unreadable:
        tally.unusable += 1
        return False
    others = sum(second.faults for second in file.compared.values())
    return tally.add(file.counts, others=others) and file.alike


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads files, and keeps of each what is shown of it."""

    examiner: Examiner
    meter: Meter
    seconds: SecondOpinions | None
    all_of_them: bool
    """Whether something is told of every set, and not only of the first and of faulty ones."""

    def read(self, one: Input, opened: ExitStack) -> _File:
        """Examine a file, whose bytes are at hand as long as `opened` is."""
        file = _File(one.shown)

        def keep(group: ExaminedGroup, examined: ExaminedSet) -> ExaminedSet | None:
            if self.seconds is not None:
                return examined  # a second engine has to see the whole set
            file.counts.take_set(examined)
            return lean(examined) if self.all_of_them or _is_shown(group, examined) else None

        try:
            file.payload = opened.enter_context(one.mapped())
            for found in self.examiner.interchanges(file.payload, keep=keep, at=self.meter.at):
                self._take(file, found)
        except (InputUnreadable, InterchangeUnreadable) as fault:
            file.unreadable = str(fault)
        return file

    def _take(self, file: _File, found: ExaminedInterchange) -> None:
        file.interchanges.append(found)
        file.counts.take_envelope(found)
        if self.seconds is None:
            return
        file.compared.update(self.seconds.ask(found))
        for group in found.groups:
            for one in group.sets:
                file.counts.take_set(one)


def _is_shown(group: ExaminedGroup, one: ExaminedSet) -> bool:
    """Say whether a set is shown: one of few, or one of the first that have findings."""
    if len(group.sets) < _MOST_LISTED:
        return True
    return bool(one.findings) and len(group.sets) < _MOST_LISTED + _MOST_BAD


def _show_clean(file: _File) -> None:
    said = f"  {counted(file.counts.sets, 'transaction set')}"
    results().print(Text.assemble(("✓ ", "green"), file.name, (said, "dim")))


def _show(file: _File, console: Console) -> None:
    console.print(f"[bold]{escape(file.name)}[/]")
    if file.unreadable:
        remarks().print(f"  [bold red]✗[/] {escape(file.unreadable)}")
        return
    for result in file.interchanges:
        _show_interchange(file, result, console)
    if file.counts.hint and not file.compared:
        console.print(f"    {escape(file.counts.hint)}", style="dim")


def _shown(text: str) -> str:
    """Return what a partner wrote, for the console: neither markup nor control characters."""
    return escape(printable(text))


def _show_interchange(file: _File, result: ExaminedInterchange, console: Console) -> None:
    header = result.header
    sender, receiver = "/".join(header.sender), "/".join(header.receiver)
    usage = {"P": "production", "T": "test", "I": "information"}.get(header.usage, header.usage)
    console.print(
        f"  interchange {_shown(header.control_number)}  "
        f"{_shown(sender)} → {_shown(receiver)}  {_shown(usage)}",
    )
    if result.stranger:
        console.print(Text(f"    {printable(stranger_note(result))}", style="yellow"))
    _show_findings(file, result, result.findings, console)
    for group in result.groups:
        title = f"group {group.header.functional_id} {group.header.control_number}"
        console.print(f"    {_shown(title)}  {_shown(group.header.version)}")
        _show_findings(file, result, group.findings, console)
        _show_sets(file, result, group, console)


def _show_sets(
    file: _File, result: ExaminedInterchange, group: ExaminedGroup, console: Console
) -> None:
    """Show the sets of a group; of many, the clean ones are only counted."""
    shown, more = group.sets, group.faulty_passed_over
    if group.examined > _MOST_LISTED:
        shown = [one for one in group.sets if one.findings or not _sound(file, one)]
        clean = group.examined - len(shown) - more
        if clean:
            console.print(
                f"      [green]✓[/] {counted(clean, 'transaction set')} without a finding"
            )
    for one in shown[:_MOST_BAD]:
        if file.compared:
            _show_compared(file, one, console)
            continue
        received, other = one.reading.transaction_set, one.reading.judged_by
        by = f"  by the schema of {other}, the nearest that there is" if other else ""
        said = f"  {counted(len(one.findings), 'finding')}" if one.findings else ""
        console.print(
            f"      {_verdict(one.findings)} {_shown(received.set_id)} "
            f"{_shown(received.control_number)}{by}{said}"
        )
        _show_findings(file, result, one.findings, console)
    more += max(0, len(shown) - _MOST_BAD)
    if more > 0:
        console.print(f"      … and {more:,} more with findings; --json shows all")


def _sound(file: _File, one: ExaminedSet) -> bool:
    return not file.compared or file.compared[id(one)].sound


def _show_compared(file: _File, one: ExaminedSet, console: Console) -> None:
    from gateway.cli import second_shown  # pyx12 is loaded already

    second_shown.show(file.compared[id(one)], file.payload, console)


_TAKEN = {
    Severity.NOTE: "noted: accepted by agreement",
    Severity.IGNORE: "not held against it",
}


def _verdict(findings: Sequence[Graded]) -> str:
    if any(severity is Severity.REJECT for _, severity in findings):
        return "[red]✗[/]"
    return "[yellow]![/]" if findings else "[green]✓[/]"


def _show_findings(
    file: _File, result: ExaminedInterchange, findings: Sequence[Graded], console: Console
) -> None:
    for finding, severity in findings[:_MOST_SHOWN]:
        for number, line in enumerate(
            show_findings.lines(finding, file.payload, result.header.delimiters)
        ):
            line.pad_left(10)
            said = [_TAKEN[severity]] if severity in _TAKEN else []
            if finding.held:
                said.append("the document waits for a person")
            if number == 0 and said:
                line.append(f"  ({'; '.join(said)})", style="dim")
            console.print(line)
    if len(findings) > _MOST_SHOWN:
        console.print(f"          … and {len(findings) - _MOST_SHOWN} more; --json shows all")


def _as_json(file: _File) -> dict[str, object]:
    if file.unreadable:
        return unreadable_json(file.name, file.unreadable)
    if not file.compared:
        return file_json(file.name, file.interchanges)
    from gateway.cli.second_shown import compared_json  # pyx12 is loaded already

    return file_json(
        file.name, file.interchanges, lambda one: compared_json(file.compared[id(one)])
    )
