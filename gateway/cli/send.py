"""`gateway send`: a canonical document goes out to a partner as X12, or is shown as it would."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.markup import escape

from gateway import app as composition
from gateway.app import App
from gateway.cli.document_rows import coloured
from gateway.cli.terminal import (
    AsJson,
    ExitCode,
    Home,
    InputUnreadable,
    fail,
    print_json,
    read_input,
    remarks,
    results,
    shown_name,
    write_bytes,
    write_segments,
)
from gateway.findings import Severity
from gateway.mapping.plan import Json
from gateway.pipeline.outbound.agreed import Wanted
from gateway.pipeline.outbound.keeping import Submission
from gateway.pipeline.outbound.submission import Submitted
from gateway.pipeline.outbound.write import sentence
from gateway.pipeline.outgoing_records import HoldRecord
from gateway.pipeline.states import WaitingState

_WHAT: Mapping[str, str] = {
    WaitingState.WAITING: "waits until its batch is due",
    WaitingState.HELD: "waits until you release it",
    WaitingState.QUARANTINED: "is not fit to leave",
    WaitingState.REFUSED: "was given up",
}


def send(  # noqa: PLR0913 - each option is a parameter
    file: Annotated[str, typer.Argument(metavar="FILE", help="Canonical JSON; `-` is stdin.")],
    partner: Annotated[str, typer.Option(help="To whom: a partner's id.")],
    home: Home = Path(),
    set_id: Annotated[
        str | None, typer.Option("--set", help="Where the partner takes it in several sets.")
    ] = None,
    version: Annotated[
        str | None,
        typer.Option(help="GS08, where the partner takes the set in several versions."),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(help="Idempotency key; left out, the same content is sent once."),
    ] = None,
    hold: Annotated[
        str | None, typer.Option(metavar="WHY", help="Let it wait until it is released.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the X12 and the findings; keep nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Send a canonical document to a partner, as its agreement says: once, whatever happens.

    Exits 1 where it is not fit to leave, and waits in quarantine.
    """
    name = shown_name(file)
    document = _document(name, read_input(file))
    wanted = Wanted(set_id, version)
    submission = Submission(document, partner, wanted, key=key, name=Path(name).name, hold=hold)
    with composition.open_instance(home, maps_too=False) as app:
        if dry_run:
            _print_draft(app, submission)
        submitted = app.submissions.submit(submission)
        _print_submitted(app, submitted, as_json=as_json)


def _document(name: str, payload: bytes) -> Mapping[str, Json]:
    """Read one document; a list of one is taken as it, as `translate` and samples write it."""
    try:
        given = orjson.loads(payload)
    except orjson.JSONDecodeError as fault:
        raise InputUnreadable(f"{name} is not well-formed JSON: {fault}") from fault
    if isinstance(given, list) and len(given) == 1:
        [given] = given
    if not isinstance(given, dict):
        raise InputUnreadable(f"{name} holds no document: expected one JSON object")
    return given


def _print_draft(app: App, submission: Submission) -> None:
    """Print what would be sent, and exit."""
    draft, agreed = app.submissions.draft(submission)
    if sys.stdout.isatty():
        write_segments(draft.content)
    else:  # another program gets every byte as it would leave
        write_bytes(draft.content)
        if not draft.content.endswith(b"\n"):
            write_bytes(b"\n")
    for finding in draft.findings:
        severity = agreed.agreement.severity(finding)
        remarks().print(f"[yellow]{severity}[/]  {escape(sentence(finding))}")
    if draft.refused:
        fail(f"it would not leave: {draft.because}", ExitCode.FINDINGS)
    raise typer.Exit(ExitCode.FINE)


def _print_submitted(app: App, submitted: Submitted, *, as_json: bool) -> None:
    view = app.desk.document(submitted.document_id)
    outgoing = view.outgoing if view is not None else None
    if as_json:
        print_json(
            {
                "document": submitted.document_id,
                "new": submitted.new,
                "state": submitted.state,
                "because": submitted.because or None,
                "outgoing": outgoing.id if outgoing is not None else None,
                "control_number": outgoing.control_number if outgoing is not None else None,
            }
        )
    else:
        what = _WHAT.get(submitted.state, "")
        if submitted.state == WaitingState.WAITING and view is not None and view.hold is not None:
            what = escape(_held(view.hold))
        if outgoing is not None:
            what = f"goes out as {outgoing.name}, interchange {outgoing.control_number}"
        again = "" if submitted.new else " (it was submitted before: nothing was done)"
        results().print(f"{submitted.document_id}  {coloured(submitted.state)}: {what}{again}")
        _print_reasons(submitted)
    refused = submitted.state == WaitingState.QUARANTINED
    raise typer.Exit(ExitCode.FINDINGS if refused else ExitCode.FINE)


def _held(hold: HoldRecord) -> str:
    return (
        f"waits, since {hold.partner} is held ({hold.because}); "
        f"`gateway outbound release --partner {hold.partner}` lets it go"
    )


def _print_reasons(submitted: Submitted) -> None:
    if submitted.because:
        remarks().print(f"  [red]because[/] {escape(submitted.because)}")
    for finding in submitted.findings:
        if finding.severity != Severity.REJECT:
            said = f"{finding.field or finding.code}: {finding.detail}"
            remarks().print(f"  [yellow]{finding.severity}[/] {escape(said)}")
