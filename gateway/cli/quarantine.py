"""`gateway quarantine`: what waits for a person and is no document, in or out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import app as composition
from gateway.app import App
from gateway.cli.answers import print_answers
from gateway.cli.terminal import AsJson, ExitCode, Home, fail, print_json, print_rows
from gateway.config import Instance
from gateway.pipeline.flow import AcknowledgmentState, InterchangeState, PayloadState
from gateway.pipeline.records import AcknowledgmentRecord, InterchangeRecord, PayloadRecord

quarantine = typer.Typer(
    no_args_is_help=True,
    help="What waits for a person and is no document: let it pass, or give it up.",
)

Ids = Annotated[list[str], typer.Argument(metavar="ID…", help="Ids, or unique beginnings.")]

_MOST = 100_000


@quarantine.command("list")
def list_waiting(home: Home = Path(), as_json: AsJson = False) -> None:
    """List what waits for a person, and why. Documents that wait: `gateway documents list`."""
    with composition.open_instance(home, maps_too=False) as app:
        rows = [_row(record, app.instance) for record in _waiting(app)]
    if as_json:
        print_json(rows)
        return
    columns = ("id", "kind", "received", "partner", "name", "state", "reason", "owner")
    shown = [[escape(row[column]) for column in columns] for row in rows]
    print_rows(columns, [[cells[0][:8], *cells[1:]] for cells in shown], "Nothing waits.")


@quarantine.command("release")
def release(ids: Ids, home: Home = Path(), as_json: AsJson = False) -> None:
    """Let payloads or interchanges pass: they are read again, a used control number or not.

    An acknowledgment that could not be sent is sent again.
    """
    with composition.open_instance(home) as app:
        answers = app.operations.release(_whole_ids(app, ids))
    print_answers(answers, as_json=as_json)


@quarantine.command("refuse")
def refuse(
    ids: Ids,
    because: Annotated[str, typer.Option(help="Why, for whoever asks later.")],
    home: Home = Path(),
    as_json: AsJson = False,
) -> None:
    """Give payloads or interchanges up; the reason is kept."""
    with composition.open_instance(home, maps_too=False) as app:
        answers = app.operations.refuse(_whole_ids(app, ids), because)
    print_answers(answers, as_json=as_json)


_Waiting = PayloadRecord | InterchangeRecord | AcknowledgmentRecord


def _waiting(app: App) -> list[_Waiting]:
    desk = app.desk
    return [
        *desk.payloads(PayloadState.QUARANTINED, _MOST),
        *desk.interchanges(InterchangeState.HELD, _MOST),
        *desk.interchanges(InterchangeState.QUARANTINED, _MOST),
        *desk.acknowledgments(AcknowledgmentState.DEAD, _MOST),
    ]


def _row(record: _Waiting, instance: Instance) -> dict[str, str]:
    match record:
        case PayloadRecord(name=name, received_at=since):
            kind, owner, reason = "payload", None, record.because or record.reason
        case InterchangeRecord(control_number=name, received_at=since, owner=owner):
            kind, reason = "interchange", record.because or record.reason
        case AcknowledgmentRecord(name=name, due_at=since, last_error=reason):
            kind, owner = "acknowledgment", None
    partner = instance.partners.get(record.partner or "")
    return {
        "id": record.id,
        "kind": kind,
        "received": f"{since:%Y-%m-%d %H:%M:%S}",
        "partner": record.partner or "",
        "name": name,
        "state": record.state,
        "reason": reason or "",
        "owner": owner or instance.owner_of(partner),
    }


def _whole_ids(app: App, beginnings: Sequence[str]) -> list[str]:
    """Complete ids that were given by their beginnings; exit where one is not unique."""
    known = [record.id for record in _waiting(app)]
    ids = []
    for beginning in beginnings:
        found = [id_ for id_ in known if id_.startswith(beginning)]
        if len(found) != 1:
            fail(
                f"nothing that waits has an id that begins with '{beginning}', or several do",
                ExitCode.FINDINGS,
            )
        ids += found
    return ids
