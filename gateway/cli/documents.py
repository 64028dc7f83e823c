"""`gateway documents`: what came in, what became of it, and doing parts of it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from gateway import app as composition
from gateway.app import App
from gateway.cli import document_rows, show_document, show_exchanges
from gateway.cli.answers import print_answers
from gateway.cli.filters import Limit, Since, moment
from gateway.cli.named import DocumentName, document_named, whole_ids
from gateway.cli.show_acknowledgments import MOST_ACKNOWLEDGED
from gateway.cli.show_deliveries import resting_of
from gateway.cli.show_trace import document_json
from gateway.cli.show_trace import show_document as print_trace
from gateway.cli.terminal import (
    AsJson,
    ExitCode,
    Home,
    fail,
    print_json,
    remarks,
    results,
    write_bytes,
)
from gateway.cli.trace_document import trace_of
from gateway.pipeline.reconciliation_records import Acknowledged
from gateway.pipeline.states import (
    AcknowledgmentStatus,
    AwaitedStatus,
    DeliveryStatus,
    ValidationStatus,
)
from gateway.pipeline.versions_port import WantedVersion
from gateway.pipeline.views import DocumentFilter, DocumentSummary, DocumentView

documents = typer.Typer(
    no_args_is_help=True, help="What came in, what became of it, and doing parts of it again."
)

Status = StrEnum(  # type: ignore[misc]  # made of the status vocabularies, which must not drift
    "Status",
    {
        status.name: status.value
        for kind in (ValidationStatus, DeliveryStatus, AcknowledgmentStatus, AwaitedStatus)
        for status in kind
    },
)

Told = StrEnum(  # type: ignore[misc]  # made of both vocabularies of the third status
    "Told",
    {
        status.name: status.value
        for kind in (AcknowledgmentStatus, AwaitedStatus)
        for status in kind
    },
)


class Direction(StrEnum):
    """Seen from us."""

    IN = "in"
    OUT = "out"


_MOST_NEAR = 10
"""Business keys that are suggested where none is the one that was asked for."""


_SPEAKS_OF_OURS = ("824", "997", "999")
"""Sets that say what became of documents of ours."""


@documents.command("list")
def list_documents(  # noqa: PLR0913 - each option is a parameter
    home: Home = Path(),
    status: Annotated[
        Status | None, typer.Option(help="Any of the three statuses has this value.")
    ] = None,
    acknowledgment: Annotated[
        Told | None,
        typer.Option(help="The third status: whether the partner was told, or has told us."),
    ] = None,
    direction: Annotated[
        Direction | None, typer.Option(help="What came in, or what is ours and goes out.")
    ] = None,
    partner: Annotated[str | None, typer.Option(help="Only this partner's.")] = None,
    set_id: Annotated[str | None, typer.Option("--set", help="Only this set, such as 940.")] = None,
    key: Annotated[
        str | None, typer.Option(help="Having exactly this business key, such as an order number.")
    ] = None,
    destination: Annotated[
        str | None,
        typer.Option(help="Going there; with --status dead, given up there."),
    ] = None,
    since: Since = None,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List documents, newest first."""
    wanted = DocumentFilter(
        status=status.value if status else None,
        acknowledgment=acknowledgment.value if acknowledgment else None,
        direction=direction.value if direction else None,
        partner=partner,
        set_id=set_id,
        key=key,
        destination=destination,
        since=since,
        limit=limit,
    )
    with composition.open_instance(home, maps_too=False) as app:
        found = app.desk.documents(wanted)
        near = "" if found or key is None else _near(app.desk.keys_beginning(key, _MOST_NEAR))
        nothing = "" if found else _nothing_yet(app)
    if as_json:
        print_json([_summary_json(summary) for summary in found])
        return
    if found:
        document_rows.print_list(found, results(), asked=key)
        document_rows.print_reasons(found, results())
    else:
        remarks().print(nothing or f"No documents match.{near}")


def _nothing_yet(app: App) -> str:
    """Say when the first will be there; empty where something has come already."""
    if app.desk.documents(DocumentFilter(limit=1)) or app.desk.payloads(limit=1):
        return ""
    quiet = app.instance.settings.pickup.stable_for.total_seconds()
    unit = "second" if quiet == 1 else "seconds"
    return (
        f"Nothing came yet; `gateway run` takes a file once it has been quiet for {quiet:g} {unit}."
    )


def _acknowledged(app: App, view: DocumentView) -> list[Acknowledged]:
    """Return what a partner's acknowledgment is about; nothing of any other document."""
    if view.document.set_id not in _SPEAKS_OF_OURS:
        return []
    came_in = view.document.interchange_id
    if came_in is None:
        return []
    return app.desk.acknowledgments.acknowledged_by(came_in, MOST_ACKNOWLEDGED)


def _near(keys: Sequence[str]) -> str:
    return f" Business keys that begin so: {', '.join(map(escape, keys))}" if keys else ""


@documents.command("show")
def show(  # noqa: PLR0913 - one parameter for each option
    document_id: DocumentName,
    home: Home = Path(),
    raw: Annotated[bool, typer.Option("--raw", help="Print only the set, ST to SE.")] = False,
    canonical: Annotated[
        bool, typer.Option("--canonical", help="Print only the canonical document.")
    ] = False,
    exchanges: Annotated[
        bool, typer.Option("--exchanges", help="Print only what was said at each attempt.")
    ] = False,
    trace: Annotated[
        bool, typer.Option("--trace", help="Print only where each value came from.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show everything about one document: findings, canonical, deliveries, acknowledgment."""
    with composition.open_instance(home, maps_too=False) as app:
        view, home_of_all = document_named(app, document_id), app.instance.home
        said = _acknowledged(app, view)
        traced = trace_of(app, view) if trace else None
        resting = resting_of(app, view)
    if traced is not None:
        if as_json:
            print_json(document_json(traced))
        else:
            print_trace(traced)
    elif raw:
        write_bytes(view.raw)
    elif canonical:
        if view.document.canonical is None:
            fail("there is no canonical document: it was not translated", ExitCode.FINDINGS)
        write_bytes(view.document.canonical + b"\n")
    elif as_json:
        print_json(show_document.as_json(view, said))
    elif exchanges:
        show_exchanges.print_exchanges(view)
    else:
        show_document.print_view(view, home_of_all, said, resting)


@documents.command("retranslate")
def retranslate(  # noqa: PLR0913 - one parameter for each option
    document_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID…]", help="Ids, or unique beginnings.")
    ] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="All that could not be translated or routed.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change; change nothing.")
    ] = False,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of", parser=moment, metavar="WHEN", help="By the maps of then: 2026-03-01, 7d."
        ),
    ] = None,
    map_version: Annotated[
        str | None,
        typer.Option("--map-version", metavar="HASH", help="By this version: `maps versions`."),
    ] = None,
    home: Home = Path(),
    as_json: AsJson = False,
) -> None:
    """Translate documents anew with the maps of today; what changed is delivered again."""
    if bool(document_ids) == failed:
        fail("expected ids, or --failed")
    if as_of is not None and map_version is not None:
        fail("--as-of and --map-version name the same thing: expected one of them")
    wanted = WantedVersion(as_of, map_version) if as_of or map_version else None
    with composition.open_instance(home) as app:
        ids = None if failed else whole_ids(app, document_ids or [])
        answers = app.operations.retranslate(ids, dry_run=dry_run, wanted=wanted)
    print_answers(answers, as_json=as_json)


@documents.command("reroute")
def reroute(
    document_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID…]", help="Ids, or unique beginnings.")
    ] = None,
    unrouted: Annotated[
        bool, typer.Option("--unrouted", help="All that no rule took, and only those.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say where they would go; change nothing.")
    ] = False,
    home: Home = Path(),
    as_json: AsJson = False,
) -> None:
    """Route documents by the rules of today; a destination that has one does not get it again."""
    if bool(document_ids) == unrouted:
        fail("expected ids, or --unrouted")
    with composition.open_instance(home, maps_too=False) as app:
        ids = None if unrouted else whole_ids(app, document_ids or [])
        answers = app.operations.reroute(ids, dry_run=dry_run)
    print_answers(answers, as_json=as_json)


@documents.command("redeliver")
def redeliver(
    document_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID…]", help="Ids, or unique beginnings.")
    ] = None,
    dead: Annotated[
        bool, typer.Option("--dead", help="All deliveries that were given up, and only those.")
    ] = False,
    destination: Annotated[
        str | None, typer.Option(help="Only to this one of several destinations.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --dead: say what would go; change nothing.")
    ] = False,
    home: Home = Path(),
    as_json: AsJson = False,
) -> None:
    """Deliver documents again: dead ones under their key, delivered ones under a new one."""
    if bool(document_ids) == dead:
        fail("expected ids, or --dead")
    if not dead and dry_run:
        fail("--dry-run goes with --dead")
    with composition.open_instance(home, maps_too=False) as app:
        destinations = app.instance.settings.destinations
        if destination is not None and app.rulebook.attempts_at(destination) is None:
            fail(f"there is no destination '{destination}'; there are {', '.join(destinations)}")
        if dead:
            answers = app.operations.redeliver_dead(destination, dry_run=dry_run)
        else:
            ids = whole_ids(app, document_ids or [])
            answers = app.operations.redeliver(ids, destination=destination)
    print_answers(answers, as_json=as_json)


def _summary_json(summary: DocumentSummary) -> dict[str, object]:
    document = asdict(summary.document)
    del document["canonical"]
    keys = [{"name": key.name, "value": key.value} for key in summary.keys]
    stuck = [asdict(one) for one in summary.stuck]
    return {**document, "file": summary.payload_name, "keys": keys, "stuck": stuck}
