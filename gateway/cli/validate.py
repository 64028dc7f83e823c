"""`gateway validate`: what is wrong in a file, with the place marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from gateway import config
from gateway.cli import show_findings
from gateway.cli.examine import ExaminedGroup, ExaminedInterchange, Examiner, Graded
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
from gateway.cli.validation_summary import Tally
from gateway.config import Instance
from gateway.errors import InterchangeUnreadable
from gateway.findings import Severity
from gateway.partners import Partner

_MOST_LISTED = 50
"""Transaction sets of a group that are listed one by one, those without a finding too."""
_MOST_SHOWN = 50
"""Findings of one transaction set that are shown; JSON has them all."""


@dataclass(slots=True)
class _File:
    name: str
    payload: bytes
    interchanges: list[ExaminedInterchange]
    unreadable: str = ""


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
    home: OptionalHome = None,
    as_json: AsJson = False,
) -> None:
    """Read X12 files and show every finding at its place.

    Of several files, clean ones take one line each, and a summary ends them all. Exits 0 where
    there is no finding, 1 where there are some, 2 where a file is no X12 at all. What only another
    version's schema finds, where a set's own version has none, is shown and no more.
    """
    instance = config.load(home, maps_too=False) if home else None
    examiner = Examiner(instance, _partner(instance, partner) if partner else None)
    given, tally = collect(files), Tally()
    meter = Meter(given.size)
    told: list[dict[str, object]] = []
    for one in given.inputs:
        meter.begin(one.shown)
        file = _validate(one, examiner, meter)
        meter.close()
        if file.unreadable:
            tally.unusable += 1
        clean = not file.unreadable and tally.add(file.interchanges)
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


def _validate(one: Input, examiner: Examiner, meter: Meter) -> _File:
    file = _File(one.shown, b"", [])
    try:
        file.payload = one.read()
        file.interchanges += examiner.interchanges(file.payload, lean=lambda _: True, at=meter.at)
    except (InputUnreadable, InterchangeUnreadable) as fault:
        file.unreadable = str(fault)
    return file


def _show_clean(file: _File) -> None:
    sets = sum(len(group.sets) for one in file.interchanges for group in one.groups)
    counted = "1 transaction set" if sets == 1 else f"{sets} transaction sets"
    results().print(Text.assemble(("✓ ", "green"), file.name, (f"  {counted}", "dim")))


def _show(file: _File, console: Console) -> None:
    console.print(f"[bold]{escape(file.name)}[/]")
    if file.unreadable:
        remarks().print(f"  [bold red]✗[/] {escape(file.unreadable)}")
        return
    for result in file.interchanges:
        _show_interchange(file, result, console)


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
    shown = group.sets
    if len(group.sets) > _MOST_LISTED:
        shown = [one for one in group.sets if one.findings]
        clean = len(group.sets) - len(shown)
        if clean:
            console.print(f"      [green]✓[/] {clean:,} transaction sets without a finding")
    for one in shown:
        received, other = one.reading.transaction_set, one.reading.judged_by
        by = f"  by the schema of {other}, the nearest that there is" if other else ""
        console.print(
            f"      {_verdict(one.findings)} {_shown(received.set_id)} "
            f"{_shown(received.control_number)}{by}{_counted(one.findings)}"
        )
        _show_findings(file, result, one.findings, console)


_TAKEN = {
    Severity.NOTE: "noted: accepted by agreement",
    Severity.IGNORE: "not held against it",
}


def _verdict(findings: Sequence[Graded]) -> str:
    if any(severity is Severity.REJECT for _, severity in findings):
        return "[red]✗[/]"
    return "[yellow]![/]" if findings else "[green]✓[/]"


def _counted(findings: Sequence[Graded]) -> str:
    if not findings:
        return ""
    return "  1 finding" if len(findings) == 1 else f"  {len(findings)} findings"


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
        return {"file": file.name, "unreadable": file.unreadable, "interchanges": []}
    return {
        "file": file.name,
        "interchanges": [_interchange_json(result) for result in file.interchanges],
    }


def _interchange_json(result: ExaminedInterchange) -> dict[str, object]:
    header = result.header
    return {
        "control_number": header.control_number,
        "sender": "/".join(header.sender),
        "receiver": "/".join(header.receiver),
        "usage": header.usage,
        "version": header.version,
        "findings": _findings_json(result.findings),
        "groups": [_group_json(group) for group in result.groups],
    }


def _group_json(group: ExaminedGroup) -> dict[str, object]:
    return {
        "functional_id": group.header.functional_id,
        "control_number": group.header.control_number,
        "version": group.header.version,
        "findings": _findings_json(group.findings),
        "transaction_sets": [
            {
                "set": one.reading.transaction_set.set_id,
                "control_number": one.reading.transaction_set.control_number,
                "judged_by": one.reading.judged_by,
                "findings": _findings_json(one.findings),
            }
            for one in group.sets
        ],
    }


def _findings_json(findings: Sequence[Graded]) -> list[dict[str, object]]:
    return [
        {
            "code": finding.code.value,
            "level": finding.level.value,
            "severity": severity.value,
            "reference": finding.location.reference,
            "segment_position": finding.location.segment_position,
            "loop": finding.location.loop,
            "offset": finding.location.offset,
            "value": finding.value,
            "detail": finding.detail,
            "judged_by": finding.judged_by,
            "data_element": finding.data_element,
            "rule": None
            if finding.rule is None
            else {
                "name": finding.rule.name,
                "guide": finding.rule.guide,
                "file": finding.rule.file,
                "line": finding.rule.line,
            },
        }
        for finding, severity in findings
    ]
