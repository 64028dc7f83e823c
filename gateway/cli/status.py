"""`gateway status`: one page of what waits for a person, what is under way, and what runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import typer
from rich.markup import escape
from rich.table import Table

from gateway import app as composition
from gateway.app import App
from gateway.app.folders import Lying, lying_files
from gateway.cli.parked import Parked, parked
from gateway.cli.terminal import AsJson, ExitCode, Home, print_json, results
from gateway.cli.windows import Gathered, gathered_at, said
from gateway.clock import utc_now
from gateway.partners.connections import As2Connection
from gateway.pipeline.overview import Overview, Process
from gateway.pipeline.states import MarkState, RunState

_MOST_JOBS = 100

_MOST_NAMES = 3

_UNDER_WAY = {
    "payloads": "payloads to read",
    "interchanges": "interchanges to read",
    "deliveries": "deliveries due",
    "waiting": "documents of ours to send",
    "outgoing": "interchanges to partners due",
    "exports": "exports that run, or are about to",
    "marks": "documents of which an ERP is to be told",
}


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for a person; the names of fields are those that `--json` prints."""

    count: int
    what: str
    command: str
    """The command that shows each."""


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the page shows."""

    tasks: Sequence[Task]
    """What waits for a person."""
    notes: Sequence[Task]
    """What is worth a look, and keeps nothing from going on."""
    parked: Sequence[Parked]
    """What waits at destinations and partners for its time."""
    backlog: Mapping[str, int]
    gathered: Sequence[Gathered]
    """What waits for the end of a window, to be one file."""
    files: Sequence[Lying]
    processes: Sequence[Process]


def status(home: Home = Path(), as_json: AsJson = False) -> None:
    """One page: what waits for a person, what is under way, and which processes run.

    Exits with 1 where something waits for a person, else with 0.
    """
    now = utc_now()
    with composition.open_instance(home, maps_too=False) as app:
        found = _situation(app, now)
        name = app.instance.home.resolve().name
    if as_json:
        print_json(_as_json(found))
    else:
        _print(found, name, now)
    raise typer.Exit(ExitCode.FINDINGS if found.tasks else ExitCode.FINE)


def _situation(app: App, now: datetime) -> Situation:
    seen, backlog = app.desk.overview(now), app.desk.backlog(now)
    files = lying_files(app.instance, now)
    gathered = gathered_at(app.instance, now)
    tasks = [one for one in (*counted(seen), *_elsewhere(app, now)) if one.count]
    tasks += [
        Task(one.stuck, "files that should have been handed over", one.command)
        for one in gathered
        if one.stuck
    ]
    # Where nobody is told of alerts, there is nothing to be told.
    alerts = app.instance.settings.alerts
    told = alerts.webhook is not None or alerts.mail is not None
    waiting = [count for what, count in backlog.items() if told or what != "notices"]
    stuck = sum(waiting) + len(files)
    if stuck and not seen.processes:
        tasks.append(Task(stuck, "no gateway runs, and this waits for one", "gateway run"))
    notes = [one for one in noted(seen) if one.count]
    return Situation(tasks, notes, parked(app, now), backlog, gathered, files, seen.processes)


def counted(seen: Overview) -> list[Task]:
    """Name what the store counts, the most pressing first."""
    return [
        Task(
            seen.dead, "documents not delivered, given up", "gateway documents list --status dead"
        ),
        Task(
            seen.untranslated,
            "documents not translated or routed",
            "gateway documents list --status quarantined",
        ),
        Task(seen.quarantined, "held or quarantined, in or out", "gateway quarantine list"),
        Task(seen.alerts, "alerts that nobody has acknowledged", "gateway alerts list"),
        Task(seen.overdue, "acknowledgments overdue", "gateway outbound list --overdue"),
    ]


def noted(seen: Overview) -> list[Task]:
    """Name what is worth a look and keeps nothing from going on."""
    return [
        Task(
            seen.unmatched,
            "acknowledgments within a day that fit nothing we sent",
            "gateway outbound acknowledgments --standing unmatched",
        ),
        Task(seen.paused, "destinations paused by a person", "gateway destinations list"),
        Task(
            seen.unwell,
            "destinations or partners left alone after failures",
            "gateway destinations list, gateway partners list",
        ),
        Task(seen.holds, "partners to whom nothing new goes out", "gateway outbound list"),
    ]


def _elsewhere(app: App, now: datetime) -> list[Task]:
    """Name what is known of jobs, folders at partners and certificates."""
    failed = len(app.jobs.failed(_MOST_JOBS))
    faults = sum(1 for one in app.connections.looks() if one.fault)
    return [
        Task(failed, "jobs failed", "gateway quarantine list"),
        Task(faults, "folders at partners not reached", "gateway partners looks"),
        Task(_failing(app), "exports failed in their last run", "gateway exports list"),
        Task(_untold(app), "documents of which the ERP could not be told", "gateway exports list"),
        Task(_ending(app, now), "AS2 certificates end, and none takes over", "gateway as2 certs"),
    ]


def _failing(app: App) -> int:
    """Count exports that are still there, and failed when they ran last."""
    with app.store.transaction() as transaction:
        last = transaction.exports.last_runs()
    failed = (name for name, run in last.items() if run.state == RunState.FAILED)
    return sum(1 for name in failed if name in app.instance.exports)


def _untold(app: App) -> int:
    with app.store.transaction() as transaction:
        counts = transaction.exports.marks()
    return sum(states.get(MarkState.DEAD, 0) for states in counts.values())


def _ending(app: App, now: datetime) -> int:
    """Count certificates that end soon; where nobody has AS2, nothing is imported for it."""
    partners = app.instance.partners.values()
    theirs = (one for partner in partners for one in partner.connections.values())
    if app.instance.settings.as2 is None and not any(
        isinstance(one, As2Connection) for one in theirs
    ):
        return 0
    from gateway.app.as2_certificates import held

    return sum(1 for one in held(app.instance, now) if one.urgent)


def _print(found: Situation, name: str, now: datetime) -> None:
    console = results()
    console.print(f"[bold]{escape(name)}[/]  [dim]{now:%Y-%m-%d %H:%M} UTC[/]\n")
    if found.tasks:
        console.print("[bold red]Waits for a person[/]")
        console.print(_table(found.tasks, "red"), soft_wrap=False)
    else:
        console.print("[green]✓[/] nothing waits for a person")
    if found.notes:
        console.print("\n[bold]Worth a look[/]")
        console.print(_table(found.notes, "yellow"), soft_wrap=False)
    if found.parked:
        console.print("\n[bold]Parked[/]")
        console.print(_parked_table(found.parked), soft_wrap=False)
    console.print("\n[bold]Under way[/]")
    lines = [*_under_way(found.backlog), *map(said, found.gathered), *_lying(found.files)]
    for line in lines or ["nothing"]:
        console.print(f"  {escape(line)}")
    console.print("\n[bold]Runs[/]")
    for line in _running(found.processes) or ["nothing: `gateway run` starts it"]:
        console.print(f"  {escape(line)}")


def _table(tasks: Sequence[Task], colour: str) -> Table:
    made = Table.grid(padding=(0, 2))
    made.add_column(justify="right", style=f"bold {colour}", min_width=5)
    made.add_column(overflow="fold")
    made.add_column(overflow="fold", style="dim")
    for one in tasks:
        made.add_row(str(one.count), escape(one.what), escape(one.command))
    return made


def _parked_table(found: Sequence[Parked]) -> Table:
    made = Table.grid(padding=(0, 2))
    made.add_column(justify="right", style="bold", min_width=5)
    made.add_column(overflow="fold")
    made.add_column(overflow="fold")
    made.add_column(overflow="fold", style="dim")
    for one in found:
        made.add_row(str(one.count), escape(one.where), escape(one.because), escape(one.command))
    return made


def _under_way(backlog: Mapping[str, int]) -> list[str]:
    return [f"{backlog[name]} {what}" for name, what in _UNDER_WAY.items() if backlog.get(name)]


def _lying(files: Sequence[Lying]) -> list[str]:
    """Say in a line how many files lie in inboxes, and below it which of them the longest."""
    if not files:
        return []
    first = [
        f"  {one.partner}/{one.name}, since {_moment(one.since)}" for one in files[:_MOST_NAMES]
    ]
    more = [f"  and {len(files) - _MOST_NAMES} more"] if len(files) > _MOST_NAMES else []
    what = "file lies" if len(files) == 1 else "files lie"
    return [f"{len(files)} {what} in inboxes, not taken for a minute or more", *first, *more]


def _running(processes: Sequence[Process]) -> list[str]:
    return [
        f"gateway run on {one.place.partition('/')[0]}, since {_moment(one.started_at)}"
        for one in processes
    ]


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _as_json(found: Situation) -> dict[str, object]:
    return {
        "waits_for_a_person": [asdict(one) for one in found.tasks],
        "worth_a_look": [asdict(one) for one in found.notes],
        "parked": [asdict(one) for one in found.parked],
        "under_way": dict(found.backlog),
        "gathered": [asdict(one) for one in found.gathered],
        "files_in_inboxes": [asdict(one) for one in found.files],
        "processes": [
            {"host": one.place.partition("/")[0], "started_at": one.started_at}
            for one in found.processes
        ],
    }
