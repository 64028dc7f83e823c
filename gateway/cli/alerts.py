"""`gateway alerts`: what a person must know of, who acts, and who was told."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import app as composition
from gateway.app import App
from gateway.cli.answers import print_answers
from gateway.cli.document_rows import coloured
from gateway.cli.filters import Limit
from gateway.cli.named import Beginning, fail_unnamed
from gateway.cli.showing import print_facts, print_timeline
from gateway.cli.terminal import (
    AsJson,
    Home,
    print_json,
    print_rows,
    remarks,
    results,
)
from gateway.counting import counted
from gateway.pipeline.alert_records import AlertView, NoticeRecord
from gateway.pipeline.states import AlertState

alerts = typer.Typer(
    no_args_is_help=True,
    help="What a person must know of: who acts, where to look, what to do.",
)

_LATEST = 100

Ids = Annotated[
    list[str], typer.Argument(metavar="ID…", help="Ids of alerts, or unique beginnings.")
]
Because = Annotated[str, typer.Option(help="Who acts and how, for whoever asks later.")]


@alerts.command("list")
def list_alerts(
    home: Home = Path(),
    everything: Annotated[
        bool, typer.Option("--all", help="Those too that are dismissed or resolved.")
    ] = False,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List alerts, newest first: what happened, who acts, who was told."""
    states = None if everything else (AlertState.OPEN, AlertState.ACKNOWLEDGED)
    with composition.open_instance(home, maps_too=False) as app:
        found = app.desk.alerts.alerts(states, limit)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    columns = ("id, since (UTC)", "state", "what", "acts", "told")
    print_rows(columns, [_row(one) for one in found], "No alert is open.")


@alerts.command("show")
def show(
    id_: Beginning,
    home: Home = Path(),
    as_json: AsJson = False,
) -> None:
    """Show one alert: what to do, who was told, who said what."""
    with composition.open_instance(home, maps_too=False) as app:
        view = _view(app, id_)
        timeline = app.desk.timeline(view.alert.id, _LATEST)
    if as_json:
        print_json({**asdict(view), "timeline": [asdict(entry) for entry in timeline]})
        return
    one = view.alert
    results().print(f"[bold]{escape(one.what)}[/]  {one.id}")
    facts = {
        "state": one.state,
        "partner": one.partner or "",
        "acts": one.owner,
        "look": one.look,
        "do": one.advice,
        **{f"told by {notice.target}": _told(notice) for notice in view.notices},
    }
    print_facts(facts)
    print_timeline(timeline)


@alerts.command("acknowledge")
def acknowledge(ids: Ids, because: Because, home: Home = Path(), as_json: AsJson = False) -> None:
    """Say that somebody has taken alerts up: they stay on the list, and nobody is told again."""
    with composition.open_instance(home, maps_too=False) as app:
        answers = app.alerts.acknowledge([_view(app, one).alert.id for one in ids], because)
    print_answers(answers, as_json=as_json)


@alerts.command("dismiss")
def dismiss(ids: Ids, because: Because, home: Home = Path(), as_json: AsJson = False) -> None:
    """Close alerts: nothing is to be done about them any more."""
    with composition.open_instance(home, maps_too=False) as app:
        answers = app.alerts.dismiss([_view(app, one).alert.id for one in ids], because)
    print_answers(answers, as_json=as_json)


@alerts.command("try")
def try_out(home: Home = Path()) -> None:
    """Raise an alert about nothing, to see whether it arrives where `alerts:` says."""
    with composition.open_instance(home, maps_too=False) as app:
        settings = app.instance.settings
        raised = app.alerts.try_out(settings.owner)
    asked = [name for name in ("mail", "webhook") if getattr(settings.alerts, name) is not None]
    told = f"the running gateway tells {' and '.join(asked)} now" if asked else "nobody is told"
    hint = "" if asked else "; `alerts:` in gateway.yaml says who is"
    remarks().print(escape(f"alert {raised.id[:8]} is raised: {told}{hint}"))


def _view(app: App, beginning: str) -> AlertView:
    found = app.desk.alerts.beginning(beginning)
    if found is None:
        fail_unnamed("alert", beginning)
    return found


def _row(view: AlertView) -> list[str]:
    one = view.alert
    return [
        f"{one.id[:8]}\n[dim]{one.raised_at:%m-%d %H:%M}[/]",
        coloured(one.state),
        f"{escape(one.what)}\n[dim]{escape(one.look)}[/]",
        escape(one.owner),
        escape("\n".join(f"{notice.target} {notice.state}" for notice in view.notices)) or "nobody",
    ]


def _told(notice: NoticeRecord) -> str:
    if notice.sent_at is not None:
        return f"{notice.sent_at:%Y-%m-%d %H:%M:%S} UTC"
    what = "not yet" if notice.state == "due" else "given up"
    return f"{what}, {counted(notice.attempt, 'attempt')}: {notice.last_error or 'under way'}"
