"""`gateway outbound`: what goes to partners, what waits to, and doing parts of it again."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import app as composition
from gateway.app import App
from gateway.cli import outbound_rows, show_acknowledgments
from gateway.cli.answers import print_answers
from gateway.cli.filters import Limit
from gateway.cli.named import Because, PerhapsBecause, fail_unnamed, whole_ids
from gateway.cli.showing import print_timeline
from gateway.cli.terminal import (
    AsJson,
    Home,
    fail,
    print_json,
    print_rows,
    remarks,
    results,
    write_bytes,
)
from gateway.pipeline.outgoing_records import (
    HoldRecord,
    OutgoingRecord,
    OutgoingSetRecord,
    WaitingRecord,
)
from gateway.pipeline.reconciliation_records import AcknowledgmentRecord, Standing

outbound = typer.Typer(
    no_args_is_help=True,
    help="What goes to partners, what waits to, and doing parts of it again.",
)

Documents = Annotated[
    list[str], typer.Argument(metavar="ID…", help="Ids of documents, or unique beginnings.")
]
SomeDocuments = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID…]", help="Ids of documents, or unique beginnings."),
]
Partner = Annotated[str | None, typer.Option(help="A partner's id.")]

_ALL = 1_000_000

_COLUMNS = ("id, sent (UTC)", "partner, file", "kind, number", "state", "the partner says")


@outbound.command("list")
def list_outbound(
    home: Home = Path(),
    partner: Partner = None,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Only interchanges whose acknowledgment is overdue.")
    ] = False,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List who is held, what waits for an interchange, and the interchanges, newest first."""
    with composition.open_instance(home, maps_too=False) as app:
        if overdue:
            found = app.desk.acknowledgments.overdue(partner, limit)
            _print_overdue(found, as_json=as_json)
            return
        desk = app.desk.outbound
        holds = [one for one in desk.holds() if partner in (None, one.partner)]
        waiting, sent = desk.waiting(partner), desk.outgoing(partner=partner, limit=limit)
        gathered = desk.acknowledgments_waiting(partner)
    if as_json:
        print_json(
            {
                "holds": [asdict(one) for one in holds],
                "waiting": [outbound_rows.waiting_json(one) for one in waiting],
                "acknowledgments": [outbound_rows.gathered_json(one) for one in gathered],
                "interchanges": [outbound_rows.interchange_json(one) for one in sent],
            }
        )
        return
    _print_waiting(holds, waiting)
    if gathered:
        columns = ("acknowledges", "partner", "waits since (UTC)", "goes out (UTC)")
        print_rows(columns, [outbound_rows.gathered_row(one) for one in gathered], "")
    print_rows(_COLUMNS, [outbound_rows.row(one) for one in sent], "No interchange went out.")


def _print_waiting(holds: list[HoldRecord], waiting: list[WaitingRecord]) -> None:
    """Print who is held, and the documents that no interchange has yet."""
    for hold in holds:
        said = f"{hold.partner} is held since {hold.at:%Y-%m-%d %H:%M}: {hold.because}"
        remarks().print(f"[yellow]{escape(said)}[/]")
    if waiting:
        titles = ("document", "partner", "state", "goes out (UTC)", "because")
        held = {one.partner: one for one in holds}
        rows = [outbound_rows.waiting_row(one, held.get(one.partner)) for one in waiting]
        print_rows(titles, rows, "")


def _print_overdue(found: list[OutgoingRecord], *, as_json: bool) -> None:
    if as_json:
        print_json([outbound_rows.interchange_json(one) for one in found])
    else:
        print_rows(
            _COLUMNS, [outbound_rows.row(one) for one in found], "No acknowledgment is overdue."
        )


@outbound.command("acknowledgments")
def list_acknowledgments(
    home: Home = Path(),
    partner: Partner = None,
    standing: Annotated[
        Standing | None, typer.Option(help="Only what counts for this, such as unmatched.")
    ] = None,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List what partners said of what we sent, newest first: 997, 999, TA1 and MDN."""
    counts = standing.value if standing else None
    with composition.open_instance(home, maps_too=False) as app:
        found = app.desk.acknowledgments.received(partner=partner, standing=counts, limit=limit)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    columns = (
        "when (UTC)",
        "partner, kind",
        "about",
        "verdict, counts as",
        "interchange",
        "because",
    )
    rows = [show_acknowledgments.row(one) for one in found]
    print_rows(columns, rows, "No partner has said anything that matches.")


@outbound.command("show")
def show(
    id_: Annotated[
        str,
        typer.Argument(metavar="ID", help="Of an interchange to a partner, or a unique beginning."),
    ],
    home: Home = Path(),
    raw: Annotated[bool, typer.Option("--raw", help="Print only its bytes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one interchange to a partner: its numbers, its documents, its bytes."""
    with composition.open_instance(home, maps_too=False) as app:
        one = _interchange(app, id_)
        sets = app.desk.outbound.sets_of(one.id)
        timeline = app.desk.timeline(one.id, _ALL)
        said = app.desk.acknowledgments.received(outgoing_id=one.id, limit=_ALL)[::-1]
    if raw:
        write_bytes(one.content)
    elif as_json:
        print_json(
            {
                **outbound_rows.interchange_json(one),
                "content": one.content.decode("latin-1"),
                "sets": [asdict(each) for each in sets],
                "acknowledgments": [asdict(each) for each in said],
                "timeline": [asdict(entry) for entry in timeline],
            }
        )
    else:
        _print_interchange(one, sets, said)
        print_timeline(timeline)
        _print_segments(one.content)


def _print_interchange(
    one: OutgoingRecord, sets: list[OutgoingSetRecord], said: list[AcknowledgmentRecord]
) -> None:
    """Print what an interchange is, its documents, and what the partner said of them."""
    console = results()
    outbound_rows.print_head(one)
    for each in sets:
        console.print(
            f"  {each.set_id} group {each.group_control_number}, set {each.control_number}: "
            f"document {each.document_id}{outbound_rows.verdict(each)}"
        )
    if said:
        console.print("\n[bold]What the partner said[/]")
        show_acknowledgments.print_said(said, console)


def _print_segments(content: bytes) -> None:
    terminator = content[105:106].decode("latin-1") or "~"
    for segment in content.decode("latin-1").split(terminator):
        if text := segment.strip("\r\n"):
            results().print(f"  {escape(text)}")


@outbound.command("hold")
def hold(
    because: Because,
    document_ids: SomeDocuments = None,
    partner: Partner = None,
    home: Home = Path(),
    as_json: AsJson = False,
) -> None:
    """Let documents wait, or everything new to a partner, until they are released."""
    _one_of(document_ids, partner)
    with composition.open_instance(home, maps_too=False) as app:
        if partner is not None:
            answers = [app.outbound.hold_partner(partner, because)]
        else:
            answers = app.outbound.hold(whole_ids(app, document_ids or []), because)
    print_answers(answers, as_json=as_json)


@outbound.command("release")
def release(
    document_ids: SomeDocuments = None,
    partner: Partner = None,
    because: PerhapsBecause = "",
    home: Home = Path(),
    as_json: AsJson = False,
) -> None:
    """Let documents go out that were held, or what waits for a partner."""
    _one_of(document_ids, partner)
    with composition.open_instance(home, maps_too=False) as app:
        if partner is not None:
            answers = [app.outbound.release_partner(partner, because)]
        else:
            answers = app.outbound.release(whole_ids(app, document_ids or []), because)
    print_answers(answers, as_json=as_json)


@outbound.command("refuse")
def refuse(
    document_ids: Documents,
    because: Because,
    home: Home = Path(),
    as_json: AsJson = False,
) -> None:
    """Give documents up that have not left: those that wait, are held or are not fit to leave."""
    with composition.open_instance(home, maps_too=False) as app:
        answers = app.outbound.refuse(whole_ids(app, document_ids), because)
    print_answers(answers, as_json=as_json)


@outbound.command("resend")
def resend(
    ids: Annotated[
        list[str],
        typer.Argument(metavar="ID…", help="Of interchanges or documents, or unique beginnings."),
    ],
    home: Home = Path(),
    even_rewritten: Annotated[
        bool,
        typer.Option(
            "--even-rewritten",
            help="Even where documents in it were written anew and went out elsewhere.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Send interchanges once more: the same bytes under the same control numbers."""
    with composition.open_instance(home, maps_too=False) as app:
        whole = [_either_id(app, one) for one in ids]
        answers = app.outbound.resend(whole, even_rewritten=even_rewritten)
    print_answers(answers, as_json=as_json)


@outbound.command("rewrite")
def rewrite(document_ids: Documents, home: Home = Path(), as_json: AsJson = False) -> None:
    """Write documents anew with the maps of today, and send them under new control numbers."""
    with composition.open_instance(home, maps_too=False) as app:
        answers = app.outbound.rewrite(whole_ids(app, document_ids))
    print_answers(answers, as_json=as_json)


def _one_of(document_ids: list[str] | None, partner: str | None) -> None:
    if bool(document_ids) == (partner is not None):
        fail("expected ids of documents, or --partner")


def _either_id(app: App, beginning: str) -> str:
    view = app.desk.document(beginning)
    return view.document.id if view is not None else _interchange(app, beginning).id


def _interchange(app: App, beginning: str) -> OutgoingRecord:
    found = app.desk.outbound.beginning(beginning)
    if found is None:
        fail_unnamed("interchange", beginning)
    return found
