"""`gateway exports`: what ERPs' records become, when, and what became of them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import app as composition
from gateway.app import App
from gateway.cli.document_rows import coloured
from gateway.cli.export_rows import (
    COUNTS,
    both,
    paused,
    print_runs,
    shown_counts,
    shown_last,
    shown_marks,
    shown_next,
)
from gateway.cli.export_trial import print_tried
from gateway.cli.filters import Limit
from gateway.cli.logs import configure_logs
from gateway.cli.named import Because, By, PerhapsBecause
from gateway.cli.showing import print_facts, print_timeline
from gateway.cli.terminal import (
    AsJson,
    ExitCode,
    Home,
    fail,
    print_json,
    print_rows,
    remarks,
    results,
)
from gateway.clock import utc_now
from gateway.pipeline.export_records import ExportRecord
from gateway.pipeline.exports.definition import Export
from gateway.pipeline.exports.progress import Progress
from gateway.pipeline.exports.running import ExportBusy
from gateway.pipeline.exports.trying import try_out
from gateway.pipeline.states import RunState
from gateway.yaml_source import suggestion

exports = typer.Typer(
    no_args_is_help=True,
    help="Records of an ERP that become documents for partners, by a schedule.",
)

_ENTRIES = 20

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of an export.")]


@exports.command("list")
def list_exports(home: Home = Path(), as_json: AsJson = False) -> None:
    """List exports: when each runs next, and how its last run went."""
    now = utc_now()
    with composition.open_instance(home, maps_too=False) as app:
        found = [_told(app, export, now) for export in app.exports.values()]
    if as_json:
        print_json(found)
        return
    rows = [
        [
            f"[bold]{escape(str(one['export']))}[/]\n[dim]{escape(str(one['schedule']))}[/]",
            shown_next(one),
            shown_last(one["last_run"]),
            shown_counts(one["last_run"]),
        ]
        for one in found
    ]
    print_rows(("export", "next slot (UTC)", "last run (UTC)", "sent"), rows, "There is no export.")


@exports.command("show")
def show(name: Name, home: Home = Path(), as_json: AsJson = False) -> None:
    """Show one export: its schedule, its cursor, its last runs, what the ERP was told."""
    now = utc_now()
    with composition.open_instance(home, maps_too=False) as app:
        export = _export(app, name)
        told = _told(app, export, now)
        with app.store.transaction() as transaction:
            runs = transaction.exports.runs(name, 5)
            dead = transaction.exports.dead_marks(name, 5)
            refused = transaction.exports.refused(name, "", 5)
        timeline = app.desk.timeline(name, _ENTRIES)
    if as_json:
        undone = [{"document": one.document_id, "because": one.last_error} for one in dead]
        people = [asdict(entry) for entry in timeline]
        told |= {"runs": [asdict(one) for one in runs], "not_told": undone, "timeline": people}
        print_json(told)
        return
    _print_export(export, told)
    for mark in dead:
        fault = f"not told of document {mark.document_id[:8]}: {mark.last_error}"
        remarks().print(f"  [red]{escape(fault)}[/]; `gateway exports tell {name}` tries again")
    if refused:
        keys = ", ".join(one.key for one in refused)
        remarks().print(f"  [yellow]refused: {escape(keys)}[/]; `gateway quarantine list` says why")
    print_runs(runs, export.schedule.zone)
    if timeline:
        print_timeline(timeline)


def _print_export(export: Export, told: dict[str, object]) -> None:
    """Print what an export is, and how far it is."""
    zone = export.schedule.zone
    results().print(f"[bold]{escape(export.name)}[/]")
    facts = {
        "schedule": export.schedule.said,
        "missed slots": export.schedule.missed,
        "next slot": both(told["next_slot"], zone),
        "paused": paused(told),
        "running": f"since {told['running_since']}" if told["running_since"] else "",
        "cursor": str(told["cursor"] or ""),
        "document": export.document.type,
        "owner": export.owner,
        "ERP told": shown_marks(told["marks"]),
    }
    print_facts(facts)


@exports.command("history")
def history(name: Name, home: Home = Path(), limit: Limit = 50, as_json: AsJson = False) -> None:
    """List the runs of an export, newest first: slots, counts, reasons."""
    with composition.open_instance(home, maps_too=False) as app:
        export = _export(app, name)
        with app.store.transaction() as transaction:
            runs = transaction.exports.runs(name, limit)
    if as_json:
        print_json([asdict(one) for one in runs])
        return
    print_runs(runs, export.schedule.zone)


@exports.command("run")
def run(
    name: Name,
    home: Home = Path(),
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Print the X12 that it would send; keep and mark nothing."),
    ] = False,
    limit: Annotated[
        int, typer.Option(min=1, max=1000, help="With --dry-run: at most so many documents.")
    ] = 10,
    as_json: AsJson = False,
) -> None:
    """Run an export now, whatever its schedule says; what it sends goes out by the running gateway.

    Exits 1 where it fails, or a record was refused.
    """
    with composition.open_instance(home, maps_too=False) as app:
        export = _export(app, name)
        app.instance.require_secrets()
        configure_logs(app.instance.settings.logging)
        if dry_run:
            tried = try_out(export, app.submissions, app.store, limit)
            print_tried(tried, as_json=as_json)
            return
        try:
            done = app.export_runs.run_now(export)
        except ExportBusy as fault:
            fail(str(fault), ExitCode.FINDINGS)
    if as_json:
        print_json(asdict(done))
    else:
        counted = ", ".join(f"{getattr(done, one)} {one}" for one in COUNTS)
        results().print(f"{coloured(done.state)}: {counted}")
        if done.because:
            remarks().print(f"  [red]because[/] {escape(done.because)}")
        if done.refused:
            remarks().print("  `gateway quarantine list` shows what was refused")
    bad = done.state == RunState.FAILED or done.refused
    raise typer.Exit(ExitCode.FINDINGS if bad else ExitCode.FINE)


@exports.command("pause")
def pause(
    name: Name,
    because: Because,
    by: By,
    home: Home = Path(),
    as_json: AsJson = False,
) -> None:
    """Let no slot of an export run until it is resumed; a run under way comes to its end."""
    with composition.open_instance(home, maps_too=False) as app:
        _export(app, name)
        found = app.export_operations.pause(name, by=by, because=because)
    done = found.paused_at is None
    if as_json:
        print_json({"export": name, "done": done})
    elif done:
        again = f"`gateway exports resume {name}` lets it go on"
        results().print(f"[green]✓[/] {escape(name)} is paused: {again}", soft_wrap=True)
    else:
        remarks().print(f"{escape(name)} is paused already.")


@exports.command("resume")
def resume(
    name: Name,
    by: By,
    because: PerhapsBecause = "",
    home: Home = Path(),
    as_json: AsJson = False,
) -> None:
    """Let an export run again; slots that it missed are caught up by its own rule."""
    with composition.open_instance(home, maps_too=False) as app:
        export = _export(app, name)
        found = app.export_operations.resume(name, by=by, because=because)
    done = found.paused_at is not None
    if as_json:
        print_json({"export": name, "done": done})
    elif done:
        rule = export.schedule.missed
        results().print(f"[green]✓[/] {escape(name)} runs again; of the slots missed: {rule}")
    else:
        remarks().print(f"{escape(name)} is not paused.")


@exports.command("tell")
def tell(name: Name, home: Home = Path()) -> None:
    """Try again to tell the ERP what it could not be told."""
    with composition.open_instance(home, maps_too=False) as app:
        _export(app, name)
        count = app.export_operations.tell_again(name)
    results().print(f"[green]✓[/] {count} {'is' if count == 1 else 'are'} tried again")


def _export(app: App, name: str) -> Export:
    found = app.exports.get(name)
    if found is None:
        there = f"there is {', '.join(sorted(app.exports))}" if app.exports else "there is none"
        near = suggestion(name, app.exports)
        fail(f"there is no export '{name}'{near}; {there}", ExitCode.FINDINGS)
    return found


def _told(app: App, export: Export, now: datetime) -> dict[str, object]:
    """Return what is known of an export, as `--json` prints it."""
    with app.store.transaction() as transaction:
        record = transaction.exports.export(export.name) or ExportRecord(export.name, now)
        last = transaction.exports.last_runs().get(export.name)
        running = transaction.exports.run(record.running) if record.running else None
        marks = transaction.exports.marks(export.name).get(export.name, {})
    paused = record.paused_at is not None
    return {
        "export": export.name,
        "schedule": export.schedule.said,
        "timezone": export.schedule.zone,
        "next_slot": None if paused else export.schedule.slots.next(max(now, record.last_slot)),
        "last_slot": record.last_slot,
        "paused_at": record.paused_at,
        "paused_because": record.paused_because,
        "running_since": running.started_at if running else None,
        "cursor": Progress.loads(record.progress).mark,
        "last_run": asdict(last) if last else None,
        "marks": dict(marks),
    }
