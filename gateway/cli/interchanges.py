"""`gateway interchanges`: every interchange that came in, those that became no document too."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import app as composition
from gateway.cli import show_findings
from gateway.cli.document_rows import coloured
from gateway.cli.filters import Limit, Since
from gateway.cli.named import Beginning, fail_unnamed
from gateway.cli.show_acknowledgments import MOST_ACKNOWLEDGED, acknowledged_json
from gateway.cli.show_interchange import print_interchange
from gateway.cli.terminal import (
    AsJson,
    Home,
    print_json,
    print_rows,
    write_bytes,
)
from gateway.pipeline.states import InterchangeState
from gateway.pipeline.views import InterchangeFilter, InterchangeSummary, Refusal

interchanges = typer.Typer(
    no_args_is_help=True, help="Every interchange that came in, dropped duplicates too."
)

_MOST = 100_000


@interchanges.command("list")
def list_interchanges(
    home: Home = Path(),
    state: Annotated[InterchangeState | None, typer.Option(help="Only in this state.")] = None,
    partner: Annotated[
        str | None, typer.Option(help="Sent by this partner, or come through its folder.")
    ] = None,
    since: Since = None,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List interchanges, newest first: what became of each and why, and how it was acknowledged."""
    wanted = InterchangeFilter(state.value if state else None, partner, since, limit)
    with composition.open_instance(home, maps_too=False) as app:
        found = app.desk.interchange_list(wanted)
    if as_json:
        print_json([_json(one) for one in found])
        return
    columns = ("id, received (UTC)", "partner, ISA13", "file", "state, acknowledgment", "reason")
    print_rows(columns, [_row(one) for one in found], "No interchanges match.")


@interchanges.command("show")
def show(
    id_: Beginning,
    home: Home = Path(),
    raw: Annotated[bool, typer.Option("--raw", help="Print only its bytes, all of them.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one interchange that came in: its state and why, its way, its acknowledgments."""
    with composition.open_instance(home, maps_too=False) as app:
        found = app.desk.interchange_list(InterchangeFilter(beginning=id_, limit=2))
        if len(found) != 1:
            fail_unnamed("interchange", id_)
        one, home_of_all = found[0].interchange, app.instance.home
        content = app.desk.content(one.payload_id, one.start, one.end - one.start) if raw else b""
        subjects = (one.payload_id, one.id)
        said = app.desk.acknowledgments.acknowledged_by(one.id, MOST_ACKNOWLEDGED)
        entries = [entry for id_ in subjects for entry in app.desk.timeline(id_, _MOST)]
    timeline = sorted(entries, key=lambda entry: entry.at)
    if raw:
        write_bytes(content)
    elif as_json:
        print_json(
            {
                **_json(found[0]),
                "acknowledged": acknowledged_json(said),
                "timeline": [asdict(entry) for entry in timeline],
            }
        )
    else:
        print_interchange(found[0], _reason(found[0]), timeline, said=said, home=home_of_all)


@interchanges.command("gaps")
def gaps(
    home: Home = Path(),
    partner: Annotated[str | None, typer.Option(help="Only this partner's.")] = None,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List control numbers that partners left out and have not sent since.

    Of partners with `duplicates: {sequence: note}`.
    """
    with composition.open_instance(home, maps_too=False) as app:
        found = app.desk.acknowledgments.gaps(partner, limit)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    columns = ("ISA13", "partner", "sender → receiver", "noticed (UTC)", "before interchange")
    rows = [
        [
            f"{one.number:09d}",
            escape(one.partner),
            escape(f"{one.sender} → {one.receiver}"),
            f"{one.noticed_at:%Y-%m-%d %H:%M}",
            one.interchange_id[:8],
        ]
        for one in found
    ]
    print_rows(columns, rows, "No number is missing.")


def _row(summary: InterchangeSummary) -> list[str]:
    one = summary.interchange
    return [
        f"{one.id[:8]}\n[dim]{one.received_at:%m-%d %H:%M}[/]",
        f"{escape(one.partner or f'from {one.sender}')}\n{escape(one.control_number)}",
        escape(summary.payload_name),
        f"{coloured(one.state)}\n{escape(_acknowledged(summary))}",
        escape(_reason(summary)),
    ]


def _acknowledged(summary: InterchangeSummary) -> str:
    if summary.told_by is not None:
        return "waits for others"
    return ", ".join(f"{one.kind} {one.state}" for one in summary.acknowledgments) or "none"


def _reason(summary: InterchangeSummary) -> str:
    one = summary.interchange
    if one.duplicate_of is not None:
        return f"same number and same bytes as interchange {one.duplicate_of[:8]}"
    if summary.given_up is not None:
        return f"given up: {summary.given_up}"
    if one.because is None and summary.refusal is not None:
        finding = show_findings.finding_of(summary.refusal.first)
        more = summary.refusal.count - 1
        said = f"{show_findings.place(finding)}: {show_findings.sentence(finding)}"
        return f"{said}; {more} more" if more else said
    return one.because or ""


def _json(summary: InterchangeSummary) -> dict[str, object]:
    one = summary.interchange
    return {
        "id": one.id,
        "received": one.received_at,
        "file": summary.payload_name,
        "folder": summary.folder,
        "partner": one.partner,
        "sender": one.sender,
        "receiver": one.receiver,
        "control_number": one.control_number,
        "usage": one.usage,
        "state": one.state,
        "reason": one.reason,
        "because": _reason(summary),
        "refusal": _refusal_json(summary.refusal),
        "duplicate_of": one.duplicate_of,
        "acknowledgments": [
            {"id": told.id, "kind": told.kind, "name": told.name, "state": told.state}
            for told in summary.acknowledgments
        ],
    }


def _refusal_json(refusal: Refusal | None) -> dict[str, object] | None:
    if refusal is None:
        return None
    return {"findings": refusal.count, "first": show_findings.as_json(refusal.first)}
