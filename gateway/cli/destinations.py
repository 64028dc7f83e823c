"""`gateway destinations`: how each one is, what waits for it, and holding it or trying it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import app as composition
from gateway.app import App
from gateway.app.windows import gathering
from gateway.cli.destination_policy import policy_facts, policy_json
from gateway.cli.lanes import moment, policy_of, resumed, said_of
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
from gateway.cli.windows import chosen_windows, print_windows
from gateway.clock import utc_now
from gateway.errors import Transient
from gateway.pipeline import lane_names
from gateway.pipeline.lane_records import LaneRecord, LaneView
from gateway.pipeline.states import DeliveryState

destinations = typer.Typer(
    no_args_is_help=True,
    help="Where documents go: how each is, what waits there, and holding it or trying it.",
)

Name = Annotated[str, typer.Argument(help="Name of the destination in `gateway.yaml`.")]

_COLOURS = {"ready": "green", "paused": "yellow", "resting": "yellow", "gone": "red"}
_ENTRIES = 20


@destinations.command("list")
def list_destinations(home: Home = Path(), as_json: AsJson = False) -> None:
    """List where documents go: whether each takes any now, what waits for it, and who acts."""
    now = utc_now()
    with composition.open_instance(home, maps_too=False) as app:
        found = {name: _view(app, name) for name in _names(app)}
        said = {name: said_of(app, name, view.record, now) for name, view in found.items()}
        owners = {name: policy_of(app, name).owner for name in found}
    if as_json:
        print_json(
            [
                {**_json(name, *said[name], view), "owner": owners[name]}
                for name, view in found.items()
            ]
        )
        return
    rows = [_row(name, said[name], view, owners[name], now) for name, view in found.items()]
    columns = ("destination, owner", "state", "waits", "dead", "oldest (UTC)", "last answer")
    print_rows(columns, rows, "No destinations.")


@destinations.command("show")
def show(name: Name, home: Home = Path(), as_json: AsJson = False) -> None:
    """Show one destination: state, backlog, last answer, policy, and what people did to it."""
    now = utc_now()
    with composition.open_instance(home, maps_too=False) as app:
        _known(app, name)
        view = _view(app, name)
        word, sentence = said_of(app, name, view.record, now)
        policy, settings = policy_of(app, name), app.instance.settings.destinations.get(name)
        timeline = app.desk.timeline(view.record.lane, _ENTRIES)
        gathered = gathering(app.instance, name)
        windows = gathered.open_windows() if gathered is not None else None
    if as_json:
        entries = [asdict(entry) for entry in timeline]
        shown = {**_json(name, word, sentence, view), "policy": policy_json(settings)}
        if windows is not None:
            shown["windows"] = [asdict(one) for one in windows]
        print_json({**shown, "owner": policy.owner, "timeline": entries})
        return
    results().print(f"[bold]{escape(name)}[/]  {_coloured(word)}")
    told = policy_facts(policy, settings, view.record, now)
    print_facts({**_facts(view, sentence, now), **told})
    if windows is not None:
        print_windows(windows, now)
    if timeline:
        print_timeline(timeline)


@destinations.command("pause")
def pause(
    name: Name,
    because: Because,
    by: By,
    home: Home = Path(),
    as_json: AsJson = False,
) -> None:
    """Send nothing to a destination until it is resumed; what is under way comes to its end."""
    with composition.open_instance(home, maps_too=False) as app:
        _known(app, name)
        found = app.lanes.pause(lane_names.deliver(name), by=by, because=because)
    done = found.paused_at is None
    if as_json:
        print_json({"destination": name, "done": done})
    elif done:
        again = f"`gateway destinations resume {name}` lets it go on"
        results().print(f"{escape(name)} is paused, and no attempt is used up: {again}")
    else:
        results().print(f"{escape(name)} is paused already, by {escape(str(found.paused_by))}")


@destinations.command("resume")
def resume(
    name: Name,
    by: By,
    because: PerhapsBecause = "",
    home: Home = Path(),
    as_json: AsJson = False,
) -> None:
    """Let a destination go on that was paused, or try one now that is left alone."""
    with composition.open_instance(home, maps_too=False) as app:
        _known(app, name)
        found = app.lanes.resume(lane_names.deliver(name), by=by, because=because)
    if as_json:
        done = found.paused_at is not None or found.open_until is not None
        print_json({"destination": name, "done": done})
    else:
        results().print(escape(resumed(found, name)), soft_wrap=True)


@destinations.command("close")
def close(
    name: Name,
    by: By,
    window: Annotated[
        list[str] | None,
        typer.Argument(help="Windows, as `show` names them; all if left out.", show_default=False),
    ] = None,
    because: PerhapsBecause = "",
    home: Home = Path(),
    as_json: AsJson = False,
) -> None:
    """Make files now of what a destination with `append` has gathered, before its windows end.

    What comes later in the same window is in another file of it.
    """
    with composition.open_instance(home, maps_too=False) as app:
        _known(app, name)
        gathered = gathering(app.instance, name)
        if gathered is None:
            fail(f"{name} gathers nothing: it has no `append`")
        there = [one.window for one in gathered.open_windows()]
        made: list[str] = []
        try:
            for one in chosen_windows(name, window or [], there):
                made += gathered.hand_on_now(one)
        except Transient as fault:
            fail(str(fault), ExitCode.FINDINGS)
        finally:
            if made:
                lane = lane_names.deliver(name)
                app.lanes.note_handed_on(lane, made, by=by, because=because)
    if as_json:
        print_json({"destination": name, "files": made})
        return
    for file in made:
        results().print(f"[green]✓[/] {escape(file)} is handed over")
    if not made:
        remarks().print(f"{escape(name)} has gathered nothing since its last file")


@destinations.command("preview")
def preview_document(
    name: Name,
    document: Annotated[
        str, typer.Argument(help="A document's id or number, or a file of canonical JSON.")
    ],
    partner: Annotated[
        str | None, typer.Option(help="Of a file: the partner that it is from.")
    ] = None,
    home: Home = Path(),
    as_json: AsJson = False,
) -> None:
    """Show what a destination would be sent of a document; nothing is sent."""
    from gateway.cli.previews import given_consignments, print_previews, stored_consignment

    is_file = document == "-" or Path(document).is_file()
    with composition.open_instance(home, maps_too=False) as app:
        if name not in app.instance.settings.destinations:
            _fail_unknown(app, name)
        app.instance.require_secrets()
        given = (
            given_consignments(app.instance, document, partner)
            if is_file
            else [stored_consignment(app, document)]
        )
        fine = print_previews(app.instance, name, given, as_json=as_json)
    raise typer.Exit(ExitCode.FINE if fine else ExitCode.FINDINGS)


@destinations.command("test")
def try_out(name: Name, home: Home = Path(), as_json: AsJson = False) -> None:
    """Try a destination, step by step, without delivering anything: name, port, TLS, an answer."""
    # Here, since it imports what calls other systems.
    from gateway.app.destination_trial import trial
    from gateway.cli.try_partner import show_step

    failed, told = False, []
    with composition.open_instance(home, maps_too=False) as app:
        if name not in app.instance.settings.destinations:
            _fail_unknown(app, name)
        app.instance.require_secrets()
        for step in trial(app.instance, name, clock=utc_now):
            failed = failed or bool(step.fault)
            told.append(asdict(step))
            if not as_json:
                show_step(name, step)
    if as_json:
        print_json(told)
    raise typer.Exit(ExitCode.FINDINGS if failed else ExitCode.FINE)


def _names(app: App) -> list[str]:
    """Name what is configured, and what is not any more and has something waiting."""
    configured = app.instance.settings.destinations
    left = app.desk.lanes.destinations()
    return [
        *configured,
        *(name for name, one in left.items() if name not in configured and one.waiting),
    ]


def _known(app: App, name: str) -> None:
    if name not in _names(app):
        _fail_unknown(app, name)


def _fail_unknown(app: App, name: str) -> None:
    there = ", ".join(sorted(app.instance.settings.destinations)) or "none"
    fail(f"there is no destination '{name}'; there are {there}")


def _view(app: App, name: str) -> LaneView:
    empty = LaneView(LaneRecord(lane_names.deliver(name)))
    return app.desk.lanes.destinations().get(name, empty)


def _waits(view: LaneView) -> int:
    return sum(count for state, count in view.waiting.items() if state != DeliveryState.DEAD)


def _row(name: str, said: tuple[str, str], view: LaneView, owner: str, now: datetime) -> list[str]:
    lane, (word, sentence) = view.record, said
    more = f"\n[dim]{escape(sentence)}[/]" if sentence else ""
    answer = ""
    if lane.answered_at is not None:
        answer = f"{lane.outcome}, {moment(lane.answered_at, now)}"
    return [
        f"{escape(name)}\n[dim]{escape(owner)}[/]",
        f"{_coloured(word)}{more}",
        str(_waits(view)),
        str(view.waiting.get(DeliveryState.DEAD, 0)),
        f"{view.oldest:%m-%d %H:%M}" if view.oldest else "",
        answer,
    ]


def _coloured(word: str) -> str:
    return f"[{_COLOURS.get(word, 'red')}]{word}[/]"


def _facts(view: LaneView, sentence: str, now: datetime) -> dict[str, str]:
    lane = view.record
    waiting = ", ".join(f"{count} {state}" for state, count in sorted(view.waiting.items()))
    return {
        "state": sentence,
        "waits": waiting or "nothing",
        "oldest": f"{view.oldest:%Y-%m-%d %H:%M:%S} UTC" if view.oldest else "",
        "last answer": _answer(lane, now),
        "failures": f"{lane.failures} in a row" if lane.failures else "",
    }


def _answer(lane: LaneRecord, now: datetime) -> str:
    if lane.answered_at is None:
        return ""
    return f"{lane.outcome}, {moment(lane.answered_at, now)}: {lane.answer}"


def _json(name: str, word: str, sentence: str, view: LaneView) -> dict[str, object]:
    record = asdict(view.record)
    hidden = ("lane", "calls", "freed")
    return {
        "destination": name,
        "state": word,
        "because": sentence,
        "waiting": dict(view.waiting),
        "oldest": view.oldest,
        **{key: value for key, value in record.items() if key not in hidden},
    }
