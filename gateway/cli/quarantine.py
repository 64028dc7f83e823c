"""`gateway quarantine`: what waits for a person, in or out, but documents that came in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import app as composition
from gateway.app import App
from gateway.cli.answers import print_answers
from gateway.cli.document_rows import key_text
from gateway.cli.named import Because, Beginning
from gateway.cli.show_waiting import OURS, RECORD, REPEATED, Waiting, print_waiting
from gateway.cli.terminal import (
    AsJson,
    ExitCode,
    Home,
    fail,
    print_json,
    print_rows,
    remarks,
    write_bytes,
)
from gateway.pipeline.asked import Done
from gateway.pipeline.export_records import EXPORT, export_of
from gateway.pipeline.outcome import RELEASABLE, Reason
from gateway.pipeline.outgoing_records import OutgoingRecord
from gateway.pipeline.records import DocumentRecord, PayloadRecord
from gateway.pipeline.states import DeliveryStatus, InterchangeState, OutgoingState, PayloadState
from gateway.pipeline.views import (
    DocumentFilter,
    DocumentSummary,
    InterchangeFilter,
    InterchangeSummary,
)

quarantine = typer.Typer(
    no_args_is_help=True,
    help="What waits for a person, but documents that came in: let it pass, or give it up.",
)

Ids = Annotated[list[str], typer.Argument(metavar="ID…", help="Ids, or unique beginnings.")]

_MOST = 100_000

_KINDS = {False: "acknowledgment", True: "interchange to them"}
"""What could not be sent to a partner, by whether it carries documents of ours."""

_MOST_JOBS = 5
"""The last jobs that failed for a bug; what they were about is given another one."""


@quarantine.command("list")
def list_waiting(home: Home = Path(), as_json: AsJson = False) -> None:
    """List what waits for a person, and why. Documents that came in: `gateway documents list`."""
    with composition.open_instance(home, maps_too=False) as app:
        found = _waiting(app)
        failed = app.jobs.failed(_MOST_JOBS)
    for job in failed:
        said = f"the job {job.id} failed at {job.failed_at:%Y-%m-%d %H:%M}: {job.because}"
        remarks().print(f"[yellow]warning:[/] {escape(said)}", soft_wrap=True)
    if as_json:
        print_json(found)
        return
    columns = ("id, since (UTC)", "what, partner", "file, ISA13", "reason, who acts")
    print_rows(columns, [_row(one) for one in found], "Nothing waits.")


@quarantine.command("show")
def show(
    id_: Beginning,
    home: Home = Path(),
    raw: Annotated[bool, typer.Option("--raw", help="Print only its bytes, all of them.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show something that waits: why, from whom, how it begins, and what can be done."""
    with composition.open_instance(home, maps_too=False) as app:
        waiting = _waiting(app)
        if gone := _waits_no_more(app, waiting, id_):
            fail(gone, ExitCode.FINDINGS)
        [whole] = _whole_ids(waiting, [id_])
        one = next(one for one in waiting if one.id == whole)
        content = _content(app, one)
    if raw:
        write_bytes(content)
    elif as_json:
        print_json(one)
    else:
        print_waiting(one, content)


@quarantine.command("release")
def release(ids: Ids, home: Home = Path(), as_json: AsJson = False) -> None:
    """Let payloads or interchanges pass: they are read again, a used control number or not.

    What could not be sent to a partner is sent again.
    """
    with composition.open_instance(home) as app:
        waiting = _waiting(app)
        ours, others = _apart(waiting, ids, OURS)
        repeated, others = _apart(waiting, others, REPEATED)
        answers = [*app.operations.release(others), *map(_not_released, ours)]
        # Translated anew, what a guide holds would be held anew.
        held = {one.id for one in waiting if one.code == Reason.HELD_BY_GUIDE}
        again = [id_ for id_ in repeated if id_ not in held]
        if again:
            answers += app.operations.retranslate(again)
        if held & set(repeated):
            answers += app.operations.reroute([id_ for id_ in repeated if id_ in held])
    print_answers(answers, as_json=as_json)


@quarantine.command("refuse")
def refuse(
    ids: Ids,
    because: Because,
    home: Home = Path(),
    as_json: AsJson = False,
) -> None:
    """Give payloads, interchanges, records of exports or documents up; why is kept.

    Of a document that came in, what is dead is given up: what its destinations have stays there.
    """
    with composition.open_instance(home, maps_too=False) as app:
        waiting = _waiting(app)
        ours, others = _apart([*waiting, *_undelivered(app, ids)], ids, OURS)
        answers = app.operations.refuse(others, because)
        answers += app.outbound.refuse(ours, because)
    print_answers(answers, as_json=as_json)


@quarantine.command("dismiss")
def dismiss(
    jobs: Annotated[list[str], typer.Argument(metavar="JOB…", help="Jobs, as `list` names them.")],
    home: Home = Path(),
    as_json: AsJson = False,
) -> None:
    """Forget jobs that failed, once somebody has looked at them.

    What they were to do is not forgotten: what still waits to be read is given another job.
    """
    with composition.open_instance(home, maps_too=False) as app:
        failed = {job.id for job in app.jobs.failed(_MOST)}
        unknown = [id_ for id_ in jobs if id_ not in failed]
        app.jobs.dismiss([id_ for id_ in jobs if id_ in failed])
    if as_json:
        print_json([{"job": id_, "dismissed": id_ not in unknown} for id_ in jobs])
    for id_ in unknown:
        remarks().print(f"[yellow]–[/] no job that failed is called {escape(id_)}")
    raise typer.Exit(ExitCode.FINDINGS if unknown else ExitCode.FINE)


def _apart(
    waiting: Sequence[Waiting], beginnings: Sequence[str], kind: str
) -> tuple[list[str], list[str]]:
    """Return the whole ids of what is of a kind, and those of everything else."""
    whole = _whole_ids(waiting, beginnings)
    those = {one.id for one in waiting if one.kind == kind}
    return [id_ for id_ in whole if id_ in those], [id_ for id_ in whole if id_ not in those]


def _not_released(document_id: str) -> Done:
    what = (
        "is a document of ours: mend its map or the agreement, then "
        f"`gateway outbound rewrite {document_id[:8]}`"
    )
    return Done(document_id, done=False, what=what)


def _waiting(app: App) -> list[Waiting]:
    desk = app.desk
    held = (InterchangeState.HELD, InterchangeState.QUARANTINED)
    found = [_of_payload(one, app) for one in desk.payloads(PayloadState.QUARANTINED, _MOST)]
    for state in held:
        wanted = InterchangeFilter(state=state, limit=_MOST)
        found += [_of_interchange(one, app) for one in desk.interchange_list(wanted)]
    dead = desk.outbound.outgoing(OutgoingState.DEAD, limit=_MOST)
    held_documents = DocumentFilter(delivery=DeliveryStatus.QUARANTINED, limit=_MOST)
    documents = [
        _of_document(one, app)
        for one in desk.documents(held_documents)
        if one.document.direction == "out" or one.document.reason in RELEASABLE
    ]
    return found + [_of_acknowledgment(one, app) for one in dead] + documents


def _undelivered(app: App, beginnings: Sequence[str]) -> list[Waiting]:
    """Return the documents that came in among those named, and were not delivered.

    Theirs is the list of documents; given up they are like everything else that waits.
    """
    found = [view for one in beginnings if (view := app.desk.document(one)) is not None]
    return [
        _of_document(DocumentSummary(view.document, view.payload.name, view.keys), app)
        for view in found
        if view.document.direction == "in" and _not_listed(view.document)
    ]


def _not_listed(one: DocumentRecord) -> bool:
    """Say whether a document waits for a person, and stands in the list of documents alone."""
    if one.delivery == DeliveryStatus.DEAD:
        return True
    return one.delivery == DeliveryStatus.QUARANTINED and one.reason not in RELEASABLE


def _of_document(summary: DocumentSummary, app: App) -> Waiting:
    """Show one of ours that may not leave, or was rejected; or one that was there before."""
    one = summary.document
    kind = OURS if one.direction == "out" else REPEATED
    return Waiting(
        one.id, kind, one.received_at, one.partner, key_text(summary) or summary.payload_name,
        summary.payload_name, one.control_number, "", "", one.delivery, one.because or "",
        one.reason or "", one.owner or _owner(app, one.partner), "", 0, 0,
    )  # fmt: skip


def _of_payload(payload: PayloadRecord, app: App) -> Waiting:
    kind, owner = "payload", _owner(app, payload.partner)
    if payload.transport == EXPORT:
        placed = app.instance.exports.get(export_of(payload.receipt))
        kind, owner = RECORD, (placed.file.owner if placed is not None else None) or owner
    return Waiting(
        payload.id, kind, payload.received_at, payload.partner or "", payload.name,
        payload.name, "", "", "", payload.state, payload.because or payload.reason or "",
        payload.reason or "", owner, payload.id, 0, payload.size,
    )  # fmt: skip


def _of_interchange(summary: InterchangeSummary, app: App) -> Waiting:
    one = summary.interchange
    return Waiting(
        one.id, "interchange", one.received_at, one.partner or summary.folder or "",
        one.control_number, summary.payload_name, one.control_number, one.sender, one.receiver,
        one.state, one.because or one.reason or "", one.reason or "",
        one.owner or _owner(app, one.partner), one.payload_id, one.start, one.end,
    )  # fmt: skip


def _of_acknowledgment(one: OutgoingRecord, app: App) -> Waiting:
    return Waiting(
        one.id, _KINDS[one.answers is None], one.due_at, one.partner, one.name, one.name,
        one.control_number, "", "", one.state, one.last_error or "", "",
        _owner(app, one.partner), "", 0, 0,
    )  # fmt: skip


def _owner(app: App, partner: str | None) -> str:
    return app.instance.owner_of(app.instance.partners.get(partner or ""))


def _content(app: App, one: Waiting) -> bytes:
    if one.payload_id:
        return app.desk.content(one.payload_id, one.start, one.end - one.start)
    if one.kind in (OURS, REPEATED):
        view = app.desk.document(one.id)
        return view.raw if view is not None else b""
    dead = app.desk.outbound.outgoing(OutgoingState.DEAD, limit=_MOST)
    return next((told.content for told in dead if told.id == one.id), b"")


def _row(one: Waiting) -> list[str]:
    return [
        f"{one.id[:8]}\n[dim]{one.received:%m-%d %H:%M}[/]",
        f"{one.kind} {one.state}\n{escape(one.partner)}",
        f"{escape(one.file)}\n{escape(one.control_number)}",
        f"{escape(one.reason)}\n[dim]{escape(one.owner)}[/]",
    ]


def _waits_no_more(app: App, waiting: Sequence[Waiting], beginning: str) -> str:
    """Say what became of something that was let pass or given up; empty for anything else."""
    if any(one.id.startswith(beginning) for one in waiting):
        return ""
    found = app.desk.interchange_list(InterchangeFilter(beginning=beginning, limit=2))
    if len(found) == 1:
        one = found[0].interchange
        return (
            f"the interchange {one.id[:8]} waits no more, it is {one.state}: "
            f"`gateway interchanges show {one.id[:8]}`"
        )
    refused = app.desk.payloads(PayloadState.REFUSED, _MOST)
    for payload in refused:
        if payload.id.startswith(beginning):
            entries = app.desk.timeline(payload.id, _MOST)
            said = [entry.detail for entry in entries if entry.verb == "refuse"]
            kind = RECORD if payload.transport == EXPORT else "payload"
            return f"the {kind} {payload.id[:8]} waits no more, it was given up: {said[-1]}"
    return ""


def _whole_ids(waiting: Sequence[Waiting], beginnings: Sequence[str]) -> list[str]:
    """Complete ids that were given by their beginnings; exit where one is not unique."""
    ids = []
    for beginning in beginnings:
        found = [one.id for one in waiting if one.id.startswith(beginning)]
        if len(found) != 1:
            fail(
                f"nothing that waits has an id that begins with '{beginning}', or several do",
                ExitCode.FINDINGS,
            )
        ids += found
    return ids
